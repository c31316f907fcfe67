"""What a flexible model is fitted from: products of its parts with themselves and with people."""

from typing import NamedTuple

import numpy as np

from isocortex.arrays import pairs_of
from isocortex.numerics.inference.common_pairs import patterns
from isocortex.numerics.inference.products import Stack


class Training(NamedTuple):
    """Products in training sets of stimuli; those of several people are added up."""

    gram: np.ndarray
    """Of the parts, shape (n_sets, n_people, n_parts, n_parts)."""
    cross: np.ndarray
    """Of the parts with each person's normalized RDM, shape (n_sets, n_people, n_parts)."""
    scale: np.ndarray
    """By which the parts were divided, shape (n_parts,)."""


def training(parts: np.ndarray, data: np.ndarray, sets: np.ndarray, metric: str) -> Training:
    r"""Products of parts and people over the pairs that a person has in a training set.

    Added up over people they are the normal equations of least squares on all that is known,
    :math:`\sum_s \| d_s \sqrt{n_s} / \|d_s\| - \theta^\top x \|^2`: where nobody lacks a pair,
    these maximize the mean comparison.

    Parameters
    ----------
    parts : array, shape (n_parts, n_pairs)
        Complete.
    data : array, shape (n_rdms, n_pairs)
        NaN where a pair is missing.
    sets : array, shape (n_sets, n_stimuli)
        How often each stimulus is in each training set.
    metric : str
        One of ``products.METRICS`` that does not rank.
    """
    k = len(parts)
    stack = Stack(np.concatenate([parts, data]), metric)
    gram = np.zeros((len(sets), len(data), k, k))
    cross = np.zeros((len(sets), len(data), k))
    i, j = pairs_of(sets.shape[1])
    pairs = (sets[:, i] * sets[:, j]).astype(np.float64)
    own = np.arange(k)
    for members, known in patterns(np.isfinite(data)):
        mask = None if known.all() else known
        found = stack.products(sets, own, np.concatenate([own, k + members]), mask)
        gram[:, members] = np.nan_to_num(found.cross[:, None, :, :k])
        with np.errstate(divide="ignore", invalid="ignore"):
            length = np.sqrt(found.second[:, None, k:])
            unit = np.where(length > 0, found.cross[:, :, k:] / length, 0.0)
        # Mean square 1 over the pairs that a person has, so that people weigh by their pairs.
        n = pairs @ known.astype(np.float64)
        cross[:, members] = (unit * np.sqrt(n)[:, None, None]).transpose(0, 2, 1)
    return Training(gram, cross, stack.scale[:k])
