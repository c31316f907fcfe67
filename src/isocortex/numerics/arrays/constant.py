"""One rule for "constant": what varies no more than rounding does, varies not at all."""

import numpy as np

UNITS_OF_ROUNDING = 8
"""How many roundings of the largest value a deviation must exceed."""


def is_rounding(
    deviation: np.ndarray, size: np.ndarray | float, dtype: np.typing.DTypeLike = np.float64
) -> np.ndarray:
    r"""Whether deviations are rounding of values that large, :math:`d \le 8 \epsilon |x|`.

    Parameters
    ----------
    deviation : array
        A standard deviation, a largest deviation from the mean, or a range: per value, not
        summed over values.
    size : array
        The largest absolute value that went in, of the same shape.
    dtype : data type, default=float64
        Of the values that went in.

    Returns
    -------
    boolean array
    """
    return deviation <= UNITS_OF_ROUNDING * np.finfo(dtype).eps * size


def is_constant(values: np.ndarray, axis: int | tuple[int, ...] = 0) -> np.ndarray:
    """Whether values do not vary along an axis, to rounding.

    Parameters
    ----------
    values : array
    axis : int or tuple of int, default=0

    Returns
    -------
    boolean array
        Without that axis.
    """
    low, high = values.min(axis), values.max(axis)
    return is_rounding(high - low, np.maximum(np.abs(low), np.abs(high)))
