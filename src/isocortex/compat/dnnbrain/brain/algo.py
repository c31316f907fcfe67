"""``dnnbrain.brain.algo``: from events to time courses."""

from typing import Any

import numpy as np
from scipy.signal import fftconvolve
from scipy.stats import gamma

from isocortex.errors import InputError

DURATION = 32.0


def spm_hrf(ops: int) -> np.ndarray:
    """The canonical haemodynamic response, ``ops`` samples in a second for 32 s; its sum is 1."""
    time = np.linspace(0, DURATION, int(DURATION * ops))
    step = 1 / ops
    response = gamma.pdf(time, 6, loc=step) - 0.167 * gamma.pdf(time, 16, loc=step)
    return response / response.sum()


def convolve_hrf(
    X: Any, onsets: Any, durations: Any, n_vol: int, tr: float, ops: int = 100
) -> np.ndarray:
    """Time courses of events, convolved with a haemodynamic response.

    Events that overlap add up, the time between volumes is taken as it is, and the scan may go
    on for any time after the last event.

    Parameters
    ----------
    X : array, shape (n_events, n_samples)
        The height of each event.
    onsets, durations : array, shape (n_events,)
        In seconds from the first volume; what came before it still has its effect.
    n_vol : int
    tr : float
        Seconds between volumes.
    ops : int, default=100
        Samples in a second.

    Returns
    -------
    array, shape (n_vol, n_samples)
    """
    X = np.asarray(X, dtype=np.float64)
    onsets, durations = np.asarray(onsets, float), np.asarray(durations, float)
    if X.ndim != 2 or onsets.shape != (len(X),) or durations.shape != (len(X),):
        raise InputError(
            f"convolve_hrf: X has shape {X.shape}, onsets {onsets.shape} and durations "
            f"{durations.shape}; they need one row, onset and duration for each event."
        )
    if (durations < 0).any() or tr <= 0 or n_vol < 1:
        raise InputError("convolve_hrf: durations, tr and n_vol must be positive.")
    start = min(0.0, float(onsets.min()))
    n_time = int(np.ceil((n_vol * tr - start) * ops)) + 1
    first = np.clip(np.round((onsets - start) * ops).astype(int), 0, n_time)
    last = np.clip(np.round((onsets + durations - start) * ops).astype(int), 0, n_time)
    member = np.zeros((n_time, len(X)))
    for event, (a, b) in enumerate(zip(first, last, strict=True)):
        member[a:b, event] = 1
    # Linear: convolving each event's boxcar once serves all samples.
    courses = fftconvolve(member, spm_hrf(ops)[:, None], axes=0)[:n_time]
    sampled = np.floor((np.arange(n_vol) * tr - start) * ops).astype(int)
    return courses[sampled] @ X
