"""Features as the Kamitani laboratory keeps them: ``<layer>/<image>.mat``, variable ``feat``."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.choice import counted, listed, suggestion
from isocortex.data.names import natural_key
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.deprecated import renamed
from isocortex.display.shown import shown
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.formats.card import of_folder
from isocortex.formats.mat.alike import write_one_alike
from isocortex.formats.mat.files import read_array
from isocortex.formats.mat.scratch import Scratch
from isocortex.formats.mat.template import layout_of
from isocortex.progress import Job, Shown
from isocortex.reading import leads_out

KEEP_BYTES = 256 * 2**20
"""A layer up to this size is kept in memory once it is read; a larger one in a scratch file."""


class FileLayer:
    """A layer in one file for each image: has a shape, and gives numpy when it is indexed.

    Units of more than one axis are flattened in C order.
    """

    def __init__(self, files: Sequence[Path], key: str = "feat"):
        self.files = tuple(files)
        self.key = key
        first = read_array(self.files[0], key)
        one = first.ndim > 1 and first.shape[0] == 1
        self.unit_shape = first.shape[1:] if one else first.shape
        self.dtype = first.dtype
        self.shape = (len(self.files), int(np.prod(self.unit_shape)))
        self.ndim = 2
        self._layout = layout_of(self.files[0], key, first)
        self.chunk_columns = max(1, self.shape[1] if self.small else 2**24 // len(self.files))

    @property
    def small(self) -> bool:
        """Whether all of it is kept in memory once it is read."""
        return self.shape[0] * self.shape[1] * self.dtype.itemsize <= KEEP_BYTES

    @cached_property
    def whole(self) -> np.ndarray:
        """All values, shape (n_images, n_units)."""
        out = np.empty(self.shape, self.dtype)
        for i in range(len(self.files)):
            out[i] = self._row(i)
        return out

    @cached_property
    def _scratch(self) -> Scratch:
        return Scratch(self.shape, self.dtype, self._row)

    def __getitem__(self, where: Any) -> np.ndarray:
        rows, columns = where if isinstance(where, tuple) else (where, slice(None))
        if self.small:
            return self.whole[rows][..., columns]
        chosen = np.arange(self.shape[0])[rows]
        if chosen.ndim == 0:
            return self._row(int(chosen))[columns]
        return self._scratch.read(chosen, columns)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """All values in memory."""
        values = self[:, :]
        return values.astype(dtype) if dtype is not None else values

    def __len__(self) -> int:
        return self.shape[0]

    def _row(self, i: int) -> np.ndarray:
        values = None if self._layout is None else self._layout.read(self.files[i])
        if values is None:
            values = read_array(self.files[i], self.key)
        values = values.reshape(-1)
        if len(values) != self.shape[1]:
            raise FormatError(
                f"{str(self.files[i])!r} has {counted(len(values), 'unit')}, but "
                f"{self.files[0].name!r} of "
                f"the same layer has {self.shape[1]}. Extract the layer again."
            )
        if not np.isfinite(values).all():
            raise FormatError(
                f"{str(self.files[i])!r} holds NaN or infinite numbers. Extract it again."
            )
        return values


@shown(of_folder)
class FeatureFolder(Mapping[str, Responses]):
    """A folder of features: a mapping from layer to Responses, read when they are asked for.

    Layers are in natural order, or in the order that was asked for.
    """

    def __init__(self, folder: Path, layers: Sequence[str], labels: Mapping[str, Any]):
        self.folder = folder
        self.layers = tuple(layers)
        self.labels = dict(labels)

    @cached_property
    def stimuli(self) -> tuple[str, ...]:
        """The images that every layer has, in natural order."""
        names = [_image_files(self.folder / layer) for layer in self.layers]
        for layer, files in zip(self.layers[1:], names[1:], strict=True):
            different = sorted(set(names[0]) ^ set(files), key=natural_key)
            if different:
                raise FormatError(
                    f"{str(self.folder)!r}: the layers {self.layers[0]!r} and {layer!r} have "
                    f"different images: {listed(different)}. Extract the missing ones."
                )
        return tuple(names[0])

    def __getitem__(self, layer: str) -> Responses:
        if layer not in self.layers:
            raise KeyError(
                f"{str(self.folder)!r} has no layer {layer!r}. {suggestion(layer, self.layers)}"
                f"It has: {listed(self.layers, 20)}."
            )
        files = _image_files(self.folder / layer)
        values = FileLayer(list(files.values()))
        labels = {**self.labels, "layer": layer}
        return Responses(values, list(files), units=_places(values.unit_shape), labels=labels)

    def __iter__(self) -> Iterator[str]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __repr__(self) -> str:
        return f"FeatureFolder({str(self.folder)!r}, {counted(len(self), 'layer')})"


@door
def read_features(
    folder: str | Path, layers: Sequence[str] | None = None, **labels: Any
) -> FeatureFolder:
    """Open a folder of features, ``<layer>/<image>.mat`` with the variable ``feat``.

    MATLAB 5 and 7.3 files, dense or sparse, may be mixed. Nothing is read before a layer is
    asked for; rows carry the names of the files, so no order matters.

    Parameters
    ----------
    folder : path
        Of one network, such as ``features/ImageNetTest/caffe/AlexNet``.
    layers : sequence of str, optional
        Which layers, in which order; default all, in natural order.
    **labels
        Of every layer; ``network`` is the folder's name where it is not given.

    Returns
    -------
    FeatureFolder
        A mapping from layer name to Responses.

    Raises
    ------
    NotFoundError
        If the folder or a layer is not there.
    InputError
        If it has no layers.

    See Also
    --------
    write_features : Writes such a folder.
    read_act_h5 : The format of DNNBrain.
    extract : Layers of a network, without files of others.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> fc6 = ic.Responses([[0.0, 1.5], [2.0, 0.5]], ["cat", "dog"])
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.write_features({"fc6": fc6}, folder)
    ...     layers = ic.read_features(path, network="AlexNet")
    ...     print(list(layers), layers["fc6"].numpy()[1])
    ['fc6'] [2.  0.5]
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise NotFoundError(f"There is no folder of features {str(folder)!r}.")
    found = [each.name for each in folder.iterdir() if each.is_dir() and each.name[0] != "."]
    found.sort(key=natural_key)
    if not found:
        raise InputError(
            f"The folder {str(folder)!r} has no layers; features lie in <layer>/<image>.mat."
        )
    wanted = found if layers is None else [str(layer) for layer in layers]
    missing = [layer for layer in wanted if layer not in found]
    if missing:
        raise NotFoundError(
            f"{str(folder)!r} has no layers {listed(missing)}. {suggestion(missing[0], found)}"
            f"It has: {listed(found, 20)}."
        )
    return FeatureFolder(folder, wanted, {"network": folder.name, **labels})


