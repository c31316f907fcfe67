"""Data sets of HDF5 files of others: nothing outside of the file is followed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from isocortex.choice import first_line
from isocortex.errors import FormatError, IsocortexError, NotFoundError, StorageError
from isocortex.memory import available_bytes

_FOREIGN = (OSError, KeyError, RuntimeError, ValueError, TypeError, IndexError, AttributeError)


@contextmanager
def opened(path: str | Path, what: str) -> Iterator[h5py.File]:
    """An open file; whatever is wrong with it is a sentence.

    Raises
    ------
    NotFoundError
        If there is no such file.
    FormatError
        If it is no HDF5, damaged, or not laid out as ``what`` says.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFoundError(f"There is no file {str(path)!r}.")
    try:
        with h5py.File(path, "r") as file:
            yield file
    except IsocortexError:
        raise
    except _FOREIGN as error:
        reason = first_line(error, with_kind=True)
        raise FormatError(f"{str(path)!r} is no {what}, or is damaged: {reason}.") from error


def array(group: Any, name: str) -> np.ndarray:
    """The numbers, or the text, of a data set.

    Raises
    ------
    FormatError
        If it is not there, no data set, or lies in another file.
    StorageError
        If it says to be larger than the memory.
    """
    node = child(group, name)
    where = f"{group.name.rstrip('/')}/{name} of {group.file.filename!r}"
    if not isinstance(node, h5py.Dataset):
        raise FormatError(f"{where} is no data set.")
    if node.external or node.is_virtual:
        raise FormatError(f"{where} keeps its values in another file, which is not opened.")
    if node.nbytes > available_bytes():
        raise StorageError(
            f"{where} would take {node.nbytes / 1e9:.1f} GB of memory, more than there is."
        )
    if h5py.check_string_dtype(node.dtype) is not None:
        return np.asarray(node.asstr()[()])
    return np.asarray(node[()])


def child(group: Any, name: str) -> Any:
    """What a group holds under a name, if it is in this file.

    Raises
    ------
    FormatError
        If there is nothing, or a link that leads out of the file.
    """
    here = group
    for part in name.split("/"):
        link = here.get(part, getlink=True)
        if link is None or isinstance(link, h5py.ExternalLink):
            what = "is not there" if link is None else "leads to another file, which is not opened"
            raise FormatError(f"{here.name.rstrip('/')}/{part} of {group.file.filename!r} {what}.")
        here = here[part]
    return here
