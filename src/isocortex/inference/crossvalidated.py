"""Models that are fitted: in every sample on some stimuli and people, scored on others."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from isocortex.arrays import pairs_of
from isocortex.inference.contrasts import ON_THE_DATA
from isocortex.inference.samples import Samples, Task, kept
from isocortex.numerics.arrays.parallel import rows_for
from isocortex.numerics.inference.common_pairs import patterns
from isocortex.numerics.inference.draws import default_folds, fold_numbers
from isocortex.numerics.inference.predicted_ranks import RankedPeople
from isocortex.numerics.inference.products import RANKED, Stack, similarities
from isocortex.progress import advance

EVALUATIONS = 1000
"""So many drawings of folds there are over all samples, at least."""

_REPETITIONS = (2, 10)

_BUDGET = 2**26
_SAMPLES = 256


@dataclass(frozen=True)
class Folded:
    """What cross-validation leaves: means over folds, in each sample."""

    columns: np.ndarray
    """Shape (n_samples, n_repetitions, n_models [+ 2]); the last are the lower and upper ceiling
    of the same folds."""
    n_without: int
    """In how many folds a model had no prediction, such as by weights that are all 0."""


def crossvalidated(
    task: Task,
    over: tuple[str, ...],
    draws: tuple[np.ndarray, np.ndarray],
    rng: np.random.Generator,
) -> tuple[Samples, int]:
    """All bootstraps, and the number of folds without a prediction.

    Parameters
    ----------
    task : Task
    over : tuple of str
    draws : (array, shape (n_samples, n_stimuli), array, shape (n_samples, n_people))
    rng : Generator
        Of the folds.
    """
    stimuli, people = draws
    wanted = {
        "subject": (np.ones_like(stimuli), people),
        "stimulus": (stimuli, np.ones_like(people)),
        "both": (stimuli, people),
    }
    names = ("subject", "stimulus", "both") if len(over) == 2 else over
    k = default_folds(task.n_stimuli, task.people.n, bootstrap=True)
    drawing = (repetitions(len(stimuli)), rng)
    folded = {name: in_folds(task, *wanted[name], k, drawing) for name in names}
    # Of the ceilings only the lower one is tested against.
    width = task.models.n + (task.people.n > 1)
    samples = kept({name: each.columns[:, :, :width] for name, each in folded.items()})
    return samples, sum(each.n_without for each in folded.values())


def repetitions(n_samples: int) -> int:
    """How often folds are drawn in each sample: the more, the fewer samples there are.

    What the lot of the folds adds to the variance is a difference of two variances over samples.
    Of 100 samples with two drawings each it is so uncertain that models of unrelated brains come
    out above 0 too often; ten drawings each tell it as well as two of 1000 samples.
    """
    least, most = _REPETITIONS
    return min(max(least, -(-EVALUATIONS // n_samples)), most)


def held_out_scores(task: Task, rng: np.random.Generator) -> tuple[np.ndarray, tuple[float, float]]:
    """Cross-validated scores and ceilings of the data themselves, over many drawings of folds."""
    once = np.ones((1, task.n_stimuli), dtype=np.intp), np.ones((1, task.people.n), dtype=np.intp)
    k = default_folds(task.n_stimuli, task.people.n)
    columns = in_folds(task, *once, k, (ON_THE_DATA, rng)).columns[0]
    found = np.nanmean(columns, axis=0)
    m = task.models.n
    if task.people.n == 1:
        return found, (float("nan"), float("nan"))
    return found[:m], (float(found[m]), float(found[m + 1]))


def in_folds(
    task: Task,
    stimuli: np.ndarray,
    people: np.ndarray,
    k: tuple[int, int],
    drawing: tuple[int, np.random.Generator],
) -> Folded:
    """Scores of all models on held-out stimuli and people.

    Folds are made of distinct stimuli and people, so that copies never part. Models that are not
    fitted are scored on the same test pairs.

    Parameters
    ----------
    task : Task
    stimuli, people : array, shape (n_samples, n_stimuli), (n_samples, n_people)
    k : (int, int)
        Folds of stimuli and of people.
    drawing : (int, Generator)
        How often folds are drawn anew, and by whom.
    """
    n_repetitions, rng = drawing
    n_rows = len(task.models.values) + len(task.brain)
    size = rows_for(8 * 2 * n_repetitions * n_rows**2, _BUDGET)
    parts, n_without = [], 0
    for start in range(0, len(stimuli), size):
        rows = slice(start, start + size)
        w, u = (np.repeat(each[rows], n_repetitions, 0) for each in (stimuli, people))
        columns, without = _block(task, w, u, k, rng)
        parts.append(columns.reshape(-1, n_repetitions, columns.shape[1]))
        n_without += without
    return Folded(np.concatenate(parts), n_without)


def _block(
    task: Task, w: np.ndarray, u: np.ndarray, k: tuple[int, int], rng: np.random.Generator
) -> tuple[np.ndarray, int]:
    alone = task.people.n == 1
    of_stimuli = fold_numbers(w, k[0], rng)
    of_people = fold_numbers(u, 1 if alone else k[1], rng)
    n_people_folds = 1 if alone else k[1]
    parts, n_without = [], 0
    fold = _Fold(task)
    for i in range(k[0]):
        fold.train(np.where(of_stimuli == i, 0, w))
        fold.test(np.where(of_stimuli == i, w, 0))
        advance(len(w))
        for j in range(n_people_folds):
            held_out = np.where(of_people == j, u, 0)
            training = u if alone else u - held_out
            columns, without = fold.columns(training, held_out, u)
            parts.append(columns)
            n_without += without
    folds = np.array(parts)
    # Who lacks stimuli may have too few of them in some folds, and counts in the others.
    used = ~np.isnan(folds) if fold.gappy.any() else np.ones(folds.shape, dtype=bool)
    with np.errstate(invalid="ignore"):
        return np.where(used, folds, 0.0).sum(0) / used.sum(0), n_without


class _Some(NamedTuple):
    """Products in one set of stimuli, of models with the RDMs that have the same pairs."""

    members: np.ndarray
    """The RDMs."""
    gram: np.ndarray
    """Of the models, shape (n_samples, n_rows, n_rows)."""
    cross: np.ndarray
    """With each RDM of length 1, shape (n_samples, n_rows, n_members)."""
    n: np.ndarray
    """How many pairs there are, shape (n_samples,)."""


class _Fold:
    """The products of training and test stimuli, from which folds of people follow."""

    def __init__(self, task: Task):
        self.task = task
        self.values = np.concatenate([task.models.values, task.brain])
        self.stack = Stack(self.values, "pearson" if task.metric in RANKED else task.metric)
        self.share = 1 / task.people.sizes[task.people.group]
        self.gappy = np.zeros(task.people.n, dtype=bool)
        self.gappy[task.people.group[~np.isfinite(task.brain).all(1)]] = True

    def train(self, w: np.ndarray) -> None:
        self.trained = list(self._products(w))
        bad = np.array([np.isnan(each.cross).any((1, 2)) for each in self.trained])
        lenient = np.array([self.gappy[self.task.people.group[m.members[0]]] for m in self.trained])
        self.defined = ~(bad[~lenient].any(0) | bad.all(0))

    def test(self, w: np.ndarray) -> None:
        m = len(self.task.models.values)
        rows = np.arange(len(self.values))
        self.w = w
        self.tested = list(self._products(w))
        alike = similarities(self.values, w, self.task.metric, rows, rows[m:])
        people = self.task.people
        self.alike = people.means(alike[:, :m])
        among = people.sums(people.sums(alike[:, m:]).transpose(0, 2, 1))
        self.among = _filled(among, people.sizes) if self.gappy.any() else among

    def _products(self, w: np.ndarray) -> Iterator[_Some]:
        m = len(self.task.models.values)
        own = np.arange(m)
        i, j = pairs_of(self.task.n_stimuli)
        for members, known in patterns(np.isfinite(self.task.brain)):
            mask = None if known.all() else known
            found = self.stack.products(w, own, np.concatenate([own, m + members]), mask)
            with np.errstate(divide="ignore", invalid="ignore"):
                norms = np.sqrt(found.second[:, None, m:])
                unit = np.where(norms > 0, found.cross[:, :, m:] / norms, np.nan)
            yield _Some(members, found.cross[:, :, :m], unit, (w[:, i] * w[:, j])[:, known].sum(1))

    def columns(
        self, training: np.ndarray, held_out: np.ndarray, u: np.ndarray
    ) -> tuple[np.ndarray, int]:
        """Scores of one fold of people, and how often a model had no prediction."""
        gram, cross = self._normal_equations(training)
        scores, n_without = [], 0
        for rows, fit in zip(self.task.models.rows, self.task.models.fits, strict=True):
            if fit is None:
                alike = self.alike[:, rows[0]]
            else:
                weights = fit.fit(gram[:, rows[:, None], rows], cross[:, rows])
                alike = self._predicted(rows, weights)
                n_without += int((~weights.any(1)).sum())
            scores.append(_mean(alike, held_out, self.gappy))
        if self.task.people.n > 1:
            among = np.where((u > 0)[:, :, None] & (u > 0)[:, None], self.among, 0.0)
            scores += [self._ceiling(among, pool, held_out) for pool in (training, u)]
        columns = np.stack(scores, 1)
        columns[~self.defined] = np.nan
        return columns, n_without

    def _normal_equations(self, training: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of least squares on all pairs that the training people have."""
        counts = training[:, self.task.people.group] * self.share
        gram, cross = 0.0, 0.0
        for some in self.trained:
            of_members = counts[:, some.members]
            gram = gram + np.nan_to_num(some.gram) * of_members.sum(1)[:, None, None]
            unit = np.nan_to_num(some.cross) * np.sqrt(some.n)[:, None, None]
            cross = cross + np.einsum("nkp,np->nk", unit, of_members)
        return np.asarray(gram), np.asarray(cross)

    def _predicted(self, rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """How alike the fitted sum is to each person on the test stimuli; 0 without weights."""
        if self.task.metric in RANKED:
            found = self._ranked(rows, weights)
        else:
            each = np.empty((len(weights), len(self.task.brain)))
            for some in self.tested:
                sums = np.einsum("nk,nkp->np", weights, some.cross[:, rows])
                gram = some.gram[:, rows[:, None], rows]
                squares = np.einsum("nk,nkl,nl->n", weights, gram, weights)
                with np.errstate(divide="ignore", invalid="ignore"):
                    each[:, some.members] = sums / np.sqrt(squares)[:, None]
            found = self.task.people.means(each)
        found[~weights.any(1)] = 0.0
        return found

    def _ranked(self, rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Of single models the ranks are known; sums differ from sample to sample."""
        found = np.empty((len(weights), self.task.people.n))
        single = _is_single(weights)
        found[single] = self.alike[single, rows[weights[single].argmax(1)]]
        others = np.flatnonzero(~single)
        # Ranks of all tested pairs and people, for some samples at a time.
        for start in range(0, len(others), _SAMPLES):
            some = others[start : start + _SAMPLES]
            ranked = RankedPeople(self.task.brain, self.w[some], self.task.metric == "rho_a")
            alike = ranked.alike(self.stack.values[rows], weights[some])
            found[some] = self.task.people.means(alike[:, None])[:, 0]
        return found

    def _ceiling(self, among: np.ndarray, pooled: np.ndarray, held_out: np.ndarray) -> np.ndarray:
        """How alike the pooled people are to those held out."""
        k = np.einsum("nij,nj->ni", among, pooled)
        with np.errstate(divide="ignore", invalid="ignore"):
            alike = k / np.sqrt((pooled * k).sum(1, keepdims=True)) / self.task.people.sizes
        return _mean(alike, held_out > 0, self.gappy)


def _is_single(weights: np.ndarray) -> np.ndarray:
    """Whether one model alone is the prediction, shape (n_samples,)."""
    return ((weights != 0).sum(1) == 1) & (weights.max(1) > 0)


def _filled(among: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """With the mean of the known where two people share too few test stimuli.

    Whoever has too few of them is like nobody, and counts in no ceiling.
    """
    n = among.shape[1]
    unknown = np.isnan(among)
    alone = unknown[:, range(n), range(n)]
    others = ~unknown & ~np.eye(n, dtype=bool)
    scaled = np.where(others, among / np.outer(sizes, sizes), 0.0)
    with np.errstate(invalid="ignore"):
        mean = scaled.sum((1, 2)) / others.sum((1, 2))
    filled = np.where(unknown, mean[:, None, None] * np.outer(sizes, sizes), among)
    return np.where(alone[:, :, None] | alone[:, None], 0.0, filled)


def _mean(values: np.ndarray, counts: np.ndarray, gappy: np.ndarray) -> np.ndarray:
    """Over the people who count; NaN where nobody does, or somebody without gaps is undefined."""
    values = np.where(np.isfinite(values), values, np.nan)
    counts = np.where(gappy & np.isnan(values), 0, counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (np.where(counts > 0, values, 0.0) * counts).sum(1) / counts.sum(1)
