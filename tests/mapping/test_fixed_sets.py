import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

import isocortex as ic


@pytest.fixture
def made(rng):
    x = rng.normal(size=(30, 50))
    features = ic.Responses(x, labels={"layer": "fc6"})
    signal = x @ rng.normal(size=(50, 8))
    which = rng.permutation(np.repeat(np.arange(30), 3))
    values = signal[which] + rng.normal(size=(90, 8)) * 3
    trials = ic.Trials(values, [features.stimuli[i] for i in which], labels={"region": "V2"})
    return features, trials


def expected(features, trials, test, decoding):
    stimuli = np.array(trials.stimuli)
    place = {name: i for i, name in enumerate(features.stimuli)}
    rows = np.array([name not in test for name in stimuli])
    x_train = features.values[[place[name] for name in stimuli[rows]]]
    x_test = features.values[[place[name] for name in test]]
    y_train = trials.values[rows]
    y_test = np.array([trials.values[stimuli == name].mean(0) for name in test])
    if decoding:
        x_train, x_test, y_train, y_test = y_train, y_test, x_train, x_test
    predicted = Ridge(5.0).fit(x_train, y_train).predict(x_test)
    return [np.corrcoef(p, y)[0, 1] for p, y in zip(predicted.T, y_test.T, strict=True)]


@pytest.mark.parametrize("decoding", [False, True])
def test_trials_train_and_averages_test(decoding, made):
    features, trials = made
    test = features.stimuli[20:]
    sides = (trials, features) if decoding else (features, trials)
    verb = ic.decode if decoding else ic.encode
    loop = expected(features, trials, test, decoding)
    for model in (ic.Ridge(5.0), Ridge(5.0, solver="svd")):
        scores = verb(*sides, model, folds=ic.FixedSets(test=test))
        np.testing.assert_allclose(scores.values[0, 0], loop, atol=1e-9)
        assert scores.tables["fold"].iloc[0].tolist() == [0, 60, 10]
    named = verb(*sides, ic.Ridge(5.0), folds=ic.FixedSets(features.stimuli[:20], test))
    np.testing.assert_allclose(named.values[0, 0], loop, atol=1e-9)
    rest = verb(*sides, ic.Ridge(5.0), folds=ic.FixedSets(features.stimuli[:20]))
    np.testing.assert_allclose(rest.values[0, 0], loop, atol=1e-9)


def test_separate_recordings(made):
    features, trials = made
    test = features.stimuli[20:]
    loop = expected(features, trials, test, True)
    held = np.isin(trials.stimuli, test)
    apart = [
        ic.Trials(trials.values[rows], np.array(trials.stimuli)[rows], labels=trials.labels)
        for rows in (~held, held)
    ]
    for recording, train in ((apart[0], None), (None, apart[0])):
        scores = ic.decode(recording, features, ic.Ridge(5.0), folds=ic.FixedSets(train, apart[1]))
        np.testing.assert_allclose(scores.values[0, 0], loop, atol=1e-9)
    averaged = ic.decode(
        apart[0], features, ic.Ridge(5.0), folds=ic.FixedSets(test=ic.average(apart[1]))
    )
    np.testing.assert_allclose(np.sort(averaged.values[0, 0]), np.sort(loop), atol=1e-9)


def test_several_layers_stand_side_by_side(made):
    features, trials = made
    other = features.replace(labels={"layer": "fc7"}, values=features.values * 2)
    scores = ic.decode(
        trials, [features, other], ic.Ridge(5.0), folds=ic.FixedSets(test=features.stimuli[20:])
    )
    assert scores.tables["unit"]["layer"].tolist() == ["fc6"] * 50 + ["fc7"] * 50
    layers = ic.encode(
        [features, other], trials, ic.PCR(4), folds=ic.FixedSets(test=features.stimuli[20:])
    )
    assert layers.values.shape == (2, 1, 8)


def test_the_gram_of_the_features_suffices(made):
    features, trials = made
    test = features.stimuli[20:]
    np.testing.assert_allclose(
        ic.encode(ic.gram(features), trials, ic.Ridge(5.0), folds=ic.FixedSets(test=test)).values,
        ic.encode(features, trials, ic.Ridge(5.0), folds=ic.FixedSets(test=test)).values,
        atol=1e-9,
    )


