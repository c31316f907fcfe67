"""Which stimuli train a model and which test it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import listed
from isocortex.data.names import Names, looked_up
from isocortex.errors import InputError

Fold = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Folds:
    """A scikit-learn splitter with the group (run, session, category) of each stimulus.

    Parameters
    ----------
    splitter : int or scikit-learn splitter
        Such as ``LeaveOneGroupOut()`` or ``GroupKFold(5)``. An int: as many folds of
        neighbouring stimuli.
    groups : mapping from stimulus name to group, or sequence
        A sequence is in the order of the first argument of the verb. Permutations of a
        null hypothesis stay within these groups.

    Examples
    --------
    >>> from sklearn.model_selection import LeaveOneGroupOut
    >>> import isocortex as ic
    >>> by_run = ic.Folds(LeaveOneGroupOut(), groups={"a": 1, "b": 1, "c": 2, "d": 2})
    """

    splitter: Any
    groups: Mapping[str, Any] | Sequence[Any] | None = None

    def group_of(self, names: Names) -> np.ndarray | None:
        """The group of each stimulus, as integers, or None.

        Raises
        ------
        InputError
            If a stimulus has none, or their number is not that of the stimuli.
        """
        if self.groups is None:
            return None
        if isinstance(self.groups, Mapping):
            groups = looked_up(self.groups, names, "Folds.groups")
        else:
            groups = list(self.groups)
        if len(groups) != len(names):
            raise InputError(
                f"Folds has groups for {len(groups)} stimuli, but there are {len(names)}."
            )
        return pd.factorize(pd.Series(groups))[0]


def as_folds(folds: Any) -> Folds:
    """An int, a splitter or Folds, as Folds."""
    return folds if isinstance(folds, Folds) else Folds(folds)


def inner_splitter(inner: Any) -> Any:
    """How the training stimuli are split to choose a penalty; a number: into neighbours."""
    if hasattr(inner, "split") and not isinstance(inner, str):
        return inner
    from sklearn.model_selection import KFold

    return KFold(int(inner))


def split(folds: Folds, names: Names, classes: np.ndarray | None = None) -> list[Fold]:
    """Training and test rows of each fold.

    Parameters
    ----------
    folds : Folds
    names : names of the rows
    classes : array, shape (n_rows,), optional
        For classes an int stratifies.

    Raises
    ------
    InputError
        If the folds do not fit: more folds than stimuli, classes with fewer members than
        folds, a splitter that needs groups without them.
    """
    splitter = folds.splitter
    if isinstance(splitter, int | np.integer):
        splitter = _of_number(int(splitter), names, classes)
    groups = folds.group_of(names)
    rows = np.arange(len(names))
    try:
        parts = list(_split(splitter, rows, classes, groups))
    except ValueError as error:
        raise InputError(
            f"folds={splitter!r} cannot split {len(names)} stimuli: {error} "
            "Groups are given as folds=Folds(splitter, groups)."
        ) from error
    return [(np.asarray(train), np.asarray(test)) for train, test in parts]


def _split(splitter: Any, rows: np.ndarray, classes: Any, groups: Any) -> Iterable[Any]:
    if hasattr(splitter, "get_n_splits"):
        return splitter.split(rows, classes, groups)
    if isinstance(splitter, Iterable) and not isinstance(splitter, str):
        return [(np.asarray(train), np.asarray(test)) for train, test in splitter]
    raise InputError(
        f"folds={splitter!r} is not an int, a scikit-learn splitter or a list of "
        "(train, test) rows."
    )


def _of_number(n_folds: int, names: Names, classes: np.ndarray | None) -> Any:
    from sklearn.model_selection import KFold, StratifiedKFold

    if not 2 <= n_folds <= len(names):
        raise InputError(
            f"folds={n_folds} does not fit {len(names)} stimuli: choose 2 to {len(names)}."
        )
    if classes is None:
        return KFold(n_folds)
    members, counts = np.unique(classes, return_counts=True)
    if (counts < n_folds).any():
        few = listed(f"{m} ({c})" for m, c in zip(members, counts, strict=True) if c < n_folds)
        raise InputError(
            f"folds={n_folds}, but these classes have fewer members than folds: {few}. "
            "Take fewer folds, or leave those classes out."
        )
    return StratifiedKFold(n_folds)
