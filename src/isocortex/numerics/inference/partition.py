r"""What sets of models explain of data, alone and together, from Gram matrices.

A subset of the sets is a number whose bits say which are in it: 5 is the first and the third.

References
----------
.. [1] Nimon & Oswald (2013), Understanding the results of multiple linear regression, Organ. Res.
   Methods 16:650. https://doi.org/10.1177/1094428113493929
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from isocortex.numerics.inference.flexible import COLLINEAR
from isocortex.numerics.inference.relabelling import relabelled_moments

Sets = Sequence[np.ndarray]

_NOTHING = 1e-9


class Grams(NamedTuple):
    """Centred inner products in each sample."""

    models: np.ndarray
    """Of all RDMs of all sets, shape (n_samples, n_rdms, n_rdms)."""
    cross: np.ndarray
    """Of these with each person, shape (n_samples, n_rdms, n_people)."""
    people: np.ndarray
    """Of each person with itself, shape (n_samples, n_people)."""


def explained(train: Grams, test: Grams, sets: Sets) -> np.ndarray:
    r"""Variance that each subset of the sets explains in the test set, fitted in the training set.

    .. math:: R^2(U) = \frac{2 \theta^\top b - \theta^\top A \theta}{\|y\|^2}, \quad
              \theta = A_{train}^{-1} b_{train}

    which for one and the same set is :math:`b^\top A^{-1} b / \|y\|^2`; on another it may be
    negative.

    Parameters
    ----------
    train, test : Grams
    sets : sequence of integer arrays
        The RDMs of each set.

    Returns
    -------
    array, shape (n_samples, 2 ** n_sets, n_people)
        By the number of the subset; 0 for the empty one.
    """
    n, _, n_people = train.cross.shape
    found = np.zeros((n, 2 ** len(sets), n_people))
    for subset in range(1, 2 ** len(sets)):
        rows = members(subset, sets)
        theta = _inverse(train.models[:, rows[:, None], rows]) @ train.cross[:, rows]
        found[:, subset] = _gain(theta, test, rows).sum(1)
    return found


def product_measure(train: Grams, test: Grams, sets: Sets) -> np.ndarray:
    """The parts of the fit of all RDMs that stand in each set's own terms, which add up to it.

    Returns
    -------
    array, shape (n_samples, n_sets, n_people)
    """
    rows = np.concatenate(sets)
    theta = _inverse(train.models[:, rows[:, None], rows]) @ train.cross[:, rows]
    gain = _gain(theta, test, rows)
    ends = np.cumsum([0, *map(len, sets)])
    return np.stack([gain[:, a:b].sum(1) for a, b in itertools.pairwise(ends)], axis=1)


def expected_grams(models: np.ndarray, people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Products of centred models, and the exact mean of b b' over all relabellings of each person.

    Parameters
    ----------
    models, people : array, shape (n_rdms, n_pairs), (n_people, n_pairs)

    Returns
    -------
    gram : array, shape (n_rdms, n_rdms)
    squares : array, shape (n_people, n_rdms, n_rdms)
        Over the squared length of each centred person.
    """
    x, y = (rows - rows.mean(1, keepdims=True) for rows in (models, people))
    length = np.linalg.norm(x, axis=1, keepdims=True)
    unit = x / np.where(length > 0, length, 1.0)
    y = y / np.linalg.norm(y, axis=1, keepdims=True)
    k = len(unit)
    first, second = np.triu_indices(k)
    # From squares of sums and differences: ab = ((a + b)^2 - (a - b)^2) / 4.
    above, below = (
        np.add(sd**2, mean**2)
        for mean, sd in (
            relabelled_moments(unit[first] + sign * unit[second], y) for sign in (1, -1)
        )
    )
    squares = np.empty((len(y), k, k))
    squares[:, first, second] = squares[:, second, first] = ((above - below) / 4).T
    return unit @ unit.T, squares


def expected_explained(
    models: np.ndarray, people: np.ndarray, sets: Sets, of_rest: bool = False
) -> np.ndarray:
    """The mean of :func:`explained` over all relabellings of the stimuli, exactly.

    Parameters
    ----------
    models, people : array, shape (n_rdms, n_pairs), (n_people, n_pairs)
    sets : sequence of integer arrays
    of_rest : bool, default=False
        Of what the subset itself leaves unexplained of each person, in place of the person.

    Returns
    -------
    array, shape (2 ** n_sets, n_people)
    """
    found = np.zeros((2 ** len(sets), len(people)))
    for subset in range(1, 2 ** len(sets)):
        rows = members(subset, sets)
        found[subset] = _expected(models[rows], people, of_rest).sum(0)
    return found


