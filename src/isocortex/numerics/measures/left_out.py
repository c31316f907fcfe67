"""Each RDM against the mean of the others: in a time that grows as their number, not its square."""

import numpy as np

from isocortex.numerics.measures.comparison import PREPARED, Comparison


def sums_of_others(rows: np.ndarray, group: np.ndarray) -> np.ndarray:
    """For each group of rows, the sum of the rows of all other groups.

    What comes before a group and what comes after it are summed separately, so that nothing is
    ever subtracted: a row that is huge beside the others costs them no digits.

    Parameters
    ----------
    rows : array, shape (n_rows, n_values)
    group : array of int, shape (n_rows,)
        From 0, each at least once.

    Returns
    -------
    array, shape (n_groups, n_values)
    """
    own = np.zeros((int(group.max()) + 1, rows.shape[1]))
    np.add.at(own, group, rows)
    others = np.zeros_like(own)
    np.cumsum(own[:-1], axis=0, out=others[1:])
    after = np.zeros(rows.shape[1])
    for place in range(len(own) - 2, -1, -1):
        after += own[place + 1]
        others[place] += after
    return others


def against_two(
    function: Comparison, data: np.ndarray, group: np.ndarray, others: np.ndarray, all_: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Compare each row with the model of its group, and with one model of all.

    Whatever a comparison makes of a row (ranks, say) is made once.

    Parameters
    ----------
    function : callable
        A comparison; one that is not of ``PREPARED`` is called once for each group.
    data : array, shape (n_rows, n_pairs)
    group : array of int, shape (n_rows,)
    others : array, shape (n_groups, n_pairs)
    all_ : array, shape (1, n_pairs)

    Returns
    -------
    with_own, with_all : array, shape (n_rows,)

    Raises
    ------
    UndefinedError
        As the comparison.
    """
    prepare = PREPARED.get(function)
    if prepare is not None:
        rows, models = prepare(data), prepare(others)
        with_own = np.array([row @ models[place] for row, place in zip(rows, group, strict=True)])
        return np.clip(with_own, -1, 1), np.clip(rows @ prepare(all_)[0], -1, 1)
    with_own = np.empty(len(data))
    for place in range(len(others)):
        rows = group == place
        with_own[rows] = function(others[place : place + 1], data[rows])[0]
    return with_own, np.asarray(function(all_, data))[0]


def means_by_group(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The mean of the values of each group."""
    return np.bincount(group, values) / np.bincount(group)
