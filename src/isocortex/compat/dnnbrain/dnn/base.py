"""``dnnbrain.dnn.base``: univariate and multivariate mapping, and what goes with it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from isocortex.choice import choose
from isocortex.compat.dnnbrain.dnn.features import array_statistic as array_statistic
from isocortex.compat.dnnbrain.dnn.features import dnn_fe as dnn_fe
from isocortex.compat.dnnbrain.dnn.fitted import fit_all
from isocortex.compat.dnnbrain.dnn.single import best_correlation, best_unit_scores
from isocortex.data.responses import Responses
from isocortex.errors import InputError
from isocortex.formats.dnnbrain.dmask import UnitMask
from isocortex.mapping.encode import encode
from isocortex.mapping.probe import probe
from isocortex.numerics.measures.accuracy import ACCURACIES, Accuracy, pearson

SCORINGS = {
    "correlation": "pearson",
    "r2": "r2",
    "explained_variance": "explained_variance",
}


def correlation_score(
    y_true: Any, y_pred: Any, multioutput: str = "uniform_average"
) -> float | np.ndarray:
    """Pearson's r of each column; their mean, or with ``"raw_values"`` all of them."""
    y_true, y_pred = (np.asarray(each, dtype=np.float64) for each in (y_true, y_pred))
    scores = pearson(y_true.reshape(len(y_true), -1), y_pred.reshape(len(y_pred), -1))
    return scores if multioutput == "raw_values" else float(scores.mean())


def correlation_scorer(regressor: Any, X: Any, y: Any) -> float:
    """Pearson's r between measured and predicted, for scikit-learn's ``scoring=``."""
    return float(correlation_score(y, regressor.predict(X)))


def normalize(array: Any) -> np.ndarray:
    """An array brought to 0 … 1."""
    array = np.asarray(array, dtype=np.float64)
    low, high = array.min(), array.max()
    if low == high:
        raise InputError("normalize: the array is constant and has no range.")
    return (array - low) / (high - low)


def dnn_mask(
    dnn_acts: Any, channels: Any = "all", rows: Any = "all", columns: Any = "all"
) -> np.ndarray:
    """A part of an array (n_stimuli, n_channels, n_rows, n_columns); numbers count from 1."""
    chosen = ("all" if each is None else each for each in (channels, rows, columns))
    return UnitMask(*chosen).apply(np.asarray(dnn_acts))


def gen_estimator_from_name(name: str) -> Any:
    """``"lrc"``, ``"svc"``, ``"glm"`` or ``"lasso"`` as a scikit-learn estimator."""
    from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression
    from sklearn.svm import SVC

    makers: dict[str, Callable[[], Any]] = {
        "lrc": LogisticRegression,
        "svc": lambda: SVC(kernel="linear", C=0.025),
        "glm": LinearRegression,
        "lasso": Lasso,
    }
    return choose(name, makers, "estimator")()


def cross_val_confusion(classifier: Any, X: Any, y: Any, cv: int = 5) -> tuple[list, list]:
    """Confusion matrices and accuracies of stratified folds, not shuffled."""
    scores = probe(Responses(np.asarray(X)), np.asarray(y), classifier, folds=cv)
    return list(scores.confusion.values[0].astype(int)), list(scores.values[0, :, 0])


def cross_val_scores(
    regressor: Any, X: Any, Y: Any, scoring: Any, cv: int = 5, multi_trg_flag: bool = True
) -> np.ndarray:
    """Scores of folds that are not shuffled, shape (n_folds, n_targets)."""
    return _folds(Responses(np.asarray(X)), np.asarray(Y), regressor, scoring, cv)


class _Mapping:
    """Estimator, number of folds and score; what the two kinds of mapping share."""

    def __init__(self, estimator: Any = None, cv: int = 5, scoring: Any = None):
        self.set_estimator(estimator)
        self.set_cv(cv)
        self.set_scoring(scoring)

    def set_estimator(self, estimator: Any) -> None:
        """A name (lrc, svc, glm, lasso, corr) or a scikit-learn estimator."""
        named = isinstance(estimator, str) and estimator != "corr"
        self.estimator = gen_estimator_from_name(estimator) if named else estimator

    def set_cv(self, cv: int) -> None:
        """The number of folds."""
        self.cv = cv

    def set_scoring(self, scoring: Any) -> None:
        """How regressors are scored; None is r2. Classifiers are scored by accuracy."""
        self.scoring = scoring

    def _checked(self) -> Any:
        if self.estimator is None:
            raise InputError("Set an estimator first: glm, lasso, svc, lrc, corr, or your own.")
        return self.estimator


