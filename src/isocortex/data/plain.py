"""Names as they come from files and tables, made plain text in one normal form of Unicode."""

import unicodedata
from collections.abc import Iterable
from typing import Any

import array_api_compat
import numpy as np
import pandas as pd

from isocortex.arrays import as_numpy
from isocortex.choice import listed
from isocortex.data.door import check_unmasked, is_xarray
from isocortex.data.unnamed import Unnamed
from isocortex.errors import InputError, warn

_PLAIN = frozenset((str, Unnamed))


def plain_name(name: object) -> str:
    """One name as text, composed (NFC), so that what looks the same is the same.

    Bytes are decoded, and a MATLAB cell (an array of one entry) gives what is in it.

    Raises
    ------
    InputError
        If bytes are no UTF-8.
    """
    if isinstance(name, Unnamed):
        return name
    while isinstance(name, np.ndarray) and name.size == 1:
        name = name.reshape(-1)[0]
    if isinstance(name, bytes):
        try:
            name = name.decode("utf8")
        except UnicodeDecodeError as error:
            raise InputError(
                f"The name {name!r} is not written in UTF-8; decode it first, such as "
                "name.decode('latin-1')."
            ) from error
    return unicodedata.normalize("NFC", str(name))


def plain_names(names: Iterable[object], who: str) -> tuple[str, ...]:
    """Names of rows as plain text.

    Beside lists: columns and indices of pandas, coordinates, arrays of bytes (h5py), tensors,
    cells and char matrices of MATLAB, whose blanks at the end are no part of the names.

    Raises
    ------
    InputError
        If it is a single string or no list, or a name is missing.
    """
    listed_names = list_of_names(names, who)
    if _PLAIN.issuperset(map(type, listed_names)) and all(map(str.isascii, listed_names)):
        return tuple(listed_names)
    missing = [i for i, name in enumerate(listed_names) if _is_missing(name)]
    if missing:
        raise InputError(
            f"{who}: the names of {len(missing)} of {len(listed_names)} rows are missing (NaN or "
            f"None): rows {listed(missing)}. Name them, or leave these rows out."
        )
    for row, name in enumerate(listed_names):
        if not isinstance(name, str | tuple) and np.size(name) != 1:
            raise InputError(
                f"{who}: a name is text or a number, but that of row {row} is {_kind(name)}. Were "
                "names and values given in each other's place?"
            )
    return tuple(plain_name(name) for name in listed_names)


def _kind(name: Any) -> str:
    shape = getattr(name, "shape", None)
    kind = type(name).__name__
    return f"a {kind} of {len(name)}" if shape is None else f"an array of shape {tuple(shape)}"


def trial_names(names: Iterable[object] | None, who: str) -> tuple[str, ...]:
    """The stimulus of each trial as plain text; two spellings of one are said.

    Raises
    ------
    InputError
        If there are none, or one is missing.
    """
    if names is None:
        raise InputError(
            f"{who} needs the stimulus of each trial: stimuli=, an index of a DataFrame that names "
            "them, or a coordinate such as 'stimulus', 'condition' or 'image_id' of a DataArray."
        )
    given = letters_or_names(names, who)
    alike = spellings(given)
    if alike:
        warn(
            f"{who}: {listed(alike)} are written composed and decomposed in Unicode among the "
            "stimuli; trials of both are taken for one stimulus."
        )
    return plain_names(given, who)


def letters_or_names(names: Iterable[object], who: str) -> list[Any]:
    """The names as they were given; the letters of a string are as many names."""
    return list(names) if isinstance(names, str) else list_of_names(names, who)


def spellings(names: Iterable[object]) -> list[str]:
    """Names that are written in several normal forms of Unicode among these."""
    forms: dict[str, set[str]] = {}
    for name in names:
        if isinstance(name, str) and not name.isascii():
            forms.setdefault(plain_name(name), set()).add(name)
    return [name for name, written in forms.items() if len(written) > 1]


def list_of_names(names: Any, who: str) -> list[Any]:
    """The names as they were given, one for each row.

    Raises
    ------
    InputError
        If it is a single string or no list.
    """
    if isinstance(names, str | bytes):
        raise InputError(f"{who}: stimuli must be a list of names, not the string {names!r}.")
    if type(names) in (list, tuple):
        return list(names)
    check_unmasked(names, f"{who} stimuli")
    if getattr(names, "shape", None) == () or hasattr(names, "data_vars"):
        raise InputError(f"{who}: stimuli must be a list of names, not one {type(names).__name__}.")
    if isinstance(names, pd.Series | pd.Index) or is_xarray(names):
        return list(np.asarray(names).reshape(-1))
    if array_api_compat.is_torch_array(names):
        names = as_numpy(names)
    if isinstance(names, np.ndarray):
        flat = names.reshape(-1) if names.size == max(names.shape, default=0) else names
        return _without_padding(flat)
    try:
        return list(names)
    except TypeError as error:
        raise InputError(
            f"{who}: stimuli must be a list of names, not {type(names).__name__}."
        ) from error


def _without_padding(names: np.ndarray) -> list[Any]:
    """A char matrix has rows of one length, filled with blanks."""
    if names.dtype.kind not in "US" or not names.size:
        return list(names)
    plain = [plain_name(name) for name in names.tolist()]
    width = names.dtype.itemsize // (4 if names.dtype.kind == "U" else 1)
    padded = {len(name) for name in names.tolist()} == {width}
    return [name.rstrip(" ") for name in plain] if padded else plain


def _is_missing(name: object) -> bool:
    nan = isinstance(name, float | np.floating) and bool(np.isnan(name))
    return nan or name is None or name is pd.NA or name is pd.NaT
