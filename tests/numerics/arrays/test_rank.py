import numpy as np
import pytest

from isocortex.numerics.arrays.rank import axes_kept, least_singular, least_variance


@pytest.mark.parametrize("rank", [1, 3, 9])
@pytest.mark.parametrize("offset", [0.0, 1e3])
def test_axes_of_a_centred_gram_are_as_many_as_the_rank(rank, offset, rng):
    x = rng.normal(size=(20, rank)) @ rng.normal(size=(rank, 50)) + offset
    raw = x @ x.T
    centring = np.eye(20) - 1 / 20
    variances = np.linalg.eigvalsh(centring @ raw @ centring)[::-1]
    assert axes_kept(variances, 20, np.abs(raw).max()).sum() == rank


def test_centred_rows_have_one_axis_less_than_rows():
    assert axes_kept(np.ones(5), 5).tolist() == [True] * 4 + [False]
    assert axes_kept(np.ones(1), 1).tolist() == [False]


def test_a_share_leaves_small_axes_out():
    variances = np.array([1.0, 1e-3, 1e-11, 0.0])
    assert axes_kept(variances, 9).sum() == 3
    assert axes_kept(variances, 9, share=1e-10).sum() == 2


@pytest.mark.parametrize("shape", [(30, 8), (8, 30)])
def test_ranks_of_values_agree_with_numpy(shape, rng):
    x = rng.normal(size=(shape[0], 4)) @ rng.normal(size=(4, shape[1]))
    singular = np.linalg.svd(x, compute_uv=False)
    kept = (singular > least_singular(singular[0], shape)).sum()
    assert kept == np.linalg.matrix_rank(x) == 4


def test_the_limit_grows_with_what_was_centred_away():
    assert least_variance(1.0, 10, 1e9) > least_variance(1.0, 10)
    assert least_variance(-1.0, 10) == 0
