"""RDMs of single trials: distances between mean patterns, cross-validated or not."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from isocortex.choice import choose, listed, named
from isocortex.data.noise import Noise
from isocortex.data.rdms import RDMs
from isocortex.data.trials import Trials
from isocortex.errors import InputError
from isocortex.numerics import crossnobis as algebra
from isocortex.numerics.dissimilarity import DISSIMILARITIES
from isocortex.numerics.poisson import poisson_distances, with_prior
from isocortex.rsa.patterns import Patterns, in_time_blocks, patterns_of
from isocortex.rsa.trialwise import labels_over_time, refuse_flat, trials_of


def trial_rdms(
    source: Trials | Iterable[Trials], dissimilarity: Any = "crossnobis", *, noise: Any = None
) -> RDMs:
    r"""Distances between the conditions of trials, one RDM for each time.

    Parameters
    ----------
    source : Trials, or a list of them
        One for each subject, say. Their ``runs`` are the partitions of cross-validation;
        without runs every trial is one. Numbers of trials may differ, and a run may lack a
        condition: every pair of trials from different partitions counts once.
    dissimilarity : str, default="crossnobis"
        ``"crossnobis"``, :math:`(b_i - b_j)_A^\top \Sigma^{-1} (b_i - b_j)_B / P` across
        partitions: around zero where conditions do not differ, never clipped, no root taken.
        ``"mahalanobis"``, the same of the plain means, never negative.
        ``"crossvalidated_correlation"``; ``"poisson"`` and ``"crossvalidated_poisson"`` for
        spike counts; or a distance between mean patterns, such as ``"correlation"``.
    noise : Noise, array (n_units, n_units), "ledoit-wolf" or "diagonal", optional
        The noise covariance :math:`\Sigma` (see :func:`noise_covariance`); default the identity.
        With one for each run, each pair of runs is weighed by the mean of its two.

    Returns
    -------
    RDMs
        Divided by the number of units P where a sum over units is meant.

    Raises
    ------
    InputError
        If a condition occurs in one partition only, a unit is flat, the noise covariance is
        singular or does not fit.

    References
    ----------
    .. [1] Walther et al. (2016), Reliability of dissimilarity measures for multi-voxel pattern
       analysis, NeuroImage 137:188. https://doi.org/10.1016/j.neuroimage.2015.12.012
    """
    function = choose(dissimilarity, TRIAL_DISSIMILARITIES, "dissimilarity")
    if function not in TRIAL_DISSIMILARITIES.values():
        function = _of_means(function)
    name = named(dissimilarity)
    many = trials_of(source, "rdms")
    for trials in many:
        refuse_flat(trials, "rdms")
        if len(trials.conditions) < 2:
            raise InputError(f"rdms needs at least 2 conditions, not {listed(trials.conditions)}.")
    stacks = []
    for trials in many:
        values = in_time_blocks(trials, patterns_of(trials, noise), function)
        stacks.append(RDMs(values, trials.conditions, labels_over_time(trials, len(values)), name))
    return stacks[0] if len(stacks) == 1 else RDMs.concat(stacks)


def crossnobis(patterns: Patterns) -> np.ndarray:
    """Cross-validated squared Mahalanobis distance, shape (n_times, n_pairs)."""
    n_units = patterns.values.shape[2]
    noise = patterns.noise
    if noise is not None and noise.runs:
        return algebra.distances(_by_pairs_of_runs(patterns, noise), n_units)
    return algebra.distances(_products(_whitened(patterns), patterns), n_units)


def mahalanobis(patterns: Patterns) -> np.ndarray:
    """Squared Mahalanobis distance of the mean patterns, biased upwards by noise."""
    means = patterns.means() if patterns.noise is None else _whiten(patterns.means(), patterns)
    return algebra.distances(np.matmul(means, np.swapaxes(means, 1, 2)), means.shape[2])


def crossvalidated_correlation(patterns: Patterns) -> np.ndarray:
    """One minus the cross-validated correlation, shape (n_times, n_pairs)."""
    values = _whitened(patterns)
    values = values - values.mean(2, keepdims=True)
    centred = Patterns(values, patterns.condition, patterns.partition, patterns.names, (), None)
    lengths = (centred.means() ** 2).sum(2)
    if (lengths == 0).any():
        raise InputError(
            "rdms: the correlation is undefined, since a mean pattern is constant over units."
        )
    return algebra.correlation_distances(_products(values, patterns), lengths)


def poisson(patterns: Patterns) -> np.ndarray:
    """Symmetrised divergence between the Poisson rates of the conditions."""
    rates = _rates(patterns)
    return poisson_distances(rates, rates)


def crossvalidated_poisson(patterns: Patterns) -> np.ndarray:
    """The mean over partitions of the divergence between that one and all others."""
    _rates(patterns)
    if patterns.partition is None:
        raise InputError("rdms: 'crossvalidated_poisson' needs trials with runs.")
    sums, counts = algebra.sums_by_partition(
        patterns.values, patterns.condition, patterns.partition
    )
    _every_run_complete(counts, patterns)
    total, n_total = sums.sum(0), counts.sum(0)
    folds = [
        poisson_distances(
            with_prior((total - held) / (n_total - n)[:, None]), with_prior(held / n[:, None])
        )
        for held, n in zip(sums, counts, strict=True)
    ]
    return np.mean(folds, 0)


def squared_euclidean(patterns: Patterns) -> np.ndarray:
    """Squared Euclidean distance of the mean patterns (not divided by their length)."""
    means = patterns.means()
    return algebra.distances(np.matmul(means, np.swapaxes(means, 1, 2)), 1)


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
        if patterns.noise is not None:
            raise InputError(
                "rdms: noise= is for 'crossnobis', 'mahalanobis' and 'crossvalidated_correlation'."
            )
        rows, columns = np.triu_indices(len(patterns.names), 1)
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


def _products(values: np.ndarray, patterns: Patterns) -> np.ndarray:
    """Inner products across partitions, after a check that all are defined."""
    if patterns.partition is None:
        once = np.bincount(patterns.condition) < 2
        if once.any():
            raise InputError(
                f"rdms: {listed(np.array(patterns.names)[once])} have a single trial, which leaves "
                "nothing to cross-validate with. Use 'mahalanobis', or drop them."
            )
        return algebra.trial_products(values, patterns.condition)
    sums, counts = algebra.sums_by_partition(values, patterns.condition, patterns.partition)
    _meeting(counts, patterns)
    return algebra.inner_products(sums, counts)


def _meeting(counts: np.ndarray, patterns: Patterns) -> None:
    alone = np.diag(algebra.meetings(counts)) == 0
    if alone.any():
        raise InputError(
            f"rdms: cross-validation needs every condition in at least 2 runs; "
            f"{listed(np.array(patterns.names)[alone])} occur in one only. Drop them, or use "
            "'mahalanobis'."
        )


def _every_run_complete(counts: np.ndarray, patterns: Patterns) -> None:
    lacking = np.argwhere(counts == 0)
    if len(counts) < 2 or len(lacking):
        where = [f"{patterns.names[c]} in run {patterns.runs[f]}" for f, c in lacking]
        raise InputError(
            "rdms: this needs at least 2 runs with every condition in each; missing: "
            f"{listed(where) or 'a second run'}. 'crossnobis' with one noise covariance for all "
            "runs takes unbalanced runs."
        )


def _whitened(patterns: Patterns) -> np.ndarray:
    if patterns.noise is None:
        return patterns.values
    return _whiten(patterns.values, patterns)


def _whiten(values: np.ndarray, patterns: Patterns) -> np.ndarray:
    """Values times the inverse root of the noise covariance."""
    noise = patterns.noise
    assert noise is not None
    if noise.runs:
        raise InputError("rdms: a noise covariance for each run is for 'crossnobis' only.")
    roots = np.linalg.inv(np.linalg.cholesky(_regular(noise.covariance[:, 0])))
    return np.matmul(values, np.swapaxes(roots, 1, 2))


def _regular(covariance: np.ndarray) -> np.ndarray:
    sd = np.sqrt(np.einsum("...pp->...p", covariance))
    least = np.linalg.eigvalsh(covariance / (sd[..., :, None] * sd[..., None, :]))[..., 0]
    if (least < 1e-10).any():
        raise InputError(
            "rdms: the noise covariance is singular (fewer degrees of freedom than units), so it "
            "cannot be inverted. Shrink it: noise='ledoit-wolf'."
        )
    return covariance


def _by_pairs_of_runs(patterns: Patterns, noise: Noise) -> np.ndarray:
    if patterns.partition is None or set(noise.runs) != set(patterns.runs):
        raise InputError(
            f"rdms: the noise covariance is of the runs {listed(noise.runs)}, the trials have "
            f"{listed(patterns.runs) or 'none'}."
        )
    sums, counts = algebra.sums_by_partition(
        patterns.values, patterns.condition, patterns.partition
    )
    _every_run_complete(counts, patterns)
    order = [noise.runs.index(run) for run in patterns.runs]
    covariance = np.swapaxes(noise.covariance, 0, 1)[order]
    m, n = np.triu_indices(len(order), 1)
    precisions = np.linalg.inv(_regular((covariance[m] + covariance[n]) / 2))
    return algebra.weighted_products(sums / counts[:, None, :, None], precisions)
