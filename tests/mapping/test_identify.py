import numpy as np
import pytest
from sklearn.cross_decomposition import PLSRegression
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsRegressor

import isocortex as ic


@pytest.fixture
def made(rng):
    x = rng.normal(size=(48, 160)) + 0.5
    y = x @ rng.normal(size=(160, 30)) + 8 * rng.normal(size=(48, 30))
    features = ic.Responses(x, labels={"layer": "conv5"})
    return features, ic.Responses(y, labels={"region": "V4"}).take(np.arange(48)[::-1])


SHARED = ic.Ridge([9.0, 99.0], per_target=False, inner="loo")


@pytest.mark.parametrize("model", [ic.OLS(), ic.PCR(6), ic.Ridge(50.0), ic.PLS(3), SHARED])
def test_the_gram_gives_what_decoding_every_unit_gives(model, made):
    features, recording = made
    fast = ic.identification(recording, ic.gram(features), model, folds=4, n_way=3)
    decoded = ic.decode(recording, features, model, folds=4, keep_model=True).predicted[0]
    names = recording.stimuli
    for _, test in KFold(4).split(names):
        part = [names[i] for i in test]
        rows = [decoded.stimuli.index(name) for name in part]
        slow = ic.identification(
            decoded.take(rows), features.take([features.stimuli.index(n) for n in part]), n_way=3
        )
        np.testing.assert_allclose(fast.values[0, test], slow.values[0], atol=1e-12)
    assert fast.tables["region"]["region"].tolist() == ["V4"]
    assert fast.tables["stimulus"]["stimulus"].tolist() == list(names)
    assert fast.notes["chance"] == pytest.approx(1 / 3)


def test_signal_is_identified_and_noise_is_not(made, rng):
    features, recording = made
    assert ic.identification(recording, features, ic.Ridge(50.0), folds=4).values.mean() > 0.7
    noise = recording.replace(values=rng.normal(size=recording.values.shape))
    assert (
        abs(ic.identification(noise, features, ic.Ridge(50.0), folds=4).values.mean() - 0.5) < 0.15
    )


NULLS = [ic.Ridge(1e4), ic.Ridge(100.0), ic.OLS(), ic.PLS(3), ic.PCR(5)]


@pytest.mark.parametrize("kind", ["gaussian", "sparse"])
@pytest.mark.parametrize("model", NULLS)
def test_kept_predictions_of_noise_are_identified_at_chance(model, kind, rng):
    shares = []
    for _ in range(12):
        x = rng.normal(size=(100, 60)) + 3
        if kind == "sparse":
            x = np.maximum(x - 2, 0) ** 2 * rng.exponential(size=(100, 1))
        features = ic.Responses(x)
        recording = ic.Responses(rng.normal(size=(100, 40)))
        predicted = ic.decode(recording, features, model, keep_model=True).predicted
        for n_way in (2, 5):
            found = ic.identification(predicted, features, n_way=n_way)
            shares.append(found.values.mean() - found.notes["chance"])
            assert found.notes["n_candidates"] == 10
    assert abs(np.mean(shares)) < 0.02
    inside = ic.identification(recording, features, model, n_way=5)
    np.testing.assert_allclose(found.values, inside.values, atol=1e-9)


def test_parts_and_sets_of_kept_predictions_know_their_candidates(made):
    features, recording = made
    predicted = ic.decode(recording, features, ic.Ridge(9.0), folds=4, keep_model=True).predicted[0]
    whole = ic.identification(predicted, features)
    some = np.arange(0, 48, 3)
    part = ic.identification(predicted.take(some), features)
    np.testing.assert_allclose(part.values[0], whole.values[0, some])
    assert "not trained on" in part.notes["candidates"]
    renamed = predicted.replace(stimuli=[f"x{i}" for i in range(48)])
    assert type(renamed) is ic.Responses
    plain = ic.Responses(predicted.numpy(), predicted.stimuli)
    assert "all features" in ic.identification(plain, features).notes["candidates"]
    trained = list(recording.stimuli[:30])
    fixed = ic.decode(
        recording, features, ic.Ridge(9.0), folds=ic.FixedSets(trained), keep_model=True
    )
    # Candidates are the 18 others, also those that were never tested.
    assert ic.identification(fixed.predicted[0], features, n_way=18).notes["n_candidates"] == 18
    with pytest.raises(ic.InputError, match="n_way=19, but there are 18"):
        ic.identification(fixed.predicted[0].take([0, 1]), features, n_way=19)
    one_by_one = ic.decode(
        recording, features, ic.Ridge(9.0), folds=48, pooled=True, keep_model=True
    )
    with pytest.raises(ic.InputError, match="take fewer folds"):
        ic.identification(one_by_one.predicted, features)


def test_perfectly_decoded_features_are_always_identified(made):
    features, _ = made
    for n_way in (2, 10, None):
        scores = ic.identification(features, features, n_way=n_way)
        np.testing.assert_array_equal(scores.values, 1)
    assert scores.notes["n_way"] == 48


def test_a_penalty_for_each_unit_decodes_the_units(made):
    features, recording = made
    model = ic.Ridge([9.0, 99.0], inner="loo")
    found = ic.identification(recording, features, model, folds=4)
    decoded = ic.decode(recording, features, model, folds=4, keep_model=True).predicted[0]
    test = np.arange(12)
    names = [recording.stimuli[i] for i in test]
    slow = ic.identification(
        decoded.take([decoded.stimuli.index(n) for n in names]),
        features.take([features.stimuli.index(n) for n in names]),
    )
    np.testing.assert_allclose(found.values[0, test], slow.values[0])


@pytest.mark.parametrize("model", [ic.PLS(3, scale=True), PLSRegression(3)])
def test_units_that_are_scaled_one_by_one_are_decoded_one_by_one(made, model):
    features, recording = made
    sizes = np.exp(np.random.default_rng(1).normal(size=features.n_units) * 2)
    features = features.replace(values=features.numpy() * sizes)
    found = ic.identification(recording, features, model, folds=4)
    decoded = ic.decode(recording, features, model, folds=4, keep_model=True).predicted[0]
    slow = ic.identification(decoded, features)
    order = [decoded.stimuli.index(name) for name in recording.stimuli]
    np.testing.assert_allclose(found.values[0], slow.values[0][order])
    with pytest.raises(ic.InputError, match="does not treat all features alike"):
        ic.identification(recording, ic.gram(features), model, folds=4)


def test_bad_input_is_answered_with_a_sentence(made):
    features, recording = made
    gram = ic.gram(features)
    with pytest.raises(ic.InputError, match="does not treat all features alike"):
        ic.identification(recording, gram, KNeighborsRegressor(), folds=4)
    with pytest.raises(ic.InputError, match="does not treat all features alike"):
        ic.identification(recording, gram, ic.Ridge([1.0, 2.0]), folds=4)
    with pytest.raises(ic.InputError, match="n_way=20, but there are 12 candidates"):
        ic.identification(recording, gram, ic.OLS(), folds=4, n_way=20)
    with pytest.raises(ic.InputError, match="both must be Responses"):
        ic.identification(recording, gram)
    with pytest.raises(ic.InputError, match="30 units were decoded, but the features have 160"):
        ic.identification(recording, features)
    with pytest.raises(ic.MisalignedError, match="no rows for 48 of 48"):
        ic.identification(features, features.replace(stimuli=[f"x{i}" for i in range(48)]))
