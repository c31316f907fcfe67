"""Feature folders of Net2Brain: one ``.npz`` for each stimulus, or one for each layer."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from isocortex.choice import choose, listed
from isocortex.data.names import natural_key
from isocortex.data.responses import Responses
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.reading import reading
from isocortex.store.npz import npz_keys, read_npz

PREFIX = "consolidated_"
WHAT = "a file of features of Net2Brain (.npz)"

POOLINGS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "mean": lambda sequence: sequence.mean(0),
    "max": lambda sequence: sequence.max(0),
    "first": lambda sequence: sequence[0],
    "last": lambda sequence: sequence[-1],
}
"""From (sequence, dim) to (dim,)."""


class Net2BrainFeatures(Mapping[str, Responses]):
    """A folder of features as a mapping from layer to Responses, read when they are asked for.

    Parameters
    ----------
    folder : path
    pooling : {"mean", "max", "first", "last"}, optional
        Over the sequence, where features are (sequence, dim) or (1, sequence, dim).
    """

    def __init__(self, folder: str | Path, pooling: str | None = None):
        self.folder = Path(folder)
        self.pooling = None if pooling is None else choose(pooling, POOLINGS, "pooling")
        if not self.folder.is_dir():
            raise NotFoundError(f"There is no folder {str(folder)!r}.")
        files = sorted(self.folder.glob("*.npz"), key=lambda path: natural_key(path.name))
        if not files:
            raise NotFoundError(f"The folder {str(folder)!r} holds no .npz files of features.")
        together = [path for path in files if path.name.startswith(PREFIX)]
        if together and len(together) < len(files):
            raise FormatError(
                f"{str(folder)!r} holds both {PREFIX}*.npz and other .npz files; keep one kind."
            )
        self._files = files
        self._together = {path.stem.removeprefix(PREFIX): path for path in together}
        self._layers = tuple(self._together) or _entries(files[0])

    def __getitem__(self, layer: str) -> Responses:
        if layer not in self._layers:
            raise KeyError(f"{str(self.folder)!r} has no layer {layer!r}; {listed(self._layers)}.")
        with reading(self.folder, "a folder of features of Net2Brain"):
            return self._layer(layer)

    def _layer(self, layer: str) -> Responses:
        names, arrays = self._read(layer)
        rows = [self._row(array, name, layer) for array, name in zip(arrays, names, strict=True)]
        sizes = {len(row) for row in rows}
        if len(sizes) > 1:
            raise InputError(
                f"The features of layer {layer!r} have different sizes ({listed(sorted(sizes))}), "
                "as sequences of different lengths do. Choose pooling='mean', 'max', 'first' or "
                "'last'."
            )
        return Responses(np.stack(rows), names, labels={"layer": layer})

    def __iter__(self) -> Iterator[str]:
        return iter(self._layers)

    def __len__(self) -> int:
        return len(self._layers)

    def _read(self, layer: str) -> tuple[list[str], list[np.ndarray]]:
        """Names in natural order and their arrays."""
        if layer in self._together:
            path = self._together[layer]
            names = sorted(_entries(path), key=natural_key)
            return names, _arrays(path, names)
        names = [path.name.split(".")[0] for path in self._files]
        return names, [_arrays(path, [layer])[0] for path in self._files]

    def _row(self, array: np.ndarray, name: str, layer: str) -> np.ndarray:
        if not np.issubdtype(array.dtype, np.number):
            raise FormatError(
                f"{name!r}, layer {layer!r}: features must be numbers, not {array.dtype}."
            )
        if self.pooling is None:
            return array.reshape(-1).astype(np.float64)
        if array.ndim == 3 and len(array) == 1:
            array = array[0]
        if array.ndim > 2:
            raise InputError(
                f"{name!r}, layer {layer!r}: pooling is for sequences (sequence, dim), "
                f"but these features have shape {array.shape}. Leave pooling out."
            )
        array = array.astype(np.float64)
        return array if array.ndim < 2 else self.pooling(array)


def _entries(path: Path) -> tuple[str, ...]:
    return npz_keys(path, WHAT)


def _arrays(path: Path, keys: list[str]) -> list[np.ndarray]:
    found = read_npz(path, WHAT, keys.__contains__)
    lacking = [key for key in keys if key not in found]
    if lacking:
        raise FormatError(
            f"{str(path)!r} lacks {listed(lacking)}, which other files of the folder have."
        )
    return [found[key] for key in keys]
