"""The verb ``resample``: from the times of words and frames to those of volumes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from isocortex.arrays import is_lazy
from isocortex.choice import counted, listed, one_of
from isocortex.data.gram import Gram
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.series import (
    ONE_RUN,
    Runs,
    even_step,
    moments_of,
    repetition_time,
    run_name,
    runs_of_rows,
    seconds,
)
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.numerics.arrays.constant import is_constant
from isocortex.numerics.arrays.products import Products
from isocortex.numerics.series.lazy import ResampledMatrix
from isocortex.numerics.series.resampling import FILLED, METHODS, Bins, Resampling
from isocortex.transform.word_checks import (
    check_inside,
    check_runs,
    check_varies,
    tell_silence,
)

MOST = 10**8
"""Volumes of a run; no recording has as many."""

WORD_TIMES = ("middle", "onset", "offset")
VOLUME_TIMES = ("middle", "start")


@dataclass(frozen=True, eq=False)
class _Volumes:
    """Volumes of all runs, in their order."""

    bins: Mapping[str, Bins]
    names: list[str]
    table: pd.DataFrame


@door
def resample(  # noqa: PLR0913
    responses: Responses | Gram,
    times: Any = None,
    *,
    tr: float | None = None,
    method: str = "lanczos",
    word_time: str = "middle",
    volume_time: str = "middle",
    centre: bool = False,
    words: Stimuli | Responses | pd.DataFrame | None = None,
) -> Responses | Gram:
    r"""From the times of words, sounds and frames to those of volumes, run by run.

    .. math:: y_i = \sum_j w\left(\frac{t_i - t_j}{TR}\right) x_j, \quad
              w(u) = \mathrm{sinc}(u)\,\mathrm{sinc}(u / 3), \; |u| \le 3

    is ``"lanczos"``: a low-pass filter whose gain is one half at :math:`1 / (2\,TR)`, which the
    labels of the result state. It sums: what is twice as frequent is twice as large, and word
    rate comes out as words per volume.

    Parameters
    ----------
    responses : Responses, shape (n_words, n_units), or Gram
        With ``onset`` and ``offset`` (or ``time``) in its table, in seconds from the start of the
        first volume of the run, and ``run`` where there are several. A layer on disk stays there,
        and is resampled when it is read.
    times : Responses, array, mapping or int, optional
        The volumes. Responses: a recording whose table has ``onset`` (or ``time``) and ``run``;
        the result has its names, so that both meet. An array: the start of each volume of the
        only run; a mapping has one for each run. A number (or one for each run): so many
        volumes, ``tr`` apart, from 0. Default: as many as hold all words.
    tr : float, optional
        Seconds from one volume to the next; needed where ``times`` does not say it.
    method : {"lanczos", "mean", "sum", "last"}, default="lanczos"
        The last three are of the words whose moment lies within the volume, from its start to
        before the start of the next; where there is none, ``"mean"`` and ``"last"`` take the
        mean over the other volumes of the run.
    word_time : {"middle", "onset", "offset"}, default="middle"
        The moment of a word; ``"middle"`` is its ``time`` where it has one.
    volume_time : {"middle", "start"}, default="middle"
        The moment of a volume, for ``"lanczos"``: half a ``tr`` after its start, or the start
        (recordings whose slices were brought to the first one).
    centre : bool, default=False
        Takes the mean over all words out of each unit first. Values far from 0 (a frequency of
        about 5, a length of about 4) are, once summed, mostly the number of words; centred they
        say what words have more or less of than others, and shares beside
        :func:`~isocortex.features.word_rate` (not centred itself) can be read.
    words : Stimuli, Responses or DataFrame, optional
        What has the table of times, where ``responses`` has none, such as a Gram.

    Returns
    -------
    Responses or Gram, shape (n_volumes, n_units)
        With ``run``, ``onset``, ``offset`` and ``time`` in the table (of Responses), and the
        label ``resampled``. Of a Gram, :math:`W K W^\top`.

    Raises
    ------
    InputError
        If words have no times, lie outside the recording or are in milliseconds; if runs do not
        match, or volumes are unevenly spaced (by more than 1 %) or more than 30 s apart, which
        are milliseconds.

    Warns
    -----
    IsocortexWarning
        If the words of every run end long before its volumes, as where ``tr`` is another.

    See Also
    --------
    delayed : The next step: what came some volumes before.
    Folds.by_run : Folds for series.
    encode : Predicts a recording from them.

    References
    ----------
    Huth et al. (2016), Natural speech reveals the semantic maps that tile human cerebral cortex,
    Nature 532:453, https://doi.org/10.1038/nature17637

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> onset = np.arange(0.0, 20.0, 0.5)
    >>> rate = ic.Responses(
    ...     np.ones((40, 1)), table={"onset": onset, "offset": onset + 0.4}
    ... )
    >>> volumes = ic.resample(rate, tr=2.0)
    >>> volumes
    Responses(10 stimuli x 1 unit, float64, resampled='lanczos, cut-off 0.25 Hz')
    >>> volumes.numpy().ravel().round(1)[3:6]
    array([4., 4., 4.])
    >>> ic.resample(rate, 10, tr=2.0, method="sum").numpy().ravel()[:3]
    array([4., 4., 4.])
    """
    make = METHODS[one_of(method, METHODS, "method")]
    if not isinstance(centre, bool):
        raise InputError(f"resample: centre={centre!r} must be True or False.")
    one_of(word_time, WORD_TIMES, "word_time")
    one_of(volume_time, VOLUME_TIMES, "volume_time")
    table = _table_of(responses, words)
    names = responses.stimuli
    runs = runs_of_rows(table, names, who="resample")
    moments = moments_of(table, word_time, names, "resample")
    ends = moments_of(table, "offset", names, "resample") if "offset" in table else moments
    volumes = _volumes(times, tr, volume_time, runs, ends)
    if len(volumes.bins) == 1:
        runs = _named_as(runs, replace(runs, names=tuple(volumes.bins)))
    check_runs(runs, volumes.bins)
    rows = {name: runs.rows(code) for code, name in enumerate(runs.names)}
    check_inside(moments, rows, volumes.bins, names)
    tell_silence(ends, rows, volumes.bins)
    whole = _resampling(make, moments, rows, volumes.bins, method in FILLED)
    said = _said(method, word_time, volumes.bins) + ", centred" * centre
    labels = {**responses.labels, "resampled": said}
    if isinstance(responses, Gram):
        products = _products(responses.products, whole, centre)
        return Gram.from_products(products, volumes.names, labels)
    if centre and not is_lazy(responses.values):
        check_varies(is_constant(responses.numpy()).all())
    values: Any = ResampledMatrix(responses.values, whole, centre)
    if not is_lazy(responses.values):
        values = values[:, :]
    units = responses.__dict__["_units"]
    return Responses(values, volumes.names, units, labels, volumes.table)


def _products(known: Products, whole: Resampling, centre: bool) -> Products:
    """Inner products and sums of volumes, of those of words."""
    raw, sums = known.raw(), (known.row_means() * known.n_units)[:, None]
    if centre:
        check_varies(is_constant(raw).all())
        raw = raw - raw.mean(0)
        raw, sums = raw - raw.mean(1, keepdims=True), sums - sums.mean()
    matrix = known.in_own_unit(whole(whole(raw).T), "inner products")
    sums = whole(sums)[:, 0]
    sums = known.in_own_unit(sums, "row sums", power=1)
    return Products.of_raw((matrix + matrix.T) / 2, sums, known.n_units)


def _table_of(responses: Responses | Gram, words: Any) -> pd.DataFrame:
    if words is None:
        if isinstance(responses, Gram):
            raise InputError(
                "resample: a Gram knows no times of its rows. Give what has them: words=stimuli."
            )
        return responses.table
    if isinstance(words, pd.DataFrame):
        if len(words) != responses.n_stimuli:
            raise InputError(
                f"resample: words has {counted(len(words), 'row')}, but there are "
                f"{responses.n_stimuli}."
            )
        return words.reset_index(drop=True)
    known = words.names if isinstance(words, Stimuli) else words.stimuli
    place = {name: i for i, name in enumerate(known)}
    missing = [name for name in responses.stimuli if name not in place]
    if missing:
        raise InputError(
            f"resample: words has no rows for {len(missing)} of {responses.n_stimuli} rows: "
            f"{listed(missing)}."
        )
    return words.table.iloc[[place[name] for name in responses.stimuli]].reset_index(drop=True)


def _volumes(
    times: Any, tr: float | None, volume_time: str, runs: Runs, ends: np.ndarray
) -> _Volumes:
    if tr is not None:
        tr = repetition_time(tr, "resample")
    if isinstance(times, Responses):
        return _of_recording(times, tr, volume_time, runs)
    if times is None:
        if tr is None:
            raise InputError(
                "resample needs the volumes: times= (a recording, the start of each volume, or "
                "their number), or tr= in seconds for as many as hold all words."
            )
        last = {name: ends[runs.rows(code)].max() for code, name in enumerate(runs.names)}
        _check_number(max(last.values()) / tr, tr)
        times = {name: max(2, int(np.ceil(each / tr - 1e-9))) for name, each in last.items()}
    elif not isinstance(times, Mapping):
        if len(runs.names) != 1:
            raise InputError(
                f"resample: the words are of {counted(len(runs.names), 'run')} "
                f"({listed(runs.names)}), but "
                "times is of one. Give a mapping from run to its times (or number of volumes), "
                "or the recording."
            )
        times = {runs.names[0]: times}
    given: Mapping[Any, Any] = times
    starts = {run_name(run): _starts(each, tr, run_name(run)) for run, each in given.items()}
    made = {run: _bins(each, tr, volume_time, run) for run, each in starts.items()}
    names = [
        f"volume {i}" if len(made) == 1 else f"{run} volume {i}"
        for run, bins in made.items()
        for i in range(len(bins.starts))
    ]
    return _Volumes(made, names, _volume_table(made))


def _starts(times: Any, tr: float | None, run: str) -> np.ndarray:
    """The start of each volume of a run, of those or of their number."""
    if isinstance(times, Integral) and not isinstance(times, bool):
        if tr is None or times < 2:
            raise InputError(
                f"resample: {times} volumes of run {run!r}: give two or more, and tr= in seconds."
            )
        _check_number(float(times), tr)
        return np.arange(int(times)) * float(tr)
    try:
        found = np.asarray(times, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.empty(())
    if found.ndim != 1 or len(found) < 2 or not np.isfinite(found).all():
        raise InputError(
            f"resample: times of run {run!r} must be the start of each volume in seconds, two or "
            f"more, or their number; got {times!r:.60}."
        )
    return found


def _check_number(n_volumes: float, tr: float) -> None:
    if n_volumes > MOST:
        raise InputError(
            f"resample: {n_volumes:.3g} volumes {tr:g} s apart are more than any recording has. "
            "Are tr and the times of words in seconds?"
        )


def _bins(starts: np.ndarray, tr: float | None, volume_time: str, run: str) -> Bins:
    step = even_step(starts, f"resample: volumes of run {run!r}")
    if tr is not None and abs(step - tr) > 0.01 * tr:
        raise InputError(
            f"resample: volumes of run {run!r} are {step:g} s apart, but tr={tr:g} s. Are times "
            "in seconds, as tr is?"
        )
    repetition_time(step, "resample", f"the step from volume to volume of run {run!r}")
    return Bins(starts, starts + (step / 2 if volume_time == "middle" else 0.0), step)


def _of_recording(
    recording: Responses, tr: float | None, volume_time: str, words: Runs
) -> _Volumes:
    """The volumes of a recording, by its table."""
    table, names = recording.table, recording.stimuli
    if not {"onset", "time"} & set(table.columns):
        raise InputError(
            "resample: the recording has no times; its table needs 'onset', the start of each "
            "volume in seconds (or 'time', its moment), and 'run' where there are several: "
            "recording.replace(table={'onset': np.arange(n) * tr})."
        )
    runs = _named_as(runs_of_rows(table, names, who="resample"), words)
    spans = runs.spans("resample")
    made = {}
    for span in spans:
        run = runs.names[runs.codes[span.start]]
        part = table.iloc[span]
        if "onset" in table.columns:
            made[run] = _bins(seconds(part["onset"], names[span], "resample"), tr, volume_time, run)
            continue
        moments = seconds(part["time"], names[span], "resample")
        known = _bins(moments, tr, "start", run)
        made[run] = Bins(moments - known.tr / 2, moments, known.tr)
    return _Volumes(made, list(names), _volume_table(made))


def _named_as(runs: Runs, other: Runs) -> Runs:
    """An only run without a name is the only run of the other side."""
    alone = len(runs.names) == len(other.names) == 1 and ONE_RUN in runs.names
    return replace(runs, names=other.names) if alone else runs


def _volume_table(bins: Mapping[str, Bins]) -> pd.DataFrame:
    starts = np.concatenate([each.starts for each in bins.values()])
    step = np.concatenate([np.full(len(each.starts), each.tr) for each in bins.values()])
    columns = {
        "run": [run for run, each in bins.items() for _ in each.starts],
        "onset": starts,
        "offset": starts + step,
        "time": np.concatenate([each.moments for each in bins.values()]),
    }
    return pd.DataFrame(columns)


def _resampling(
    make: Any,
    moments: np.ndarray,
    rows: Mapping[str, np.ndarray],
    bins: Mapping[str, Bins],
    filled: bool,
) -> Resampling:
    parts, runs, at = [], [], 0
    for run, each in bins.items():
        part = make(moments[rows[run]], each).tocoo()
        n = len(each.starts)
        where = (part.coords[0] + at, rows[run][part.coords[1]])
        parts.append((part.data, *where))
        runs.append(np.arange(at, at + n))
        at += n
    data, first, second = (np.concatenate(each) for each in zip(*parts, strict=True))
    weights = sparse.csr_array((data, (first, second)), shape=(at, len(moments)))
    empty = np.diff(weights.indptr) == 0
    return Resampling(weights, runs, empty if filled else np.zeros(at, dtype=bool))


def _said(method: str, word_time: str, bins: Mapping[str, Bins]) -> str:
    step = float(np.mean([each.tr for each in bins.values()]))
    if method == "lanczos":
        return f"lanczos, cut-off {0.5 / step:.3g} Hz"
    return f"{method} of words by their {word_time}"
