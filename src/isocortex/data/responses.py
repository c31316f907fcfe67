"""What a layer or a region does: one row for each stimulus, one column for each unit."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from isocortex.arrays import Array, array_of, as_numpy
from isocortex.choice import counted
from isocortex.data.cards import of_responses
from isocortex.data.door import given
from isocortex.data.frames import check_order
from isocortex.data.frozen import frozen, held, stays_frozen, with_own
from isocortex.data.label_rows import LabelRows
from isocortex.data.names import Names, checked_names
from isocortex.data.needs import door
from isocortex.data.row_table import RowTable, row_columns
from isocortex.data.rows import chosen_rows
from isocortex.data.tables import with_other_names
from isocortex.data.unnamed import names_or_default
from isocortex.data.validation import finite_rows, label_rows_of, table_of
from isocortex.display.shown import shown
from isocortex.errors import InputError
from isocortex.types import Rows

Units = pd.DataFrame | Mapping[str, Any] | Callable[[], pd.DataFrame] | None


@door
@shown(of_responses)
@stays_frozen
@dataclass(frozen=True, eq=False, repr=False, init=False)
class Responses:
    """What a network layer or a brain region does; both are the same noun.

    Parameters
    ----------
    values : array, DataFrame or DataArray, shape (n_stimuli, n_units)
        In memory (numpy, torch, pandas, xarray, a sparse matrix) or lazy on disk. Integers become
        float64. A DataArray may have its dimensions in any order, if these are called by their
        names (``stimulus``, ``unit`` …).
    stimuli : sequence of str, length n_stimuli
        The unique name of each row, in any form of Unicode (NFC is kept). Default: the index of
        a DataFrame, the coordinate of a DataArray, or else ``stimulus 0``, ``stimulus 1`` …
        Two nouns without names meet by place with a warning, or without one where both, or
        one, say that this is meant: ``stimuli="by position"``.
    units : DataFrame, mapping or function that returns a DataFrame, optional
        One row for each unit: channel, row and col of a layer; i, j, k of a voxel. Default: the
        columns of a DataFrame, the coordinates of a DataArray.
    labels : mapping, optional
        What is true of all of it: network, layer, subject, region, time … To them come single
        coordinates and attributes of a DataArray.
    table : DataFrame or mapping, optional
        One row for each stimulus, as in ``Stimuli``: category, word … Of time series, ``onset``
        and ``offset`` (or ``time``) in seconds from the start of the first volume of the run,
        and ``run``. Default: further levels of the index of a DataFrame, further coordinates of
        the rows of a DataArray.

    Raises
    ------
    InputError
        If ``values`` is not a matrix of finite real numbers, entries are masked, a name
        occurs twice, or the table has another number of rows.
    MisalignedError
        If ``stimuli`` or ``table`` has the names of the rows in another order.

    See Also
    --------
    Trials : Single trials, where a stimulus comes many times.
    Gram : Inner products of the rows.
    Store : Layers of a network on disk, each as Responses.
    read_nifti : Voxels of an image as Responses.

    Examples
    --------
    >>> import isocortex as ic
    >>> v1 = ic.Responses([[1.0, 2.0], [0.5, 0.1]], ["cat", "dog"], labels={"region": "V1"})
    >>> v1.n_stimuli, v1.n_units
    (2, 2)
    """

    values: Array
    stimuli: Names
    labels: Mapping[str, Any]

    def __init__(
        self,
        values: Array,
        stimuli: Iterable[object] | None = None,
        units: Units = None,
        labels: Mapping[str, Any] | None = None,
        table: pd.DataFrame | Mapping[str, Any] | None = None,
    ):
        found = given(values, "Responses", ("stimulus", "unit"))
        check_order(found.names, stimuli, "Responses", "stimuli")
        values = found.values
        if len(values.shape) != 2:
            raise InputError(
                f"Responses needs values of shape (n_stimuli, n_units), not {tuple(values.shape)}. "
                "Flatten the units, or use Trials for a recording with repeats and times."
            )
        n_stimuli = int(values.shape[0])
        stimuli = names_or_default(stimuli, found.names, n_stimuli)
        names = checked_names(stimuli, n_stimuli, "Responses")
        finite_rows(values, names, "Responses")
        object.__setattr__(self, "values", held(values))
        object.__setattr__(self, "stimuli", names)
        object.__setattr__(self, "labels", frozen(with_own(found.labels, labels, "Responses")))
        units = found.table(1) if units is None else units
        lazily = isinstance(units, Callable)
        if units is not None and not lazily:
            units = label_rows_of(units, int(values.shape[1]), "Responses units")
        object.__setattr__(self, "_units", units)
        known = row_columns(found) if table is None else table
        if known is not None:
            check_order(names, known, "Responses", "table")
            known = label_rows_of(known, n_stimuli, "Responses table")
        object.__setattr__(self, "_table", known)

    @classmethod
    def from_rsatoolbox(cls, data: Any, stimuli: str | None = None) -> "Responses":
        """A Dataset of rsatoolbox as Responses; its descriptors become labels, units and ``table``.

        Parameters
        ----------
        data : rsatoolbox.data.Dataset
        stimuli : str, optional
            The observation descriptor that names the stimuli; default one that is called so
            (``stimulus``, ``conds``, ``stim``, ``image`` …), or the only one.

        Raises
        ------
        InputError
            If it is another object, or it is not known what names the stimuli.

        Warns
        -----
        IsocortexWarning
            With descriptors that have no place here.
        """
        from isocortex.data.rsatoolbox import of_dataset

        return cls(**of_dataset(data, stimuli, "Responses.from_rsatoolbox"))

    @classmethod
    def concat(cls, parts: "Sequence[Responses]") -> "Responses":
        """Several feature spaces as one, units side by side: for one penalty over all of them.

        Parameters
        ----------
        parts : sequence of Responses
            Of the same stimuli, which meet by name, in the order of the first. They come into
            memory. Series are put side by side before they are delayed.

        Returns
        -------
        Responses, shape (n_stimuli, n_units of all parts)
            With the table of the first. Units have a column ``layer``, by the labels of the parts;
            labels that differ are joined, as ``"word rate + glove"``.

        Raises
        ------
        MisalignedError
            If the stimuli differ.
        InputError
            If there are none, or they are delayed already.

        See Also
        --------
        BandedRidge : A penalty for each of several spaces.

        Examples
        --------
        >>> import isocortex as ic
        >>> rate = ic.Responses([[1.0], [2.0]], ["a", "b"], labels={"layer": "rate"})
        >>> glove = ic.Responses([[3.0, 4.0], [5.0, 6.0]], ["b", "a"], labels={"layer": "glove"})
        >>> both = ic.Responses.concat([rate, glove])
        >>> both.numpy(), both.labels["layer"]
        (array([[1., 5., 6.],
               [2., 3., 4.]]), 'rate + glove')
        """
        from isocortex.data.side_by_side import side_by_side

        return side_by_side(list(parts))

    @property
    def units(self) -> pd.DataFrame:
        """One row for each unit (made when first asked for)."""
        return self._unit_table.copy(deep=False)

    @cached_property
    def _unit_table(self) -> pd.DataFrame:
        rows = self.unit_rows
        if rows is not None:
            return rows.frame()
        units: Any = self.__dict__["_units"]
        return table_of(None if units is None else units(), self.n_units, "Responses units")

    @property
    def unit_rows(self) -> LabelRows | None:
        """What ``units`` is made of; None where nothing is known, or a function makes it."""
        return _rows_held(self.__dict__["_units"])

    @property
    def has_unit_table(self) -> bool:
        """Whether anything was said of the units."""
        return self.__dict__["_units"] is not None

    @property
    def has_row_table(self) -> bool:
        """Whether anything was said of the rows, beside their names."""
        return self.__dict__.get("_table") is not None

    @property
    def table(self) -> pd.DataFrame:
        """One row for each stimulus: what is known of it besides its name."""
        known = _rows_held(self.__dict__.get("_table"))
        return RowTable.of(None if known is None else known.frame(), self)

    def __getstate__(self) -> dict[str, Any]:
        """For pickles: a function that makes the units may be one that no other process knows."""
        state = {key: each for key, each in self.__dict__.items() if key != "_unit_table"}
        units: Any = state["_units"]
        known = units is None or isinstance(units, LabelRows | pd.DataFrame | partial)
        return state if known else {**state, "_units": self._unit_table}

    @property
    def n_stimuli(self) -> int:
        """The number of stimuli, one for each row."""
        return len(self.stimuli)

    @property
    def n_units(self) -> int:
        """The number of units, one for each column."""
        return int(self.values.shape[1])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return array_of(self.values, dtype, copy)

    def numpy(self) -> np.ndarray:
        """All values in memory, shape (n_stimuli, n_units)."""
        return as_numpy(self.values)

    def replace(self, **changes: Any) -> "Responses":
        """The same with other ``values``, ``stimuli``, ``units``, ``labels`` or ``table``."""
        fields = {
            "values": self.values,
            "stimuli": self.stimuli,
            "units": self.__dict__["_units"],
            "labels": self.labels,
            "table": self.__dict__.get("_table"),
        }
        return Responses(**{**fields, **changes})

    def take(self, rows: Rows) -> "Responses":
        """The rows at integer positions, in that order, or where a mask is true (into memory)."""
        rows = chosen_rows(rows, self.n_stimuli, "Responses.take")
        # Some matrices that are made when they are read stay so.
        part: Any = getattr(self.values, "of_rows", self.values.__getitem__)
        values = part(rows) if len(rows) else self.values[:0]
        known = _rows_held(self.__dict__.get("_table"))
        return self.replace(
            values=values,
            stimuli=[self.stimuli[i] for i in rows],
            table=None if known is None else known.at(rows),
        )

    def units_where(self, keep: Rows) -> "Responses":
        """The units at integer positions, in that order, or where a mask is true."""
        columns = chosen_rows(keep, self.n_units, "Responses.units_where", "units")
        values = self.numpy()[:, columns]
        if not self.has_unit_table:
            return self.replace(values=values)
        known = self.unit_rows
        units = self.units.iloc[columns] if known is None else known.at(columns)
        return self.replace(values=values, units=units)

    def to_xarray(self) -> Any:
        """As an ``xarray.DataArray`` (stimulus, unit) with both tables as coordinates.

        A column of ``table`` that ``units`` has as well is called ``stimulus_…``.
        """
        from isocortex.data.xarrays import data_array

        units = self.units
        rows = with_other_names(self.table, ["stimulus", "unit", *units.columns], "stimulus_")
        rows = pd.concat([pd.DataFrame({"stimulus": self.stimuli}), rows], axis=1)
        return data_array(self.numpy(), {"stimulus": rows, "unit": units}, self.labels)

    def to_rsatoolbox(self) -> Any:
        """As ``rsatoolbox.data.Dataset``; labels, ``table`` and units become descriptors."""
        from isocortex.data.rsatoolbox import to_dataset

        return to_dataset(self)

    def long_table(self) -> pd.DataFrame:
        """Long form: one row for each stimulus and unit."""
        wide = pd.concat([self.units] * self.n_stimuli, ignore_index=True)
        wide.insert(0, "stimulus", np.repeat(self.stimuli, self.n_units))
        return wide.assign(**self.labels, response=self.numpy().ravel())

    def __repr__(self) -> str:
        shape = f"{counted(self.n_stimuli, 'stimulus')} x {counted(self.n_units, 'unit')}"
        labels = "".join(f", {key}={value!r}" for key, value in self.labels.items())
        return f"Responses({shape}, {self.values.dtype}{labels})"


def _rows_held(held_rows: Any) -> LabelRows | None:
    """A table as it is held; what was pickled by the release before holds the table itself."""
    if isinstance(held_rows, pd.DataFrame):
        return LabelRows.of_frame(held_rows)
    return held_rows if isinstance(held_rows, LabelRows) else None
