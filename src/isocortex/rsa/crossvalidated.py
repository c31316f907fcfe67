"""RDMs of single trials: distances between mean patterns, cross-validated or not."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from isocortex.arrays import pairs_of
from isocortex.choice import choose, listed, named
from isocortex.data.noise import Noise
from isocortex.data.rdms import RDMs
from isocortex.data.trials import Trials
from isocortex.errors import InputError, UndefinedError
from isocortex.numerics.measures.dissimilarity import DISSIMILARITIES
from isocortex.numerics.pairs import crossnobis as algebra
from isocortex.numerics.pairs.poisson import poisson_distances, with_prior
from isocortex.progress import Job, Shown
from isocortex.rsa.condition_patterns import Patterns, in_time_blocks, patterns_of
from isocortex.rsa.metric import regular
from isocortex.rsa.trial_folds import check_conditions, labels_over_time, trials_of


def trial_rdms(
    source: Trials | Iterable[Trials],
    dissimilarity: Any = "crossnobis",
    *,
    noise: Any = None,
    progress: Shown = None,
) -> RDMs:
    r"""Distances between the conditions of trials, one RDM for each time.

    Parameters
    ----------
    source : Trials, or a list of them
        One for each subject, say. Their ``runs`` are the partitions of cross-validation;
        without runs every trial is one. Numbers of trials may differ, and a run may lack a
        condition.
    dissimilarity : str, default="crossnobis"
        ``"crossnobis"``, the mean over pairs of runs A and B that both hold the two conditions of
        :math:`(b_i - b_j)_A^\top \Sigma^{-1} (b_i - b_j)_B / P`: around zero where conditions do
        not differ, never clipped, no root taken. Differences are taken within runs, so offsets
        of runs and whatever all trials share cancel exactly; a run with :math:`n_i` and
        :math:`n_j` trials weighs :math:`n_i n_j / (n_i + n_j)`.
        ``"mahalanobis"``, the same of the plain means over all trials, never negative.
        ``"crossvalidated_correlation"``: noise alone is around 1; correlations beyond -1 and 1
        are cut and small variances raised, so many can be exactly 0 where there is little
        signal. ``"poisson"`` and ``"crossvalidated_poisson"`` for spike counts, the latter over
        pairs of runs like crossnobis; or a distance between mean patterns, such as
        ``"correlation"``. In plain means the offset of a run counts as pattern where a run
        lacks a condition; only distances over pairs of runs are free of it.
    noise : Noise, array (n_units, n_units), "ledoit_wolf" or "diagonal", optional
        The noise covariance :math:`\Sigma` (see :func:`noise_covariance`); default the identity.
        A Noise with a table of units meets the trials by the names of the units. With one for
        each run, each pair of runs is weighed by the mean of its two. A name stands for an
        estimate from the same trials. For cross-validated distances each run A then meets the
        others in the :math:`\Sigma` of all runs but A (residuals after the conditions' means
        and the runs' offsets; without runs the trials of a condition are assigned in turn to
        three to ten parts that take the runs' place), as many estimates as runs: an estimate
        from all trials would know the noise of the products, and their mean would not be zero.
        Mahalanobis distances take the estimate from all trials.

    Returns
    -------
    RDMs
        Divided by the number of units P where a sum over units is meant.

    Raises
    ------
    InputError
        If a condition occurs in one partition only, the noise covariance is singular or does not
        fit, or there are too few trials to estimate it from.
    UndefinedError
        If two conditions do not share two runs.

    References
    ----------
    .. [1] Walther et al. (2016), Reliability of dissimilarity measures for multi-voxel pattern
       analysis, NeuroImage 137:188. https://doi.org/10.1016/j.neuroimage.2015.12.012
    """
    function = choose(dissimilarity, TRIAL_DISSIMILARITIES, "dissimilarity")
    if function not in TRIAL_DISSIMILARITIES.values():
        function = _of_means(function)
    if noise is not None and function not in WHITENED:
        raise InputError(
            "rdms: noise= is for 'crossnobis', 'mahalanobis' and 'crossvalidated_correlation'."
        )
    name = named(dissimilarity)
    many = trials_of(source, "rdms")
    check_conditions(many, "rdms")
    for trials in many:
        if len(trials.conditions) < 2:
            raise InputError(f"rdms needs at least 2 conditions, not {listed(trials.conditions)}.")
    stacks = []
    with Job(progress, "rdms", sum(trials.n_times for trials in many)):
        for trials in many:
            patterns = patterns_of(trials, noise, function is not mahalanobis)
            values = in_time_blocks(trials, patterns, function)
            labels = labels_over_time(trials, len(values))
            stacks.append(RDMs(values, trials.conditions, labels, name))
    return stacks[0] if len(stacks) == 1 else RDMs.concat(stacks)


def crossnobis(patterns: Patterns) -> np.ndarray:
    """Cross-validated squared Mahalanobis distance, shape (n_times, n_pairs)."""
    if patterns.noise is not None and patterns.noise.runs:
        return _by_pairs_of_runs(patterns, patterns.noise)
    if patterns.partition is None:
        _refuse_single(patterns)
        # No distance changes by it, and small numbers keep their digits in products.
        values = patterns.values - patterns.values.mean(1, keepdims=True)
        products = algebra.trial_products(_whitened(values, patterns), patterns.condition)
        return algebra.distances(products, values.shape[2])
    cells, counts = _meeting_cells(patterns)
    first, second = _sides(algebra.take_shared(cells, counts), patterns)
    return algebra.distances_across(first, second, counts)


def mahalanobis(patterns: Patterns) -> np.ndarray:
    """Squared Mahalanobis distance of the mean patterns, biased upwards by noise."""
    means = _whitened(_centred_means(patterns), patterns)
    return algebra.plain_distances(means, means.shape[2])


def crossvalidated_correlation(patterns: Patterns) -> np.ndarray:
    """One minus the cross-validated correlation, shape (n_times, n_pairs)."""
    if patterns.partition is None:
        _refuse_single(patterns)
        centred = _over_units(_whitened(patterns.values, patterns))
        products = algebra.trial_products(centred, patterns.condition)
        return algebra.correlation_distances(products, _lengths(centred, patterns))
    if patterns.left_out is None:
        # One metric for all runs: whitened before the mean over units is taken.
        centred = _over_units(_whitened(patterns.values, patterns))
        patterns = replace(patterns, values=centred, noise=None)
    cells, counts = _meeting_cells(patterns, pairs=False)
    # Sums in place of means, so that every pair of trials counts once.
    first, second = _sides(cells * counts[:, None, :, None], patterns, over_units=True)
    products = algebra.inner_products(first, second, counts)
    return algebra.correlation_distances(products, _lengths(patterns.values, patterns))


def poisson(patterns: Patterns) -> np.ndarray:
    """Symmetrized divergence between the Poisson rates of the conditions."""
    rates = _rates(patterns)
    return poisson_distances(rates, rates)


def crossvalidated_poisson(patterns: Patterns) -> np.ndarray:
    """The divergence between rates of one run and log rates of another, over pairs of runs."""
    _rates(patterns)
    if patterns.partition is None:
        raise InputError("rdms: 'crossvalidated_poisson' needs trials with runs.")
    cells, counts = _meeting_cells(patterns)
    rates = with_prior(cells)
    logs = algebra.take_shared(np.log(rates), counts)
    return algebra.distances_across(algebra.take_shared(rates, counts), logs, counts)


def squared_euclidean(patterns: Patterns) -> np.ndarray:
    """Squared Euclidean distance of the mean patterns (not divided by their length)."""
    return algebra.plain_distances(_centred_means(patterns), 1)


TrialDissimilarity = Callable[[Patterns], np.ndarray]


def _rates(patterns: Patterns) -> np.ndarray:
    """Mean counts of each condition, drawn towards 1, after a check that they are counts."""
    negative = np.nonzero((patterns.values < 0).any((0, 1)))[0]
    if len(negative):
        raise InputError(
            f"rdms: Poisson distances need counts or rates, but {len(negative)} units have "
            f"negative values: {listed(negative)}."
        )
    return with_prior(patterns.means())


def _of_means(function: Callable[[Any], Any]) -> TrialDissimilarity:
    def of_means(patterns: Patterns) -> np.ndarray:
        rows, columns = pairs_of(len(patterns.names))
        return np.stack([np.asarray(function(x))[rows, columns] for x in patterns.means()])

    return of_means


TRIAL_DISSIMILARITIES: Mapping[str, TrialDissimilarity] = {
    "crossnobis": crossnobis,
    "mahalanobis": mahalanobis,
    "crossvalidated_correlation": crossvalidated_correlation,
    "poisson": poisson,
    "crossvalidated_poisson": crossvalidated_poisson,
    **{name: _of_means(function) for name, function in DISSIMILARITIES.items()},
    "squared_euclidean": squared_euclidean,
}

WHITENED = (crossnobis, mahalanobis, crossvalidated_correlation)
"""Those that know a noise covariance."""


def _refuse_single(patterns: Patterns) -> None:
    once = np.bincount(patterns.condition) < 2
    if once.any():
        raise InputError(
            f"rdms: {listed(np.array(patterns.names)[once])} have a single trial, which leaves "
            "nothing to cross-validate with. Use 'mahalanobis', or drop them."
        )


def _meeting_cells(patterns: Patterns, pairs: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Cells and counts, after a check that cross-validation is defined.

    Raises
    ------
    InputError
        If a condition occurs in one run only.
    UndefinedError
        If two conditions have fewer than two runs in common, where pairs matter.
    """
    cells, counts = patterns.cells()
    names = np.array(patterns.names)
    alone = (counts > 0).sum(0) < 2
    if alone.any():
        raise InputError(
            f"rdms: cross-validation needs every condition in at least 2 runs; "
            f"{listed(names[alone])} occur in one only. Drop them, or use 'mahalanobis'."
        )
    if pairs and not counts.all():
        _refuse_apart(counts, patterns)
    return cells, counts


def _refuse_apart(counts: np.ndarray, patterns: Patterns) -> None:
    apart = np.nonzero(algebra.shared_weight(algebra.pair_weights(counts)) == 0)[0]
    if not len(apart):
        return
    rows, columns = pairs_of(len(patterns.names))
    names = [f"{patterns.names[rows[i]]} and {patterns.names[columns[i]]}" for i in apart]
    raise UndefinedError(
        f"rdms: {len(apart)} of {len(rows)} pairs of conditions have fewer than 2 runs in common, "
        f"so that their difference cannot be told from that of the runs: {listed(names)}. Drop one "
        "of each pair, or name coarser runs that hold both.",
        apart.tolist(),
    )


def _centred_means(patterns: Patterns) -> np.ndarray:
    """Mean patterns less what all share: no distance changes, and no digits go to it."""
    means = patterns.means()
    return means - means.mean(1, keepdims=True)


def _over_units(values: np.ndarray) -> np.ndarray:
    return values - values.mean(-1, keepdims=True)


def _lengths(values: np.ndarray, patterns: Patterns) -> np.ndarray:
    """Squared lengths of the mean patterns in the metric of the noise, none of them zero."""
    means = replace(patterns, values=values).means()
    if patterns.left_out is None:
        lengths = (means**2).sum(2)
    else:
        lengths = (np.matmul(means, _over_units(patterns.left_out)) ** 2).sum(3).mean(0)
    if (lengths == 0).any():
        raise InputError(
            "rdms: the correlation is undefined, since a mean pattern is constant over units."
        )
    return lengths


def _sides(
    cells: np.ndarray, patterns: Patterns, over_units: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Both sides of the inner product in the metric of the noise."""
    roots = patterns.left_out
    if roots is None:
        whitened = _whitened(cells, patterns)
        return whitened, whitened
    roots = _over_units(roots) if over_units else roots
    # W W' is the inverse covariance: all of it on one side of the product.
    return cells, np.matmul(np.matmul(cells, roots), np.swapaxes(roots, -1, -2))


def _whitened(values: np.ndarray, patterns: Patterns) -> np.ndarray:
    """Values times the inverse root of the noise covariance, if there is one."""
    noise = patterns.noise
    if noise is None:
        return values
    if noise.runs:
        raise InputError("rdms: a noise covariance for each run is for 'crossnobis' only.")
    # Sigma = L L': after L^-1, squared lengths are Mahalanobis.
    roots = np.linalg.inv(np.linalg.cholesky(regular(noise.covariance[:, 0])))
    return np.matmul(values, np.swapaxes(roots, 1, 2))


def _by_pairs_of_runs(patterns: Patterns, noise: Noise) -> np.ndarray:
    if patterns.partition is None or set(noise.runs) != set(patterns.runs):
        raise InputError(
            f"rdms: the noise covariance is of the runs {listed(noise.runs)}, the trials have "
            f"{listed(patterns.runs) or 'none'}."
        )
    cells, counts = _meeting_cells(patterns)
    cells = algebra.take_shared(cells, counts)
    # The covariances in the order of the partitions.
    order = [noise.runs.index(run) for run in patterns.runs]
    covariance = np.swapaxes(noise.covariance, 0, 1)[order]

    def product(a: int, b: int) -> np.ndarray:
        precision = np.linalg.inv(regular((covariance[a] + covariance[b]) / 2))
        return np.matmul(np.matmul(cells[a], precision), np.swapaxes(cells[b], 1, 2))

    return algebra.pairwise_distances(product, counts, cells.shape[3])
