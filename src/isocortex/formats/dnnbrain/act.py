"""``.act.h5``: the activations of layers, (n_stimuli, n_channels, n_rows, n_columns) each."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.choice import listed, suggestion
from isocortex.data.names import natural_key
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.data.units import unit_shape, unit_table
from isocortex.data.unnamed import names_or_default
from isocortex.errors import FormatError, InputError
from isocortex.formats.dnnbrain.files import checked_path, numbers_of
from isocortex.reading import reader
from isocortex.store.hdf5 import whole_hdf5
from isocortex.store.hdf5_files import open_hdf5

SUFFIX = ".act.h5"
BLOCK = 64 * 2**20
WHAT = "a whole HDF5 file of activations of DNNBrain"


class FlatLayer:
    """A layer in an .act.h5 file as a matrix (n_stimuli, n_units) that is read when indexed.

    Units are in C order of channel, row and column. The file is open only while it is read.
    """

    def __init__(self, path: Path, name: str, stored: tuple[int, ...], dtype: np.dtype):
        self.path, self.name, self.stored, self.dtype = path, name, stored, dtype
        self.shape = (stored[0], int(np.prod(stored[1:])))
        self.inner = int(np.prod(stored[2:]))

    @property
    def ndim(self) -> int:
        """The number of axes, which is two: stimuli and units."""
        return 2

    @property
    def chunk_columns(self) -> int:
        """Columns are best read in whole channels."""
        return self.inner

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> np.ndarray:
        rows, columns = index if isinstance(index, tuple) else (index, slice(None))
        if isinstance(rows, slice) and isinstance(columns, slice):
            return self._columns(columns, rows)
        if isinstance(columns, slice):
            return self._columns(columns)[np.asarray(rows)]
        wanted = np.asarray(columns)
        if wanted.dtype == bool:
            wanted = np.nonzero(wanted)[0]
        low, high = (int(wanted.min()), int(wanted.max()) + 1) if wanted.size else (0, 0)
        return self._columns(slice(low, high))[rows][..., wanted - low]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self[:, :], dtype=dtype)

    def _columns(self, columns: slice, rows: slice = slice(None)) -> np.ndarray:
        start, stop, step = columns.indices(self.shape[1])
        first, last = start // self.inner, -(-stop // self.inner)
        with open_hdf5(self.path, WHAT, texts=False) as file:
            block = numbers_of(file, self.name, self.path)[rows, first:last]
        flat = block.reshape(len(block), (last - first) * self.inner)
        return flat[:, start - first * self.inner : stop - first * self.inner : step]


@door
@reader(WHAT)
def read_act_h5(
    path: str | Path,
    layers: Iterable[str] | None = None,
    stimuli: Stimuli | Iterable[object] | None = None,
) -> dict[str, Responses]:
    """Read the layers of a DNNBrain file; their values stay on disk until they are used.

    Parameters
    ----------
    path : path
        Ends in .act.h5.
    layers : sequence of str, optional
        Default: all, in natural order (the file keeps none).
    stimuli : Stimuli or sequence of str, optional
        The names of the rows, which the file does not hold: those of the .stim.csv it was
        made from. Default ``stimulus 0`` ...

    Returns
    -------
    mapping from layer to Responses
        As any verb takes it. Units have ``channel``, ``row`` and ``col`` (from 0).

    Raises
    ------
    FormatError
        If the file is truncated, or holds something else than numbers.
    InputError
        If a layer is not in it, or the number of stimuli differs.

    See Also
    --------
    write_act_h5 : Writes such a file.
    read_stim_csv : The stimuli of its rows.
    read_features : Folders of MATLAB files.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> fc3 = ic.Responses([[0.0, 1.5], [2.0, 0.5]], ["cat", "dog"])
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.write_act_h5({"fc3": fc3}, f"{folder}/alexnet.act.h5")
    ...     layers = ic.read_act_h5(path, stimuli=["cat", "dog"])
    ...     print(list(layers), layers["fc3"].numpy()[1])
    ['fc3'] [2.  0.5]
    """
    path = checked_path(path, SUFFIX, exists=True)
    names = stimuli.names if isinstance(stimuli, Stimuli) else stimuli
    with open_hdf5(path, WHAT, texts=False) as file:
        there = sorted(file, key=natural_key)
        wanted = there if layers is None else list(layers)
        for layer in wanted:
            if layer not in there:
                raise InputError(
                    f"{str(path)!r} has no layer {layer!r}. {suggestion(layer, there)}"
                    f"It has: {listed(there, 30)}."
                )
        sets = {layer: numbers_of(file, layer, path) for layer in wanted}
        lazy = {name: FlatLayer(path, name, each.shape, each.dtype) for name, each in sets.items()}
        flat = [name for name, each in sets.items() if each.ndim < 2 or not each.size]
        if flat:
            raise FormatError(
                f"{str(path)!r}: {flat[0]!r} has no units: its shape is {sets[flat[0]].shape}."
            )
    # The rows of all layers of a file are the same stimuli, whatever these are called.
    made = list(names_or_default(None, None, max((len(each) for each in lazy.values()), default=0)))
    return {
        name: Responses(
            each,
            made[: len(each)] if names is None else names,
            _unit_maker(each.stored),
            {"layer": name},
        )
        for name, each in lazy.items()
    }


@door
def write_act_h5(
    source: Mapping[str, Responses] | Iterable[Responses] | Responses, path: str | Path
) -> Path:
    """Write layers to a DNNBrain file, a block of channels at a time.

    Parameters
    ----------
    source : Store, mapping from layer to Responses, list of Responses, or Responses
        The layer's name is its key, or its label ``layer``. Units with columns ``channel``,
        ``row`` and ``col`` get their shape back; others become (n_stimuli, n_units, 1, 1).
    path : path
        Ends in .act.h5.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If a layer has no name, or two have one.

    See Also
    --------
    read_act_h5 : Reads such a file.
    write_stim_csv : The stimuli, which the file does not hold.
    write_features : Folders of MATLAB files.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> fc3 = ic.Responses([[0.0, 1.5], [2.0, 0.5]], ["cat", "dog"], labels={"layer": "fc3"})
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.write_act_h5(fc3, f"{folder}/alexnet.act.h5")
    ...     print(path.name, ic.read_act_h5(path)["fc3"].n_units)
    alexnet.act.h5 2
    """

    path = checked_path(path, SUFFIX, exists=False)
    layers = named_layers(source)
    with whole_hdf5(path) as file:
        for name, layer in layers.items():
            shape = (layer.n_stimuli, *unit_shape(layer))
            write_layer(file, name, layer.values, shape)
    return path


def write_layer(file: Any, name: str, values: Any, shape: tuple[int, ...]) -> None:
    """One layer into an open file: ``values`` (n_stimuli, n_units) in blocks of channels."""
    dtype = np.dtype(str(values.dtype).removeprefix("torch."))
    # Level 1 is gzip as any other to a reader, and several times as fast to write as level 4.
    dataset = file.create_dataset(
        name, shape, dtype=dtype, chunks=_chunks(shape, dtype.itemsize), compression="gzip",
        compression_opts=1, shuffle=True,
    )  # fmt: skip
    inner = int(np.prod(shape[2:]))
    width = max(1, BLOCK // max(1, shape[0] * inner * dtype.itemsize))
    for first in range(0, shape[1], width):
        last = min(first + width, shape[1])
        block = np.asarray(values[:, first * inner : last * inner])
        dataset[:, first:last] = block.reshape(shape[0], last - first, *shape[2:])


def named_layers(source: Any) -> dict[str, Responses]:
    """The layers of a Store, a mapping or a list, by their names.

    Raises
    ------
    InputError
        If a layer has no name, two have one, or something else is found.
    """
    if isinstance(source, Mapping):
        keys, nouns = [str(name) for name in source], list(source.values())
    else:
        nouns = list(source) if isinstance(source, Iterable) else [source]
        keys = [getattr(noun, "labels", {}).get("layer") for noun in nouns]
    for noun in nouns:
        if not isinstance(noun, Responses):
            raise InputError(f"write_act_h5 needs Responses; it found {type(noun).__name__}.")
    if None in keys:
        raise InputError("write_act_h5: a layer has no label 'layer'; give {name: responses}.")
    layers = {str(key): noun for key, noun in zip(keys, nouns, strict=True)}
    if len(layers) < len(nouns):
        raise InputError("write_act_h5: two layers have one name; write them to separate files.")
    return layers


def _chunks(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """Whole maps of a few channels for up to 64 stimuli, of about a megabyte."""
    stimuli = min(shape[0], 64)
    inner = int(np.prod(shape[2:]))
    channels = max(1, min(shape[1], 2**20 // max(1, stimuli * inner * itemsize)))
    return (max(1, stimuli), channels, *shape[2:])


def _unit_maker(stored: tuple[int, ...]) -> Any:
    return lambda: unit_table(stored[1:])
