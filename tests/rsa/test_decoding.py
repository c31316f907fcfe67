import itertools
import warnings

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import isocortex as ic


def made(rng, n_conditions=3, m=6, n_units=4, n_times=2, effect=0.6):
    """Correlated units, the same number of trials of each condition, in mixed order."""
    condition = rng.permutation(np.repeat(np.arange(n_conditions), m))
    mixing = rng.normal(size=(n_units, n_units))
    pattern = effect * rng.normal(size=(n_conditions, n_units, n_times))
    x = rng.normal(size=(len(condition), n_units, n_times)) + pattern[condition]
    values = np.einsum("nut,uv->nvt", x, mixing)
    times = np.arange(n_times) / 100
    return ic.Trials(values, [f"c{i}" for i in condition], times=times)


def looped(trials, model, n_folds):
    """A classifier for each pair, time and fold; trials of a condition are assigned in turn."""
    stimuli = np.array(trials.stimuli)
    out = []
    for t in range(trials.n_times):
        for a, b in itertools.combinations(trials.conditions, 2):
            x = {c: trials.values[stimuli == c, :, t] for c in (a, b)}
            right = {a: [], b: []}
            for k in range(n_folds):
                test = {c: np.arange(len(v)) % n_folds == k for c, v in x.items()}
                train = np.concatenate([v[~test[c]] for c, v in x.items()])
                names = [c for c in x for _ in range((~test[c]).sum())]
                fitted = model().fit(train, names)
                for c in x:
                    right[c] += list(fitted.predict(x[c][test[c]]) == c)
            out.append((np.mean(right[a]) + np.mean(right[b])) / 2)
    return np.array(out).reshape(trials.n_times, -1)


SHAPES = [(6, 4), (8, 12), (8, 13), (8, 14), (8, 18), (5, 40), (3, 2), (12, 3)]


@pytest.mark.parametrize(("m", "n_units"), SHAPES)
def test_equals_scikit_learns_loop_also_where_singular(rng, m, n_units):
    trials = made(rng, m=m, n_units=n_units)
    expected = looped(trials, LinearDiscriminantAnalysis, m)
    np.testing.assert_allclose(ic.decoding_rdms(trials).values, expected, atol=1e-12)


@pytest.mark.parametrize("shrinkage", ["auto", 0.2, 1.0])
@pytest.mark.parametrize(("m", "n_units"), [(6, 4), (5, 12)])
def test_shrinkage_equals_the_lsqr_solver(rng, m, n_units, shrinkage):
    trials = made(rng, m=m, n_units=n_units)

    def model():
        return LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage)

    got = ic.decoding_rdms(trials, shrinkage=shrinkage).values
    np.testing.assert_allclose(got, looped(trials, model, m), atol=1e-12)
    np.testing.assert_array_equal(ic.decoding_rdms(trials, model()).values, got)


@pytest.mark.parametrize("shrinkage", [None, "auto"])
def test_counts_with_ties_and_silent_units(rng, shrinkage):
    values = rng.poisson(0.4, size=(24, 9, 2)).astype(float)
    trials = ic.Trials(values, ["a", "b", "c"] * 8)
    solver = "svd" if shrinkage is None else "lsqr"

    def model():
        return LinearDiscriminantAnalysis(solver=solver, shrinkage=shrinkage)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn divides by zero here
        expected = looped(trials, model, 8)
    got = ic.decoding_rdms(trials, shrinkage=shrinkage).values
    np.testing.assert_allclose(got, expected, atol=1e-12)


@pytest.mark.parametrize("folds", [3, 5])
def test_k_folds_equal_the_loop(rng, folds):
    trials = made(rng, m=10, n_units=6)
    expected = looped(trials, LinearDiscriminantAnalysis, folds)
    np.testing.assert_allclose(ic.decoding_rdms(trials, folds=folds).values, expected)


