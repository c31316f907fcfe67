"""One number for how each unit is tuned.

Each function maps curves (n_values, n_units), the values (n_values,) and their period to one
number for each unit. To add one: write the function, add its line to ``TUNING_INDICES``.
"""

from collections.abc import Callable, Mapping

import numpy as np

from isocortex.choice import choose, named
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.scores import Scores
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.populations.curves import tuning_curves
from isocortex.types import Values

TuningIndex = Callable[[np.ndarray, np.ndarray, float], np.ndarray]


def selectivity(curves: np.ndarray, values: np.ndarray, period: float) -> np.ndarray:
    r"""Length of the mean vector, 0 (untuned) to 1 (one value only).

    .. math:: \left| \sum_k r_k e^{2 \pi i\, v_k / T} \right| \Big/ \sum_k |r_k|

    For responses that are not negative this is one minus the circular variance [1]_.

    References
    ----------
    .. [1] Ringach, Shapley & Hawken (2002), Orientation selectivity in macaque V1, J. Neurosci.
       22:5639. https://doi.org/10.1523/JNEUROSCI.22-13-05639.2002
    """
    return np.abs(_vector(curves, values, period)) / np.abs(curves).sum(0)


def preferred(curves: np.ndarray, values: np.ndarray, period: float) -> np.ndarray:
    """Direction of the mean vector, from ``-period / 2`` to ``period / 2``."""
    return np.angle(_vector(curves, values, period)) * period / (2 * np.pi)


def peak(curves: np.ndarray, values: np.ndarray, period: float) -> np.ndarray:  # noqa: ARG001
    """The value with the largest response (the first, if several share it)."""
    return values[curves.argmax(0)]


def contrast(curves: np.ndarray, values: np.ndarray, period: float) -> np.ndarray:
    r"""Best against opposite value, :math:`(r_p - r_o) / (|r_p| + |r_o|)`, 0 to 1.

    The opposite is the value nearest to half a period from the best one; for orientations
    this is the orientation index OSI.
    """
    best = curves.argmax(0)
    away = _distance(values[best][None, :] + period / 2, values[:, None], period)
    opposite = away.argmin(0)
    units = np.arange(curves.shape[1])
    high, low = curves[best, units], curves[opposite, units]
    return (high - low) / (np.abs(high) + np.abs(low))


def width(curves: np.ndarray, values: np.ndarray, period: float) -> np.ndarray:
    """The part of the circle where a unit exceeds half its range, in units of the values."""
    order = np.argsort(values)
    low, high = curves.min(0), curves.max(0)
    above = curves[order] > (low + high) / 2
    return (above * _shares(values[order], period)[:, None]).sum(0)


def peaks(curves: np.ndarray, values: np.ndarray, period: float) -> np.ndarray:  # noqa: ARG001
    """How often the curve rises through the middle of its range, once round the circle."""
    ordered = curves[np.argsort(values)]
    above = ordered > (ordered.min(0) + ordered.max(0)) / 2
    return (above & ~np.roll(above, 1, axis=0)).sum(0).astype(float)


def sparseness(curves: np.ndarray, values: np.ndarray, period: float) -> np.ndarray:  # noqa: ARG001
    r"""Lifetime sparseness [1]_, 0 (all values alike) to 1 (one value only).

    .. math:: \left(1 - \frac{(\sum_k |r_k| / n)^2}{\sum_k r_k^2 / n}\right) \Big/ (1 - 1/n)

    References
    ----------
    .. [1] Vinje & Gallant (2000), Sparse coding and decorrelation in primary visual cortex
       during natural vision, Science 287:1273. https://doi.org/10.1126/science.287.5456.1273
    """
    n = len(curves)
    ratio = np.abs(curves).mean(0) ** 2 / (curves**2).mean(0)
    return (1 - ratio) / (1 - 1 / n)


TUNING_INDICES: Mapping[str, TuningIndex] = {
    "selectivity": selectivity,
    "preferred": preferred,
    "peak": peak,
    "contrast": contrast,
    "width": width,
    "peaks": peaks,
    "sparseness": sparseness,
}


@door
def tuning_index(
    responses: Responses | Scores,
    index: "str | TuningIndex" = "selectivity",
    *,
    by: str | Values = "orientation",
    period: float = 180.0,
    stimuli: Stimuli | None = None,
    bin_width: float | None = None,
) -> Scores:
    """One number for the tuning of each unit.

    Parameters
    ----------
    responses : Responses, or Scores from :func:`tuning_curves`
        Of Responses the curves are computed first, by ``by``, ``stimuli`` and ``bin_width``.
    index : str or callable, default="selectivity"
        A key of ``TUNING_INDICES``: ``selectivity``, ``preferred``, ``peak``, ``contrast``,
        ``width``, ``peaks``, ``sparseness``; or a function of curves, values and period.
    by : str or array, shape (n_stimuli,), default="orientation"
        What was varied, as in :func:`tuning_curves`; without effect on Scores.
    period : float, default=180
        After which a value means the same again: 180 for orientations, 360 for directions.
    stimuli : Stimuli, optional
        Where the column ``by`` stands; met by name.
    bin_width : float, optional
        Average over bins of this width, as in :func:`tuning_curves`.

    Returns
    -------
    Scores, shape (n_units,)
        NaN for units that do not respond at all.

    Raises
    ------
    InputError
        If the index is unknown, ``period`` is not positive, or there are fewer than two values.

    See Also
    --------
    tuning_curves : The curves that it rests on.
    plots.tuning : Draws them.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> gratings = ic.gratings(np.arange(-90, 90, 5))
    >>> population = ic.simulate_responses(gratings, n_units=4, noise=0.0, seed=0)
    >>> ic.tuning_index(population, "preferred").values.round()
    array([-67., -33.,  40.,  80.])
    >>> population.units["preferred"].to_numpy().round()
    array([-67., -33.,  40.,  80.])
    """
    measure = choose(index, TUNING_INDICES, "index")
    if not period > 0:
        raise InputError(f"tuning_index: period must be positive, not {period:g}.")
    curves = responses
    if isinstance(curves, Responses):
        curves = tuning_curves(curves, by, stimuli=stimuli, bin_width=bin_width)
    if "value" not in curves.tables:
        raise InputError(
            "tuning_index needs Scores of tuning_curves, with the axes (value, unit); these have "
            f"{curves.dims}."
        )
    values = curves.tables["value"].iloc[:, 0].to_numpy(dtype=float)
    if len(values) < 2:
        raise InputError(f"tuning_index needs at least two values, not {len(values)}.")
    silent = np.ptp(curves.values, axis=0) == 0
    numbers = np.full(curves.values.shape[1], np.nan)
    if not silent.all():
        numbers[~silent] = measure(curves.values[:, ~silent], values, float(period))
    name = named(index, "index")
    notes = {**curves.notes, "period": float(period), "n_constant_units": int(silent.sum())}
    return Scores(numbers, {"unit": curves.tables["unit"]}, metric=name, notes=notes)


def _vector(curves: np.ndarray, values: np.ndarray, period: float) -> np.ndarray:
    return np.exp(2j * np.pi * values / period) @ curves


def _distance(a: np.ndarray, b: np.ndarray, period: float) -> np.ndarray:
    """How far apart on the circle, 0 to half a period."""
    return np.abs((a - b + period / 2) % period - period / 2)


def _shares(ordered: np.ndarray, period: float) -> np.ndarray:
    """The part of the circle that each of some rising values stands for."""
    gaps = np.diff(ordered, append=ordered[0] + period)
    return (gaps + np.roll(gaps, 1)) / 2
