"""What the five formats share: suffixes, and HDF5 files that may be foreign."""

from pathlib import Path
from typing import Any

from isocortex.errors import FormatError, NotFoundError
from isocortex.store.hdf5_files import check_dataset, item_of


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


def numbers_of(file: Any, name: str, path: Path) -> Any:
    """An HDF5 dataset of real numbers, of which nothing is read yet.

    Raises
    ------
    FormatError
        If it is a group, or holds objects or text; nothing of such a file is unpickled.
    """
    import h5py

    item = item_of(file, name)
    if not isinstance(item, h5py.Dataset):
        raise FormatError(f"{str(path)!r} holds a group {item.name!r} where numbers should be.")
    if item.dtype.kind not in "fiub":
        what = "objects" if item.dtype.kind == "O" else f"type {item.dtype}"
        raise FormatError(
            f"{str(path)!r}: {str(item.name).lstrip('/')!r} holds {what}, not numbers; it was not "
            "written by DNNBrain and is not read."
        )
    check_dataset(item)
    return item
