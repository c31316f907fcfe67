"""A flexible model, fitted in folds of stimuli and people and scored on what they leave out."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from isocortex.arrays import pairs_of
from isocortex.data.rdms import RDMs
from isocortex.errors import UndefinedError
from isocortex.inference.flexible import Flexible, Weighted
from isocortex.numerics.inference.common_pairs import (
    FEWEST_PAIRS,
    common_counts,
    mean_of_known,
    on_common_pairs,
    scaled_with_gaps,
)
from isocortex.numerics.inference.draws import fold_numbers
from isocortex.numerics.inference.training import Training, training
from isocortex.numerics.measures.comparison import (
    Comparison,
    cosine,
    whitened_correlation,
    whitened_cosine,
)

LINEAR: Mapping[Comparison, str] = {
    cosine: "cosine",
    whitened_cosine: "whitened_cosine",
    whitened_correlation: "whitened_correlation",
}
"""Comparisons that are maximized as they are; for all others Pearson's is."""


@dataclass(frozen=True, eq=False)
class Task:
    """What is fitted to what."""

    model: Flexible
    parts: RDMs
    brain: RDMs
    function: Comparison
    people: np.ndarray
    """Of each RDM, shape (n_rdms,)."""

    @property
    def metric(self) -> str:
        """The comparison that is maximized."""
        return LINEAR.get(self.function, "pearson")


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Of one drawing of folds; rows: the fitted model, each part, both ceilings."""

    scores: np.ndarray
    """Shape (n_parts + 3, n_rdms): means over the folds in which a person is held out."""
    weights: np.ndarray
    """Shape (n_folds, n_parts)."""
    n_without: int


def fitted_weights(task: Task, found: Training, rows: np.ndarray) -> np.ndarray:
    """Of the parts as they are, shape (n_sets, n_parts)."""
    theta = task.model.fit(found.gram[:, rows].sum(1), found.cross[:, rows].sum(1)) / found.scale
    if isinstance(task.model, Weighted):
        length = np.linalg.norm(theta, axis=1, keepdims=True)
    else:
        length = theta.sum(1, keepdims=True)
    return theta / np.where(length > 0, length, 1.0)


def on_folds(task: Task, k: tuple[int, int], rng: np.random.Generator) -> HeldOut:
    """One drawing of folds: of stimuli and of people, every fold of either with each of other."""
    n_people = int(task.people.max()) + 1
    of_stimuli = fold_numbers(np.ones((1, task.brain.n_stimuli)), k[0], rng)[0]
    of_people = fold_numbers(np.ones((1, n_people)), k[1], rng)[0][task.people]
    train = np.array([of_stimuli != fold for fold in range(k[0])]).astype(np.float64)
    found = training(task.parts.values, task.brain.values, train, task.metric)
    totals = np.zeros((task.parts.n_rdms + 3, task.brain.n_rdms))
    counts = np.zeros(totals.shape, dtype=np.intp)
    all_weights, n_without = [], 0
    for group in range(k[1]):
        tested = np.flatnonzero(of_people == group)
        trained = np.flatnonzero(of_people != group) if k[1] > 1 else tested
        weights = fitted_weights(task, found, trained)
        all_weights.append(weights)
        for fold in range(k[0]):
            pairs = _pairs_within(of_stimuli == fold)
            scores, none = _scored(task, weights[fold], pairs, (trained, tested))
            n_without += none
            # A score that is undefined in one fold is the mean over the others.
            there = np.isfinite(scores)
            totals[:, tested] += np.where(there, scores, 0.0)
            counts[:, tested] += there
    means = np.where(counts > 0, totals / np.maximum(counts, 1), np.nan)
    return HeldOut(means, np.concatenate(all_weights), n_without)


def _pairs_within(stimuli: np.ndarray) -> np.ndarray:
    i, j = pairs_of(len(stimuli))
    return stimuli[i] & stimuli[j]


def _scored(
    task: Task, weights: np.ndarray, pairs: np.ndarray, people: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, bool]:
    """Scores of all rows with the tested people on these pairs, and whether none was predicted."""
    trained, tested = people
    data = task.brain.values[:, pairs]
    parts = task.parts.values[:, pairs]
    fitted = weights @ parts
    rows = np.concatenate([fitted[None], parts])
    of_models = scored_each(task.function, rows, data[tested])
    n_people = len(np.unique(task.people))
    ceilings = np.full((2, len(tested)), np.nan)
    if n_people > 1:
        scaled = _scaled(task.function, data)
        # The lower ceiling predicts from the people of the fit, the upper one from all.
        for place, pool in enumerate((trained, np.arange(len(data)))):
            mean = mean_of_known(task.function, scaled[pool])
            ceilings[place] = scored_each(task.function, mean, data[tested])[0]
    return np.concatenate([of_models, ceilings]), not np.any(weights)


def _scaled(function: Comparison, data: np.ndarray) -> np.ndarray:
    """On a common scale; NaN for whoever has too few of these pairs."""
    scaled = np.full(data.shape, np.nan)
    enough = np.flatnonzero(np.isfinite(data).sum(1) >= FEWEST_PAIRS)
    scaled[enough] = scaled_with_gaps(function, data[enough])
    return scaled


def scored_each(function: Comparison, rows: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Comparisons one by one: 0 for rows without any contrast, NaN for people without pairs."""
    found = np.full((len(rows), len(data)), np.nan)
    enough = np.flatnonzero((common_counts(rows, data) >= FEWEST_PAIRS).all(0))
    if not len(enough):
        return found
    # All rows at once; one by one only where one of them is refused.
    with suppress(UndefinedError):
        found[:, enough] = on_common_pairs(function, rows, data[enough])
        return found
    for place, row in enumerate(rows):
        try:
            found[place, enough] = on_common_pairs(function, row[None], data[enough])[0]
        except UndefinedError as error:
            if error.side == "data":
                raise UndefinedError(
                    f"fit_rdms: {error} of a held-out set: the RDM of one person does not vary "
                    "there. Take fewer folds of stimuli, or leave the person out."
                ) from None
            found[place, enough] = 0.0
    return found
