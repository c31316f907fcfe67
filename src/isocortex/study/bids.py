"""Recordings of a study in BIDS: betas or volumes of each subject, by region, meet the stimuli."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from isocortex.choice import listed
from isocortex.data.responses import Responses
from isocortex.data.text_table import read_text_table
from isocortex.data.trials import Trials, average
from isocortex.errors import InputError
from isocortex.formats.bids.beside import events_table, files_of
from isocortex.formats.bids.betas import Betas
from isocortex.formats.bids.events import events_of
from isocortex.formats.bids.names import (
    BidsFile,
    all_series,
    ask,
    asked_of,
    by_subject,
    having,
    subjects_of,
)
from isocortex.formats.bids.read import folder_at, read_bids
from isocortex.formats.files import open_image, pixels
from isocortex.study.keys import FileKeys, key_of
from isocortex.study.patterns import filled, inside, matching
from isocortex.study.problems import misplaced
from isocortex.study.sources import Bids, RecordingSource

INDEX, NAME = "index", "name"
"""Columns of the table of an atlas."""


@dataclass(frozen=True)
class Region:
    """A region of a subject: a mask, or a number in an atlas; the whole brain mask without."""

    name: str
    path: Path | None = None
    index: int | None = None

    def inside(self) -> np.ndarray:
        """Where it is, as an array of bool on the grid of the image."""
        found = pixels(open_image(str(self.path), "the study"), "the study")
        return np.nan_to_num(found) != 0 if self.index is None else found == self.index


@dataclass(frozen=True)
class BidsSubject:
    """All regions of one subject, which are estimated together."""

    root: Path
    settings: str
    """The table of the study file, as JSON: it travels to workers, and has a hash."""
    content: str
    """A key of the files' bytes, so that nothing of other bytes is served."""
    regions: tuple[Region, ...]

    def load(self, subject: str, region: str) -> Responses:
        """The mean response to each stimulus in a region."""
        whole = _estimated(self, subject)
        held = next(each for each in self.regions if each.name == region)
        if held.path is None:
            return whole
        units = whole.units
        rows = held.inside()[tuple(units[axis].to_numpy() for axis in "ijk")]
        if not rows.any():
            raise InputError(f"the region {region!r} of subject {subject} has no voxel.")
        return whole.replace(values=whole.numpy()[:, rows], units=units[rows])


@lru_cache(maxsize=1)
def _estimated(place: BidsSubject, subject: str) -> Responses:
    """The responses of a subject in all regions together: a series is read once for all."""
    asked = Bids.model_validate_json(place.settings)
    masks = [each.inside() for each in place.regions if each.path is not None]
    grids = {each.shape for each in masks}
    if len(grids) > 1:
        raise InputError(f"the masks of subject {subject} have several shapes: {listed(grids)}.")
    trials: Any = read_bids(
        place.root,
        task=asked.task,
        space=asked.space,
        subjects=subject,
        betas=_betas(asked),
        lag=asked.lag,
        confounds=asked.confounds if asked.confounds is not None else [],
        mask=np.logical_or.reduce(masks).astype(np.int8) if masks else None,
        condition=asked.condition,
        entities=asked.entities,
        derivatives=asked.derivatives,
    )
    names = [_called(each, asked) for each in trials.stimuli]
    kept = np.array([name not in asked.ignore for name in names])
    shown = [name for name in names if name not in asked.ignore]
    values = trials.values[kept]
    return average(Trials(values, shown, None, trials.runs[kept], trials.units, trials.labels))


def _betas(asked: Bids) -> Betas | None:
    if asked.betas is None:
        return None
    return Betas(asked.betas, others=asked.others, hrf=asked.hrf, high_pass=asked.high_pass)


def _called(condition: str, asked: Bids) -> str:
    """The stimulus that a condition of the events is."""
    return condition if asked.match == "name" else PurePosixPath(condition.replace("\\", "/")).stem


@dataclass(frozen=True)
class Found:
    """What is in a tree for a recording, before anything is read."""

    root: Path
    series: Mapping[str, Sequence[BidsFile]]
    """Of each subject, in the order of runs."""


def found_in(source: RecordingSource, folder: Path) -> Found:
    """The series that a recording asks for.

    Raises
    ------
    IsocortexError
        With the key of the file that is to blame, if a folder, task, space or subject is not
        there, or several fit.
    """
    asked = source.bids
    assert asked is not None
    with misplaced("bids", "root"):
        root = folder_at(inside(folder, asked.root), "root")
    with misplaced("bids", "derivatives" if _says(asked, "derivatives") else "root"):
        derived = folder_at(root / asked.derivatives, "derivatives")
        known = subjects_of(derived, None)
    with misplaced("subjects"):
        subjects = subjects_of(derived, source.subjects) if source.subjects is not None else known
    with misplaced("bids"):
        files: Sequence[BidsFile] = all_series(derived, subjects)
        wanted = asked_of(asked.task, asked.space, asked.entities)
    for key, values in wanted.items():
        with misplaced("bids", *((key,) if key in ("task", "space") else ("entities", key))):
            files = having(files, key, values)
    with misplaced("bids"):
        ask(files, wanted)
        return Found(root, by_subject(files, subjects))


