"""Pooled scores of permuted targets in float32: the bounds hold, and few scores are found twice."""

import numpy as np
import pytest
from sklearn.model_selection import KFold, ShuffleSplit

from isocortex.numerics.chance.pooled_folds import ROUGH, PooledFolds, pooled_fold
from isocortex.numerics.chance.rough_scores import rough_null, settled
from isocortex.numerics.measures.pooled import POOLED, PRIOR, HeldOut, pool

N = 36


def smoother(x, fold, shrink):
    """To the test stimuli, of the training stimuli, and what the fit keeps along each axis."""
    train, test = fold
    mean = x[train].mean(0)
    left, size, right = np.linalg.svd(x[train] - mean, full_matrices=False)
    there = size > 1e-9
    left, size, right = left[:, there], size[there], right[there]
    keep = shrink(size**2)
    return (x[test] - mean) @ right.T * (keep / size), left.T, keep**2


SHRINK = {
    "ridge": lambda v: v / (v + 3.0),
    "strong": lambda v: v / (v + 1e4),
    "ols": np.ones_like,
    "first three": lambda v: (np.arange(len(v)) < 3).astype(float),
    "out of order": lambda v: np.linspace(0.1, 0.9, len(v)),
}
SPLITS = {
    "all": list(KFold(4).split(np.zeros(N))),
    "unequal": list(KFold(7).split(np.zeros(N))),
    "some": list(ShuffleSplit(3, test_size=8, random_state=0).split(np.zeros(N))),
    "one": [(np.arange(20), np.arange(22, N))],
}


def targets(kind, rng):
    y = rng.normal(size=(N, 40))
    return {
        "numbers": y,
        "ratings": np.round(y),
        "rare": (rng.random(y.shape) < 0.08).astype(float) + np.eye(N, 40),
        "far": 1e-20 * (y + 1e3),
        "very far": y + 1e9,
        "alike": np.repeat(y[:, :4], 10, axis=1),
    }[kind]


def exactly(made, folds, y, metric):
    """From the predictions themselves, in float64; undefined scores count as 0."""
    parts = []
    for (to_test, of_train, keep), (train, test) in zip(made, folds, strict=True):
        mean = y[train].mean(0)
        inside = of_train @ (y[train] - mean)
        variance = (keep[:, None] * inside**2).sum(0) / len(train)
        parts.append(HeldOut(y[test], mean + to_test @ inside, mean, variance))
    return np.nan_to_num(POOLED[metric](pool(parts)))


@pytest.mark.parametrize("kind", ["numbers", "ratings", "rare", "far", "very far", "alike"])
@pytest.mark.parametrize("shrink", SHRINK)
@pytest.mark.parametrize("splits", SPLITS)
def test_every_score_is_within_its_bound(splits, shrink, kind, rng):
    x, y, folds = rng.normal(size=(N, 20)), targets(kind, rng), SPLITS[splits]
    made = [smoother(x, fold, SHRINK[shrink]) for fold in folds]
    orders = np.array([rng.permutation(N) for _ in range(10)])
    known = [pooled_fold(each, *fold, N, PRIOR) for each, fold in zip(made, folds, strict=True)]
    for metric in ROUGH:
        slow = np.array([exactly(made, folds, y[order], metric) for order in orders])
        rough = PooledFolds(known, metric, y)
        scores, doubt = rough_null(rough, y - y.mean(0), orders)
        assert (np.abs(scores - slow) <= doubt).all(), metric
        if kind in ("numbers", "ratings", "alike") and splits == "all":
            assert np.median(doubt) < 0.02, metric

        def exact(order, target, slow=slow):
            return slow[order, target]

        # Observed scores that stand on scores of the null, so that every tie must be seen.
        observed, all_vary = slow[7], np.ones(40, dtype=bool)
        found = settled((scores, doubt), observed, all_vary, exact)
        np.testing.assert_array_equal(found >= observed, slow >= observed)
        np.testing.assert_array_equal(found.max(1), slow.max(1))


def test_few_scores_are_found_twice(rng):
    x, y, folds = rng.normal(size=(N, 50)), rng.normal(size=(N, 40)), SPLITS["all"]
    made = [smoother(x, fold, SHRINK["ridge"]) for fold in folds]
    known = [pooled_fold(each, *fold, N, PRIOR) for each, fold in zip(made, folds, strict=True)]
    orders = np.array([rng.permutation(N) for _ in range(1000)])
    found = rough_null(PooledFolds(known, "pearson", y), y - y.mean(0), orders)
    counted = []

    def exact(order, target):
        counted.append(len(order))
        return found[0][order, target]

    settled(found, np.full(40, 0.1), np.ones(40, dtype=bool), exact)
    # One or two for the largest of each order, and few beside.
    assert sum(counted) < 2000 + 0.02 * 40_000


def test_axes_along_which_all_is_kept_alike_are_left_out(rng):
    folds = SPLITS["all"]
    wide, narrow = rng.normal(size=(N, 50)), rng.normal(size=(N, 5))
    for x, shrink, n_axes in ((wide, "ols", 0), (narrow, "ols", 5), (wide, "first three", 3)):
        made = smoother(x, folds[0], SHRINK[shrink])
        assert len(pooled_fold(made, *folds[0], N, PRIOR).fit) == n_axes
