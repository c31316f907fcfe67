"""Rank correlations of predictions that differ from sample to sample, with people who do not.

In a fold few pairs are tested, and each sample tests others: these are put together once, with the
ranks of all people, and only predictions are ranked anew.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from isocortex.arrays import pairs_of
from isocortex.numerics.inference.common_pairs import FEWEST_PAIRS, patterns


class _Group(NamedTuple):
    """People who have the same pairs."""

    members: np.ndarray
    weights: np.ndarray
    """Shape (n_samples, n_most): of the pairs that are tested, 0 where they lack one."""
    ranks: np.ndarray
    """Shape (n_samples, n_members, n_most): twice the mid-ranks, without their mean."""


class RankedPeople:
    """The ranks of people on the tested pairs of each sample.

    Parameters
    ----------
    data : array, shape (n_rdms, n_pairs)
        NaN where a pair is missing.
    stimuli : array, shape (n_samples, n_stimuli)
        How often each was drawn; 0 leaves it out.
    absolute : bool
        Rho-a in the place of Spearman's correlation.
    """

    def __init__(self, data: np.ndarray, stimuli: np.ndarray, absolute: bool):
        i, j = pairs_of(stimuli.shape[1])
        pairs = (stimuli[:, i] * stimuli[:, j]).astype(np.float64)
        most = max(int((pairs > 0).sum(1).max(initial=0)), 1)
        # The pairs of each sample side by side, and behind them some of weight 0.
        self._places = np.argsort(pairs == 0, axis=1, kind="stable")[:, :most]
        self._weights = np.take_along_axis(pairs, self._places, 1)
        self._n_rdms, self._absolute = len(data), absolute
        self._groups = list(self._grouped(data))

    def _grouped(self, data: np.ndarray) -> Iterator[_Group]:
        for members, known in patterns(np.isfinite(data)):
            weights = self._weights * known[self._places]
            filled = np.where(known, data[members], 0.0)
            values = filled[:, self._places].transpose(1, 0, 2)  # (n_samples, n_members, n_most)
            yield _Group(members, weights, centred_midranks(values, weights[:, None]))

    def alike(self, rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """How alike a weighted sum of rows is to each person, in each sample.

        Parameters
        ----------
        rows : array, shape (n_rows, n_pairs)
        weights : array, shape (n_samples, n_rows)

        Returns
        -------
        array, shape (n_samples, n_rdms)
            NaN where it is undefined.
        """
        predicted = np.zeros(self._places.shape)
        # Term by term, so that pairs that are equal in all rows stay equal.
        for row, weight in zip(rows, weights.T, strict=True):
            predicted += weight[:, None] * row[self._places]
        found = np.empty((len(weights), self._n_rdms))
        for group in self._groups:
            ranks = centred_midranks(predicted, group.weights)
            found[:, group.members] = self._compared(ranks * group.weights, ranks, group)
        return found

    def _compared(self, weighted: np.ndarray, ranks: np.ndarray, group: _Group) -> np.ndarray:
        cross = np.einsum("np,nmp->nm", weighted, group.ranks)
        few = (group.weights > 0).sum(1) < FEWEST_PAIRS
        with np.errstate(divide="ignore", invalid="ignore"):
            if self._absolute:
                k = group.weights.sum(1)[:, None]
                found = cross * 3 / np.maximum(k**3 - k, 1)
            else:
                own = np.einsum("np,np->n", weighted, ranks)[:, None]
                others = np.einsum("np,nmp,nmp->nm", group.weights, group.ranks, group.ranks)
                norms = np.sqrt(own * others)
                found = np.where(norms > 0, np.clip(cross / norms, -1, 1), np.nan)
        found[few] = np.nan
        return found


def centred_midranks(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Twice the mid-ranks of weighted values less their weighted mean, along the last axis.

    Parameters
    ----------
    values : array, shape (..., n)
    weights : array that broadcasts to it
        How often each value is there.
    """
    order = np.argsort(values, axis=-1)
    rising = np.take_along_axis(values, order, -1)
    own = np.take_along_axis(np.broadcast_to(weights, values.shape), order, -1)
    upto = np.cumsum(own, -1)
    new = np.ones(values.shape, dtype=bool)
    new[..., 1:] = rising[..., 1:] != rising[..., :-1]
    last = np.ones(values.shape, dtype=bool)
    last[..., :-1] = new[..., 1:]
    # Equal values share the mean of the first and the last rank of their run.
    before = np.maximum.accumulate(np.where(new, upto - own, 0.0), -1)
    ends = np.minimum.accumulate(np.where(last, upto, np.inf)[..., ::-1], -1)[..., ::-1]
    found = np.empty(values.shape)
    np.put_along_axis(found, order, before + ends - upto[..., -1:], -1)
    return found
