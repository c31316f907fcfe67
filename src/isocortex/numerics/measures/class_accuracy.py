"""How well classes are discriminated: accuracies of a fitted classifier, and its confusions."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Measure = Callable[[np.ndarray, np.ndarray], Any]
ClassAccuracy = Callable[[np.ndarray, Any, np.ndarray], float]


def accuracy(true: np.ndarray, fitted: Any, x: np.ndarray) -> float:
    """The share of right answers, from 0 to 1."""
    return float(np.mean(fitted.predict(x) == true))


def balanced_accuracy(true: np.ndarray, fitted: Any, x: np.ndarray) -> float:
    """The mean over classes of the share of right answers, from 0 to 1."""
    right = fitted.predict(x) == true
    return float(np.mean([right[true == each].mean() for each in np.unique(true)]))


def roc_auc(true: np.ndarray, fitted: Any, x: np.ndarray) -> float:
    """The area under the receiver operating characteristic, from 0 to 1, chance 0.5.

    Of more than two classes: the mean over classes of each against the rest. NaN where the
    test stimuli lack a class.
    """
    from sklearn.metrics import roc_auc_score

    if len(np.unique(true)) < len(fitted.classes_):
        return float("nan")
    if len(fitted.classes_) == 2:
        return float(roc_auc_score(true == fitted.classes_[1], _decision(fitted, x)))
    return float(np.mean(_one_against_rest(true, fitted, x)))


def confusion(true: np.ndarray, predicted: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Counts of true class (rows) by predicted class (columns)."""
    n = len(classes)
    where = np.searchsorted(classes, true) * n + np.searchsorted(classes, predicted)
    return np.bincount(where, minlength=n * n).reshape(n, n)


def of_predictions(measure: Measure) -> ClassAccuracy:
    """A function of true and predicted classes, as a class accuracy."""
    return lambda true, fitted, x: float(measure(true, fitted.predict(x)))


def _decision(fitted: Any, x: np.ndarray) -> np.ndarray:
    if hasattr(fitted, "decision_function"):
        return fitted.decision_function(x)
    found = fitted.predict_proba(x)
    return found[:, 1] if found.shape[1] == 2 else found


def _one_against_rest(true: np.ndarray, fitted: Any, x: np.ndarray) -> list[float]:
    from sklearn.metrics import roc_auc_score

    scores = fitted.predict_proba(x) if hasattr(fitted, "predict_proba") else _decision(fitted, x)
    return [
        float(roc_auc_score(true == each, scores[:, i])) for i, each in enumerate(fitted.classes_)
    ]


CLASS_ACCURACIES: Mapping[str, ClassAccuracy] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "roc_auc": roc_auc,
}
