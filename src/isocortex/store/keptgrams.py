"""Gram matrices on disk: one small zarr array for each layer, beside its activations."""

import os
import shutil
from pathlib import Path

import numpy as np

from isocortex.errors import FormatError
from isocortex.store.failures import writing_to


def save_gram(folder: Path, matrix: np.ndarray, sums: np.ndarray) -> None:
    """Keep a Gram matrix and its row sums, as rows 0 … n-1 and row n of one array."""
    import zarr

    part = folder.with_name(f"part-{os.getpid()}-{folder.name}")
    with writing_to(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        data = np.vstack([matrix, sums[None]])
        zarr.create_array(str(part), data=data, chunks=data.shape, compressors=None, overwrite=True)
        try:
            part.rename(folder)
        except OSError:
            # Somebody was faster; what they kept is the same.
            shutil.rmtree(part, ignore_errors=True)
            if not folder.is_dir():
                raise


def load_gram(folder: Path, n: int) -> tuple[np.ndarray, np.ndarray] | None:
    """A Gram matrix and row sums, or None where none was kept.

    Raises
    ------
    FormatError
        If it is damaged.
    """
    if not folder.is_dir():
        return None
    import zarr

    try:
        data = np.asarray(zarr.open_array(str(folder), mode="r")[:])
    except (OSError, ValueError, KeyError) as error:
        raise FormatError(_damaged(folder, str(error))) from error
    if data.shape != (n + 1, n) or not np.isfinite(data).all():
        raise FormatError(_damaged(folder, f"its shape is {data.shape}"))
    return data[:n], data[n]


def _damaged(folder: Path, why: str) -> str:
    return f"The Gram matrix in {str(folder)!r} is damaged ({why}). Delete that folder."
