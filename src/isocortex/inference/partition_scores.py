"""What feature spaces explain of a recording, alone and together, from scores of a joint model."""

from typing import Any

import numpy as np

from isocortex.choice import choose
from isocortex.data.scores import Scores
from isocortex.errors import InputError, UndefinedError
from isocortex.inference.parted import Partition, names_of_parts
from isocortex.inference.shares import order_of_parts
from isocortex.numerics.inference.partition import parts_matrix

MOST_SPACES = 5

SUMS = {
    "product": "held out",
    "correlation": "held out, of the correlation",
    "relative": "held out, relative weights",
    "parts": "held out, by sub-models",
}
"""Methods, and what their parts are shares of."""


def partition_scores(scores: Scores, method: str) -> Partition:
    """Parts of each unit's held-out R2, mean over folds; see :func:`.partition`.

    Raises
    ------
    InputError
        If the scores are of no model of several feature spaces, or of a part of them alone.
    """
    said = choose(method, SUMS, "method")
    names: tuple[str, ...] = tuple(scores.notes.get("spaces", ()))
    if not names or "share" not in scores.columns:
        raise InputError(
            "partition needs scores of one model of several feature spaces, such as "
            "encode([rate, glove], recording, BandedRidge(alphas)), "
            f"not {scores!r} of {scores.notes.get('model', 'no such model')}."
        )
    if method == "product":
        found = _over_folds(scores, np.asarray(scores.columns["share"]))
    elif method == "parts":
        found = _unique_and_shared(scores, names)
    else:
        found = _over_folds(scores, _spaces(scores, method).split(method)[None])
    # (n_parts + 1, n_units): the last is what all explain.
    found = np.concatenate([found, found.sum(0, keepdims=True)])
    undefined = int(np.isnan(found).any(0).sum())
    if undefined == found.shape[1]:
        raise UndefinedError(
            "partition: R2 is undefined for every unit: none varies over the test stimuli of every "
            "fold. Take fewer folds."
        )
    labels, kinds = names_of_parts(names, method)
    notes = {
        "sets": names,
        "method": method,
        "chance": said,
        "n_undefined": undefined,
        "model": scores.notes.get("model", ""),
    }
    units = scores.tables.rows("unit")
    tables = {"part": {"part": list(labels)}, "unit": units}
    # Of a unit of which nothing is explained, no part is a percentage.
    whole = found[-1]
    percent = 100 * np.divide(found, whole, out=np.full(found.shape, np.nan), where=whole > 0)
    each = Scores(found, tables, "explained", {"percent": percent}, notes)
    return Partition(labels, kinds, each, np.full((len(labels), 2), np.nan), notes)


def _over_folds(scores: Scores, share: np.ndarray) -> np.ndarray:
    """Shares of the one layer as (n_spaces, n_units): the mean over folds."""
    if "fold" in scores.dims:
        share = share.mean(scores.axis("fold"))
    return share[0].T


def _spaces(scores: Scores, method: str) -> Any:
    spaces = scores.kept.get("spaces")
    if spaces is None or "fold" not in scores.dims:
        raise InputError(
            f"partition(scores, method={method!r}) needs the scores of every fold as encode gave "
            "them, not pooled, and no part or mean of them: these have left the feature spaces "
            "behind. Take select or mean of the parts, or method='product'."
        )
    return spaces


def _unique_and_shared(scores: Scores, names: tuple[str, ...]) -> np.ndarray:
    spaces, n = _spaces(scores, "parts"), len(names)
    if n > MOST_SPACES:
        raise InputError(
            f"partition: {n} feature spaces have {2**n - 1} parts, which nobody can read; up to "
            f"{MOST_SPACES} are possible. Join some, or take method='product'."
        )
    every = 2**n - 1
    explained = np.zeros((every + 1, scores.values.shape[-1]))
    for subset in range(1, every):
        which = [b for b in range(n) if subset >> b & 1]
        explained[subset] = spaces.explained(which).mean(0)
    explained[every] = _over_folds(scores, np.asarray(scores.columns["share"])).sum(0)
    return parts_matrix(n)[order_of_parts(n) - 1] @ explained
