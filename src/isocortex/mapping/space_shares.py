"""What each feature space of one model explains, fold by fold or in all folds together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from isocortex.mapping.alignment import source_labels
from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.models.prepared import Outcome
from isocortex.numerics.measures.splits import product_split, without_means


def space_names(nouns: Sequence[Any], axis: str) -> tuple[str, ...]:
    """What the spaces are called: by their layer or region, numbered where two have one name."""
    table = source_labels(nouns, axis)
    names = [str(each) for each in table[axis]]
    if len(set(names)) == len(names):
        return tuple(names)
    return tuple(f"{name} {i}" for i, name in enumerate(names))


def with_shares(
    outcomes: Sequence[Outcome], y: np.ndarray, folds: Sequence[Fold], pooled: bool
) -> list[Outcome]:
    """Outcomes with the product measure of each space among what was chosen.

    Of each fold: both sides less their means over its test stimuli, so that no offset is split.
    Pooled: both less the mean of the training stimuli, as pooled scores are.
    """
    pairs = list(zip(outcomes, folds, strict=True))
    if not pooled:
        shares = [
            product_split(*without_means(y[test], _parts(each))).T for each, (_, test) in pairs
        ]
    else:
        truth = [y[test] - y[train].mean(0) for _, (train, test) in pairs]
        both = [_parts(each) for each, _ in pairs]
        above = sum(
            (part * (2 * true - part.sum(0))).sum(1) for part, true in zip(both, truth, strict=True)
        )
        below = (np.concatenate(truth) ** 2).sum(0)
        share = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)
        shares = [share.T] * len(pairs)
    return [
        replace(each, chosen={**each.chosen, "share": share})
        for (each, _), share in zip(pairs, shares, strict=True)
    ]


def _parts(outcome: Outcome) -> np.ndarray:
    assert outcome.parts is not None
    return outcome.parts
