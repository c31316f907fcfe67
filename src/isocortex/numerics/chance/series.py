"""How alike neighbouring rows are: the mark of a time series."""

import numpy as np


def lag_one(values: np.ndarray, blocks: np.ndarray | None = None) -> np.ndarray:
    r"""Autocorrelation of each column at a distance of one row.

    .. math:: \rho_1 = \frac{\sum_t x_t x_{t+1} / m}{\sum_t x_t^2 / n}

    Parameters
    ----------
    values : array, shape (n_rows, n_columns)
        In the order of time.
    blocks : integer array, shape (n_rows,), optional
        The run of each row: means are taken out within runs, and no pair spans two.

    Returns
    -------
    array, shape (n_columns,)
        About -1 to 1; near 0 for white noise (a little below it in short runs); 0 for columns
        that are constant within the runs.
    """
    total = np.zeros(values.shape[1])
    neighbours, n_pairs = np.zeros(values.shape[1]), 0
    for rows in runs_of(len(values), blocks):
        x = values[rows] - values[rows].mean(0)
        total += np.einsum("ij,ij->j", x, x)
        neighbours += np.einsum("ij,ij->j", x[1:], x[:-1])
        n_pairs += len(rows) - 1
    return _share(neighbours, total, n_pairs, len(values))


def lag_one_of_gram(gram: np.ndarray, blocks: np.ndarray | None = None) -> float:
    """The same of the columns behind a Gram matrix together, each by its variance.

    Parameters
    ----------
    gram : array, shape (n_rows, n_rows)
    blocks : integer array, shape (n_rows,), optional
    """
    total = neighbours = 0.0
    n_pairs = 0
    for rows in runs_of(len(gram), blocks):
        part = gram[np.ix_(rows, rows)]
        # Centred over the rows of the block, as its columns would be.
        part = part - part.mean(0) - part.mean(1)[:, None] + part.mean()
        total += float(np.trace(part))
        # The first off-diagonal has the products of neighbours.
        neighbours += float(np.trace(part, offset=1))
        n_pairs += len(rows) - 1
    return float(_share(np.array(neighbours), np.array(total), n_pairs, len(gram)))


def runs_of(n_rows: int, blocks: np.ndarray | None) -> list[np.ndarray]:
    """The rows of each block, in their order."""
    if blocks is None:
        return [np.arange(n_rows)]
    order = np.argsort(blocks, kind="stable")
    starts = np.unique(blocks[order], return_index=True)[1]
    return np.split(order, starts[1:])


def _share(neighbours: np.ndarray, total: np.ndarray, n_pairs: int, n: int) -> np.ndarray:
    answer = np.zeros(np.shape(total))
    if n_pairs:
        np.divide(neighbours / n_pairs, total / n, out=answer, where=total > 0)
    return answer


def inflation(first: float, second: float, n_rows: int) -> float:
    r"""By how much autocorrelation enlarges the variance of a correlation of unrelated series.

    .. math:: \frac{1 + \rho \rho'}{1 - \rho \rho'}

    That of two first-order autoregressive series; 1 where a side is white, or as good as white:
    not above three standard errors, :math:`3 / \sqrt n`.

    References
    ----------
    Bartlett (1935), J. R. Stat. Soc. 98:536, https://doi.org/10.2307/2342284
    """
    # Within three standard errors of none.
    if min(first, second) <= 3 / np.sqrt(n_rows):
        return 1.0
    both = min(first * second, 0.99)
    return (1 + both) / (1 - both)
