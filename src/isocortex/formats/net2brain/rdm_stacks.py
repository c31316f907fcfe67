"""RDMs of brains as Net2Brain has them (``.npz``), and RDMs of layers over the times of a model."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isocortex.arrays import n_of_pairs
from isocortex.data.names import natural_key
from isocortex.data.rdms import RDMs
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.formats.net2brain.rdm_files import read_rdm_npz
from isocortex.reading import reader
from isocortex.store.npz import npz_keys, read_npz

BRAIN = "RDMs of a brain for Net2Brain (.npz)"
MODEL = "RDMs of a layer for Net2Brain (.npz)"


@dataclass(frozen=True, eq=False)
class BrainRDMs:
    """The RDMs in one file of a brain."""

    values: np.ndarray
    """Condensed, shape (n_subjects, n_times, n_pairs); one time for fMRI."""
    has_time: bool

    @property
    def n_stimuli(self) -> int:
        """How many stimuli there are, which the file does not name."""
        return n_of_pairs(self.values.shape[2])


def rdm_files(folder: str | Path) -> list[Path]:
    """The ``.npz`` files of a folder, in natural order; others are passed over.

    Raises
    ------
    NotFoundError
        If there is no such folder, or nothing in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise NotFoundError(f"There is no folder {str(folder)!r}.")
    files = sorted(folder.glob("*.npz"), key=lambda path: natural_key(path.name))
    if not files:
        raise NotFoundError(f"The folder {str(folder)!r} holds no .npz files of RDMs.")
    return files


@reader(BRAIN, alone=True)
def read_brain_rdms(path: str | Path) -> BrainRDMs:
    """The first array of a file: (n, n), (subjects, n, n) or (subjects, times, n, n).

    Raises
    ------
    NotFoundError, FormatError
        If there is no such file, or it holds something else.
    """
    path = Path(path)
    found = _first(path, BRAIN)
    if found.ndim not in (2, 3, 4) or found.shape[-1] != found.shape[-2]:
        raise FormatError(
            f"{str(path)!r} must hold RDMs of shape (n, n), (subjects, n, n) or (subjects, times, "
            f"n, n) first, not {found.shape}."
        )
    squares = found.reshape(-1, *found.shape[-2:])
    try:
        rows = RDMs.from_arrays(squares, dissimilarity="").values
    except InputError as error:
        raise FormatError(f"{str(path)!r}: {error}") from None
    n_subjects = len(found) if found.ndim > 2 else 1
    return BrainRDMs(rows.reshape(n_subjects, -1, rows.shape[1]), found.ndim == 4)


@reader(MODEL, alone=True)
def read_layer_rdms(
    path: str | Path, over_time: bool = False
) -> tuple[np.ndarray, tuple[str, ...]]:
    """The RDMs of one layer and the names of the stimuli, if the file has them.

    Parameters
    ----------
    path : path
    over_time : bool, default=False
        Whether there may be several, one for each time of the model: (times, n_pairs),
        (clips, times, n_pairs), which are strung together, or (times, n, n).

    Returns
    -------
    rdms : array, shape (n_times, n_pairs)
    stimuli : tuple of str
        Empty where the file does not say.
    """
    path = Path(path)
    keys = npz_keys(path, MODEL) if path.is_file() else ()
    if not over_time or not keys:
        found = read_rdm_npz(path)
        return found.rdm[None], found.stimuli if "stimuli_name" in keys else ()
    values = read_npz(path, MODEL, ("rdm" if "rdm" in keys else keys[0]).__eq__)
    (stack,) = values.values()
    if stack.ndim == 3 and stack.shape[-1] == stack.shape[-2]:
        stack = RDMs.from_arrays(stack).values
    stack = np.atleast_2d(stack.astype(np.float64))
    stack = stack.reshape(-1, stack.shape[-1])
    names = read_npz(path, MODEL, "stimuli_name".__eq__).get("stimuli_name", ())
    return stack, tuple(str(name) for name in names)


def _first(path: Path, what: str) -> np.ndarray:
    if not path.is_file():
        raise NotFoundError(f"There is no file {str(path)!r}.")
    keys = npz_keys(path, what)
    if not keys:
        raise FormatError(f"{str(path)!r} holds no array.")
    return read_npz(path, what, keys[0].__eq__)[keys[0]]
