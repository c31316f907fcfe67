"""Weights of stimuli, as ``fit`` of our models takes them."""

from typing import Any

import numpy as np

from isocortex.errors import InputError


def checked_weights(weights: Any, n_rows: int, who: str) -> np.ndarray | None:
    """Weights as numbers from 0, or None where none were given.

    Raises
    ------
    InputError
        If one is negative or not finite, all are 0, or their number is not that of the rows.
    """
    if weights is None:
        return None
    try:
        found = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{who}: sample_weight needs {n_rows} numbers from 0, one for each row ({error})."
        ) from None
    found = np.full(n_rows, float(found)) if found.ndim == 0 else found
    if found.shape != (n_rows,) or not np.isfinite(found).all() or (found < 0).any():
        raise InputError(
            f"{who}: sample_weight needs {n_rows} numbers from 0, one for each row; it has shape "
            f"{found.shape}, from {found.min(initial=0):g} to {found.max(initial=0):g}."
        )
    if np.count_nonzero(found) < 2:
        raise InputError(
            f"{who}: sample_weight leaves {np.count_nonzero(found)} rows: Sample weights must "
            "contain at least one non-zero number, and a fit needs 2."
        )
    return found
