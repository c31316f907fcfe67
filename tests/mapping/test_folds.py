"""One check of folds, outer and inner: what is no cross-validation is refused with a sentence."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.linear_model import Ridge as SklearnRidge
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    PredefinedSplit,
    RepeatedStratifiedKFold,
    StratifiedGroupKFold,
    StratifiedKFold,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isocortex as ic
from isocortex.mapping.folds import neighbours

ALPHAS = [1.0, 30.0, 1000.0]


@pytest.fixture
def data(rng):
    x = rng.normal(size=(60, 80))
    y = x @ rng.normal(size=(80, 4)) + 9 * rng.normal(size=(60, 4))
    runs = np.repeat(np.arange(5), 12)
    # Each run has an offset of its own, which inner folds by run must not learn.
    return x + 2 * rng.normal(size=(5, 80))[runs], y + 8 * rng.normal(size=(5, 4))[runs], runs


@pytest.fixture
def nouns(data):
    return ic.Responses(data[0]), ic.Responses(data[1])


ROWS = np.arange(60)


@pytest.mark.parametrize(
    ("folds", "words"),
    [
        ([(ROWS[:50], [58, 59, 75])], r"fold 0, test: 1 rows do not exist \('75'\).*0 to 59"),
        ([(ROWS[:50], [-1, 58])], r"1 rows do not exist \('-1'\)"),
        ([(ROWS[:50] * 1.0, [58, 59])], "fold 0, train: rows are integers.*float64"),
        ([(ROWS[:50], ["a", "b"])], "rows are integers"),
        ([(ROWS, ROWS)], "60 rows are in both train and test"),
        ([(ROWS[:50], [55, 55])], "in test more than once"),
        ([(ROWS[:50], [])], "fold 0, test has no rows"),
        ([(ROWS[:30], ROWS[30:]), (ROWS[:50], ROWS[49:])], r"fold 1: 1 rows are in both"),
        ([ROWS[:50]], "not a pair of"),
        ([], "no folds"),
        (7.5, "not an int"),
    ],
)
@pytest.mark.parametrize("verb", ["encode", "decode", "probe", "identification"])
def test_what_is_no_cross_validation_is_refused(verb, folds, words, nouns):
    x, y = nouns
    calls = {
        "encode": lambda: ic.encode(x, y, ic.Ridge(1.0), folds=folds),
        "decode": lambda: ic.decode(y, x, ic.OLS(), folds=folds),
        "probe": lambda: ic.probe(x, y, ic.Univariate(), folds=folds),
        "identification": lambda: ic.identification(y, x, ic.OLS(), folds=folds),
    }
    with pytest.raises(ic.InputError, match=words):
        calls[verb]()


def test_masks_are_rows(nouns):
    test = np.arange(60) % 4 == 0
    by_mask = ic.encode(*nouns, ic.Ridge(1.0), folds=[(~test, test)])
    by_rows = ic.encode(*nouns, ic.Ridge(1.0), folds=[(ROWS[~test], ROWS[test])])
    np.testing.assert_array_equal(by_mask.values, by_rows.values)


def test_a_generator_of_folds_is_read_once_for_all(nouns):
    x, y = nouns
    cut = KFold(4, shuffle=True, random_state=1)
    table = pd.DataFrame({"a": np.tile(["p", "q"], 30), "b": np.tile(["p", "p", "q"], 20)})
    for folds in (cut.split(x.values), ic.Folds(cut.split(x.values), np.arange(60) % 3)):
        found = ic.probe(x, table, LogisticRegression(), folds=folds)
        again = ic.probe(x, table, LogisticRegression(), folds=list(cut.split(x.values)))
        np.testing.assert_array_equal(found.values, again.values)
    layers = ic.encode([x, x], y, ic.Ridge(1.0), folds=cut.split(x.values))
    np.testing.assert_array_equal(layers.values[0], layers.values[1])


@pytest.mark.parametrize("n_folds", [2, 3])
def test_every_class_must_be_in_every_training_set(n_folds, nouns):
    labels = np.repeat(list("abc")[:n_folds], 60 // n_folds)
    with pytest.raises(ic.InputError, match=r"fold 0: the class 'a' is in none of its"):
        ic.probe(nouns[0], labels, LogisticRegression(), folds=KFold(n_folds))


def by_run(x, y, runs, fit):
    """The score of each run, of a fit on the others that knows their runs."""
    scores = []
    for train, test in LeaveOneGroupOut().split(x, y, runs):
        models = [fit(x[train], column, runs[train]) for column in y[train].T]
        scores.append(
            [np.corrcoef(m.predict(x[test]), y[test, t])[0, 1] for t, m in enumerate(models)]
        )
    return scores


def search(cv, scoring=None):
    return GridSearchCV(SklearnRidge(), {"alpha": ALPHAS}, cv=cv, scoring=scoring)


def searched(x, y, runs):
    # One search for each target, since scikit-learn's own chooses one penalty for all.
    return search(LeaveOneGroupOut(), "neg_mean_squared_error").fit(x, y, groups=runs)


@pytest.mark.parametrize(
    "model",
    [
        ic.Ridge(ALPHAS, inner=LeaveOneGroupOut()),
        # A number keeps runs whole where the outer folds do.
        ic.Ridge(ALPHAS, inner=5),
        ic.BandedRidge(ALPHAS, mixtures=np.ones((1, 1)), inner=LeaveOneGroupOut()),
    ],
)
def test_inner_folds_know_the_runs(model, data, nouns):
    x, y, runs = data
    found = ic.encode(*nouns, model, folds=ic.Folds(LeaveOneGroupOut(), runs))
    np.testing.assert_allclose(found.values[0], by_run(x, y, runs, searched), atol=1e-8)


def test_scikit_learns_own_searches_get_the_runs(data, nouns):
    x, y, runs = data
    folds = ic.Folds(LeaveOneGroupOut(), runs)
    # scikit-learn's searches are fitted target by target: one target, so that all agree.
    y, nouns = y[:, :1], (nouns[0], ic.Responses(y[:, :1]))
    grid = search(LeaveOneGroupOut())
    expected = by_run(x, y, runs, lambda a, b, g: grid.fit(a, b, groups=g))
    for model in (grid, RidgeCV(ALPHAS, cv=LeaveOneGroupOut())):
        found = ic.encode(*nouns, model, folds=folds, keep_model=True)
        np.testing.assert_allclose(found.values[0], expected, atol=1e-8)
    inside = make_pipeline(StandardScaler(), grid)
    assert ic.encode(*nouns, inside, folds=folds).values.shape == (1, 5, 1)
    unaware = RidgeCV(ALPHAS, cv=5)
    expected = by_run(x, y, runs, lambda a, b, _: search(KFold(5)).fit(a, b))
    np.testing.assert_allclose(
        ic.encode(*nouns, unaware, folds=folds).values[0], expected, atol=1e-8
    )


def test_inner_folds_that_do_not_fit_are_refused_before_work(nouns, data):
    x, y = nouns
    few = x.take(np.arange(6)), y.take(np.arange(6))
    for model in (ic.Ridge(ALPHAS), ic.BandedRidge(ALPHAS), RidgeCV(ALPHAS, cv=5)):
        with pytest.raises(ic.InputError, match=r"inner.*"):
            ic.encode(*few, model, folds=2)
    with pytest.raises(ic.InputError, match=r"inner=5 folds .* of which a fold has 3"):
        ic.encode(*few, ic.Ridge(ALPHAS), folds=2)
    with pytest.raises(ic.InputError, match=r"inner=LeaveOneGroupOut\(\).*Folds\(splitter"):
        ic.encode(x, y, ic.Ridge(ALPHAS, inner=LeaveOneGroupOut()), folds=5)
    two = ic.Folds(LeaveOneGroupOut(), data[2] // 3)
    with pytest.raises(ic.InputError, match="inner=GroupKFold"):
        ic.encode(x, y, ic.Ridge(ALPHAS, inner=GroupKFold(2)), folds=two)
    with pytest.raises(ic.InputError, match="inner=5 folds"):
        ic.Ridge(ALPHAS).fit(x.values[:3], y.values[:3])


def test_a_splitter_without_groups_does_not_hear_of_them(data, nouns):
    found = ic.encode(*nouns, ic.Ridge(1.0), folds=ic.Folds(KFold(5), data[2]))
    np.testing.assert_array_equal(found.values, ic.encode(*nouns, ic.Ridge(1.0), folds=5).values)


@pytest.mark.parametrize(
    ("folds", "words"),
    [
        (StratifiedKFold(4), "StratifiedKFold balances classes, which only probe has"),
        (RepeatedStratifiedKFold(n_splits=4), "balances classes, which only probe has"),
        (ic.Folds(StratifiedGroupKFold(4), ROWS // 5), "balances classes, which only probe has"),
        (KFold, r"it is a class; make one of it, KFold\(\)"),
        (PredefinedSplit(ROWS[:40] // 10), "it has a fold for each of 40 rows"),
        (ic.Folds(GroupKFold(4), np.where(ROWS < 3, np.nan, ROWS // 10)), "3 of 60 .* no group"),
        (ic.Folds(GroupKFold(4), [None, *ROWS[1:]]), "1 of 60 stimuli have no group.*'stimulus 0'"),
        (ic.Folds(GroupKFold(4), 3), "one group, a number or a name, for each stimulus; got int"),
        (ic.Folds(GroupKFold(4), np.zeros((60, 2))), "one group.*; got ndarray"),
        ([(ROWS[:50, None], ROWS[50:])], r"not an array of shape \(50, 1\)"),
        ([(ROWS < 50, (ROWS >= 50)[:40])], "a mask of 60 booleans.* not 40 booleans"),
    ],
)
@pytest.mark.parametrize("model", [ic.Ridge(1.0), SklearnRidge(positive=True)], ids=["ours", "any"])
def test_splitters_that_do_not_fit_are_refused_by_what_they_lack(folds, words, model, nouns):
    for verb in (ic.encode, ic.decode):
        with pytest.raises(ic.InputError, match=words):
            verb(*nouns, model, folds=folds)


def test_inner_splitters_that_need_classes_are_refused(nouns):
    with pytest.raises(ic.InputError, match="inner=StratifiedKFold.*balances classes"):
        ic.encode(*nouns, ic.Ridge(ALPHAS, inner=StratifiedKFold(3)), folds=3)


def test_classes_with_fewer_members_than_folds_are_told_in_the_splitters_words(nouns):
    labels = ["a", "b"] * 30
    with pytest.raises(ic.InputError, match="n_splits=40 cannot be greater than the number of mem"):
        ic.probe(nouns[0], labels, LogisticRegression(), folds=StratifiedKFold(40))


@pytest.mark.parametrize(("n_folds", "n_rows"), [(2, 2), (3, 10), (10, 45), (7, 7), (300, 900)])
def test_neighbours_are_the_folds_of_scikit_learn(n_folds, n_rows):
    for _ in range(2):
        ours, theirs = neighbours(n_folds, n_rows), KFold(n_folds).split(np.arange(n_rows))
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(one[0], other[0])
            np.testing.assert_array_equal(one[1], other[1])
    with pytest.raises(ValueError, match="read-only"):
        ours[0][0][0] = 5
