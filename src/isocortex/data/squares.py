"""Square tables of all pairs at the door: rows and columns meet by name."""

from typing import Any

import numpy as np
import pandas as pd

from isocortex.arrays import n_of_pairs, pairs_of
from isocortex.choice import listed
from isocortex.data.door import Given, given, is_xarray
from isocortex.data.frames import STIMULUS, index_names, is_plain
from isocortex.data.names import positions
from isocortex.data.plain import plain_names
from isocortex.errors import InputError, MisalignedError


def square(values: Any, who: str, kinds: tuple[str, ...], gaps: bool = False) -> Given:
    """Square matrices, one or a stack, with the names that rows and columns agree in.

    A table that is not square stays as it is: dissimilarities of pairs, say.

    Parameters
    ----------
    values : array-like, DataFrame, DataArray, or list of these
    who : str
        The noun.
    kinds : tuple of str
        What the axes are, the last two being those of the matrix.
    gaps : bool, default=False
        Whether what is masked may become NaN.

    Returns
    -------
    Given
        ``names`` are those of the last two axes, ``table(0)`` is that of the stack.

    Raises
    ------
    MisalignedError
        If rows and columns, or two matrices, name different stimuli.
    """
    if isinstance(values, list | tuple) and any(_is_labelled(each) for each in values):
        return _stack([square(each, who, kinds[-2:], gaps) for each in values], who)
    if isinstance(values, pd.DataFrame) and values.shape[0] == values.shape[1]:
        found = given(values, who, kinds, gaps)
        sides = [None if is_plain(axis) else index_names(axis) for axis in values.axes]
        if None in sides:
            named = sides[0] or sides[1] or index_names(values.index)
            return Given(found.values, plain_names(named, who))
        return _agreed(found, sides, None, who)
    found = given(values, who, kinds, gaps)
    if is_xarray(values):
        return _of_xarray(found, who)
    if isinstance(values, pd.DataFrame | pd.Series) and _names_pairs(values):
        raise InputError(
            f"{who}: the labels of a table of pairs do not say in which order its stimuli are. "
            "Give the square table, or plain numbers and stimuli=."
        )
    return Given(found.values, None, found.tables[:1] if found.values.ndim == 2 else ())


def _is_labelled(values: Any) -> bool:
    return isinstance(values, pd.DataFrame) or is_xarray(values)


def _names_pairs(values: "pd.DataFrame | pd.Series") -> bool:
    return not is_plain(values.index if isinstance(values, pd.Series) else values.columns)


def _of_xarray(found: Given, who: str) -> Given:
    """Of a DataArray: names are the coordinates of the last two axes."""
    if found.values.ndim < 2 or found.values.shape[-1] != found.values.shape[-2]:
        return Given(found.values, None, found.tables[:1], found.labels)
    above = found.table(0) if found.values.ndim == 3 else None
    sides = [_side(table) for table in found.tables[-2:]]
    if None in sides:
        named = sides[0] or sides[1]
        names = None if named is None else plain_names(named, who)
        return Given(found.values, names, (above,), found.labels)
    return _agreed(found, sides, above, who)


def _side(table: pd.DataFrame | None) -> tuple[Any, ...] | None:
    if table is None:
        return None
    known = [name for name in (*STIMULUS, "other") if name in table.columns]
    return tuple(table[known[0]]) if known else tuple(table.iloc[:, 0])


def _agreed(found: Given, sides: list[Any], above: pd.DataFrame | None, who: str) -> Given:
    """Columns in the order of the rows."""
    rows, columns = (plain_names(side, who) for side in sides)
    order = _order(columns, rows, f"{who}: the columns")
    return Given(found.values[..., order], rows, (above,), found.labels)


def _stack(parts: list[Given], who: str) -> Given:
    names = parts[0].names
    if names is None or any(part.names is None for part in parts):
        raise InputError(
            f"{who}: some of these {len(parts)} matrices name their stimuli and others do not. "
            "Name those of all, or give plain arrays and stimuli=."
        )
    values = []
    for i, part in enumerate(parts):
        order = _order(part.names or (), names, f"{who}: matrix {i}")
        values.append(part.values[np.ix_(order, order)])
    return Given(np.stack(values), names)


def _order(names: tuple[str, ...], wanted: tuple[str, ...], who: str) -> np.ndarray:
    odd = set(names) ^ set(wanted)
    if odd or len(set(names)) < len(names):
        raise MisalignedError(
            f"{who} must name the same stimuli as the rows of the first, each once; they differ in "
            f"{listed(sorted(odd)) or 'names that occur twice'}."
        )
    return positions(names, wanted, who)


def condensed(array: np.ndarray, n_names: int | None) -> np.ndarray:
    """Square or condensed input, one or a stack, as (n_rdms, n_pairs)."""
    square = array.ndim >= 2 and array.shape[-1] == array.shape[-2]
    if array.ndim == 2 and square and n_names is not None and n_names != array.shape[0]:
        square = n_names * (n_names - 1) // 2 != array.shape[1]  # n_rdms happens to be n_pairs
    if array.ndim == 3 or (array.ndim == 2 and square):
        return _from_square(array.reshape(-1, *array.shape[-2:]))
    if array.ndim not in (1, 2):
        raise InputError(
            "RDMs.from_arrays needs shape (n, n), (n_rdms, n, n), (n_pairs,) or "
            f"(n_rdms, n_pairs), not {array.shape}."
        )
    array = np.atleast_2d(array)
    try:
        n_of_pairs(array.shape[1])
    except InputError as error:
        raise InputError(
            f"RDMs.from_arrays: the array of shape {array.shape} is not square, and {error}"
        ) from None
    return array


def _from_square(squares: np.ndarray) -> np.ndarray:
    if squares.shape[1] != squares.shape[2]:
        raise InputError(f"RDMs.from_arrays needs square matrices, not {squares.shape[1:]}.")
    transposed = squares.transpose(0, 2, 1)
    known = np.where(np.isnan(squares) | np.isnan(transposed), 0.0, squares)
    scale = np.abs(known).max(axis=(1, 2), initial=0.0)
    skew = np.abs(known - known.transpose(0, 2, 1)).max(axis=(1, 2), initial=0.0)
    diagonal = np.abs(np.diagonal(known, axis1=1, axis2=2)).max(axis=1, initial=0.0)
    for excess, fault in ((skew, "not symmetric"), (diagonal, "not zero on the diagonal")):
        bad = np.nonzero(excess > 1e-6 * scale)[0]
        if len(bad):
            raise InputError(
                f"RDMs.from_arrays: {len(bad)} of {len(squares)} matrices are {fault}, the first "
                f"at {bad[0]} (off by {excess[bad[0]]:.3g}). A dissimilarity matrix is symmetric "
                f"with a zero diagonal; {_likely(known[bad[0]])}"
            )
    rows, columns = pairs_of(squares.shape[1])
    above, below = squares[:, rows, columns], transposed[:, rows, columns]
    # What one side alone knows is known: a triangle has NaN on the other.
    both = (above + below) / 2
    return np.where(np.isnan(above), below, np.where(np.isnan(below), above, both))


def _likely(matrix: np.ndarray) -> str:
    """What a matrix may be that is not symmetric, or not zero on its diagonal."""
    if not np.triu(matrix, 1).any() or not np.tril(matrix, -1).any():
        return "of a triangle with zeros on the other side, give matrix + matrix.T."
    return "is this a similarity matrix, or cross-validated?"
