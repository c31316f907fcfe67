"""Which classifier, and on which road: in batches for what we know, one by one otherwise."""

from collections.abc import Callable
from typing import Any

import numpy as np

from isocortex.choice import choose
from isocortex.errors import InputError
from isocortex.numerics.pairs.discriminant import lda_accuracy
from isocortex.rsa.svm import LinearSVM

Accuracy = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""Values (n_times, n_trials, n_units), conditions and folds → accuracies (n_times, n_pairs)."""


def fresh(classifier: Any) -> Any:
    """An unfitted copy."""
    from sklearn.base import clone

    return clone(classifier)


def checked_shrinkage(shrinkage: Any) -> "float | str | None":
    """``None``, ``"auto"`` or a number above 0 and up to 1.

    Raises
    ------
    InputError
        If it is something else.
    """
    if shrinkage is None or (isinstance(shrinkage, str) and shrinkage == "auto"):
        return shrinkage
    if isinstance(shrinkage, int | float) and 0 < shrinkage <= 1:
        return float(shrinkage)
    raise InputError(
        f"shrinkage={shrinkage!r}: use None (no shrinkage), 'auto' (Ledoit-Wolf), or a number "
        "above 0 and up to 1."
    )


def accuracy_of(classifier: Any, shrinkage: Any) -> tuple[Accuracy, str, int]:
    """The function, its name, and how many trials of a condition it needs to learn from.

    Raises
    ------
    InputError
        If the classifier is not known, or shrinkage is asked of one that has none.
    """
    shrinkage = checked_shrinkage(shrinkage)
    if isinstance(classifier, str):
        make = choose(classifier, {"lda": _lda, "svm": _svm}, "classifier")
        return make(shrinkage)
    known = _known(classifier)
    if known is not None and shrinkage is None:
        return _as_given(classifier, known[0]), _lda(known[0])[1], 2
    if not hasattr(classifier, "fit") or not hasattr(classifier, "predict"):
        raise InputError(
            "classifier must be 'lda', 'svm' or a scikit-learn classifier with fit and predict, "
            f"not {type(classifier).__name__}."
        )
    _no_shrinkage(shrinkage, type(classifier).__name__)
    return one_by_one(classifier), type(classifier).__name__, 1


def _known(classifier: Any) -> tuple[Any] | None:
    """The shrinkage of a scikit-learn discriminant that the fast road equals, in a tuple."""
    if type(classifier).__name__ != "LinearDiscriminantAnalysis":
        return None
    given = {k: v for k, v in classifier.get_params().items() if k not in ("solver", "shrinkage")}
    default = {k: v for k, v in type(classifier)().get_params().items() if k in given}
    plain = classifier.solver == "svd" and classifier.shrinkage is None
    shrunk = classifier.solver == "lsqr" and classifier.shrinkage not in (None, 0)
    return (classifier.shrinkage,) if given == default and (plain or shrunk) else None


def _as_given(classifier: Any, shrinkage: Any) -> Accuracy:
    """The fast road, which weighs both sides equally, where scikit-learn's priors do so too."""

    def accuracy(values: np.ndarray, condition: np.ndarray, fold: np.ndarray) -> np.ndarray:
        inside = np.zeros((condition.max() + 1, fold.max() + 1), dtype=int)
        np.add.at(inside, (condition, fold), 1)
        if (inside == inside[0]).all():
            return lda_accuracy(values, condition, fold, shrinkage)
        return one_by_one(classifier)(values, condition, fold)

    return accuracy


def _no_shrinkage(shrinkage: Any, name: str) -> None:
    if shrinkage is not None:
        raise InputError(f"shrinkage={shrinkage!r} is for classifier='lda'; {name} has none.")


def _lda(shrinkage: Any) -> tuple[Accuracy, str, int]:
    def accuracy(values: np.ndarray, condition: np.ndarray, fold: np.ndarray) -> np.ndarray:
        return lda_accuracy(values, condition, fold, shrinkage)

    name = "lda" if shrinkage is None else f"lda, shrinkage {shrinkage}"
    return accuracy, name, 2


def _svm(shrinkage: Any) -> tuple[Accuracy, str, int]:
    _no_shrinkage(shrinkage, "svm")
    return one_by_one(LinearSVM()), "svm", 1


def one_by_one(classifier: Any) -> Accuracy:
    """The plain road: a copy of the classifier is fitted for each pair, time and fold."""

    def accuracy(values: np.ndarray, condition: np.ndarray, fold: np.ndarray) -> np.ndarray:
        n_conditions, n_folds = condition.max() + 1, fold.max() + 1
        rows, columns = np.triu_indices(n_conditions, 1)
        out = np.empty((len(values), len(rows)))
        for i, pair in enumerate(zip(rows, columns, strict=True)):
            mine = np.isin(condition, pair)
            sides = condition[mine] == pair[1]
            for t, x in enumerate(values[:, mine]):
                right = np.zeros(len(sides), dtype=bool)
                for f in range(n_folds):
                    test = fold[mine] == f
                    if test.any():
                        fitted = fresh(classifier).fit(x[~test], sides[~test])
                        right[test] = fitted.predict(x[test]) == sides[test]
                out[t, i] = (right[~sides].mean() + right[sides].mean()) / 2
        return out

    return accuracy
