"""Folds of series: runs, or blocks of runs, without the rows that adjoin what is tested."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isocortex.choice import counted
from isocortex.data.names import Names, positions
from isocortex.data.series import Runs, is_series, longest_delay, runs_of_rows
from isocortex.errors import InputError, warn
from isocortex.mapping.checked_folds import Fold

BEYOND = 3 + 5
"""Rows between training and test, beyond the longest delay: three that the window of resampling
reaches, and five in which noise is alike."""

BLOCKS = 5
"""Folds of one run where no number is given."""


@dataclass(frozen=True, eq=False)
class SeriesRows:
    """What is known of the time of joint rows."""

    codes: np.ndarray
    """Shape (n_rows,): the run of each row."""
    places: np.ndarray
    """Shape (n_rows,): its place within the run."""
    gap: int = 0
    """Rows next to a test block that do not train."""

    def folds(self, n_folds: int, rows: np.ndarray, trim: int, who: str) -> list[Fold]:
        """Blocks of some of the rows, each tested once; positions among these rows.

        Raises
        ------
        InputError
            If nothing is left to train on or to test.
        """
        codes, places = self.codes[rows], self.places[rows]
        order = np.lexsort((places, codes))
        found = []
        for i, block in enumerate(_blocks(codes[order], n_folds)):
            test = order[block]
            near = np.isin(np.arange(len(rows)), test)
            for run in np.unique(codes[test]):
                mine = np.nonzero(codes == run)[0]
                tested = np.sort(places[mine[near[mine]]])
                away = _distance(places[mine], tested)
                near[mine[away <= self.gap]] = True
                test = test[~((codes[test] == run) & np.isin(test, _ends(test, codes, run, trim)))]
            train = np.nonzero(~near)[0]
            if not len(train) or not len(test):
                raise InputError(
                    f"{who}, fold {i}: a gap of {self.gap} rows and trim={trim} leave "
                    f"{counted(len(train), 'row')} to train and {len(test)} to test of "
                    f"{len(rows)}. Take "
                    "fewer folds or a smaller gap."
                )
            found.append((train, np.sort(test)))
        return found

    def inner(self, n_folds: int, rows: np.ndarray, whole: bool) -> list[Fold]:
        """Folds of the training rows by which a penalty is chosen: whole runs, where the outer
        folds keep them whole and two are left, or blocks."""
        n_runs = len(np.unique(self.codes[rows]))
        n_folds = min(n_folds, n_runs) if whole and n_runs > 1 else n_folds
        if not 2 <= n_folds <= len(rows):
            raise InputError(
                f"the penalty is chosen on inner={n_folds} blocks of the {len(rows)} training "
                "rows of a fold: choose inner from 2 to their number."
            )
        return self.folds(n_folds, rows, 0, "inner folds")


@dataclass(frozen=True, eq=False)
class RunFolds:
    """What :meth:`Folds.by_run` splits by: runs of rows, folds, and what lies between."""

    runs: Mapping[str, Any] | Sequence[Any]
    n_folds: int | None = None
    gap: int | None = None
    trim: int = 0

    def __repr__(self) -> str:
        return f"RunFolds(n_folds={self.n_folds}, gap={self.gap}, trim={self.trim})"

    def rows(self, names: Names) -> SeriesRows:
        """The run of each row and its place there; a mapping is in the order of time."""
        gap = BEYOND if self.gap is None else self.gap
        if not isinstance(self.runs, Mapping):
            codes = runs_of_rows(None, names, self.runs, "Folds.by_run").codes
            return SeriesRows(codes, _counted(codes), gap)
        # Of all rows that it names, so that those that are left out count as well.
        known = tuple(map(str, self.runs))
        order = positions(known, names, "Folds.by_run")
        codes = runs_of_rows(None, known, list(self.runs.values()), "Folds.by_run").codes
        return SeriesRows(codes[order], _counted(codes)[order], gap)

    def parts(self, names: Names) -> list[Fold]:
        """Training and test rows of each fold."""
        known = self.rows(names)
        n_runs = len(np.unique(known.codes))
        n_folds = self.n_folds or (n_runs if n_runs > 1 else BLOCKS)
        if not 2 <= n_folds <= len(names):
            raise InputError(
                f"Folds.by_run: {n_folds} folds do not fit {len(names)} rows; choose 2 or more."
            )
        return known.folds(n_folds, np.arange(len(names)), self.trim, "Folds.by_run")


def with_gap(folds: Any, nouns: Sequence[Any]) -> Any:
    """Folds by run whose gap, where none was given, follows from the longest delay of features."""
    splitter = folds.splitter
    if not isinstance(splitter, RunFolds) or splitter.gap is not None:
        return folds
    longest = max((longest_delay(getattr(noun, "labels", {})) for noun in nouns), default=0)
    return replace(folds, splitter=replace(splitter, gap=BEYOND + longest))


def series_rows(folds: Any, names: Names, nouns: Sequence[Any]) -> SeriesRows | None:
    """What is known of the time of joint rows: by folds of runs, or by the table of a noun."""
    if isinstance(folds.splitter, RunFolds):
        return folds.splitter.rows(names)
    marked = next((noun for noun in nouns if is_series(noun)), None)
    if marked is None:
        return None
    runs: Runs = runs_of_rows(marked.table, marked.stimuli, who="folds")
    order = positions(marked.stimuli, names, "folds")
    time = marked.table["time"].to_numpy(dtype=float)[order]
    return SeriesRows(runs.codes[order], np.argsort(np.argsort(time, kind="stable")))


def warn_of_choice(model: Any, series: SeriesRows | None) -> None:
    """Warn where a penalty is chosen on rows whose neighbours in time are in training.

    Warns
    -----
    IsocortexWarning
    """
    if series is None:
        return
    inner = _inner_of(model)
    if inner is None:
        return
    warn(
        f"the penalty is chosen by {inner}, but rows are a series: the neighbours in time of each "
        "row that is left out stay in training, so that too small a penalty looks best. Take "
        "blocks of neighbouring rows: inner=5."
    )


def _inner_of(model: Any) -> str | None:
    """How a model chooses its penalty, in words, where that parts neighbours in time."""
    for name in ("model", "estimator", "final_estimator"):
        if hasattr(model, name):
            return _inner_of(getattr(model, name))
    if hasattr(model, "steps"):
        return _inner_of(model.steps[-1][1])
    if type(model).__name__ in ("RidgeCV", "RidgeClassifierCV") and model.cv is None:
        return "leave-one-out (RidgeCV without cv=)"
    inner = getattr(model, "inner", getattr(model, "cv", None))
    if isinstance(inner, str):
        return {"loo": "leave-one-out", "gcv": "generalized cross-validation"}.get(inner)
    name = type(inner).__name__
    shuffled = bool(getattr(inner, "shuffle", False)) or "Shuffle" in name
    return f"{name} (shuffled)" if shuffled or name in ("LeaveOneOut", "LeavePOut") else None


def _counted(codes: np.ndarray) -> np.ndarray:
    """The place of each row among those of its run."""
    places = np.empty(len(codes), dtype=int)
    for run in np.unique(codes):
        mine = np.nonzero(codes == run)[0]
        places[mine] = np.arange(len(mine))
    return places


def _blocks(codes: np.ndarray, n_folds: int) -> list[np.ndarray]:
    """Rows of each fold, of rows that are sorted by run: whole runs, or blocks within runs."""
    starts = np.nonzero(np.diff(codes, prepend=codes[0] - 1))[0]
    runs = np.split(np.arange(len(codes)), starts[1:])
    if n_folds <= len(runs):
        groups = np.array_split(np.arange(len(runs)), n_folds)
        return [np.concatenate([runs[i] for i in group]) for group in groups]
    sizes = np.array([len(run) for run in runs])
    pieces = np.ones(len(runs), dtype=int)
    for _ in range(n_folds - len(runs)):
        # One more to the run whose blocks are longest.
        pieces[int(np.argmax(sizes / pieces))] += 1
    return [block for run, n in zip(runs, pieces, strict=True) for block in np.array_split(run, n)]


def _distance(places: np.ndarray, tested: np.ndarray) -> np.ndarray:
    """How many rows each place lies from the nearest one that is tested."""
    after = np.clip(np.searchsorted(tested, places), 0, len(tested) - 1)
    before = np.clip(after - 1, 0, None)
    return np.minimum(np.abs(tested[after] - places), np.abs(tested[before] - places))


def _ends(test: np.ndarray, codes: np.ndarray, run: int, trim: int) -> np.ndarray:
    """The first and last rows of what is tested of a run, which is in the order of time."""
    mine = test[codes[test] == run]
    return np.concatenate([mine[:trim], mine[len(mine) - trim :]]) if trim else mine[:0]
