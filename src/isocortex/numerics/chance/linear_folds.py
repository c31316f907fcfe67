"""The null of predictions that are linear in the targets: rough scores of all, exact ones of few.

A permutation costs one product of all folds with the permuted targets. In float32 it takes half
the time, and bounds on its rounding tell for which scores that could matter: those are found in
float64 too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isocortex.numerics.arrays.constant import UNITS_OF_ROUNDING
from isocortex.numerics.arrays.from_sums import FROM_SUMS
from isocortex.numerics.chance.rough_scores import as_slice, rough_null, rounding, settled
from isocortex.progress import advance

CHANCE = 0.0
"""What a score counts as that is undefined under the null."""
_ROUGH = "pearson"
"""The accuracy whose rounding is bounded here: others are found in float64 throughout."""
_EPS = float(np.finfo(np.float64).eps)
LARGEST = 0.01
"""Relative errors above this are no longer small, and the score is found exactly."""


@dataclass(frozen=True, eq=False)
class LinearFold:
    """One fold as a linear map of the targets, turned so that sums need the fewest rows."""

    train: np.ndarray
    test: np.ndarray
    rows: np.ndarray
    """From training targets to predictions without their mean; shape (n_turned, n_train)."""
    turned: np.ndarray | None
    """From test targets to where ``rows`` lead, shape (n_turned, n_test); None: no turn."""
    offset: np.ndarray
    """From training targets to the mean prediction, shape (n_train,)."""


def linear_fold(
    factors: tuple[np.ndarray, np.ndarray], train: np.ndarray, test: np.ndarray
) -> LinearFold:
    """A fold whose predictions, less the training mean, are ``factors[0] @ factors[1] @ y``."""
    to_test, of_train = factors
    mean = to_test.mean(0)
    offset = mean @ of_train + 1 / len(train) if len(train) else mean
    within = to_test - mean
    if to_test.shape[1] >= len(test):
        return LinearFold(train, test, within @ of_train, None, offset)
    # Centred over test stimuli, to_test = Q R, and sums of squares and products need R @ of_train
    # @ y alone, with no more rows than there are axes.
    turned, rest = np.linalg.qr(within, mode="reduced")
    return LinearFold(train, test, rest @ of_train, turned.T.copy(), offset)


class LinearFolds:
    """All folds of a layer as one matrix on the targets."""

    def __init__(self, folds: Sequence[LinearFold], n_rows: int, metric: str):
        self.metric = metric
        ends = np.cumsum([len(fold.rows) for fold in folds])
        # Rows of all folds, then a row for the mean prediction of each: one product a permutation.
        self._matrix = np.zeros((int(ends[-1]) + len(folds), n_rows))
        self._parts = []
        for i, (fold, end) in enumerate(zip(folds, ends, strict=True)):
            part = slice(int(end) - len(fold.rows), int(end))
            self._matrix[part, fold.train] = fold.rows
            self._matrix[ends[-1] + i, fold.train] = fold.offset
            gain = float(np.linalg.norm(fold.rows))
            self._parts.append((part, as_slice(fold.test), len(fold.test), fold.turned, gain))
        self._n_rows = int(ends[-1])

    def of(self, y: np.ndarray) -> np.ndarray:
        """Mean score over folds of centred targets, shape (n_targets,)."""
        found = self._matrix @ y
        total = np.zeros(y.shape[1])
        score, size = FROM_SUMS[self.metric], np.linalg.norm(y, axis=0)
        for i, (part, test, n, turned, gain) in enumerate(self._parts):
            truth, guess = y[test], found[part]  # (n_test, n_targets), (n_turned, n_targets)
            mean = truth.mean(0)
            whole = np.einsum("ij,ij->j", truth, truth)
            yy = whole - n * mean**2
            yp = np.einsum("ij,ij->j", truth if turned is None else turned @ truth, guess)
            pp = np.einsum("ij,ij->j", guess, guess)
            scores = score(yy, yp, pp, n * (mean - found[self._n_rows + i]) ** 2)
            # What is left of targets or predictions that are constant over a fold is rounding.
            undefined = np.isnan(scores) | (yy <= UNITS_OF_ROUNDING * _EPS * whole)
            if self.metric == _ROUGH:
                undefined |= np.sqrt(pp) <= UNITS_OF_ROUNDING * _EPS * gain * size
            total += np.where(undefined, CHANCE, scores)
        return total / len(self._parts)

    def null(
        self,
        y: np.ndarray,
        orders: np.ndarray,
        observed: np.ndarray,
        varies: np.ndarray,
        steps: float = 0.0,
    ) -> np.ndarray:
        """Scores of permuted targets: exact where p-values or the largest of them hang on it.

        Parameters
        ----------
        y : array, shape (n_rows, n_targets)
            Centred.
        orders : integer array, shape (n_orders, n_rows)
        observed : array, shape (n_targets,)
        varies : boolean array, shape (n_targets,)
            The targets among which the largest is sought.
        steps : float, default=0
            What each order counts of the open job.

        Returns
        -------
        array, shape (n_orders, n_targets)
            The largest of each order is exact, and so is all that is near ``observed``; what is
            farther away is right to some six digits.
        """
        if self.metric != _ROUGH:
            return np.array([self._stepped(y[order], steps) for order in orders])

        def exact(order: np.ndarray, target: np.ndarray) -> np.ndarray:
            columns = y[orders[order], target[:, None]].T  # (n_rows, n_some)
            return self.of(np.ascontiguousarray(columns))

        rough = _Rough(self._matrix[: self._n_rows], self._parts)
        return settled(rough_null(rough, y, orders, steps), observed, varies, exact)

    def _stepped(self, y: np.ndarray, steps: float) -> np.ndarray:
        advance(steps)
        return self.of(y)


class _Rough:
    """Mean correlations in float32, and how far they may be from the exact ones."""

    def __init__(self, matrix: np.ndarray, parts: Sequence[tuple]):
        with np.errstate(over="ignore"):
            self._matrix = matrix.astype(np.float32)
        self.n_found = len(matrix)
        self._parts = []
        for part, test, n, turned, gain in parts:
            own = None if turned is None else turned.astype(np.float32)
            error = np.float32(rounding(matrix.shape[1]) * gain)
            self._parts.append((part, test, n, own, error))

    def of(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Scores and bounds of targets of unit length or 0, shape (n_targets,) both."""
        with np.errstate(all="ignore"):
            found = self._matrix @ y
            total, doubt = np.zeros((2, y.shape[1]))
            for part, test, n, turned, error in self._parts:
                truth, guess = y[test], found[part]
                whole = np.einsum("ij,ij->j", truth, truth)
                yy = whole - np.square(truth.sum(0)) / n
                yp = np.einsum("ij,ij->j", truth if turned is None else turned @ truth, guess)
                pp = np.einsum("ij,ij->j", guess, guess)
                total += yp / np.sqrt(yy * pp)
                # Relative errors: of predictions, and of sums of squares that had a mean to lose.
                of_guess, of_sums = error / np.sqrt(pp), rounding(n) * whole / yy
                some = whole / yy * 3 * of_guess + 4 * of_sums
                small = (of_guess < LARGEST) & (of_sums < LARGEST)
                doubt += np.where(small, some, np.inf)
        known = np.isfinite(doubt) & np.isfinite(total)
        scores = np.where(known, total, 0.0) / len(self._parts)
        return scores, np.where(known, doubt, np.inf) / len(self._parts)
