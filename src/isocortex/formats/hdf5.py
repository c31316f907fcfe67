"""Data sets of HDF5 files of others: nothing outside of the file is followed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from isocortex.errors import FormatError, NotFoundError
from isocortex.store.hdf5_files import check_dataset, item_of, open_hdf5


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
    with open_hdf5(path, what) as file:
        yield file


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
    check_dataset(node)
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
    try:
        return item_of(group, name)
    except KeyError as error:
        where = f"{group.name.rstrip('/')}/{name} of {group.file.filename!r}"
        raise FormatError(f"{where} is not there.") from error
