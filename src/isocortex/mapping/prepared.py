"""A model made ready for one fold: all that does not depend on the targets is done once.

Every class here has ``predict(y)``: from training targets, shape (n_train, n_targets), to
predictions for the test stimuli, shape (n_test, n_targets). ``columnwise`` says whether each
target is predicted by itself, so that targets of many permutations may stand side by side.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.utils import get_tags

from isocortex.mapping.folds import wants_groups
from isocortex.numerics import ridge
from isocortex.numerics.basis import Basis
from isocortex.numerics.pls import pls

InnerFold = tuple[np.ndarray, np.ndarray, Basis]


@dataclass(frozen=True, eq=False)
class Smoother:
    """Predictions linear in the targets: a fixed filter on principal axes."""

    basis: Basis
    filter: np.ndarray
    """Shape (n_axes,)."""
    columnwise = True

    def predict(self, y: np.ndarray) -> np.ndarray:
        """Predictions for the test stimuli."""
        mean = y.mean(0)
        projected = self.basis.train.T @ (y - mean)
        return mean + (self.basis.test * self.filter) @ projected

    def dual(self, y: np.ndarray) -> np.ndarray:
        """Weights on the training stimuli, shape (n_train, n_targets)."""
        root = self.filter / np.sqrt(self.basis.variances)
        return (self.basis.train * root) @ (self.basis.train.T @ (y - y.mean(0)))


@dataclass(frozen=True, eq=False)
class ChosenRidge:
    """Ridge with a penalty that is chosen inside the training stimuli."""

    basis: Basis
    alphas: np.ndarray
    losses: Any
    """From centred targets to losses, shape (n_alphas, n_targets)."""
    per_target: bool

    @property
    def columnwise(self) -> bool:
        """Whether each target has its own penalty."""
        return self.per_target

    def chosen(self, y: np.ndarray) -> np.ndarray:
        """The penalty of each target."""
        return ridge.best_alphas(self.losses(y - y.mean(0)), self.alphas, self.per_target)

    def predict(self, y: np.ndarray) -> np.ndarray:
        """Predictions for the test stimuli."""
        mean = y.mean(0)
        return mean + self.basis.test @ ridge.ridge(self.basis, y - mean, self.chosen(y))

    def dual(self, y: np.ndarray) -> np.ndarray:
        """Weights on the training stimuli, shape (n_train, n_targets)."""
        on_axes = ridge.ridge(self.basis, y - y.mean(0), self.chosen(y))
        return (self.basis.train / np.sqrt(self.basis.variances)) @ on_axes


@dataclass(frozen=True, eq=False)
class LatentRegression:
    """Partial least squares of all targets together."""

    within: np.ndarray
    across: np.ndarray
    n_components: int
    scale: bool
    """Whether each target is brought to unit variance first."""
    columnwise = False

    def predict(self, y: np.ndarray) -> np.ndarray:
        """Predictions for the test stimuli."""
        fit, mean, scale = self._fit(y)
        return mean + (self.across @ fit.dual) @ fit.loadings * scale

    def dual(self, y: np.ndarray) -> np.ndarray:
        """Weights on the training stimuli, shape (n_train, n_targets)."""
        fit, _, scale = self._fit(y)
        return fit.dual @ fit.loadings * scale

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
    columnwise = False

    def predict(self, y: np.ndarray) -> np.ndarray:
        """Predictions for the test stimuli; single-target models are fitted target by target."""
        if y.ndim == 1 or takes_many_targets(self.model):
            found = np.asarray(self.fit(y).predict(self.test))
            return found.reshape(len(self.test), -1) if y.ndim > 1 else found
        return np.column_stack([self.fit(y[:, t]).predict(self.test) for t in range(y.shape[1])])

    def fit(self, y: np.ndarray) -> Any:
        """A fitted clone of the model."""
        return fitted_clone(self.model, self.train, y, self.groups)


Prepared = Smoother | ChosenRidge | LatentRegression | Estimator


def fitted_clone(model: Any, x: np.ndarray, y: np.ndarray, groups: np.ndarray | None) -> Any:
    """A clone of the model, fitted; a search whose splitter asks for groups gets them."""
    copy: Any = clone(model)
    name, last = copy.steps[-1] if hasattr(copy, "steps") else ("", copy)
    if (
        groups is None
        or not isinstance(last, GridSearchCV | RandomizedSearchCV)
        or not hasattr(last.cv, "split")
    ):
        return copy.fit(x, y)
    if not wants_groups(last.cv):
        return copy.fit(x, y)
    return copy.fit(x, y, **{f"{name}__groups" if name else "groups": groups})


def takes_many_targets(model: Any) -> bool:
    """Whether a model fits many targets at once: ours do; others by their scikit-learn tags."""
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    if type(last).__module__.startswith("isocortex."):
        return True
    try:
        return bool(get_tags(model).target_tags.multi_output)
    except (AttributeError, TypeError):
        return True
