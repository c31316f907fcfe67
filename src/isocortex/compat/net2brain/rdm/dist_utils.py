"""``net2brain.rdm.dist_utils``: distances between rows, as tensors."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from scipy.spatial.distance import cdist

from isocortex.arrays import as_numpy, n_of_pairs
from isocortex.choice import choose
from isocortex.errors import InputError
from isocortex.numerics.measures.dissimilarity import DISSIMILARITIES

METRICS: Mapping[str, str] = {
    "l2": "euclidean",
    "euclidean": "euclidean",
    "l1": "manhattan",
    "manhattan": "manhattan",
    "cosine": "cosine",
    "pearson": "correlation",
    "correlation": "correlation",
}
"""Net2Brain's names and ours."""

SCIPY = {"manhattan": "cityblock"}

_REGISTERED: dict[str, Callable[..., Any]] = {}
"""What a script has added, by name."""


def valid_distance_functions() -> list[str]:
    """The names of the distances, synonyms and registered ones included."""
    return [*METRICS, *_REGISTERED]


def register_distance_function(
    name: str | None = None,
    jit: bool = False,
    support_batch: bool = True,
    output_condensed: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that gives a function of a tensor ``x`` (and ``y``) a name for ``dist``.

    Parameters
    ----------
    name : str, optional
        Default the function's own.
    jit : bool
        Accepted; nothing is compiled.
    support_batch : bool, default=True
        False: the function gets one (n, d) of a batch at a time.
    output_condensed : bool, default=False
        Whether it returns upper triangles.

    Raises
    ------
    InputError
        If the name is taken.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        called = function.__name__ if name is None else name
        if called in valid_distance_functions():
            raise InputError(f"register_distance_function: there is a distance {called!r} already.")

        def whole_matrix(*tensors: torch.Tensor, **options: Any) -> torch.Tensor:
            if tensors[0].ndim == 3 and not support_batch:
                return torch.stack(
                    [whole_matrix(*each, **options) for each in zip(*tensors, strict=True)]
                )
            found = function(*tensors, **options)
            return to_distance_matrix(found) if output_condensed else found

        _REGISTERED[called] = whole_matrix
        return function

    return register


def known_distance(metric: Any) -> Any:
    """Our name of a distance, or the function that is meant.

    Raises
    ------
    InputError
        If there is none of that name; the nearest is suggested.
    """
    return choose(metric, {**METRICS, **_REGISTERED}, "metric")


def dist(
    x: Any,
    y: Any = None,
    chunk_size: int | None = None,
    metric: str | Callable[..., Any] = "euclidean",
    *,
    device: Any = None,
    verbose: bool = False,
    dtype: Any = None,
    **kwargs: Any,
) -> torch.Tensor:
    """Distances between the rows of ``x``, or between those of ``x`` and of ``y``.

    Parameters
    ----------
    x, y : tensors or arrays, shape (n, d), (m, d) or (batch, n, d), (batch, m, d)
    chunk_size : int, optional
        Accepted; the memory that is needed is the result's in any case.
    metric : str or function, default="euclidean"
        A name of ``valid_distance_functions()``, or a function of the tensor ``x`` (and ``y``,
        where that is given) that returns the distances.
    device, dtype : optional
        Of the result, and of what a function gets.
    verbose : bool
        Accepted; there is nothing to tell.
    **kwargs
        For the function.

    Returns
    -------
    distances : tensor, shape (n, n), (n, m) or (batch, n, n), (batch, n, m)
        The diagonal is exactly zero without ``y``. Computed in float64.

    Raises
    ------
    InputError
        If the name is not known or shapes do not fit.
    UndefinedError
        If a row is constant (correlation) or zero (cosine), where Net2Brain returns NaN.
    """
    first = _tensor(x, dtype, device)
    second = None if y is None else _tensor(y, dtype, device)
    name = known_distance(metric)
    if not isinstance(name, str):
        return name(first, **kwargs) if second is None else name(first, second, **kwargs)
    if second is not None and second.shape[-1] != first.shape[-1]:
        raise InputError(
            f"dist: x and y must have rows of one length, not {tuple(first.shape)} and "
            f"{tuple(second.shape)}."
        )
    if first.ndim == 3:
        others = [None] * len(first) if second is None else list(second)
        parts = [_one(a, b, name) for a, b in zip(first, others, strict=True)]
        return torch.stack(parts).to(first.device)
    return _one(first, second, name).to(first.device)


def standardize(x: Any, dim: int = 0, epsilon: float = 1e-7) -> torch.Tensor:
    """``(x - mean) / (sd + epsilon)`` along ``dim``, with the plain standard deviation."""
    x = _tensor(x, None, None)
    mean = x.mean(dim=dim, keepdim=True)
    return (x - mean) / (x.std(dim=dim, keepdim=True, unbiased=False) + epsilon)


def to_condensed(x: torch.Tensor, check_symmetric: bool = False) -> torch.Tensor:
    """The upper triangle, row by row: (..., n, n) to (..., n_pairs)."""
    if x.ndim not in (2, 3) or x.shape[-1] != x.shape[-2]:
        raise InputError(f"to_condensed needs (n, n) or (batch, n, n), not {tuple(x.shape)}.")
    if check_symmetric and not torch.allclose(x, x.transpose(-1, -2)):
        raise InputError("to_condensed: the matrix is not symmetric.")
    rows, columns = torch.triu_indices(x.shape[-1], x.shape[-1], 1)
    return x[..., rows, columns]


def to_distance_matrix(x: torch.Tensor) -> torch.Tensor:
    """Symmetric matrices from upper triangles: (..., n_pairs) to (..., n, n)."""
    if x.ndim not in (1, 2):
        raise InputError(
            f"to_distance_matrix needs (n_pairs,) or (batch, n_pairs), not {tuple(x.shape)}."
        )
    n = n_of_pairs(x.shape[-1])
    rows, columns = torch.triu_indices(n, n, 1)
    out = x.new_zeros((*x.shape[:-1], n, n))
    out[..., rows, columns] = x
    out[..., columns, rows] = x
    return out


def _tensor(x: Any, dtype: Any, device: Any) -> torch.Tensor:
    x = torch.from_numpy(np.array(x)) if isinstance(x, np.ndarray) else x
    if not isinstance(x, torch.Tensor) or x.ndim not in (2, 3):
        shape = tuple(x.shape) if isinstance(x, torch.Tensor) else type(x).__name__
        raise InputError(f"dist needs a tensor of shape (n, d) or (batch, n, d), not {shape}.")
    x = x.detach()
    x = x if x.is_floating_point() else x.double()
    return x.to(device=device, dtype=dtype)


def _one(first: torch.Tensor, second: torch.Tensor | None, name: str) -> torch.Tensor:
    x = as_numpy(first).astype(np.float64)
    if second is None:
        distances = np.asarray(DISSIMILARITIES[name](x))
    else:
        metric: Any = SCIPY.get(name, name)
        distances = cdist(x, as_numpy(second).astype(np.float64), metric)
    return torch.from_numpy(distances).to(first.dtype)
