"""The one check of folds, outer and inner: rows that exist, once, on one side, of all classes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from isocortex.choice import listed
from isocortex.errors import InputError

Fold = tuple[np.ndarray, np.ndarray]


def checked_folds(
    parts: Sequence[Any], n_rows: int, name: str, classes: np.ndarray | None = None
) -> list[Fold]:
    """Folds as integer rows, refused where they are no cross-validation.

    Parameters
    ----------
    parts : sequence of (train, test)
        Integer rows, or boolean masks of length ``n_rows``.
    n_rows : int
    name : str
        The argument, for the message.
    classes : array, shape (n_rows,), optional
        Of which every training set must hold all.

    Raises
    ------
    InputError
        With the fold and the rows or classes concerned.
    """
    if not len(parts):
        raise InputError(f"{name} has no folds: nothing would be tested.")
    folds = []
    for i, part in enumerate(parts):
        who = f"{name}, fold {i}"
        if not isinstance(part, Sequence | np.ndarray) or len(part) != 2:
            raise InputError(f"{who} is not a pair of (train, test) rows.")
        train, test = (
            _rows(each, n_rows, f"{who}, {side}")
            for each, side in zip(part, ("train", "test"), strict=True)
        )
        _refuse_overlap(train, test, who)
        if classes is not None:
            _refuse_missing(classes, train, who)
        folds.append((train, test))
    return folds


def _rows(rows: Any, n_rows: int, who: str) -> np.ndarray:
    rows = np.asarray(rows)
    if rows.dtype == bool and rows.shape == (n_rows,):
        rows = np.nonzero(rows)[0]
    if not rows.size:
        raise InputError(f"{who} has no rows: it needs a list of one or more integer rows.")
    if rows.ndim != 1:
        raise InputError(f"{who}: rows are a list of integers, not an array of shape {rows.shape}.")
    if rows.dtype.kind not in "iu":
        what = f"{len(rows)} booleans" if rows.dtype == bool else f"{rows[0]!s} ({rows.dtype})"
        raise InputError(
            f"{who}: rows are integers from 0 to {n_rows - 1} (or a mask of {n_rows} booleans), "
            f"not {what}."
        )
    outside = np.unique(rows[(rows < 0) | (rows >= n_rows)])
    if len(outside):
        raise InputError(
            f"{who}: {len(outside)} rows do not exist ({listed(outside)}); there are {n_rows} "
            f"stimuli, rows 0 to {n_rows - 1}."
        )
    return rows.astype(np.intp)


def _refuse_overlap(train: np.ndarray, test: np.ndarray, who: str) -> None:
    both = np.intersect1d(train, test)
    if len(both):
        raise InputError(
            f"{who}: {len(both)} rows are in both train and test ({listed(both)}), so that the "
            "score would be of stimuli that were learnt. Take them out of one."
        )
    if len(np.unique(test)) < len(test):
        raise InputError(f"{who}: a row is in test more than once, and would count as often.")


def _refuse_missing(classes: np.ndarray, train: np.ndarray, who: str) -> None:
    missing = np.setdiff1d(classes, classes[train])
    if len(missing):
        raise InputError(
            f"{who}: the class {listed(missing)} is in none of its {len(train)} training stimuli, "
            "and could never be answered. Take folds in which every class is on both sides, such "
            "as an int (stratified) or StratifiedKFold, or leave that class out."
        )
