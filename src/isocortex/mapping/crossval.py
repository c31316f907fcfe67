"""The one cross-validation loop: prepare a fold, predict, measure; for every layer."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from joblib import delayed

from isocortex.choice import choose
from isocortex.data.label_rows import LabelRows
from isocortex.data.scores import Scores
from isocortex.data.tables import with_other_names
from isocortex.errors import InputError
from isocortex.mapping.alignment import Joined, source_labels
from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.feature_spaces import FeatureSpaces
from isocortex.mapping.kept_models import Fitted, fit_whole
from isocortex.mapping.leaks import leaks_of_features, leaks_of_targets, warn_leaks
from isocortex.mapping.models.base import Model, in_short
from isocortex.mapping.models.prepared import Outcome
from isocortex.mapping.models.translate import check_folds, name_of, prepared
from isocortex.mapping.null_scores import FoldNull, LayerNull, p_columns
from isocortex.mapping.permutation import Null
from isocortex.mapping.pooled_scores import Pooled, held_out, pooled_chance, pooled_measure
from isocortex.mapping.predictions import Predictions, joined_predictions
from isocortex.mapping.run_folds import SeriesRows, warn_of_choice
from isocortex.mapping.score_warnings import (
    warn_alike_spaces,
    warn_edges,
    warn_few_permutations,
    warn_small_folds,
    warn_undefined,
)
from isocortex.mapping.small_views import small_views
from isocortex.mapping.solver import views_of
from isocortex.mapping.space_shares import space_names, with_shares
from isocortex.mapping.view import View
from isocortex.numerics.arrays.cores import within_cores
from isocortex.numerics.arrays.parallel import results_of, shared, side_by_side, threads_for
from isocortex.numerics.measures.accuracy import ACCURACIES, Accuracy
from isocortex.progress import Job, Shown, place, up_to

_SQUARES = 12
"""Matrices of all stimuli that a fold needs: the Gram, axes, and those of its inner folds."""

Chance = tuple[np.ndarray, np.ndarray]
"""The p-value of each target, and the largest score of each permutation."""


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """One model on every layer, cross-validated: what was asked for, checked, and the loop."""

    joined: Joined
    given: Any
    """The model, as the user gave it."""
    model: Model
    """The model, as it is fitted."""
    folds: Sequence[Fold]
    measure: Any
    """Of measured and predicted values of a fold; of all folds where they are pooled; of classes:
    see :func:`.classify`."""
    metric: str
    axis: str
    """What the first axis is called: ``"layer"`` or ``"region"``."""
    groups: np.ndarray | None = None
    """Of the joint rows (runs, say), for what is split inside the training stimuli."""
    keep_model: bool = False
    series: SeriesRows | None = None
    """Where joint rows are a series: their runs and places."""
    pooled: bool = False
    """One score of all folds together."""
    null: Null | None = None
    leaks: Sequence[str] = ()
    """What is known of them before any layer is read."""
    who: str = "probe"
    """The verb, for its listener."""
    progress: Shown = None

    def scores(self) -> Scores:
        """Scores of every layer, fold and target, or of every layer and target.

        Raises
        ------
        InputError
            Before any work: too many components, a Gram where features are needed, test sets too
            small for the accuracy.
        """
        self._check_test_sets()
        views, joined = self.views(), self.joined
        warn_small_folds(self.folds, self.metric, self.pooled)
        leaks = [*self.leaks, *leaks_of_targets(self.folds, joined.names, joined.y)]
        values, found, chances, models = [], [], [], []
        with Job(self.progress, self.who, len(views) * self.n_steps):
            for view in views:
                with _threads(self.model, view, joined.y):
                    leaks = leaks or leaks_of_features(view, self.folds, joined.names, joined.y)
                    score, outcomes, chance = self._layer(view)
                    values.append(score)
                    found.append(outcomes)
                    chances.append(chance)
                    if self.keep_model and not self.model.joint:
                        rows = self._whole()
                        models.append(self.fitted(view, rows, joined.y[rows], joined.units))
                # Layers follow one another in memory.
                view.source.forget()
        kept: dict[str, Any] = {}
        if self.model.joint:
            nouns = [source.noun for source in views[0].sources]
            warn_alike_spaces(space_names(nouns, self.axis), nouns)
            kept = self._spaces(views[0], found[0])
        elif self.keep_model:
            kept = {"models": models, "predicted": [self._predictions(each) for each in found]}
        warn_leaks(leaks)
        values = np.array(values)  # (n_layers, n_folds, n_targets), or (n_layers, n_targets)
        undefined = warn_undefined(values, joined.y, self.folds, self.metric)
        edges = [each.edges for outcomes in found for each in outcomes if each.edges is not None]
        warn_edges(edges, len(edges) * joined.y.shape[1])
        columns = {**self._chosen(found), **self._p(values, chances)}
        if self.null is not None:
            warn_few_permutations(columns, self.n_permutations, self.null.exact)
        tables = self.axes(views)
        if self.pooled:
            del tables["fold"]
        taken = {label for labels in tables.values() for label in labels}
        tables["unit"] = with_other_names(joined.unit_rows, taken)
        notes = {**self.notes(), **undefined}
        if self.model.joint:
            notes["spaces"] = kept["spaces"].names
        return Scores(values, tables, self.metric, columns, notes, kept)

    @property
    def n_permutations(self) -> int:
        """How many there are, which may be fewer than were asked for."""
        return 0 if self.null is None else len(self.null.orders)

    @property
    def n_steps(self) -> int:
        """What is counted of each layer: folds, and permutations of the whole layer."""
        return len(self.folds) + self.n_permutations

    def _whole(self) -> np.ndarray:
        """The joint rows to which a kept model is fitted."""
        fixed = self.joined.fold
        return np.arange(len(self.joined.names)) if fixed is None else fixed[0]

    def _spaces(self, view: View, outcomes: Sequence[Outcome]) -> dict[str, Any]:
        """What is kept of a model of several feature spaces."""
        joined = self.joined
        spaces = FeatureSpaces(
            space_names([source.noun for source in view.sources], self.axis),
            [source.noun for source in view.sources],
            [source.rows for source in view.sources],
            joined.names,
            joined.y,
            joined.units,
            list(self.folds),
            self._whole(),
            self.groups,
            self.series,
            self.given,
            {
                name: np.array([each.chosen[name] for each in outcomes])
                for name in outcomes[0].chosen
                if name != "share"
            },
        )
        if not self.keep_model:
            return {"spaces": spaces}
        return {"spaces": spaces, "models": spaces.models, "predicted": spaces.predicted}

    def views(self) -> list[View]:
        """Every layer as the model sees it, with all that can be refused refused.

        Raises
        ------
        InputError
        """
        n_rows = len(self.joined.names)
        views = views_of(
            self.given, self.model, self.joined.sources, n_rows, self.folds, self.groups
        )
        warn_of_choice(self.given, self.series)
        views = [replace(view, series=self.series) for view in views]
        if self.keep_model and not hasattr(self.given, "fit"):
            raise InputError(
                "keep_model=True needs a model with fit and predict, but "
                f"{name_of(self.given)} has prepare alone."
            )
        for view in views:
            check_folds(self.model, view, self.folds, self.joined.y.shape[1])
            if self.keep_model:
                view.source.check_values("keep_model=True")
        return views

    def axes(self, views: Sequence[View]) -> dict[str, LabelRows]:
        """The labels of layers and of folds."""
        n_rows = len(self.joined.names)
        more = {
            "solver": [view.solver for view in views],
            "why": [self.model.why(view, n_rows) for view in views],
        }
        layers = source_labels([view.source.noun for view in views], self.axis, more)
        sizes = {
            "fold": range(len(self.folds)),
            "n_train": [len(train) for train, _ in self.folds],
            "n_test": [len(test) for _, test in self.folds],
        }
        return {self.axis: layers, "fold": LabelRows.of_columns(sizes, len(self.folds))}

    def fitted(self, view: View, rows: np.ndarray, y: np.ndarray, targets: Any) -> Fitted:
        """The model fitted to joint rows; ``y`` has a row for each of them."""
        return fit_whole(self.given, self.model, view.on(rows, rows[:0]), y, targets)

    def notes(self) -> dict[str, Any]:
        """What is true of all scores: the model, the permutations, and a biased choice."""
        given = self.given
        notes: dict[str, Any] = {
            "n_stimuli": len(self.joined.names),
            "model": in_short(given),
        }
        if self.null is not None:
            notes.update(self.null.notes)
        if self.series is not None:
            notes["scores"] = (
                "one of the joined series of all folds, each relative to its training mean"
                if self.pooled
                else "one for each fold; mean('fold') is the mean over folds"
            )
        if getattr(given, "select", None) == "test":
            notes["biased"] = (
                "the best unit was chosen on the test stimuli that are scored: too high by "
                "selection"
            )
        return notes

    def _layer(self, view: View) -> tuple[np.ndarray, Sequence[Outcome], Chance | None]:
        """Scores, shape (n_folds, n_targets) or pooled (n_targets,), and what led to them."""
        before = place()
        found = self._whole_layer(view)
        up_to(before + self.n_steps)
        return found

    def _whole_layer(self, view: View) -> tuple[np.ndarray, Sequence[Outcome], Chance | None]:
        model, y = self.model, self.joined.y
        if model.across_folds is not None:
            return model.across_folds(view.source, y, self)
        null = None
        if self.null and not self.pooled:
            null = LayerNull(self._known(self.null))
        found: Any = []
        before = place()
        for outcome, ready, part in self._of_folds(view, null.known if null else None):
            if null is not None:
                null.add(part)
            found.append((outcome, ready))
            # A fold that was permuted by itself has done its share of every permutation.
            of_null = self.n_permutations if isinstance(part, np.ndarray) else 0
            up_to(before + len(found) * (1 + of_null / len(self.folds)))
        outcomes = [outcome for outcome, _ in found]
        if self.pooled:
            values, chance = self._pooled(found)
        else:
            pairs = zip(outcomes, self.folds, strict=True)
            values = np.array([self.measure(y[test], each.predicted) for each, (_, test) in pairs])
            chance = null.finish(y, values.mean(0), len(values)) if null else None
        if model.joint:
            outcomes = with_shares(outcomes, y, self.folds, self.pooled)
        if not self.keep_model or model.joint:
            outcomes = [outcome.without_predictions() for outcome in outcomes]
        return values, outcomes, chance

    def _of_folds(self, view: View, null: FoldNull | None) -> Iterator[Any]:
        """What each fold gives, in their order, from processes, threads or this one."""
        model, y, again = self.model, self.joined.y, self.pooled and self.null is not None
        rest = (y, self.pooled, again, null)
        if model.parallel:
            jobs = (delayed(_fold)(model, view.on(*fold), *rest) for fold in self.folds)
            return results_of(jobs)
        n, width = len(y), max(y.shape[1], view.source.n_features)
        together = side_by_side(len(self.folds), n, width, model.threads_from)
        together = together and view.read_once()
        if not together and (few := small_views(view, self.folds)):
            return (_of_fold(model, each, *rest) for each in few)
        return shared(
            lambda fold: _of_fold(model, view.on(*fold), *rest),
            self.folds,
            bytes_each=8 * n * (_SQUARES * n + 3 * width),
            alone=not together,
            inner=True,
        )

    def _pooled(self, found: Sequence[tuple[Outcome, Any]]) -> tuple[np.ndarray, Chance | None]:
        """The pooled scores, their p-values, and the largest scores of the null."""
        y, pairs = self.joined.y, list(zip(found, self.folds, strict=True))
        values = self.measure([held_out(outcome, y, fold) for (outcome, _), fold in pairs])
        if self.null is None:
            return values, None
        ready = [(each, fold) for (_, each), fold in pairs]
        return values, pooled_chance(ready, y, values, self._known(self.null))

    def _known(self, null: Null) -> FoldNull:
        return FoldNull(null, self.metric, self.measure, len(self.folds), self.model.columnwise)

    def _check_test_sets(self) -> None:
        least = min(len(test) for _, test in self.folds)
        if self.metric in ACCURACIES and least < 2 and not self.pooled:
            raise InputError(
                f"accuracy={self.metric!r} is a number over the test stimuli of a fold, and needs "
                f"at least 2 of them; here a fold has {least}. Take fewer folds, or a function of "
                "(measured, predicted) that makes sense for one stimulus, such as squared error, "
                "or one score of all folds together: pooled=True."
            )

    def _chosen(self, found: Sequence[Sequence[Outcome]]) -> Mapping[str, np.ndarray]:
        """What was chosen in each layer and fold (units, penalties, mixtures) for each target."""
        columns = {}
        for name in found[0][0].chosen:
            # (n_layers, n_folds, n_targets), of spaces with an axis for these
            column = np.array([[each.chosen[name] for each in layer] for layer in found], float)
            if not self.pooled:
                columns[name] = column
            elif name == "alpha":
                columns[name] = np.exp(np.log(column).mean(1))
            elif name != "chosen":
                columns[name] = column.mean(1)
        return columns

    def _p(self, values: np.ndarray, chances: Sequence[Chance | None]) -> Mapping[str, np.ndarray]:
        """P-values of each layer and target, alone and as one family."""
        if self.null is None:
            return {}
        known = [chance for chance in chances if chance is not None]
        p, maxima = np.array([p for p, _ in known]), np.max([most for _, most in known], axis=0)
        found = p_columns(values if self.pooled else values.mean(1), p, maxima)
        return {name: column[:, 0] for name, column in found.items()} if self.pooled else found

    def _predictions(self, outcomes: Sequence[Outcome]) -> Predictions | None:
        """Held-out predictions, where every stimulus that was tested was so exactly once."""
        predicted = [each.predicted for each in outcomes if each.predicted is not None]
        return joined_predictions(predicted, self.joined.names, self.folds, self.joined.units)


def _fold(model: Model, view: View, *rest: Any) -> tuple[Outcome, Any, Any]:
    """The same in a process that joblib may have put beside others.

    Not a method, so that a process that does one fold is not sent all layers.
    """
    with within_cores():
        return _of_fold(model, view, *rest)


def _of_fold(
    model: Model, view: View, y: np.ndarray, size: bool, again: bool, null: FoldNull | None
) -> tuple[Outcome, Any, Any]:
    """The outcome of a fold with its null; the size of the fit and what is ready, if asked for."""
    ready = prepared(model, view)
    part = None if null is None else null.of_fold(ready, y, view.fold)
    outcome = ready.outcome(y[view.fold[0]], size)
    return outcome, ready if again else None, part


def _threads(model: Model, view: View, y: np.ndarray) -> AbstractContextManager[Any]:
    """As many threads of linear algebra as the products of a model of ours gain from."""
    if model.plain or model.parallel:
        return within_cores()
    return threads_for(len(y), max(y.shape[1], view.source.n_features))


def measure_of(accuracy: str | Accuracy, pooled: bool) -> Accuracy | Pooled:
    """The accuracy of numbers that a verb was asked for.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    measure: Any = choose(accuracy, ACCURACIES, "accuracy")
    return pooled_measure(accuracy) if pooled else measure
