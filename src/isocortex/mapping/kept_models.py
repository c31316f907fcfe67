"""Fitted models that are kept: they predict new stimuli and give a weight for each unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone

from isocortex.arrays import as_numpy, column_blocks
from isocortex.choice import listed
from isocortex.data.names import check_same, positions
from isocortex.data.responses import Responses
from isocortex.deprecated import warn_old
from isocortex.errors import InputError
from isocortex.mapping.models.base import Model
from isocortex.mapping.models.prepared import (
    chosen_penalty,
    fitted_clone,
    takes_many_targets,
)
from isocortex.mapping.view import View


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

    @property
    def road(self) -> str:
        """What ``solver`` was called until 0.1."""
        warn_old("road of a kept model", "solver")
        return self.solver

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
        found = self._values(features)
        return Responses(found, features.stimuli, self.targets, table=features.table)

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


@dataclass(frozen=True, eq=False)
class FittedSpaces:
    """One model of several feature spaces, fitted to all stimuli."""

    names: tuple[str, ...]
    """Of the spaces."""
    models: tuple[Fitted, ...]
    """What each space adds, as a model of its own."""
    targets: Any
    """The table of target units."""
    intercept: np.ndarray
    """Shape (n_targets,): the mean of the training stimuli, to which the spaces add."""
    chosen: Mapping[str, np.ndarray]
    """What was chosen for each target: ``"alpha"``, and the ``"mixture"`` or (stacked) ``"weight"``
    of each space, shape (n_targets, n_spaces)."""

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """Of each space, shape (n_features, n_targets), in units of the features as given."""
        found: Any = {name: each.weights for name, each in self._by_name.items()}
        return found

    @property
    def _by_name(self) -> dict[str, Fitted]:
        return dict(zip(self.names, self.models, strict=True))

    def predict(
        self, features: Responses | Sequence[Responses], space: str | None = None
    ) -> Responses:
        """Predict the targets of new stimuli.

        Parameters
        ----------
        features : list of Responses, one for each space in the order of ``names``
            With the same stimuli, in any order.
        space : str, optional
            What this space alone adds to the mean of the training stimuli.

        Returns
        -------
        Responses, shape (n_stimuli, n_targets)
            In the order of the first.

        Raises
        ------
        InputError
            If there are more or fewer spaces or features, or no space of this name.
        MisalignedError
            If they do not have the same stimuli.
        """
        features = [features] if isinstance(features, Responses) else features
        if len(features) != len(self.names):
            raise InputError(
                f"the model was fitted to {len(self.names)} feature spaces "
                f"({listed(self.names)}), but was given {len(features)}: give a list of "
                "Responses, one for each."
            )
        if space is not None and space not in self.names:
            raise InputError(
                f"the model has no feature space {space!r}; it has {listed(self.names)}."
            )
        stimuli = features[0].stimuli
        for each in features[1:]:
            check_same(stimuli, each.stimuli, "predict")
        total = np.zeros((len(stimuli), len(self.intercept)))
        for name, model, each in zip(self.names, self.models, features, strict=True):
            if space is None or name == space:
                rows = positions(each.stimuli, stimuli, "Responses")
                total += model.predict(each).numpy()[rows]
        return Responses(total if space else total + self.intercept, stimuli, self.targets)


def fit_whole(given: Any, model: Model, view: View, y: np.ndarray, targets: Any) -> Fitted:
    """Fit a model to the training rows of a view; ``y`` has a row for each of them."""
    name = view.solver
    prepared: Any = None
    if model.needs != "features":
        prepared = model.prepare(view)
    if hasattr(prepared, "dual"):
        dual, alpha = prepared.dual(y)
        weights, mean = view.on_features(dual)
        unfitted = clone(given, safe=False)
        return Fitted(unfitted, name, targets, weights, y.mean(0) - mean @ weights, alpha)
    variances = getattr(prepared, "variances", None)
    if variances is None:
        x, groups = view.features()[0], view.train_groups
        fitted = fit_estimator(given, x, y, groups)
        return Fitted(fitted, name, targets, None, None, _penalty(fitted))
    fitted = fit_estimator(prepared.model, prepared.train, y, prepared.groups)
    # Directions on which centred features give the components, whitened or not.
    directions, mean = view.on_features(prepared.train / variances)
    return Fitted(fitted, name, targets, None, None, _penalty(fitted), (mean, directions))


def _penalty(fitted: Any) -> np.ndarray | None:
    """What a fitted estimator (or one for each target) chose, if it did."""
    return chosen_penalty(fitted if isinstance(fitted, list) else [fitted])


def fit_estimator(model: Any, x: np.ndarray, y: np.ndarray, groups: np.ndarray | None) -> Any:
    """A fitted clone, or for single-target models a list of one for each target."""
    if y.ndim == 1 or takes_many_targets(model):
        return fitted_clone(model, x, y, groups)
    return [fitted_clone(model, x, y[:, t], groups) for t in range(y.shape[1])]
