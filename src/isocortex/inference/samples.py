"""Scores and ceilings in samples of people and of stimuli, for models that are not fitted."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from isocortex.inference.models import Models
from isocortex.inference.people import People
from isocortex.numerics.arrays.parallel import rows_for
from isocortex.numerics.inference.ceilings import sample_ceilings
from isocortex.numerics.inference.draws import draws
from isocortex.numerics.inference.products import similarities
from isocortex.progress import advance

_BUDGET = 2**26


@dataclass(frozen=True)
class Samples:
    """Scores in each sample, the lower ceiling (of several people) as the last column."""

    by_factor: dict[str, np.ndarray]
    """For people, stimuli and both, each shape (n_samples, n_repetitions, n_models [+ 1]);
    samples in which a score is undefined are left out."""
    n_dropped: int
    """How many samples were left out."""


@dataclass(frozen=True)
class Task:
    """What is compared with what, in which samples."""

    models: Models
    brain: np.ndarray
    """Shape (n_rdms, n_pairs), NaN where a pair is missing."""
    people: People
    n_stimuli: int
    metric: str


def drawn(
    task: Task, over: tuple[str, ...], n: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """How often each stimulus and each person is in each sample: 1 for what is not drawn anew."""
    stimuli = np.ones((n, task.n_stimuli), dtype=np.intp)
    people = np.ones((n, task.people.n), dtype=np.intp)
    if "stimulus" in over:
        stimuli = draws(n, task.n_stimuli, rng)
    if "subject" in over:
        people = draws(n, task.people.n, rng)
    return stimuli, people


def sampled(task: Task, over: tuple[str, ...], stimuli: np.ndarray, people: np.ndarray) -> Samples:
    """All bootstraps from one pass over the samples of stimuli.

    Parameters
    ----------
    task : Task
    over : tuple of str
    stimuli, people : array, shape (n_samples, n_stimuli), (n_samples, n_people)
        As :func:`drawn` makes them.
    """
    once = np.ones_like(people[:1])
    found: dict[str, list[np.ndarray]] = {}
    # People alone are drawn on the products of the data, made once.
    whole = next(_alike(task, np.ones_like(stimuli[:1])))[1]
    if "subject" in over:
        found["subject"] = [_columns(task, *whole, people)]
    if "stimulus" in over:
        for rows, alike in _alike(task, stimuli):
            found.setdefault("stimulus", []).append(_columns(task, *alike, once))
            if "subject" in over:
                found.setdefault("both", []).append(_columns(task, *alike, people[rows]))
            advance(len(alike[0]))
    return kept({name: np.concatenate(parts)[:, None] for name, parts in found.items()})


def kept(by_factor: dict[str, np.ndarray]) -> Samples:
    """Without the samples in which any score is undefined."""
    bad = np.any([np.isnan(each).any((1, 2)) for each in by_factor.values()], axis=0)
    return Samples({name: each[~bad] for name, each in by_factor.items()}, int(bad.sum()))


def scores_of(task: Task) -> np.ndarray:
    """Scores on the data themselves, shape (n_models, n_people)."""
    (_, (scores, _)) = next(_alike(task, np.ones((1, task.n_stimuli))))
    return scores[0]


def _alike(
    task: Task, stimuli: np.ndarray
) -> Iterator[tuple[slice, tuple[np.ndarray, np.ndarray]]]:
    """Models with people, and people with people, in blocks of samples."""
    m, b = task.models.n, len(task.brain)
    values = np.concatenate([task.models.values, task.brain])
    rows = np.arange(m + b)
    # The largest array is the comparison of all rows with those of the brain.
    size = rows_for(8 * (m + b) * b, _BUDGET)
    for start in range(0, len(stimuli), size):
        some = slice(start, start + size)
        alike = similarities(values, stimuli[some], task.metric, rows, rows[m:])
        # (n_samples, n_people, n_people)
        among = task.people.sums(task.people.sums(alike[:, m:]).transpose(0, 2, 1))
        yield some, (task.people.means(alike[:, :m]), among)


def _columns(task: Task, scores: np.ndarray, among: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Means over the people of each sample, shape (n_samples, n_models [+ 1])."""
    n = max(len(scores), len(people))
    people = np.broadcast_to(people, (n, people.shape[1]))
    taken = (people > 0)[:, None]
    # NaN of people who were not drawn must not spread through the product.
    counted = np.where(taken, scores, 0.0) @ people[:, :, None]
    means = counted[:, :, 0] / people.sum(1, keepdims=True)
    if task.people.n == 1:
        return means
    # Likewise for whoever was not drawn, as one of either side.
    lone = ~taken | ~taken.transpose(0, 2, 1)
    lower = sample_ceilings(np.where(lone, 0.0, among), people, task.people.sizes)[0]
    return np.concatenate([means, lower[:, None]], 1)
