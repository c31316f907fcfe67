import numpy as np
from scipy.stats import rankdata

from isocortex.numerics.arrays.ranks import midranks


def test_equals_scipy_with_and_without_ties(rng):
    for values in (rng.normal(size=(5, 40)), rng.integers(0, 6, size=(5, 40)), np.ones((2, 3))):
        np.testing.assert_array_equal(midranks(values), rankdata(values, axis=1))
