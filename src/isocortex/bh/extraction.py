"""Features of the images of one set, in the files that decoding and encoding read."""

import zlib
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.bh.settings import ABSOLUTE, RANDOM, Folders, NetworkSettings
from isocortex.choice import listed
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.formats.mat.features import checked_stem, write_feature

IMAGES_AT_ONCE = 32


def feature_files(
    folders: Folders, images: str, network: NetworkSettings, names: Sequence[str]
) -> tuple[Path, ...]:
    """The file of each layer and image."""
    root = folders.features(images, network.folder)
    return tuple(
        root / layer / f"{checked_stem(name)}.mat" for layer in network.layers for name in names
    )


def extract_images(
    folders: Folders,
    images: str,
    network: NetworkSettings,
    stimuli: Stimuli,
    n_units: int | None = None,
    seed: int = 0,
) -> None:
    """Run some images through a network and write ``features/…/<layer>/<image>.mat``.

    A layer whose name ends in ``_abs`` is the absolute value of the layer before the ending.

    Parameters
    ----------
    folders, images, network
    stimuli : Stimuli
        A part of the set.
    n_units : int, optional
        Keep so many random units of each layer, the same for every image.
    seed : int, default=0
        Of their choice.

    Raises
    ------
    IsocortexError
        If the network has no such layer, or an image cannot be read.
    """
    from isocortex.networks.extract import extract

    loaded = _network(network.network, network.weights)
    layers = {layer: _asked(layer, loaded) for layer in network.layers}
    store = extract(loaded, stimuli, list(dict.fromkeys(layers.values())))
    for layer, asked in layers.items():
        values = _kept(np.asarray(store[asked].numpy()), layer, n_units, seed)
        if layer.endswith(ABSOLUTE) and not asked.endswith(ABSOLUTE):
            values = np.abs(values)
        folder = folders.features(images, network.folder) / layer
        for name, row in zip(stimuli.names, values, strict=True):
            write_feature(folder / f"{checked_stem(name)}.mat", row)


def check_layers(network: NetworkSettings) -> None:
    """All layers of the settings must be there, before anything is run.

    Raises
    ------
    InputError
        With the layers that are not, and those that are.
    """
    loaded = _network(network.network, network.weights)
    missing = []
    for layer in network.layers:
        try:
            _asked(layer, loaded)
        except InputError:
            missing.append(layer)
    if missing:
        raise InputError(
            f"The network {network.network!r} has no layers {listed(missing)} of the settings of "
            f"{network.name!r}. It has: {listed([*loaded.aliases, *loaded.layers], 60)}."
        )


def _asked(layer: str, network: Any) -> str:
    """What the network calls a layer of the settings."""
    choices = [layer, layer.replace(":", "/"), layer.replace(":", ".")]
    if layer.endswith(ABSOLUTE):
        choices.append(layer.removesuffix(ABSOLUTE))
    for choice in choices:
        with suppress(InputError):
            network.select([choice])
            return choice
    raise InputError(f"The network has no layer {layer!r}.")


def _kept(values: np.ndarray, layer: str, n_units: int | None, seed: int) -> np.ndarray:
    if n_units is None or n_units >= values.shape[1]:
        return values
    rng = np.random.default_rng([seed, zlib.crc32(layer.encode())])
    return values[:, np.sort(rng.choice(values.shape[1], n_units, replace=False))]


@lru_cache(maxsize=1)
def _network(name: str, weights: str | None) -> Any:
    from isocortex.networks.load import load_network

    if weights is None:
        return load_network(name)
    return load_network(name, weights=None if weights == RANDOM else weights)