def test_kept_models_are_those_of_the_training_set(made):
    features, trials = made
    test = features.stimuli[20:]
    scores = ic.encode(
        features, trials, ic.Ridge(5.0), folds=ic.FixedSets(test=test), keep_model=True
    )
    place = [features.stimuli.index(name) for name in test]
    np.testing.assert_allclose(
        scores.models[0].predict(features.take(place)).numpy(),
        scores.predicted[0].numpy(),
        atol=1e-9,
    )
    assert scores.predicted[0].stimuli == test


def test_trials_without_sets_are_averaged(made):
    features, trials = made
    np.testing.assert_allclose(
        ic.encode(features, trials, ic.PCR(4), folds=5).values,
        ic.encode(features, ic.average(trials), ic.PCR(4), folds=5).values,
    )


def test_all_targets_come_at_once_to_our_own_estimators(made):
    seen = []

    class Watching(Ridge):
        def fit(self, x, y):
            seen.append(y.shape)
            return Ridge.fit(self, x, y)

    features, trials = made
    ic.decode(trials, features, Watching(), folds=ic.FixedSets(test=features.stimuli[20:]))
    assert seen == [(60, 50)]


def test_bad_sets_are_answered_with_a_sentence(made):
    features, trials = made
    names = features.stimuli
    with pytest.raises(ic.InputError, match="both the training and the test set: 'stimulus 5'"):
        ic.decode(trials, features, ic.Ridge(5.0), folds=ic.FixedSets(names[:6], names[5:]))
    with pytest.raises(ic.MisalignedError, match="no rows for 1 of 2 stimuli: 'nowhere'"):
        ic.decode(trials, features, ic.Ridge(5.0), folds=ic.FixedSets(test=["nowhere", names[0]]))
    with pytest.raises(ic.MisalignedError, match="no rows for"):
        ic.decode(
            trials, features.take(range(25)), ic.Ridge(5.0), folds=ic.FixedSets(test=names[:6])
        )
    with pytest.raises(ic.InputError, match="not the string"):
        ic.decode(trials, features, ic.Ridge(5.0), folds=ic.FixedSets(test="stimulus 1"))
    with pytest.raises(ic.InputError, match="needs one recording"):
        ic.decode([trials, trials], features, ic.Ridge(5.0), folds=ic.FixedSets(test=names[:6]))
    fewer = ic.Trials(trials.values[:, :3], trials.stimuli)
    with pytest.raises(ic.InputError, match="8 units, the test recording 3"):
        ic.decode(trials, features, ic.Ridge(5.0), folds=ic.FixedSets(test=fewer))


def test_probe_and_identification_take_names_of_stimuli(rng):
    x = rng.normal(size=(30, 40))
    names = [f"image {i}" for i in range(30)]
    features = ic.Responses(x, names)
    labels = np.arange(30) % 2
    sets = ic.FixedSets(train=names[:20])
    model = LogisticRegression()
    found = ic.probe(features, labels, model, folds=sets)
    right = model.fit(x[:20], labels[:20]).score(x[20:], labels[20:])
    assert found.values.ravel().tolist() == [right]
    by_rows = [(np.arange(20), np.arange(20, 30))]
    for recording in (features, ic.Responses(x[:, :8], names)):
        by_name = ic.identification(recording, features, ic.PCR(5), folds=sets).values
        same = ic.identification(recording, features, ic.PCR(5), folds=by_rows).values
        np.testing.assert_array_equal(by_name, same)


def test_trials_are_chosen_by_their_stimulus(rng):
    stimuli = [f"image {i % 6}" for i in range(30)]
    trials = ic.Trials(rng.normal(size=(30, 8)), stimuli)
    sets = ic.FixedSets(test=["image 4", "image 5"])
    found = ic.probe(trials, list("abab") * 7 + ["a", "b"], LogisticRegression(), folds=sets)
    assert found.tables["fold"].iloc[0].tolist() == [0, 20, 10]


def test_sets_that_are_none_are_answered_with_a_sentence(made):
    features, trials = made
    with pytest.raises(ic.InputError, match="needs train= or test="):
        ic.FixedSets()
    with pytest.raises(ic.InputError, match="lists of names, or recordings, not 20"):
        ic.FixedSets(train=20)
    with pytest.raises(ic.InputError, match="with a recording is for encode and decode"):
        ic.probe(features, [0, 1] * 15, LogisticRegression(), folds=ic.FixedSets(test=trials))


def test_names_are_read_once(made):
    features, trials = made
    sets = ic.FixedSets(test=(name for name in features.stimuli[20:]))
    once, again = (ic.encode(features, trials, ic.PCR(4), folds=sets).values for _ in range(2))
    np.testing.assert_array_equal(once, again)
