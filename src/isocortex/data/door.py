"""The door of every noun: what users hand in becomes plain numbers, or is refused in a sentence.

An index of pandas and coordinates of xarray come along as names and tables.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import array_api_compat
import numpy as np
import pandas as pd
from scipy import sparse

from isocortex.arrays import Array, is_lazy, namespace
from isocortex.choice import first_line, listed
from isocortex.data.sliced import SlicedMatrix, is_sliced
from isocortex.errors import InputError
from isocortex.memory import refuse_beyond


@dataclass(frozen=True)
class Given:
    """Numbers, and what their container says of each of their axes.

    Parameters
    ----------
    values : array
        Real floating-point numbers: numpy, torch, or lazy.
    names : tuple, optional
        Of the first axis, as an index gives them.
    tables : tuple of (DataFrame or None)
        What is known along each axis; empty where nothing is.
    labels : mapping
        What is true of all.
    times : array, optional
        In seconds, of an axis of times.
    """

    values: Array
    names: tuple[Any, ...] | None = None
    tables: tuple[pd.DataFrame | None, ...] = ()
    labels: Mapping[str, Any] = field(default_factory=dict)
    times: np.ndarray | None = None

    def table(self, axis: int) -> pd.DataFrame | None:
        """What is known along an axis, or None."""
        return self.tables[axis] if axis < len(self.tables) else None

    def column(self, names: Sequence[str]) -> np.ndarray | None:
        """The first of these columns that is known of the rows, or None."""
        table = self.table(0)
        known = [] if table is None else [name for name in names if name in table.columns]
        return table[known[0]].to_numpy() if table is not None and known else None


def given(values: Any, who: str, kinds: tuple[str, ...], gaps: bool = False) -> Given:
    """What a user hands in as the values of Responses, Trials, RDMs or a Gram.

    Parameters
    ----------
    values : array-like
        An array or tensor, a list, a DataFrame, a DataArray, a sparse matrix, a set of an HDF5
        or zarr file.
    who : str
        The noun.
    kinds : tuple of str
        What the axes are; a DataArray is brought into this order by the names of its dimensions.
    gaps : bool, default=False
        Whether what is masked may become NaN.

    Raises
    ------
    InputError
        If these are not real numbers, some are masked, or they are an object of ours already.
    """
    ours = type(values).__module__.startswith("isocortex.data.")
    if ours and not isinstance(values, pd.DataFrame):
        kind = type(values).__name__
        raise InputError(
            f"{who}: values is {kind} already, not an array. Use it as it is, change it with "
            f"replace(), or give the numbers alone: np.asarray(values)."
        )
    if isinstance(values, pd.DataFrame | pd.Series):
        from isocortex.data.frames import of_pandas

        return of_pandas(values, who)
    if is_xarray(values):
        from isocortex.data.xarrays import of_data_array

        return of_data_array(values, who, kinds)
    return Given(numeric(values, who, gaps))


def numeric(values: Any, who: str, gaps: bool = False) -> Array:
    """``values`` as a real floating array in the machine's byte order.

    What already is one, of numpy or torch or on disk, stays untouched.

    Raises
    ------
    InputError
        If it holds text, objects, dates or complex numbers, or some of it is masked.
    """
    if type(values) is np.ndarray and values.dtype.kind == "f":
        return _native(values)
    on_disk = is_lazy(values) or is_sliced(values)
    if on_disk and real_dtype(values.dtype, who) == "object":
        raise InputError(f"{who}: values on disk are objects ({values.dtype}), not numbers.")
    if is_lazy(values):
        return values
    if on_disk:
        return SlicedMatrix(values) if len(values.shape) == 2 else numeric(values[...], who)
    values = _array(values, who, gaps)
    kind = real_dtype(values.dtype, who)
    if kind == "float":
        return _native(values)
    if kind == "object":
        return _of_objects(values, who)
    xp = namespace(values)
    return xp.astype(values, xp.float64)


def _native(values: Array) -> Array:
    """In the byte order of this machine, where a file of MGH or SUN has the other."""
    if isinstance(values, np.ndarray) and not values.dtype.isnative:
        return values.astype(values.dtype.newbyteorder("="))
    return values


def real_dtype(dtype: Any, who: str) -> str:
    """``"float"``, ``"int"`` (or bool), or ``"object"``.

    Raises
    ------
    InputError
        If it is complex, text, dates or records.
    """
    kind = dtype.kind if isinstance(dtype, np.dtype) else None
    word = str(dtype)
    if kind == "c" or "complex" in word:
        raise InputError(
            f"{who}: Complex data not supported ({word}): values must be real numbers. Take "
            "what is meant: "
            "np.abs (amplitude), np.angle (phase), or .real and .imag as units of their own."
        )
    if kind == "f" or "float" in word:
        return "float"
    if kind in tuple("iub") or "int" in word or "bool" in word:
        return "int"
    if kind == "O":
        return "object"
    raise InputError(f"{who}: values must be real numbers, not {word}.")


def is_xarray(values: Any) -> bool:
    """Whether it is of xarray, without importing that."""
    return type(values).__module__.split(".")[0] == "xarray"


def check_unmasked(values: Any, who: str) -> None:
    """No entry of a masked array may be masked: numpy would use what lies under the mask.

    Raises
    ------
    InputError
        With their number.
    """
    if np.ma.isMaskedArray(values) and np.ma.is_masked(values):
        n_masked = int(np.ma.count_masked(values))
        raise InputError(
            f"{who}: {n_masked} of {values.size} entries are masked. Leave those rows or "
            "columns out, or fill them knowingly: values.filled(number)."
        )


def _array(values: Any, who: str, gaps: bool) -> Array:
    if np.ma.isMaskedArray(values):
        if gaps:
            return np.ma.filled(values.astype(np.float64), np.nan)
        check_unmasked(values, who)
        return np.asarray(values)
    if sparse.issparse(values) or getattr(values, "is_sparse", False) is True:
        return _dense(values, who)
    if array_api_compat.is_array_api_obj(values) and not array_api_compat.is_dask_array(values):
        return np.asarray(values) if array_api_compat.is_numpy_array(values) else values
    if isinstance(values, list | tuple):
        values = [_member(each, who) for each in values]
    try:
        return np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(
            f"{who}: values of type {type(values).__name__} are no array of numbers "
            f"({first_line(error)}). Are all rows of one length?"
        ) from error


def _dense(values: Any, who: str) -> Array:
    """A sparse matrix of scipy or torch with its zeros, if memory holds them."""
    n_bytes = math.prod(values.shape) * values.dtype.itemsize
    what = f"{who}: a sparse matrix of {' x '.join(map(str, values.shape))} needs, with its zeros,"
    refuse_beyond(n_bytes, what, "Take fewer rows or columns of it.")
    return values.toarray() if sparse.issparse(values) else values.to_dense()


def _member(row: Any, who: str) -> Any:
    """A member of a list, which must not lose a mask, an index or coordinates there."""
    if isinstance(row, list | tuple):
        return [_member(each, who) for each in row]
    if isinstance(row, pd.DataFrame | pd.Series) or is_xarray(row) or sparse.issparse(row):
        raise InputError(
            f"{who}: values are a list of {type(row).__name__}, whose labels a list does not "
            "bring together. Make one table of them first: pd.concat, xarray.concat or "
            "scipy.sparse.vstack."
        )
    check_unmasked(row, who)
    return row.detach().cpu().numpy() if array_api_compat.is_torch_array(row) else row


def _of_objects(values: Array, who: str) -> np.ndarray:
    """An object array of plain numbers, such as a table of mixed columns gives."""
    kinds = {type(each) for each in values.flat}
    foreign = [kind for kind in kinds if not issubclass(kind, bool | int | float | np.number)]
    if foreign or any(issubclass(kind, np.complexfloating) for kind in kinds):
        named = listed(sorted({kind.__name__ for kind in foreign} or {"complex"}))
        raise InputError(
            f"{who}: values must be real numbers, but this array of objects holds {named}."
        )
    return values.astype(np.float64)
