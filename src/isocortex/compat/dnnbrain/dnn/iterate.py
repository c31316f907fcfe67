"""One mapping of a layer as a whole, or one for each of its channels or positions."""

from collections.abc import Iterator

import numpy as np

from isocortex.choice import choose
from isocortex.compat.dnnbrain.dnn.activation import Activation
from isocortex.compat.dnnbrain.dnn.base import MultivariateMapping, UnivariateMapping
from isocortex.data.responses import Responses
from isocortex.errors import InputError

ITERATIONS = {"channel": "channel", "row_col": "row_col"}
MAPPERS = {"uv": UnivariateMapping, "mv": MultivariateMapping}
IN_MEMORY = 2**30
Mapper = UnivariateMapping | MultivariateMapping


def make_mapper(map_type: str, estimator: object, cv: int, scoring: object) -> Mapper:
    """``"uv"`` or ``"mv"`` with its estimator."""
    return choose(map_type, MAPPERS, "map_type")(estimator, cv, scoring)


def parts_of(activ: Activation, layer: str, iter_axis: str | None) -> Iterator[Responses]:
    """The whole layer, or its channels, or its positions (row by row)."""
    if iter_axis is None:
        whole = activ.responses(layer)
        # Some models read features in every fold; what fits is unpacked once.
        n_bytes = 8 * whole.n_stimuli * whole.n_units
        yield whole.replace(values=whole.numpy()) if n_bytes <= IN_MEMORY else whole
        return
    choose(iter_axis, ITERATIONS, "iter_axis")
    array = activ.get(layer)
    block = array.reshape(len(array), array.shape[1], -1)
    along = 1 if iter_axis == "channel" else 2
    for place in range(block.shape[along]):
        yield Responses(np.ascontiguousarray(np.take(block, place, along)))


def map_layers(
    activ: Activation, targets: np.ndarray, mapper: Mapper, iter_axis: str | None
) -> dict[str, dict[str, np.ndarray]]:
    """From each layer to targets (n_stimuli, n_targets).

    Returns
    -------
    dict from layer to dict
        ``score`` (n_iterations, n_targets[, n_folds]), ``model`` (n_iterations, n_targets),
        ``location`` (n_iterations, n_targets, 3): channel, row and column from 1 (0 where no
        unit varies); ``conf_m`` (n_iterations, n_targets, n_folds) for classifiers.
    """
    found = {}
    for layer in activ.layers:
        shape = activ.shape(layer)
        if shape[0] != len(targets):
            raise InputError(
                f"{layer!r} has {shape[0]} stimuli, but there are {len(targets)} rows of targets."
            )
        each = [mapper.map(part, targets) for part in parts_of(activ, layer, iter_axis)]
        stacked = {key: np.stack([one[key] for one in each]) for key in each[0]}
        if "location" in stacked:
            stacked["location"] = _places(stacked["location"], shape[1:], iter_axis)
        found[layer] = stacked
    return found


def _places(units: np.ndarray, shape: tuple[int, ...], iter_axis: str | None) -> np.ndarray:
    """Channel, row and column, from 1, of units that were counted within each iteration."""
    inner = shape[1] * shape[2]
    turns = np.arange(len(units))[:, None]
    flat = {
        None: units,
        "channel": turns * inner + units,
        "row_col": units * inner + turns,
    }[iter_axis]
    undefined = units < 0
    places = np.stack(np.unravel_index(np.where(undefined, 0, flat), shape), axis=-1) + 1
    places[undefined] = 0
    return places
