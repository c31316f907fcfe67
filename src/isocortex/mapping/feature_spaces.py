"""What a model of several feature spaces was fitted to, and what was chosen in each fold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from isocortex.data.gram import Gram
from isocortex.data.names import Names
from isocortex.data.responses import Responses
from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.feature_source import Bands, Source
from isocortex.mapping.folds import keeps_whole
from isocortex.mapping.kept_models import Fitted, FittedSpaces
from isocortex.mapping.predictions import Predictions, joined_predictions
from isocortex.mapping.run_folds import SeriesRows
from isocortex.mapping.view import View
from isocortex.numerics.measures.splits import SPLITS, product_split, without_means


@dataclass(frozen=True, eq=False)
class FeatureSpaces:
    """Several feature spaces and what they were to predict, by which scores can be parted.

    What is here is made when it is first asked for, from what was chosen in each fold.
    """

    names: tuple[str, ...]
    features: Sequence[Responses | Gram]
    rows: Sequence[np.ndarray]
    """Of each space: which of its rows each joint row is."""
    stimuli: Names
    """The name of each joint row."""
    y: np.ndarray
    """Shape (n_rows, n_targets)."""
    units: pd.DataFrame
    folds: Sequence[Fold]
    whole: np.ndarray
    """The joint rows to which the kept model is fitted."""
    groups: np.ndarray | None
    series: SeriesRows | None
    model: Any
    chosen: Mapping[str, np.ndarray]
    """Penalties, mixtures, weights: first axes (n_folds, n_targets)."""

    @cached_property
    def models(self) -> list[FittedSpaces]:
        """One model of all spaces, fitted to all stimuli.

        Raises
        ------
        InputError
            If only the Gram of a space is known.
        """
        view = self._view(self.whole, self.whole[:0], range(len(self.names)))
        view.source.check_values("scores.models of several feature spaces")
        y = self.y[self.whole]
        chosen, duals = self.model.prepare(view).duals(y)
        fitted = []
        for source, dual in zip(view.sources, duals, strict=True):
            weights, mean = View(source, view.fold, "dual").on_features(dual)
            fitted.append(Fitted(self.model, "dual", self.units, weights, -mean @ weights))
        return [FittedSpaces(self.names, tuple(fitted), self.units, y.mean(0), dict(chosen))]

    @cached_property
    def predicted(self) -> list[Predictions | None]:
        """Held-out predictions of all spaces together, with those of each (``spaces``)."""
        parts = self._parts
        means = [self.y[train].mean(0) for train, _ in self.folds]
        whole = [mean + each.sum(0) for mean, each in zip(means, parts, strict=True)]
        found = joined_predictions(whole, self.stimuli, self.folds, self.units)
        if found is None:
            return [None]
        of_spaces = {
            name: joined_predictions(
                [each[b] for each in parts], self.stimuli, self.folds, self.units
            )
            for b, name in enumerate(self.names)
        }
        object.__setattr__(found, "spaces", of_spaces)
        return [found]

    def split(self, method: str) -> np.ndarray:
        """The share of each space in the score of each fold; (n_folds, n_targets, n_spaces).

        Parameters
        ----------
        method : {"product", "correlation", "relative"}
        """
        pairs = zip(self.folds, self._parts, strict=True)
        return np.array(
            [SPLITS[method](*without_means(self.y[test], parts)).T for (_, test), parts in pairs]
        )

    def explained(self, which: Sequence[int]) -> np.ndarray:
        """R2 of a model of some of the spaces, all of it chosen anew; (n_folds, n_targets)."""
        found = []
        for train, test in self.folds:
            predicted = self.model.prepare(self._view(train, test, which)).predict(self.y[train])
            found.append(product_split(*without_means(self.y[test], predicted[None]))[0])
        return np.array(found)

    @cached_property
    def _parts(self) -> list[np.ndarray]:
        """What each space adds to the mean, fold by fold; (n_spaces, n_test, n_targets)."""
        found = []
        for f, (train, test) in enumerate(self.folds):
            prepared = self.model.prepare(self._view(train, test, range(len(self.names))))
            chosen = {name: each[f] for name, each in self.chosen.items()}
            found.append(prepared.parts(self.y[train], chosen))
        return found

    def _view(self, train: np.ndarray, test: np.ndarray, which: Sequence[int]) -> View:
        sources = [Source(self.features[b], self.rows[b]) for b in which]
        whole = keeps_whole(self.folds, self.groups)
        view = View(Bands(sources), (train, test), "dual", None, self.groups, whole)
        return replace(view, series=self.series)
