import numpy as np
import pytest

import isocortex as ic
from isocortex.arrays import n_of_pairs, pairs_of


@pytest.mark.parametrize("n", [1, 2, 3, 92, 10_001, 2**20 + 1])
def test_the_number_of_things_from_the_number_of_their_pairs(n):
    assert n_of_pairs(n * (n - 1) // 2) == n


@pytest.mark.parametrize("n_pairs", [2, 4, 5, 3 * 10**9 + 1])
def test_what_is_no_number_of_pairs(n_pairs):
    with pytest.raises(ic.InputError, match=r"is not a number of pairs n\(n-1\)/2"):
        n_of_pairs(n_pairs)


@pytest.mark.parametrize("n", [0, 1, 2, 7, 256, 257])
def test_pairs_are_those_of_the_upper_triangle_and_kept_for_few_things(n):
    for kept, wanted in zip(pairs_of(n), np.triu_indices(n, 1), strict=True):
        np.testing.assert_array_equal(kept, wanted)
    if n <= 256:
        assert pairs_of(n)[0] is pairs_of(n)[0]
        with pytest.raises(ValueError, match="read-only"):
            pairs_of(n)[1][:] = 0
