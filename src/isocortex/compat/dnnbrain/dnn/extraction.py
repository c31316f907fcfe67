"""From stimuli to the layers of a network, through :func:`isocortex.extract`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from isocortex.arrays import as_numpy
from isocortex.compat.dnnbrain.dnn.features import pool
from isocortex.compat.dnnbrain.dnn.mask import Mask
from isocortex.compat.dnnbrain.dnn.stimulus import Stimulus
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.data.units import unit_shape, unit_table
from isocortex.errors import InputError, NotFoundError
from isocortex.formats.dnnbrain.dmask import UnitMask, places
from isocortex.networks.extract import extract
from isocortex.networks.network import Network

BLOCK = 64 * 2**20
AT_ONCE = ("max", "mean")


@contextmanager
def extracted(
    network: Network,
    stimuli: Any,
    mask: Mask,
    pool_method: str | None = None,
    device: str = "cpu",
    folder: Path | None = None,
) -> Iterator[dict[str, Responses]]:
    """Layers of a network, on disk in a temporary folder while the context is open.

    Parameters
    ----------
    network : Network
    stimuli : Stimulus, or array (n_stimuli, 3, height, width) of uint8
    mask : Mask
        Layers, channels, rows, columns.
    pool_method : {"max", "mean", "median", "L1", "L2"}, optional
    device : str, default="cpu"
    folder : path, optional
        Where the temporary folder is made.

    Yields
    ------
    dict from layer to Responses
    """
    noun = as_stimuli(stimuli)
    parts = [mask.units(layer) for layer in mask.layers]
    # Of a part of the rows or columns, the mask comes first.
    early = pool_method in AT_ONCE and all(
        isinstance(each.rows, str) and isinstance(each.columns, str) for each in parts
    )
    with TemporaryDirectory(prefix=".isocortex-", dir=folder) as temporary:
        store = extract(
            network,
            noun,
            mask.layers,
            into=Path(temporary) / "activations.zarr",
            pooling=pool_method if early else None,
            device=device,
        )
        late = None if early else pool_method
        yield {layer: _part(store[layer], mask.units(layer), late, layer) for layer in mask.layers}


def as_stimuli(stimuli: Any) -> Stimuli:
    """Stimuli as the noun of :func:`isocortex.extract`; repeated ones get names of their own.

    Raises
    ------
    InputError
        If they are no images.
    NotFoundError
        If a file is not there.
    """
    if isinstance(stimuli, np.ndarray):
        if stimuli.ndim != 4 or stimuli.shape[1] != 3 or stimuli.dtype != np.uint8:
            raise InputError(
                "Stimuli as an array must be uint8 of shape (n_stimuli, 3, height, width), not "
                f"{stimuli.dtype} of {stimuli.shape}."
            )
        return Stimuli.from_arrays(stimuli.transpose(0, 2, 3, 1))
    if not isinstance(stimuli, Stimulus):
        raise InputError(f"Stimuli must be a Stimulus or an array, not {type(stimuli).__name__}.")
    kind = stimuli.header.get("type")
    if kind != "image":
        raise InputError(
            f"Stimuli of type {kind!r} are not extracted; save the frames as images and list those."
        )
    names = [str(each) for each in stimuli.get("stimID")]
    files = [stimuli.folder / name for name in names]
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise NotFoundError(
            f"{len(missing)} of {len(files)} images are not there, the first: {missing[0]!r}."
        )
    if len(set(names)) < len(names):
        names = [f"{i + 1} {name}" for i, name in enumerate(names)]
    return Stimuli(names, files)


def _part(layer: Responses, mask: UnitMask, pool_method: str | None, name: str) -> Responses:
    labels = {"layer": name}
    if mask == UnitMask() and pool_method is None:
        return layer.replace(labels=labels)
    array = selected(layer, mask, pool_method)
    units = unit_table(array.shape[1:])
    return Responses(array.reshape(len(array), -1), layer.stimuli, units, labels)


def selected(layer: Responses, mask: UnitMask, pool_method: str | None) -> np.ndarray:
    """A part of a layer, pooled, as an array of four axes; read in blocks of channels."""
    n_channels, n_rows, n_columns = unit_shape(layer)
    inner = n_rows * n_columns
    every = np.arange(n_channels)
    wanted = every if isinstance(mask.channels, str) else places(mask.channels, n_channels, "chn")
    read = np.unique(wanted)
    width = max(1, BLOCK // max(1, layer.n_stimuli * inner * 4))
    found = []
    for start in range(0, n_channels, width):
        stop = min(start + width, n_channels)
        here = read[(read >= start) & (read < stop)]
        if not len(here):
            continue
        block = as_numpy(layer.values[:, start * inner : stop * inner])
        block = block.reshape(len(block), stop - start, n_rows, n_columns)[:, here - start]
        block = UnitMask("all", mask.rows, mask.columns).apply(block)
        found.append(block if pool_method is None else pool(block, pool_method))
    return np.concatenate(found, axis=1)[:, np.searchsorted(read, wanted)]
