"""Permuted scores from one product of all folds: what matters of them is exact."""

import numpy as np
import pytest
from sklearn.model_selection import KFold, ShuffleSplit

from isocortex.numerics.arrays import cores
from isocortex.numerics.chance import linear_folds, rough_scores
from isocortex.numerics.chance.linear_folds import LinearFolds, linear_fold
from isocortex.numerics.measures.accuracy import ACCURACIES

N = 36


def ridge(x, train, test):
    mean = x[train].mean(0)
    inside, outside = x[train] - mean, x[test] - mean
    kernel = inside @ inside.T + 3.0 * np.eye(len(train))
    return outside @ inside.T, np.linalg.inv(kernel)


def few_axes(x, train, test):
    mean = x[train].mean(0)
    left, size, right = np.linalg.svd(x[train] - mean, full_matrices=False)
    return (x[test] - mean) @ right[:3].T / size[:3], left[:, :3].T


def targets(kind, rng):
    y = rng.normal(size=(N, 40))
    return {
        "numbers": y,
        "ratings": np.round(y),
        "rare": (rng.random(y.shape) < 0.08).astype(float),
        "far": 1e-30 * (y + 1e3),
        "alike": np.repeat(y[:, :4], 10, axis=1),
    }[kind]


def brute(x, y, orders, folds, metric, factors):
    """Each permutation by itself, from predictions; undefined scores count as 0."""
    found = np.zeros((len(orders), y.shape[1]))
    for permuted, row in zip(y[orders], found, strict=True):
        for train, test in folds:
            to_test, of_train = factors(x, train, test)
            mean = permuted[train].mean(0)
            guess = mean + to_test @ (of_train @ (permuted[train] - mean))
            score = ACCURACIES[metric](permuted[test], guess)
            row += np.where(np.isnan(score), 0, score)
    return found / len(folds)


@pytest.mark.parametrize("kind", ["numbers", "ratings", "rare", "far", "alike"])
@pytest.mark.parametrize("factors", [ridge, few_axes])
@pytest.mark.parametrize("splits", [KFold(4), ShuffleSplit(3, random_state=0)])
def test_counts_and_largest_scores_are_those_of_every_permutation_by_itself(
    splits, factors, kind, rng
):
    x, y = rng.normal(size=(N, 50)), targets(kind, rng)
    folds = list(splits.split(x))
    orders = np.array([rng.permutation(N) for _ in range(150)])
    slow = brute(x, y, orders, folds, "pearson", factors)
    # Observed scores that stand on scores of the null, so that every tie must be seen.
    observed = slow[7]
    made = [linear_fold(factors(x, *fold), *fold) for fold in folds]
    varies = np.ptp(y, axis=0) > 0
    found = LinearFolds(made, N, "pearson").null(y - y.mean(0), orders, observed, varies)
    near = np.abs(slow - observed) < 1e-9
    np.testing.assert_allclose(found[near], slow[near], atol=1e-11)
    np.testing.assert_array_equal((found > observed)[~near], (slow > observed)[~near])
    np.testing.assert_allclose(found[:, varies].max(1), slow[:, varies].max(1), atol=1e-11)
    np.testing.assert_allclose(found, slow, atol=1e-5)


@pytest.mark.parametrize("metric", ["r2", "explained_variance"])
def test_other_accuracies_are_exact_throughout(metric, rng):
    x, y = rng.normal(size=(N, 50)), targets("rare", rng)
    folds = list(KFold(4).split(x))
    orders = np.array([rng.permutation(N) for _ in range(20)])
    slow = brute(x, y, orders, folds, metric, ridge)
    made = [linear_fold(ridge(x, *fold), *fold) for fold in folds]
    all_of = np.ones(40, dtype=bool)
    found = LinearFolds(made, N, metric).null(y - y.mean(0), orders, slow[0], all_of)
    np.testing.assert_allclose(found, slow, rtol=1e-9, atol=1e-9)


def test_few_scores_are_found_twice(monkeypatch, rng):
    """Counted, not timed: of 40 000 scores hardly any is close to what it is compared with."""
    counted = []
    exact = LinearFolds.of
    monkeypatch.setattr(
        LinearFolds, "of", lambda self, y: counted.append(y.shape[1]) or exact(self, y)
    )
    x, y = rng.normal(size=(N, 50)), rng.normal(size=(N, 40))
    folds = list(KFold(4).split(x))
    orders = np.array([rng.permutation(N) for _ in range(1000)])
    made = [linear_fold(ridge(x, *fold), *fold) for fold in folds]
    all_of = np.ones(40, dtype=bool)
    LinearFolds(made, N, "pearson").null(y - y.mean(0), orders, np.full(40, 0.1), all_of)
    # One for the largest of each order, and few beside.
    assert sum(counted) < 1000 + 0.01 * 40_000


def test_bounds_hold_where_predictions_are_small_beside_what_they_are_made_of(monkeypatch, rng):
    x, y = rng.normal(size=(N, 50)), rng.normal(size=(N, 40))
    folds = list(KFold(4).split(x))
    orders = np.array([rng.permutation(N) for _ in range(50)])

    def cancelling(x, train, test):
        to_test, of_train = ridge(x, train, test)
        # A large part in which hardly any target has a share.
        level = 1e3 * np.ones((len(test), 1)) * rng.normal(size=(1, len(train)))
        return to_test @ of_train + level, np.eye(len(train))

    made = [linear_fold(cancelling(x, *fold), *fold) for fold in folds]
    whole = LinearFolds(made, N, "pearson")
    parts = linear_folds._Rough(whole._matrix[: whole._n_rows], whole._parts)
    rough, doubt = rough_scores.rough_null(parts, y - y.mean(0), orders)
    exact = np.array([whole.of((y - y.mean(0))[order]) for order in orders])
    assert (np.abs(rough - exact) <= doubt).all()


def test_blocks_of_orders_that_are_shared_among_threads_give_the_same_bits(rng, monkeypatch):
    x, y = rng.normal(size=(N, 30)), rng.normal(size=(N, 500))
    y -= y.mean(0)
    folds = list(KFold(4).split(x))
    known = LinearFolds([linear_fold(ridge(x, *fold), *fold) for fold in folds], N, "pearson")
    orders = np.array([rng.permutation(N) for _ in range(21)])
    observed, varies = known.of(y), np.ones(500, dtype=bool)
    alone = known.null(y, orders, observed, varies)
    monkeypatch.setattr(rough_scores, "_WORTH_A_SHARE", 0)
    monkeypatch.setattr(cores, "_affinity", lambda: 2)
    monkeypatch.setattr(cores, "_quota", lambda: None)
    np.testing.assert_array_equal(known.null(y, orders, observed, varies), alone)