@renamed(listener="progress")
@door
def write_features(
    store: Mapping[str, Responses],
    folder: str | Path,
    *,
    layers: Sequence[str] | None = None,
    progress: Shown = None,
) -> Path:
    """Write layers as ``<layer>/<image>.mat`` (MATLAB 7.3, float32, shape (1, n_units)).

    Files that are there already are left as they are; ``/`` in a layer's name becomes ``:``.
    bdpy and the Brain Hierarchy scripts read what is written.

    Parameters
    ----------
    store : mapping from layer to Responses
        A Store, a FeatureFolder or a dictionary.
    folder : path
        Where the folders of the layers are made.
    layers : sequence of str, optional
        Default all.
    progress : bool or function, optional
        True draws a bar; a function is told each layer.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If a layer is not in the store, or a stimulus name cannot be a file name.
    StorageError
        If it cannot be written.

    See Also
    --------
    read_features : Opens such a folder.
    write_act_h5 : The format of DNNBrain.
    Store : What :func:`extract` writes.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> fc6 = ic.Responses([[0.0, 1.5], [2.0, 0.5]], ["cat", "dog"])
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.write_features({"fc6": fc6}, folder)
    ...     print(sorted(each.name for each in Path(path, "fc6").iterdir()))
    ['cat.mat', 'dog.mat']
    """
    folder = Path(folder)
    wanted = list(store) if layers is None else list(layers)
    missing = [layer for layer in wanted if layer not in store]
    if missing:
        raise InputError(
            f"write_features: there are no layers {listed(missing)}. "
            f"{suggestion(missing[0], store)}The store has: {listed(store, 20)}."
        )
    with Job(progress, f"write {folder.name}", len(wanted)) as job:
        for layer in wanted:
            responses = store[layer]
            into = folder / checked_stem(layer.replace("/", ":"), "layer")
            values = responses.numpy()
            for name, row in zip(responses.stimuli, values, strict=True):
                write_feature(into / f"{checked_stem(name)}.mat", row)
            job.step(1, layer)
    return folder


def write_feature(path: Path, row: np.ndarray) -> None:
    """One image's features, as shape (1, ...), unless the file is there already."""
    if not path.exists():
        write_one_alike(path, row[None], "feat", dtype=np.float32)


def checked_stem(name: str, of: str = "stimulus") -> str:
    """``name``, if it can be a file name."""
    if leads_out(name) or name[0] == "." or "/" in name or "\\" in name:
        raise InputError(f"The {of} name {name!r} cannot be the name of a file; rename it.")
    return name


def _image_files(folder: Path) -> dict[str, Path]:
    files = {f.stem: f for f in folder.iterdir() if f.suffix == ".mat" and f.name[0] != "."}
    if not files:
        raise NotFoundError(f"The layer folder {str(folder)!r} has no .mat files.")
    return {name: files[name] for name in sorted(files, key=natural_key)}


def _places(shape: tuple[int, ...]) -> Any:
    """The table of units of a convolutional layer, made when it is asked for."""
    if len(shape) != 3:
        return None

    return partial(_place_table, shape)


def _place_table(shape: tuple[int, ...]) -> Any:
    import pandas as pd

    channel, row, col = np.indices(shape).reshape(3, -1)
    return pd.DataFrame({"channel": channel, "row": row, "col": col})
