r"""The null of pooled scores where predictions are linear in the targets, in float32 with bounds.

Of each fold a pooled score needs :math:`\sum y' p'`, :math:`\sum y'^2`, :math:`\sum p'^2` over the
test stimuli, and the variance :math:`v` of the fitted training stimuli, which sets the scale of
the fold (see ``numerics.measures.pooled``). All are sums of squares and products of few rows that
are linear in the targets, so that permutations stand side by side in one product. With axes U of
the training stimuli and the share g of the variance that is kept along each,

.. math:: n v = \sum_{k \le K} (g_k - m) (u_k^\top y)^2 + m \|y_t - \bar y_t\|^2 \pm h \|y\|^2,

where g beyond the first K lies within :math:`m \pm h`. The scale hangs little on v, since it counts
for two test stimuli beside those that there are, and K may be small.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from isocortex.numerics.arrays.constant import UNITS_OF_ROUNDING
from isocortex.numerics.chance.rough_scores import UNIT, as_slice, rounding

ROUGH = ("pearson", "r2", "explained_variance")
"""The pooled scores whose rounding is bounded here; ranks have no sums."""

_SCALE = 2e-3
"""How far the scale of a fold may be off by the axes that are left out."""
_LARGEST = 0.05
"""Relative errors above this are no longer small, and the score is found exactly."""
_FLAT = 1e-3
"""Shares of a sum of squares below which it may be rounding."""


@dataclass(frozen=True, eq=False)
class PooledFold:
    """One fold: rows of products with the targets of all rows."""

    rows: np.ndarray
    """To predictions less the training mean, shape (n_test, n_rows); float32."""
    fit: np.ndarray
    """To the fit along K axes, shape (K, n_rows); float32."""
    gains: tuple[float, float]
    """Frobenius norms of both."""
    rest: tuple[float, float]
    """The share of the variance that is kept along all other axes, and how far it may be off."""
    prior: int
    """How many test stimuli the scale of the training stimuli counts for."""
    train: np.ndarray
    test: np.ndarray


def pooled_fold(
    factors: tuple[np.ndarray, np.ndarray, np.ndarray],
    train: np.ndarray,
    test: np.ndarray,
    n_rows: int,
    prior: int,
) -> PooledFold:
    """A fold that predicts ``factors[0] @ factors[1] @ (y - mean) + mean``.

    Parameters
    ----------
    factors : arrays, shape (n_test, n_axes), (n_axes, n_train), (n_axes,)
        To test stimuli, of training stimuli (orthonormal rows of sum 0), and the share of the
        variance of the targets that the fit keeps along each axis.
    train, test : integer arrays
    n_rows : int
    prior : int
        How many test stimuli the scale of the training stimuli counts for.
    """
    to_test, of_train, kept = factors
    n = len(train)
    order = np.argsort(-kept, kind="stable")
    kept, axes = kept[order], of_train[order]
    # Axes on which no training stimuli lie keep nothing.
    last = kept[-1] if len(kept) >= n - 1 else 0.0
    half = np.append((kept - last) / 2, 0.0)
    off = _SCALE * (len(test) + prior) / 2 * kept.sum() / max(n - 1, 1)
    few = int(np.argmax(half <= off))
    rest = last + half[few]
    rows = to_test @ of_train
    rows = rows - rows.mean(1, keepdims=True)
    fit = np.sqrt(np.maximum(kept[:few] - rest, 0.0))[:, None] * axes[:few]
    gains = float(np.linalg.norm(rows)), float(np.linalg.norm(fit))
    wide_rows, wide_fit = _spread(rows, train, n_rows), _spread(fit, train, n_rows)
    others = float(rest), float(half[few])
    return PooledFold(wide_rows, wide_fit, gains, others, prior, train, test)


def _spread(part: np.ndarray, columns: np.ndarray, n: int) -> np.ndarray:
    """The same in float32 with a column for each row of the targets, 0 for those not trained on."""
    found = np.zeros((len(part), n), dtype=np.float32)
    with np.errstate(over="ignore"):
        found[:, columns] = part
    return found


class PooledFolds:
    """Pooled scores of all folds, and how far they may be from the exact ones.

    Parameters
    ----------
    folds : sequence of PooledFold
    metric : str
        One of ``ROUGH``.
    y : array, shape (n_rows, n_targets)
        As it is, not centred: what of its predictions is but rounding follows from its level.
    """

    def __init__(self, folds: Sequence[PooledFold], metric: str, y: np.ndarray):
        self._folds, self._metric = folds, metric
        self._tests = [as_slice(fold.test) for fold in folds]
        self._inside = np.zeros((len(folds), len(y)), dtype=np.float32)
        for row, fold in zip(self._inside, folds, strict=True):
            row[fold.train] = 1.0
        self._sizes = np.array([[len(fold.test), len(fold.train)] for fold in folds]).T[:, :, None]
        means = self._inside / self._sizes[1].astype(np.float32)
        # Training means and predictions of all folds by one product.
        self._matrix = np.concatenate([means, *(fold.rows for fold in folds)])
        self.n_found = len(self._matrix) + max(len(fold.fit) for fold in folds)
        size = np.linalg.norm(y - y.mean(0), axis=0)
        level = np.finfo(np.float64).eps * np.abs(y).max(0) * len(y) ** 0.5
        least = UNITS_OF_ROUNDING * level / _FLAT
        self._least = np.divide(least, size, out=np.full(len(size), np.inf), where=size > 0)
        rounds = rounding(len(y))
        self._errors = np.array([fold.gains for fold in folds]).T[:, :, None] * rounds
        self._rests = np.array([fold.rest for fold in folds]).T[:, :, None]
        self._rounds = rounds
        self._prior = folds[0].prior

    def of(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Scores and bounds of centred targets of unit length or 0, shape (n_targets,) both.

        All targets of one order stand together, and order after order.
        """
        with np.errstate(all="ignore"):
            sums = self._sums(y)
            score = self._explained if self._metric == "explained_variance" else self._cosine
            scores, doubt = score(sums)
            least = np.tile(self._least, y.shape[1] // len(self._least))
            tests = sums.total.sum(0)
            # Constant over the test stimuli, or predictions that are rounding: undefined, perhaps.
            spread = tests - np.square(sums.plain.sum(0)) / self._sizes[0].sum()
            lost = (np.sqrt(sums.pp.sum(0)) <= least) | (spread <= _FLAT * tests)
            known = np.isfinite(scores) & np.isfinite(doubt) & ~lost
        return np.where(known, scores, 0.0), np.where(known, doubt, np.inf)

    def _sums(self, y: np.ndarray) -> "_Sums":
        shape = len(self._folds), y.shape[1]
        pp, yp, fitted, plain, total = np.empty((5, *shape))
        found = self._matrix @ y
        end = len(self._folds)
        mean = found[:end].astype(np.float64)
        for i, (fold, test) in enumerate(zip(self._folds, self._tests, strict=True)):
            truth, fit = y[test], fold.fit @ y
            guess = found[end : end + len(truth)]
            end += len(truth)
            pp[i] = np.einsum("ij,ij->j", guess, guess)
            yp[i] = np.einsum("ij,ij->j", truth, guess) - mean[i] * guess.sum(0)
            fitted[i] = np.einsum("ij,ij->j", fit, fit)
            plain[i], total[i] = truth.sum(0), np.einsum("ij,ij->j", truth, truth)
        sizes, n_train = self._sizes
        yy = total - 2 * mean * plain + sizes * mean**2
        within = self._inside @ np.square(y) - n_train * mean**2
        return _Sums(pp, yp, yy, fitted, within, plain, total)

    def _cosine(self, sums: "_Sums") -> tuple[np.ndarray, np.ndarray]:
        (sizes, n_train), (of_guess, of_fit) = self._sizes, self._errors
        rest, half = self._rests
        root = np.sqrt(sums.pp)
        wrong = self._wrong_squares(sums.pp, root, of_guess)
        variance = (sums.fitted + rest * sums.within) / n_train
        wrong_variance = half * sums.within + (rest + half) * self._rounds
        wrong_variance += self._wrong_squares(sums.fitted, np.sqrt(sums.fitted), of_fit)
        wrong_variance /= n_train
        expected = (sizes * variance).sum(0)
        ratio = sums.pp.sum(0) / expected
        wrong_ratio = wrong.sum(0) / sums.pp.sum(0) + (sizes * wrong_variance).sum(0) / expected
        scale = sums.pp + self._prior * ratio * variance
        wrong_scale = wrong + self._prior * ratio * (wrong_variance + variance * wrong_ratio)
        off = wrong_scale / scale / 2
        weight = np.sqrt((sizes + self._prior) / scale)
        squares = (sums.pp * weight**2).sum(0)
        truth = sums.yy.sum(0)
        r = (sums.yp * weight).sum(0) / np.sqrt(truth * squares)
        away = np.sqrt((((of_guess + off * root) * weight) ** 2).sum(0) / squares)
        small = (off < _LARGEST).all(0) & (away < _LARGEST)
        # A cosine changes by no more than the two sides turn.
        doubt = np.where(small, 2.2 * (away + self._wrong_truth(sums, truth)), np.inf)
        r = np.clip(r, -1, 1)
        if self._metric == "r2":
            return r * np.abs(r), doubt * (2 * np.abs(r) + doubt)
        return r, doubt

    def _explained(self, sums: "_Sums") -> tuple[np.ndarray, np.ndarray]:
        truth, squares = sums.yy.sum(0), sums.pp.sum(0)
        of_guess = self._errors[0]
        score = (2 * sums.yp.sum(0) - squares) / truth
        products = np.sqrt(truth) * np.sqrt((of_guess**2).sum(0))
        products = products + np.sqrt(truth * squares) * self._wrong_truth(sums, truth)
        wrong = 2 * products + self._wrong_squares(sums.pp, np.sqrt(sums.pp), of_guess).sum(0)
        relative = self._wrong_truth(sums, truth)
        doubt = 1.1 * (wrong / truth + np.abs(score) * 2 * relative)
        return score, np.where(relative < _LARGEST, doubt, np.inf)

    def _wrong_squares(self, squares: np.ndarray, root: np.ndarray, error: np.ndarray):
        return 2 * root * error + error**2 + self._rounds * squares

    def _wrong_truth(self, sums: "_Sums", truth: np.ndarray) -> np.ndarray:
        """The relative error of measured values less their training means, and of their sums."""
        sizes, n_train = self._sizes
        of_means = np.sqrt((sizes / n_train).sum()) * self._rounds + UNIT
        whole = (np.sqrt(sums.total) + np.sqrt(sizes / n_train)) ** 2
        return of_means / np.sqrt(truth) + 2 * self._rounds * whole.sum(0) / truth


@dataclass(frozen=True, eq=False)
class _Sums:
    """Of each fold, shape (n_folds, n_targets)."""

    pp: np.ndarray
    yp: np.ndarray
    yy: np.ndarray
    fitted: np.ndarray
    """Of the fit along the axes that are not left out, over those that are."""
    within: np.ndarray
    """Of the training stimuli."""
    plain: np.ndarray
    """The sum of the test stimuli, as they are."""
    total: np.ndarray
    """Their squares."""
