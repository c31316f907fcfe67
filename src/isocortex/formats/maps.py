"""From scores to rows of numbers, one for each unit: what every map is made of."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from isocortex.arrays import as_numpy
from isocortex.choice import counted, listed, there_are
from isocortex.data.needs import called
from isocortex.data.responses import Responses
from isocortex.data.scores import Scores
from isocortex.errors import InputError


def map_rows(
    scores_or_array: Any, units: pd.DataFrame, place: Sequence[str], who: str
) -> tuple[np.ndarray, pd.DataFrame]:
    """Values of shape (n_maps, n_units) and the units that they belong to.

    Parameters
    ----------
    scores_or_array : Scores, Responses or array
    units : DataFrame
        Of the recording.
    place : sequence of str
        The columns that say where a unit lies.
    who : str

    Raises
    ------
    InputError
        If the numbers of units differ, or the scores have no axis of units.

    Notes
    -----
    Scores of parcels, whose table has one column of names that the units have as well, are
    given to all units of their parcel.
    """
    if isinstance(scores_or_array, Scores):
        scores = scores_or_array
        rows, own = unit_rows(scores, who), scores.tables["unit"]
        if not all(name in own.columns for name in place):
            own = own.rename(columns={f"other_{name}": name for name in place})
        if all(name in own.columns for name in place):
            return rows, own
        parcel = _parcel_of(own, units)
        if parcel is not None:
            return rows[:, parcel[parcel >= 0]], units.iloc[np.flatnonzero(parcel >= 0)]
    elif isinstance(scores_or_array, Responses):
        rows, own = scores_or_array.numpy(), scores_or_array.units
        if all(name in own.columns for name in place):
            return rows, own
    else:
        rows = np.atleast_2d(as_numbers(scores_or_array, who))
    if rows.ndim != 2 or rows.shape[1] != len(units):
        raise InputError(
            f"{who}: {there_are(rows.shape[-1], 'value')} for each map, but the recording "
            "has "
            f"{counted(len(units), 'unit')}; give (n_units,) or (n_maps, n_units)."
        )
    return rows, units


def as_numbers(array: Any, who: str) -> np.ndarray:
    """An array of any library as float64.

    Raises
    ------
    InputError
        If it holds no numbers.
    """
    try:
        return np.asarray(as_numpy(array), dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"{who}: a map is numbers: Scores, Clusters, Responses or an array, not "
            f"{called(array)}."
        ) from None


def _parcel_of(own: pd.DataFrame, units: pd.DataFrame) -> np.ndarray | None:
    """The row of ``own`` that each unit belongs to by name, -1 for none; or None."""
    names = [name for name in own.columns if name not in ("n_units", "n_neighbours")]
    if len(names) != 1 or names[0] not in units.columns or not own[names[0]].is_unique:
        return None
    return pd.Index(own[names[0]]).get_indexer(pd.Index(units[names[0]]))


def unit_rows(scores: Scores, who: str) -> np.ndarray:
    """Scores averaged over their folds, shape (n_maps, n_units): NaN stays NaN.

    Raises
    ------
    InputError
        If there is no axis of units.
    """
    if "unit" not in scores.dims:
        raise InputError(
            f"{who} needs scores with an axis 'unit'; these have {', '.join(scores.dims)}."
        )
    if "fold" in scores.dims:
        scores = scores.mean("fold")
    values = np.moveaxis(scores.values, scores.axis("unit"), -1)
    return values.reshape(-1, values.shape[-1])


def one_map(scores_or_array: Any, who: str) -> Any:
    """What was given, if it is a single map.

    Raises
    ------
    InputError
        If there are several.
    """
    advice = "give one row"
    if isinstance(scores_or_array, Scores):
        names = map_names(scores_or_array, len(unit_rows(scores_or_array, who)))
        n_maps, advice = len(names), _choice(scores_or_array)
    elif isinstance(scores_or_array, Responses):
        names, n_maps = list(scores_or_array.stimuli), scores_or_array.n_stimuli
    else:
        n_maps = len(np.atleast_2d(as_numbers(scores_or_array, who)))
        names = [f"row {i}" for i in range(n_maps)]
    if n_maps != 1:
        raise InputError(
            f"{who} draws one map, but there are {n_maps} ({listed(names)}); {advice}."
        )
    return scores_or_array


def _choice(scores: Scores) -> str:
    """How to come from several maps to one."""
    rest = [
        dim for dim in scores.dims if dim not in ("unit", "fold") and len(scores.tables[dim]) > 1
    ]
    if not rest:
        return "choose one with select()"
    table = scores.tables[rest[0]]
    column = "layer" if "layer" in table.columns else next(iter(table.columns), rest[0])
    first = table[column].tolist()[0] if len(table.columns) else 0
    more = f" (and of {', '.join(rest[1:])})" if rest[1:] else ""
    return (
        f"choose one, such as maps.select({column}={first!r}), or take the mean, "
        f"maps.mean({rest[0]!r}){more}; of Clusters, found.maps() are the maps"
    )


def map_names(scores_or_array: Any, n_maps: int) -> list[str]:
    """What each map is called: its layer, or the labels of its position, or its number."""
    if isinstance(scores_or_array, Scores):
        rest = scores_or_array.tables
        tables = [table for dim, table in rest.items() if dim not in ("unit", "fold")]
        if len(tables) == 1:
            table = tables[0]
            column = "layer" if "layer" in table.columns else next(iter(table.columns), None)
            if column is not None:
                return [str(each) for each in table[column]]
    if isinstance(scores_or_array, Responses):
        return list(scores_or_array.stimuli)
    return [f"map {i + 1}" for i in range(n_maps)]
