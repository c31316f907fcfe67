"""A linear support vector machine that does not depend on the unit of measurement."""

import warnings

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from isocortex.errors import warn
from isocortex.numerics.arrays.constant import is_rounding

STEPS = 1_000_000
"""After which a fit ends in any case; on standardized data hundreds are enough."""


class LinearSVM(ClassifierMixin, BaseEstimator):
    """scikit-learn's ``SVC(kernel="linear")`` on units standardized by the training trials.

    The penalty C = 1 weighs squared weights, whose size depends on the unit of measurement,
    against errors, whose number does not; and a large constant keeps the solver from ending.
    With mean 0 and deviation 1 in the training trials neither can happen: an offset of each
    unit, and its scale, change nothing.

    Attributes
    ----------
    classes_ : array, shape (2,)
    """

    def fit(self, X: np.ndarray, y: np.ndarray) -> "LinearSVM":
        """Learn from trials, shape (n_trials, n_units), and their sides."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.svm import SVC

        self._first = X[0]
        moved = X - self._first
        self._mean = moved.mean(0)
        moved -= self._mean
        largest = np.abs(moved).max(0)
        flat = is_rounding(largest, np.abs(X).max(0))
        # In units of the largest, so that no square is beyond what numbers can hold.
        largest = np.where(flat, 1.0, largest)
        moved /= largest
        deviation = np.where(flat, 1.0, np.sqrt(np.einsum("ij,ij->j", moved, moved) / len(X)))
        self._scale, self._varies = (largest, deviation), ~flat
        moved = moved[:, self._varies] / deviation[self._varies]
        self._svc = SVC(kernel="linear", max_iter=STEPS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._svc.fit(moved, y)
        if self._svc.fit_status_:
            warn(
                f"svm: a fit was stopped after {STEPS} steps before it had converged; its "
                "decisions may change with more. Are units nearly copies of each other?"
            )
        self.classes_ = self._svc.classes_
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The side of each trial, shape (n_trials,)."""
        largest, deviation = self._scale
        moved = ((X - self._first) - self._mean) / largest / deviation
        return self._svc.predict(moved[:, self._varies])
