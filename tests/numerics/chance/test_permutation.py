import numpy as np
import pytest

from isocortex.numerics.chance.multiple import max_p
from isocortex.numerics.chance.permutation import n_reaching, permutation_p


def test_p_counts_the_data_among_the_permutations():
    null = np.array([0.1, 0.2, 0.3, 0.4])
    assert permutation_p(np.array(0.5), null) == pytest.approx(1 / 5)
    assert permutation_p(np.array(0.3), null) == pytest.approx(3 / 5)
    assert permutation_p(np.array(0.1), null, "less") == pytest.approx(2 / 5)
    assert permutation_p(np.array(0.5), null, "two_sided") == pytest.approx(2 / 5)
    assert permutation_p(np.array(0.25), null, "two_sided") == 1.0
    assert np.isnan(permutation_p(np.array(np.nan), null))


@pytest.mark.parametrize("scale", [1e-24, 1.0, 1e9])
def test_ties_count_whatever_the_unit(scale):
    null = scale * np.array([0.1 + 0.2, 0.3, -0.1, 0.29])
    assert n_reaching(np.array(scale * 0.3), null) == 2
    assert permutation_p(np.array(scale * 0.3), null) == pytest.approx(3 / 5)
    assert max_p(np.array([scale * (0.1 + 0.2)]), null)[0] == pytest.approx(3 / 5)


def test_a_tie_at_zero_is_judged_by_the_size_of_the_null():
    null = np.array([0.5, -1e-17, 1e-17, -0.5])
    assert n_reaching(np.array(0.0), null) == 3


def test_what_is_undefined_counts_against_the_score():
    assert n_reaching(np.array(0.9), np.array([np.nan, 0.1, np.nan])) == 2
