"""The recordings of a study: one noun for each subject and region, loaded where it is needed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from isocortex.choice import counted, listed, suggestion
from isocortex.data.rdms import RDMs
from isocortex.data.responses import Responses
from isocortex.data.text_table import read_text_table
from isocortex.data.trials import Trials, average
from isocortex.errors import InputError
from isocortex.files.read import read
from isocortex.formats.volumes import read_volumes
from isocortex.study.bids import BidsSubject, parts_of
from isocortex.study.keys import FileKeys, key_of
from isocortex.study.patterns import filled, matching
from isocortex.study.problems import misplaced
from isocortex.study.series import PLAIN, InTime, SeriesInTime, by_region, in_time, read_series
from isocortex.study.sources import RecordingSource, Series
from isocortex.study.stimuli import dataset

Noun = RDMs | Responses

IN_TIME = ("alice",)
"""Data sets whose recordings are series."""

PEOPLE = "subject"
ONLY = "1"
"""What a subject is called where the data do not say."""


@dataclass(frozen=True)
class Recorded:
    """One subject's region, and how it is loaded."""

    recording: str
    subject: str
    region: str
    key: str
    """Of its content."""
    place: "Dataset | Files | BidsSubject | InTime"

    def load(self) -> Noun | SeriesInTime:
        """The noun: RDMs with one row, Responses, or a series."""
        return self.place.load(self.subject, self.region)


@dataclass(frozen=True)
class Dataset:
    """A data set by name."""

    name: str

    def load(self, subject: str, region: str) -> Noun:
        """Select from what is in memory."""
        return _parts_of_dataset(self.name)[subject, region]


@dataclass(frozen=True)
class Files:
    """A file of a subject and region, and the mask of a brain image."""

    path: Path
    mask: Path | None
    volumes: Path | None
    """What each volume of a brain image shows."""
    inside: tuple[str, str] | None = None
    """Subject and region by the labels in the file, where its name says others."""
    series: str | None = None
    """The table of the study file that says how it is a series, as JSON."""

    def read(self) -> Any:
        """What the file holds, volumes with what they show."""
        if self.series is not None and self.path.suffix.lower() in PLAIN:
            return read_series(self.path, Series.model_validate_json(self.series))
        if self.mask is None or self.volumes is None:
            return read(self.path)
        return read_volumes(str(self.path), str(self.mask), stimuli=shown_in(self.volumes))

    def load(self, subject: str, region: str) -> Noun:
        """Read the file; of several RDMs in it, take those of the subject and region."""
        place = self.inside or (subject, region)
        return _part(self.read(), *place, self.path, self.series is not None)


def shown_in(path: Path) -> list[str]:
    """The column ``stimulus`` of a table, as text."""
    table = read_text_table(path, ("stimulus",)).frame
    if "stimulus" not in table:
        raise InputError(
            f"{str(path)!r} has no column 'stimulus', with a row for each volume; it has: "
            f"{listed(table.columns, 10)}."
        )
    return [str(each) for each in table["stimulus"]]


def recorded_in(source: RecordingSource, folder: Path, files: FileKeys) -> list[Recorded]:
    """All subjects and regions of a recording.

    Raises
    ------
    InputError, NotFoundError
        If a file is missing, or is none that can be read.
    """
    if source.dataset is not None:
        return _of_dataset(source)
    if source.bids is not None:
        return [Recorded(source.name, *part) for part in parts_of(source, folder, files)]
    return _of_files(source, folder, files)


def chosen(source: RecordingSource, what: str, found: list[Recorded]) -> list[str]:
    """The ``"subject"``s or ``"region"``s that the study wants of a recording, in its order.

    Raises
    ------
    InputError
        If the recording lacks one.
    """
    known = [getattr(each, what) for each in found]
    with misplaced(f"{what}s"):
        wanted = _wanted(getattr(source, f"{what}s"), known, source.name, what)
    return wanted if what == "region" else _without(source, wanted, known)


def _without(source: RecordingSource, wanted: list[str], known: list[str]) -> list[str]:
    with misplaced("without"):
        _wanted(source.without, known, source.name, "subject")
        left = [each for each in wanted if each not in source.without]
        if not left:
            raise InputError(f"the recording {source.name!r} is left without subjects.")
    return left


def is_series(source: RecordingSource) -> bool:
    """Whether a recording is one in time."""
    return source.series is not None or source.dataset in IN_TIME


def selected(
    source: RecordingSource, found: list[Recorded], subjects: list[str], regions: list[str]
) -> list[Recorded]:
    """Those of some subjects and regions, region by region.

    Raises
    ------
    InputError
        If the study names both, and one of their pairs is not there.
    """
    by_place = {(each.subject, each.region): each for each in found}
    places = [(subject, region) for region in regions for subject in subjects]
    lacking = [
        f"{subject}, {region}" for subject, region in places if (subject, region) not in by_place
    ]
    if lacking and source.subjects and source.regions:
        raise InputError(f"the recording {source.name!r} lacks {listed(lacking)}.")
    held = [by_place[place] for place in places if place in by_place]
    return in_time(source.series or Series.model_validate({}), held) if is_series(source) else held


