"""Which stimuli train a model and which test it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from isocortex.choice import counted, first_line, listed
from isocortex.data.frames import check_index
from isocortex.data.frozen import frozen_fields
from isocortex.data.names import Names, looked_up
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.series import runs_of_rows
from isocortex.display.shown import shown
from isocortex.errors import InputError
from isocortex.mapping.checked_folds import Fold, checked_folds
from isocortex.mapping.fixed_sets import FixedSets
from isocortex.mapping.run_folds import RunFolds
from isocortex.types import Splitter

DEFAULT = 10
"""Folds where nothing else is asked for, and no runs say otherwise."""

SMALL = 20_000
"""Rows times folds up to which folds of neighbours are kept for the next call."""

LONG = 100
"""Characters of a splitter that are shown in an error."""


@door
@shown()
@frozen_fields
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
        null hypothesis stay within these groups, or exchange whole ones: see
        :class:`Permutation`.

    See Also
    --------
    encode, decode, probe : Take it as ``folds=``.
    FixedSets : One training and one test set.
    Permutation : Keeps to the same groups.

    Examples
    --------
    >>> from sklearn.model_selection import LeaveOneGroupOut
    >>> import isocortex as ic
    >>> by_run = ic.Folds(LeaveOneGroupOut(), groups={"a": 1, "b": 1, "c": 2, "d": 2})
    """

    splitter: Any
    groups: Mapping[str, Any] | Sequence[Any] | None = None

    def __post_init__(self) -> None:
        # A generator would be empty for the second layer or label: it is read once, here.
        if isinstance(self.splitter, Iterator):
            object.__setattr__(self, "splitter", list(self.splitter))

    def __repr__(self) -> str:
        if self.groups is None:
            return f"Folds({_shown(self.splitter)})"
        groups = self.groups.values() if isinstance(self.groups, Mapping) else self.groups
        n_groups = pd.Series(list(groups), dtype=object).map(repr).nunique()
        return (
            f"Folds({_shown(self.splitter)}, groups: {n_groups} over "
            f"{counted(len(self.groups), 'row')})"
        )

    @classmethod
    def by_run(
        cls,
        runs: Responses | Mapping[str, Any] | Sequence[Any],
        n_folds: int | None = None,
        *,
        gap: int | None = None,
        trim: int = 0,
    ) -> "Folds":
        """Folds of a series: whole runs, or blocks of neighbouring rows within runs.

        Rows next to what is tested do not train: features reach back in time and noise is alike
        there. Inner folds, by which a penalty is chosen, are made alike, of whole runs where two
        or more are left to train on. Permutations of a null hypothesis keep to the runs.

        Parameters
        ----------
        runs : Responses, mapping from row to run, or sequence
            Responses: the column ``run`` of its table, one run where there is none. A sequence
            is in the order of the first argument of the verb. Rows of a run are in the order of
            time.
        n_folds : int, optional
            By default each run is tested once, or, of a single run, five blocks. Fewer than runs:
            neighbouring runs are tested together. More: runs are cut into blocks of about
            one length.
        gap : int, optional
            Rows of the same run on either side of a test block that do not train. Default: the
            longest delay of the features (see :func:`delayed`), and eight more: three that the
            window of resampling reaches, and five in which the noise of fMRI is alike.
        trim : int, default=0
            Rows at either end of a test block in each run that are not tested either.

        Returns
        -------
        Folds

        Raises
        ------
        InputError
            If a number is none that fits. That nothing is left to train on is told when the
            folds are used.

        Examples
        --------
        >>> import isocortex as ic
        >>> by_run = ic.Folds.by_run(["a"] * 100 + ["b"] * 80)
        >>> by_run.splitter
        RunFolds(n_folds=None, gap=None, trim=0)
        >>> blocks = ic.Folds.by_run(["story"] * 300, 6, gap=12)
        """
        for name, number, least in (("n_folds", n_folds, 2), ("gap", gap, 0), ("trim", trim, 0)):
            whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
            if number is not None and not (whole and number >= least):
                raise InputError(f"Folds.by_run: {name}={number!r} must be a number from {least}.")
        known: Any = runs
        if isinstance(runs, Responses):
            found = runs_of_rows(runs.table, runs.stimuli, who="Folds.by_run")
            found.spans("Folds.by_run")
            codes = [found.names[code] for code in found.codes]
            known = dict(zip(runs.stimuli, codes, strict=True))
        elif isinstance(runs, str):
            raise InputError(f"Folds.by_run: runs={runs!r} must be the run of each row, a list.")
        elif not isinstance(runs, Mapping):
            known = list(runs)
        return cls(RunFolds(known, n_folds, gap, trim), known)

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
            check_index(names, self.groups, "Folds", "groups")
            groups = self.groups
        groups = _of_rows(groups)
        if len(groups) != len(names):
            raise InputError(
                f"Folds has groups for {counted(len(groups), 'stimulus')}, but there are "
                f"{len(names)}."
            )
        codes = pd.factorize(groups)[0]
        if (codes < 0).any():
            raise InputError(
                f"Folds.groups: {(codes < 0).sum()} of {len(codes)} stimuli have no group (NaN or "
                f"None), such as {names[int(codes.argmin())]!r}. Give each one, or leave the "
                "stimulus out."
            )
        return codes