def test_other_classifiers_take_the_plain_solver(rng):
    trials = made(rng, n_times=1)
    expected = looped(trials, lambda: make_pipeline(StandardScaler(), SVC(kernel="linear")), 6)
    np.testing.assert_allclose(ic.decoding_rdms(trials, "svm").values, expected, atol=1e-12)
    expected = looped(trials, LogisticRegression, 3)
    got = ic.decoding_rdms(trials, LogisticRegression(), folds=3)
    np.testing.assert_allclose(got.values, expected, atol=1e-12)
    assert "LogisticRegression" in got.dissimilarity


def test_all_of_unequal_trials_have_equal_weight(rng):
    trials = made(rng, m=9).take(np.arange(22))
    assert len(set(map(trials.stimuli.count, trials.conditions))) > 1

    def model():
        return LinearDiscriminantAnalysis(priors=[0.5, 0.5])

    got = ic.decoding_rdms(trials, folds=4, balance="weights")
    np.testing.assert_allclose(got.values, looped(trials, model, 4))
    assert "both sides weighted equally" in got.labels["folds"][0]


def test_a_given_discriminant_keeps_its_own_priors(rng):
    trials = made(rng, m=9, effect=0.3).take(np.arange(22))
    model = LinearDiscriminantAnalysis()
    got = ic.decoding_rdms(trials, model, folds=4, balance="weights")
    np.testing.assert_allclose(got.values, looped(trials, LinearDiscriminantAnalysis, 4))


def test_a_draw_of_unequal_trials_is_seeded_and_stated(rng):
    trials = made(rng, m=9).take(np.arange(22))
    first, again = ic.decoding_rdms(trials, seed=3), ic.decoding_rdms(trials, seed=3)
    np.testing.assert_array_equal(first.values, again.values)
    said = "leave one pair out; of each condition as many trials drawn as the rarest has, seed 3"
    assert set(first.labels["folds"]) == {said}


def test_runs_are_left_out_whole(rng):
    trials = made(rng, m=8)
    runs = np.empty(trials.n_trials, dtype=int)
    for name in trials.conditions:
        mine = np.nonzero(np.array(trials.stimuli) == name)[0]
        runs[mine] = np.arange(8) % 4
    got = ic.decoding_rdms(trials.replace(runs=runs), folds="leave_one_run_out")
    np.testing.assert_array_equal(got.values, ic.decoding_rdms(trials, folds=4).values)


def test_one_row_for_each_subject_and_time_in_natural_order(rng):
    values = rng.normal(size=(33, 3, 2))
    stimuli = ["img10", "img9", "img1"] * 11
    many = [ic.Trials(values, stimuli, times=[-0.1, 0.2], labels={"subject": s}) for s in (1, 2)]
    rdms = ic.decoding_rdms(many)
    assert rdms.stimuli == ("img1", "img9", "img10")
    assert rdms.labels["subject"].tolist() == [1, 1, 2, 2]
    assert rdms.labels["time"].tolist() == [-0.1, 0.2, -0.1, 0.2]
    assert rdms.dissimilarity == "lda accuracy"


def test_follows_the_order_of_conditions_and_ignores_scale(rng):
    trials = made(rng)
    names = dict(zip(trials.conditions, ["z", "x", "y"], strict=True))
    renamed = trials.replace(stimuli=[names[s] for s in trials.stimuli])
    first, second = ic.decoding_rdms(trials), ic.decoding_rdms(renamed)
    np.testing.assert_allclose(second.reorder(["z", "x", "y"]).values, first.values)
    scaled = trials.replace(values=trials.values * np.array([1e-6, 1, 1e3, 10])[:, None] - 5)
    np.testing.assert_array_equal(ic.decoding_rdms(scaled).values, first.values)


def test_noise_is_decoded_at_chance(rng):
    trials = ic.Trials(rng.normal(size=(160, 6, 60)), [f"c{i % 8}" for i in range(160)])
    for options in ({}, {"shrinkage": "auto", "folds": 5}):
        values = ic.decoding_rdms(trials, **options).values
        assert abs(values.mean() - 0.5) < 0.01
        assert (values < 0.5).mean() > 0.3


