"""Results for the ecosystem: the one place that speaks xarray."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from isocortex.errors import MissingDependencyError


def data_array(
    values: np.ndarray, tables: Mapping[str, pd.DataFrame], attrs: Mapping[str, Any]
) -> Any:
    """An ``xarray.DataArray`` whose dimensions have the columns of their tables as coordinates."""
    try:
        import xarray  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise MissingDependencyError(
            "to_xarray() needs xarray, which is not installed: pip install xarray"
        ) from None
    coords = {}
    for dim, table in tables.items():
        for name in table.columns:
            column = table[name]
            text = isinstance(column.dtype, pd.CategoricalDtype)
            coords[name] = (dim, column.astype(str).to_numpy() if text else column.to_numpy())
    return xarray.DataArray(values, dims=tuple(tables), coords=coords, attrs=dict(attrs))
