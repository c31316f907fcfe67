"""Discriminants of many neighbourhoods in closed form, against scikit-learn's decisions."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from isocortex.numerics.local.discriminant import Design, lda_accuracies


def folds(n, n_folds):
    fold = np.arange(n) * 7 % n_folds
    return tuple((np.nonzero(fold != f)[0], np.nonzero(fold == f)[0]) for f in range(n_folds))


def fitted(x, design, shrinkage):
    scores = []
    for train, test in design.folds:
        model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage)
        model.fit(x[train], design.classes[train])
        scores.append(model.score(x[test], design.classes[test]))
    return np.mean(scores)


@pytest.mark.parametrize("offset", [0.0, 1e5])
@pytest.mark.parametrize("part", [False, True])
@pytest.mark.parametrize("shrinkage", [0.01, 0.5])
def test_accuracies_are_identical(rng, offset, part, shrinkage):
    parts = folds(48, 6)
    if part:  # training sets that are not all the rest
        parts = tuple((train[::2], test) for train, test in parts)
    classes = np.arange(48) % 3
    design = Design(classes, parts)
    assert design.is_partition is not part
    trials = rng.normal(size=(5, 30, 48)) + 0.5 * classes * (np.arange(30) % 4 == 0)[:, None]
    accuracy, near = lda_accuracies(trials + offset, design, shrinkage)
    expected = [fitted(each.T + offset, design, shrinkage) for each in trials]
    np.testing.assert_array_equal(accuracy, expected)
    assert not near.any()


def test_what_is_too_near_to_call_is_told(rng):
    classes = np.arange(24) % 2
    trials = rng.normal(size=(3, 4, 24))
    trials[1] = 0.0
    _, near = lda_accuracies(trials, Design(classes, folds(24, 4)), 0.5)
    assert near[1]
