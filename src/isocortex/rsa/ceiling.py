"""How well any model could do, given how much the subjects' RDMs differ."""

from typing import NamedTuple

import numpy as np

from isocortex.choice import choose, listed
from isocortex.data.rdms import RDMs
from isocortex.data.tables import row_names
from isocortex.deprecated import warn_old
from isocortex.errors import InputError, UndefinedError
from isocortex.numerics.inference.common_pairs import (
    FEWEST_PAIRS,
    mean_of_known,
    mean_of_sums,
    on_common_pairs,
    scaled_with_gaps,
)
from isocortex.numerics.measures.comparison import COMPARISONS, JOINT, Comparison, pooling
from isocortex.numerics.measures.left_out import against_two, means_by_group, sums_of_others
from isocortex.rsa.overlap import refuse_little_overlap


class Ceiling(NamedTuple):
    """The bounds between which the score of the true model lies."""

    low: float
    """Each subject predicted from the others."""
    high: float
    """Each subject predicted from all, itself included."""

    @property
    def up(self) -> float:
        """The old name of ``high``, for one more release."""
        warn_old("Ceiling.up", "Ceiling.high")
        return self.high


class CeilingCourse(NamedTuple):
    """The bounds at each time, in the order of time, as ``plots.timecourse(ceiling=)`` takes them.

    See :class:`Ceiling` for what the two are.
    """

    low: np.ndarray
    """Shape (n_times,)."""
    high: np.ndarray
    """Shape (n_times,)."""


def ceilings(rdms: RDMs, comparison: str | Comparison = "spearman") -> Ceiling | CeilingCourse:
    """The noise ceiling of a stack of RDMs; at each of its times, where it has several."""
    labels = rdms.label_rows
    times = labels.distinct("time") if "time" in labels else []
    if len(times) < 2:
        return rdm_ceiling(rdms, comparison)
    found = [rdm_ceiling(rdms.select(time=time), comparison) for time in sorted(times)]
    low, high = np.array(found).T
    return CeilingCourse(low, high)


def rdm_ceiling(rdms: RDMs, comparison: str | Comparison = "spearman") -> Ceiling:
    """Noise ceiling of a stack of RDMs; see :func:`isocortex.noise_ceiling`."""
    function = choose(comparison, COMPARISONS, "comparison")
    check_one_kind(rdms, "noise_ceiling")
    groups = _groups(rdms)
    _refuse_joint(function)
    if rdms.gaps:
        _refuse_empty(rdms)
        _each_defined(rdms, function)
        return _over_common_pairs(rdms, function, groups)
    try:
        low, high = _complete(rdms.values, function, groups)
    except UndefinedError:
        _each_defined(rdms, function)  # which says whose
        raise
    return Ceiling(low, high)


def _complete(values: np.ndarray, function: Comparison, group: np.ndarray) -> tuple[float, float]:
    """The bounds of RDMs that have all pairs; those of a subject are left out together."""
    # At the scale at which their mean compares best with all of them (ranks for Spearman).
    scaled = pooling(function)(values)
    n_others = len(group) - np.bincount(group)
    others = sums_of_others(scaled, group) / n_others[:, None]
    found = against_two(function, values, group, others, scaled.mean(0, keepdims=True))
    low, high = (float(means_by_group(each, group).mean()) for each in found)
    return low, high


def _over_common_pairs(rdms: RDMs, function: Comparison, groups: np.ndarray) -> Ceiling:
    """Each mean over the RDMs that have a pair, each comparison over the pairs of both."""
    scaled = scaled_with_gaps(function, rdms.values)
    everyone = RDMs(mean_of_known(function, scaled), rdms.stimuli, {"subject": "all"}, gaps=True)
    known = np.isfinite(scaled)
    totals = sums_of_others(np.where(known, scaled, 0.0), groups)
    means = mean_of_sums(function, totals, sums_of_others(known, groups))
    low, high = [], []
    for group, mean in enumerate(means):
        out = groups == group
        who = RDMs(rdms.values[out], rdms.stimuli, rdms.labels.loc[out], gaps=True)
        others = RDMs(mean[None], rdms.stimuli, {"subject": "the mean of the others"}, gaps=True)
        for bound, pooled in ((low, others), (high, everyone)):
            refuse_little_overlap(pooled, who, "noise_ceiling")
            bound.append(on_common_pairs(function, pooled.values, who.values).mean())
    return Ceiling(float(np.mean(low)), float(np.mean(high)))


def _refuse_joint(function: Comparison) -> None:
    if function in JOINT:
        raise InputError(
            "noise_ceiling compares RDMs one by one; 'partial' and 'regression' take several "
            "models together and have no ceiling of this kind. Use 'pearson' or 'spearman'."
        )


def _refuse_empty(rdms: RDMs) -> None:
    empty = np.nonzero(np.isnan(rdms.values).all(1))[0].tolist()
    if empty:
        raise UndefinedError(
            f"noise_ceiling: {len(empty)} of {rdms.n_rdms} RDMs are gaps and nothing else "
            f"({row_names(rdms.labels, empty)}). Leave them out.",
            empty,
        )


def _each_defined(rdms: RDMs, function: Comparison) -> None:
    """Every RDM compares with itself."""
    for row, values in enumerate(rdms.values):
        if np.isfinite(values).sum() < FEWEST_PAIRS:
            continue  # It has too little in common with the others, who are named then.
        try:
            on_common_pairs(function, values[None], values[None])
        except UndefinedError as error:
            who = row_names(rdms.labels, [row])
            raise UndefinedError(f"noise_ceiling: {error}: {who}.", [row]) from None


def person_of(rdms: RDMs) -> np.ndarray:
    """The number of the subject of each RDM; each is one by itself where none are told."""
    labels = rdms.label_rows
    if "subject" not in labels:
        return np.arange(rdms.n_rdms)
    return np.unique(labels.texts("subject"), return_inverse=True)[1]


def _groups(rdms: RDMs) -> np.ndarray:
    """The subject of each RDM, of two at least."""
    groups = person_of(rdms)
    if len(np.unique(groups)) < 2:
        raise InputError(
            f"noise_ceiling needs RDMs of at least 2 subjects; this stack has {rdms.n_rdms} RDMs "
            f"of {len(np.unique(groups))}."
        )
    return groups


def check_one_kind(rdms: RDMs, who: str) -> None:
    """RDMs of several subjects must be of one region, time and layer, for the verb ``who``.

    Raises
    ------
    InputError
    """
    labels = rdms.label_rows
    kinds = [key for key in ("region", "time", "layer", "network") if key in labels]
    mixed = [key for key in kinds if len(labels.distinct(key)) > 1]
    if mixed:
        values = labels.distinct(mixed[0])
        raise InputError(
            f"{who}: the RDMs are of {len(values)} different {mixed[0]}s "
            f"({listed(values)}), which share no ceiling. Select one first: "
            f"rdms.select({mixed[0]}={values[0]!r})."
        )
