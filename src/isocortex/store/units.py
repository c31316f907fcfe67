"""The table of units of a layer: where each column of its matrix stands in the layer."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def unit_table(shape: Sequence[int], axes: Sequence[str]) -> pd.DataFrame:
    """One row for each unit, counted from 0, the last axis running fastest.

    Parameters
    ----------
    shape : sequence of int
        Of one stimulus, such as (64, 55, 55).
    axes : sequence of str
        Their names, such as ("channel", "row", "col").
    """
    indices = np.indices(tuple(shape), dtype=np.int32).reshape(len(shape), -1)
    return pd.DataFrame(dict(zip(axes, indices, strict=True)))
