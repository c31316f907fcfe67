"""What a model is: it says what it needs, and makes itself ready for one fold."""

import inspect
from abc import ABC, abstractmethod
from functools import cache
from math import inf
from typing import Any, Literal, Protocol, Self

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from isocortex.choice import counted
from isocortex.data.responses import Responses
from isocortex.errors import InputError
from isocortex.mapping.estimator_input import given_array, given_arrays, validated
from isocortex.mapping.feature_source import Source
from isocortex.mapping.models.sample_weights import checked_weights
from isocortex.mapping.view import View
from isocortex.types import Values


class Prepared(Protocol):
    """A model made ready for one fold: all that does not depend on the targets is done.

    Besides ``predict`` it may have ``outcome(y, size)`` (predictions with what was chosen),
    ``dual(y)`` (weights on the training stimuli, by which models are kept) and ``factors`` (by
    which permutations of the targets cost least), as those of :mod:`.prepared` do.
    """

    def predict(self, y: np.ndarray) -> np.ndarray:
        """From training targets, (n_train, n_targets), to predictions, (n_test, n_targets)."""
        ...


class Model(ABC):
    """What ``encode``, ``decode`` and ``probe`` ask of every model, with the cautious answers."""

    needs: Literal["gram", "features"] = "features"
    """Whether inner products of the features suffice."""
    columnwise: bool = False
    """Whether each target is predicted by itself, so that targets of many permutations may
    stand side by side."""
    ddof: int | None = None
    """Where features are z-scored on the training stimuli: the divisor is n_train - ddof."""
    plain: bool = False
    """Whether it is fitted as it is, by code of its own."""
    parallel: bool = False
    """Whether a fold takes so long that folds are shared among processes."""
    threads_from: float = inf
    """Multiplications of a fold from which folds gain by being worked on side by side; of a model
    that keeps something in itself, or of which a fold shares out its own work, none."""
    joint: bool = False
    """Whether several layers are one model's, as its bands."""
    alike: bool = False
    """Whether one linear map predicts all targets, so that sums of targets may stand for them."""
    follows_axes: bool = False
    """Whether it sees nothing but the principal axes, so that it may follow a PCA."""
    across_folds: Any = None
    """Of a model that finds its scores for all folds at once: a function of source, targets
    and settings."""

    @abstractmethod
    def prepare(self, view: View) -> Prepared:
        """Do all that does not depend on the targets."""

    def validate(self) -> None:  # noqa: B027
        """Refuse parameters that no data could go with."""

    def check(self, view: View, n_targets: int) -> None:  # noqa: B027
        """Refuse what does not fit a fold, before any work."""

    def why(self, view: View, n_rows: int) -> str:
        """What the table of layers says of the solver that was chosen."""
        name, solver, p = view.name, view.solver, view.n_features
        if solver == "plain":
            return f"{name} is fitted on the features as it is"
        if solver == "dual":
            return (
                f"{name}: {counted(p, 'feature')}, {counted(n_rows, 'stimulus')}, through the Gram "
                "matrix"
            )
        if self.needs == "gram":
            return (
                f"{name}: {counted(p, 'feature')} < {counted(n_rows, 'stimulus')}, through the "
                "features"
            )
        return f"{name}: through its {p} features"


