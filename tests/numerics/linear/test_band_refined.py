import numpy as np
import pytest
from sklearn.model_selection import KFold

from isocortex.numerics.linear.band_mixtures import designed_mixtures, unit_scales
from isocortex.numerics.linear.band_refined import solved
from isocortex.numerics.linear.banded import choose_bands, refine_bands

WIDTHS = (4, 60, 400, 30, 150)
PENALTIES = np.logspace(-2, 5, 15)
COUNT = {2: 6, 3: 16, 5: 41}
"""Designed mixtures, doubles included."""


def made(rng, n=30):
    bands = [rng.normal(size=(n, 8)), rng.normal(size=(n, 15))]
    bands = [band - band.mean(0) for band in bands]
    y = bands[0] @ rng.normal(size=(8, 3)) + rng.normal(size=(n, 3))
    y[:, 2] = bands[1] @ rng.normal(size=15) + rng.normal(size=n)
    return bands, y - y.mean(0)


def made_as_benchmarked(n_bands, seed, n=150, n_targets=40):
    """Each band in .6 of the targets, with gamma weights; Gram matrices of mean diagonal 1."""
    rng = np.random.default_rng(seed)
    y, grams = 1.2 * rng.normal(size=(n, n_targets)), []
    for width in WIDTHS[:n_bands]:
        x = rng.normal(size=(n, width))
        there = (rng.random(n_targets) < 0.6) * np.sqrt(rng.gamma(1.0, size=n_targets))
        y += x @ rng.normal(size=(width, n_targets)) / np.sqrt(width) * there
        x -= x.mean(0)
        grams.append(x @ x.T)
    scales = unit_scales(grams)
    return [gram / scale for gram, scale in zip(grams, scales, strict=True)], y - y.mean(0)


def himalayas(grams, y, n_mixtures, seed):
    """Mean over targets of the least inner loss of a random search."""
    solvers = pytest.importorskip("himalaya.kernel_ridge")
    found = solvers.solve_multiple_kernel_ridge_random_search(
        np.stack(grams),
        y,
        n_iter=n_mixtures,
        alphas=PENALTIES,
        cv=KFold(5),
        fit_intercept=True,
        return_weights="dual",
        random_state=seed,
        progress_bar=False,
    )
    return -found[2].max(0).mean()


def refined(grams, y):
    folds = list(KFold(5).split(y))
    return refine_bands(grams, y, designed_mixtures(len(grams)), PENALTIES, folds).loss.mean()


@pytest.mark.parametrize("n_bands", [2, 3])
def test_the_mean_inner_loss_is_not_above_that_of_a_random_search_four_times_as_long(n_bands):
    grams, y = made_as_benchmarked(n_bands, 0)
    assert refined(grams, y) <= himalayas(grams, y, 4 * COUNT[n_bands], 0)


@pytest.mark.slow
@pytest.mark.parametrize("n_bands", [2, 3, 5])
@pytest.mark.parametrize("seed", range(10))
def test_the_same_for_every_seed_at_equal_and_four_times_the_length(n_bands, seed):
    grams, y = made_as_benchmarked(n_bands, seed)
    mine = refined(grams, y)
    for times in (1, 4):
        assert mine <= himalayas(grams, y, times * COUNT[n_bands], seed)


def test_refined_mixtures_are_never_worse_and_are_where_a_fine_grid_has_its_minimum(rng):
    bands, y = made(rng, 60)
    grams = [b @ b.T for b in bands]
    grams = [gram / scale for gram, scale in zip(grams, unit_scales(grams), strict=True)]
    folds = [(np.flatnonzero(np.arange(60) % 4 != f), np.arange(f, 60, 4)) for f in range(4)]
    alphas = np.logspace(-3, 4, 8)
    coarse = choose_bands(grams, y, designed_mixtures(2), alphas, folds)
    found = refine_bands(grams, y, designed_mixtures(2), alphas, folds)
    assert (found.loss <= coarse.loss).all()
    np.testing.assert_allclose(found.shares.sum(1), 1)
    share = np.r_[0, np.logspace(-4, -0.001, 60)]
    grid = np.concatenate([np.stack([share, 1 - share], 1), np.stack([1 - share, share], 1)])
    fine = choose_bands(grams, y, grid, np.logspace(-3, 4, 141), folds)
    assert (found.loss <= fine.loss * 1.002).all()
    assert (found.alpha >= 1e-3).all()
    assert (found.alpha <= 1e4).all()


def test_equal_weights_are_solved_once_and_as_different_ones_are(rng):
    grams = [x @ x.T for x in (rng.normal(size=(12, 3)), rng.normal(size=(12, 30)))]
    y, weights = rng.normal(size=(12, 4)), np.array([[1.0, 2], [0, 3], [1, 2], [0, 0]])
    found = solved(grams, y, weights)
    for t, (a, b) in enumerate(weights):
        slow = np.linalg.solve(a * grams[0] + b * grams[1] + np.eye(12), y[:, t])
        np.testing.assert_allclose(found[:, t], slow, atol=1e-10)


@pytest.mark.parametrize("size", [1e-9, 1e9])
def test_the_choice_does_not_depend_on_the_unit_of_the_target(size, rng):
    bands, y = made(rng)
    grams = [band @ band.T for band in bands]
    scales = unit_scales(grams)
    grams = [gram / scale for gram, scale in zip(grams, scales, strict=True)]
    folds = list(KFold(5).split(y))
    here, there = (
        refine_bands(grams, each, designed_mixtures(2), PENALTIES, folds) for each in (y, size * y)
    )
    np.testing.assert_allclose(there.loss, size**2 * here.loss, rtol=1e-9)
    np.testing.assert_allclose(there.weights, here.weights, rtol=1e-5)
