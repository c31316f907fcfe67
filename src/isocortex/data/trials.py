"""A recording before averaging, and its average over repeats."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from isocortex.arrays import Array, array_of, as_numpy
from isocortex.choice import counted, listed, suggestion
from isocortex.data.cards import of_trials, sizes_of_trials
from isocortex.data.door import check_unmasked, given, numeric
from isocortex.data.frames import STIMULUS, check_order
from isocortex.data.frozen import frozen, held, held_tables, stays_frozen, with_own
from isocortex.data.label_rows import LabelRows
from isocortex.data.names import natural_key, positions
from isocortex.data.needs import door
from isocortex.data.plain import plain_name, plain_names, trial_names
from isocortex.data.responses import Responses
from isocortex.data.rows import chosen_rows
from isocortex.data.tables import place_of_time
from isocortex.data.validation import label_rows_of, not_finite
from isocortex.display.shown import shown
from isocortex.errors import InputError
from isocortex.types import Rows, Values


@door
@shown(of_trials)
@held_tables("units")
@stays_frozen
@dataclass(frozen=True, eq=False, repr=False, init=False)
class Trials:
    """Single trials: the same stimulus may come many times.

    Parameters
    ----------
    values : array of shape (n_trials, n_units) or (n_trials, n_units, n_times)
        Or a DataFrame or DataArray; units are voxels, channels or neurons. A DataArray may have
        its dimensions in any order, if these are called by their names (``trial`` or
        ``presentation``, ``channel``, ``time`` …).
    stimuli : sequence, length n_trials
        The stimulus (condition) of each trial. Default: the index of a DataFrame, the coordinate
        ``stimulus``, ``condition`` or ``image_id`` of a DataArray; others must give them.
    times : sequence of float, length n_times, optional
        In seconds; needed where ``values`` has a time axis. Default: the times of a DataArray.
    runs : sequence, length n_trials, optional
        The run (session, partition) of each trial. Default: the coordinate ``run``.
    units : DataFrame or mapping, optional
        One row for each unit. Default: columns of a DataFrame, coordinates of a DataArray.
    labels : mapping, optional
        Such as ``{"subject": 3}``.

    Raises
    ------
    InputError
        If lengths differ, values are not finite real numbers (the units are named) or masked, or
        there are no stimuli.
    MisalignedError
        If ``stimuli`` or ``runs`` name the rows of ``values`` in another order than these have.

    Warns
    -----
    IsocortexWarning
        If a stimulus is written in two normal forms of Unicode; its trials are put together.

    See Also
    --------
    average : Mean response to each stimulus, as Responses.
    decoding_rdms, generalization : Decode conditions from them.
    noise_covariance, noise_ceiling : What trials say of the noise.
    read_epochs, read_volumes : Read them from files.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> epochs = np.random.default_rng(0).normal(size=(8, 4, 5))  # trial, channel, time
    >>> times = [0.0, 0.1, 0.2, 0.3, 0.4]
    >>> trials = ic.Trials(epochs, ["face", "house"] * 4, times, runs=[1, 1, 1, 1, 2, 2, 2, 2])
    >>> trials.conditions, trials.n_units, trials.n_times
    (('face', 'house'), 4, 5)
    >>> trials.at(0.2).values.shape
    (8, 4)
    """

    values: Array
    stimuli: tuple[str, ...]
    times: np.ndarray | None
    runs: np.ndarray | None
    units: pd.DataFrame
    labels: Mapping[str, Any]

    def __init__(
        self,
        values: Array,
        stimuli: Iterable[object] | None = None,
        times: Values | None = None,
        runs: Values | None = None,
        units: pd.DataFrame | Mapping[str, Any] | None = None,
        labels: Mapping[str, Any] | None = None,
    ):
        found = given(values, "Trials", ("stimulus", "unit", "time"))
        check_order(found.names, stimuli, "Trials", "stimuli")
        check_order(found.names, runs, "Trials", "runs")
        stimuli = trial_names(found.column(STIMULUS) if stimuli is None else stimuli, "Trials")
        runs = found.column(("run",)) if runs is None else runs
        times = found.times if times is None else times
        values = found.values
        if len(values.shape) not in (2, 3):
            raise InputError(
                "Trials needs values of shape (n_trials, n_units) or (n_trials, n_units, "
                f"n_times), not {tuple(values.shape)}."
            )
        n_trials = int(values.shape[0])
        if len(stimuli) != n_trials:
            raise InputError(f"Trials: {n_trials} trials but {len(stimuli)} stimulus labels.")
        units = found.table(1) if units is None else units
        table = label_rows_of(units, int(values.shape[1]), "Trials units")
        _refuse_nan(values, table)
        fields = {
            "values": held(values),
            "stimuli": stimuli,
            "times": held(_checked_times(times, tuple(values.shape))),
            "runs": held(_checked_runs(runs, n_trials)),
            "units": table,
            "labels": frozen(with_own(found.labels, labels, "Trials")),
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @classmethod
    def from_rsatoolbox(
        cls, data: Any, stimuli: str | None = None, runs: str | None = None
    ) -> "Trials":
        """A Dataset or TemporalDataset of rsatoolbox as Trials.

        Its descriptors become labels and units.

        Parameters
        ----------
        data : rsatoolbox.data.Dataset or TemporalDataset
            Times, in seconds, are its descriptor ``time``.
        stimuli : str, optional
            The observation descriptor that names the stimuli; default one that is called so
            (``stimulus``, ``conds``, ``stim``, ``image`` …), or the only one.
        runs : str, optional
            That of runs; default ``run`` or ``runs``, if there is one.

        Raises
        ------
        InputError
            If it is another object, or it is not known what names the stimuli.

        Warns
        -----
        IsocortexWarning
            With descriptors that have no place here, such as further ones of observations.
        """
        from isocortex.data.rsatoolbox import of_trials

        return cls(**of_trials(data, stimuli, runs, "Trials.from_rsatoolbox"))

    @property
    def n_trials(self) -> int:
        """The number of trials, of all stimuli together."""
        return len(self.stimuli)

    @property
    def n_units(self) -> int:
        """The number of voxels, channels or neurons."""
        return int(self.values.shape[1])

    @property
    def n_times(self) -> int:
        """The number of time points; 1 without a time axis."""
        return int(self.values.shape[2]) if len(self.values.shape) == 3 else 1

    @property
    def conditions(self) -> tuple[str, ...]:
        """The stimuli that occur, each once, in natural order."""
        return tuple(sorted(set(self.stimuli), key=natural_key))

    @property
    def codes(self) -> np.ndarray:
        """Which of ``conditions`` each trial is of, integers of shape (n_trials,)."""
        return positions(self.conditions, self.stimuli, "Trials.codes")

    @property
    def unit_rows(self) -> LabelRows:
        """What ``units`` is made of, for whoever needs no table."""
        rows: Any = self.__dict__["units"]  # In old pickles the table itself.
        return rows if isinstance(rows, LabelRows) else LabelRows.of_frame(rows)

    def replace(self, **changes: Any) -> "Trials":
        """The same with other fields."""
        return Trials(**{**vars(self), **changes})

    def take(self, trials: Rows) -> "Trials":
        """The trials at integer positions, in that order, or where a mask is true."""
        rows = chosen_rows(trials, self.n_trials, "Trials.take", "trials")
        return self.replace(
            values=self.values[rows],
            stimuli=[self.stimuli[i] for i in rows],
            runs=None if self.runs is None else self.runs[rows],
        )

    def select(self, stimuli: Any = None, *, drop: Any = None) -> "Trials":
        """The trials of some stimuli (conditions), in their order.

        Parameters
        ----------
        stimuli : str or sequence of str, optional
            Those to keep; default all.
        drop : str or sequence of str, optional
            Those to leave out, such as ``"rest"``.

        Raises
        ------
        InputError
            If there are no trials of one that is named, or none is left.

        Examples
        --------
        >>> import isocortex as ic
        >>> trials = ic.Trials([[1.0], [2.0], [3.0]], ["face", "rest", "house"])
        >>> trials.select(drop="rest").stimuli
        ('face', 'house')
        """
        known = self.conditions
        kept = set(known) if stimuli is None else _named(stimuli, known)
        kept -= set() if drop is None else _named(drop, known)
        if not kept:
            raise InputError("Trials.select: no stimulus is left.")
        return self.take([i for i, name in enumerate(self.stimuli) if name in kept])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return array_of(self.values, dtype, copy)

    def to_rsatoolbox(self) -> Any:
        """As a Dataset of rsatoolbox, or a TemporalDataset where there are times."""
        from isocortex.data.rsatoolbox import to_trials

        return to_trials(self)

    def at(self, time: float) -> "Trials":
        """The single time point nearest to ``time``, without a time axis; its label says which.

        Warns
        -----
        IsocortexWarning
            If it is another than was asked for, with how far it is.

        Raises
        ------
        InputError
            If there is no time axis, or ``time`` lies more than half a sample outside it.
        """
        if self.times is None:
            raise InputError("These trials have no time axis.")
        place = place_of_time(self.times, time, "Trials.at")
        labels = {**self.labels, "time": float(self.times[place])}
        return self.replace(values=self.values[:, :, place], times=None, labels=labels)

    def __repr__(self) -> str:
        labels = "".join(f", {key}={value!r}" for key, value in self.labels.items())
        return f"Trials({sizes_of_trials(self)}{labels})"


@door
def average(trials: Trials) -> Responses:
    """Mean response to each stimulus over its trials.

    Parameters
    ----------
    trials : Trials
        Without a time axis; take one time point with ``trials.at(time)`` first.

    Returns
    -------
    Responses
        Stimuli in natural order; the table of units and the labels are kept.

    Raises
    ------
    InputError
        If the trials have a time axis.

    See Also
    --------
    run_averages : One average for each run.
    pseudo_trials : Averages over a few trials each.
    noise_ceiling : How reliable the averages are.

    Examples
    --------
    >>> import isocortex as ic
    >>> trials = ic.Trials([[1.0], [4.0], [3.0], [6.0]], ["face", "house", "face", "house"])
    >>> voxels = ic.average(trials)
    >>> voxels.stimuli, voxels.numpy().ravel()
    (('face', 'house'), array([2., 5.]))
    """
    if trials.times is not None:
        raise InputError(
            "average() gives one value for each stimulus and unit, but these trials have "
            f"{counted(trials.n_times, 'time')}; choose one with trials.at(time)."
        )
    names = trials.conditions
    means, _ = condition_means(np.asarray(trials.values), trials.stimuli, names)
    return Responses(means, names, trials.unit_rows, trials.labels)


def condition_means(
    values: np.ndarray, stimuli: Sequence[str], names: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Mean over the trials of each condition, shape (n_conditions, ...), and trial counts."""
    return group_means(values, positions(names, stimuli, "condition_means"))


