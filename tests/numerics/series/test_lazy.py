from functools import partial

import numpy as np

from isocortex.arrays import column_blocks, is_lazy
from isocortex.numerics.arrays.gram import gram
from isocortex.numerics.arrays.products import Products
from isocortex.numerics.series.delays import shifts
from isocortex.numerics.series.lazy import DelayedMatrix, ResampledMatrix
from isocortex.numerics.series.resampling import Bins, Resampling, lanczos


def matrix(rng, rows=None):
    x = rng.normal(size=(30, 6)) + 1
    spans = [slice(0, 12), slice(12, 30)]
    return DelayedMatrix(x, spans, shifts([1, 2, -1]), partial(gram, x), rows)


def test_any_rows_and_columns_are_those_of_the_whole(rng):
    lazy = matrix(rng)
    whole = np.asarray(lazy)
    assert is_lazy(lazy)
    assert lazy.shape == whole.shape == (30, 18)
    np.testing.assert_allclose(lazy[:, 4:9], whole[:, 4:9], atol=1e-14)
    np.testing.assert_allclose(lazy[[3, 1], [7]], whole[[3, 1]][:, [7]], atol=1e-14)
    np.testing.assert_allclose(lazy[5], whole[5], atol=1e-14)
    np.testing.assert_allclose(lazy[:, 2], whole[:, 2], atol=1e-14)
    np.testing.assert_allclose(lazy[::2, ::5], whole[::2, ::5], atol=1e-14)
    blocks = [block for _, block in column_blocks(lazy, 5)]
    np.testing.assert_allclose(np.hstack(blocks), whole, atol=1e-14)


def test_some_rows_know_what_came_before_them(rng):
    lazy = matrix(rng)
    part = lazy.of_rows(np.array([13, 5, 29])).of_rows(np.array([2, 0]))
    np.testing.assert_allclose(np.asarray(part), np.asarray(lazy)[[29, 13]], atol=1e-14)
    found = Products.of_vectors(*part.kept_gram(), n_units=18)
    z = np.asarray(part)
    np.testing.assert_allclose(found.raw(), z @ z.T, atol=1e-13)
    np.testing.assert_allclose(found.row_means(), z.mean(1), atol=1e-14)


def test_resampled_columns_are_made_as_they_are_read(rng):
    x, starts = rng.normal(size=(50, 4)), 2.0 * np.arange(10)
    weights = lanczos(rng.uniform(0, 20, 50), Bins(starts, starts + 1, 2.0))
    lazy = ResampledMatrix(x, Resampling(weights, [np.arange(10)], np.zeros(10, dtype=bool)))
    np.testing.assert_allclose(np.asarray(lazy), weights @ x, atol=1e-14)
    np.testing.assert_allclose(lazy[2:5, 1:3], np.asarray(lazy)[2:5, 1:3], atol=1e-14)
