import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.spatial import procrustes
from scipy.spatial.distance import pdist, squareform

from isocortex.numerics.arrays.mds import classical_scaling, scaling_with_gaps


def test_points_of_a_plane_come_back(rng):
    points = rng.normal(size=(12, 2))
    found, kept = classical_scaling(squareform(pdist(points)), 2)
    _, _, disparity = procrustes(points, found)
    assert disparity < 1e-20
    np.testing.assert_allclose(pdist(found), pdist(points))
    np.testing.assert_allclose(kept.sum(), 1)


def test_kept_is_the_share_of_variance(rng):
    points = rng.normal(size=(30, 5))
    _, kept = classical_scaling(squareform(pdist(points)), 5)
    variances = np.linalg.svd(points - points.mean(0), compute_uv=False) ** 2
    np.testing.assert_allclose(kept, variances / variances.sum())


def test_the_picture_does_not_flip(rng):
    d = squareform(pdist(rng.normal(size=(9, 3))))
    points, _ = classical_scaling(d, 2)
    assert (points[np.abs(points).argmax(0), [0, 1]] > 0).all()
    order = rng.permutation(9)
    again, _ = classical_scaling(d[np.ix_(order, order)], 2)
    np.testing.assert_allclose(again, points[order], atol=1e-10)


def test_equal_stimuli_fall_together():
    points, kept = classical_scaling(np.zeros((4, 4)), 2)
    assert not points.any()
    assert not kept.any()


def test_with_gaps_distances_are_nearest_to_what_is_known(rng):
    points = rng.normal(size=(12, 2))
    d = np.linalg.norm(points[:, None] - points, axis=2)
    lost = np.triu(rng.random(d.shape) < 0.3, 1)
    d[lost | lost.T] = np.nan
    found, stress = scaling_with_gaps(d, 2)
    again = np.linalg.norm(found[:, None] - found, axis=2)
    known = np.isfinite(d)
    assert stress == pytest.approx(
        np.sqrt(((d - again)[known] ** 2).sum() / (d[known] ** 2).sum()), abs=1e-6
    )
    # No step from there is downhill.
    step = minimize(_squares, found.ravel(), args=(d, known)).fun
    assert _squares(found.ravel(), d, known) == pytest.approx(step, abs=1e-8)


def _squares(flat, d, known):
    points = flat.reshape(len(d), 2)
    apart = np.sqrt(((points[:, None] - points) ** 2).sum(2) + 1e-14)
    return ((d - apart)[known] ** 2).sum() / (d[known] ** 2).sum()
