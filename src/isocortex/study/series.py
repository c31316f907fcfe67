"""Recordings in time: a story's listeners, and how what they heard is brought to their volumes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import counted, listed
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.errors import FormatError, InputError
from isocortex.reading import reading
from isocortex.study.keys import key_of
from isocortex.study.settings import Encoding
from isocortex.study.sources import Series
from isocortex.transform.delayed import delayed
from isocortex.transform.resample import resample
from isocortex.transform.runs import clean

GROUP = "group"
"""What the subject of a mean over subjects is called."""
PLAIN = (".txt", ".csv", ".tsv")
"""Files of numbers alone."""
_UNEVEN = 0.05


@dataclass(frozen=True)
class SeriesInTime:
    """A recording whose rows are moments, which meet stimuli by their times."""

    responses: Responses

    @property
    def values(self) -> Any:
        """The numbers, of shape (n_moments, n_units)."""
        return self.responses.values

    @property
    def stimuli(self) -> Sequence[str]:
        """The names of the moments."""
        return self.responses.stimuli

    @property
    def units(self) -> pd.DataFrame:
        """What is known of the columns."""
        return self.responses.units


@dataclass(frozen=True)
class InTime:
    """The series of a subject, or the mean over several, in a region."""

    parts: tuple[tuple[str, Any], ...]
    """Subjects, and where the series of each is."""
    cleaned: bool

    def load(self, subject: str, region: str) -> SeriesInTime:
        """The series, cleaned where the study says so."""
        found = [self._one(who, place, region) for who, place in self.parts]
        first = found[0]
        if len(found) == 1:
            return SeriesInTime(first)
        for (who, _), each in zip(self.parts, found, strict=True):
            if each.stimuli != first.stimuli or each.numpy().shape != first.numpy().shape:
                raise InputError(
                    f"subject {who} has other volumes or units in {region!r} than subject "
                    f"{self.parts[0][0]}, so that their mean is not defined."
                )
        mean = np.mean([each.numpy() for each in found], axis=0)
        return SeriesInTime(first.replace(values=mean, labels={"subject": subject}))

    def _one(self, who: str, place: Any, region: str) -> Responses:
        noun = place.load(who, region)
        if not isinstance(noun, Responses) or "onset" not in noun.table:
            raise InputError(
                f"subject {who} has no series in {region!r}: its rows need their onsets, in the "
                "table of Responses, or by tr = … under series."
            )
        return clean(noun) if self.cleaned else noun


def in_time(series: Series, wanted: Sequence[Any]) -> list[Any]:
    """Recordings as series: one for each that was found, or for each region their mean."""
    if not series.average:
        return [_joined(series, [each], each.subject) for each in wanted]
    regions: dict[str, list[Any]] = {}
    for each in wanted:
        regions.setdefault(each.region, []).append(each)
    return [_joined(series, people, GROUP) for people in regions.values()]


def _joined(series: Series, people: Sequence[Any], subject: str) -> Any:
    key = key_of("series", series.clean, [each.key for each in people])
    place = InTime(tuple((each.subject, each.place) for each in people), series.clean)
    return replace(people[0], subject=subject, key=key, place=place)


def read_series(path: Path, series: Series) -> Responses:
    """Numbers of a text file, a row for each volume, as a series.

    Raises
    ------
    InputError
        If the study does not say what they are.
    FormatError
        If there are other things than numbers in it.
    """
    if series.tr is None or series.columns is None:
        raise InputError(
            f"{path.name!r} holds plain numbers: say the time from row to row by tr = …, and the "
            "regions of its columns by columns = […]."
        )
    with reading(path, "a table of numbers", alone=True):
        separator = {".csv": ",", ".tsv": "\t"}.get(path.suffix)
        values = np.loadtxt(path, delimiter=separator, ndmin=2)
    if values.shape[1] != len(series.columns):
        raise FormatError(
            f"{path.name!r} has {counted(values.shape[1], 'column')}, and the study names "
            f"{len(series.columns)}: {listed(series.columns, 10)}."
        )
    kept = series.first + np.arange(len(values))
    table = {"run": "1", "onset": kept * series.tr, "offset": (kept + 1) * series.tr}
    return Responses(values, [f"volume {i}" for i in kept], {"region": series.columns}, None, table)


def by_region(noun: Responses, otherwise: str) -> Iterable[tuple[str, Responses]]:
    """The columns of each region by itself."""
    if "region" not in noun.units:
        return [(otherwise, noun)]
    regions = noun.units["region"].astype(str).to_numpy()
    return [
        (
            name,
            noun.replace(
                values=noun.numpy()[:, regions == name], units=noun.units[regions == name]
            ),
        )
        for name in dict.fromkeys(regions)
    ]


def on_volumes(layer: Responses, recording: Responses, settings: Encoding) -> Responses:
    """What was heard or seen, as the volumes of a recording can follow it.

    All volumes from the start of each run are made, so that delays know of those that were left
    out of the recording, and then those of the recording are taken.

    Raises
    ------
    InputError
        If the times of the two do not go together.
    """
    runs, index, tr = _volumes(recording)
    counts = {run: int(index[runs == run].max()) + 1 for run in dict.fromkeys(runs)}
    grid: Any = resample(
        layer,
        counts if len(counts) > 1 else next(iter(counts.values())),
        tr=tr,
        method=settings.resample,
        volume_time=settings.volume_time,
    )
    late: Any = (
        delayed(grid, settings.delays) if settings.hrf is None else delayed(grid, hrf=settings.hrf)
    )
    starts = dict(zip(counts, np.cumsum([0, *counts.values()]), strict=False))
    rows = np.array([starts[run] for run in runs]) + index
    return late.take(rows)


def check_times(stimuli: Stimuli, recording: SeriesInTime) -> None:
    """The times of stimuli and recording must go together.

    Raises
    ------
    InputError
        If the stimuli have no times, runs differ, or something was shown outside of the volumes.
    """
    if "onset" not in stimuli.table:
        raise InputError(
            "the recording is a series in time, and the stimuli have no onsets: words, audio and "
            "video have, and images and sentences by none."
        )
    n = len(stimuli)
    one = Responses(np.ones((n, 1)), stimuli.names, None, None, stimuli.table)
    on_volumes(one, recording.responses, Encoding.model_construct())


def _volumes(recording: Responses) -> tuple[np.ndarray, np.ndarray, float]:
    """The run of each row, its volume in the run from 0, and the seconds between volumes."""
    table = recording.table
    onset = table["onset"].to_numpy(float)
    runs = table["run"].astype(str).to_numpy() if "run" in table else np.full(len(onset), "1")
    steps = [np.diff(onset[runs == run]) for run in dict.fromkeys(runs)]
    every = np.concatenate(steps)
    if not every.size or not np.isfinite(onset).all() or every.min() <= 0:
        raise InputError("the onsets of a series must be numbers of seconds that go up in a run.")
    tr = float(np.median(every))
    index = np.rint(onset / tr).astype(int)
    if np.abs(onset / tr - index).max() > _UNEVEN or index.min() < 0:
        raise InputError(
            f"the onsets of a series must be multiples of the {tr:g} s between its volumes, from "
            "the start of the run's first volume."
        )
    return runs, index, tr
