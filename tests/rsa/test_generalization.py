import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.naive_bayes import GaussianNB

import isocortex as ic


def made(rng, n_times=3):
    condition = np.arange(30) % 2
    values = rng.normal(size=(30, 4, n_times)) + condition[:, None, None]
    return ic.Trials(values, [f"c{i}" for i in condition], times=np.arange(n_times) / 10)


def test_the_diagonal_is_decoding_in_time(rng):
    trials = made(rng)
    scores = ic.generalization(trials, folds=5)
    assert scores.dims == ("pair", "train", "test")
    expected = ic.decoding_rdms(trials, folds=5).values.T
    np.testing.assert_allclose(np.einsum("ptt->pt", scores.values), expected)


@pytest.mark.parametrize("classifier", ["lda", LinearDiscriminantAnalysis(tol=1e-9)])
def test_equals_a_loop(rng, classifier):
    trials = made(rng)
    side = np.array(trials.stimuli) == "c1"
    fold = (np.arange(30) // 2) % 5
    expected = np.zeros((3, 3))
    for f in range(5):
        test = fold == f
        for t in range(3):
            model = LinearDiscriminantAnalysis().fit(trials.values[~test, :, t], side[~test])
            for u in range(3):
                right = model.predict(trials.values[test, :, u]) == side[test]
                expected[t, u] += right.mean() / 5
    got = ic.generalization(trials, classifier).select(stimulus="c0")
    np.testing.assert_allclose(got.values[0], expected)


def test_several_subjects_go_on_to_the_cluster_test(rng):
    many = [made(rng).replace(labels={"subject": s}) for s in range(6)]
    scores = ic.generalization(many)
    assert scores.values.shape == (6, 3, 3)
    found = ic.clusters(scores, chance=0.5, tail="greater")
    assert found.t.shape == (1, 3, 3)
    assert found.table["p"].min() == 1 / 64


def test_says_what_is_wrong(rng):
    trials = made(rng)
    with pytest.raises(ic.InputError, match="needs trials with a time axis"):
        ic.generalization(trials.at(0.1))
    with pytest.raises(ic.InputError, match="must have the same times"):
        ic.generalization([trials, trials.replace(times=[1.0, 2.0, 3.0])])
    with pytest.raises(ic.InputError, match="is for classifier='lda'"):
        ic.generalization(trials, "svm", shrinkage=0.1)
    with pytest.raises(ic.InputError, match="'svc' is not known"):
        ic.generalization(trials, "svc")


@pytest.mark.parametrize(("classifier", "fewest"), [("lda", 3), ("svm", 2), (GaussianNB(), 2)])
def test_the_fewest_trials_leave_what_training_needs(rng, classifier, fewest):
    enough = made(rng).take(np.arange(2 * fewest))
    got = ic.generalization(enough, classifier, folds=fewest)
    expected = ic.decoding_rdms(enough, classifier, folds=fewest).values.T
    np.testing.assert_allclose(np.einsum("ptt->pt", got.values), expected)
    for verb in (ic.generalization, ic.decoding_rdms):
        with pytest.raises(ic.InputError, match=f"needs at least {fewest} trials of each cond"):
            verb(enough.take(np.arange(2 * fewest - 2)), classifier, folds=2)
