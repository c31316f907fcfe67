"""The pictures of a folder and its subfolders, their names, and what was left out."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from isocortex.choice import listed
from isocortex.data.names import natural_key
from isocortex.data.pictures import HEIF_SUFFIXES, picture_suffixes
from isocortex.errors import InputError, NotFoundError, StorageError

LITTER = frozenset(("thumbs.db", "desktop.ini", "icon\r"))
"""Files of operating systems, which are no one's stimuli; hidden files are left out as well."""


@dataclass(frozen=True)
class Listing:
    """What a folder of stimuli holds: pictures by name, and what was left out."""

    files: tuple[Path, ...]
    names: tuple[str, ...]
    subfolders: tuple[str, ...]
    """Where each file lies, relative to the folder; ``""`` for the folder itself."""
    left_out: str
    """In words, with counts; empty if nothing was."""


def pictures_in(folder: Path) -> Listing:
    """The pictures of a folder and its subfolders, in natural order of their names.

    Raises
    ------
    NotFoundError
        If there is no such folder.
    InputError
        If it has no picture, or two in one folder share a stem.
    StorageError
        If a subfolder may not be read.
    """
    if not folder.is_dir():
        raise NotFoundError(f"There is no folder {str(folder)!r} to read images from.")
    found: list[PurePath] = []
    left_out: Counter[str] = Counter()
    for each in _walked(folder):
        why = _reason(folder, each)
        if why is None:
            found.append(each)
        else:
            left_out[why] += 1
    words = "; ".join(f"{n} {why}" for why, n in sorted(left_out.items()))
    if not found:
        raise InputError(
            f"The folder {str(folder)!r} has no images, nor have its subfolders"
            + (f"; it has {words}." if words else ".")
        )
    names = names_of(found, f"The folder {str(folder)!r}", "Rename one of them.")
    order = sorted(range(len(found)), key=lambda i: [natural_key(p) for p in names[i].split("/")])
    return Listing(
        tuple(folder / found[i] for i in order),
        tuple(names[i] for i in order),
        tuple("" if (at := found[i].parent.as_posix()) == "." else at for i in order),
        words,
    )


def names_of(files: Sequence[PurePath], who: str, cure: str) -> list[str]:
    """Stems, or, where two files share one, relative paths without suffix.

    Raises
    ------
    InputError
        If two files of one folder share a stem.
    """
    stems = [file.stem for file in files]
    if len(set(stems)) == len(stems):
        return stems
    by_name: dict[str, list[PurePath]] = {}
    for file in files:
        by_name.setdefault(file.with_suffix("").as_posix(), []).append(file)
    twice = [each for each in by_name.values() if len(each) > 1]
    if twice:
        raise InputError(
            f"{who}: {len(twice)} stimulus names would occur twice, because files share a stem: "
            f"{' and '.join(file.as_posix() for file in twice[0])}. {cure}"
        )
    return [file.with_suffix("").as_posix() for file in files]


def inside(file: Path, root: Path) -> bool:
    """Whether a file, all links followed, lies in a folder (or in its own git-annex)."""
    target, home = file.resolve(), root.resolve()
    annexes = (each / ".git" / "annex" / "objects" for each in (home, *home.parents))
    return target.is_relative_to(home) or any(target.is_relative_to(each) for each in annexes)


def _walked(folder: Path) -> Iterator[PurePath]:
    """Files and links to folders, relative to the folder; without hidden ones and litter."""

    def stop(error: OSError) -> None:
        raise StorageError(
            f"The folder {error.filename!r} cannot be read ({error.strerror}), so that its images "
            "would be missed."
        ) from error

    for at, folders, files in os.walk(folder, onerror=stop):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        here = Path(at)
        linked = [each for each in folders if (here / each).is_symlink()]
        for each in [*sorted(files), *linked]:
            if not each.startswith(".") and each.lower() not in LITTER:
                yield (here / each).relative_to(folder)


def _reason(folder: Path, file: PurePath) -> str | None:
    """Why a file is left out; None if it is not."""
    full, suffix = folder / file, file.suffix.lower()
    if full.is_symlink() and not full.exists():
        return "broken links"
    if full.is_dir():
        return "links to folders"
    if suffix not in picture_suffixes():
        needs = ", which needs pillow-heif" if suffix in HEIF_SUFFIXES else ""
        return f"of another kind ({suffix or 'no suffix'}{needs})"
    if not full.is_file():
        return "that are no files"
    if full.is_symlink() and not inside(full, folder):
        return "links that lead out of the folder"
    return None


def named_missing(files: Sequence[Path], total: int, who: str) -> NotFoundError:
    """The error for images that are listed but not there."""
    return NotFoundError(
        f"{len(files)} of {total} images of {who} are not there: {listed(map(str, files))}."
    )
