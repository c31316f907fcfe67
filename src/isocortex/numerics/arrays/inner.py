"""Inner products of symmetric matrices, all pairs at once: one product of the upper halves."""

from collections.abc import Iterator, Sequence

import numpy as np

_PIECE = 2**21
"""Bytes of the piece of each side that is multiplied at a time: as much as a cache holds."""


def inner_products(
    first: Sequence[np.ndarray], second: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r""":math:`\langle K_i, L_j \rangle_F` of symmetric matrices, and those of each with itself.

    The matrices, each as a row of numbers, are the two factors of one matrix product. It is made
    piece by piece, so that no second copy of them is ever held; what lies below the diagonals is
    counted by counting what lies above twice.

    Parameters
    ----------
    first, second : sequences of arrays, shape (n, n)
        Symmetric. The same sequence for both sides is gone through once.

    Returns
    -------
    products : array, shape (n_first, n_second)
    squares_first : array, shape (n_first,)
    squares_second : array, shape (n_second,)
    """
    same = first is second
    products = np.zeros((len(first), len(second)))
    squares = np.zeros(len(first)), np.zeros(len(second))
    for rows, columns, weight in _pieces(len(first[0]), max(len(first), len(second))):
        a = _stacked(first, rows, columns)
        b = a if same else _stacked(second, rows, columns)
        products += weight * (a @ b.T)
        for total, piece in zip(squares, (a, b), strict=True):
            total += weight * np.einsum("ij,ij->i", piece, piece)
    return products, *squares


def _pieces(n: int, n_matrices: int) -> Iterator[tuple[slice, slice, int]]:
    """Blocks on the diagonal, which count once, and blocks right of them, which count twice."""
    numbers = max(1, _PIECE // (8 * n_matrices))
    step = max(1, min(n, int(numbers**0.5)))
    for start in range(0, n, step):
        stop = min(start + step, n)
        yield slice(start, stop), slice(start, stop), 1
        width = max(1, numbers // (stop - start))
        for left in range(stop, n, width):
            yield slice(start, stop), slice(left, min(left + width, n)), 2


def _stacked(matrices: Sequence[np.ndarray], rows: slice, columns: slice) -> np.ndarray:
    return np.stack([each[rows, columns] for each in matrices]).reshape(len(matrices), -1)
