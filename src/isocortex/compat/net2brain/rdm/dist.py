"""``net2brain.rdm.dist``: the distances, each by its name."""

from typing import Any

from torch import Tensor

from isocortex.compat.net2brain.rdm.dist_utils import dist

__all__ = ["correlation", "cosine", "euclidean", "manhattan", "pearson"]


def euclidean(x: Any, y: Any = None) -> Tensor:
    """Euclidean distances between rows; see :func:`~.dist_utils.dist` for shapes and errors."""
    return dist(x, y, metric="euclidean")


def manhattan(x: Any, y: Any = None) -> Tensor:
    """Sums of absolute differences between rows; see :func:`~.dist_utils.dist`."""
    return dist(x, y, metric="manhattan")


def cosine(x: Any, y: Any = None) -> Tensor:
    """One minus the cosine of the angle between rows; see :func:`~.dist_utils.dist`."""
    return dist(x, y, metric="cosine")


def correlation(x: Any, y: Any = None) -> Tensor:
    """One minus Pearson's correlation of rows; see :func:`~.dist_utils.dist`."""
    return dist(x, y, metric="correlation")


pearson = correlation
