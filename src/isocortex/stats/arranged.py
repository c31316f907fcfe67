"""Scores as one block for each series: subjects, units and times, met by name."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from isocortex.choice import listed
from isocortex.data.scores import Scores
from isocortex.errors import InputError, MisalignedError

TIMES = (("time",), ("train_time", "test_time"))
PLACES = (
    ("i", "j", "k"),
    ("hemisphere", "vertex"),
    ("grayordinate",),
    ("vertex",),
    ("channel",),
    ("parcel",),
    ("x", "y", "z"),
)
"""Columns that name a unit, the surest first."""


@dataclass(frozen=True, eq=False)
class Arranged:
    """Scores by series, subject, unit and time."""

    values: np.ndarray
    """Shape (n_series, n_subjects, n_units, n_times...); without a space, one unit."""
    series: pd.DataFrame
    subjects: np.ndarray
    units: pd.DataFrame | None
    times: np.ndarray | None
    n_chains: int
    """Axes of time: 0, 1, or 2 for training and test."""

    @property
    def lengths(self) -> tuple[int, ...]:
        """How many times there are along each axis of time."""
        return self.values.shape[3:]


def arranged(scores: Scores, over: str, with_units: bool) -> Arranged:
    """Scores in blocks, one for each combination of the labels that are left.

    Parameters
    ----------
    scores : Scores
    over : str
        The label of the random factor.
    with_units : bool
        Whether units are neighbours in space; else each is a series.

    Raises
    ------
    InputError
        If there is no such label, nothing to make clusters along, one subject alone, or a
        subject lacks a point.
    """
    axis = _unit_axis(scores) if with_units else None
    values = scores.values[..., None] if axis is None else scores.values
    flat = np.moveaxis(values, -1 if axis is None else scores.axis(axis), -1)
    others = {dim: table for dim, table in scores.tables.items() if dim != axis}
    # The place of each score is arranged as if it were the score.
    table = Scores(np.arange(flat[..., 0].size).reshape(flat.shape[:-1]), others).table()
    dims = _times(table, over, with_units, [*table.columns.drop("score"), *scores.columns])
    keys = [
        c for c in table.columns if c not in {"score", over, *dims} and len(table[c].unique()) > 1
    ]
    subjects = np.asarray(table[over].unique(), dtype=object)
    if len(subjects) < 2:
        raise InputError(
            f"clusters: {over}s are the random factor, but there is only {listed(subjects)}."
        )
    times = np.sort(np.asarray(table[dims[0]].unique(), dtype=np.float64)) if dims else None
    shape = (len(subjects),) + ((len(times),) * len(dims) if times is not None else ())
    order = table.sort_values(list(dims), kind="stable") if dims else table
    groups = order.groupby(keys, sort=False, dropna=False).indices if keys else {(): slice(None)}
    labels, blocks = [], []
    flat = flat.reshape(-1, flat.shape[-1])
    for rows in groups.values():
        part = order.iloc[rows]
        labels.append(part[keys].iloc[0].to_dict())
        places = _block(part, over, subjects, shape)
        blocks.append(np.moveaxis(flat[places], -1, 1))
    series = pd.DataFrame(labels, index=pd.RangeIndex(len(labels)))
    units = None if axis is None else scores.tables[axis]
    return Arranged(np.stack(blocks), series, subjects, units, times, len(dims))


def less(first: Arranged, second: Arranged) -> Arranged:
    """The difference of two blocks of scores, whose subjects, units, times and series agree.

    Raises
    ------
    MisalignedError
        If one has what the other lacks.
    """
    subjects = _met("subjects", list(first.subjects), list(second.subjects))
    series = _met("series", _rows(first.series), _rows(second.series))
    values = second.values[series][:, subjects]
    if first.units is not None and second.units is not None:
        names = unit_names(first.units, second.units)
        if names is not None:
            values = values[:, :, _met("units", *names)]
        elif len(first.units) != len(second.units):
            raise MisalignedError(
                f"clusters: there are {len(first.units)} units, but versus has "
                f"{len(second.units)}, and no column names them in both."
            )
    same = (first.times is None) == (second.times is None) and first.lengths == second.lengths
    if not same or not np.allclose(
        0 if first.times is None else first.times, 0 if second.times is None else second.times
    ):
        raise MisalignedError("clusters: scores and versus do not have the same times.")
    return Arranged(
        first.values - values, first.series, first.subjects, first.units, first.times,
        first.n_chains,
    )  # fmt: skip


def unit_names(
    first: pd.DataFrame, second: pd.DataFrame
) -> tuple[Sequence[tuple], Sequence[tuple]] | None:
    """What units are called in two tables, by the columns that name them in both; or None."""
    for columns in PLACES:
        if all(name in table.columns for table in (first, second) for name in columns):
            names = tuple(_rows(table.loc[:, list(columns)]) for table in (first, second))
            if all(len(set(each)) == len(each) for each in names):
                return names[0], names[1]
    return None


def _rows(table: pd.DataFrame) -> list[tuple]:
    if not len(table.columns):
        return [()] * len(table)
    return list(zip(*(table[name].tolist() for name in table.columns), strict=True))


def _met(what: str, wanted: Sequence, there: Sequence) -> np.ndarray:
    """Where each of the wanted is among those that are there; all of both must be."""
    place = {name: i for i, name in enumerate(there)}
    known = set(wanted)
    missing = [name for name in wanted if name not in place]
    more = [name for name in there if name not in known]
    if missing or more:
        side = f"versus lacks {listed(missing)}" if missing else f"only versus has {listed(more)}"
        raise MisalignedError(
            f"clusters: scores and versus must have the same {what}, but {side} "
            f"({len(missing)} and {len(more)} are in one alone)."
        )
    return np.array([place[name] for name in wanted], dtype=np.intp)


def _unit_axis(scores: Scores) -> str:
    """The axis of what is neighbours in space."""
    if "unit" in scores.dims:
        return "unit"
    for dim, table in scores.tables.items():
        if any(set(columns) <= set(table.columns) for columns in PLACES):
            return dim
    raise InputError(
        "clusters: an adjacency is given, but the scores have no axis 'unit' of what is adjacent; "
        f"they have {listed(scores.dims)}."
    )


def _times(table: pd.DataFrame, over: str, with_units: bool, known: list) -> tuple[str, ...]:
    dims = next((names for names in TIMES if set(names) <= set(table.columns)), ())
    if over in table.columns and (dims or with_units):
        return dims
    if with_units:
        raise InputError(
            f"clusters needs scores with the label {over!r}, the random factor; these have "
            f"{listed(known, 12)}."
        )
    raise InputError(
        f"clusters needs scores with the labels {over!r} and 'time'; these have "
        f"{listed(known, 12)}. Over space it needs adjacency=, of neighbours()."
    )


def _block(
    part: pd.DataFrame, over: str, subjects: np.ndarray, shape: tuple[int, ...]
) -> np.ndarray:
    who, place = np.asarray(part[over], dtype=object), np.asarray(part["score"])
    rows = [place[who == subject] for subject in subjects]
    n_points = int(np.prod(shape[1:]))
    odd = [s for s, row in zip(subjects, rows, strict=True) if len(row) != n_points]
    if odd:
        raise InputError(
            f"clusters: every {over} needs one score at each of {n_points} points; "
            f"{listed(odd)} have other numbers. Select one series, or average first: "
            "scores.select(...), scores.mean(...)."
        )
    return np.stack(rows).reshape(shape).astype(np.intp)
