import pytest

import isocortex as ic
from isocortex.arrays import n_of_pairs


@pytest.mark.parametrize("n", [1, 2, 3, 92, 10_001, 2**20 + 1])
def test_the_number_of_things_from_the_number_of_their_pairs(n):
    assert n_of_pairs(n * (n - 1) // 2) == n


@pytest.mark.parametrize("n_pairs", [2, 4, 5, 3 * 10**9 + 1])
def test_what_is_no_number_of_pairs(n_pairs):
    with pytest.raises(ic.InputError, match=r"is not a number of pairs n\(n-1\)/2"):
        n_of_pairs(n_pairs)