def test_near_ties_fall_as_in_scikit_learn(rng):
    values = np.tile([[1.0, 2.0], [2.0, 1.0], [3.0, 3.0], [0.0, 0.0]], (3, 1))
    trials = ic.Trials(values[:, :, None], ["a", "b", "b", "a"] * 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = looped(trials, LinearDiscriminantAnalysis, 6)
    np.testing.assert_allclose(ic.decoding_rdms(trials).values, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"stimuli": ["a"] * 5 + ["b"] * 6 + ["c"]}, {}, "at least 3 trials.*'c' has 1"),
        ({"stimuli": ["a"] * 12}, {}, "at least 2 conditions; these trials have 'a'"),
        ({}, {"classifier": "ldaa"}, "Did you mean 'lda'"),
        ({}, {"classifier": 3}, "scikit-learn classifier with fit and predict, not int"),
        ({}, {"folds": "leave-out"}, "folds='leave-out' is not known"),
        ({}, {"folds": 7}, "must be from 2 to 6"),
        ({}, {"folds": "leave_one_run_out"}, "needs trials with runs"),
        ({}, {"shrinkage": 0}, "above 0 and up to 1"),
        ({}, {"shrinkage": "ledoit"}, "above 0 and up to 1"),
        ({}, {"classifier": "svm", "shrinkage": 0.1}, "for classifier='lda'; svm has none"),
        ({}, {"balance": "draws"}, "Did you mean 'draw'"),
    ],
)
def test_says_what_is_wrong(rng, change, options, message):
    trials = ic.Trials(rng.normal(size=(12, 3)), ["a", "b"] * 6).replace(**change)
    with pytest.raises(ic.InputError, match=message):
        ic.decoding_rdms(trials, **options)


def test_a_recording_without_a_unit_that_varies_is_refused():
    trials = ic.Trials(np.full((12, 3, 2), 4.0), ["a", "b"] * 6)
    with pytest.raises(ic.InputError, match="none of 3 units varies"):
        ic.decoding_rdms(trials)


def test_does_not_take_arrays(rng):
    with pytest.raises(ic.InputError, match="needs Trials or a list of Trials"):
        ic.decoding_rdms([rng.normal(size=(4, 3))])


def test_trials_with_runs_are_decoded_by_run_unless_told_otherwise(rng):
    shared = 3 * rng.normal(size=(4, 1, 6, 1))
    values = (rng.normal(size=(4, 9, 6, 2)) + shared).reshape(36, 6, 2)
    trials = ic.Trials(values, ["a", "b", "c"] * 12, [0.0, 0.1], np.repeat(range(4), 9))
    for verb in (ic.decoding_rdms, ic.generalization):
        found, right = verb(trials), verb(trials, folds="leave_one_run_out")
        np.testing.assert_array_equal(found.values, right.values)
    assert ic.decoding_rdms(trials).labels["folds"][0] == "leave one run out"
    without = ic.decoding_rdms(trials.replace(runs=None))
    assert without.labels["folds"][0] == "leave one pair out"
    told = ic.decoding_rdms(trials, folds="leave_one_pair_out")
    np.testing.assert_array_equal(told.values, without.values)


def test_people_with_unequal_trials_are_one_series(rng):
    """Their numbers of trials differ, and one has as many of each condition."""
    trials = []
    for n in ([5, 6, 7], [4, 4, 8], [5, 5, 5], [9, 4, 6]):
        stimuli = np.repeat(["a", "b", "c"], n).tolist()
        values = rng.normal(size=(len(stimuli), 4, 3))
        labels = {"subject": f"s{len(trials)}"}
        trials.append(ic.Trials(values, stimuli, times=[0.0, 0.1, 0.2], labels=labels))
    rdms = ic.decoding_rdms(trials, folds=2)
    assert rdms.labels["folds"].nunique() == 1
    found = ic.clusters(rdms, chance=0.5, tail="greater", n_permutations=20)
    assert found.t.shape[0] == 1
    assert len(ic.interval(rdms, null=0.5).table()) == 3
