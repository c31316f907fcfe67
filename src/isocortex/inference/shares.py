"""Parts of the variance of each person's RDM, on the data and in samples of people and stimuli."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from isocortex.arrays import n_of_pairs
from isocortex.errors import UndefinedError
from isocortex.numerics.inference import partition as algebra
from isocortex.numerics.inference.common_pairs import of_all_pairs, patterns
from isocortex.numerics.inference.draws import draws, fold_numbers
from isocortex.numerics.inference.partition import Grams
from isocortex.numerics.inference.products import Stack
from isocortex.numerics.inference.two_factor import sample_variance, two_factor_parts
from isocortex.progress import advance

FEWEST_DRAWN = 5
"""Fewer stimuli or people than this are not drawn anew for an interval."""

_CHUNK = 250


@dataclass(frozen=True, eq=False)
class Shares:
    """What is explained by what, and how parts follow from subsets."""

    models: np.ndarray
    """Shape (n_rdms, n_pairs)."""
    sets: tuple[np.ndarray, ...]
    """The RDMs of each set."""
    brain: np.ndarray
    """Shape (n_brain_rdms, n_pairs), NaN where a pair is missing."""
    person: np.ndarray
    """Of each RDM of the brain, from 0."""
    method: str

    @property
    def n_people(self) -> int:
        """The number of people whose RDMs they are."""
        return int(self.person.max()) + 1

    @property
    def n_stimuli(self) -> int:
        """The number of stimuli of every RDM."""
        return n_of_pairs(self.models.shape[1])

    @property
    def turn(self) -> np.ndarray:
        """How parts, and their sum as the last, follow from what is computed of each person."""
        n = len(self.sets)
        if self.method == "product":
            matrix = np.eye(n)
        elif self.method == "shapley":
            matrix = algebra.shapley_matrix(n)
        else:
            matrix = algebra.parts_matrix(n)[order_of_parts(n) - 1]
        # The last row adds the parts up to what all sets explain.
        return np.concatenate([matrix, matrix.sum(0, keepdims=True)])

    def expected(self, of_rest: bool = False) -> np.ndarray:
        """The mean of what is computed of each RDM over relabelled stimuli, exactly.

        Parameters
        ----------
        of_rest : bool, default=False
            Of what each subset leaves unexplained, in place of the RDM.

        Returns
        -------
        array, shape (n_computed, n_brain_rdms)
        """
        mean = algebra.expected_product if self.method == "product" else algebra.expected_explained
        found = np.empty((self.turn.shape[1], len(self.brain)))
        for rows, known in patterns(np.isfinite(self.brain)):
            if not of_all_pairs(known):
                raise UndefinedError(
                    f"partition: RDM {rows[0]} of the brain lacks single pairs, not stimuli, so "
                    "that its stimuli cannot be relabelled. Take chance='cross_validated'."
                )
            brain = self.brain[np.ix_(rows, known)]
            found[:, rows] = mean(self.models[:, known], brain, self.sets, of_rest)
        return found

    def computed(self, stimuli: np.ndarray) -> np.ndarray:
        """What subsets explain, or product measures: (n_samples, n_computed, n_brain_rdms).

        Parameters
        ----------
        stimuli : array, shape (n_samples, n_stimuli)
            How often each was drawn.
        """
        grams = self._grams(self._stack(), stimuli)
        return self._computed(grams, grams)

    def held_out(self, n_folds: int, n_drawings: int, rng: np.random.Generator) -> np.ndarray:
        """The same of the data themselves, on other stimuli than those of the fit."""
        stack, once = self._stack(), np.ones((1, self.n_stimuli))
        lots = [fold_numbers(once, n_folds, rng) for _ in range(n_drawings)]
        # Pairs of a training and a test stimulus are in neither.
        parts = [
            self._computed(
                self._grams(stack, once * (lot != fold)), self._grams(stack, once * (lot == fold))
            )
            for lot in lots
            for fold in range(n_folds)
        ]
        return np.mean(parts, 0)

    def parts(self, computed: np.ndarray) -> np.ndarray:
        """Parts and their sum, means over the RDMs of each person: (..., n_parts, n_people)."""
        parts = self.turn @ computed
        means = [parts[..., self.person == k].mean(-1) for k in range(self.n_people)]
        return np.stack(means, -1)

    def _stack(self) -> Stack:
        return Stack(np.concatenate([self.models, self.brain]), "pearson")

    def _grams(self, stack: Stack, stimuli: np.ndarray) -> list[tuple[np.ndarray, Grams]]:
        """For RDMs that have the same pairs: which they are, and their products."""
        k, found = len(self.models), []
        own = np.arange(k)
        for rows, known in patterns(np.isfinite(self.brain)):
            mask = None if known.all() else known
            p = stack.products(stimuli, own, np.concatenate([own, k + rows]), mask)
            found.append((rows, Grams(p.cross[:, :, :k], p.cross[:, :, k:], p.second[:, k:])))
        return found

    def _computed(self, train: list[Any], test: list[Any]) -> np.ndarray:
        measure = algebra.product_measure if self.method == "product" else algebra.explained
        found = np.empty((len(train[0][1].models), self.turn.shape[1], len(self.brain)))
        for (rows, of_train), (_, of_test) in zip(train, test, strict=True):
            found[:, :, rows] = measure(of_train, of_test, self.sets)
        return found


def order_of_parts(n_sets: int) -> np.ndarray:
    """The numbers of all parts: unique ones, then those of two sets, of three …"""
    numbers = range(1, 2**n_sets)
    return np.array(sorted(numbers, key=lambda part: (part.bit_count(), part)))


def variance(
    shares: Shares, n: int, room: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, dict[str, int], int]:
    """Of the mean over people, what was drawn anew, and how many samples were undefined.

    Parameters
    ----------
    shares : Shares
    n : int
        Of samples.
    room : array, shape (n_computed, n_brain_rdms)
        By which what is computed is divided.
    rng : numpy.random.Generator
    """
    size = {"people": shares.n_people, "stimuli": shares.n_stimuli}
    drawn = {name: each for name, each in size.items() if each >= FEWEST_DRAWN and n > 0}
    if not drawn:
        return np.full(len(shares.turn), np.nan), {}, 0
    # The share of each person in a sample, (n, n_people).
    counts = draws(n, size["people"], rng) / size["people"]
    whole = shares.parts(shares.computed(np.ones((1, size["stimuli"]))) / room)[0]
    samples = {"people": counts @ whole.T}
    if "stimuli" in drawn:
        some = list(_in_samples(shares, counts, room, rng))
        samples["stimuli"], samples["both"] = (
            np.concatenate(each) for each in zip(*some, strict=True)
        )
    # Left out of all, so that the variances are of the same samples.
    bad = reduce(np.logical_or, (np.isnan(each).any(1) for each in samples.values()))
    v = {name: sample_variance(each[~bad]) for name, each in samples.items()}
    if len(drawn) == 2:
        found = two_factor_parts(v["people"], v["stimuli"], v["both"], *size.values()).total
    else:
        ((only, m),) = drawn.items()
        # A bootstrap of m things has (m - 1) / m of the variance.
        found = v[only] * m / (m - 1)
    return found, drawn, int(bad.sum())


def _in_samples(
    shares: Shares, counts: np.ndarray, room: np.ndarray, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Means over people in samples of stimuli, and in these over the people drawn with them."""
    for start in range(0, len(counts), _CHUNK):
        people = counts[start : start + _CHUNK]
        stimuli = draws(len(people), shares.n_stimuli, rng)
        found = shares.parts(shares.computed(stimuli) / room)
        advance(len(people))
        yield found.mean(2), np.einsum("nps,ns->np", found, people)
