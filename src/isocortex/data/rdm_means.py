"""Means of RDMs: which are averaged together, and what is called a mean where pairs are missing."""

import numpy as np

from isocortex.choice import listed, suggestion
from isocortex.data.label_rows import LabelRows
from isocortex.data.tables import HOW, SAME_TIME, is_time
from isocortex.errors import InputError


def groups_of_mean(
    labels: LabelRows, n_rdms: int, over: str | None
) -> tuple[list[list[int]], LabelRows]:
    """The rows of each mean, as they come, and the labels of the means.

    Raises
    ------
    InputError
        If there is no such label.
    """
    if over is None:
        shared = [key for key in labels if len(labels.distinct(key)) == 1]
        return [list(range(n_rdms))], labels.only(shared).at([0])
    if over not in labels:
        raise InputError(
            f"RDMs.mean: there is no label {over!r}. {suggestion(over, labels)}"
            f"These RDMs have {listed(labels) or 'none'}."
        )
    # How an RDM was computed may differ between those that are averaged.
    kept = [
        key for key in labels if key != over and not (key in HOW and len(labels.distinct(key)) > 1)
    ]
    columns = [_keys(labels, key) for key in kept]
    groups: dict[tuple[str, ...], list[int]] = {}
    for row in range(n_rdms):
        groups.setdefault(tuple(column[row] for column in columns), []).append(row)
    return list(groups.values()), labels.only(kept).at([rows[0] for rows in groups.values()])


def rows_in(group: list[int]) -> list[int] | slice:
    """Rows that follow one another as a slice, by which nothing is copied."""
    first, last = group[0], group[-1]
    return slice(first, last + 1) if group == list(range(first, last + 1)) else group


def _keys(labels: LabelRows, key: str) -> list[str]:
    """A column as text, with one for times that differ by rounding."""
    own = np.asarray(labels.entries(key)) if is_time(key) else np.empty(0, dtype=int)
    if own.dtype != np.float64:
        return labels.texts(key)
    known = np.unique(own[~np.isnan(own)])
    first = known[np.diff(known, prepend=-np.inf) > SAME_TIME]
    places = np.searchsorted(first, own, side="right")
    return np.where(np.isnan(own), "nan", places.astype(str)).tolist()


def mean_with_gaps(values: np.ndarray) -> np.ndarray:
    """Of (n_rdms, n_pairs) the mean of each pair over those that have it, else NaN."""
    there = ~np.isnan(values)
    if there.all():
        return values.mean(0)
    counts = there.sum(0)
    total = np.where(there, values, 0.0).sum(0)
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
