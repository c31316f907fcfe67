"""Many small MAT files of one shape: the library writes one, the others differ in their numbers."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from isocortex.formats.mat.files import read_array, user_block, write_array
from isocortex.formats.mat.template import Layout, layout_of


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
        layout = _layout(array.shape, array.dtype, key)
        path = folder / f"{name}.mat"
        if layout is None or layout.skipped != len(head):
            write_array(path, array, key)
        else:
            path.write_bytes(head + layout.bytes_of(array))


@lru_cache(maxsize=32)
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
