"""The null distribution of scores: targets permuted over stimuli, the factorization reused."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from isocortex.errors import warn
from isocortex.mapping.permutation import Null
from isocortex.numerics.arrays.constant import is_constant
from isocortex.numerics.arrays.from_sums import FROM_SUMS
from isocortex.numerics.chance.linear_folds import CHANCE, LinearFold, LinearFolds, linear_fold
from isocortex.numerics.chance.multiple import fdr, max_p
from isocortex.numerics.chance.permutation import permutation_p
from isocortex.numerics.measures.accuracy import ACCURACIES
from isocortex.progress import advance

_COLUMNS = 1024


@dataclass(frozen=True, eq=False)
class FoldNull:
    """What the null needs to know in each fold of one layer."""

    null: Null
    metric: str
    measure: Any
    """An accuracy of one fold, or of all folds where they are pooled."""
    n_folds: int
    columnwise: bool
    """Whether each target is predicted by itself."""

    def of_fold(self, prepared: Any, y: np.ndarray, fold: tuple[np.ndarray, np.ndarray]) -> Any:
        """What a fold that is ready adds: its linear map of the targets, or scores of all orders.

        Shape of the scores (n_permutations, n_targets).
        """
        factors = getattr(prepared, "factors", None)
        # A fixed linear map of the targets is kept; all else is applied to every permutation now.
        if factors is not None and self.metric in FROM_SUMS:
            return linear_fold(factors, *fold)
        return chance_if_undefined(self._refitted(prepared, y, fold), self.metric)

    def _refitted(
        self, prepared: Any, y: np.ndarray, fold: tuple[np.ndarray, np.ndarray]
    ) -> np.ndarray:
        train, test = fold
        orders, n_targets = self.null.orders, y.shape[1]
        together = max(1, _COLUMNS // n_targets) if self.columnwise else 1
        found = np.empty((len(orders), n_targets))
        for start in range(0, len(orders), together):
            batch = orders[start : start + together]
            # (n_batch, n_rows, n_targets) to (n_rows, n_batch * n_targets): one fit for all.
            side_by_side = y[batch].transpose(1, 0, 2).reshape(len(y), -1)
            scores = self.measure(side_by_side[test], prepared.predict(side_by_side[train]))
            found[start : start + len(batch)] = scores.reshape(len(batch), n_targets)
            advance(len(batch) / self.n_folds)
        return found


@dataclass(eq=False)
class LayerNull:
    """Collects the null of all folds of one layer."""

    known: FoldNull
    _compact: list[LinearFold] = field(default_factory=list)
    _sums: np.ndarray | None = None

    def add(self, part: Any) -> None:
        """Take in what a fold adds."""
        if isinstance(part, np.ndarray):
            self.add_sums(part)
        else:
            self._compact.append(part)

    def add_sums(self, sums: np.ndarray) -> None:
        """Take in scores that were found otherwise, shape (n_permutations, n_targets)."""
        self._sums = sums if self._sums is None else self._sums + sums

    def finish(self, y: np.ndarray, observed: np.ndarray, n_folds: int):
        """The p-value of each score, and the largest score of each permutation.

        Parameters
        ----------
        y : array, shape (n_rows, n_targets)
        observed : array, shape (n_targets,)
            Mean score over folds.

        Returns
        -------
        p : array, shape (n_targets,)
        maxima : array, shape (n_permutations,)
        """
        if self._sums is not None:
            means = self._sums / n_folds
            warn_undefined_null(observed, means)
            return p_and_largest(observed, means, ~is_constant(y))
        p = np.empty(len(observed))
        orders = self.known.null.orders
        maxima = np.full(len(orders), -np.inf)
        score = LinearFolds(self._compact, len(y), self.known.metric)
        varies = ~is_constant(y)
        # No score changes by it, and squares do not lose the digits of what they share.
        y = y - y.mean(0)
        for start in range(0, y.shape[1], _COLUMNS):
            part = slice(start, start + _COLUMNS)
            columns = np.ascontiguousarray(y[:, part])  # (n_rows, up to 1024): rows are permuted
            steps = columns.shape[1] / y.shape[1]
            means = score.null(columns, orders, observed[part], varies[part], steps)
            p[part], some = p_and_largest(observed[part], means, varies[part])
            maxima = np.maximum(maxima, some)
        return p, maxima


def p_columns(observed: np.ndarray, p: np.ndarray, maxima: np.ndarray) -> dict[str, np.ndarray]:
    """P-values of each layer and target, alone and as one family.

    Parameters
    ----------
    observed, p : array, shape (n_layers, n_targets)
    maxima : array, shape (n_permutations,)
        Over all layers and targets.
    """
    columns = {"p": p, "p_fdr": fdr(p), "p_max": max_p(observed, maxima)}
    # Whatever has no score has no p, also where it counted as one of the tests.
    return {n: np.where(np.isnan(observed), np.nan, c)[:, None] for n, c in columns.items()}


def p_and_largest(
    observed: np.ndarray, null: np.ndarray, varies: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The p-value of each target, and the largest score of each permutation.

    A target that varies belongs to the family of tests even where its predictions do not, with
    p = 1: left out, those that by chance have a score would be corrected for too few others.

    Parameters
    ----------
    observed : array, shape (n_targets,)
    null : array, shape (n_permutations, n_targets)
    varies : boolean array, shape (n_targets,)
    """
    p = permutation_p(observed, null)
    scores = np.where(np.isnan(null) | ~varies, -np.inf, null)
    return np.where(np.isnan(p) & varies, 1.0, p), scores.max(1, initial=-np.inf)


def chance_if_undefined(scores: np.ndarray, metric: str) -> np.ndarray:
    """Scores of permuted targets, of which those without a score count as 0.

    Predictions that are constant say nothing of the target. Where a sparse model finds nothing
    in most permutations, their count must not speak against the one in which it finds all. What
    0 means for a function is not known: there NaN stays, and counts as reaching.
    """
    return np.where(np.isnan(scores), CHANCE, scores) if metric in ACCURACIES else scores


def warn_undefined_null(observed: np.ndarray, null: np.ndarray) -> None:
    """Tell of permutations without a score, which count as reaching the observed one."""
    undefined = np.isnan(null[:, ~np.isnan(observed)])
    if undefined.any():
        warn(
            f"{undefined.mean():.0%} of the scores of permuted targets are NaN and count as "
            "reaching the observed one, so that p is too large. Let accuracy= give a number "
            "where predictions are constant."
        )
