from itertools import combinations

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from isocortex.numerics.pairs.discriminant import Folds, lda_accuracy


def slow(values, condition, fold, shrinkage):
    """scikit-learn's discriminant of equal priors, pair by pair and fold by fold."""
    solver = {"solver": "svd"} if shrinkage is None else {"solver": "lsqr", "shrinkage": shrinkage}
    found = np.zeros((len(values), 0))
    for a, b in combinations(range(condition.max() + 1), 2):
        right = np.zeros((2, len(values)))
        for f in range(fold.max() + 1):
            train = (fold != f) & np.isin(condition, (a, b))
            model = LinearDiscriminantAnalysis(priors=[0.5, 0.5], **solver)
            for t, x in enumerate(values):
                model.fit(x[train], condition[train])
                for side, c in enumerate((a, b)):
                    test = (fold == f) & (condition == c)
                    if test.any():
                        right[side, t] += (model.predict(x[test]) == c).sum()
        shares = right / np.array([[(condition == a).sum()], [(condition == b).sum()]])
        found = np.column_stack([found, shares.mean(0)])
    return found


@pytest.mark.parametrize("shrinkage", [None, 0.3, "auto"])
@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_accuracies_are_those_of_scikit_learn(shrinkage, offset, rng):
    condition = np.repeat([0, 1, 2], [12, 9, 15])
    fold = np.concatenate([np.arange(n) % 3 for n in (12, 9, 15)])
    values = rng.normal(size=(2, 36, 5)) + offset
    values[:, condition == 1] += 0.7
    found = lda_accuracy(values, condition, fold, shrinkage)
    np.testing.assert_allclose(found, slow(values, condition, fold, shrinkage), atol=1e-12)


@pytest.mark.parametrize("n_units", [4, 30])
def test_one_trial_of_each_left_out_is_a_loop_too(n_units, rng):
    condition, fold = np.repeat([0, 1, 2], 7), np.tile(np.arange(7), 3)
    values = rng.normal(size=(2, 21, n_units))
    found = lda_accuracy(values, condition, fold)
    np.testing.assert_allclose(found, slow(values, condition, fold, None), atol=1e-12)


def test_units_that_never_vary_and_scale_change_nothing(rng):
    condition, fold = np.repeat([0, 1], 8), np.tile(np.arange(4), 4)
    values = rng.normal(size=(1, 16, 3))
    wide = np.concatenate([values, np.full((1, 16, 2), 7.0)], 2)
    plain = lda_accuracy(values, condition, fold)
    np.testing.assert_array_equal(lda_accuracy(wide, condition, fold), plain)
    np.testing.assert_array_equal(lda_accuracy(1e200 * values, condition, fold), plain)


def test_folds_hold_every_trial_once_to_test():
    condition, fold = np.array([0, 0, 0, 1, 1]), np.array([0, 1, 0, 1, 0])
    found = Folds.from_codes(condition, fold)
    assert sorted(found.test[found.test >= 0].tolist()) == list(range(5))
    assert found.train[0, 0].tolist() == [1, -1]
    assert found.train[0, 1].tolist() == [0, 2]