FoldsLike: TypeAlias = int | Folds | FixedSets | Splitter | Iterable[Any] | None
"""What says which stimuli train and test: a number, a splitter, pairs of positions, or nothing."""


def _of_rows(groups: Any) -> pd.Series:
    try:
        values = list(groups)
        [hash(each) for each in values]
    except TypeError as error:
        raise InputError(
            f"Folds.groups must have one group, a number or a name, for each stimulus; got "
            f"{type(groups).__name__}, of which {first_line(error)}."
        ) from error
    return pd.Series(values, dtype=object)


def as_folds(folds: Any, stimuli: Names = ()) -> Folds:
    """An int, a splitter, Folds, or None for the default, as Folds; fixed sets by their rows.

    Parameters
    ----------
    folds : Any
    stimuli : names
        Of each row, for what chooses by name.
    """
    if isinstance(folds, FixedSets):
        return Folds([folds.rows(stimuli)])
    return folds if isinstance(folds, Folds) else Folds(folds)


def split(folds: Folds, names: Names, classes: np.ndarray | None = None) -> list[Fold]:
    """Training and test rows of each fold, checked.

    Parameters
    ----------
    folds : Folds
    names : names of the rows
    classes : array, shape (n_rows,), optional
        For classes an int stratifies, and every training set must hold all of them.

    Raises
    ------
    InputError
        If the folds do not fit: more folds than stimuli, classes with fewer members than
        folds, a splitter that needs groups without them, rows that do not exist or that are
        on both sides, a training set without one of the classes.
    """
    splitter = DEFAULT if folds.splitter is None else folds.splitter
    if isinstance(splitter, RunFolds):
        return checked_folds(splitter.parts(names), len(names), "folds", classes)
    if isinstance(splitter, int | np.integer):
        if classes is None:
            _check_number(int(splitter), names)
            return neighbours(int(splitter), len(names))
        splitter = _stratified(int(splitter), names, classes)
    groups = folds.group_of(names)
    try:
        parts = list(_split(splitter, len(names), classes, groups))
    except (ValueError, TypeError, IndexError) as error:
        raise InputError(
            f"folds={_shown(splitter)} cannot split {len(names)} stimuli: "
            f"{_reason(splitter, classes, error)}"
        ) from error
    return checked_folds(parts, len(names), "folds", classes)


def neighbours(n_folds: int, n_rows: int) -> list[Fold]:
    """Folds of neighbouring rows, as those of KFold; right as they are, so that none is checked."""
    make = _small_folds if n_folds * n_rows <= SMALL else _neighbours
    return list(make(n_folds, n_rows))


def _neighbours(n_folds: int, n_rows: int) -> tuple[Fold, ...]:
    rows = np.arange(n_rows)
    # As KFold does: the first folds have one row more where the division leaves some.
    folds = []
    for test in np.array_split(rows, n_folds):
        train = np.concatenate([rows[: test[0]], rows[test[-1] + 1 :]])
        train.setflags(write=False)
        test.setflags(write=False)
        folds.append((train, test))
    return tuple(folds)


# The same inner folds are asked for by every outer fold and layer, before and in the work.
_small_folds = lru_cache(maxsize=64)(_neighbours)


