r"""Cross-validated linear discriminants in many neighbourhoods of one size, in closed form.

What scikit-learn's ``LinearDiscriminantAnalysis(solver="lsqr", shrinkage=s)`` decides: with the
priors :math:`\pi_k` of the training trials,

.. math:: \Sigma = \sum_k \pi_k \left[(1 - s) S_k + s \frac{\operatorname{tr} S_k}{P} I\right],
          \qquad x \mapsto \arg\max_k \; \mu_k^\top \Sigma^{-1} x
          - \tfrac12 \mu_k^\top \Sigma^{-1} \mu_k + \log \pi_k

Sums and products of the test trials of each fold and class are made once; the training part of a
fold is all less its test part.
"""

from dataclasses import dataclass

import numpy as np

_MARGIN = 1e-9
"""Decisions nearer than this part of their size are left to scikit-learn."""


@dataclass(frozen=True, eq=False)
class Design:
    """Which trials are of which class, and which are tested in which fold."""

    classes: np.ndarray
    """From 0, shape (n_trials,)."""
    folds: tuple[tuple[np.ndarray, np.ndarray], ...]
    """Training and test trials."""
    priors: np.ndarray | None = None
    """Of each class; those of the training trials by default."""

    @property
    def n_classes(self) -> int:
        """How many classes there are."""
        return int(self.classes.max()) + 1

    @property
    def is_partition(self) -> bool:
        """Whether every trial is tested once and trains in all other folds."""
        n = len(self.classes)
        tested = np.concatenate([test for _, test in self.folds])
        whole = all(len(train) + len(test) == n for train, test in self.folds)
        return whole and len(tested) == n == len(np.unique(tested))


def lda_accuracies(
    trials: np.ndarray, design: Design, shrinkage: float
) -> tuple[np.ndarray, np.ndarray]:
    """Mean over folds of the share of test trials that are classed rightly.

    Parameters
    ----------
    trials : array, shape (n_centres, n_units, n_trials)
        float64; overwritten.
    design : Design
    shrinkage : float
        Above 0 and up to 1.

    Returns
    -------
    accuracy : array, shape (n_centres,)
        From 0 to 1.
    near : boolean array, shape (n_centres,)
        Where a decision is too near to call, or a covariance is singular.
    """
    # No decision changes by it, and squares lose no digits to offsets.
    trials -= trials.mean(2, keepdims=True)
    pooled = _Moments.of(trials, design.classes, np.arange(trials.shape[2]), design.n_classes)
    right = np.empty((len(trials), len(design.folds)))
    near = np.zeros(len(trials), dtype=bool)
    partition = design.is_partition
    for fold, (train, test) in enumerate(design.folds):
        tested = np.take(trials, test, axis=2)
        if partition:
            # All trials less the test trials: one pass for all folds.
            moments = pooled.less(_Moments.of(trials, design.classes, test, design.n_classes))
        else:
            moments = _Moments.of(trials, design.classes, train, design.n_classes)
        right[:, fold], unsure = _decided(moments, tested, design, test, shrinkage)
        near |= unsure
    return right.mean(1), near


@dataclass(frozen=True, eq=False)
class _Moments:
    """Sums over the trials of each class."""

    counts: np.ndarray
    """Shape (n_classes,)."""
    sums: np.ndarray
    """Shape (n_centres, n_units, n_classes)."""
    products: np.ndarray
    """Shape (n_classes, n_centres, n_units, n_units)."""

    @classmethod
    def of(
        cls, trials: np.ndarray, classes: np.ndarray, some: np.ndarray, n_classes: int
    ) -> "_Moments":
        counts, sums, products = [], [], []
        for k in range(n_classes):
            own = np.take(trials, some[classes[some] == k], axis=2)
            counts.append(own.shape[2])
            sums.append(own.sum(2))
            products.append(np.matmul(own, np.swapaxes(own, 1, 2)))
        return cls(np.array(counts, dtype=float), np.stack(sums, axis=2), np.stack(products))

    def less(self, other: "_Moments") -> "_Moments":
        """Of the trials that are not among the other's."""
        return _Moments(
            self.counts - other.counts, self.sums - other.sums, self.products - other.products
        )


def _decided(
    moments: _Moments, tested: np.ndarray, design: Design, test: np.ndarray, shrinkage: float
) -> tuple[np.ndarray, np.ndarray]:
    """The share of right decisions, and whether one is too near to call; shape (n_centres,)."""
    counts, n_units = moments.counts, tested.shape[1]
    priors = counts / counts.sum() if design.priors is None else design.priors
    means = moments.sums / counts
    covariance = np.zeros(moments.products.shape[1:])
    # As scikit-learn does: each class is shrunk to its own mean variance, then weighted by prior.
    for k, prior in enumerate(priors):
        own = moments.products[k] / counts[k]
        own -= means[:, :, k, None] * means[:, None, :, k]
        mean_variance = np.einsum("bpp->b", own) / n_units
        covariance += prior * (1 - shrinkage) * own
        np.einsum("bpp->bp", covariance)[:] += (prior * shrinkage * mean_variance)[:, None]
    try:
        weights = np.linalg.solve(covariance, means)
    except np.linalg.LinAlgError:
        return np.zeros(len(tested)), np.ones(len(tested), dtype=bool)
    offsets = np.log(priors) - np.einsum("bpk,bpk->bk", means, weights) / 2
    values = np.matmul(np.swapaxes(weights, 1, 2), tested) + offsets[:, :, None]
    chosen = values.argmax(1)
    top = np.partition(values, -2, axis=1)[:, -2:]
    size = np.abs(values).max((1, 2))
    # "Not larger" in place of "smaller": NaN is unsure too.
    unsure = ~((top[:, 1] - top[:, 0]).min(1) > _MARGIN * size)
    return (chosen == design.classes[test]).mean(1), unsure
