r"""Dissimilarities between the rows of a response matrix.

Each function of ``DISSIMILARITIES`` maps an array of shape ``(n_stimuli, n_units)``, in memory
or lazy, to a symmetric one of shape ``(n_stimuli, n_stimuli)`` with a zero diagonal. Those of
``FROM_GRAM`` map the inner products of the rows to the same, without its diagonal and lower half
(n_pairs,), and turn to the rows themselves,
where they are given, for the few pairs that are too near to each other to be resolved by
inner products. To add one: write the function, add its line at the foot; the tests find it there.
"""

from collections.abc import Callable, Mapping

import numpy as np

from isocortex.arrays import Array, as_numpy, column_blocks, namespace
from isocortex.errors import UndefinedError
from isocortex.numerics.arrays.constant import is_rounding
from isocortex.numerics.arrays.gram import gram, plain_gram
from isocortex.numerics.arrays.near import (
    Pairs,
    Unresolved,
    resolution,
    squared_residuals,
    without_rows,
)
from isocortex.numerics.arrays.products import Products, lost_share
from isocortex.numerics.measures.angles import Angles
from isocortex.numerics.measures.bands import in_bands, squared_up

Dissimilarity = Callable[[Array], Array]
FromGram = Callable[[Products, Array | None], np.ndarray]

_TINY = 1e-5
"""Nothing common is taken from rows of which this part, or less, would be theirs."""


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
    d : array, shape (n_pairs,)
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
    d : array, shape (n_pairs,)
        Without unit, from 0 to 2.

    Raises
    ------
    UndefinedError
        If a row is all zero, since it has no direction.
    """
    if x is not None and _any_tiny(k.raw_squares(), k.shifted, k):
        k = plain_gram(x, k.unit)
    _refuse(_is_zero(k), "cosine", "all zero")
    angles, none = Angles.of_rows(k), np.zeros(len(k.sums))
    return in_bands(len(none), angles.band, lambda near: angles.resolved(near, x, none))


def correlation_from_gram(k: Products, x: Array | None = None) -> np.ndarray:
    r"""One minus the Pearson correlation, from :math:`K - s s^\top / p`.

    Parameters
    ----------
    k, x
        As in :func:`squared_euclidean_from_gram`.

    Returns
    -------
    d : array, shape (n_pairs,)
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
    angles = Angles.of_centred(k)
    if x is not None and _any_tiny(angles.squares, k.kept, k):
        k = plain_gram(x, k.unit)
        angles = Angles.of_centred(k)
    squares, means = np.maximum(angles.squares, 0.0), k.row_means()
    lost = squares <= lost_share(k) * k.kept.diagonal()
    lost |= is_rounding(np.sqrt(squares), np.sqrt(k.raw_squares()))
    _refuse(lost, "correlation", "constant")
    return in_bands(len(means), angles.band, lambda near: angles.resolved(near, x, means))


def _from_rows(from_gram: FromGram, x: Array) -> Array:
    found = squared_up(from_gram(gram(x), x), len(x))
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
    own, share = k.shifted.diagonal(), resolution(k)
    half, limit = own / 2, 2 * share * float(own.max(initial=0.0))

    def band(start: int, stop: int) -> tuple[np.ndarray, Unresolved | None]:
        # Halves, whose sum does not depend on its order: d stays symmetric to the last bit.
        products = k.shifted[start:stop, start:]
        d = np.add.outer(half[start:stop], half[start:])
        d -= products
        d *= 2
        pairs = Pairs.below(d, limit, start)
        if not len(pairs):
            return d, None
        reach, at = own[pairs.i] + own[pairs.j], (pairs.i - start, pairs.j - start)
        near = Unresolved(pairs, d[at], reach, products[at])
        return d, near.some(near.found < share * reach)

    def resolved(near: Unresolved) -> np.ndarray:
        if x is not None:
            return squared_residuals(x, near.pairs, unit=k.unit)
        i, j = near.pairs.i, near.pairs.j
        alike = (k.sums[i] == k.sums[j]) & (k.along[i] == k.along[j])
        return without_rows(near, own, alike, k)

    return in_bands(len(own), band, resolved)


def _any_tiny(squares: np.ndarray, multiplied: np.ndarray, k: Products) -> bool:
    """Whether a row is so small beside what was taken from it that nine digits are not left."""
    return not k.is_raw and bool((squares < _TINY * multiplied.diagonal()).any())


def _is_zero(k: Products) -> np.ndarray:
    """Rows without a length, or with none that can be told from the common pattern's."""
    squares = k.raw_squares()
    if k.is_raw:
        return squares <= 0
    return squares <= lost_share(k) * (k.shifted.diagonal() + k.common_square)


def _refuse(bad: np.ndarray, name: str, fault: str) -> None:
    if bad.any():
        raise UndefinedError(
            f"{name} dissimilarity is undefined for rows that are {fault}",
            np.nonzero(bad)[0].tolist(),
        )
