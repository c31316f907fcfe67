"""Models fitted to all stimuli, small enough to be saved: directions in the space of units."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone

from isocortex.arrays import as_numpy, column_blocks
from isocortex.data.responses import Responses
from isocortex.mapping.feature_source import Source, standard_deviation
from isocortex.mapping.models.prepared import takes_many_targets
from isocortex.mapping.models.translate import translate
from isocortex.mapping.solver import views_of


@dataclass(frozen=True, eq=False)
class DirectionModel:
    """What was fitted through the Gram matrix: project units on a few directions, then predict."""

    mean: np.ndarray
    """Shape (n_units,): of the stimuli that it was fitted to."""
    directions: np.ndarray
    """Shape (n_units, n_directions), float32 where the units were."""
    tail: Any
    """Weights (n_directions, n_targets), or the estimator that follows the projection."""
    intercept: np.ndarray
    """Shape (n_targets,); empty where an estimator follows."""

    def predict(self, X: Any) -> np.ndarray:
        """Predictions for an array (n_stimuli, n_units): (n_stimuli, n_targets), or classes."""
        projected = (np.asarray(X, dtype=np.float64) - self.mean) @ self.directions
        if isinstance(self.tail, np.ndarray):
            return projected @ self.tail + self.intercept
        return self.tail.predict(projected)

    @property
    def coef_(self) -> np.ndarray:
        """Weights of units, shape (n_targets, n_units), of a linear model."""
        tail = self.tail if isinstance(self.tail, np.ndarray) else self.tail.coef_.T
        return (self.directions @ tail).T


def fit_all(model: Any, features: Responses, y: np.ndarray) -> Any:
    """A model fitted to all stimuli.

    Parameters
    ----------
    model : estimator
    features : Responses, shape (n_stimuli, n_units)
    y : array, shape (n_stimuli,) or (n_stimuli, n_targets)

    Returns
    -------
    DirectionModel or fitted estimator
        With ``predict``; for estimators of one target a list, one for each.
    """
    rows = np.arange(features.n_stimuli)
    known = translate(model)
    (view,) = views_of(model, known, [Source(features, rows)], len(rows), [], None)
    if known.needs == "features":
        return _as_it_is(model, features.numpy(), y)
    ready: Any = known.prepare(view)
    ddof = known.ddof
    if not hasattr(ready, "dual"):
        tail = _as_it_is(ready.model, ready.train, y)
        mean, directions = _directions(features, ready.train / ready.variances, ddof)
        return DirectionModel(mean, directions, tail, np.empty(0))
    targets = y.reshape(len(y), -1).astype(np.float64)
    # Of as many directions as the model has components, however many targets there are.
    left, size, right = np.linalg.svd(ready.dual(targets)[0], full_matrices=False)
    keep = size > size.max(initial=0.0) * len(size) * 1e-14
    mean, directions = _directions(features, left[:, keep], ddof)
    return DirectionModel(mean, directions, size[keep, None] * right[keep], targets.mean(0))


def unfitted(model: Any) -> Any:
    """A copy of an estimator that has learned nothing; clone's own types say too little."""
    return clone(model)


def _as_it_is(model: Any, x: np.ndarray, y: np.ndarray) -> Any:
    if y.ndim == 1 or takes_many_targets(model):
        return unfitted(model).fit(x, y)
    return [unfitted(model).fit(x, y[:, t]) for t in range(y.shape[1])]


def _directions(
    features: Responses, dual: np.ndarray, ddof: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """The mean of each unit, and directions from weights on the stimuli, block by block."""
    kind = np.float32 if features.values.dtype == np.float32 else np.float64
    mean = np.empty(features.n_units)
    directions = np.empty((features.n_units, dual.shape[1]), dtype=kind)
    for columns, block in column_blocks(features.values):
        x = as_numpy(block).astype(np.float64)
        mean[columns] = x.mean(0)
        found = (x - mean[columns]).T @ dual
        if ddof is not None:
            found /= standard_deviation(x, ddof)[:, None] ** 2
        directions[columns] = found
    return mean, directions
