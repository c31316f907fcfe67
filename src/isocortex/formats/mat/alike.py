"""Many small MAT files of one shape: the library writes one, the others differ in their numbers."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from isocortex.formats.mat.files import PACKED_ABOVE, read_array, user_block, write_array
from isocortex.formats.mat.template import Layout, layout_of
from isocortex.store.atomic import whole


def write_alike(
    folder: Path, arrays: Mapping[str, np.ndarray], key: str, *, dtype: Any = None
) -> None:
    """Write ``<name>.mat`` for each array, byte for byte what ``write_array`` writes.

    Each file is not written whole or not at all: the folder is to be a draft, as
    :func:`isocortex.store.atomic.whole_folder` gives it.

    Parameters
    ----------
    folder : path
    arrays : mapping from the name of a file, without suffix, to its array
    key : str
        The variable.
    dtype : numpy type, optional
        Default that of each array.

    Raises
    ------
    OSError, StorageError
        If they cannot be written.
    """
    head = user_block()
    for name, values in arrays.items():
        array = np.asarray(values, dtype=dtype)
        content, path = _behind_head(array, key, head), folder / f"{name}.mat"
        if content is None:
            write_array(path, array, key)
        else:
            path.write_bytes(head + content)


def write_one_alike(path: Path, values: Any, key: str, *, dtype: Any = None) -> None:
    """The same of one file, whole or not at all; for files of which there are many of a shape.

    Parameters
    ----------
    path : path
    values : array
    key : str
        The variable.
    dtype : numpy type, optional
        Default that of the array.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    array, head = np.asarray(values, dtype=dtype), user_block()
    content = _behind_head(array, key, head)
    if content is None:
        write_array(path, array, key)
        return
    with whole(path) as draft:
        draft.write_bytes(head + content)


def _behind_head(array: np.ndarray, key: str, head: bytes) -> bytes | None:
    """What stands in the file behind its first bytes; None where the library must write it."""
    layout = _layout(array.shape, array.dtype, key) if array.nbytes <= PACKED_ABOVE else None
    if layout is None or layout.skipped != len(head):
        return None
    return layout.bytes_of(array)


@lru_cache(maxsize=256)
def _layout(shape: tuple[int, ...], dtype: np.dtype, key: str) -> Layout | None:
    """How such arrays are written, from one whose numbers all differ."""
    numbers = np.arange(1, int(np.prod(shape)) + 1).reshape(shape).astype(dtype)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "one.mat"
        write_array(path, numbers, key)
        layout = layout_of(path, key, read_array(path, key))
        # Such bytes are written unread: the first are looked at.
        if layout is None or path.read_bytes()[layout.skipped :] != layout.bytes_of(numbers):
            return None
    return layout
