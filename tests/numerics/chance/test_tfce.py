"""Enhancement against the integral taken component by component, and the sums of others."""

import numpy as np
import pytest
from scipy import ndimage, sparse
from scipy.sparse.csgraph import connected_components

from isocortex.numerics.chance import compiled, tfce
from isocortex.numerics.chance.graph import Graph


def grid(shape):
    """Each point and the next along every axis."""
    places = np.arange(np.prod(shape)).reshape(shape)
    pairs = [
        (np.take(places, range(n - 1), axis).ravel(), np.take(places, range(1, n), axis).ravel())
        for axis, n in enumerate(shape)
    ]
    return Graph(places.size, *(np.concatenate(each) for each in zip(*pairs, strict=True)))


def components(graph, on):
    matrix = sparse.coo_array(
        (np.ones(len(graph.first)), (graph.first, graph.second)), shape=(graph.n, graph.n)
    ).tocsr()
    labels = connected_components(matrix[on][:, on], directed=False)[1]
    return np.bincount(labels)[labels]


def slow(t, graph, extent, height, tail=0):
    """Between two heights that occur components stay as they are."""
    found = np.zeros(len(t))
    for sign in (1, -1) if tail == 0 else (tail,):
        below = 0.0
        for h in np.unique(sign * t)[np.unique(sign * t) > 0]:
            on = np.flatnonzero(sign * t >= h)
            part = (h ** (height + 1) - below ** (height + 1)) / (height + 1)
            found[on] += sign * components(graph, on) ** extent * part
            below = h
    return found


def smooth(rng, shape, ties=False):
    t = 8 * ndimage.gaussian_filter(rng.normal(size=shape), 0.8).ravel()
    return np.round(t) if ties else t


def by_scipy(t, graph, extent, height, tail):
    side, level = tfce._raised(t, height, tail)
    return side * tfce.by_spanning_tree(side, level, graph, extent)


def uncompiled(t, graph, extent, height, tail):
    side, level = tfce._raised(t, height, tail)
    falling = tfce._falling(side, level)
    return side * compiled.enhanced_map(*falling, *graph.rows, tfce._power(graph.n, extent))


WAYS = {"as installed": tfce.enhanced, "SciPy": by_scipy, "plain Python": uncompiled}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("shape", [(7, 6, 5), (40,), (8, 9), (2,), (1,)])
def test_every_way_is_the_integral(rng, way, ties, shape):
    graph, t = grid(shape), smooth(rng, shape, ties)
    for extent, height, tail in ((0.5, 2, 0), (1, 2, 1), (0.5, 1, -1)):
        expected = slow(t, graph, extent, height, tail)
        found = WAYS[way](t, graph, extent, height, tail)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-11)


def test_a_point_without_neighbours_and_maps_without_a_point_above(rng):
    alone = Graph(5, *np.empty((2, 0), dtype=np.intp))
    t = rng.normal(size=5)
    for way in WAYS.values():
        np.testing.assert_allclose(way(t, alone, 0.5, 2, 0), np.sign(t) * np.abs(t) ** 3 / 3)
        np.testing.assert_array_equal(way(np.zeros(5), alone, 0.5, 2, 0), 0)
        np.testing.assert_array_equal(way(-np.abs(t), alone, 0.5, 2, 1), 0)


@pytest.mark.parametrize("with_numba", [True, False])
def test_the_largest_of_each_row_is_that_of_its_map(rng, with_numba, monkeypatch):
    if not with_numba:
        monkeypatch.setattr(tfce, "kernels", lambda: None)
    graph = grid((6, 7, 5))
    rows = np.stack([smooth(rng, (6, 7, 5), ties) for ties in (False, True, False)])
    for tail in (-1, 0, 1):
        expected = [np.abs(slow(row, graph, 0.5, 2, tail)).max() for row in rows]
        found = tfce.largest_enhanced(rows, graph, 0.5, 2, tail)
        np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_compiled_and_uncompiled_agree_on_a_large_map(rng):
    pytest.importorskip("numba")
    graph = grid((25, 25, 20))
    t = 3 * ndimage.gaussian_filter(rng.normal(size=(25, 25, 20)), 1).ravel()
    np.testing.assert_allclose(
        tfce.enhanced(t, graph, 0.5, 2, 0), by_scipy(t, graph, 0.5, 2, 0), rtol=1e-10, atol=1e-12
    )


def test_a_t_that_is_infinite_after_a_flip_leaves_no_nan():
    graph = grid((4,))
    t = np.array([np.inf, 2.0, 1.0, -np.inf])
    assert np.isfinite(tfce.enhanced(t, graph, 0.5, 2, 0)).all()
    assert np.isfinite(tfce.largest_enhanced(t[None], graph, 0.5, 2, 0)).all()


def steps(t, graph, heights, weights, inclusive):
    """What a sum over thresholds gives: weight * size ** 0.5, on both sides."""
    found = np.zeros(len(t))
    for sign in (1, -1):
        for h, weight in zip(heights, weights, strict=True):
            on = np.flatnonzero((sign * t >= h) if inclusive else (sign * t > h))
            if len(on):
                found[on] += sign * weight * components(graph, on) ** 0.5
    return found


def test_mne_sums_over_steps_and_this_is_its_limit(rng):
    cluster_level = pytest.importorskip("mne.stats.cluster_level")
    shape = (6, 5, 4)
    graph, t = grid(shape), smooth(rng, (6, 5, 4))
    heights = np.arange(0, np.abs(t).max(), 0.2)
    widths = np.diff(heights, prepend=0.0)
    matrix = sparse.coo_array(
        (np.ones(len(graph.first)), (graph.first, graph.second)), shape=(graph.n, graph.n)
    )
    _, theirs = cluster_level._find_clusters(
        t, {"start": 0, "step": 0.2}, tail=0, adjacency=matrix + matrix.T
    )
    formula = steps(t, graph, heights, widths * heights**2, inclusive=False)
    np.testing.assert_allclose(theirs, np.abs(formula))
    exact = tfce.enhanced(t, graph, 0.5, 2, 0)
    fine = np.arange(0, np.abs(t).max(), 0.01)
    limit = steps(t, graph, fine, np.diff(fine, prepend=0.0) * fine**2, inclusive=False)
    assert np.abs(limit - exact).max() < 0.003 * np.abs(exact).max()
    assert np.abs(formula - exact).max() > 0.003 * np.abs(exact).max()


def test_nilearn_sums_a_hundred_steps_undivided(rng):
    utils = pytest.importorskip("nilearn.mass_univariate._utils")
    shape = (6, 5, 4)
    graph, t = grid(shape), smooth(rng, shape)
    theirs = utils.calculate_tfce(
        t.reshape(*shape, 1).copy(), ndimage.generate_binary_structure(3, 1)
    )
    heights = np.linspace(0, np.abs(t).max(), 101)[1:]
    formula = steps(t, graph, heights, heights**2, inclusive=True)
    np.testing.assert_allclose(theirs.ravel(), formula, rtol=1e-6, atol=1e-6)
    # So it is the integral over the width of a step, which is another in every map.
    exact = tfce.enhanced(t, graph, 0.5, 2, 0) / (np.abs(t).max() / 100)
    assert np.corrcoef(exact, formula)[0, 1] > 0.999
