"""Scores: one number for each combination of what was compared, labelled along every axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isocortex.arrays import array_of, as_numpy
from isocortex.choice import counted, listed
from isocortex.data.door import numeric
from isocortex.data.frozen import FrozenTables, frozen, held, stays_frozen
from isocortex.data.label_rows import LabelRows, joined_rows
from isocortex.data.long_table import long_table
from isocortex.data.needs import door
from isocortex.data.old_names import ScoreTables, current_axis, current_label, with_old_labels
from isocortex.data.score_card import of_scores
from isocortex.data.tables import rows_where, with_common_times
from isocortex.display.shown import shown
from isocortex.errors import InputError
from isocortex.types import Values

_AVERAGED = ("ceiling", "share")
"""Columns whose mean over an axis means what they mean."""


@door
@shown(of_scores)
@stays_frozen
@dataclass(frozen=True, eq=False, repr=False, init=False)
class Scores:
    """Numbers along named axes, each axis with a table of labels.

    An axis is called by what its rows are: layer, region, subject, fold, unit, stimulus, time.
    Where a verb compares whatever it is given, it is called by the side: (model, data) of
    ``compare``, (first, second) of ``similarity``; the labels say what the rows are.

    Parameters
    ----------
    values : array
        One axis for each table; NaN where a score is undefined.
    tables : mapping from axis name to DataFrame or mapping
        In the order of the axes; one row for each position, one column for each label.
    metric : str
        What the numbers are: ``"spearman"``, ``"pearson"`` …
    columns : mapping from name to array, optional
        Further numbers beside the score, such as ``ceiling`` or ``p``, of shapes that
        broadcast against ``values``. Where ``notes["spaces"]`` names feature spaces, a column may
        have an axis of these behind all others, such as ``share``.
    notes : mapping, optional
        What is true of all: seed, counts, warnings.
    kept : mapping, optional
        What else a verb was asked to keep: ``models``, ``predicted``, ``confusion``. It goes
        with the whole, not with a part: ``select`` and ``mean`` leave it behind.

    Raises
    ------
    InputError
        If a table does not fit its axis, or two tables share a column.

    See Also
    --------
    encode, decode, probe, compare : Return them.
    interval : Mean over subjects with a confidence interval.
    plots.layers, plots.accuracy : Draw them.

    Examples
    --------
    >>> import isocortex as ic
    >>> layers, subjects = {"layer": ["conv1", "conv5"]}, {"subject": [1, 2, 3]}
    >>> values = [[0.1, 0.2, 0.15], [0.3, 0.35, 0.25]]
    >>> scores = ic.Scores(values, {"layer": layers, "subject": subjects}, "spearman")
    >>> scores.mean("subject").table()
       layer  score
    0  conv1   0.15
    1  conv5   0.30
    >>> scores.select(layer="conv5", subject=2).values
    array([[0.35]])
    """

    values: np.ndarray
    tables: ScoreTables
    metric: str
    columns: Mapping[str, np.ndarray]
    notes: Mapping[str, Any]
    kept: Mapping[str, Any]

    def __init__(
        self,
        values: Values,
        tables: Mapping[str, pd.DataFrame | Mapping[str, Any]],
        metric: str = "score",
        columns: Mapping[str, Any] | None = None,
        notes: Mapping[str, Any] | None = None,
        kept: Mapping[str, Any] | None = None,
    ):
        values = _numbers(values, "Scores")
        given = tables.all_rows() if isinstance(tables, FrozenTables) else tables
        tables = {dim: _label_table(dim, table) for dim, table in given.items()}
        lengths = tuple(table.n_rows for table in tables.values())
        if values.shape != lengths:
            raise InputError(
                f"Scores: values have shape {values.shape} but the tables of "
                f"{', '.join(tables)} have {lengths} rows."
            )
        names = [column for table in tables.values() for column in table]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise InputError(f"Scores: two axes share the labels {listed(sorted(twice))}.")
        extra = {k: _numbers(v, f"Scores {k}") for k, v in (columns or {}).items()}
        for name, column in extra.items():
            if not _stretches(column.shape[: _of_scores(column, values, notes)], values.shape):
                raise InputError(
                    f"Scores: {name} of shape {column.shape} does not fit {values.shape}."
                )
        for name, value in (
            ("values", held(values)),
            ("tables", ScoreTables(tables)),
            ("metric", metric),
            ("columns", frozen({key: held(each) for key, each in extra.items()})),
            ("notes", frozen(notes)),
            ("kept", frozen(kept)),
        ):
            object.__setattr__(self, name, value)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return array_of(self.values, dtype, copy)

    @property
    def dims(self) -> tuple[str, ...]:
        """The names of the axes."""
        return tuple(self.tables)

    @property
    def models(self) -> list[Any]:
        """The fitted models, one for each layer or region (``keep_model=True``).

        Of a BandedRidge one for all its feature spaces, made when it is first asked for.
        """
        return self._kept("models", "keep_model=True")

    @property
    def predicted(self) -> list[Any]:
        """Held-out predictions as Responses, one for each layer or region (``keep_model=True``).

        Of a BandedRidge one for all its feature spaces, with ``spaces`` for each of them.
        """
        return self._kept("predicted", "keep_model=True")

    @property
    def confusion(self) -> "Scores":
        """How often each class was taken for each: axes (layer, fold, label, predicted)."""
        return self._kept("confusion", "classes and a classifier, in probe()")

    def _kept(self, what: str, how: str) -> Any:
        if what in self.kept:
            return self.kept[what]
        made = getattr(self.kept.get("spaces"), what, None)
        if made is None:
            raise InputError(f"these scores hold no {what}; it takes {how}.")
        return made

    def replace(self, **changes: Any) -> "Scores":
        """The same with other fields."""
        names = ("values", "tables", "metric", "columns", "notes", "kept")
        return Scores(**{**{name: getattr(self, name) for name in names}, **changes})

    def table(self) -> pd.DataFrame:
        """Tidy form: one row for each number, with the column ``score`` and all labels."""
        numbers = {"score": self.values}
        for name, column in self.columns.items():
            if column.ndim > self.values.ndim:
                parts = np.moveaxis(column, -1, 0)
                spaces = zip(self.notes["spaces"], parts, strict=True)
                numbers |= {f"{name}_{space}": part for space, part in spaces}
            else:
                numbers[name] = column
        return with_old_labels(long_table(self.tables, numbers, self.values.shape))

    def mean(self, *dims: str) -> "Scores":
        """Plain average over axes; a NaN among the numbers gives NaN.

        Columns that do not vary along these axes stay as they are: the ``p`` of a mean over
        folds is that of ``mean("fold")``. Of the others the ceiling and shares are averaged.

        Of normalized scores over units: the mean weighted by their reliability.

        Raises
        ------
        InputError
            If there is no such axis.
        """
        places = tuple(self.axis(dim) for dim in dims)
        dims = tuple(self.dims[place] for place in places)
        tables = {dim: self.tables.rows(dim) for dim in self.dims if dim not in dims}
        columns = {
            name: column.mean(places)
            for name, column in self._columns().items()
            if name in _AVERAGED or all(column.shape[place] == 1 for place in places)
        }
        if {"raw", "ceiling", "weight"} <= set(self.columns):
            full = {name: np.broadcast_to(c, self.values.shape) for name, c in self.columns.items()}
            kept = ("raw", "ceiling") if "unit" in dims else ("raw", "ceiling", "weight")
            columns |= {name: full[name].mean(places) for name in kept}
            values = _mean_share(full, places) if "unit" in dims else self.values.mean(places)
        else:
            values = self.values.mean(places)
        return self.replace(values=values, tables=tables, columns=columns, kept=None)

    def select(self, **labels: Any) -> "Scores":
        """The part that has these labels, such as ``select(layer="conv3", subject=[1, 2])``."""
        scores = self
        for name, value in labels.items():
            key = current_label(name, self._labels())
            dim = scores.axis_with(key)
            keep = rows_where(scores.tables.rows(dim), {key: value}, "Scores")
            scores = scores._keep(dim, keep)
        return scores

    def axis(self, dim: str) -> int:
        """The position of an axis.

        Raises
        ------
        InputError
            If there is no such axis.
        """
        dim = current_axis(dim, self.tables)
        if dim not in self.tables:
            raise InputError(f"Scores has no axis {dim!r}; it has {listed(self.dims)}.")
        return self.dims.index(dim)

    @classmethod
    def concat(cls, parts: "Sequence[Scores]", dim: str) -> "Scores":
        """Join scores along one axis; the other tables must be equal."""
        if not parts:
            raise InputError("Scores.concat needs at least one part; there is none.")
        parts = _with_common_times(parts, dim)
        first = parts[0]
        for other in parts[1:]:
            same = other.dims == first.dims and all(
                rows is other.tables.rows(d) or rows.frame().equals(other.tables.rows(d).frame())
                for d, rows in first.tables.all_rows().items()
                if d != dim
            )
            if not same or other.metric != first.metric:
                raise InputError("Scores.concat: the parts differ in more than one axis.")
        place = first.axis(dim)
        tables = first.tables.all_rows()
        tables[dim] = joined_rows([part.tables.rows(dim) for part in parts])
        columns = {
            name: _joined([(part._columns()[name], part.values.shape) for part in parts], place)
            for name in first.columns
            if all(name in part.columns for part in parts)
        }
        values = np.concatenate([part.values for part in parts], place)
        return cls(values, tables, first.metric, columns, first.notes)

    def to_xarray(self) -> Any:
        """As an ``xarray.DataArray`` with the labels as coordinates."""
        from isocortex.data.xarrays import data_array

        return data_array(self.values, self.tables, {"metric": self.metric, **self.notes})

    def axis_with(self, key: str) -> str:
        """The name of the axis whose table has this label.

        Raises
        ------
        InputError
            If none has.
        """
        for dim in self.tables:
            if key in self.tables.rows(dim):
                return dim
        raise InputError(
            f"These scores have no label {key!r}; they have {listed(self._labels(), 20)}."
        )

    def _labels(self) -> list[Any]:
        """The names of all labels, of all axes."""
        return [label for dim in self.tables for label in self.tables.rows(dim)]

    def _keep(self, dim: str, keep: np.ndarray) -> "Scores":
        place = self.axis(dim)
        tables = self.tables.all_rows()
        tables[self.dims[place]] = tables[self.dims[place]].where(keep)
        columns = {
            name: column if column.shape[place] == 1 else np.compress(keep, column, place)
            for name, column in self._columns().items()
        }
        values = np.compress(keep, self.values, place)
        return self.replace(values=values, tables=tables, columns=columns, kept=None)

    def _columns(self) -> dict[str, np.ndarray]:
        """With an axis for each of the values', of length 1 where the column does not vary."""
        n = self.values.ndim
        return {k: c.reshape((1,) * (n - c.ndim) + c.shape) for k, c in self.columns.items()}

    def __repr__(self) -> str:
        sizes = zip(self.values.shape, self.tables, strict=True)
        axes = " x ".join(counted(size, dim) for size, dim in sizes)
        return f"Scores({self.metric}: {axes})"


