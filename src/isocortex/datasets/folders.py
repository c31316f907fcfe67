"""The folder of a data set: on this machine, or fetched file by file and checked."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from isocortex.choice import counted, listed, suggestion
from isocortex.datasets.download import cache, download, is_file_of
from isocortex.datasets.registry import DATASETS, Dataset
from isocortex.errors import (
    FormatError,
    InputError,
    MissingDependencyError,
    NotFoundError,
)
from isocortex.reading import reading


def fetch(name: str) -> Path:
    """The folder of a data set, fetched where it is not on this machine yet.

    Looked for in this order: the folder that the environment variable ``ISOCORTEX_DATA``
    names (with one folder for each data set), ``../shared/data`` beside a checkout of
    isocortex, and pooch's cache, into which missing files are downloaded from a public
    address. Every file is held against its sha256.

    Parameters
    ----------
    name : str
        A key of ``DATASETS``: ``"images92"``, ``"digits69"``, ``"haxby_slice"``, ``"alice"`` ...

    Returns
    -------
    Path
        The folder, with all its files checked.

    Raises
    ------
    InputError
        If there is no data set of that name.
    NotFoundError
        If it is not on this machine and cannot be fetched.
    FormatError
        If a file is not the one that was registered.

    See Also
    --------
    Dataset : What a data set is.
    images92, digits69, haxby_slice, finger7t, alice : Data sets as nouns.
    local_weights : Weights of networks.

    Examples
    --------
    >>> import isocortex as ic
    >>> folder = ic.datasets.fetch("finger7t")
    >>> sorted(each.name for each in folder.glob("*.mat"))
    ['data_recipe_finger7T.mat']
    """
    if name not in DATASETS:
        raise InputError(
            f"There is no data set {name!r}. {suggestion(name, DATASETS)}"
            f"Known: {', '.join(DATASETS)}."
        )
    dataset = DATASETS[name]
    for folder in local_folders(name):
        if _complete(dataset, folder):
            _check(dataset, folder)
            return folder
    return _download(dataset)


def is_absent(name: str) -> bool:
    """Whether a data set is neither on this machine nor to be had; damaged ones raise."""
    try:
        fetch(name)
    except (NotFoundError, MissingDependencyError):
        return True
    return False


@contextmanager
def opened(name: str) -> Iterator[Path]:
    """The folder of a data set; what goes wrong while it is read is a sentence that names it.

    Raises
    ------
    NotFoundError, FormatError, StorageError
    """
    folder = fetch(name)
    with reading(folder, f"the data set {name!r}"):
        yield folder


def told(data: Any, what: str) -> str:
    """What ``print`` says of a data set: its name, what is in it, and whether somebody saw it."""
    return f"{type(data).__name__}({what}, {'simulated' if data.simulated else 'recorded'})"


def local_folders(name: str) -> list[Path]:
    """Where a data set may lie on this machine, the likeliest first."""
    folders = []
    named = os.environ.get("ISOCORTEX_DATA")
    if named:
        folders += [Path(named) / name, Path(named)]
    return [*folders, beside_checkout() / "data" / name]


def beside_checkout() -> Path:
    """``../shared`` as seen from the root of the project (where it is run from a checkout)."""
    return Path(__file__).resolve().parents[4] / "shared"


def _complete(dataset: Dataset, folder: Path) -> bool:
    return all((folder / file.name).is_file() for file in dataset.files)


def _check(dataset: Dataset, folder: Path) -> None:
    wrong = [file.name for file in dataset.files if not is_file_of(folder / file.name, file.hashed)]
    if wrong:
        raise FormatError(
            f"{counted(len(wrong), 'file')} of {dataset.name!r} in {str(folder)!r} are not those "
            "that were "
            f"registered (their sha256 differs): {listed(wrong)}. Remove them to fetch them anew."
        )


def _download(dataset: Dataset) -> Path:
    if dataset.by_hand:
        raise NotFoundError(
            f"The data set {dataset.name!r} is not on this machine and cannot be fetched by name. "
            f"To get it: {dataset.by_hand}. Put it into a folder {dataset.name!r}, and name the "
            "folder above in the environment variable ISOCORTEX_DATA."
        )
    folder = cache() / dataset.name
    advice = (
        f"If you have the files, name the folder that holds {dataset.name!r} in the environment "
        "variable ISOCORTEX_DATA."
    )
    for file in dataset.files:
        what = f"the data set {dataset.name!r}"
        download(file.url, file.hashed, folder / file.name, what, advice)
    return folder
