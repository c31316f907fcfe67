"""Rows that a user asks for: positions, or a mask with one entry for each row."""

from typing import Any

import numpy as np

from isocortex.arrays import as_numpy
from isocortex.choice import counted
from isocortex.data.door import check_unmasked
from isocortex.errors import InputError


def chosen_rows(rows: Any, n_rows: int, who: str, what: str = "stimuli") -> np.ndarray:
    """Positions, of positions or of a boolean mask.

    Parameters
    ----------
    rows : array of int or bool, shape (n,) or (n_rows,); slice
        Positions may count from the end; where a mask is true, a row is taken.
    n_rows : int
        How many there are.
    who, what : str
        The noun's method and its rows, for the error.

    Raises
    ------
    InputError
        If a mask has another length, a position lies outside, or these are neither.
    """
    if isinstance(rows, slice):
        return np.arange(n_rows)[rows]
    check_unmasked(rows, who)
    found = np.asarray(as_numpy(rows))
    if found.dtype == object and found.size and all(isinstance(r, bool | np.bool_) for r in found):
        found = found.astype(bool)
    if found.ndim != 1:
        raise InputError(
            f"{who} needs a list of positions or a mask, not "
            f"{f'the single value {rows!r}' if found.ndim == 0 else f'shape {found.shape}'}. "
            "(A tuple of names compared with one name is a single False: compare "
            "np.array(names).)"
        )
    if found.dtype == bool:
        if len(found) != n_rows:
            raise InputError(
                f"{who}: the mask has {counted(len(found), 'entry')} for {n_rows} {what}; it needs "
                "one for "
                "each."
            )
        return np.nonzero(found)[0]
    if not len(found):
        return np.empty(0, dtype=np.intp)
    if found.dtype.kind not in "iu":
        raise InputError(
            f"{who} takes integer positions or a boolean mask, not {found.dtype} such as "
            f"{found[0]!r}."
        )
    if found.min() < -n_rows or found.max() >= n_rows:
        raise InputError(
            f"{who}: there are {n_rows} {what}, but positions go from {found.min()} to "
            f"{found.max()}."
        )
    return found.astype(np.intp)
