"""Principal axes of the training stimuli: the one factorization that linear models share.

Ordinary regression, principal-component regression, ridge at every alpha, and whatever follows
a PCA see the features only through these axes. They come from the Gram matrix (dual, where
there are more features than stimuli) or from the features (primal, where there are fewer);
the two give the same numbers.
"""

from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from isocortex.numerics.arrays.cores import one_blas_thread
from isocortex.numerics.arrays.gram import centre_on
from isocortex.numerics.arrays.rank import axes_kept, least_singular
from isocortex.numerics.linear import krylov

_THREADS_FROM = 1200
"""Stimuli from which an eigenproblem is shared among threads."""
_ALONE_TO = 64
"""Stimuli below which no product (fewer than 64 cubed terms) is shared among threads."""
_KRYLOV_FROM = 3000
"""Stimuli from which a few axes are found sooner by matrix products than by decomposition."""


@dataclass(frozen=True, eq=False)
class Basis:
    r"""Principal axes of centred training features, :math:`\tilde X = U \Lambda^{1/2} V^\top`."""

    variances: np.ndarray
    """Shape (n_axes,): the eigenvalues of the centred training Gram, largest first."""
    train: np.ndarray
    """Shape (n_train, n_axes): :math:`U`, orthonormal columns."""
    test: np.ndarray
    """Shape (n_test, n_axes): scores of the test stimuli, :math:`(X_e - \\bar x_t) V`."""

    @property
    def scores(self) -> np.ndarray:
        """Scores of the training stimuli, :math:`U \\Lambda^{1/2}`, shape (n_train, n_axes)."""
        return self.train * np.sqrt(self.variances)

    def first(self, n_axes: int) -> "Basis":
        """The basis of the first axes alone, those of largest variance."""
        return Basis(self.variances[:n_axes], self.train[:, :n_axes], self.test[:, :n_axes])


def from_gram(
    matrix: np.ndarray,
    train: np.ndarray,
    test: np.ndarray,
    n_axes: int | None = None,
    size: float = 0.0,
) -> Basis:
    """Axes of the training stimuli from a Gram matrix that is not centred.

    Parameters
    ----------
    matrix : array, shape (n_stimuli, n_stimuli)
    train, test : integer arrays
        Rows; ``test`` may be empty.
    n_axes : int, optional
        Only the first ones, which costs less; default all that are not zero.
    size : float, default=0
        Of the matrix from which this one was made by centring, if it is larger.
    """
    within, across = centre_on(matrix, train, test)
    return from_centred(within, across, n_axes, max(size, _largest_entry(matrix, train)))


def from_centred(
    within: np.ndarray, across: np.ndarray, n_axes: int | None = None, size: float = 0.0
) -> Basis:
    """Axes from Gram matrices that were centred on the training stimuli.

    Parameters
    ----------
    within : array, shape (n_train, n_train)
    across : array, shape (n_test, n_train)
    n_axes : int, optional
    size : float, default=0
        The largest entry before centring, whose rounding is in what is left.
    """
    variances, train = _leading(within, n_axes)
    keep = axes_kept(variances, len(within), size)
    variances, train = variances[keep], train[:, keep]
    return Basis(variances, train, across @ train / np.sqrt(variances))


def from_features(
    train: np.ndarray, test: np.ndarray, n_axes: int | None = None, size: float = 0.0
) -> Basis:
    """Axes from the features themselves: for fewer features than training stimuli.

    Parameters
    ----------
    train : array, shape (n_train, n_features)
    test : array, shape (n_test, n_features)
    n_axes : int, optional
    size : float, default=0
        The largest number of the features before they were centred.
    """
    mean = train.mean(0)
    train, test = train - mean, test - mean
    left, singular, right = np.linalg.svd(train, full_matrices=False)
    keep = singular > least_singular(singular.max(initial=0.0), train.shape, size)
    keep[max(len(train) - 1, 0) :] = False
    if n_axes is not None:
        keep[n_axes:] = False
    return Basis(singular[keep] ** 2, left[:, keep], test @ right[keep].T)


def _largest_entry(matrix: np.ndarray, rows: np.ndarray) -> float:
    """The largest entry of a Gram matrix stands on its diagonal."""
    return float(matrix.diagonal()[rows].max(initial=0.0))


def _leading(matrix: np.ndarray, n_axes: int | None) -> tuple[np.ndarray, np.ndarray]:
    n = len(matrix)
    if n < _ALONE_TO and (n_axes is None or n_axes > n // 3):
        variances, vectors = _eigh(matrix)
        order = slice(None, None if n_axes is None else -n_axes - 1, -1)
        return variances[order], vectors[:, order]
    if n_axes is not None and n >= _KRYLOV_FROM and n_axes <= n // 20:
        found = krylov.leading(matrix, n_axes)
        if found is not None:
            return found
    # Small eigenproblems gain nothing from threads, and wait for them where cores are shared. The
    # smallest have none in any case, and take less time than it takes to say so.
    with one_blas_thread() if _ALONE_TO <= n < _THREADS_FROM else nullcontext():
        if n_axes is None or n_axes > n // 3:
            variances, vectors = _eigh(matrix)
        else:
            last = (n - n_axes, n - 1)
            variances, vectors = linalg.eigh(matrix, driver="evr", subset_by_index=last)
    order = slice(None, None if n_axes is None else -n_axes - 1, -1)
    return variances[order], vectors[:, order]


def _eigh(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By LAPACK's ``syevd``, through numpy, which lets other threads of Python run meanwhile."""
    return np.linalg.eigh(np.asarray_chkfinite(matrix))
