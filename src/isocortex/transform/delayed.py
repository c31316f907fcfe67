"""The verb ``delayed``: what came some volumes before, within each run."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import is_number, one_of
from isocortex.data.gram import Gram
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.series import (
    DELAYS,
    Runs,
    even_step,
    is_series,
    repetition_time,
    runs_of_rows,
    seconds,
)
from isocortex.errors import InputError
from isocortex.numerics.arrays.products import Products
from isocortex.numerics.series.delays import Filter, convolution, shifts, smooth
from isocortex.numerics.series.hrf import HRFS
from isocortex.numerics.series.hrf import hrf as hrf_of
from isocortex.numerics.series.lazy import DelayedMatrix, delayed_products
from isocortex.store.grams import gram


@door
def delayed(
    series: Responses | Gram,
    delays: Sequence[int] | None = None,
    *,
    hrf: str | None = None,
    smoothness: float = 0.0,
    runs: Any = None,
    tr: float | None = None,
) -> Responses | Gram:
    r"""Copies of a series that are some rows late, side by side: a finite impulse response.

    In each run the mean is taken out of every unit before it is shifted, so that what fills the
    first rows of a run is its mean; nothing crosses the edge of a run. Nothing is made until it
    is asked for: a model that follows from inner products is fitted from those of the series,

    .. math:: K_Z = \sum_d S_d\, C K C\, S_d^\top

    where C centres each run and :math:`S_d` shifts by d rows within runs, so that delays hardly
    cost anything.

    Parameters
    ----------
    series : Responses, shape (n_volumes, n_units), or Gram
        In the order of time, run by run, with all volumes of each run: leave some out afterwards
        (``delayed(...).take(slice(10, None))``), so that those that are left know what came
        before them. Runs are the column ``run`` of its table.
    delays : sequence of int, optional
        In rows (volumes); below 0, what comes after.
    hrf : {"spm", "glover"}, optional
        In place of delays: the series convolved with a haemodynamic response, sampled at the
        rows of the series, a coarse grid where these are 2 s apart.
    smoothness : float, default=0.0
        Wishes the weights of neighbouring delays to be alike: :math:`\lambda` of the penalty
        :math:`\alpha\,(\|w\|^2 + \lambda \|D w\|^2)` of a ridge, where D are second differences
        over delays (Tikhonov). The columns are then mixtures of delays.
    runs : sequence, or mapping from name to run, optional
        Where the table has no column ``run``, and for a Gram.
    tr : float, optional
        Seconds between rows, for ``hrf``, where the table does not say it.

    Returns
    -------
    Responses or Gram, shape (n_volumes, n_delays * n_units)
        Units have a column ``delay``; all units of the first delay come first. The table of the
        rows is kept.

    Raises
    ------
    InputError
        If rows of a run do not follow one another evenly, a delay is no whole number or as long
        as a run, or neither or both of ``delays`` and ``hrf`` are given.

    See Also
    --------
    resample : From words and frames to volumes.
    Folds.by_run : Leaves out what adjoins the test rows.
    BandedRidge : A penalty for each of several series, each with delays of its own.

    References
    ----------
    Nishimoto et al. (2011), Reconstructing visual experiences from brain activity evoked by
    natural movies, Curr. Biol. 21:1641, https://doi.org/10.1016/j.cub.2011.08.031

    Examples
    --------
    >>> import isocortex as ic
    >>> rate = ic.Responses([[1.0], [2.0], [6.0], [4.0], [8.0]], table={"run": list("aaabb")})
    >>> late = ic.delayed(rate, [0, 1])
    >>> late.units
       delay
    0      0
    1      1
    >>> late.numpy()
    array([[-2.,  0.],
           [-1., -2.],
           [ 3., -1.],
           [-2.,  0.],
           [ 2., -2.]])
    """
    table = None if isinstance(series, Gram) else series.table
    known = runs_of_rows(table, series.stimuli, runs, "delayed")
    spans = known.spans("delayed")
    step = _step(series, spans)
    filters = _filters(delays, hrf, smoothness, tr if tr is not None else step)
    if hrf is None:
        _check_lengths(filters, spans, known)
    elif smoothness:
        raise InputError("delayed: smoothness= is over delays, and hrf= has none; give one.")
    names = [hrf] if hrf is not None else _whole_numbers(delays)
    labels = {**series.labels, DELAYS: told_delays(filters, hrf, series.labels)}
    if isinstance(series, Gram):
        made = delayed_products(series.products, spans, filters)
        return Gram.from_products(made, series.stimuli, labels)
    values = DelayedMatrix(series.values, spans, filters, partial(_products_of, series))
    units = partial(_delayed_units, series, names)
    late = series.replace(values=values, units=units, labels=labels)
    return late if is_series(late) else late.replace(table=_marked(late, spans))


def _products_of(series: Responses) -> Products:
    return gram(series).products


def _delayed_units(series: Responses, names: Sequence[Any]) -> pd.DataFrame:
    """The units of each copy, and its delay."""
    units = pd.concat([series.units] * len(names), ignore_index=True)
    units["delay"] = np.repeat(np.array(names, dtype=object), series.n_units)
    return units.infer_objects()


def _marked(late: Responses, spans: Sequence[slice]) -> pd.DataFrame:
    """The table with the mark of a series: rows are counted where no times are known."""
    counted = np.concatenate([np.arange(span.stop - span.start) for span in spans])
    return late.table.assign(time=counted.astype(float))


def _step(series: Any, spans: Sequence[slice]) -> float | None:
    """Seconds between rows, by the table, which must be even within runs; None if unknown."""
    table = getattr(series, "table", pd.DataFrame())
    column = next((each for each in ("onset", "time") if each in table.columns), None)
    if column is None:
        return None
    steps = [
        even_step(seconds(table[column].iloc[span], series.stimuli[span], "delayed"), "delayed")
        for span in spans
        if span.stop - span.start > 1
    ]
    if steps and max(steps) > 1.01 * min(steps):
        raise InputError(
            f"delayed: rows are {min(steps):g} s apart in one run and {max(steps):g} s in another, "
            "so that a delay of one row is not one time. Resample all runs to one tr."
        )
    return steps[0] if steps else None


def _filters(
    delays: Sequence[int] | None, hrf: str | None, smoothness: float, step: float | None
) -> list[Filter]:
    if (delays is None) == (hrf is None):
        raise InputError(
            "delayed needs either delays, such as [1, 2, 3, 4] rows, or hrf='spm' or 'glover'."
        )
    if hrf is not None:
        one_of(hrf, HRFS, "hrf")
        if step is None:
            raise InputError(
                "delayed: hrf= needs the seconds between rows: tr=, or 'onset' in the table."
            )
        step = repetition_time(step, "delayed")
        if step > HRFS[hrf][0]:
            raise InputError(
                f"delayed: rows are {step:g} s apart, and the peak of a response of the blood is "
                f"over before the next one; hrf= needs rows at most {HRFS[hrf][0]:g} s apart. "
                "Resample to a shorter tr."
            )
        return convolution(hrf_of(hrf, step))
    wanted = _whole_numbers(delays)
    if not is_number(smoothness) or not np.isfinite(smoothness) or smoothness < 0:
        raise InputError(f"delayed: smoothness={smoothness!r} must be a number from 0.")
    if not smoothness:
        return shifts(wanted)
    if len(wanted) < 3 or (np.diff(wanted) != wanted[1] - wanted[0]).any():
        raise InputError(
            f"delayed: smoothness= needs three or more delays, evenly spaced; got {wanted}."
        )
    return smooth(wanted, float(smoothness))


def _whole_numbers(delays: Any) -> list[int]:
    found = np.asarray(delays)
    whole = found.ndim == 1 and len(found) and found.dtype.kind in "iu"
    if not whole or len(np.unique(found)) < len(found):
        raise InputError(
            f"delayed: delays={delays!r:.60} must be different whole numbers of rows, such as "
            "[1, 2, 3, 4]. Seconds are divided by the tr."
        )
    return found.tolist()


def told_delays(filters: Sequence[Filter], hrf: str | None, labels: Mapping[str, Any]) -> str:
    """What the label of delayed rows says, by which :func:`longest_delay` knows how far they
    reach back, also once they were saved or standardized."""
    rows = [delay for each in filters for delay in each.delays]
    said = ", ".join(map(str, dict.fromkeys(rows)))
    said = said if hrf is None else f"{hrf} response over {max(rows)} rows"
    return f"{said} after {labels[DELAYS]}" if DELAYS in labels else said


def _check_lengths(filters: Sequence[Filter], spans: Sequence[slice], runs: Runs) -> None:
    longest = max((abs(delay) for each in filters for delay in each.delays), default=0)
    for span in spans:
        if longest >= span.stop - span.start:
            run = runs.names[runs.codes[span.start]]
            raise InputError(
                f"delayed: a delay of {longest} rows leaves nothing of run {run!r}, which has "
                f"{span.stop - span.start}."
            )
