"""What the five formats share: suffixes, and HDF5 files that may be foreign."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from isocortex.errors import FormatError, NotFoundError


def checked_path(path: str | Path, suffix: str, *, exists: bool) -> Path:
    """``path``, if it ends in ``suffix`` (and, where it shall be read, is there).

    Raises
    ------
    FormatError, NotFoundError
    """
    path = Path(path)
    if not path.name.endswith(suffix):
        raise FormatError(f"{path.name!r} must end in {suffix}.")
    if exists and not path.is_file():
        raise NotFoundError(f"There is no file {str(path)!r}.")
    return path


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """An HDF5 file, open for reading.

    Raises
    ------
    FormatError
        If it is truncated or no HDF5 file.
    """
    import h5py

    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise FormatError(
            f"{str(path)!r} is not a whole HDF5 file ({error}). Was its writing interrupted?"
        ) from error
    with file:
        yield file


def checked_numbers(item: Any, path: Path) -> Any:
    """An HDF5 dataset of real numbers.

    Raises
    ------
    FormatError
        If it is a group, or holds objects or text; nothing of such a file is unpickled.
    """
    import h5py

    if not isinstance(item, h5py.Dataset):
        raise FormatError(f"{str(path)!r} holds a group {item.name!r} where numbers should be.")
    if item.dtype.kind not in "fiub":
        what = "objects" if item.dtype.kind == "O" else f"type {item.dtype}"
        raise FormatError(
            f"{str(path)!r}: {str(item.name).lstrip('/')!r} holds {what}, not numbers; it was not "
            "written by DNNBrain and is not read."
        )
    return item
