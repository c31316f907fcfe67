"""The verb ``reduce``: fewer numbers for each stimulus, of a layer as a whole or along an axis."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from isocortex.arrays import as_numpy
from isocortex.choice import choose, one_of
from isocortex.data.gram import Gram
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.units import unit_shape, unit_table
from isocortex.errors import InputError
from isocortex.numerics.arrays.reduction import REDUCTIONS, Reduction, pca, principal_scores
from isocortex.store.grams import gram

Make = Callable[[np.ndarray], np.ndarray]


@door
def reduce(
    responses: Responses | Gram,
    method: str | Reduction = "pca",
    n: int | float = 100,
    *,
    axis: str | None = None,
    seed: int = 0,
) -> Responses:
    """Describe each stimulus by fewer numbers.

    Parameters
    ----------
    responses : Responses, shape (n_stimuli, n_units), or Gram
        A Gram is enough for ``"pca"`` of a whole layer, and what is used there anyhow.
    method : {"pca", "srp", "hist", "psd"} or callable, default="pca"
        Principal components, sparse random projection, histogram of the units' responses,
        power spectrum along the units. Or a function of (array, n, seed).
    n : int or float, default=100
        How many numbers; for ``"pca"`` also the share of variance, between 0 and 1.
    axis : {"channels", "positions"}, optional
        None: of the whole layer. ``"channels"``: at each position, of the vector over
        channels. ``"positions"``: in each channel, of the vector over positions.
    seed : int, default=0
        Of the random projection.

    Returns
    -------
    Responses
        Shape (n_stimuli, n), (n_stimuli, n * n_rows * n_cols) or (n_stimuli, n_channels * n);
        units have ``component`` beside ``row, col`` or ``channel``. All stimuli were used:
        inside cross-validation take the model ``PCR`` or ``make_pipeline(PCA(n), ...)``.

    Raises
    ------
    InputError
        If there are fewer stimuli or units than components, or the layer has no such axis.

    See Also
    --------
    PCR : Principal components inside cross-validation.
    embed : A few dimensions, to look at.
    regions : The mean of each region.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> conv5 = ic.Responses(np.random.default_rng(0).normal(size=(20, 500)))
    >>> ic.reduce(conv5, "pca", 5)
    Responses(20 stimuli x 5 units, float64)
    >>> ic.reduce(conv5, "srp", 50, seed=1).n_units
    50
    """
    make = choose(method, REDUCTIONS, "method")
    whole = _AXES[one_of(axis, _AXES, "axis")] if axis is not None else None
    if whole is None:
        return _of_layer(responses, make, n, seed)
    if isinstance(responses, Gram):
        raise InputError(f"reduce: axis={axis!r} does not follow from a Gram; give the Responses.")
    if isinstance(n, float) and n < 1:
        raise InputError(
            f"reduce: n={n} would give each part of axis={axis!r} its own number of components; "
            "give a whole number."
        )
    if not {"channel", "row", "col"} <= set(responses.units.columns):
        raise InputError(
            f"reduce: axis={axis!r} needs units with channel, row and col; these have "
            f"{', '.join(map(str, responses.units.columns)) or 'no columns'}."
        )
    values, units = whole(responses, lambda x: make(x, n, seed))
    return responses.replace(values=values, units=units)


def _of_layer(responses: Responses | Gram, make: Reduction, n: int | float, seed: int) -> Responses:
    if make is pca:
        noun = gram(responses)
        known = noun.products
        scores = principal_scores(known.shifted, n, min(noun.n_stimuli, noun.n_units)) * known.unit
    elif isinstance(responses, Gram):
        raise InputError("reduce: only 'pca' follows from a Gram; give the Responses.")
    else:
        scores = make(responses.values, n, seed)
    units = pd.DataFrame({"component": np.arange(scores.shape[1])})
    table = None if isinstance(responses, Gram) else responses.table
    return Responses(scores, responses.stimuli, units, responses.labels, table)


def _channels(layer: Responses, make: Make) -> tuple[np.ndarray, pd.DataFrame]:
    n_channels, n_rows, n_columns = unit_shape(layer)
    block = layer.numpy().reshape(layer.n_stimuli, n_channels, -1)
    parts = [make(np.ascontiguousarray(block[:, :, at])) for at in range(block.shape[2])]
    values = np.stack(parts, axis=2)
    units = unit_table((values.shape[1], n_rows, n_columns), ("component", "row", "col"))
    return values.reshape(layer.n_stimuli, -1), units


def _positions(layer: Responses, make: Make) -> tuple[np.ndarray, pd.DataFrame]:
    n_channels, n_rows, n_columns = unit_shape(layer)
    inner = n_rows * n_columns
    parts = [
        make(as_numpy(layer.values[:, at * inner : (at + 1) * inner])) for at in range(n_channels)
    ]
    values = np.stack(parts, axis=1)
    units = unit_table((n_channels, values.shape[2]), ("channel", "component"))
    return values.reshape(layer.n_stimuli, -1), units


_AXES = {"channels": _channels, "positions": _positions}
