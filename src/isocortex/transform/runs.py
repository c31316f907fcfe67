"""What is done to runs before they are compared: trends out, scale out, averages within."""

from typing import Any, TypeVar

import numpy as np

from isocortex.choice import there_are
from isocortex.data.names import natural_key
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.series import runs_of_rows
from isocortex.data.trials import Trials, condition_means
from isocortex.errors import InputError, UndefinedError
from isocortex.numerics.arrays.constant import is_rounding
from isocortex.types import Values

Series = TypeVar("Series", Trials, Responses)


@door
def clean(
    trials: Series,
    *,
    detrend: bool = True,
    standardize: bool = True,
    confounds: Values | None = None,
) -> Series:
    """Take mean, trend and confounds out of a time series, in each run by itself.

    Parameters
    ----------
    trials : Trials or Responses, shape (n_volumes, n_units)
        A time series with its runs (of Responses the column ``run`` of the table), all volumes
        in it (also those of rest), in their order.
    detrend : bool, default=True
        Take out a straight line.
    standardize : bool, default=True
        Mean 0 and standard deviation 1 (over n - 1) in each run and unit.
    confounds : array, shape (n_volumes, n_confounds), optional
        Such as motion; regressed out in each run.

    Returns
    -------
    Trials or Responses
        Of the same stimuli, runs and units; the same numbers as :func:`nilearn.signal.clean`
        with ``runs=``.

    Raises
    ------
    InputError
        If the trials have a time axis, or the confounds another length.
    UndefinedError
        If a unit is constant in a run and shall be standardized.

    See Also
    --------
    run_averages : The next step: one pattern for each block.
    standardize : Responses instead of a time series.
    read_volumes : Reads time series.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> drift = np.linspace(0, 5, 20)[:, None]
    >>> bold = np.random.default_rng(0).normal(size=(20, 4)) + drift
    >>> trials = ic.Trials(bold, ["face", "house"] * 10, runs=[1] * 10 + [2] * 10)
    >>> cleaned = ic.clean(trials)
    >>> bool(np.abs(cleaned.values[:10].mean(axis=0)).max() < 1e-12)
    True
    >>> cleaned.values[10:].std(axis=0, ddof=1).round(6)
    array([1., 1., 1., 1.])
    """
    values = trials.numpy() if isinstance(trials, Responses) else _series(trials, "clean")
    nuisance = np.empty((len(values), 0))
    if confounds is not None:
        nuisance = np.asarray(confounds, dtype=np.float64)
    if nuisance.ndim != 2 or len(nuisance) != len(values):
        raise InputError(
            f"clean: {there_are(len(values), 'volume')}, but confounds have shape {nuisance.shape}."
        )
    cleaned = np.empty(values.shape)
    for run, rows in _rows_of_runs(trials).items():
        left = _residual(values[rows], nuisance[rows], detrend)
        cleaned[rows] = _scaled(left, values[rows], _called(run, trials)) if standardize else left
    return trials.replace(values=cleaned)


def _rows_of_runs(trials: Any) -> dict[Any, np.ndarray]:
    """The rows of each run; all are of one where none is known."""
    if isinstance(trials, Responses):
        runs = runs_of_rows(trials.table, trials.stimuli, who="clean")
        return {name: runs.rows(code) for code, name in enumerate(runs.names)}
    runs = np.zeros(trials.n_trials, dtype=int) if trials.runs is None else trials.runs
    return {run: np.nonzero(runs == run)[0] for run in dict.fromkeys(runs.tolist())}


def _called(run: Any, trials: Any) -> str:
    """A run, and whose it is where that is known."""
    subject = trials.labels.get("subject")
    return f"{run!r}" if subject is None else f"{run!r} of subject {str(subject)!r}"


@door
def run_averages(trials: Trials) -> Trials:
    """Mean over the volumes of each stimulus in each run: one pattern for every block.

    Parameters
    ----------
    trials : Trials, shape (n_volumes, n_units)
        With runs.

    Returns
    -------
    Trials, shape (n_patterns, n_units)
        Run by run, and in each in the natural order of the stimuli that occur in it.

    Raises
    ------
    InputError
        If the trials have a time axis or no runs.

    See Also
    --------
    clean : Takes trends out beforehand.
    average : Over all runs.
    pseudo_trials : Averages over a few trials each.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> bold = np.arange(8.0)[:, None]
    >>> trials = ic.Trials(bold, ["face", "face", "house", "house"] * 2, runs=[1] * 4 + [2] * 4)
    >>> patterns = ic.run_averages(trials)
    >>> list(patterns.stimuli), patterns.values.ravel()
    (['face', 'house', 'face', 'house'], array([0.5, 2.5, 4.5, 6.5]))
    """
    values = _series(trials, "run_averages")
    if trials.runs is None:
        raise InputError("run_averages needs trials with runs; give read_volumes(runs=...).")
    parts, stimuli, runs = [], [], []
    for run in dict.fromkeys(trials.runs.tolist()):
        rows = np.nonzero(trials.runs == run)[0]
        shown = [trials.stimuli[row] for row in rows]
        names = tuple(sorted(set(shown), key=natural_key))
        parts.append(condition_means(values[rows], shown, names)[0])
        stimuli += names
        runs += [run] * len(names)
    return trials.replace(values=np.concatenate(parts), stimuli=stimuli, runs=np.array(runs))


def _series(trials: Any, who: str) -> np.ndarray:
    if not isinstance(trials, Trials) or trials.times is not None:
        raise InputError(f"{who} needs Trials without a time axis: one row for each volume.")
    return np.asarray(trials.values)


def _residual(values: np.ndarray, confounds: np.ndarray, detrend: bool) -> np.ndarray:
    """What a straight line (or a mean) and the confounds leave of the values."""
    n = len(values)
    line = np.linspace(-1.0, 1.0, n)[:, None] if detrend else np.empty((n, 0))
    design = np.hstack([np.ones((n, 1)), line, confounds - confounds.mean(0)])
    # An orthonormal basis of the design; confounds may repeat each other or be constant.
    basis, size, _ = np.linalg.svd(design, full_matrices=False)
    basis = basis[:, size > size[0] * n * np.finfo(float).eps]
    return values - basis @ (basis.T @ values)


def _scaled(left: np.ndarray, values: np.ndarray, run: str) -> np.ndarray:
    spread = left.std(0, ddof=1)
    constant = is_rounding(spread, np.abs(values).max(0, initial=0.0))
    if constant.any():
        raise UndefinedError(
            f"clean: {int(constant.sum())} units are constant in run {run} and have no "
            "standard deviation there; leave them out of the mask."
        )
    return left / spread