def _wanted(asked: list[str] | None, known: list[str], name: str, what: str) -> list[str]:
    known = list(dict.fromkeys(known))
    if asked is None:
        return known
    for each in asked:
        if each not in known:
            raise InputError(
                f"the recording {name!r} has no {what} {each!r}. {suggestion(each, known)}"
                f"It has: {listed(known, 20)}."
            )
    return list(asked)


def _of_dataset(source: RecordingSource) -> list[Recorded]:
    name = str(source.dataset)
    return [
        Recorded(source.name, subject, region, noun_key(noun), Dataset(name))
        for (subject, region), noun in _parts_of_dataset(name).items()
    ]


@lru_cache(maxsize=4)
def _parts_of_dataset(name: str) -> Mapping[tuple[str, str], Noun]:
    found = dataset(name)
    if hasattr(found, "listeners"):
        return dict(part for noun in found.listeners for part in _parts(noun, name, in_time=True))
    nouns = [found.brain, *([found.behaviour] if hasattr(found, "behaviour") else [])]
    return dict(part for noun in nouns for part in _parts(noun, name))


def _parts(
    noun: Any, default_region: str, in_time: bool = False
) -> Iterator[tuple[tuple[str, str], Noun]]:
    """Subjects and regions in one noun, by its labels; of a series the regions of its units."""
    if in_time and isinstance(noun, Responses):
        subject = str(noun.labels.get(PEOPLE, ONLY))
        default_region = str(noun.labels.get("region", default_region))
        yield from (((subject, name), one) for name, one in by_region(noun, default_region))
        return
    if not isinstance(noun, RDMs):
        labels = noun.labels
        place = str(labels.get(PEOPLE, ONLY)), str(labels.get("region", default_region))
        yield place, as_responses(noun)
        return
    for row in range(noun.n_rdms):
        labels = noun.labels.iloc[row]
        one = RDMs(
            noun.values[[row]],
            noun.stimuli,
            noun.labels.iloc[[row]],
            noun.dissimilarity,
            noun.gaps,
        )
        yield (str(labels.get(PEOPLE, ONLY)), str(labels.get("region", default_region))), one


def as_responses(noun: Any) -> Responses:
    """Trials as the mean over repeats."""
    if isinstance(noun, Trials):
        return average(noun)
    if isinstance(noun, Responses):
        return noun
    raise InputError(f"a recording is RDMs, Responses or Trials, not {type(noun).__name__}.")


def noun_key(noun: Noun) -> str:
    """The key of a noun's numbers and names."""
    return key_of(type(noun).__name__, list(noun.stimuli), noun.values)


# Files by a pattern.


def _of_files(source: RecordingSource, folder: Path, files: FileKeys) -> list[Recorded]:
    found = []
    for path, said in matching(folder, str(source.files)):
        for mask, region in _masks(source, folder, said):
            named = {**said, **({} if region is None else {"region": region})}
            place = Files(path, mask, _volumes(source, folder, said), None, _series(source))
            found += _in_file(source, place, named, files)
    return found


def _in_file(
    source: RecordingSource, place: Files, said: Mapping[str, str], files: FileKeys
) -> list[Recorded]:
    held = [each for each in (place.path, place.mask, place.volumes) if each is not None]
    content = key_of([files.of(each) for each in held])
    if "subject" in said and "region" in said:
        subject, region = said["subject"], said["region"]
        return [Recorded(source.name, subject, region, key_of(content, subject, region), place)]
    content = key_of(content, place.series) if place.series else content
    parts = _parts(place.read(), source.name, place.series is not None)
    return [
        Recorded(
            source.name,
            said.get("subject", subject),
            said.get("region", region),
            key_of(content, subject, region),
            replace(place, inside=(subject, region)),
        )
        for (subject, region), _ in parts
    ]


def _part(noun: Any, subject: str, region: str, path: Path, in_time: bool) -> Noun:
    parts = dict(_parts(noun, region, in_time))
    if len(parts) == 1:
        return next(iter(parts.values()))
    if (subject, region) not in parts:
        raise InputError(
            f"{str(path)!r} holds {counted(len(parts), 'subject')} and regions, and none with the "
            "labels "
            f"subject={subject!r} and region={region!r}."
        )
    return parts[subject, region]


def _series(source: RecordingSource) -> str | None:
    return None if source.series is None else source.series.model_dump_json()


def _masks(
    source: RecordingSource, folder: Path, said: Mapping[str, str]
) -> list[tuple[Path | None, str | None]]:
    if source.mask is None:
        return [(None, None)]
    found = matching(folder, filled(source.mask, said))
    return [(path, also.get("region")) for path, also in found]


def _volumes(source: RecordingSource, folder: Path, said: Mapping[str, str]) -> Path | None:
    if source.volumes is None:
        return None
    return matching(folder, filled(source.volumes, said))[0][0]


def beside(folder: Path, pattern: str, subject: str) -> Path:
    """The one file of a pattern that belongs to a subject.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    return matching(folder, filled(pattern, {PEOPLE: subject}))[0][0]
