"""Files of features: one for each stimulus, then one for each layer."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np

from isocortex.choice import listed
from isocortex.data.names import natural_key
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.formats.net2brain.features import PREFIX, WHAT, Net2BrainFeatures
from isocortex.reading import leads_out
from isocortex.store.atomic import whole
from isocortex.store.npz import read_npz

IMAGES = (".jpg", ".jpeg", ".png")
OTHERS = (".mp4", ".avi", ".wav", ".mp3", ".txt")


def stimulus_files(data_path: Any) -> dict[str, Path]:
    """The images in a folder, or of a list, by their names up to the first dot.

    Raises
    ------
    NotFoundError
        If there are none.
    InputError
        If there are sounds, films or texts, or two images have one name.
    """
    if isinstance(data_path, str | Path):
        folder = Path(data_path)
        if not folder.is_dir():
            raise NotFoundError(f"There is no folder {str(data_path)!r}.")
        given = sorted(folder.iterdir(), key=lambda path: natural_key(path.name))
    else:
        given = [Path(each) for each in data_path]
    others = [path.name for path in given if path.suffix.lower() in OTHERS]
    if others:
        raise InputError(
            f"FeatureExtractor takes images, not {listed(others)}. isocortex.extract takes words, "
            "sounds and films: Stimuli.from_sentences, from_audio, from_video."
        )
    found: dict[str, Path] = {}
    for path in given:
        if path.suffix.lower() not in IMAGES:
            continue
        if not path.is_file():
            raise NotFoundError(f"There is no image {str(path)!r}.")
        name = path.name.split(".")[0]
        if name in found:
            raise InputError(
                f"The features of {found[name].name!r} and {path.name!r} would share the file "
                f"{name}.npz. Rename one."
            )
        found[name] = path
    if not found:
        raise NotFoundError(f"{str(data_path)!r} holds no images ({listed(IMAGES)}).")
    return found


def write_features(folder: Path, name: str, features: Mapping[str, np.ndarray]) -> None:
    """One stimulus: the arrays of its layers, whole or not at all."""
    with whole(folder / f"{name}.npz") as draft:
        _write(draft, features, ZIP_STORED)


def reduce_files(folder: Path, reduce: Callable[[np.ndarray], np.ndarray]) -> None:
    """Replace the features of each stimulus by fewer, shape (n_components,)."""
    layers = Net2BrainFeatures(folder)
    reduced = {}
    for layer, responses in layers.items():
        values = responses.numpy()
        fewer = reduce(values)
        if fewer is not values:
            reduced[layer] = fewer.astype(np.float32)
    for i, path in enumerate(_separate(folder)):
        own = read_npz(path, WHAT)
        fewer = {layer: values[i] for layer, values in reduced.items()}
        write_features(folder, path.stem, {**own, **fewer})


def consolidate(folder: Path) -> None:
    """One file for each layer, of which the stimuli are the keys; the others are deleted.

    Raises
    ------
    NotFoundError
        If there are no features.
    InputError
        If a layer cannot be part of a file's name.
    FormatError
        If a file lacks a layer.
    """
    files = _separate(folder)
    if not files:
        raise NotFoundError(f"{str(folder)!r} holds no features of single stimuli.")
    layers = tuple(read_npz(files[0], WHAT))
    bad = [layer for layer in layers if "/" in layer or "\\" in layer or leads_out(layer)]
    if bad:
        raise InputError(f"Layers cannot be parts of names of files: {listed(bad)}.")
    for layer in layers:
        rows = {path.stem: read_npz(path, WHAT, layer.__eq__) for path in files}
        lacking = [name for name, row in rows.items() if not row]
        if lacking:
            raise FormatError(f"{listed(lacking)} in {str(folder)!r} lack the layer {layer!r}.")
        with whole(folder / f"{PREFIX}{layer}.npz") as draft:
            _write(draft, {name: row[layer] for name, row in rows.items()}, ZIP_DEFLATED)
    for path in files:
        path.unlink()


def _write(path: Path, arrays: Mapping[str, np.ndarray], compression: int) -> None:
    """An ``.npz`` file with any keys; those of numpy's own writer may not be called ``file``."""
    with ZipFile(path, "w", compression) as archive:
        for key, array in arrays.items():
            with archive.open(f"{key}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)


def _separate(folder: Path) -> list[Path]:
    files = [path for path in folder.glob("*.npz") if not path.name.startswith(PREFIX)]
    return sorted(files, key=lambda path: natural_key(path.name))
