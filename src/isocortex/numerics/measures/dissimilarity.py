r"""Dissimilarities between the rows of a response matrix.

Each function of ``DISSIMILARITIES`` maps an array of shape ``(n_stimuli, n_units)``, in memory
or lazy, to a symmetric one of shape ``(n_stimuli, n_stimuli)`` with a zero diagonal. Those of
``FROM_GRAM`` map the inner products of the rows to the same, and turn to the rows themselves,
where they are given, for the few pairs that are too near to each other to be resolved by
inner products. To add one: write the function, add its line at the foot; the tests find it there.
"""

from collections.abc import Callable, Mapping

import numpy as np

from isocortex.arrays import Array, as_numpy, column_blocks, namespace
from isocortex.errors import UndefinedError
from isocortex.numerics.arrays.constant import is_rounding
from isocortex.numerics.arrays.gram import gram, plain_gram
from isocortex.numerics.arrays.near import Pairs, resolution, squared_residuals, without_rows
from isocortex.numerics.arrays.products import Products, lost_share

Dissimilarity = Callable[[Array], Array]
FromGram = Callable[[Products, Array | None], np.ndarray]

_TINY = 1e-5
"""Nothing common is taken from rows of which this part, or less, would be theirs."""
_NARROW = 0.25
"""One minus a cosine below this is computed from differences, not as a difference from one."""


def squared_euclidean_from_gram(k: Products, x: Array | None = None) -> np.ndarray:
    r"""Squared Euclidean distance, :math:`d_{ij} = K_{ii} + K_{jj} - 2 K_{ij}`.

    Parameters
    ----------
    k : Products
        Of n_stimuli rows.
    x : array, shape (n_stimuli, n_units), optional
        The rows, from which pairs are computed whose difference the products do not resolve.
        Without them such pairs are counted in a warning.

    Returns
    -------
    d : array, shape (n_stimuli, n_stimuli)
        In the squared unit of the responses, from 0.

    Raises
    ------
    UndefinedError
        If the squares are beyond what floating-point numbers can hold.
    """
    return k.in_own_unit(_squared(k, x), "squared distances")


def euclidean_from_gram(k: Products, x: Array | None = None) -> np.ndarray:
    r"""Euclidean distance, :math:`d_{ij} = \sqrt{K_{ii} + K_{jj} - 2 K_{ij}}`.

    Parameters, shapes and unit as in :func:`squared_euclidean_from_gram`, unsquared.
    """
    return k.in_own_unit(np.sqrt(_squared(k, x)), "distances", power=1)


def cosine_from_gram(k: Products, x: Array | None = None) -> np.ndarray:
    r"""One minus the cosine of the angle, :math:`d_{ij} = 1 - K_{ij}/\sqrt{K_{ii}K_{jj}}`.

    Parameters
    ----------
    k, x
        As in :func:`squared_euclidean_from_gram`.

    Returns
    -------
    d : array, shape (n_stimuli, n_stimuli)
        Without unit, from 0 to 2.

    Raises
    ------
    UndefinedError
        If a row is all zero, since it has no direction.
    """
    if x is not None and _any_tiny(k.raw_squares(), k.shifted, k):
        k = plain_gram(x, k.unit)
    _refuse(_is_zero(k), "cosine", "all zero")
    return _one_minus_cosine(k, x, np.zeros(len(k.sums)))


def correlation_from_gram(k: Products, x: Array | None = None) -> np.ndarray:
    r"""One minus the Pearson correlation, from :math:`K - s s^\top / p`.

    Parameters
    ----------
    k, x
        As in :func:`squared_euclidean_from_gram`.

    Returns
    -------
    d : array, shape (n_stimuli, n_stimuli)
        Without unit, from 0 to 2.

    Raises
    ------
    UndefinedError
        If a row is constant, since it has no correlation with any other.

    References
    ----------
    .. [1] Kriegeskorte, Mur & Bandettini (2008), Representational similarity analysis,
       Front. Syst. Neurosci. 2:4. https://doi.org/10.3389/neuro.06.004.2008
    """
    means, centred = k.row_means(), k.row_centred()
    if x is not None and _any_tiny(centred.raw_squares(), k.kept, k):
        k = plain_gram(x, k.unit)
        means, centred = k.row_means(), k.row_centred()
    squares = np.maximum(centred.raw_squares(), 0.0)
    lost = squares <= lost_share(k) * k.kept.diagonal()
    lost |= is_rounding(np.sqrt(squares), np.sqrt(k.raw_squares()))
    _refuse(lost, "correlation", "constant")
    return _one_minus_cosine(centred, x, means)


def _from_rows(from_gram: FromGram, x: Array) -> Array:
    found = from_gram(gram(x), x)
    return found if isinstance(x, np.ndarray) else namespace(x).asarray(found)


def correlation(x: Array) -> Array:
    """One minus the Pearson correlation of each pair of rows: :func:`correlation_from_gram`."""
    return _from_rows(correlation_from_gram, x)


def cosine(x: Array) -> Array:
    """One minus the cosine of the angle between rows: :func:`cosine_from_gram`."""
    return _from_rows(cosine_from_gram, x)


def euclidean(x: Array) -> Array:
    """Euclidean distance between rows: :func:`euclidean_from_gram`."""
    return _from_rows(euclidean_from_gram, x)


def squared_euclidean(x: Array) -> Array:
    """Squared Euclidean distance between rows: :func:`squared_euclidean_from_gram`."""
    return _from_rows(squared_euclidean_from_gram, x)


