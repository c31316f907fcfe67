"""Gram matrices on disk: one small zarr array for each layer, beside its activations."""

import math
import shutil
from pathlib import Path

import numpy as np

from isocortex.errors import FormatError
from isocortex.store.checksum import N_BYTES, behind
from isocortex.store.disk_errors import in_words, writing_to
from isocortex.store.documents import OWN, read_document, seal_file
from isocortex.store.drafts import clear_drafts, draft_of

_KIND = np.dtype("<f8")


def save_gram(folder: Path, matrix: np.ndarray, vectors: np.ndarray) -> None:
    """Keep products of n rows and vectors of n numbers, as rows 0 … n-1 and those after them."""
    part = draft_of(folder)
    with writing_to(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        clear_drafts(folder.parent)
        try:
            _write(part, np.vstack([matrix, vectors]).astype(_KIND, copy=False))
            part.rename(folder)
        except OSError:
            # Somebody may have been faster; what they kept is the same.
            if not folder.is_dir():
                raise
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _write(folder: Path, data: np.ndarray) -> None:
    """An array of one chunk, with its checksum behind it."""
    import zarr
    from zarr.codecs import Crc32cCodec

    zarr.create_array(
        str(folder),
        shape=data.shape,
        dtype=data.dtype,
        chunks=data.shape,
        compressors=Crc32cCodec(),
        attributes={OWN: {}},
    )
    seal_file(folder / "zarr.json")
    chunk = _chunk(folder)
    chunk.parent.mkdir(parents=True)
    with chunk.open("wb") as file:
        file.write(memoryview(data.reshape(-1).view(np.uint8)))  # type: ignore[arg-type]
        file.write(behind(data))


def load_gram(folder: Path, n: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Products of n rows, shape (n, n), and their vectors (8 or 9); None if none was kept.

    A Gram of version 0.1 has one vector, its row sums.

    Raises
    ------
    FormatError
        If it is not to the bit what was kept.
    """
    if not folder.is_dir():
        return None
    data = _read(folder)
    if data.ndim != 2 or data.shape[1] != n or len(data) <= n or not np.isfinite(data).all():
        raise FormatError(_damaged(folder, f"its shape is {data.shape}"))
    return data[:n], data[n:]


def check_gram(folder: Path) -> None:
    """Read a Gram matrix, to see whether it is what was kept.

    Raises
    ------
    FormatError
        If it is not.
    """
    _read(folder)


def _read(folder: Path) -> np.ndarray:
    described = read_document(
        folder / "zarr.json", f"The Gram matrix in {str(folder)!r} is damaged"
    )
    shape = tuple(described["shape"])
    size = math.prod(shape) * _KIND.itemsize
    try:
        raw = np.fromfile(_chunk(folder), np.uint8)
    except OSError as error:
        raise FormatError(_damaged(folder, in_words(error))) from error
    if len(raw) != size + N_BYTES or behind(raw[:size]) != raw[size:].tobytes():
        raise FormatError(_damaged(folder, "its file is truncated, or its checksum differs"))
    return raw[:size].view(_KIND).reshape(shape)


def _chunk(folder: Path) -> Path:
    """The only chunk of a matrix, as zarr names it."""
    return folder / "c" / "0" / "0"


def _damaged(folder: Path, why: str) -> str:
    return (
        f"The Gram matrix in {str(folder)!r} is damaged ({why}). Delete that folder, or extract "
        "again with overwrite=True, which computes what is damaged anew."
    )
