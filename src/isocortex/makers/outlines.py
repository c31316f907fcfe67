"""Outlines of simple shapes: corners around the origin, at most one away from it.

Each function takes nothing and gives an array of shape (n_corners, 2), (row, column).
To add one: write the function, add its line to ``OUTLINES``.
"""

from collections.abc import Callable, Mapping

import numpy as np


def regular(n_corners: int, radii: tuple[float, ...] = (1.0,)) -> np.ndarray:
    """Corners at equal angles from the top, at distances that take turns."""
    angles = 2 * np.pi * np.arange(n_corners) / n_corners
    distances = np.resize(np.asarray(radii), n_corners)
    return np.stack([-distances * np.cos(angles), distances * np.sin(angles)], axis=1)


def circle() -> np.ndarray:
    """Sixty-four corners are round enough for any picture here."""
    return regular(64)


def square() -> np.ndarray:
    """Its sides are level and upright."""
    half = np.sqrt(0.5)
    return half * np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [1.0, -1.0]])


def triangle() -> np.ndarray:
    """With three equal sides, standing on one."""
    return regular(3)


def pentagon() -> np.ndarray:
    """A regular pentagon, one corner up."""
    return regular(5)


def star() -> np.ndarray:
    """A star of five points, one of them up."""
    return regular(10, (1.0, 0.4))


def cross() -> np.ndarray:
    """Two bars of equal length and a third of it wide."""
    a, b = 1 / 3, 0.94
    right = [[-b, -a], [-b, a], [-a, a], [-a, b], [a, b], [a, a]]
    return np.array(right + [[-row, -column] for row, column in right])


def bar() -> np.ndarray:
    """Upright, a quarter as wide as it is long."""
    return np.array([[-0.97, -0.24], [-0.97, 0.24], [0.97, 0.24], [0.97, -0.24]])


OUTLINES: Mapping[str, Callable[[], np.ndarray]] = {
    "circle": circle,
    "square": square,
    "triangle": triangle,
    "pentagon": pentagon,
    "star": star,
    "cross": cross,
    "bar": bar,
}