def expected_product(
    models: np.ndarray, people: np.ndarray, sets: Sets, of_rest: bool = False
) -> np.ndarray:
    """The mean of :func:`product_measure` over all relabellings, shape (n_sets, n_people)."""
    each = _expected(models[np.concatenate(sets)], people, of_rest)
    ends = np.cumsum([0, *map(len, sets)])
    return np.stack([each[a:b].sum(0) for a, b in itertools.pairwise(ends)])


def _expected(models: np.ndarray, people: np.ndarray, of_rest: bool) -> np.ndarray:
    """What each RDM's own term of the fit is over all relabellings, shape (n_rdms, n_people)."""
    gram, squares = expected_grams(models, _rest(models, people) if of_rest else people)
    return np.einsum("kl,slk->ks", _inverse(gram[None])[0], squares)


def _rest(models: np.ndarray, people: np.ndarray) -> np.ndarray:
    """What models leave unexplained of each person; the person, where that is only rounding."""
    x, y = (rows - rows.mean(1, keepdims=True) for rows in (models, people))
    theta = _inverse((x @ x.T)[None])[0] @ (x @ y.T)
    rest = y - theta.T @ x
    left = np.linalg.norm(rest, axis=1, keepdims=True) > _NOTHING * np.linalg.norm(
        y, axis=1, keepdims=True
    )
    return np.where(left, rest, people)


def parts_matrix(n_sets: int) -> np.ndarray:
    r"""How parts follow from what subsets explain, shape (2 ** n_sets - 1, 2 ** n_sets).

    Explained by exactly the sets in T:

    .. math:: y_T = \sum_{U \subseteq T} (-1)^{|U| + 1} R^2(U \cup \overline T)

    Row T - 1 is that of T; the parts of all T add up to what all sets explain.
    """
    everything = 2**n_sets - 1
    matrix = np.zeros((everything, everything + 1))
    for part in range(1, everything + 1):
        for subset in range(everything + 1):
            if subset & part == subset:
                matrix[part - 1, subset | (everything & ~part)] += (-1) ** (subset.bit_count() + 1)
    return matrix


def shapley_matrix(n_sets: int) -> np.ndarray:
    """How Shapley values follow from what subsets explain, shape (n_sets, 2 ** n_sets).

    Each part is dealt in equal shares to the sets that have it in common.
    """
    parts = np.arange(1, 2**n_sets)
    within = (parts >> np.arange(n_sets)[:, None]) & 1
    sizes = np.array([int(part).bit_count() for part in parts])
    return (within / sizes) @ parts_matrix(n_sets)


def members(subset: int, sets: Sets) -> np.ndarray:
    """The RDMs of a subset of the sets."""
    return np.concatenate([rows for k, rows in enumerate(sets) if subset >> k & 1])


def _gain(theta: np.ndarray, test: Grams, rows: np.ndarray) -> np.ndarray:
    """Explained by each RDM's own term, shape (n_samples, n_rows, n_people)."""
    through = test.models[:, rows[:, None], rows] @ theta
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = theta * (2 * test.cross[:, rows] - through) / test.people[:, None]
    return np.where(test.people[:, None] > 0, gain, np.nan)


def _inverse(gram: np.ndarray) -> np.ndarray:
    """Inverses of a stack; of dependent models the one with the shortest weights."""
    length = np.sqrt(np.einsum("nii->ni", gram))
    length = np.where(length > 0, length, 1.0)
    outer = length[:, :, None] * length[:, None]
    values, vectors = np.linalg.eigh(np.nan_to_num(gram) / np.nan_to_num(outer, nan=1.0))
    kept = values > COLLINEAR * np.maximum(values[:, -1:], 0)
    scaled = vectors * np.where(kept, 1 / np.where(kept, values, 1.0), 0.0)[:, None]
    return scaled @ vectors.transpose(0, 2, 1) / np.nan_to_num(outer, nan=1.0)
