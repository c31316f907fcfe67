"""What test stimuli owe to the training stimuli: told, with the number found."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from isocortex.choice import listed
from isocortex.data.gram import Gram
from isocortex.errors import LeakWarning, warn
from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.view import View
from isocortex.numerics.arrays.copies import is_discrete, near_copies, slowness
from isocortex.numerics.arrays.gram import centre
from isocortex.numerics.arrays.parallel import threads_for

_COLUMNS = 512
"""As many columns, spread evenly, tell copies from others."""
_ROWS = 4000
"""Rows up to which all pairs are looked at."""
_SLOW = 0.5
_RISING = 0.75


def leaks_of_targets(folds: Sequence[Fold], names: Sequence[str], y: np.ndarray) -> list[str]:
    """Near-copies on both sides of a fold, by what is predicted.

    Parameters
    ----------
    folds : sequence of (train, test)
    names : the name of each row
    y : array, shape (n_rows, n_targets)
    """
    if len(names) > _ROWS:
        return []
    some = _some(y)
    return _copies(_centred(some), folds, names, "targets", lambda: some)


def leaks_of_features(
    view: View,
    folds: Sequence[Fold],
    names: Sequence[str],
    y: np.ndarray,
    classes: bool = False,
) -> list[str]:
    """The same by the features of a layer; and both sides, where they are slow series.

    Parameters
    ----------
    view : View
    folds : sequence of (train, test)
    names : the name of each row
    y : array, shape (n_rows, n_targets)
        Of classes a column of zeros and ones for each.
    classes : bool, default=False
        Whether targets are classes, which rows share by design.
    """
    if len(names) > _ROWS:
        return []
    # Where the model is fitted through the Gram matrix, that is there in any case.
    known = view.solver == "dual" and view.ddof is None
    found = []
    for source in view.sources:
        values = None if known else _values(source)
        if values is None:
            gram = centre(source.gram[np.ix_(source.rows, source.rows)])
        else:
            gram = _centred(values)
        # Moments of silence, and the first rows of runs, are alike in every series.
        if view.series is None:
            found += _copies(gram, folds, names, "features", partial(_values, source))
        found += _series(gram, folds, y, classes)
    return found


def warn_leaks(found: Sequence[str]) -> None:
    """One warning of all that was found."""
    if found:
        warn(" ".join(dict.fromkeys(found)), LeakWarning)


def _copies(
    gram: np.ndarray,
    folds: Sequence[Fold],
    names: Sequence[str],
    side: str,
    read: Callable[[], np.ndarray | None],
) -> list[str]:
    """Pairs on both sides of a fold; values are read only where there are any pairs."""
    pairs = near_copies(gram)
    values = read() if len(pairs) else None
    if not len(pairs) or (values is not None and is_discrete(values)):
        return []
    both = np.concatenate([pairs, pairs[:, ::-1]])
    tested: dict[int, int] = {}
    for train, test in folds:
        across = np.isin(both[:, 0], test) & np.isin(both[:, 1], train)
        tested.update(map(tuple, both[across]))
    if not tested:
        return []
    row, copy = next(iter(tested.items()))
    return [
        f"{len(tested)} test stimuli have a near-copy among their training stimuli by their "
        f"{side}, such as {names[row]!r} of {names[copy]!r}, so that scores tell "
        "how well these are remembered. Keep copies together: folds=Folds(GroupKFold(5), "
        "groups)."
    ]


def _series(gram: np.ndarray, folds: Sequence[Fold], y: np.ndarray, classes: bool) -> list[str]:
    interleaved = _interleaved(folds, len(gram))
    if len(gram) < 20 or interleaved <= 0.5:
        return []
    of_y = _some(y)
    if classes:
        # What labels explain is no slowness of the features.
        rest = np.eye(len(gram)) - of_y @ np.linalg.pinv(of_y)
        gram = rest @ gram @ rest
    spread = of_y.std(0)
    sides = slowness(gram), slowness(_centred(of_y / np.where(spread > 0, spread, 1)))
    rising = [ratio < _RISING for _, ratio in sides]
    if min(lag for lag, _ in sides) <= _SLOW or not rising[0] or not (rising[1] or classes):
        return []
    return [
        "rows follow one another slowly (autocorrelation at lag 1: "
        f"{sides[0][0]:.2f} of what predicts, {sides[1][0]:.2f} of what is predicted), and "
        f"{interleaved:.0%} of the test rows have a neighbour in "
        "training, so that scores are too high. Take folds of neighbouring rows, or of "
        "whole runs, not shuffled ones."
    ]


def repeated(
    folds: Sequence[Fold], stimuli: Sequence[str] | None, labels: np.ndarray, classes: bool
) -> list[str]:
    """Trials whose stimulus is on both sides, where it is the stimulus that has the label.

    Parameters
    ----------
    stimuli : sequence, length n_rows, or None
        The stimulus of each trial.
    labels : array, shape (n_rows,)
    """
    if stimuli is None:
        return []
    names, codes = np.unique(np.asarray(stimuli, dtype=object), return_inverse=True)
    pairs = np.unique(np.column_stack([codes, np.unique(labels, return_inverse=True)[1]]), axis=0)
    own = classes and len(np.unique(labels)) == len(names)
    if len(pairs) > len(names) or own or len(names) == len(codes):
        return []
    count = sum(int(np.isin(codes[test], codes[train]).sum()) for train, test in folds)
    if not count:
        return []
    total = sum(len(test) for _, test in folds)
    return [
        f"{count} of {total} test trials are of a stimulus with trials in training, which has one "
        f"label ({listed(names, 3)}): scores tell how well these stimuli are known again, not "
        "others of their kind. Give labels by stimulus, which keeps its trials together, or "
        "folds=Folds(GroupKFold(5), trials.stimuli)."
    ]


def _interleaved(folds: Sequence[Fold], n_rows: int) -> float:
    """The share of test rows with a neighbour in training."""
    beside = total = 0
    for train, test in folds:
        inside = np.zeros(n_rows + 2, dtype=bool)
        inside[train + 1] = True
        beside += int((inside[test] | inside[test + 2]).sum())
        total += len(test)
    return beside / total


def _some(values: np.ndarray) -> np.ndarray:
    return values[:, :: max(1, -(-values.shape[1] // _COLUMNS))]


def _values(source: Any) -> np.ndarray | None:
    """Some columns of the features, or None where only their Gram is there or worth reading."""
    if isinstance(source.noun, Gram):
        return None
    if isinstance(source.noun.values, np.ndarray):
        return _some(source.noun.values)[source.rows].astype(np.float64, copy=False)
    return None if source.n_features >= len(source.rows) else _some(source.values())


def _centred(values: np.ndarray) -> np.ndarray:
    x = values - values.mean(0)
    with threads_for(*values.shape):
        return x @ x.T
