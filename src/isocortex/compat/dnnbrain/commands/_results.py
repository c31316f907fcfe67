"""Results of models as files: ``OUT/LAYER[/ITERAXIS]/KEY.npy``, and maps of the brain."""

from pathlib import Path
from typing import Any

import numpy as np

from isocortex.compat.dnnbrain.commands._image import Target, on_grid, write_map
from isocortex.compat.dnnbrain.dnn.activation import Activation
from isocortex.data.responses import Responses
from isocortex.data.units import unit_shape
from isocortex.errors import InputError
from isocortex.store.atomic import whole

MODELS = ("glm", "lasso", "svc", "lrc", "corr")


def activation(layers: dict[str, Responses]) -> Activation:
    """Chosen layers as an Activation that reads them when they are used."""
    activ = Activation()
    for name, layer in layers.items():
        if hasattr(layer.values, "stored"):
            activ._layers[name] = layer
        else:
            activ.set(name, layer.numpy().reshape(layer.n_stimuli, *unit_shape(layer)))
    return activ


def check_model(anal: str, model: str) -> None:
    """``corr`` correlates single units.

    Raises
    ------
    InputError
    """
    if anal == "mv" and model == "corr":
        raise InputError("-model corr is for -anal uv: it correlates single units.")


def save(path: Path, array: np.ndarray) -> None:
    """One array, whole or not at all; models are objects, as the format has them."""
    with whole(path) as draft, draft.open("wb") as file:
        np.save(file, array)


def save_layers(found: dict[str, dict[str, Any]], out: Any, iteraxis: str | None = None) -> None:
    """Every key of every layer as it is."""
    for layer, results in found.items():
        folder = Path(out) / layer / (iteraxis or "")
        for key, array in results.items():
            save(folder / f"{key}.npy", array)


def save_maps(
    found: dict[str, dict[str, Any]], out: Any, iteraxis: str | None, target: Target, source: Any
) -> None:
    """Every key on the grid of the image, and the mean score over folds as an image."""
    like = target.recording
    if like is None:
        save_layers(found, out, iteraxis)
        return
    for layer, results in found.items():
        folder = Path(out) / layer / (iteraxis or "")
        for key, array in results.items():
            save(folder / f"{key}.npy", on_grid(array, like))
        score = results["score"]
        write_map(score.mean(2) if score.ndim == 3 else score, folder, "score", source, like)
