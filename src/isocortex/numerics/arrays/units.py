"""A unit for each row in which squares neither overflow nor vanish."""

import numpy as np

_FAR = 400
"""Binary exponents between whose negative and itself numbers have squares with all digits."""


def in_own_units(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose numbers are all tiny, or partly huge, in a unit that is a power of two.

    Parameters
    ----------
    rows : array, shape (n_rows, n_values)

    Returns
    -------
    scaled : array, shape (n_rows, n_values)
        The same array where nothing is to be done, which is mostly so.
    exponents : integer array, shape (n_rows,)
        Rows are ``ldexp(scaled, exponents[:, None])``.
    """
    largest = np.maximum(rows.max(1, initial=0.0), -rows.min(1, initial=0.0))
    exponents = np.frexp(largest)[1]
    exponents = np.where(np.abs(exponents) > _FAR, exponents, 0)
    if not exponents.any():
        return rows, exponents
    return np.ldexp(rows.astype(np.float64), -exponents[:, None]), exponents
