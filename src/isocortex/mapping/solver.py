"""How a model is fitted to a layer: through the Gram matrix, the features, or as it is.

A model that sees the features only through their inner products is fitted on principal axes:
"dual" through the Gram matrix where there are at least as many features as stimuli, "primal"
through the features where there are fewer. An estimator that is not known is fitted as it is,
"plain". The three give the same numbers wherever more than one is open.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from isocortex.errors import InputError
from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.feature_source import Bands, Source
from isocortex.mapping.folds import keeps_whole
from isocortex.mapping.models.base import Model
from isocortex.mapping.models.translate import name_of
from isocortex.mapping.view import View


def views_of(
    given: Any,
    model: Model,
    sources: Sequence[Source],
    n_rows: int,
    folds: Sequence[Fold],
    groups: np.ndarray | None,
) -> list[View]:
    """Each layer as the model sees it, or all of them where they are bands of one model.

    Parameters
    ----------
    given : estimator
        As the user gave it, for its name and for messages.
    model : Model
        What is fitted in its place.
    sources : sequence of Source
    n_rows : int
    folds : sequence of (train, test)
        The outer ones, which keep groups whole or do not.
    groups : integer array, shape (n_rows,), optional
    """
    _refuse_spaces_alone(given, model, len(sources))
    together: Sequence[Any] = [Bands(sources)] if model.joint else sources
    whole = keeps_whole(folds, groups)
    views = [_view_of(given, model, source, n_rows) for source in together]
    return [replace(view, groups=groups, whole=whole) for view in views]


def _view_of(given: Any, model: Model, source: Any, n_rows: int) -> View:
    """All rows of a layer, through the solver that suits it and the model.

    Raises
    ------
    InputError
        If the model needs the features and only a Gram was given, or there are none.
    """
    _refuse(given, model, source)
    small = source.has_values and source.n_features < n_rows and not model.joint
    solver = "plain" if model.plain else "primal" if small or model.needs == "features" else "dual"
    rows = np.arange(n_rows)
    return View(source, (rows, rows[:0]), solver, model.ddof, name=name_of(given))


def _refuse_spaces_alone(given: Any, model: Model, n_spaces: int) -> None:
    """A pipeline would fit a model of several spaces to each of them alone, silently."""
    last = getattr(given, "steps", [("", None)])[-1][1]
    if n_spaces > 1 and getattr(last, "joint", False) and not model.joint:
        kind = type(last).__name__
        raise InputError(
            f"{name_of(given)} would be fitted to each of {n_spaces} feature spaces alone. Give "
            f"{kind} as it is, not in a pipeline; what comes before is done to each space, such "
            "as ic.standardize(space, axis='stimuli')."
        )


def _refuse(given: Any, model: Model, source: Any) -> None:
    if source.n_features == 0:
        raise InputError(
            f"{_short(given)} needs features, but {source.noun!r} has none. What "
            "selected them found none?"
        )
    if source.has_values:
        return
    if model.needs == "features":
        raise InputError(
            f"{_short(given)} needs the features themselves, but only "
            "their Gram was given. Give the Responses (a layer of a Store), or a model that "
            "follows from inner products: OLS, PCR, Ridge, PLS, or a pipeline that begins with PCA."
        )
    if model.ddof is not None:
        raise InputError(
            f"{name_of(given)} scales each feature by its training stimuli, which does not follow "
            "from a Gram. Give the Responses (a layer of a Store), or leave the scaling out."
        )


def _short(model: Any) -> str:
    return " ".join(repr(model).split())
