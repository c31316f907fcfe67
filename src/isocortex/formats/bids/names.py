"""Names of files in BIDS: what their entities say, which fit, and which tables belong to them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from isocortex.choice import listed, suggestion
from isocortex.data.names import natural_key
from isocortex.errors import InputError, NotFoundError

SERIES = (".nii.gz", ".nii", ".func.gii", ".dtseries.nii")
"""How names of time series end."""
NONE = "func"
"""What a space is called that the name does not tell: that of the recording itself."""


@dataclass(frozen=True)
class BidsFile:
    """One file and what its name says."""

    path: Path
    entities: Mapping[str, str]
    """Such as ``{"sub": "01", "task": "objects", "run": "1"}``."""
    suffix: str
    """Such as ``bold``."""
    other: Path | None = None
    """The right hemisphere, where ``path`` is the left one and both are read together."""

    @property
    def extension(self) -> str:
        """How the name ends, such as ``.nii.gz``."""
        return self.path.name[self.path.name.index(".") :]

    @property
    def run(self) -> tuple[str, str]:
        """Session and run, empty where the name has none."""
        return self.entities.get("ses", ""), self.entities.get("run", "")


def parsed(path: Path) -> BidsFile | None:
    """What a name says, or None if it is none of BIDS."""
    *pairs, suffix = path.name.split(".", 1)[0].split("_")
    keys = [pair.partition("-") for pair in pairs]
    if "." not in path.name or not pairs or not all(key and value for key, _, value in keys):
        return None
    return BidsFile(path, {key: value for key, _, value in keys}, suffix)


def subjects_of(folder: Path, asked: Sequence[object] | None) -> list[str]:
    """The subjects of a folder, without ``sub-``, in natural order or as they were asked for.

    Raises
    ------
    NotFoundError
        If there are none.
    InputError
        If one that was asked for is not there.
    """
    found = {each.name.removeprefix("sub-") for each in folder.glob("sub-*") if each.is_dir()}
    known = sorted(found, key=natural_key)
    if not known:
        raise NotFoundError(f"read_bids: there are no folders sub-... in {str(folder)!r}.")
    if asked is None:
        return known
    names = [str(each).removeprefix("sub-") for each in asked]
    absent = [name for name in names if name not in known]
    if absent or not names or len(set(names)) < len(names):
        what = f"{listed(absent)} is not there" if absent else "name each subject once"
        hint = suggestion(absent[0], known) if absent else ""
        raise InputError(f"read_bids: subjects: {what}. {hint}There are: {listed(known, 20)}.")
    return names


def series_of(folder: Path, subject: str) -> list[BidsFile]:
    """All preprocessed time series of a subject."""
    return [each for each in files_in(_levels(folder, subject)) if _is_series(each)]


def all_series(folder: Path, subjects: Sequence[str]) -> list[BidsFile]:
    """All preprocessed time series of some subjects.

    Raises
    ------
    NotFoundError
        If there are none.
    """
    every = [each for name in subjects for each in series_of(folder, name)]
    if not every:
        raise NotFoundError(
            f"read_bids: there is no preprocessed time series (_desc-preproc_bold.nii.gz, "
            f"_bold.func.gii, _bold.dtseries.nii) of {listed(subjects)} in {str(folder)!r}."
        )
    return every


def asked_of(
    task: str | None, space: str | None, entities: Mapping[str, str | Sequence[str]] | None
) -> dict[str, list[str] | None]:
    """What was asked for, by entity; None where nothing was said."""
    asked: dict[str, list[str] | None] = {
        "task": None if task is None else [str(task)],
        "space": None if space is None else [str(space)],
    }
    for key, value in (entities or {}).items():
        several = value if isinstance(value, list | tuple) else [value]
        asked[key] = [str(each) for each in several]
    return asked


def by_subject(files: Sequence[BidsFile], subjects: Sequence[str]) -> dict[str, list[BidsFile]]:
    """The time series of each subject, in the order of sessions and runs.

    Raises
    ------
    InputError
        If a subject has none, or two of one run.
    """
    found: dict[str, list[BidsFile]] = {name: [] for name in subjects}
    for each in sorted(joined(files), key=lambda file: tuple(map(natural_key, file.run))):
        found[each.entities["sub"]].append(each)
    for name, own in found.items():
        twice = [run for run, times in Counter(each.run for each in own).items() if times > 1]
        if not own or twice:
            raise InputError(
                f"read_bids: sub-{name} has {'no' if not own else 'several'} time series "
                f"{'' if not own else 'of one run '}that fit what was asked for."
            )
    return found


def _is_series(file: BidsFile) -> bool:
    """Volumes say that they are preprocessed; series on surfaces, of which there is one, do not."""
    if file.suffix != "bold" or file.extension not in SERIES:
        return False
    volume = file.extension in (".nii", ".nii.gz")
    return file.entities.get("desc", "" if volume else "preproc") == "preproc"


def _levels(folder: Path, subject: str) -> list[Path]:
    own = folder / f"sub-{subject}"
    return [own / "func", *(each / "func" for each in own.glob("ses-*"))]


def files_in(folders: Iterable[Path]) -> list[BidsFile]:
    """All files of BIDS names in some folders, in natural order."""
    paths = [path for each in folders if each.is_dir() for path in each.iterdir()]
    names = (parsed(path) for path in sorted(paths, key=lambda path: natural_key(path.name)))
    return [name for name in names if name is not None]


def chosen(
    files: Sequence[BidsFile], asked: Mapping[str, Collection[str] | None]
) -> list[BidsFile]:
    """The files that have the entities asked for, if no other choice is left open.

    Raises
    ------
    InputError
        If none fits, or if files differ in what was not asked for: the space, the session …
    """
    for key, values in asked.items():
        files = having(files, key, values)
    ask(files, asked)
    return list(files)


def having(
    files: Sequence[BidsFile], key: str, values: Collection[str] | None
) -> Sequence[BidsFile]:
    """The files of which an entity is one of some values; None takes all.

    Raises
    ------
    InputError
        If no file has one of these values.
    """
    if values is None:
        return files
    known = dict.fromkeys(_value(each, key) or "(none)" for each in files)
    absent = [v for v in values if not any(_value(each, key) == v for each in files)]
    if absent:
        raise InputError(
            f"read_bids: no preprocessed time series has {key}-{absent[0]}. "
            f"{suggestion(absent[0], known)}There are, of {key}: {listed(known, 20)}."
        )
    return [each for each in files if _value(each, key) in values]


def _value(file: BidsFile, key: str) -> str:
    if key == "extension":
        return file.extension
    return file.entities.get(key, NONE if key == "space" else "")


def ask(files: Sequence[BidsFile], asked: Mapping[str, Collection[str] | None]) -> None:
    """Refuse to choose where several values of an entity fit and none was asked for.

    Raises
    ------
    InputError
    """
    keys = {key for each in files for key in each.entities} - {"sub", "run"}
    for key in ["task", "space", *sorted(keys - {"task", "space"}), "extension"]:
        values = list(dict.fromkeys(_value(each, key) for each in files))
        if len(values) < 2 or asked.get(key) is not None or (key, set(values)) == _BOTH:
            continue
        how = f"{key}=" if key in ("task", "space") else f"entities={{{key!r}: ...}}"
        raise InputError(
            f"read_bids: time series of several {_CALLED.get(key, key)} fit: "
            f"{listed(each or '(none)' for each in values)}. Say which by {how}."
        )


_BOTH = ("hemi", {"L", "R"})


def joined(files: Sequence[BidsFile]) -> list[BidsFile]:
    """The same, the two hemispheres of a run as one.

    Raises
    ------
    InputError
        If a run has one of them only.
    """
    if {_value(each, "hemi") for each in files} != _BOTH[1]:
        return list(files)
    pairs: dict[tuple[str, ...], dict[str, BidsFile]] = {}
    for each in files:
        same = {key: value for key, value in each.entities.items() if key != "hemi"}
        pairs.setdefault(tuple(map(str, same.items())), {})[each.entities["hemi"]] = each
    for pair in pairs.values():
        if len(pair) == 1:
            (one,) = pair.values()
            raise InputError(
                f"read_bids: {one.path.name!r} has no other hemisphere beside it. Take one: "
                "entities={'hemi': 'L'}."
            )
    return [replace(pair["L"], other=pair["R"].path) for pair in pairs.values()]


_CALLED = {
    "task": "tasks",
    "space": "spaces",
    "ses": "sessions",
    "res": "resolutions",
    "den": "densities",
    "hemi": "hemispheres",
    "extension": "kinds of file",
}


def inherited(root: Path, bold: BidsFile, suffixes: Collection[str], extension: str) -> Path | None:
    """The table or description that holds for a recording: the nearest of those that apply.

    A file applies if it says nothing else than the recording does; one in a deeper folder goes
    before one in a higher (the inheritance principle of BIDS).

    Raises
    ------
    InputError
        If two of one folder apply.
    """
    own = root / f"sub-{bold.entities['sub']}"
    session = own / f"ses-{bold.entities['ses']}" if "ses" in bold.entities else own
    for folder in dict.fromkeys((session / "func", session, own / "func", own, root)):
        fits = [
            each
            for each in files_in([folder])
            if each.suffix in suffixes and each.extension == extension and _applies(each, bold)
        ]
        most = max((len(each.entities) for each in fits), default=0)
        nearest = [each for each in fits if len(each.entities) == most]
        if len(nearest) > 1:
            names = listed(each.path.name for each in nearest)
            raise InputError(
                f"read_bids: {names} in {str(folder)!r} all apply to {bold.path.name!r}; BIDS "
                "allows one in each folder. Rename or remove the others."
            )
        if nearest:
            return nearest[0].path
    return None


def _applies(file: BidsFile, bold: BidsFile) -> bool:
    return all(
        key == "desc" or _same(value, bold.entities.get(key))
        for key, value in file.entities.items()
    )


def _same(one: str, other: str | None) -> bool:
    """Whether two labels are the same; indices may be padded with zeros."""
    if other is not None and one.isdigit() and other.isdigit():
        return int(one) == int(other)
    return one == other
