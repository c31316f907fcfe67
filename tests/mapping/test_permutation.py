"""What is exchanged: rows, whole groups, shifts; and what is said of it."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import Lasso, LogisticRegression
from sklearn.linear_model import Ridge as SklearnRidge
from sklearn.model_selection import GroupKFold, KFold, LeaveOneGroupOut, LeaveOneOut

import isocortex as ic
from isocortex.numerics.chance.exchange import codes_of, orders_of, shift_runs, swap_units

LDA = LinearDiscriminantAnalysis()
OBJECTS = np.repeat(np.arange(10), 4)
RUNS = np.repeat(np.arange(4), 10)


def separate(rng, labels):
    return ic.Responses(rng.normal(size=(len(labels), 5)) + 5 * (labels == "a")[:, None])


def autoregressive(rng, n, n_columns, phi=0.9):
    x = rng.normal(size=(n, n_columns))
    for t in range(1, n):
        x[t] = phi * x[t - 1] + np.sqrt(1 - phi**2) * x[t]
    return x


def test_labels_that_are_constant_in_groups_exchange_whole_groups(rng):
    objects = np.repeat(np.arange(8), 3)
    labels = np.array(list("ab") * 4)[objects]
    folds = ic.Folds(GroupKFold(4), objects)
    scores = ic.probe(separate(rng, labels), list(labels), LDA, folds=folds, permutations=500)
    # 8 objects, 4 of each class: 70 arrangements, of which the mirrored one is as good.
    assert scores.columns["p"].item() <= 2 / 70
    assert scores.notes["null"] == "groups"
    assert scores.notes["n_distinct"] == 70
    assert scores.notes["exact"]
    assert scores.notes["n_permutations"] == 69


def test_targets_that_are_constant_in_groups_exchange_whole_groups(rng):
    y = rng.normal(size=(10, 2))[OBJECTS]
    x = y + 0.1 * rng.normal(size=(40, 2))
    folds = ic.Folds(GroupKFold(2), OBJECTS)
    scores = ic.encode(
        ic.Responses(x), ic.Responses(y), ic.Ridge(1.0), folds=folds, permutations=99
    )
    assert scores.notes["null"] == "groups"
    assert (scores.columns["p"] <= 0.02).all()


@pytest.mark.parametrize("noun", ["responses", "gram"])
def test_features_that_are_constant_in_groups_exchange_whole_groups(noun, rng):
    x = ic.Responses(rng.normal(size=(10, 60))[OBJECTS])
    y = ic.Responses(x.values.sum(1)[:, None] + 0.1 * rng.normal(size=(40, 2)))
    folds = ic.Folds(GroupKFold(5), OBJECTS)
    features = ic.gram(x) if noun == "gram" else x
    scores = ic.encode(features, y, ic.Ridge(1.0), folds=folds, permutations=99)
    assert scores.notes["null"] == "groups"
    assert scores.notes["n_distinct"] == pytest.approx(3628800)
    assert len(np.unique(scores.columns["p"])) > 0
    with pytest.raises(ic.InputError, match="nothing can be exchanged.*null='groups'"):
        ic.encode(x, y, ic.Ridge(1.0), folds=folds, permutations=ic.Permutation(99, null="rows"))
    with pytest.raises(ic.InputError, match="nothing can be exchanged.*any run"):
        ic.encode(
            x, y, ic.Ridge(1.0), folds=folds, permutations=ic.Permutation(99, null="circular")
        )


def test_groups_of_one_are_said(rng):
    x = ic.Responses(rng.normal(size=(20, 5)))
    y = ic.Responses(x.values[:, :1])
    folds = ic.Folds(GroupKFold(5), np.arange(20))
    with pytest.warns(
        ic.errors.IsocortexWarning, match="each of the 20 groups of Folds has one row"
    ):
        scores = ic.encode(x, y, ic.Ridge(1.0), folds=folds, permutations=99)
    assert scores.columns["p"].item() == pytest.approx(0.01)
    with pytest.raises(ic.InputError, match="nothing can be exchanged"):
        ic.encode(x, y, ic.Ridge(1.0), folds=folds, permutations=ic.Permutation(99, null="rows"))


def test_leaving_one_out_exchanges_labels_between_test_sets(rng):
    labels = np.array(list("ab") * 5)
    scores = ic.probe(
        separate(rng, labels), list(labels), LDA, folds=LeaveOneOut(), permutations=40
    )
    assert scores.columns["p"].item() < 0.05


def test_a_perfect_prediction_never_has_p_of_one(rng):
    labels = np.array(["a", "a", "b", "b"])[np.repeat(np.arange(4), 5)]
    groups = np.repeat(np.arange(4), 5)
    features = separate(rng, labels)
    parts = [(np.r_[5:10, 15:20], np.r_[0:5, 10:15]), (np.r_[0:5, 10:15], np.r_[5:10, 15:20])]
    with pytest.warns(
        ic.errors.IsocortexWarning, match=r"only 6 different permutations of whole groups.*0\.167"
    ):
        scores = ic.probe(
            features, list(labels), LDA, folds=ic.Folds(parts, groups), permutations=99
        )
    assert scores.columns["p"].item() <= 0.5
    assert scores.notes["least_p"] == pytest.approx(1 / 6)


def test_a_number_is_the_object_with_its_defaults(pair):
    new = ic.encode(*pair, ic.PCR(5), permutations=19)
    whole = ic.encode(*pair, ic.PCR(5), permutations=ic.Permutation(19, seed=0, null="rows"))
    np.testing.assert_array_equal(new.columns["p"], whole.columns["p"])
    assert new.notes["n_distinct"] == pytest.approx(1.19622e56, rel=1e-4)
    with pytest.raises(
        ic.InputError, match=r"null='circle' is not known\. Did you mean 'circular'"
    ):
        ic.Permutation(null="circle")
    with pytest.raises(ic.InputError, match=r"permutations=2\.5 must be a whole number"):
        ic.encode(*pair, ic.PCR(5), permutations=2.5)


MODELS = {
    "gram": ic.Ridge(5.0),
    "chosen": ic.Ridge([1.0, 100.0]),
    "plain": SklearnRidge(5.0, solver="cholesky", positive=False, fit_intercept=False),
    "by columns": Lasso(0.1),
    "univariate": ic.Univariate(),
}


@pytest.mark.parametrize("name", MODELS)
def test_circular_p_equals_refitting_to_every_shift(name, rng):
    x, y = autoregressive(rng, 16, 20), autoregressive(rng, 16, 2)
    runs = np.repeat([0, 1], 8)
    folds = ic.Folds(KFold(2), runs)
    model = MODELS[name]
    asked = ic.Permutation(200, null="circular")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = ic.encode(
            ic.Responses(x), ic.Responses(y), model, folds=folds, accuracy="r2", permutations=asked
        )
        slow = []
        for i in range(8):
            for j in range(8):
                moved = np.concatenate([np.roll(y[:8], i, 0), np.roll(y[8:], j, 0)])
                scores = ic.encode(
                    ic.Responses(x), ic.Responses(moved), model, folds=folds, accuracy="r2"
                )
                slow.append(scores.values[0].mean(0))
    slow = np.array(slow)
    expected = (slow >= slow[0] - 1e-9 * np.abs(slow).max()).mean(0)
    np.testing.assert_allclose(found.columns["p"][0, 0], expected)
    assert found.notes["exact"]
    assert found.notes["n_distinct"] == 64


def test_folds_that_know_labels_stay_with_them_under_a_shift(rng):
    labels = np.repeat(list("abab"), 5)
    x = autoregressive(rng, 20, 4, 0.5) + (labels == "a")[:, None]
    asked = ic.Permutation(50, null="circular")
    found = ic.probe(ic.Responses(x), list(labels), LDA, folds=5, permutations=asked)
    slow = [
        ic.probe(ic.Responses(np.roll(x, -shift, 0)), list(labels), LDA, folds=5).values.mean()
        for shift in range(20)
    ]
    assert found.columns["p"].item() == pytest.approx((np.array(slow) >= slow[0] - 1e-9).mean())
    # Where folds do not know the labels these are shifted, and repeat after ten.
    with pytest.warns(ic.errors.IsocortexWarning, match="only 10 different circular shifts"):
        free = ic.probe(ic.Responses(x), list(labels), LDA, folds=KFold(5), permutations=asked)
    assert free.notes["n_distinct"] == 10


def test_series_under_exchanged_rows_warn_with_what_was_found(rng):
    x, y = ic.Responses(autoregressive(rng, 120, 30)), ic.Responses(autoregressive(rng, 120, 3))
    for features in (x, ic.gram(x)):
        with pytest.warns(ic.errors.IsocortexWarning, match=r"lag 1: 0\.\d\d.*null=.circular"):
            ic.encode(features, y, ic.Ridge(10.0), folds=5, permutations=5)
    with pytest.warns(ic.errors.IsocortexWarning, match="rows that follow one another are alike"):
        ic.probe(x, list(np.repeat(list("abcd"), 30)), LDA, folds=KFold(5), permutations=5)
    asked = ic.Permutation(5, null="circular")
    ic.encode(x, y, ic.Ridge(10.0), folds=5, permutations=asked)
    # White rows, and classes in order that make the features what they are, are no series.
    white = rng.normal(size=(120, 30))
    ic.encode(ic.Responses(white), y, ic.Ridge(10.0), folds=5, permutations=5)
    labels = np.repeat(list("ab"), 60)
    sorted_by_class = ic.Responses(white + 3 * (labels == "a")[:, None])
    ic.probe(sorted_by_class, list(labels), LogisticRegression(), folds=5, permutations=5)


def test_training_trials_of_one_stimulus_stay_together(rng):
    names = [f"i{k}" for k in range(12)]
    features = ic.Responses(rng.normal(size=(12, 30)), names)
    trials = ic.Trials(rng.normal(size=(36, 2)), names * 3)
    scores = ic.encode(
        features, trials, ic.Ridge(5.0), folds=ic.FixedSets(names[:8], names[8:]), permutations=50
    )
    assert scores.notes["n_distinct"] == 40320 * 24
    assert (scores.columns["p"] > 1 / 51).any()


def test_orders_are_shared_by_layers_and_reported_in_the_table(rng):
    x = rng.normal(size=(30, 10))
    layers = [ic.Responses(x, labels={"layer": "a"}), ic.Responses(x**2, labels={"layer": "b"})]
    scores = ic.encode(layers, ic.Responses(x[:, :3]), ic.Ridge(1.0), folds=5, permutations=49)
    mean = scores.mean("fold")
    assert list(mean.columns) == ["p", "p_fdr", "p_max"]
    table = mean.table()
    assert len(table) == 6
    np.testing.assert_array_equal(table["p"], scores.columns["p"].ravel())
    chosen = scores.select(layer="b").mean("fold")
    np.testing.assert_array_equal(chosen.columns["p_max"], scores.columns["p_max"][1:, 0])
    both = ic.Scores.concat([scores.select(layer=name) for name in "ab"], "layer").mean("fold")
    np.testing.assert_array_equal(both.columns["p"], mean.columns["p"])
    # A p-value of single units is none of their mean.
    assert "p" not in scores.mean("fold", "unit").columns


def test_the_null_of_leave_one_run_out_stays_in_runs(rng):
    x = rng.normal(size=(40, 10)) + 3 * rng.normal(size=(4, 10))[RUNS]
    folds = ic.Folds(LeaveOneGroupOut(), RUNS)
    scores = ic.encode(
        ic.Responses(x), ic.Responses(x[:, :2] * 0.3), ic.Ridge(1.0), folds=folds, permutations=30
    )
    assert scores.notes["null"] == "rows"
    expected, _ = orders_of(
        swap_units(np.arange(40), np.arange(40), RUNS), 30, np.random.default_rng(0)
    )
    assert (RUNS[expected] == RUNS).all()
    assert scores.notes["n_distinct"] == pytest.approx(np.prod([3628800.0] * 4))
    assert codes_of(pd.DataFrame({"a": [1, 1]}).to_numpy()).tolist() == [0, 0]
    assert len(shift_runs(np.arange(40), RUNS)) == 4
