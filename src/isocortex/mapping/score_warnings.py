"""What a reader of scores must know: small test sets, undefined scores, penalties at an edge."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import ceil
from typing import Any

import numpy as np

from isocortex.errors import PenaltyWarning, SmallFoldsWarning, warn
from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.models.prepared import Edges
from isocortex.numerics.arrays.constant import is_constant
from isocortex.numerics.measures.accuracy import ACCURACIES

FEW = 10
"""Test stimuli below which the mean over folds of a correlation or of r2 is told to be biased."""
ALPHA = 0.05
"""The level that p_fdr should be able to reach."""
MANY = 10
"""Tests of which so many or more must exceed every permutation."""
AT_EDGE = 0.25
"""The share of penalties at an edge of the grid from which it is told."""
ALIKE, FEW_COLUMNS = 0.95, 16
"""Correlation of feature spaces from which it is told, and columns up to which it is looked at."""


def warn_small_folds(folds: Sequence[Fold], metric: str, pooled: bool) -> None:
    """Tell of test sets of fewer than ten stimuli, where scores are means over folds."""
    least = min(len(test) for _, test in folds)
    if pooled or metric not in ACCURACIES or least >= FEW:
        return
    warn(
        f"the smallest test set has {least} stimuli: {metric} of so few is noisy and, in the mean "
        f"over folds, biased (r by about (1 - r^2) / {2 * least}). Take fewer folds, or one score "
        "of all held-out predictions together: pooled=True.",
        SmallFoldsWarning,
    )


def warn_undefined(
    values: np.ndarray, y: np.ndarray, folds: Sequence[Fold], metric: str
) -> dict[str, int]:
    """Tell of targets without a score, because they or their predictions are constant.

    Parameters
    ----------
    values : array, shape (n_layers, ..., n_targets)
    y : array, shape (n_rows, n_targets)
    """
    always = is_constant(y)
    parts = [is_constant(y[test]) for _, test in folds if len(test) > 1]
    constant = np.any([always, *parts], axis=0)
    nan: Any = np.isnan(values).any(axis=tuple(range(values.ndim - 1)))
    flat = nan & ~constant if metric in ACCURACIES else np.zeros(y.shape[1], dtype=bool)
    if not constant.any() and not flat.any():
        return {}
    told = []
    if constant.any():
        told.append(
            f"{constant.sum()} of {y.shape[1]} targets are constant in the test stimuli of at "
            f"least one fold ({always.sum()} are constant throughout)"
        )
    if flat.any():
        told.append(
            f"the predictions of {flat.sum()} of {y.shape[1]} targets are constant in at least "
            "one fold (the features say nothing of them)"
        )
    warn(f"{'; '.join(told)}; their scores there are NaN.")
    return {"n_constant": int(constant.sum())} if constant.any() else {}


def warn_few_permutations(
    columns: Mapping[str, np.ndarray], n_permutations: int, exact: bool
) -> None:
    """Tell where p_fdr is above .05 for want of permutations, though p is as low as it can be.

    The least p of B permutations is 1 / (B + 1), and k of m tests that have it get
    p_fdr = m / (k (B + 1)): too few of them cannot be found, however strong they are.

    Parameters
    ----------
    columns : mapping
        With ``p`` and ``p_fdr`` of all layers and targets.
    n_permutations : int
    exact : bool
        Whether these are all that there are.
    """
    p = columns["p"][~np.isnan(columns["p"])]
    least = 1 / (1 + n_permutations)
    n_least = int((p <= (1 + 1e-9) * least).sum())
    needed = ceil(len(p) * least / ALPHA - 1e-9)
    # Where p itself cannot come to .05, that is plain from the number that was asked for; and of
    # targets of noise some have the least p by chance, whatever that number.
    by_chance = len(p) * least
    if least > ALPHA or needed < MANY or n_least <= by_chance + 3 * by_chance**0.5:
        return
    if np.nanmin(columns["p_fdr"]) <= ALPHA:
        return
    enough = ceil(len(p) / (ALPHA * n_least)) - 1
    digits = 10 ** max(len(str(enough)) - 2, 0)
    more = f"Take {-(-enough // digits) * digits} permutations, or go by p_max"
    way = "There are no more permutations: go by p_max" if exact else more
    warn(
        f"with {n_permutations} permutations p_fdr of {len(p)} tests (units of all layers) can be "
        f".05 only where {needed} of them have the least p, {least:.2g}; here {n_least} have. "
        f"{way}, which has no such limit."
    )


def warn_edges(edges: Sequence[Edges], n_choices: int) -> None:
    """Tell of penalties at the edge of the grid, among those of targets that are predicted.

    Whatever nothing predicts takes the largest penalty of any range.

    Parameters
    ----------
    edges : sequence of Edges
        Of each layer and fold where a penalty was chosen.
    n_choices : int
        Of all targets, layers and folds.
    """
    if not edges:
        return
    n_nothing = sum(each.n_nothing for each in edges)
    counted = n_choices - n_nothing
    low, high = np.sum([each.counts for each in edges], axis=0) / max(counted, 1)
    if low + high < AT_EDGE:
        return
    less = f", without the {n_nothing / n_choices:.0%} where nothing is predicted"
    warn(
        f"{low + high:.0%} of the penalties chosen (targets x folds x layers"
        f"{less if n_nothing else ''}) are at the edge of the grid: {low:.0%} the smallest, "
        f"{edges[0].smallest:g}, and {high:.0%} the largest, {edges[0].largest:g}. The best may "
        "lie outside: offer a wider range of alphas.",
        PenaltyWarning,
    )


def warn_alike_spaces(names: Sequence[str], spaces: Sequence[Any]) -> None:
    """Tell of series summed over volumes that are nearly one another, as word rate and frequency.

    Parameters
    ----------
    names : sequence of str
    spaces : sequence of Responses or Gram
    """
    looked_at = [
        (name, np.asarray(space.values[:, :], dtype=np.float64))
        for name, space in zip(names, spaces, strict=True)
        if _is_sum(space)
    ]
    for (first, x), (second, y) in combinations(looked_at, 2):
        if x.shape != y.shape or is_constant(x).any() or is_constant(y).any():
            continue
        r = float(np.mean([abs(np.corrcoef(a, b)[0, 1]) for a, b in zip(x.T, y.T, strict=True)]))
        if r > ALIKE:
            warn(
                f"the feature spaces {first!r} and {second!r} correlate at {r:.3f}, so that what "
                "each has of the variance means little. Values far from 0, summed over volumes, "
                "follow the number of words: take their mean out, resample(..., centre=True)."
            )


def _is_sum(space: Any) -> bool:
    said = str(getattr(space, "labels", {}).get("resampled", ""))
    few = hasattr(space, "values") and space.values.shape[1] <= FEW_COLUMNS
    return few and said.startswith(("lanczos", "sum"))
