"""What a searchlight asks of an analysis, and the way that any analysis can be done: plainly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from isocortex.arrays import as_numpy
from isocortex.data.responses import Responses
from isocortex.data.trials import Trials

Recording = Responses | Trials


@dataclass(frozen=True, eq=False)
class Data:
    """A recording made ready: what blocks gather from, and what the plain way starts from."""

    gathered: np.ndarray
    """float64, C order, shape (n_units * n_times, ...): a row for each unit and time."""
    plain: "Plain"

    @property
    def n_bytes(self) -> int:
        """What is held beyond the recording itself."""
        return self.gathered.nbytes


@dataclass(frozen=True, eq=False)
class Plain:
    """A recording in parts that travel to other processes at little cost."""

    values: np.ndarray
    """As they were recorded, shape (n_rows, n_units) or (n_rows, n_units, n_times)."""
    stimuli: tuple[str, ...]
    runs: np.ndarray | None
    units: pd.DataFrame
    labels: Mapping[str, Any]
    are_trials: bool

    @classmethod
    def of(cls, recording: Recording, order: np.ndarray) -> "Plain":
        """The recording, its units in this order."""
        values = as_numpy(recording.values)
        units = recording.units
        # An index copies; a recording that is in order stays where it is.
        if not np.array_equal(order, np.arange(values.shape[1])):
            values, units = values[:, order], units.iloc[order].reset_index(drop=True)
        trials = isinstance(recording, Trials)
        runs = recording.runs if isinstance(recording, Trials) else None
        stimuli = tuple(recording.stimuli)
        return cls(values, stimuli, runs, units, dict(recording.labels), trials)

    @property
    def n_times(self) -> int:
        """1 without a time axis."""
        return self.values.shape[2] if self.values.ndim == 3 else 1

    def part(self, rows: np.ndarray) -> Recording:
        """The recording of one patch: its units (at its times), as the plain verbs take it."""
        # A row is unit * n_times + time, as in Patches.
        unit, time = np.divmod(np.asarray(rows, dtype=np.intp), self.n_times)
        values = self.values[:, unit, time] if self.values.ndim == 3 else self.values[:, unit]
        units = self.units.iloc[unit].reset_index(drop=True)
        if self.values.ndim == 3:
            # Units come at several times of a window, which this column distinguishes.
            units = units.assign(sample=time)
        if not self.are_trials:
            return Responses(values, self.stimuli, units, self.labels)
        return Trials(values, self.stimuli, runs=self.runs, units=units, labels=self.labels)

    def unit_major(self, values: np.ndarray) -> np.ndarray:
        """A copy of values (n, n_units[, n_times]) as float64 rows, (n_units * n_times, n)."""
        if not len(values):
            return np.empty((0, 0))
        moved = np.moveaxis(values, 0, -1)  # (n_units[, n_times], n)
        return np.array(moved.reshape(-1, len(values)), dtype=np.float64, order="C")


class Work(Protocol):
    """An analysis made ready for one recording; it travels to the processes that do it."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The axes of what it gives for one centre, with their labels."""
        ...

    @property
    def metric(self) -> str:
        """What the numbers in the map are, as in ``Scores.metric``."""
        ...

    def evaluate(self, data: Data, rows: np.ndarray) -> np.ndarray:
        """Numbers for patches of one size, shape (n_patches, *axes); NaN where undefined."""
        ...

    def bytes_for(self, n_rows: int) -> int:
        """The memory that one patch of so many rows takes while it is evaluated."""
        ...

    def identity(self) -> Any:
        """What tells this analysis from another: content, of which a hash is the same."""
        ...


class Analysis(Protocol):
    """A choice such as ``RSA(...)``."""

    def prepare(self, plain: Plain, rows: np.ndarray) -> tuple[Work, Data]:
        """Ready for one recording, after one patch was done plainly: what cannot be done is
        said before the work."""
        ...
