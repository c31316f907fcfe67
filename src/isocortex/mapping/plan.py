"""The planner: which model is this, and by which road is it fitted?

A model that sees the features only through their inner products is fitted on principal axes:
"dual" through the Gram matrix where there are at least as many features as stimuli, "primal"
through the features where there are fewer. All others go the "plain" road: as they are, on the
features. The three give the same numbers wherever more than one is open.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.errors import InputError
from isocortex.mapping.folds import inner_folds
from isocortex.mapping.gate import Fold
from isocortex.mapping.prepared import (
    ChosenRidge,
    Estimator,
    LatentRegression,
    Prepared,
    Smoother,
)
from isocortex.mapping.recognise import Recipe, recognise
from isocortex.mapping.source import Source, View
from isocortex.mapping.univariate import Univariate
from isocortex.numerics import ridge
from isocortex.numerics.basis import Basis
from isocortex.numerics.pcr import n_components_of_share

Rows = np.ndarray


@dataclass(frozen=True, eq=False)
class Groups:
    """The groups (runs) of the joint rows, for what is split inside the training stimuli."""

    rows: np.ndarray | None = None
    """Integers, shape (n_rows,)."""
    whole: bool = False
    """Whether the outer folds keep them whole."""

    def of(self, train: Rows) -> np.ndarray | None:
        """Those of the training rows."""
        return None if self.rows is None else self.rows[train]

    def inner_folds(self, inner: Any, train: Rows) -> list[Fold]:
        """Inner folds of the training rows."""
        return inner_folds(inner, len(train), self.of(train), self.whole)


@dataclass(frozen=True, eq=False)
class Road:
    """How one model is fitted to one layer."""

    name: str
    """``"dual"``, ``"primal"`` or ``"plain"``."""
    why: str
    source: Source
    recipe: Recipe | None
    model: Any
    groups: Groups = Groups()

    def view(self, train: Rows, test: Rows) -> View:
        """The features of a fold, as this road sees them."""
        ddof = self.recipe.ddof if self.recipe else None
        if self.name == "dual":
            return self.source.gram_view(train, test, ddof)
        return self.source.feature_view(train, test, ddof)

    def prepare(self, train: Rows, test: Rows) -> Prepared:
        """All that does not depend on the targets."""
        groups = self.groups.of(train)
        if self.recipe is None:
            return Estimator(
                self.model, self.source.values(train), self.source.values(test), groups
            )
        return prepare(self.recipe, self.view(train, test), self.inner(train), groups)

    def inner(self, train: Rows) -> list[Fold] | None:
        """The inner folds of training rows, where a penalty is chosen on some.

        Raises
        ------
        InputError
            If they do not fit.
        """
        recipe = self.recipe
        if recipe is None or recipe.kind != "ridge" or recipe.n_penalties == 1:
            return None
        if recipe.fixed is not None or isinstance(recipe.inner, str):
            return None
        return self.groups.inner_folds(recipe.inner, train)


def plan(model: Any, source: Source, n_rows: int, groups: Groups | None = None) -> Road:
    """Choose the road for a model and a layer.

    Raises
    ------
    InputError
        If the model needs the features and only a Gram was given, or there are none.
    """
    recipe = recognise(model)
    groups = groups or Groups()
    p = source.n_features
    if p == 0:
        raise InputError(
            f"{_short(model)} needs features, but {source.noun!r} has none. What selected them "
            "found none?"
        )
    name = type(model).__name__ if recipe is None else recipe.name
    if isinstance(model, Univariate):
        source.check_values("Univariate()")
        why = f"Univariate: {p} features one by one, in closed form"
        return Road("primal", why, source, None, model, groups)
    if recipe is None:
        if not source.has_values:
            raise InputError(
                f"{_short(model)} needs the features themselves, but only their Gram was given. "
                "Give the Responses (a layer of a Store), or a model that follows from inner "
                "products: OLS, PCR, Ridge, PLS, or a pipeline that begins with PCA."
            )
        return Road(
            "plain", f"{name} is fitted on the features as it is", source, None, model, groups
        )
    if recipe.ddof is not None and not source.has_values:
        raise InputError(
            f"{name} scales each feature by its training stimuli, which does not follow from a "
            "Gram. Give the Responses (a layer of a Store), or leave the scaling out."
        )
    if source.has_values and p < n_rows:
        why = f"{name}: {p} features < {n_rows} stimuli, through the features"
        return Road("primal", why, source, recipe, model, groups)
    why = f"{name}: {p} features, {n_rows} stimuli, through the Gram matrix"
    return Road("dual", why, source, recipe, model, groups)


def check_components(road: Road, n_train: int) -> None:
    """The smallest training set must allow the components that the model asks for.

    Raises
    ------
    InputError
    """
    recipe = road.recipe
    if recipe is None or recipe.n_components is None:
        return
    most = min(n_train - 1, road.source.n_features)
    if recipe.n_components > most:
        raise InputError(
            f"{recipe.name} asks for {recipe.n_components} components, but the smallest training "
            f"set has {n_train} stimuli of {road.source.n_features} features, which allow "
            f"at most {most}. Take fewer components or more folds."
        )


def check_penalties(road: Road, n_targets: int) -> None:
    """Fixed penalties must be one for each target.

    Raises
    ------
    InputError
    """
    fixed = None if road.recipe is None else road.recipe.fixed
    if fixed is not None and len(fixed) != n_targets:
        raise InputError(
            f"Ridge has a penalty for each of {len(fixed)} targets, but there are {n_targets}."
        )


def prepare(
    recipe: Recipe,
    view: View,
    inner: list[Fold] | None = None,
    groups: np.ndarray | None = None,
) -> Prepared:
    """Make a known model ready for one fold."""
    if recipe.kind == "ridge":
        return _ridge(recipe, view, inner)
    if recipe.kind == "tail":
        return _tail(recipe, view, groups)
    return PREPARE[recipe.kind](recipe, view)


def _basis(recipe: Recipe, view: View) -> Basis:
    if recipe.share is not None:
        whole = view.basis()
        return whole.first(n_components_of_share(whole.variances, recipe.share))
    return view.basis(recipe.n_components)


def _least_squares(recipe: Recipe, view: View) -> Prepared:
    axes = _basis(recipe, view)
    return Smoother(axes, 1 / np.sqrt(axes.variances))


def _ridge(recipe: Recipe, view: View, inner: list[Fold] | None) -> Prepared:
    axes = _basis(recipe, view)
    if recipe.fixed is not None:
        return ChosenRidge(axes, recipe.fixed, None, True)
    if recipe.n_penalties == 1:
        return Smoother(axes, ridge.shrinkage(axes.variances, recipe.alphas[0])[:, 0])
    return ChosenRidge(axes, recipe.alphas, _losses(recipe, view, axes, inner), recipe.per_target)


def _losses(
    recipe: Recipe, view: View, axes: Basis, inner: list[Fold] | None
) -> Callable[[np.ndarray], np.ndarray]:
    alphas = recipe.alphas
    if isinstance(recipe.inner, str):
        losses = CLOSED[recipe.inner]
        return lambda y: losses(axes, y, alphas)
    folds = [(t, e, view.inner(t, e)) for t, e in inner or ()]
    losses = ridge.fold_r2 if recipe.by_r2 else ridge.fold_losses
    return lambda y: losses(folds, y, alphas)


def _latent(recipe: Recipe, view: View) -> Prepared:
    within, across = view.kernels()
    return LatentRegression(within, across, int(recipe.n_components or 1), recipe.ddof == 1)


def _tail(recipe: Recipe, view: View, groups: np.ndarray | None) -> Prepared:
    axes = _basis(recipe, view)
    scale = np.sqrt((len(axes.train) - 1) / axes.variances) if recipe.whiten else 1.0
    return Estimator(recipe.tail, axes.scores * scale, axes.test * scale, groups)


def _short(model: Any) -> str:
    return " ".join(repr(model).split())


CLOSED = {"loo": ridge.leave_one_out_losses, "gcv": ridge.generalized_losses}
PREPARE = {"least squares": _least_squares, "pls": _latent}
