"""The one place that speaks xarray: results for it, and its arrays at the door."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from isocortex.data.door import Given, numeric
from isocortex.data.frames import STIMULUS, index_names
from isocortex.errors import InputError, MissingDependencyError

DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "stimulus": (*STIMULUS, "presentation", "trial", "trials", "epoch", "epochs"),
    "unit": ("unit", "units", "neuroid", "channel", "channels", "voxel", "neuron", "feature"),
    "time": ("time", "times", "time_bin", "time_bins"),
    "rdm": ("rdm", "rdms"),
    "other": ("other",),
}
"""What the dimensions of an array are called, here and elsewhere."""

SECONDS = {"s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "milliseconds": 1e-3}


def data_array(
    values: np.ndarray, tables: Mapping[str, pd.DataFrame], attrs: Mapping[str, Any]
) -> Any:
    """An ``xarray.DataArray`` whose dimensions have the columns of their tables as coordinates."""
    try:
        import xarray  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise MissingDependencyError(
            "to_xarray() needs xarray, which is not installed: pip install 'isocortex[tables]'"
        ) from None
    coords = {}
    for dim, table in tables.items():
        for name in table.columns:
            coords[name] = (dim, table[name].to_numpy())
    return xarray.DataArray(values, dims=tuple(tables), coords=coords, attrs=dict(attrs))


def of_data_array(array: Any, who: str, kinds: tuple[str, ...]) -> Given:
    """Numbers of a DataArray, its axes in the order of ``kinds``, with its coordinates.

    Coordinates along a dimension become a table; single ones and attributes become labels.

    Raises
    ------
    InputError
        If it is no DataArray, or does not hold real numbers.
    """
    if not hasattr(array, "dims") or hasattr(array, "data_vars"):
        raise InputError(
            f"{who}: values are an xarray {type(array).__name__}, which may hold several arrays. "
            "Choose one: dataset['name']."
        )
    dims = tuple(str(dim) for dim in array.dims)
    order = _ordered(dims, kinds)
    array = array.transpose(*(array.dims[dims.index(dim)] for dim in order))
    tables = tuple(_table(array, dim) for dim in array.dims)
    times = _seconds(array, who) if "time" in kinds else None
    values = numeric(array.values, who)
    return Given(values, _names(array, tables), tables, _labels(array, tables), times)


def _seconds(array: Any, who: str) -> np.ndarray | None:
    """The times of a DataArray in seconds, by the unit of its coordinate; None without any."""
    along = {str(name): each for name, each in array.coords.items() if each.ndim == 1}
    known = [name for name in DIMENSIONS["time"] if name in along and array.ndim == 3]
    if not known:
        return None
    times = along[known[0]]
    if times.dtype.kind == "m":
        return times.values / np.timedelta64(1, "s")
    unit = str(times.attrs.get("units", "s")).lower()
    if times.dtype.kind not in "fiu" or unit not in SECONDS:
        raise InputError(
            f"{who}: the coordinate {known[0]!r} ({times.dtype}, unit {unit!r}) gives no times in "
            "seconds. Give them as times=."
        )
    return times.values * SECONDS[unit]


def _ordered(dims: tuple[str, ...], kinds: tuple[str, ...]) -> list[str]:
    """The dimensions by what they are called, the others where there is room."""
    kinds = kinds[-len(dims) :] if "rdm" in kinds else kinds[: len(dims)]
    places: list[str | None] = [
        next((dim for dim in dims if dim.lower() in DIMENSIONS[kind]), None) for kind in kinds
    ]
    places += [None] * (len(dims) - len(places))
    rest = [dim for dim in dims if dim not in places]
    return [rest.pop(0) if dim is None else dim for dim in places]


def _table(array: Any, dim: Any) -> pd.DataFrame | None:
    """The coordinates along a dimension; one of several levels is there as its levels."""
    several = isinstance(array.indexes.get(dim), pd.MultiIndex)
    columns = {
        str(name): coordinate.values
        for name, coordinate in array.coords.items()
        if coordinate.dims == (dim,) and not (several and name == dim)
    }
    return pd.DataFrame(columns) if columns else None


def _names(array: Any, tables: tuple[pd.DataFrame | None, ...]) -> tuple[Any, ...] | None:
    if not tables or tables[0] is None:
        return None
    rows = array.indexes.get(array.dims[0])
    if isinstance(rows, pd.MultiIndex):
        return index_names(rows)
    known = [name for name in (*STIMULUS, str(array.dims[0])) if name in tables[0].columns]
    return tuple(tables[0][known[0]]) if known else None


def _labels(array: Any, tables: tuple[pd.DataFrame | None, ...]) -> dict[str, Any]:
    taken = {name for table in tables if table is not None for name in table.columns}
    single = {str(k): c.values.item() for k, c in array.coords.items() if c.ndim == 0}
    plain = {str(k): v for k, v in array.attrs.items() if isinstance(v, str | bool | Real)}
    return {key: value for key, value in {**plain, **single}.items() if key not in taken}
