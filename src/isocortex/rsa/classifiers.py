"""Which classifier, and how: in batches for what we know, one by one otherwise."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from isocortex.arrays import pairs_of
from isocortex.choice import is_number, one_of
from isocortex.errors import InputError
from isocortex.numerics.pairs.discriminant import lda_accuracy
from isocortex.progress import advance
from isocortex.rsa.svm import LinearSVM

Accuracy = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""Values (n_times, n_trials, n_units), conditions and folds → accuracies (n_times, n_pairs)."""


def checked_shrinkage(shrinkage: Any) -> "float | str | None":
    """``None``, ``"auto"`` or a number above 0 and up to 1.

    Raises
    ------
    InputError
        If it is something else.
    """
    if shrinkage is None or (isinstance(shrinkage, str) and shrinkage == "auto"):
        return shrinkage
    if is_number(shrinkage) and 0 < shrinkage <= 1:
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
        return CLASSIFIERS[one_of(classifier, CLASSIFIERS, "classifier")](shrinkage)
    known = _known(classifier)
    if known is not None and shrinkage is None:
        return _as_given(classifier, known[0]), _lda(known[0])[1], 2
    check_classifier(classifier)
    _no_shrinkage(shrinkage, type(classifier).__name__)
    return one_by_one(classifier), type(classifier).__name__, 1


def check_classifier(classifier: Any) -> None:
    """A classifier that is no name must be one of scikit-learn's kind.

    Raises
    ------
    InputError
        If it has no ``fit`` or ``predict``.
    """
    if not hasattr(classifier, "fit") or not hasattr(classifier, "predict"):
        raise InputError(
            "classifier must be 'lda', 'svm' or a scikit-learn classifier with fit and predict, "
            f"not {type(classifier).__name__}."
        )


def _known(classifier: Any) -> tuple[Any] | None:
    """The shrinkage of a scikit-learn discriminant that the fast solver equals, in a tuple."""
    if type(classifier).__name__ != "LinearDiscriminantAnalysis":
        return None
    given = {k: v for k, v in classifier.get_params().items() if k not in ("solver", "shrinkage")}
    default = {k: v for k, v in type(classifier)().get_params().items() if k in given}
    plain = classifier.solver == "svd" and classifier.shrinkage is None
    shrunk = classifier.solver == "lsqr" and classifier.shrinkage not in (None, 0)
    return (classifier.shrinkage,) if given == default and (plain or shrunk) else None


def _as_given(classifier: Any, shrinkage: Any) -> Accuracy:
    """The fast solver, which weighs both sides equally, where scikit-learn's priors do too."""

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


CLASSIFIERS: Mapping[str, Callable[[Any], tuple[Accuracy, str, int]]] = {"lda": _lda, "svm": _svm}


def one_by_one(classifier: Any) -> Accuracy:
    """A copy of the classifier is fitted for each pair, time and fold: slow, for any classifier."""

    def accuracy(values: np.ndarray, condition: np.ndarray, fold: np.ndarray) -> np.ndarray:
        return accuracies_one_by_one(classifier, values, condition, fold)[:, 0]

    return accuracy


def accuracies_one_by_one(
    classifier: Any,
    values: np.ndarray,
    condition: np.ndarray,
    fold: np.ndarray,
    across_times: bool = False,
) -> np.ndarray:
    """Mean of both conditions' shares of trials classified correctly, a fit for each pair and fold.

    Parameters
    ----------
    classifier : scikit-learn classifier
    values : array, shape (n_times, n_trials, n_units)
    condition, fold : integer arrays, shape (n_trials,)
    across_times : bool, default=False
        Whether what is learnt at a time is tested at all times, or at the same only.

    Returns
    -------
    array, shape (n_times, n_test_times, n_pairs)
        With one test time unless they are tested at all.
    """
    from sklearn.base import clone

    n_tested = len(values) if across_times else 1
    rows, columns = pairs_of(condition.max() + 1)
    out = np.empty((len(values), n_tested, len(rows)))
    for i, pair in enumerate(zip(rows, columns, strict=True)):
        mine = np.isin(condition, pair)
        x, sides, folds = values[:, mine], condition[mine] == pair[1], fold[mine]
        right = np.zeros((len(x), n_tested, len(sides)), dtype=bool)
        for f in np.unique(folds):
            test = folds == f
            for t in range(len(x)):
                fitted: Any = clone(classifier)
                fitted.fit(x[t][~test], sides[~test])
                tested = x[:, test] if across_times else x[t : t + 1, test]
                # One call for all test times: (n_test_times, n_test, n_units) as rows.
                found = fitted.predict(tested.reshape(-1, x.shape[2])).reshape(n_tested, -1)
                right[t][:, test] = found == sides[test]
        advance(len(values))
        out[:, :, i] = (right[..., ~sides].mean(2) + right[..., sides].mean(2)) / 2
    return out