def inner_folds(inner: Any, n_rows: int, groups: np.ndarray | None, whole: bool) -> list[Fold]:
    """How the training stimuli are split to choose a penalty.

    Parameters
    ----------
    inner : int or scikit-learn splitter
        An int: neighbours, or, where the outer folds keep groups whole and the training
        stimuli have two or more, whole groups.
    n_rows : int
        The number of training stimuli.
    groups : integer array, shape (n_rows,), optional
        Of the training stimuli.
    whole : bool
        Whether the outer folds keep the groups whole.

    Raises
    ------
    InputError
        If there are fewer training stimuli than inner folds, or the splitter cannot split them.
    """
    if not hasattr(inner, "split"):
        # Groups stay whole where the outer folds keep them so, if there are two or more.
        n_folds, n_groups = (
            int(inner),
            len(np.unique(groups)) if whole and groups is not None else 0,
        )
        if n_groups < 2 or n_folds < 2:
            _check_inner_number(n_folds, n_rows)
            return neighbours(n_folds, n_rows)
        from sklearn.model_selection import GroupKFold

        inner = GroupKFold(min(n_folds, n_groups))
    try:
        parts = list(_split(inner, n_rows, None, groups))
    except (ValueError, TypeError, IndexError) as error:
        raise InputError(
            f"inner={_shown(inner)} cannot split the {n_rows} training stimuli of a fold to choose "
            f"the penalty: {_reason(inner, None, error)}"
        ) from error
    return checked_folds(parts, n_rows, "inner")


def keeps_whole(parts: Sequence[Fold], groups: np.ndarray | None) -> bool:
    """Whether no group is on both sides of any fold."""
    return groups is not None and all(
        not len(np.intersect1d(groups[train], groups[test])) for train, test in parts
    )


def wants_groups(splitter: Any) -> bool:
    """Whether a splitter uses groups; scikit-learn's others warn that they ignore them."""
    routing = getattr(splitter, "get_metadata_routing", None)
    return routing is None or bool(routing().consumes("split", ("groups",)))


def _shown(splitter: Any) -> str:
    text = " ".join(repr(splitter).split())
    return text if len(text) <= LONG else f"{text[:LONG]}..."


def _reason(splitter: Any, classes: Any, error: Exception) -> str:
    """What stands in a splitter's way, and what to do."""
    if isinstance(error, InputError):
        return str(error)
    if isinstance(splitter, type):
        return f"it is a class; make one of it, {splitter.__name__}()."
    if classes is None and "Stratified" in type(splitter).__name__:
        return (
            f"{type(splitter).__name__} balances classes, which only probe has; take KFold, "
            "GroupKFold or the rows themselves."
        )
    return f"{first_line(error)}. Groups are given as folds=Folds(splitter, groups)."


def _split(splitter: Any, n_rows: int, classes: Any, groups: Any) -> Iterable[Any]:
    rows = np.arange(n_rows)
    # PredefinedSplit holds a fold for each row.
    meant_for = len(getattr(splitter, "test_fold", rows))
    if meant_for != n_rows:
        raise InputError(f"it has a fold for each of {meant_for} rows.")
    if hasattr(splitter, "get_n_splits"):
        return splitter.split(rows, classes, groups if wants_groups(splitter) else None)
    if isinstance(splitter, Iterable) and not isinstance(splitter, str):
        return splitter
    raise InputError(
        f"folds={splitter!r} is not an int, a scikit-learn splitter or a list of "
        "(train, test) rows."
    )


def _check_inner_number(n_folds: int, n_rows: int) -> None:
    if not 2 <= n_folds <= n_rows:
        raise InputError(
            f"the penalty is chosen on inner={n_folds} folds of the training stimuli, of which a "
            f"fold has {n_rows}: choose inner from 2 to {n_rows}, inner='loo' or 'gcv', or outer "
            "folds that leave more to train on."
        )


def _check_number(n_folds: int, names: Names) -> None:
    if not 2 <= n_folds <= len(names):
        raise InputError(
            f"folds={n_folds} does not fit {len(names)} stimuli: choose 2 to {len(names)}."
        )


def _stratified(n_folds: int, names: Names, classes: np.ndarray) -> Any:
    from sklearn.model_selection import StratifiedKFold

    _check_number(n_folds, names)
    members, counts = np.unique(classes, return_counts=True)
    if (counts < n_folds).any():
        few = listed(f"{m} ({c})" for m, c in zip(members, counts, strict=True) if c < n_folds)
        raise InputError(
            f"folds={n_folds}, but these classes have fewer members than folds: {few}. "
            "Take fewer folds, or leave those classes out."
        )
    return StratifiedKFold(n_folds)