class UnivariateMapping(_Mapping):
    """Each target from its best single unit, which is chosen inside the training stimuli."""

    def map(self, X: Any, Y: Any) -> dict[str, np.ndarray]:
        """Score each target.

        Parameters
        ----------
        X : array or Responses, shape (n_stimuli, n_units)
        Y : array, shape (n_stimuli, n_targets)

        Returns
        -------
        dict
            ``score`` (n_targets, n_folds), ``location`` (n_targets,) from 0 and ``model``
            (n_targets,), of all stimuli; for classifiers ``conf_m`` (n_targets, n_folds). With
            ``"corr"`` only ``score`` (n_targets,), the r of largest magnitude, and
            ``location`` (-1 where no unit varies).
        """
        features, targets = _responses(X), _targets(Y)
        estimator = self._checked()
        if isinstance(estimator, str):
            score, location = best_correlation(features.values, targets.astype(np.float64))
            return {"score": score, "location": location}
        measure = _measure(self.scoring)
        return best_unit_scores(features, targets, estimator, self.cv, measure)


class MultivariateMapping(_Mapping):
    """Each target from all units together."""

    def map(self, X: Any, Y: Any) -> dict[str, np.ndarray]:
        """Score each target.

        Parameters
        ----------
        X : array or Responses, shape (n_stimuli, n_units)
        Y : array, shape (n_stimuli, n_targets)

        Returns
        -------
        dict
            ``score`` (n_targets, n_folds) and ``model`` (n_targets,), fitted to all stimuli:
            where one model predicts all targets it is the first, the others are ``"m"``. For
            classifiers also ``conf_m`` (n_targets, n_folds), over all classes.
        """
        from sklearn.base import is_classifier

        features, targets = _responses(X), _targets(Y)
        estimator = self._checked()
        if isinstance(estimator, str):
            raise InputError("'corr' is for map_type 'uv': it correlates single units.")
        if is_classifier(estimator):
            return self._classes(features, targets, estimator)
        targets = targets.astype(np.float64)
        score = _folds(features, targets, estimator, self.scoring, self.cv).T
        fitted = fit_all(estimator, features, targets)
        models = fitted if isinstance(fitted, list) else [fitted] + ["m"] * (targets.shape[1] - 1)
        return {"score": score, "model": _objects(models)}

    def _classes(
        self, features: Responses, targets: np.ndarray, estimator: Any
    ) -> dict[str, np.ndarray]:
        parts = [probe(features, column, estimator, folds=self.cv) for column in targets.T]
        models = [fit_all(estimator, features, column) for column in targets.T]
        return {
            "score": np.stack([part.values[0, :, 0] for part in parts]),
            "conf_m": np.stack([_objects(part.confusion.values[0].astype(int)) for part in parts]),
            "model": _objects(models),
        }


def _folds(
    features: Responses, targets: np.ndarray, estimator: Any, scoring: Any, cv: int
) -> np.ndarray:
    """Scores (n_folds, n_targets) of folds that are not shuffled."""
    recording = Responses(targets.astype(np.float64), features.stimuli)
    scores = encode(features, recording, estimator, folds=cv, accuracy=_measure(scoring))
    return scores.values[0]


def _measure(scoring: Any) -> Accuracy:
    """A scoring of DNNBrain as a function of measured and predicted, both (n, n_targets)."""
    if callable(scoring):

        def measure(measured: np.ndarray, predicted: np.ndarray) -> np.ndarray:
            return np.asarray(scoring(measured, predicted, multioutput="raw_values"))

        return measure
    return ACCURACIES[str(choose(scoring or "r2", SCORINGS, "scoring"))]


def _responses(x: Any) -> Responses:
    return x if isinstance(x, Responses) else Responses(np.asarray(x))


def _targets(y: Any) -> np.ndarray:
    y = np.asarray(y)
    if y.ndim != 2:
        raise InputError(f"The targets must be (n_stimuli, n_targets), not {y.shape}.")
    return y


def _objects(items: Any) -> np.ndarray:
    """A one-dimensional array of objects, whatever they are."""
    array = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        array[place] = item
    return array
