"""Graphs of space and time, and clusters of many maps at once."""

import numpy as np
import pytest
from scipy import ndimage, sparse

from isocortex.numerics.chance.graph import (
    SUMMED,
    Graph,
    clusters_of,
    graph_of,
    largest_sum,
    sides,
    with_chains,
)

POINT = Graph(1, *np.empty((2, 0), dtype=np.intp))


def neighbours(graph):
    pairs = np.sort(np.column_stack([graph.first, graph.second]), 1)
    return sorted(map(tuple, pairs.tolist()))


def test_units_at_times_are_the_kronecker_sum(rng):
    matrix = sparse.random_array((6, 6), density=0.4, rng=rng) != 0
    matrix = (matrix + matrix.T).tocsr()
    chain = sparse.diags_array([np.ones(3), np.ones(3)], offsets=[-1, 1])
    both = sparse.kron(matrix, sparse.eye_array(4)) + sparse.kron(sparse.eye_array(6), chain)
    expected = graph_of(sparse.csr_array(both))
    assert neighbours(with_chains(graph_of(matrix), [4])) == neighbours(expected)


def test_two_axes_of_time_are_a_grid():
    labels, n = ndimage.label(np.eye(3) + np.eye(3, k=1))
    which, found = clusters_of(
        (labels > 0).astype(np.int8).reshape(1, -1), with_chains(POINT, (3, 3))
    )
    assert found == n
    np.testing.assert_array_equal(which + 1, labels[labels > 0])


def test_a_part_keeps_the_neighbours_that_are_left():
    part = with_chains(POINT, [6]).take(np.array([1, 1, 0, 1, 1, 1], dtype=bool))
    assert neighbours(part) == [(0, 1), (2, 3), (3, 4)]


@pytest.mark.parametrize("tail", [-1, 0, 1])
@pytest.mark.parametrize("statistic", SUMMED)
def test_the_largest_of_many_rows_is_that_of_each(rng, tail, statistic):
    t = np.cumsum(rng.normal(size=(9, 50)), 1)
    slow = []
    for row in t:
        sums = [0.0]
        for sign in {1, -1} if tail == 0 else {tail}:
            labels, n = ndimage.label(sign * row > 1.5)
            for k in range(1, n + 1):
                inside = np.abs(row[labels == k])
                sums.append(
                    {"mass": inside, "excess": inside - 1.5, "size": inside > 0}[statistic].sum()
                )
        slow.append(max(sums))
    found = largest_sum(t, with_chains(POINT, [50]), 1.5, tail, statistic)
    np.testing.assert_allclose(found, slow)


def test_neighbours_on_two_sides_are_two_clusters():
    t = np.array([[3.0, -3.0, -4.0]])
    graph = with_chains(POINT, [3])
    assert clusters_of(sides(t, 2, 0), graph)[1] == 2
    np.testing.assert_array_equal(largest_sum(t, graph, 2, 0, "mass"), [7.0])
    np.testing.assert_array_equal(largest_sum(t, graph, 3, 0, "mass"), [4.0])  # beyond, not at


@pytest.mark.parametrize(
    ("tail", "expected"), [(1, [1, 0, 0, 0, 0]), (-1, [0, 0, 0, 0, -1]), (0, [1, 0, 0, 0, -1])]
)
def test_a_value_at_the_threshold_is_on_no_side(tail, expected):
    assert sides(np.array([2.5, 2.0, 0.0, -2.0, -2.5]), 2.0, tail).tolist() == expected
