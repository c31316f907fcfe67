"""Recordings for Net2Brain: ``.npy`` files (stimuli, voxels), one for each region."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from isocortex.choice import listed
from isocortex.data.names import natural_key
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.reading import check_room, reader
from isocortex.store.npz import npy_array

WHAT = "a recording for Net2Brain (.npy)"


def recording_files(paths: str | Path | Iterable[str | Path]) -> dict[str, Path]:
    """The ``.npy`` files of folders, or files, by the name of their region.

    Raises
    ------
    NotFoundError
        If there are none.
    InputError
        If two have one name.
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    found: dict[str, Path] = {}
    for path in map(Path, given):
        files = sorted(path.glob("*.npy"), key=lambda e: natural_key(e.name)) or [path]
        for file in files:
            if not file.is_file() or file.suffix != ".npy":
                raise NotFoundError(f"{str(path)!r} is no .npy file, and no folder that holds one.")
            name = file.name.split(".")[0]
            if name in found:
                raise InputError(
                    f"Two recordings are called {name!r}: {listed([str(found[name]), str(file)])}. "
                    "Give regions of different people different names, such as V1_subject1.npy."
                )
            found[name] = file
    return found


@reader(WHAT, alone=True)
def read_recording(path: str | Path) -> np.ndarray:
    """One recording, float64 of shape (n_stimuli, n_voxels).

    Raises
    ------
    FormatError
        If it is something else, or holds NaN.
    """
    path = Path(path)
    check_room(path, path.stat().st_size)
    found = npy_array(path.read_bytes(), path.name)
    if found.ndim != 2 or found.dtype.kind not in "fiub":
        raise FormatError(
            f"{str(path)!r} must be numbers of shape (stimuli, voxels), not {found.dtype} of "
            f"{found.shape}."
        )
    values = found.astype(np.float64)
    if not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).any(0).sum())
        raise FormatError(f"{str(path)!r} has NaN or infinite numbers in {bad} voxels.")
    return values