class LinearModel(Model, MultiOutputMixin, RegressorMixin, BaseEstimator):
    """What the linear models share: weights through ``prepare``, predictions from weights.

    A model of your own needs only ``prepare(view)``, which returns a :class:`Smoother` (or
    another object with ``predict(y)`` and ``dual(y)``); the page on encoding has one.

    Attributes
    ----------
    coef_ : array, shape (n_targets, n_features) or (n_features,)
    intercept_ : array, shape (n_targets,), or float
    n_features_in_ : int

    See Also
    --------
    Smoother : what ``prepare`` of a linear model returns, with an example.
    OLS, Ridge : two such models.

    Examples
    --------
    >>> import isocortex as ic
    >>> isinstance(ic.Ridge(1.0), ic.LinearModel)
    True
    """

    needs = "gram"
    coef_: np.ndarray
    intercept_: Any

    def fit(self, X: Values, y: Values, sample_weight: Values | None = None) -> Self:
        """Find the weights.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_features)
        y : array, shape (n_stimuli, n_targets) or (n_stimuli,)
        sample_weight : array, shape (n_stimuli,), optional
            How often each stimulus counts: a whole number is that many copies, 0 leaves it out.
            A penalty is chosen by errors that count likewise, on folds of the stimuli as given.

        Returns
        -------
        self
        """
        features, outcome = given_arrays(X, y, type(self).__name__)
        features, outcome = validated(
            self, features, outcome, multi_output=True, y_numeric=True, dtype=np.float64
        )
        targets = outcome.reshape(len(outcome), -1).astype(np.float64, copy=False)
        weights = checked_weights(sample_weight, len(features), type(self).__name__)
        self.validate()
        if weights is None:
            coefficients, intercept = self._weights(features, targets)
        else:
            there = weights > 0
            coefficients, intercept = self._weighted(
                features[there], targets[there], weights[there]
            )
        self.coef_ = coefficients[0] if outcome.ndim == 1 else coefficients
        self.intercept_ = float(intercept[0]) if outcome.ndim == 1 else intercept
        return self

    def _view(self, X: np.ndarray) -> View:
        """All of an array, with nothing to test."""
        rows = np.arange(len(X))
        solver = "primal" if X.shape[1] < len(X) or self.needs == "features" else "dual"
        source = Source(Responses(X), rows)
        return View(source, (rows, rows[:0]), solver, self.ddof, name=called(self))

    def _weights(self, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weights, shape (n_targets, n_features), and intercepts, shape (n_targets,)."""
        view = self._view(X)
        self.check(view, y.shape[1])
        prepared: Any = self.prepare(view)
        if not hasattr(prepared, "dual"):
            raise InputError(
                f"{type(self).__name__}.fit: what its prepare returns ({type(prepared).__name__}) "
                "has no dual(y), the weights on training stimuli. Return a Smoother, or write fit "
                "and predict."
            )
        dual, alpha = prepared.dual(y)
        if alpha is not None:
            self.alpha_ = alpha
        weights, mean = view.on_features(dual)
        return np.ascontiguousarray(weights.T), y.mean(0) - mean @ weights

    def _weighted(
        self,
        X: np.ndarray,  # noqa: ARG002
        y: np.ndarray,  # noqa: ARG002
        weights: np.ndarray,  # noqa: ARG002
    ) -> tuple[np.ndarray, np.ndarray]:
        """The same of weighted stimuli."""
        raise InputError(f"{type(self).__name__} takes no sample_weight.")

    def predict(self, X: Values) -> np.ndarray:
        """Predict the targets of new stimuli.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_features)

        Returns
        -------
        array, shape (n_stimuli, n_targets) or (n_stimuli,)
        """
        check_is_fitted(self, "coef_")
        features = given_array(X, type(self).__name__)
        features = validated(self, features, reset=False, dtype=np.float64)
        return features @ self.coef_.T + self.intercept_


def called(model: Any) -> str:
    """What a user wrote, in short: ``PCR(100)``."""
    name = type(model).__name__
    size = getattr(model, "n_components", None)
    return name if size is None else f"{name}({size})"


_FEW = 30
"""Numbers up to which scikit-learn writes a list out."""


def in_short(model: Any) -> str:
    """What ``repr`` says of a model, on one line.

    scikit-learn's is a tenth of a small encode; of ours the same is said without its printer.
    """
    plain = isinstance(model, LinearModel) and type(model).__repr__ is BaseEstimator.__repr__
    if plain and get_config()["print_changed_only"]:
        defaults = _defaults(type(model))
        values = {name: getattr(model, name, ...) for name in defaults}
        if all(_is_plain(value) for value in values.values()):
            said = {name: repr(value) for name, value in values.items()}
            changed = [f"{k}={text}" for k, text in said.items() if text != defaults[k]]
            return f"{type(model).__name__}({', '.join(changed)})"
    return " ".join(repr(model).split())


@cache
def _defaults(kind: type) -> dict[str, str]:
    """The text of the default of each parameter, by their names as they sort."""
    known = inspect.signature(kind).parameters
    return {name: repr(known[name].default) for name in sorted(known)}


def _is_plain(value: Any) -> bool:
    """A number, a word, or a few numbers."""
    if type(value) is list:
        return len(value) <= _FEW and all(type(each) in (int, float) for each in value)
    return value is None or type(value) in (int, float, bool, str)
