"""The verb ``generalization``: learnt at one time, tested at all others."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from isocortex.arrays import pairs_of
from isocortex.choice import one_of
from isocortex.data.needs import door
from isocortex.data.scores import Scores
from isocortex.data.tables import same_numbers, same_time
from isocortex.data.trials import Trials
from isocortex.errors import InputError
from isocortex.numerics.arrays.centre import without_mean
from isocortex.numerics.arrays.parallel import in_blocks
from isocortex.numerics.pairs.discriminant import Folds, fit_pairs
from isocortex.progress import Job, Shown
from isocortex.rsa.classifiers import (
    CLASSIFIERS,
    accuracies_one_by_one,
    check_classifier,
    checked_shrinkage,
)
from isocortex.rsa.svm import LinearSVM
from isocortex.rsa.trial_folds import (
    AssignedTrials,
    assign_folds,
    by_run_or,
    over_time,
    refuse_all_flat,
    trials_of,
)
from isocortex.types import Classifier


@door
def generalization(  # noqa: PLR0913
    trials: Trials | Iterable[Trials],
    classifier: str | Classifier = "lda",
    *,
    folds: str | int | None = None,
    shrinkage: float | str | None = None,
    balance: str = "draw",
    seed: int = 0,
    progress: Shown = None,
) -> Scores:
    """Accuracy of every pair of conditions, trained at one time and tested at another.

    Parameters
    ----------
    trials : Trials, or a list of them
        With a time axis; several need the same times.
    classifier : str or scikit-learn classifier, default="lda"
        As in :func:`decoding_rdms`, ``"svm"`` and others one by one.
    folds : str or int, optional
        ``"leave_one_run_out"`` where the trials have two runs or more, else 5. Training and
        test trials are different ones, also where the times differ.
    shrinkage : None, "auto" or float, default=None
        Of the covariance, as in :func:`decoding_rdms`.
    balance : {"draw", "weights"}, default="draw"
        What is done about unequal numbers of trials, as in :func:`decoding_rdms`.
    seed : int, default=0
        Of the trials that ``"draw"`` draws.
    progress : bool or function, optional
        True draws a bar; a function is told how much is decoded.

    Returns
    -------
    Scores, axes (pair, train, test)
        Accuracies from 0 to 1, with the labels ``stimulus`` and ``other``, ``train_time`` and
        ``test_time`` in seconds. ``scores.mean("pair")`` is the usual picture.

    Raises
    ------
    InputError
        If there is no time axis, times differ, or trials are too few.

    See Also
    --------
    decoding_rdms : Trained and tested at the same time.
    plots.generalization : Draws it.
    clusters : Where it differs from chance, over subjects.

    References
    ----------
    .. [1] King & Dehaene (2014), Characterizing the dynamics of mental representations: the
       temporal generalization method, Trends Cogn. Sci. 18:203.
       https://doi.org/10.1016/j.tics.2014.01.002

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> epochs = np.random.default_rng(0).normal(size=(20, 4, 3))  # trial, channel, time
    >>> epochs[::2, :, 1:] += 5.0  # a pattern that stays from 0.1 s on
    >>> trials = ic.Trials(epochs, ["face", "house"] * 10, times=[0.0, 0.1, 0.2])
    >>> scores = ic.generalization(trials).mean("pair")
    >>> scores.values[1:, 1:]
    array([[1., 1.],
           [1., 1.]])
    """
    shrinkage = checked_shrinkage(shrinkage)
    if isinstance(classifier, str):
        classifier = one_of(classifier, CLASSIFIERS, "classifier")
    else:
        check_classifier(classifier)
    if classifier != "lda" and shrinkage is not None:
        raise InputError(f"shrinkage={shrinkage!r} is for classifier='lda'.")
    many = trials_of(trials, "generalization")
    times = _common_times(many)
    tables, parts, notes = [], [], {}
    for each in many:
        refuse_all_flat(each, "generalization")
        # A discriminant needs a second trial of a condition, to know its noise.
        one = assign_folds(
            each, by_run_or(5, each, folds), balance, seed, 2 if classifier == "lda" else 1
        )
        parts.append(one)
        rows, columns = pairs_of(len(one.names))
        names = np.array(one.names, dtype=object)
        pairs = pd.DataFrame({"stimulus": names[rows], "other": names[columns]})
        tables.append(pairs.assign(**{k: v for k, v in each.labels.items() if k != "time"}))
        notes = {"folds": one.note, "seed": seed}
    lda = isinstance(classifier, str) and classifier == "lda"
    with Job(progress, "generalization", sum(map(len, tables)) * len(times)):
        values = [_by_lda(one, shrinkage) if lda else _one_by_one(one, classifier) for one in parts]
    axes = {
        "pair": pd.concat(tables, ignore_index=True),
        "train": pd.DataFrame({"train_time": times}),
        "test": pd.DataFrame({"test_time": times}),
    }
    return Scores(np.concatenate(values), axes, "accuracy", notes=notes)


def _common_times(many: list[Trials]) -> np.ndarray:
    times = many[0].times
    if times is None:
        raise InputError("generalization needs trials with a time axis.")
    for each in many[1:]:
        same = each.times is not None and len(each.times) == len(times)
        if not same or not same_numbers(each.times, times, same_time(times)).all():
            raise InputError("generalization: all trials must have the same times.")
    return times


def _by_lda(one: AssignedTrials, shrinkage: Any) -> np.ndarray:
    x = np.ascontiguousarray(over_time(one.trials), dtype=np.float64)
    # One pattern for all times: what is learnt at one is tested at the others.
    x = without_mean(x.reshape(-1, x.shape[2])).reshape(x.shape)
    folds = Folds.from_codes(one.condition, one.fold)
    n = len(one.names)
    chosen = np.arange(n * (n - 1) // 2)
    out = np.empty((len(chosen), len(x), len(x)))

    def work(block: slice) -> None:
        for t in range(block.start, block.stop):
            for some, fitted in fit_pairs(x[t], folds, chosen, shrinkage):
                zero = np.einsum("nfp,nfp->nf", fitted.weights, fitted.middle)
                for i, row in enumerate(some):
                    out[row, t] = _accuracy_at_all(x, folds, fitted, i, zero[i])

    in_blocks(work, len(x), 1, steps=len(chosen))
    return out


def _accuracy_at_all(x: np.ndarray, folds: Folds, fitted: Any, i: int, zero: np.ndarray):
    """Of the i-th pair at every test time, shape (n_times,)."""
    shares = []
    for side in (0, 1):
        positions = folds.test[fitted.pairs[i, side]]
        right = n_tested = 0
        for f, mine in enumerate(positions):
            mine = mine[mine >= 0]
            # (n_times, n_tested)
            values = x[:, mine] @ fitted.weights[i, f]
            right = right + ((values > zero[f]) == bool(side)).sum(1)
            n_tested += len(mine)
        shares.append(right / n_tested)
    return (shares[0] + shares[1]) / 2


def _one_by_one(one: AssignedTrials, classifier: Any) -> np.ndarray:
    model = LinearSVM() if isinstance(classifier, str) else classifier
    x = np.ascontiguousarray(over_time(one.trials), dtype=np.float64)
    found = accuracies_one_by_one(model, x, one.condition, one.fold, across_times=True)
    return np.moveaxis(found, 2, 0)
