"""The verb ``decoding_rdms``: how well each pair of conditions can be decoded, in time."""

from collections.abc import Iterable

import numpy as np

from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.data.trials import Trials
from isocortex.progress import Job, Shown
from isocortex.rsa.classifiers import Accuracy, accuracy_of
from isocortex.rsa.trial_folds import (
    AssignedTrials,
    assign_folds,
    by_run_or,
    check_conditions,
    labels_over_time,
    over_time,
    refuse_all_flat,
    trials_of,
)
from isocortex.types import Classifier


@door
def decoding_rdms(  # noqa: PLR0913
    trials: Trials | Iterable[Trials],
    classifier: str | Classifier = "lda",
    *,
    folds: str | int | None = None,
    shrinkage: float | str | None = None,
    balance: str = "draw",
    seed: int = 0,
    progress: Shown = None,
) -> RDMs:
    """Cross-validated accuracy of every pair of conditions, one RDM for each time.

    At its defaults, for trials without runs, this is what scikit-learn's
    ``LinearDiscriminantAnalysis()`` gives, decision for decision, when for each pair of
    conditions, each time and each k the k-th trial of both is left out and then classified;
    also where the covariance is singular, because there are more units than trials. There
    shrinkage is the better choice. All is computed in float64.

    Parameters
    ----------
    trials : Trials, or a list of them
        One for each subject, say. Their ``labels`` become labels of the RDMs.
    classifier : str or scikit-learn classifier, default="lda"
        ``"lda"``, with equal priors; ``"svm"``, a linear support vector machine (C = 1) on units
        standardized by the training trials, so that neither a constant nor the unit of
        measurement changes a decision; or any classifier, of which a copy is fitted for each
        pair, time and fold. A unit that does not vary is as if it were not there.
    folds : str or int, optional
        ``"leave_one_run_out"`` where the trials have two runs or more, so that what trials of a
        run share helps no pair; else ``"leave_one_pair_out"``. Or a number of folds into which
        the trials of a condition are assigned in turn. With unequal trials, ``"leave_one_pair_
        out"`` makes as many folds as the rarest condition has trials.
    shrinkage : None, "auto" or float, default=None
        Of the covariance, as in scikit-learn's ``lsqr`` solver: ``"auto"`` is Ledoit-Wolf.
    balance : {"draw", "weights"}, default="draw"
        With unequal trials: as many of each condition, drawn at random; or all of them, where
        both sides of a pair have equal weight in the discriminant (not in other classifiers,
        which see them as they are) and in the accuracy.
    seed : int, default=0
        Of that draw.
    progress : bool or function, optional
        True draws a bar; a function is told how many pairs at a time are
        decoded.

    Returns
    -------
    RDMs
        Accuracies from 0 to 1, chance 0.5, conditions in natural order. One row for each
        subject and time, with the label ``time`` in seconds; the label ``folds`` states the
        folds, and what was done about unequal trials.

    Raises
    ------
    InputError
        If a condition has too few trials, all units are flat, or an option is not known.

    See Also
    --------
    generalization : Trained at one time, tested at another.
    rdms : Distances instead of accuracies.
    plots.rdm_movie : Draws them over time.

    References
    ----------
    .. [1] Cichy, Pantazis & Oliva (2014), Resolving human object recognition in space and time,
       Nat. Neurosci. 17:455. https://doi.org/10.1038/nn.3635
    .. [2] Guggenmos, Sterzer & Cichy (2018), Multivariate pattern analysis for MEG: a comparison
       of dissimilarity measures, NeuroImage 173:434.
       https://doi.org/10.1016/j.neuroimage.2018.02.044

    Examples
    --------
    >>> import numpy as np, isocortex as ic
    >>> values = np.random.default_rng(0).normal(size=(12, 5, 3))
    >>> trials = ic.Trials(values, stimuli=["cat", "dog", "car"] * 4, times=[0.0, 0.1, 0.2])
    >>> ic.decoding_rdms(trials).square().shape
    (3, 3, 3)
    """
    accuracy, name, least = accuracy_of(classifier, shrinkage)
    many = trials_of(trials, "decoding_rdms")
    check_conditions(many, "decoding_rdms")
    parts = []
    for each in many:
        refuse_all_flat(each, "decoding_rdms")
        chosen = by_run_or("leave_one_pair_out", each, folds)
        parts.append(assign_folds(each, chosen, balance, seed, least))
    with Job(progress, "decoding_rdms", sum(map(_n_decoded, parts))):
        note = max((one.note for one in parts), key=len)  # holds of equal trials as well
        stacks = [_stack(one, accuracy, f"{name} accuracy", note) for one in parts]
    return stacks[0] if len(stacks) == 1 else RDMs.concat(stacks)


def _n_decoded(one: AssignedTrials) -> int:
    n = len(one.names)
    return n * (n - 1) // 2 * one.trials.n_times


def _stack(one: AssignedTrials, accuracy: Accuracy, kind: str, note: str) -> RDMs:
    values = over_time(one.trials)
    parts = [
        accuracy(np.ascontiguousarray(values[block], dtype=np.float64), one.condition, one.fold)
        for block in _blocks(values.shape, len(one.names))
    ]
    table = np.concatenate(parts)
    labels = {**labels_over_time(one.trials, len(table)), "folds": note}
    return RDMs(table, one.names, labels, kind)


def _blocks(shape: tuple[int, ...], n_conditions: int, budget: int = 2**27) -> list[slice]:
    """Slices of times, so that neither values nor scatter matrices fill the memory."""
    n_times, n_trials, n_units = shape
    size = max(1, budget // (8 * n_units * (2 * n_trials + n_conditions * n_units)))
    return [slice(start, start + size) for start in range(0, n_times, size)]