def _with_common_times(parts: "Sequence[Scores]", dim: str) -> "list[Scores]":
    """The parts, whose times differ no more by rounding."""
    axes = [d for d in parts[0].dims if d != dim and "time" in parts[0].tables.rows(d)]
    for axis in axes:
        if all(axis in each.tables for each in parts):
            tables = with_common_times([each.tables.rows(axis) for each in parts])
            parts = [
                each.replace(tables=each.tables.all_rows() | {axis: table})
                for each, table in zip(parts, tables, strict=True)
            ]
    return list(parts)


def _label_table(dim: str, table: pd.DataFrame | Mapping[str, Any]) -> LabelRows:
    if isinstance(table, LabelRows):
        return table
    if isinstance(table, pd.DataFrame):
        return LabelRows.of_frame(table)
    if not isinstance(table, pd.DataFrame | Mapping):
        raise InputError(
            f"Scores: the axis {dim!r} needs a DataFrame or a mapping from label to values, not "
            f"{type(table).__name__}."
        )
    lists = [column for column in table.values() if isinstance(column, list | tuple | range)]
    if len(lists) == len(table) and len({len(column) for column in lists}) == 1:
        return LabelRows.of_columns(table, len(lists[0]))
    try:
        return LabelRows.of_frame(pd.DataFrame(dict(table)))
    except ValueError as problem:
        raise InputError(f"Scores: the labels of {dim!r} make no table: {problem}.") from None


