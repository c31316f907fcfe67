"""How a model is fitted to a layer: through the Gram matrix, the features, or as it is.

A model that sees the features only through their inner products is fitted on principal axes:
"dual" through the Gram matrix where there are at least as many features as stimuli, "primal"
through the features where there are fewer. An estimator that is not known is fitted as it is,
"plain". The three give the same numbers wherever more than one is open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.errors import InputError
from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.feature_source import Bands, Source
from isocortex.mapping.models.base import Prepared
from isocortex.mapping.models.prepared import Predictor
from isocortex.mapping.models.translate import Translated
from isocortex.mapping.view import Groups, View


@dataclass(frozen=True, eq=False)
class Solver:
    """How one model is fitted to one layer, or to several as its bands."""

    name: str
    """``"dual"``, ``"primal"`` or ``"plain"``."""
    why: str
    source: Any
    translated: Translated
    groups: Groups

    @property
    def model(self) -> Any:
        """The model that is fitted."""
        return self.translated.model

    def view(self, train: np.ndarray, test: np.ndarray) -> View:
        """A fold, as the model sees it."""
        rows = (train, test)
        return View(
            self.source, rows, self.name, self.model.ddof, self.groups, self.translated.name
        )

    def prepare(self, train: np.ndarray, test: np.ndarray) -> Any:
        """All that does not depend on the targets."""
        ready: Prepared = self.model.prepare(self.view(train, test))
        if hasattr(ready, "outcome"):
            return ready
        return Predictor(ready, lambda: self.model.prepare(self.view(train, train)))

    def check(self, folds: Sequence[Fold], n_targets: int) -> None:
        """Refuse what does not fit a fold, before any work.

        Raises
        ------
        InputError
        """
        for train, test in sorted(folds, key=lambda fold: len(fold[0])):
            self.model.check(self.view(train, test), n_targets)


def solvers_of(
    translated: Translated, sources: Sequence[Source], n_rows: int, groups: Groups
) -> list[Solver]:
    """A solver for each layer, or one for all of them where they are bands of one model."""
    together: Sequence[Any] = [Bands(sources)] if translated.model.joint else sources
    return [solver_for(translated, source, n_rows, groups) for source in together]


def solver_for(
    translated: Translated, source: Any, n_rows: int, groups: Groups | None = None
) -> Solver:
    """Choose the solver for a model and a layer.

    Raises
    ------
    InputError
        If the model needs the features and only a Gram was given, or there are none.
    """
    model, name = translated.model, translated.name
    if source.n_features == 0:
        raise InputError(
            f"{_short(translated.given)} needs features, but {source.noun!r} has none. What "
            "selected them found none?"
        )
    if not source.has_values and model.needs == "features":
        raise InputError(
            f"{_short(translated.given)} needs the features themselves, but only "
            "their Gram was given. Give the Responses (a layer of a Store), or a model that "
            "follows from inner products: OLS, PCR, Ridge, PLS, or a pipeline that begins with PCA."
        )
    if not source.has_values and model.ddof is not None:
        raise InputError(
            f"{name} scales each feature by its training stimuli, which does not follow from a "
            "Gram. Give the Responses (a layer of a Store), or leave the scaling out."
        )
    small = source.has_values and source.n_features < n_rows and not model.joint
    solver = "plain" if model.plain else "primal" if small or model.needs == "features" else "dual"
    why = model.why(name, solver, source, n_rows)
    return Solver(solver, why, source, translated, groups or Groups())


def _short(model: Any) -> str:
    return " ".join(repr(model).split())
