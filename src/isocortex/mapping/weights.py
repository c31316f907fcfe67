"""Fitted models that are kept: they predict new stimuli and give a weight for each unit."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.base import clone

from isocortex.arrays import as_numpy, column_blocks
from isocortex.data.responses import Responses
from isocortex.errors import InputError
from isocortex.mapping.plan import Road, check_components, check_penalties, plan, prepare
from isocortex.mapping.prepared import (
    ChosenRidge,
    Estimator,
    chosen_penalty,
    fitted_clone,
    takes_many_targets,
)
from isocortex.mapping.source import Source, standard_deviation
from isocortex.mapping.weighted import fit_weighted


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model fitted to all stimuli of one layer or region."""

    model: Any
    """The estimator: ours or scikit-learn's, fitted; after a PCA, what follows it."""
    solver: str
    """``"dual"``, ``"primal"`` or ``"plain"``."""
    targets: Any
    """The table of target units."""
    weights: np.ndarray | None
    """Shape (n_features, n_targets), in units of the features as given; None where the model
    is not linear in them."""
    intercept: np.ndarray | None
    """Shape (n_targets,)."""
    alpha_: np.ndarray | None = None
    """The penalty of each target, shape (n_targets,), where the model has one."""
    _axes: tuple[np.ndarray, np.ndarray] | None = None

    def predict(self, features: Responses) -> Responses:
        """Predict the targets of new stimuli.

        Parameters
        ----------
        features : Responses, shape (n_stimuli, n_features)
            Of the layer or region that the model was fitted to.

        Returns
        -------
        Responses, shape (n_stimuli, n_targets)

        Raises
        ------
        InputError
            If the number of features is another.
        """
        self._check(features)
        return Responses(self._values(features), features.stimuli, self.targets)

    def classes(self, features: Responses) -> np.ndarray:
        """The class of each new stimulus, where the model is a classifier.

        Parameters
        ----------
        features : Responses, shape (n_stimuli, n_features)

        Returns
        -------
        array, shape (n_stimuli,)
        """
        self._check(features)
        return np.asarray(self.model.predict(self._input(features)))

    def _check(self, features: Responses) -> None:
        n_features = self._n_features()
        if n_features is not None and features.n_units != n_features:
            raise InputError(
                f"the model was fitted to {n_features} features, but these stimuli have "
                f"{features.n_units}."
            )

    def _input(self, features: Responses) -> np.ndarray:
        x = features.numpy().astype(np.float64, copy=False)
        if self._axes is None:
            return x
        mean, directions = self._axes
        return (x - mean) @ directions

    def _values(self, features: Responses) -> np.ndarray:
        if self.weights is not None and self.intercept is not None:
            total = np.tile(self.intercept, (features.n_stimuli, 1))
            for columns, block in column_blocks(features.values):
                total += as_numpy(block).astype(np.float64, copy=False) @ self.weights[columns]
            return total
        x = self._input(features)
        if isinstance(self.model, list):
            return np.column_stack([each.predict(x) for each in self.model])
        found = np.asarray(self.model.predict(x))
        return found.reshape(len(x), -1)

    def _n_features(self) -> int | None:
        if self.weights is not None:
            return len(self.weights)
        return None if self._axes is None else len(self._axes[0])


def fit_whole(road: Road, rows: np.ndarray, y: np.ndarray, targets: Any) -> Fitted:
    """Fit a model to joint rows; ``y`` has a row for each of them."""
    if road.recipe is None:
        model = fit_estimator(road.model, road.source.values(rows), y, road.groups.of(rows))
        return Fitted(model, road.name, targets, None, None, _penalty(model))
    prepared: Any = road.prepare(rows, rows[:0])
    if isinstance(prepared, Estimator):
        model = fit_estimator(prepared.model, prepared.train, y, prepared.groups)
        axes = _directions(road, rows, prepared.train)
        return Fitted(model, road.name, targets, None, None, _penalty(model), axes)
    dual, alpha = _dual(road, prepared, y)
    weights, intercept = _primal(road, rows, y, dual)
    return Fitted(clone(road.model), road.name, targets, weights, intercept, alpha)


def _dual(road: Road, prepared: Any, y: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Weights on the stimuli, and the penalty of each target, where there is one."""
    if isinstance(prepared, ChosenRidge):
        alpha = prepared.chosen(y)
        return prepared.dual(y, alpha), alpha
    if road.recipe is None or road.recipe.kind != "ridge":
        return prepared.dual(y), None
    return prepared.dual(y), np.full(y.shape[1], road.recipe.alphas[0])


def _penalty(fitted: Any) -> np.ndarray | None:
    """What a fitted estimator (or one for each target) chose, if it did."""
    return chosen_penalty(fitted if isinstance(fitted, list) else [fitted])


def fit_estimator(model: Any, x: np.ndarray, y: np.ndarray, groups: np.ndarray | None) -> Any:
    """A fitted clone, or for single-target models a list of one for each target."""
    if y.ndim == 1 or takes_many_targets(model):
        return fitted_clone(model, x, y, groups)
    return [fitted_clone(model, x, y[:, t], groups) for t in range(y.shape[1])]


def fit_arrays(model: Any, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (n_targets, n_features) and intercepts of one of our own models."""
    rows = np.arange(len(x))
    road = plan(model, Source(Responses(x), rows), len(x))
    check_components(road, len(x))
    check_penalties(road, y.shape[1])
    dual, alpha = _dual(road, road.prepare(rows, rows[:0]), y)
    if alpha is not None:
        model.alpha_ = alpha
    weights, intercept = _primal(road, rows, y, dual)
    return np.ascontiguousarray(weights.T), intercept


def fit_weighted_arrays(
    model: Any, x: np.ndarray, y: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The same of stimuli with weights above 0."""
    road = plan(model, Source(Responses(x), np.arange(len(x))), len(x))
    check_components(road, len(x))
    check_penalties(road, y.shape[1])
    recipe: Any = road.recipe
    coefficients, intercept, alpha = fit_weighted(recipe, x, y, weights)
    if alpha is not None:
        model.alpha_ = alpha
    return coefficients, intercept


def _primal(
    road: Road, rows: np.ndarray, y: np.ndarray, dual: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weights on the features, block by block, from weights on the stimuli."""
    ddof = road.recipe.ddof if road.recipe else None
    weights = np.empty((road.source.n_features, dual.shape[1]))
    intercept = y.mean(0)
    for columns, x in road.source.blocks(rows):
        mean = x.mean(0)
        weights[columns] = (x - mean).T @ dual
        if ddof is not None:
            # Once for the features that the Gram was made of, once back to raw units.
            weights[columns] /= standard_deviation(x, ddof)[:, None] ** 2
        intercept = intercept - mean @ weights[columns]
    return weights, intercept


def _directions(road: Road, rows: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The training mean, and directions on which centred features give ``scores``."""
    dual = scores / (scores**2).sum(0)
    if road.recipe is not None and road.recipe.whiten:
        plain: Any = prepare(replace(road.recipe, whiten=False), road.view(rows, rows[:0]))
        dual = scores / (plain.train**2).sum(0)
    weights, _ = _primal(road, rows, np.zeros((len(rows), dual.shape[1])), dual)
    mean = np.concatenate([x.mean(0) for _, x in road.source.blocks(rows)])
    return mean, weights