def _of_scores(column: np.ndarray, values: np.ndarray, notes: Mapping[str, Any] | None) -> int:
    """How many axes of a column are those of the scores; a further one is that of spaces."""
    spaces = (notes or {}).get("spaces", ())
    further = column.ndim == values.ndim + 1 and column.shape[-1] == len(spaces)
    return values.ndim if further else column.ndim


def _stretches(shape: tuple[int, ...], whole: tuple[int, ...]) -> bool:
    """Whether an array of this shape can be repeated to fill the whole."""
    try:
        return np.broadcast_shapes(shape, whole) == whole
    except ValueError:
        return False


def _numbers(values: Any, who: str) -> np.ndarray:
    return np.asarray(as_numpy(numeric(values, who)), dtype=np.float64)


def _joined(columns: Sequence[tuple[np.ndarray, tuple[int, ...]]], place: int) -> np.ndarray:
    """One column of several parts along an axis; others of length 1 stay so where all are."""
    shapes = [column.shape for column, _ in columns]
    along = [max(sizes) for sizes in zip(*shapes, strict=True)]
    return np.concatenate(
        [
            np.broadcast_to(column, (*along[:place], whole[place], *along[place + 1 :]))
            for column, whole in columns
        ],
        place,
    )


def _mean_share(columns: Mapping[str, np.ndarray], places: tuple[int, ...]) -> np.ndarray:
    r"""Mean of raw over ceiling, weighted: the mean of weight / ceiling * raw over that of weight.

    Units without a ceiling have no share of their own, but their weights, which scatter around
    zero, balance those of units whose ceiling came out too high.
    """
    raw, ceiling, weight = columns["raw"], columns["ceiling"], columns["weight"]
    gain = np.divide(weight, ceiling, out=np.zeros(raw.shape), where=ceiling != 0)
    below = weight.mean(places)
    return (gain * raw).mean(places) / np.where(below > 0, below, np.nan)
