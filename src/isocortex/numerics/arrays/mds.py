"""Points in few dimensions whose distances follow given dissimilarities."""

import numpy as np
import scipy.linalg
import scipy.sparse.csgraph

from isocortex.numerics.arrays.gram import centre

_STEPS = 3000
_ENOUGH = 1e-10


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
    inner = centre(-0.5 * np.asarray(d, dtype=np.float64) ** 2)
    values, vectors = scipy.linalg.eigh(inner)
    total = values[values > 0].sum()
    order = np.argsort(values)[::-1][:n_dimensions]
    sizes = np.clip(values[order], 0, None)
    points = vectors[:, order] * np.sqrt(sizes)
    largest = points[np.abs(points).argmax(0), np.arange(points.shape[1])]
    points = points * np.where(largest < 0, -1.0, 1.0)
    return points, sizes / total if total > 0 else np.zeros_like(sizes)


def scaling_with_gaps(d: np.ndarray, n_dimensions: int) -> tuple[np.ndarray, float]:
    r"""Coordinates whose distances are nearest to those dissimilarities that are known.

    .. math:: \sigma = \sqrt{\frac{\sum_{known} (d_{ij} - \|x_i - x_j\|)^2}
              {\sum_{known} d_{ij}^2}}

    is made small by majorization [1]_, from the classical solution for shortest paths.

    Parameters
    ----------
    d : array, shape (n, n)
        Symmetric, NaN where a dissimilarity is not known; each stimulus can be reached from each
        other by way of known pairs.
    n_dimensions : int

    Returns
    -------
    points : array, shape (n, n_dimensions)
    stress : float
        :math:`\sigma`.

    References
    ----------
    .. [1] de Leeuw (1977), Applications of convex analysis to multidimensional scaling; Borg &
       Groenen (2005), Modern multidimensional scaling, ch. 8.
    """
    known = np.isfinite(d) & ~np.eye(len(d), dtype=bool)
    lengths = np.where(known, np.maximum(d, 0.0), 0.0)
    points = classical_scaling(_shortest_paths(lengths, known), n_dimensions)[0]
    weights = np.diag(known.sum(1).astype(np.float64)) - known
    inverse = np.linalg.pinv(weights, hermitian=True)
    total, stress = (lengths**2).sum(), np.inf
    for _ in range(_STEPS):
        apart = np.linalg.norm(points[:, None] - points, axis=2)
        before, stress = stress, np.sqrt(((lengths - apart)[known] ** 2).sum() / total)
        if before - stress < _ENOUGH:
            break
        ratio = np.where(known & (apart > 0), lengths / np.where(apart > 0, apart, 1.0), 0.0)
        points = inverse @ ((np.diag(ratio.sum(1)) - ratio) @ points)
    return points, float(stress)


def are_connected(known: np.ndarray) -> bool:
    """Whether each stimulus can be reached from each other by way of known pairs."""
    return scipy.sparse.csgraph.connected_components(known, directed=False)[0] == 1


def _shortest_paths(lengths: np.ndarray, known: np.ndarray) -> np.ndarray:
    paths = np.where(known, lengths, np.inf)
    np.fill_diagonal(paths, 0.0)
    for k in range(len(paths)):
        paths = np.minimum(paths, paths[:, k, None] + paths[k])
    return paths
