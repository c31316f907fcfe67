"""Scores as one block for each series: subjects, units and times, met by name."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import listed, there_are
from isocortex.data.scores import Scores
from isocortex.data.tables import HOW
from isocortex.errors import InputError, MisalignedError
from isocortex.stats.uneven import Scored, what_is_wrong

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
    labels = _labels_of_scores(others)
    dims = _times(labels, over, with_units, [*labels, *scores.columns])
    keys = [
        name
        for name, label in labels.items()
        if name not in {over, *dims, *HOW} and len(label.kinds) > 1
    ]
    subjects = labels[over].kinds
    if len(subjects) < 2:
        raise InputError(
            f"clusters: {over}s are the random factor, but there is only {listed(subjects)}."
        )
    times = np.sort(labels[dims[0]].kinds.astype(np.float64)) if dims else None
    shape = (len(subjects),) + ((len(times),) * len(dims) if times is not None else ())
    when = [labels[dim].values(np.float64) for dim in reversed(dims)]
    number, first = _series([labels[key] for key in keys], when, flat[..., 0].size)
    series = pd.DataFrame(
        {key: labels[key].kinds[labels[key].codes[first]].tolist() for key in keys},
        index=pd.RangeIndex(len(first)),
    )
    places = _places(number, labels[over].codes, when, subjects, (over, shape, keys))
    blocks = np.moveaxis(flat.reshape(-1, flat.shape[-1])[places], -1, 2)
    units = None if axis is None else scores.tables[axis]
    return Arranged(np.ascontiguousarray(blocks), series, subjects, units, times, len(dims))


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
                f"clusters: {there_are(len(first.units), 'unit')}, but versus has "
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


@dataclass(frozen=True, eq=False)
class _Label:
    """One label of all scores."""

    codes: np.ndarray
    """Shape (n_scores,)."""
    kinds: np.ndarray
    """What the codes stand for, as they come."""

    def values(self, dtype: Any) -> np.ndarray:
        """The label of each score."""
        return self.kinds.astype(dtype)[self.codes]


def _labels_of_scores(tables: Mapping[str, pd.DataFrame]) -> dict[str, _Label]:
    """Labels as numbers: a table of all scores would repeat their texts for each."""
    shape = tuple(len(table) for table in tables.values())
    rows = np.unravel_index(np.arange(int(np.prod(shape))), shape)
    found = {}
    for table, row in zip(tables.values(), rows, strict=True):
        for name in table.columns:
            codes, kinds = pd.factorize(table[name], use_na_sentinel=False)
            found[name] = _Label(codes[row], np.asarray(kinds, dtype=object))
    return found


def _series(
    labels: Sequence[_Label], when: Sequence[np.ndarray], n_scores: int
) -> tuple[np.ndarray, np.ndarray]:
    """The number of the series of each score, as they come at the first time; one score of each."""
    order = np.lexsort(when) if when else np.arange(n_scores)
    code = np.zeros(n_scores, dtype=np.intp)
    for label in labels:
        code = code * len(label.kinds) + label.codes
    _, first, inverse = np.unique(code[order], return_index=True, return_inverse=True)
    places = np.argsort(first)
    rank = np.empty_like(places)
    rank[places] = np.arange(len(places))
    number = np.empty(n_scores, dtype=np.intp)
    number[order] = rank[inverse]
    return number, order[first[places]]


def _times(labels: Collection, over: str, with_units: bool, known: list) -> tuple[str, ...]:
    dims = next((names for names in TIMES if set(names) <= set(labels)), ())
    if over in labels and (dims or with_units):
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


def _places(
    number: np.ndarray,
    who: np.ndarray,
    when: Sequence[np.ndarray],
    subjects: np.ndarray,
    of: tuple[str, tuple[int, ...], Sequence[str]],
) -> np.ndarray:
    """Where the scores of each series stand, shape (n_series, n_subjects, n_times...)."""
    over, shape, keys = of
    n_points = int(np.prod(shape[1:]))
    counts = np.bincount(number * len(subjects) + who, minlength=(number.max() + 1) * len(subjects))
    if (counts != n_points).any():
        raise InputError(what_is_wrong(Scored(number, who, when, subjects), over, keys))
    return np.lexsort((*when, who, number)).reshape(-1, *shape)
