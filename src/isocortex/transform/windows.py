"""The verbs ``smooth`` and ``time_windows``: what decoding uses of the course of a signal."""

import numpy as np

from isocortex.arrays import as_numpy
from isocortex.data.label_rows import LabelRows
from isocortex.data.needs import door
from isocortex.data.trials import Trials
from isocortex.errors import InputError


@door
def smooth(trials: Trials, width: float) -> Trials:
    """The mean over a window of time around each time point.

    At both ends the window is cut off, so it is shorter there and not centred.

    Parameters
    ----------
    trials : Trials
        With a time axis.
    width : float
        Of the window in seconds.

    Returns
    -------
    Trials
        With the same times.

    Raises
    ------
    InputError
        If there is no time axis or the width is not positive.

    See Also
    --------
    time_windows : Keeps all samples of a window as units.
    pseudo_trials : Averages over trials.
    clean : Takes trends out of fMRI runs.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> times = np.arange(5) / 100
    >>> trials = ic.Trials([[[0.0, 0.0, 3.0, 0.0, 0.0]]], ["face"], times)
    >>> ic.smooth(trials, width=0.03).values
    array([[[0., 1., 1., 1., 0.]]])
    """
    if trials.times is None:
        raise InputError("smooth needs trials with a time axis: values (trials, units, times).")
    if not width > 0:
        raise InputError(f"smooth: the width of the window must be above 0 s, not {width}.")
    near = np.abs(trials.times[:, None] - trials.times[None, :]) <= width / 2 * (1 + 1e-9)
    kernel = near / near.sum(0)
    return trials.replace(values=as_numpy(trials.values) @ kernel)


@door
def time_windows(trials: Trials, width: float, *, step: float | None = None) -> Trials:
    """Windows that slide over time, in which every sample of every unit is a unit.

    What decoding then uses at a time is the course of the signal around it.

    Parameters
    ----------
    trials : Trials
        With a time axis, evenly spaced.
    width : float
        Of the window in seconds.
    step : float, optional
        From one window to the next in seconds; default one sample.

    Returns
    -------
    Trials, shape (n_trials, n_units * samples in a window, n_windows)
        Times are the middles of the windows; the table of units has ``lag`` in seconds.

    Raises
    ------
    InputError
        If there is no time axis, or the window is shorter than a sample or longer than all.

    See Also
    --------
    smooth : The mean over a window instead.
    pseudo_trials : Averages over trials.
    decoding_rdms : Decodes pairs of conditions at each time.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> epochs = np.random.default_rng(0).normal(size=(6, 4, 10))  # trial, channel, time
    >>> trials = ic.Trials(epochs, ["face", "house"] * 3, times=np.arange(10) / 100)
    >>> windows = ic.time_windows(trials, width=0.05)
    >>> windows.n_units, windows.n_times
    (20, 6)
    """
    if trials.times is None or trials.n_times < 2:
        raise InputError("time_windows needs trials with a time axis of at least two samples.")
    sample = float(np.median(np.diff(trials.times)))
    size, every = round(width / sample), round((step or sample) / sample)
    if not 1 <= size <= trials.n_times or every < 1:
        raise InputError(
            f"time_windows: a window of {width} s and a step of {step} s must be from one sample "
            f"({sample:.4g} s) to all {trials.n_times} of them."
        )
    starts = np.arange(0, trials.n_times - size + 1, every)
    values = as_numpy(trials.values)
    stacked = np.stack([values[:, :, i : i + size].reshape(len(values), -1) for i in starts], 2)
    lags = trials.times[:size] - trials.times[:size].mean()
    known = trials.unit_rows.at(np.repeat(np.arange(trials.n_units), size))
    known = known.only([key for key in known if key != "lag"])
    lag = {"lag": np.tile(lags, trials.n_units).tolist()}
    units = known.beside(LabelRows.of_columns(lag, known.n_rows))
    middles = trials.times[starts] - lags[0]
    return trials.replace(values=stacked, times=middles, units=units)