def manhattan(x: Array) -> Array:
    r"""City-block distance, :math:`d_{ij} = \sum_k |x_{ik} - x_{jk}|`, in blocks of columns.

    Parameters
    ----------
    x : array, shape (n_stimuli, n_units)

    Returns
    -------
    d : array, shape (n_stimuli, n_stimuli)
        In the unit of the responses, from 0. It does not follow from the Gram matrix.
    """
    from scipy.spatial.distance import pdist, squareform

    xp = namespace(x)
    total = sum(
        pdist(as_numpy(block).astype("float64"), "cityblock") for _, block in column_blocks(x)
    )
    return xp.asarray(squareform(total))


DISSIMILARITIES: Mapping[str, Dissimilarity] = {
    "correlation": correlation,
    "cosine": cosine,
    "euclidean": euclidean,
    "squared_euclidean": squared_euclidean,
    "manhattan": manhattan,
    "pearson": correlation,
    "l2": euclidean,
    "l1": manhattan,
}

FROM_GRAM: Mapping[Dissimilarity, FromGram] = {
    correlation: correlation_from_gram,
    cosine: cosine_from_gram,
    euclidean: euclidean_from_gram,
    squared_euclidean: squared_euclidean_from_gram,
}


def _squared(k: Products, x: Array | None) -> np.ndarray:
    own = k.shifted.diagonal()
    # Halves, whose sum does not depend on its order: d stays symmetric to the last bit.
    d = np.add.outer(own / 2, own / 2)
    d -= k.shifted
    d *= 2
    pairs = Pairs.below(d, 2 * resolution(k) * float(own.max(initial=0.0)))
    reach = own[pairs.i] + own[pairs.j]
    near = d[pairs.i, pairs.j] < resolution(k) * reach
    pairs, reach = pairs.some(near), reach[near]
    if not len(pairs):
        return _zero_diagonal(d)
    if x is not None:
        pairs.set(d, squared_residuals(x, pairs, unit=k.unit))
    else:
        without_rows(d, pairs, lost_share(k) * reach, k)
    return _zero_diagonal(d)


def _one_minus_cosine(k: Products, x: Array | None, means: np.ndarray) -> np.ndarray:
    """From products whose rows are as the cosine shall see them; ``means`` were taken out."""
    squares = k.raw_squares()
    norms = np.sqrt(squares)
    # In place, so that thousands of stimuli take two or three square matrices and not eight.
    d = k.raw() / np.multiply.outer(-norms, norms)
    d += 1
    np.minimum(d, 2, out=d)
    if k.is_raw:
        pairs = Pairs.below(d, resolution(k))
        reach = np.ones(len(pairs))
    else:
        pairs = Pairs.below(d, _NARROW)
        reach = _from_differences(d, pairs, k, norms)
        near = d[pairs.i, pairs.j] < resolution(k) * reach
        pairs, reach = pairs.some(near), reach[near]
    if len(pairs) and x is not None:
        pairs.set(d, _from_residuals(k, x, pairs, means))
    elif len(pairs):
        without_rows(d, pairs, lost_share(k) * reach, k)
    return _zero_diagonal(d)


def _from_differences(d: np.ndarray, pairs: Pairs, k: Products, norms: np.ndarray) -> np.ndarray:
    r"""Small angles without what rows have in common; returns the terms of which they differ.

    .. math:: 1 - \cos = \frac{\|u - v\|^2 - (\|u\| - \|v\|)^2}{2 \|u\| \|v\|}
    """
    i, j = pairs.i, pairs.j
    own, product = k.shifted.diagonal(), 2 * norms[i] * norms[j]
    longer = own + 2 * k.with_common  # Squared lengths, less that of the common pattern.
    apart = own[i] + own[j] - 2 * k.shifted[i, j]
    unequal = (longer[i] - longer[j]) / (norms[i] + norms[j])
    pairs.set(d, (apart - unequal**2) / product)
    return (own[i] + own[j]) / product


def _from_residuals(k: Products, x: Array, pairs: Pairs, means: np.ndarray) -> np.ndarray:
    r"""From what is left of one row when the other, best scaled, is taken from it.

    .. math:: 1 - \cos = q / (1 + \sqrt{1 - q}), \quad q = \min_b \|v - b u\|^2 / \|v\|^2
    """
    squares = k.raw_squares()
    i, j = pairs.i, pairs.j
    slopes = k.raw()[i, j] / squares[i]
    taken = means if means.any() else None
    left = squared_residuals(x, pairs, slopes, taken, k.unit) / squares[j]
    # What rounding makes of two rows of which one is a multiple of the other.
    sizes = squares + k.n_units * means**2
    floor = (2 * np.finfo(np.float64).eps) ** 2 * (slopes**2 * sizes[i] + sizes[j]) / squares[j]
    left = np.where(left <= floor, 0.0, np.minimum(left, 1.0))
    return left / (1 + np.sqrt(1 - left))


def _any_tiny(squares: np.ndarray, multiplied: np.ndarray, k: Products) -> bool:
    """Whether a row is so small beside what was taken from it that nine digits are not left."""
    return not k.is_raw and bool((squares < _TINY * multiplied.diagonal()).any())


def _is_zero(k: Products) -> np.ndarray:
    """Rows without a length, or with none that can be told from the common pattern's."""
    squares = k.raw_squares()
    if k.is_raw:
        return squares <= 0
    return squares <= lost_share(k) * (k.shifted.diagonal() + k.common_square)


def _zero_diagonal(d: np.ndarray) -> np.ndarray:
    np.fill_diagonal(d, 0)
    return d


def _refuse(bad: np.ndarray, name: str, fault: str) -> None:
    if bad.any():
        raise UndefinedError(
            f"{name} dissimilarity is undefined for rows that are {fault}",
            np.nonzero(bad)[0].tolist(),
        )
