"""Pooling and feature extraction of activations, as arrays of four axes."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from isocortex.choice import choose
from isocortex.data.responses import Responses
from isocortex.data.units import unit_shape, unit_table
from isocortex.transform.reduce import reduce

AXES = {"chn": "channels", "row_col": "positions"}


def largest(values: np.ndarray, axis: Any) -> np.ndarray:
    """The maximum."""
    return values.max(axis)


def mean(values: np.ndarray, axis: Any) -> np.ndarray:
    """The average."""
    return values.mean(axis)


def median(values: np.ndarray, axis: Any) -> np.ndarray:
    """The median."""
    return np.median(values, axis)


def l1(values: np.ndarray, axis: Any) -> np.ndarray:
    """The sum of magnitudes."""
    return np.abs(values).sum(axis)


def l2(values: np.ndarray, axis: Any) -> np.ndarray:
    """The root of the sum of squares."""
    return np.sqrt((values * values).sum(axis))


STATISTICS: Mapping[str, Callable[[np.ndarray, Any], np.ndarray]] = {
    "max": largest,
    "mean": mean,
    "median": median,
    "L1": l1,
    "L2": l2,
}


def array_statistic(arr: Any, method: str, axis: Any = None, keepdims: bool = False) -> np.ndarray:
    """A statistic of an array along axes (all, by default); L1 and L2 are norms of vectors."""
    arr = np.asarray(arr)
    along = tuple(range(arr.ndim)) if axis is None else axis
    found = choose(method, STATISTICS, "method")(arr, along)
    return np.expand_dims(found, along) if keepdims else found


def pool(values: np.ndarray, method: str) -> np.ndarray:
    """One number for each channel, shape (n_stimuli, n_channels, 1, 1)."""
    return array_statistic(values, method, (2, 3), keepdims=True)


def dnn_fe(dnn_acts: Any, meth: str, n_feat: int | float, axis: str | None = None) -> np.ndarray:
    """Fewer features of an array (n_stimuli, n_channels, n_rows, n_columns), or of a layer.

    Parameters
    ----------
    dnn_acts : array or Responses
    meth : {"pca", "hist", "psd", "srp"}
    n_feat : int or float
        For ``"pca"`` of the whole layer also a share of variance.
    axis : {"chn", "row_col"}, optional

    Returns
    -------
    array
        (n, f, 1, 1), or with ``"chn"`` (n, f, n_rows, n_columns), with ``"row_col"``
        (n, n_channels, f, 1).
    """
    if not isinstance(dnn_acts, Responses):
        array = np.asarray(dnn_acts)
        shape = array.shape
        dnn_acts = Responses(array.reshape(len(array), -1), None, lambda: unit_table(shape[1:]))
    along = None if axis is None else str(choose(axis, AXES, "axis"))
    reduced = reduce(dnn_acts, meth, n_feat, axis=along)
    return reduced.numpy().reshape(reduced.n_stimuli, *unit_shape(reduced))
