r"""Dissimilarities between the rows of a response matrix.

Each function of ``DISSIMILARITIES`` maps an array of shape ``(n_stimuli, n_units)``, in memory
or lazy, to a symmetric one of shape ``(n_stimuli, n_stimuli)`` with a zero diagonal. Those of
``FROM_GRAM`` map a Gram matrix, its row sums and the number of units to the same. To add one:
write the function, add its line at the foot; the tests find it there.

Two rows whose difference is lost in the rounding of their inner products are as far apart as
can be told from those: at zero.
"""

from collections.abc import Callable, Mapping

from scipy.spatial.distance import pdist, squareform

from isocortex.arrays import Array, as_numpy, column_blocks, namespace
from isocortex.errors import UndefinedError
from isocortex.numerics.gram import gram

Dissimilarity = Callable[[Array], Array]
FromGram = Callable[[Array, Array, int], Array]


def squared_euclidean_from_gram(matrix: Array, row_sums: Array, n_units: int) -> Array:  # noqa: ARG001
    r"""Squared Euclidean distance, :math:`d_{ij} = K_{ii} + K_{jj} - 2 K_{ij}`.

    Parameters
    ----------
    matrix : array, shape (n_stimuli, n_stimuli)
    row_sums : array, shape (n_stimuli,)
        Not needed.
    n_units : int

    Returns
    -------
    d : array, shape (n_stimuli, n_stimuli)
        In the squared unit of the responses, from 0.
    """
    xp = namespace(matrix)
    lengths = xp.linalg.diagonal(matrix)
    squared = -2 * matrix
    squared += lengths[:, None] + lengths[None, :]
    lost = _rounding(matrix, n_units) * (lengths[:, None] + lengths[None, :])
    squared[squared <= lost] = 0
    return _zero_diagonal(squared)


def euclidean_from_gram(matrix: Array, row_sums: Array, n_units: int) -> Array:
    r"""Euclidean distance, :math:`d_{ij} = \sqrt{K_{ii} + K_{jj} - 2 K_{ij}}`.

    Parameters, shapes and unit as in :func:`squared_euclidean_from_gram`, unsquared.
    """
    return namespace(matrix).sqrt(squared_euclidean_from_gram(matrix, row_sums, n_units))


def cosine_from_gram(matrix: Array, row_sums: Array, n_units: int) -> Array:  # noqa: ARG001
    r"""One minus the cosine of the angle, :math:`d_{ij} = 1 - K_{ij}/\sqrt{K_{ii}K_{jj}}`.

    Parameters
    ----------
    matrix : array, shape (n_stimuli, n_stimuli)
    row_sums : array, shape (n_stimuli,)
        Not needed.
    n_units : int

    Returns
    -------
    d : array, shape (n_stimuli, n_stimuli)
        Without unit, from 0 to 2.

    Raises
    ------
    UndefinedError
        If a row is all zero, since it has no direction.
    """
    xp = namespace(matrix)
    squared = xp.linalg.diagonal(matrix)
    _refuse(squared <= 0, "cosine", "all zero")
    return _one_minus_cosine(matrix / _outer(xp.sqrt(squared)), n_units)


def correlation_from_gram(matrix: Array, row_sums: Array, n_units: int) -> Array:
    r"""One minus the Pearson correlation, from :math:`K - s s^\top / p`.

    Parameters
    ----------
    matrix : array, shape (n_stimuli, n_stimuli)
    row_sums : array, shape (n_stimuli,)
    n_units : int

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
    xp = namespace(matrix)
    centred = _outer(row_sums)
    centred /= -n_units
    centred += matrix
    squared = xp.linalg.diagonal(centred)
    lost = squared <= _rounding(matrix, n_units) * xp.linalg.diagonal(matrix)
    _refuse(lost, "correlation", "constant")
    centred /= _outer(xp.sqrt(squared))
    return _one_minus_cosine(centred, n_units)


def correlation(x: Array) -> Array:
    """One minus the Pearson correlation of each pair of rows: :func:`correlation_from_gram`."""
    return correlation_from_gram(*gram(x), x.shape[1])


def cosine(x: Array) -> Array:
    """One minus the cosine of the angle between rows: :func:`cosine_from_gram`."""
    return cosine_from_gram(*gram(x), x.shape[1])


def euclidean(x: Array) -> Array:
    """Euclidean distance between rows: :func:`euclidean_from_gram`."""
    return euclidean_from_gram(*gram(x), x.shape[1])


def squared_euclidean(x: Array) -> Array:
    """Squared Euclidean distance between rows: :func:`squared_euclidean_from_gram`."""
    return squared_euclidean_from_gram(*gram(x), x.shape[1])


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


def _rounding(matrix: Array, n_units: int) -> float:
    """Relative error of an inner product of ``n_units`` terms in the matrix's precision."""
    return 8 * float(namespace(matrix).finfo(matrix.dtype).eps) * max(n_units, 1) ** 0.5


def _outer(row: Array) -> Array:
    return row[:, None] * row[None, :]


# The functions below work in place on arrays that were made here, so that thousands of
# stimuli take two or three square matrices in all and not eight.


def _one_minus_cosine(cosines: Array, n_units: int) -> Array:
    cosines *= -1
    cosines += 1
    cosines[cosines <= _rounding(cosines, n_units)] = 0
    cosines[cosines > 2] = 2
    return _zero_diagonal(cosines)


def _zero_diagonal(d: Array) -> Array:
    every = namespace(d).arange(d.shape[0])
    d[every, every] = 0
    return d


def _refuse(bad: Array, name: str, fault: str) -> None:
    if bool(namespace(bad).any(bad)):
        raise UndefinedError(
            f"{name} dissimilarity is undefined for rows that are {fault}",
            [int(i) for i in as_numpy(bad).nonzero()[0]],
        )
