"""Fewer numbers for each stimulus: components, projections, histograms, spectra.

Each function maps a response matrix of shape ``(n_stimuli, n_units)``, in memory or lazy, to
one of shape ``(n_stimuli, n)``. To add one: write the function, add its line to ``REDUCTIONS``.
"""

from collections.abc import Callable, Mapping

import numpy as np
import scipy.linalg

from isocortex.arrays import Array, as_numpy, column_blocks
from isocortex.errors import InputError
from isocortex.numerics.arrays.gram import centre, gram

Reduction = Callable[[Array, int | float, int], np.ndarray]


def pca(x: Array, n: int | float, seed: int = 0) -> np.ndarray:  # noqa: ARG001
    """Scores on the first principal components over all stimuli; exact, without a seed.

    Parameters
    ----------
    x : array, shape (n_stimuli, n_units)
    n : int or float
        How many, or (between 0 and 1) the share of variance that they must hold.
    seed : int
        Not used.

    Returns
    -------
    array, shape (n_stimuli, n)
        Centred; in each column the largest number is positive.
    """
    products = gram(x)
    return principal_scores(products.shifted, n, min(x.shape)) * products.unit


def principal_scores(matrix: np.ndarray, n: int | float, most: int) -> np.ndarray:
    r"""Principal scores from a Gram matrix.

    .. math:: \tilde K = U \Lambda U^\top, \quad T = U \Lambda^{1/2}

    Parameters
    ----------
    matrix : array, shape (n_stimuli, n_stimuli)
        Not centred.
    n : int or float
    most : int
        The smaller of n_stimuli and n_units.

    Returns
    -------
    array, shape (n_stimuli, n)

    Raises
    ------
    InputError
        If ``n`` exceeds ``most``.
    """
    fraction = isinstance(n, float) and 0 < n < 1
    if not fraction and not (n == int(n) and 1 <= n <= most):
        raise InputError(
            f"pca: n={n} components cannot be had; choose 1 to {most} (the smaller of the numbers "
            "of stimuli and units), or a share of variance between 0 and 1."
        )
    centred = centre(np.asarray(as_numpy(matrix), dtype=np.float64))
    if fraction:
        values, vectors = scipy.linalg.eigh(centred)
    else:
        size = len(centred)
        values, vectors = scipy.linalg.eigh(centred, subset_by_index=[size - int(n), size - 1])
    values, vectors = np.clip(values[::-1], 0, None), vectors[:, ::-1]
    if fraction:
        n = n_components_of_share(values, n)
    scores = vectors[:, : int(n)] * np.sqrt(values[: int(n)])
    largest = scores[np.abs(scores).argmax(0), np.arange(scores.shape[1])]
    return scores * np.where(largest < 0, -1.0, 1.0)


def n_components_of_share(variances: np.ndarray, share: float) -> int:
    """How many principal axes hold more than a ``share`` (0 to 1) of the variance."""
    held = np.cumsum(variances / variances.sum())
    return min(len(variances), int(np.searchsorted(held, share, side="right")) + 1)


def srp(x: Array, n: int | float, seed: int = 0) -> np.ndarray:
    """A sparse random projection, which keeps distances nearly as they are.

    Parameters
    ----------
    x : array, shape (n_stimuli, n_units)
    n : int
    seed : int
        Of the projection.

    Returns
    -------
    array, shape (n_stimuli, n)

    References
    ----------
    .. [1] Li, Hastie & Church (2006), Very sparse random projections, KDD 287.
       https://doi.org/10.1145/1150402.1150436
    """
    from sklearn.random_projection import SparseRandomProjection

    n = _count(n, "srp", x.shape[1])
    maker = SparseRandomProjection(n, random_state=seed)  # pyright: ignore[reportArgumentType]
    maker.fit(np.zeros((1, x.shape[1])))
    directions = maker.components_.T.tocsr()
    projected = np.zeros((x.shape[0], n))
    for columns, block in column_blocks(x):
        projected += as_numpy(block).astype(np.float64) @ directions[columns]
    return projected


def hist(x: Array, n: int | float, seed: int = 0) -> np.ndarray:  # noqa: ARG001
    """How many units respond in each of ``n`` equal bins, the same for all stimuli.

    Parameters
    ----------
    x : array, shape (n_stimuli, n_units)
    n : int
        The bins divide the range from the smallest to the largest number of all stimuli.
    seed : int
        Not used.

    Returns
    -------
    array, shape (n_stimuli, n)
        Counts; each row sums to n_units.
    """
    n = _count(n, "hist", 2**31)
    ends = [(as_numpy(block).min(), as_numpy(block).max()) for _, block in column_blocks(x)]
    span = (float(min(low for low, _ in ends)), float(max(high for _, high in ends)))
    counts = np.zeros((x.shape[0], n))
    for _, block in column_blocks(x):
        for row, values in enumerate(as_numpy(block)):
            counts[row] += np.histogram(values, n, span)[0]
    return counts


def psd(x: Array, n: int | float, seed: int = 0) -> np.ndarray:  # noqa: ARG001
    """The first ``n`` frequencies of the power spectrum along the units, in their order.

    Parameters
    ----------
    x : array, shape (n_stimuli, n_units)
    n : int
        At most ``n_units // 2 + 1``.
    seed : int
        Not used.

    Returns
    -------
    array, shape (n_stimuli, n)
        :func:`scipy.signal.periodogram` of each row; the first is (nearly) 0, since the mean
        is taken out.
    """
    from scipy.signal import periodogram

    n = _count(n, "psd", x.shape[1] // 2 + 1)
    step = max(1, 2**26 // (8 * x.shape[1]))
    parts = [
        periodogram(as_numpy(x[start : start + step, :]).astype(np.float64), axis=1)[1][:, :n]
        for start in range(0, x.shape[0], step)
    ]
    return np.concatenate(parts)


def _count(n: int | float, who: str, most: int) -> int:
    if n != int(n) or not 1 <= n <= most:
        raise InputError(f"{who}: n={n} must be a whole number from 1 to {most}.")
    return int(n)


REDUCTIONS: Mapping[str, Reduction] = {"pca": pca, "srp": srp, "hist": hist, "psd": psd}
