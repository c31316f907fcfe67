"""Points in few dimensions whose distances follow given dissimilarities."""

import numpy as np
import scipy.linalg

from isocortex.numerics.arrays.gram import center


def classical_scaling(d: np.ndarray, n_dimensions: int) -> tuple[np.ndarray, np.ndarray]:
    r"""Coordinates from the largest eigenvalues of the double-centred squared distances.

    .. math:: B = -\tfrac12 J D^{(2)} J = V \Lambda V^\top, \quad x = V \Lambda^{1/2}

    Parameters
    ----------
    d : array, shape (n, n)
        Symmetric, zero on the diagonal.
    n_dimensions : int

    Returns
    -------
    points : array, shape (n, n_dimensions)
        The largest coordinate of each dimension is positive, so that the picture does not
        flip from one machine to the next. Dimensions with a negative eigenvalue are zero.
    kept : array, shape (n_dimensions,)
        The share of each dimension in the sum of the positive eigenvalues.

    References
    ----------
    .. [1] Torgerson (1952), Multidimensional scaling: I. Theory and method, Psychometrika
       17:401. https://doi.org/10.1007/BF02288916
    """
    inner = center(-0.5 * np.asarray(d, dtype=np.float64) ** 2)
    values, vectors = scipy.linalg.eigh(inner)
    total = values[values > 0].sum()
    order = np.argsort(values)[::-1][:n_dimensions]
    sizes = np.clip(values[order], 0, None)
    points = vectors[:, order] * np.sqrt(sizes)
    largest = points[np.abs(points).argmax(0), np.arange(points.shape[1])]
    points = points * np.where(largest < 0, -1.0, 1.0)
    return points, sizes / total if total > 0 else np.zeros_like(sizes)
