"""A model made ready for one fold: all that does not depend on the targets is done once.

Every class here has ``predict(y)``: from training targets, shape (n_train, n_targets), to
predictions for the test stimuli, shape (n_test, n_targets).
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.utils import get_tags

from isocortex.data.needs import door
from isocortex.display.shown import shown
from isocortex.mapping.folds import wants_groups
from isocortex.numerics.linear import ridge
from isocortex.numerics.linear.basis import Basis
from isocortex.numerics.linear.pls import pls

WORSE = 0.05
"""A largest penalty whose loss is above that of predicting the mean by more than this share is too
small a one; by less, there is nothing to predict."""


class Edges(NamedTuple):
    """How many targets of a fold have penalties at an edge of the grid."""

    counts: np.ndarray
    """Of the smallest and of the largest penalty, shape (2,)."""
    smallest: float
    largest: float
    n_nothing: int = 0
    """How many more chose the largest because nothing predicts them better than their mean."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """Predictions of one fold, and what is to be told of the fit."""

    predicted: np.ndarray | None
    """Shape (n_test, n_targets), until they are scored; kept only where that was asked for."""
    variance: np.ndarray | None = None
    """Of the fitted training stimuli, shape (n_targets,), where it was asked for."""
    chosen: Mapping[str, np.ndarray] = field(default_factory=dict)
    """What was chosen for each target: ``"alpha"``, shape (n_targets,); the ``"mixture"`` of bands,
    shape (n_targets, n_bands)."""
    edges: Edges | None = None
    parts: np.ndarray | None = None
    """What each feature space adds to the predictions, shape (n_spaces, n_test, n_targets)."""

    def without_predictions(self) -> "Outcome":
        """What is small enough to keep for every layer and fold."""
        return Outcome(None, None, self.chosen, self.edges)


@door
@shown()
@dataclass(frozen=True, eq=False)
class Smoother:
    r"""Predictions linear in the targets: a fixed filter on principal axes.

    .. math:: \hat Y_e = \bar y_t + Z_e \, \mathrm{diag}(f) \, U^\top (Y_t - \bar y_t)

    What ``prepare(view)`` of a linear model returns. Permutations of the targets cost little with
    it, and kept models have weights.

    Parameters
    ----------
    basis : Basis
        ``view.basis()``: :math:`U` and the test scores :math:`Z_e`.
    filter : array, shape (n_axes,)
        :math:`f`; of ridge :math:`\lambda^{1/2} / (\lambda + \alpha)`.
    alpha : float, optional
        The penalty, where there is one, for kept models to tell.

    See Also
    --------
    LinearModel : gives such a model ``fit`` and ``predict``.

    Examples
    --------
    Least squares in six numbers:

    >>> import numpy as np
    >>> import isocortex as ic
    >>> class LeastSquares(ic.LinearModel):
    ...     columnwise = True
    ...     def prepare(self, view):
    ...         axes = view.basis()
    ...         return ic.Smoother(axes, 1 / np.sqrt(axes.variances))
    >>> x = np.array([[0.0], [1.0], [2.0]])
    >>> LeastSquares().fit(x, 3 * x[:, 0] + 1).predict([[10.0]]).round(6)
    array([31.])
    """

    basis: Basis
    filter: np.ndarray
    alpha: float | None = None

    @property
    def factors(self) -> tuple[np.ndarray, np.ndarray]:
        """Two matrices whose product takes centred targets to predictions less their mean.

        Shapes (n_test, n_axes) and (n_axes, n_train).
        """
        return self.basis.test * self.filter, self.basis.train.T

    @property
    def gains(self) -> np.ndarray:
        """The share of the variance of targets that the fit keeps along each axis.

        Shape (n_axes,): :math:`\\lambda f^2`.
        """
        return self.basis.variances * self.filter**2

    def predict(self, y: np.ndarray) -> np.ndarray:
        """Predictions for the test stimuli."""
        return self._predicted(y)[0]

    def _predicted(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predictions, and the training targets on the axes."""
        mean = y.mean(0)
        projected = self.basis.train.T @ (y - mean)
        return mean + (self.basis.test * self.filter) @ projected, projected

    def outcome(self, y: np.ndarray, size: bool) -> Outcome:
        """Predictions, and where asked the size of the fit."""
        predicted, projected = self._predicted(y)
        if not size:
            return Outcome(predicted)
        weights = self.filter[:, None] * projected
        return Outcome(predicted, _fitted_variance(self.basis, weights))

    def dual(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Weights on the training stimuli, shape (n_train, n_targets), and the penalties."""
        # Weights on axes, then on training stimuli: V = X' U / sqrt(variance).
        root = self.filter / np.sqrt(self.basis.variances)
        weights = (self.basis.train * root) @ (self.basis.train.T @ (y - y.mean(0)))
        return weights, None if self.alpha is None else np.full(y.shape[1], self.alpha)


@dataclass(frozen=True, eq=False)
class ChosenRidge:
    """Ridge with a penalty that is chosen inside the training stimuli."""

    basis: Basis
    alphas: np.ndarray
    losses: Any
    """From centred targets to losses, shape (n_alphas, n_targets); None where ``alphas`` has
    a fixed penalty for each target."""
    per_target: bool
    of_mean: Any = None
    """From centred targets to the loss of predicting their mean alone, shape (n_targets,)."""

    def chosen(self, y: np.ndarray) -> np.ndarray:
        """The penalty of each target."""
        if self.losses is None:
            # Several permutations of the targets stand side by side.
            return np.tile(self.alphas, y.shape[1] // len(self.alphas))
        return self._best(self.losses(y - y.mean(0)))

    def _best(self, losses: np.ndarray) -> np.ndarray:
        return ridge.best_alphas(losses, self.alphas, self.per_target)

    def predict(self, y: np.ndarray) -> np.ndarray:
        """Predictions for the test stimuli."""
        return self._predicted(y, self._weights(y, self.chosen(y)))

    def outcome(self, y: np.ndarray, size: bool) -> Outcome:
        """Predictions, where asked the size of the fit, and the penalties."""
        centred = y - y.mean(0)
        losses = None if self.losses is None else self.losses(centred)
        alpha = self.chosen(y) if losses is None else self._best(losses)
        weights = self._weights(y, alpha)
        variance = _fitted_variance(self.basis, weights) if size else None
        predicted = self._predicted(y, weights)
        if losses is None:
            return Outcome(predicted, variance)
        nothing = nothing_predicted(losses, self.of_mean(centred), self.per_target)
        edges = at_the_edge(alpha, self.alphas, self.basis.variances, nothing)
        return Outcome(predicted, variance, {"alpha": alpha}, edges)

    def dual(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weights on the training stimuli, shape (n_train, n_targets), and the penalties."""
        alpha = self.chosen(y)
        roots = np.sqrt(self.basis.variances)
        return (self.basis.train / roots) @ self._weights(y, alpha), alpha

    def _weights(self, y: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        return ridge.ridge(self.basis, y - y.mean(0), alpha)

    def _predicted(self, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
        return y.mean(0) + self.basis.test @ weights


@dataclass(frozen=True, eq=False)
class LatentRegression:
    """Partial least squares of all targets together."""

    within: np.ndarray
    across: np.ndarray
    n_components: int
    scale: bool
    """Whether each target is brought to unit variance first."""

    def predict(self, y: np.ndarray) -> np.ndarray:
        """Predictions for the test stimuli."""
        fit, mean, scale = self._fit(y)
        return mean + (self.across @ fit.dual) @ fit.loadings * scale

    def outcome(self, y: np.ndarray, size: bool) -> Outcome:
        """Predictions, and where asked the size of the fit."""
        fit, mean, scale = self._fit(y)
        predicted = mean + (self.across @ fit.dual) @ fit.loadings * scale
        if not size:
            return Outcome(predicted)
        fitted = (self.within @ fit.dual) @ fit.loadings * scale
        return Outcome(predicted, fitted.var(0))

    def dual(self, y: np.ndarray) -> tuple[np.ndarray, None]:
        """Weights on the training stimuli, shape (n_train, n_targets); no penalties."""
        fit, _, scale = self._fit(y)
        return fit.dual @ fit.loadings * scale, None

    def _fit(self, y: np.ndarray):
        mean = y.mean(0)
        scale = np.ones(y.shape[1])
        if self.scale:
            deviation = y.std(0, ddof=1)
            scale = np.where(deviation > 0, deviation, 1.0)
        return pls(self.within, (y - mean) / scale, self.n_components), mean, scale


@dataclass(frozen=True, eq=False)
class Estimator:
    """A scikit-learn estimator on features, or on principal components of them."""

    model: Any
    train: np.ndarray
    test: np.ndarray
    groups: np.ndarray | None = None
    """Of the training stimuli, for a search over parameters that splits them by group."""
    variances: np.ndarray | None = None
    """Of the principal components, where it is these that the estimator is fitted to."""

    def predict(self, y: np.ndarray) -> np.ndarray:
        """Predictions for the test stimuli; single-target models are fitted target by target."""
        if y.ndim == 1 or takes_many_targets(self.model):
            found = np.asarray(self.fit(y).predict(self.test))
            return found.reshape(len(self.test), -1) if y.ndim > 1 else found
        return np.column_stack([self.fit(y[:, t]).predict(self.test) for t in range(y.shape[1])])

    def outcome(self, y: np.ndarray, size: bool) -> Outcome:
        """Predictions, where asked the size of the fit, and the penalty, if one was chosen."""
        together = takes_many_targets(self.model)
        fitted = [self.fit(y)] if together else [self.fit(column) for column in y.T]
        predicted = _of_all(fitted, self.test)
        variance = _of_all(fitted, self.train).var(0) if size else None
        alpha = chosen_penalty(fitted)
        if alpha is None:
            return Outcome(predicted, variance)
        return Outcome(predicted, variance, {"alpha": np.broadcast_to(alpha, predicted.shape[1:])})

    def fit(self, y: np.ndarray) -> Any:
        """A fitted clone of the model."""
        return fitted_clone(self.model, self.train, y, self.groups)


@dataclass(frozen=True, eq=False)
class Predictor:
    """A user's model, of which nothing is known but that it predicts."""

    ready: Any
    on_training: Callable[[], Any]
    """The same with the training stimuli to predict, made only where it is asked for."""

    def predict(self, y: np.ndarray) -> np.ndarray:
        """Predictions for the test stimuli."""
        return self.ready.predict(y)

    def outcome(self, y: np.ndarray, size: bool) -> Outcome:
        """Predictions, and where asked the size of the fit."""
        variance = self.on_training().predict(y).var(0) if size else None
        return Outcome(self.predict(y), variance)


def fitted_clone(model: Any, x: np.ndarray, y: np.ndarray, groups: np.ndarray | None) -> Any:
    """A clone of the model, fitted; a search whose splitter asks for groups gets them."""
    copy: Any = clone(model, safe=False)
    name, last = copy.steps[-1] if hasattr(copy, "steps") else ("", copy)
    if groups is None or not _is_search(last) or not hasattr(last.cv, "split"):
        return copy.fit(x, y)
    if not wants_groups(last.cv):
        return copy.fit(x, y)
    return copy.fit(x, y, **{f"{name}__groups" if name else "groups": groups})


def last_step(model: Any) -> Any:
    """The last step of a pipeline, or the model itself."""
    return model.steps[-1][1] if hasattr(model, "steps") else model


def chosen_penalty(fitted: Sequence[Any]) -> np.ndarray | None:
    """The penalties that fitted estimators chose among ``alphas``, or None."""
    last = [last_step(model) for model in fitted]
    if not all(hasattr(each, "alphas") and hasattr(each, "alpha_") for each in last):
        return None
    return np.concatenate([np.ravel(each.alpha_) for each in last])


def _of_all(fitted: Sequence[Any], x: np.ndarray) -> np.ndarray:
    """Predictions of one model for all targets, or of one for each; (n_rows, n_targets)."""
    return np.column_stack([np.asarray(m.predict(x)).reshape(len(x), -1) for m in fitted])


def nothing_predicted(losses: np.ndarray, of_mean: np.ndarray, per_target: bool) -> np.ndarray:
    """Whether the best penalty predicts as well as the mean does, and no better.

    No wider range of penalties ends that. One that predicts much worse than the mean is another
    matter: it is too small.

    Parameters
    ----------
    losses : array, shape (n_penalties, n_targets)
        On inner folds; of them the least counts.
    of_mean : array, shape (n_targets,)
        Of predicting the mean.
    per_target : bool
        Whether each target has a penalty of its own.
    """
    if not per_target:
        losses, of_mean = losses.mean(1, keepdims=True), np.full(len(of_mean), of_mean.mean())
    least = losses.min(0)
    return (least >= of_mean) & (least <= (1 + WORSE) * of_mean)


def at_the_edge(
    alpha: np.ndarray, alphas: np.ndarray, variances: np.ndarray, nothing: np.ndarray
) -> Edges:
    """How many penalties are the smallest and the largest of those to choose from.

    The largest one counts apart where nothing is predicted (shape (n_targets,)). An edge beyond
    which nothing would change is none: where the smallest penalty does not shrink even the last
    axis by a hundredth, or the largest leaves less than that of the first.
    """
    low, high = alphas.min(), alphas.max()
    if low == high or not len(variances):
        return Edges(np.zeros(2, dtype=int), low, high)
    # An axis shrinks by alpha / (variance + alpha): the last axis tells of the smallest penalty,
    # the first of the largest.
    matters = low > 0.01 * variances[-1], variances[0] > 0.01 * high
    largest = alpha == high
    counts = np.array([(alpha == low).sum(), (largest & ~nothing).sum()]) * matters
    return Edges(counts, low, high, int((largest & nothing).sum()) * int(matters[1]))


def _fitted_variance(basis: Basis, weights: np.ndarray) -> np.ndarray:
    """Of the fitted training stimuli, from weights on the axes; shape (n_targets,)."""
    return basis.variances @ weights**2 / len(basis.train)


def _is_search(model: Any) -> bool:
    # Whoever has a search has imported it; what else this module brings is half of scikit-learn.
    known: Any = sys.modules.get("sklearn.model_selection")
    return known is not None and isinstance(model, known.GridSearchCV | known.RandomizedSearchCV)


def takes_many_targets(model: Any) -> bool:
    """Whether a model fits many targets at once, by its scikit-learn tags; ours do."""
    last = last_step(model)
    if _is_search(last):
        return takes_many_targets(last.estimator)
    try:
        return bool(get_tags(model).target_tags.multi_output)
    except (AttributeError, TypeError):
        return True
