r"""The first axes of a large Gram matrix by matrix products alone: block Lanczos iteration.

A full decomposition of n stimuli costs :math:`O(n^3)`, half of it bound by memory; a Krylov
space that holds the first k axes to the last bit costs :math:`O(n^2)` for each of its few
hundred directions. Every direction is made orthogonal to all before it, twice, so that rounding
brings no copies (Saad 2011, chapter 6, doi:10.1137/1.9781611970739).
"""

import numpy as np
from scipy import linalg

_BLOCK = 16
_TINY = float(np.finfo(float).tiny)
_ENOUGH = 4 * float(np.finfo(float).eps)


def leading(matrix: np.ndarray, n_axes: int) -> tuple[np.ndarray, np.ndarray] | None:
    """The largest eigenvalues of a symmetric matrix and their vectors, to working precision.

    Parameters
    ----------
    matrix : array, shape (n, n)
        Symmetric and positive semidefinite; it is only read.
    n_axes : int

    Returns
    -------
    (values, vectors) or None
        Values of shape (n_axes,), largest first, and vectors of shape (n, n_axes). None where
        the eigenvalues decay too slowly for this to be the shorter way, or repeat too often.
    """
    space = _Krylov(matrix, len(matrix) // 4)
    errors: list[tuple[int, float]] = []
    size = 2 * n_axes
    while size <= space.limit:
        space.grow(size)
        values, weights, error = space.axes(n_axes)
        if error <= _ENOUGH:
            vectors = space.basis[:, : space.size] @ weights
            return None if _one_is_missing(matrix, values, vectors) else (values, vectors)
        # Too early: from how errors fall, the next size that is worth a look.
        errors.append((space.size, float(np.log10(error))))
        size = _forecast(errors)
    return None


class _Krylov:
    """An orthonormal basis of a Krylov space, and the matrix as it is seen from there."""

    def __init__(self, matrix: np.ndarray, limit: int):
        self.limit = limit
        self.size = 0
        """Directions whose image is known; the next block of the basis stands behind them."""
        self.basis = np.empty((len(matrix), limit + 2 * _BLOCK), order="F")
        self.basis[:, :_BLOCK] = np.linalg.qr(_start(len(matrix)))[0]
        self._matrix = matrix
        self._projected = np.zeros((limit + _BLOCK, limit + _BLOCK))
        self._onward = np.zeros((_BLOCK, _BLOCK))

    def grow(self, size: int) -> None:
        """Add blocks until there are at least ``size`` directions."""
        while self.size < size:
            last = slice(self.size, self.size + _BLOCK)
            known = self.basis[:, : last.stop]
            # The matrix is read for this alone, (n, block).
            image = self._matrix @ self.basis[:, last]
            # Twice, since one projection leaves rounding of the size of what it took away.
            first, image, scale = _apart(image, known)
            second, image, again = _apart(image, known)
            self._projected[: last.stop, last] = first + second @ scale
            self._onward = again @ scale
            self.basis[:, last.stop : last.stop + _BLOCK] = image
            self.size = last.stop

    def axes(self, n_axes: int) -> tuple[np.ndarray, np.ndarray, float]:
        """Largest values, their weights on the basis, and their residual beside the largest."""
        inside = self._projected[: self.size, : self.size]
        last = (self.size - n_axes, self.size - 1)
        values, weights = linalg.eigh(inside, lower=False, driver="evr", subset_by_index=last)
        # The matrix leads out of the space by the last block alone, so that this needs no product.
        residual = np.linalg.norm(self._onward @ weights[-_BLOCK:], axis=0).max()
        relative = residual / values[-1] if values[-1] > 0 else 0.0
        return values[::-1], weights[:, ::-1], max(float(relative), _TINY)


def _apart(block: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Split a block into its share of a basis and orthonormal directions beside it."""
    share = known.T @ block
    directions, scale = np.linalg.qr(block - known @ share)
    return share, directions, scale


def _forecast(errors: list[tuple[int, float]]) -> int:
    """At which size to look next: errors fall at least as fast as they fell so far."""
    size, error = errors[-1]
    if len(errors) == 1:
        return size + size // 3
    # On a logarithmic scale; a third of the way, since they fall faster and faster.
    before, larger = errors[-2]
    slope = max((larger - error) / (size - before), 1e-6)
    return size + max(_BLOCK, int(0.3 * (error - np.log10(_ENOUGH)) / slope))


def _one_is_missing(matrix: np.ndarray, values: np.ndarray, vectors: np.ndarray) -> bool:
    """Whether power iteration beside the axes meets a larger value than the last of them.

    A Krylov space of blocks holds a value that repeats more often than a block is wide only
    once for each column: too few of them might have been found.
    """
    # Another start than the space had, or what it missed would be missed again.
    beside = _apart(_start(len(matrix), seed=1), vectors)[1]
    for _ in range(5):
        beside = _apart(matrix @ beside, vectors)[1]
    largest = np.linalg.eigvalsh(beside.T @ (matrix @ beside))[-1]
    return bool(largest > values[-1] + 1e-12 * values[0])


def _start(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, _BLOCK))
