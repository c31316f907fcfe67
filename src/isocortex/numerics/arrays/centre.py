"""What values have in common is taken out before anything is multiplied.

A product of numbers near 1e6 that differ by 1 holds ten digits of what they share and six of
what tells them apart. Whatever a common offset does not change is therefore computed from
centred values, and centring is done so that the result, not the mean, is right to rounding.
"""

import numpy as np


def without_mean(values: np.ndarray, axis: int = 0) -> np.ndarray:
    """``values`` less their mean along an axis, right to the rounding of the result.

    The mean itself is rounded at the size of the values; a second mean, of what is left, takes
    that rounding out again.

    Parameters
    ----------
    values : array of float64
    axis : int, default=0

    Returns
    -------
    centred : array of the same shape
        Exactly zero where all values along the axis are the same.
    """
    # From the first value, constants leave exact zeros and neighbours exact differences.
    centred = values - values.take([0], axis=axis)
    centred -= centred.mean(axis=axis, keepdims=True)
    return centred


def without_common(values: np.ndarray, axis: int = -2) -> np.ndarray:
    """``values`` less one pattern that all of them share: what distances do not see.

    The same as :func:`without_mean`, for trials or conditions along ``axis``; distances,
    cross-validated or not, discriminants and contrasts are unchanged by it, and lose no digits
    to a large baseline.

    Parameters
    ----------
    values : array, shape (..., n_trials, n_units)
    axis : int, default=-2
    """
    return without_mean(values, axis)