def group_means(values: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over the rows of each code from 0, shape (n_codes, ...), and how many there are."""
    counts = np.bincount(codes)
    member = np.zeros((len(counts), len(codes)))
    member[codes, np.arange(len(codes))] = 1.0
    sums = member @ values.reshape(len(codes), -1)
    means = (sums / counts[:, None]).reshape(len(counts), *values.shape[1:])
    return means, counts


def _named(stimuli: Any, known: tuple[str, ...]) -> set[str]:
    """Names of stimuli, each of which must be known."""
    names = [stimuli] if isinstance(stimuli, str) else plain_names(stimuli, "Trials.select")
    for name in names:
        if plain_name(name) not in known:
            raise InputError(
                f"Trials.select: there are no trials of {str(name)!r}. {suggestion(name, known)}"
                f"There are: {listed(known, 20)}."
            )
    return {plain_name(name) for name in names}


def _refuse_nan(values: Array, known: LabelRows) -> None:
    """An error that names the units with NaN where these are few, or else the trials."""
    bad = not_finite(values)
    if bad is None:
        return
    units = known.frame()
    columns = np.nonzero(bad.any(tuple(i for i in range(bad.ndim) if i != 1)))[0]
    rows = np.nonzero(bad.reshape(len(bad), -1).any(1))[0]
    named = units[units.columns[0]].to_numpy() if len(units.columns) else np.arange(len(units))
    raise InputError(
        f"Trials: values hold {int(bad.sum())} NaN or infinite numbers, in {len(columns)} of "
        f"{bad.shape[1]} units ({listed(named[columns])}) and {len(rows)} of {len(bad)} trials "
        f"({listed(rows)}). Drop those units or trials, or fill them knowingly."
    )


def _checked_times(times: Any, shape: tuple[int, ...]) -> np.ndarray | None:
    if len(shape) == 2:
        if times is not None:
            raise InputError(
                f"Trials got times, but values of shape {shape} have no time axis "
                "(n_trials, n_units, n_times)."
            )
        return None
    times = np.arange(shape[2]) if times is None else as_numpy(numeric(times, "Trials times"))
    times = np.asarray(times, dtype=float)
    if times.shape != (shape[2],):
        raise InputError(
            f"Trials: values have {shape[2]} time points but times has shape {times.shape}."
        )
    if len(times) > 1 and not (np.diff(times) > 0).all():
        raise InputError("Trials: times must rise from each point to the next.")
    return times


def _checked_runs(runs: Any, n_trials: int) -> np.ndarray | None:
    if runs is None:
        return None
    check_unmasked(runs, "Trials runs")
    runs = np.asarray(runs)
    if runs.shape != (n_trials,):
        raise InputError(f"Trials has {counted(n_trials, 'trial')} but runs of shape {runs.shape}.")
    missing = np.nonzero(pd.isna(runs))[0] if runs.dtype.kind not in "iub" else ()
    if len(missing):
        raise InputError(
            f"Trials: the run of {len(missing)} of {n_trials} trials is missing (NaN or None): "
            f"trials {listed(missing)}. Name their run, or drop these trials."
        )
    if runs.dtype == object:
        kinds = {str if isinstance(run, str) else type(run) for run in runs}
        if len(kinds) > 1 and not all(issubclass(kind, Real) for kind in kinds):
            raise InputError(
                f"Trials: runs are of several kinds ({listed(k.__name__ for k in kinds)}), which "
                "have no common order. Make them all text, or all numbers."
            )
    return runs