def _says(asked: Bids, key: str) -> bool:
    return key in asked.model_fields_set


def _condition(asked: Bids) -> tuple[str, ...]:
    return ("condition",) if _says(asked, "condition") else ()


def parts_of(
    source: RecordingSource, folder: Path, files: FileKeys
) -> Iterator[tuple[str, str, str, BidsSubject]]:
    """Subject, region, key of the content, and the place, of all that a recording has.

    Raises
    ------
    IsocortexError
        As :func:`found_in`, or if a mask, atlas or table is not there.
    """
    asked = source.bids
    assert asked is not None
    found = found_in(source, folder)
    settings = asked.model_dump_json()
    said = asked.model_dump(mode="json", exclude={"root", "derivatives", "mask", "atlas", "labels"})
    for subject, series in found.series.items():
        with misplaced("bids"):
            paths = [path for each in series for path in files_of(found.root, each)]
        with misplaced("bids", *_condition(asked)):
            _conditions(found.root, series, asked)
        content = key_of(said, [files.of(path) for path in dict.fromkeys(paths)])
        regions = tuple(_regions(source, folder, subject))
        masks = [None if each.path is None else files.of(each.path) for each in regions]
        place = BidsSubject(found.root, settings, key_of(content, masks), regions)
        for each, mask in zip(regions, masks, strict=True):
            yield subject, each.name, key_of("bids", content, mask, each.index), place


def _regions(source: RecordingSource, folder: Path, subject: str) -> Iterator[Region]:
    asked = source.bids
    assert asked is not None
    said = {"subject": subject}
    if asked.mask is not None:
        with misplaced("bids", "mask"):
            for path, also in matching(folder, filled(asked.mask, said)):
                yield Region(also.get("region", source.name), path)
    elif asked.atlas is not None:
        with misplaced("bids", "atlas"):
            path = matching(folder, filled(asked.atlas, said))[0][0]
        with misplaced("bids", "labels"):
            for index, name in _labels(inside(folder, str(asked.labels))):
                yield Region(name, path, index)
    else:
        yield Region(source.name)


def _labels(path: Path) -> list[tuple[int, str]]:
    """The numbers and names of an atlas."""
    table = read_text_table(path, (INDEX, NAME)).frame
    absent = [each for each in (INDEX, NAME) if each not in table]
    if absent:
        raise InputError(
            f"{str(path)!r} has no column {absent[0]!r}; it needs {INDEX!r}, the number in the "
            f"atlas, and {NAME!r}. It has: {listed(table.columns, 10)}."
        )
    if not table[INDEX].str.fullmatch(r"\s*\d+\s*").all():
        raise InputError(f"{str(path)!r}: the column {INDEX!r} must hold whole numbers.")
    return [(int(i), str(name)) for i, name in zip(table[INDEX], table[NAME], strict=True)]


def refuse_other_names(source: RecordingSource, folder: Path, shown: Sequence[str]) -> None:
    """The events of every subject must be of the stimuli that were shown, and of all of them.

    Raises
    ------
    InputError
        With the conditions that no stimulus has, or the stimuli that no event has.
    """
    asked = source.bids
    assert asked is not None
    found = found_in(source, folder)
    for subject, series in found.series.items():
        with misplaced("bids", *_condition(asked)):
            names = _conditions(found.root, series, asked)
            _refuse_other(subject, names, shown, asked)


def _conditions(root: Path, series: Sequence[BidsFile], asked: Bids) -> list[str]:
    """What the events of a subject show, each once, but for what is ignored."""
    tables = [events_of(events_table(root, each), asked.condition).table for each in series]
    every = dict.fromkeys(str(each) for table in tables for each in table["trial_type"])
    names = dict.fromkeys(_called(each, asked) for each in every)
    return [name for name in names if name not in asked.ignore]


def _refuse_other(subject: str, names: Sequence[str], shown: Sequence[str], asked: Bids) -> None:
    further = sorted(set(names) - set(shown))
    lacking = sorted(set(shown) - set(names))
    if further:
        raise InputError(
            f"events of sub-{subject} have, in the column {asked.condition!r}, {listed(further)}, "
            f"which is no stimulus of the study ({listed(shown, 3)}). {_hint(further, shown)}"
        )
    if lacking:
        raise InputError(
            f"sub-{subject} has no event of the stimuli {listed(lacking)}: recordings must be of "
            "all stimuli of the study."
        )


def _hint(further: Sequence[str], shown: Sequence[str]) -> str:
    if {PurePosixPath(each).stem for each in further} & set(shown):
        return 'Where the column holds files, match = "file" takes their names without ending.'
    return "Events that are none, such as of rest, are left out by ignore = […]."
