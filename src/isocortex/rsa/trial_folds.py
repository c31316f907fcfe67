"""What decoding needs of trials: one recording or many, balanced, and assigned to folds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.arrays import as_numpy
from isocortex.choice import current, listed, one_of, suggestion
from isocortex.data.names import check_same
from isocortex.data.trials import Trials
from isocortex.errors import InputError
from isocortex.numerics.arrays.constant import is_constant
from isocortex.seeds import generator

Fold = str | int

NAMED_FOLDS = ("leave_one_pair_out", "leave_one_run_out")


def trials_of(source: Trials | Iterable[Trials] | Mapping[Any, Trials], who: str) -> list[Trials]:
    """One recording or several (subjects, in any iterable), as a list; a mapping names subjects.

    Raises
    ------
    InputError
        If there are none, or something else is among them.
    """
    if isinstance(source, Mapping):
        source = [_of_subject(each, name) for name, each in source.items()]
    many = [source] if isinstance(source, Trials) else list(source)
    wrong = [each for each in many if not isinstance(each, Trials)]
    if wrong or not many:
        found = type(wrong[0]).__name__ if wrong else "nothing"
        raise InputError(
            f"{who} needs Trials or a list of them, one for each subject; it found {found}. "
            "From arrays: Trials(values, stimuli=labels, times=times)."
        )
    return many


def _of_subject(trials: Any, name: Any) -> Any:
    """With the name that a mapping has for it, unless its own labels have one."""
    if not isinstance(trials, Trials) or "subject" in trials.labels:
        return trials
    return trials.replace(labels={**trials.labels, "subject": name})


def check_conditions(many: Sequence[Trials], who: str) -> None:
    """All recordings must have the same conditions, before any work is done on them.

    Raises
    ------
    MisalignedError
        With the labels of the two that differ, and what to do.
    """
    first = many[0]
    for place, other in enumerate(many[1:], 1):
        pair = [_called(each, i) for i, each in ((0, first), (place, other))]
        check_same(
            first.conditions,
            other.conditions,
            f"{who}: {pair[0]} and {pair[1]}",
            "Make the RDMs one by one and keep the conditions that all have: "
            f"RDMs.concat([ic.{who}(each) for each in trials], join='inner'). With join='outer' "
            "all are kept, with gaps, over which clusters and interval take no mean.",
        )


def _called(trials: Trials, place: int) -> str:
    said = ", ".join(f"{key} {str(value)!r}" for key, value in trials.labels.items())
    return said or f"recording {place}"


def refuse_flat(trials: Trials, who: str) -> None:
    """No unit may have the same value in all trials and at all times, where it is divided by.

    Raises
    ------
    InputError
        With the units concerned.
    """
    flat = np.nonzero(_flat(trials))[0]
    if len(flat):
        named = trials.units.columns
        names = trials.units[named[0]].iloc[flat] if len(named) else flat
        raise InputError(
            f"{who}: {len(flat)} of {trials.n_units} units are flat (one value in all trials): "
            f"{listed(names)}. Drop them: they carry nothing, and have no variance to divide by."
        )


def refuse_all_flat(trials: Trials, who: str) -> None:
    """Some unit must vary, or there is nothing to learn from.

    Raises
    ------
    InputError
    """
    if _flat(trials).all():
        raise InputError(
            f"{who}: none of {trials.n_units} units varies (each has one value in all trials), so "
            "that nothing distinguishes the conditions."
        )


def _flat(trials: Trials) -> np.ndarray:
    """Which units have one value in all trials and at all times, to rounding."""
    values = as_numpy(trials.values)
    return is_constant(values, tuple(i for i in range(values.ndim) if i != 1))


def over_time(trials: Trials) -> np.ndarray:
    """Values as float64, shape (n_times, n_trials, n_units)."""
    values = as_numpy(trials.values)
    values = values if values.ndim == 3 else values[:, :, None]
    return np.moveaxis(values, 2, 0)


@dataclass(frozen=True)
class AssignedTrials:
    """The trials that are used, by condition and fold."""

    trials: Trials
    names: tuple[str, ...]
    condition: np.ndarray
    """Of each trial, shape (n_trials,)."""
    fold: np.ndarray
    """In which each is tested, shape (n_trials,)."""
    note: str
    """What was done, for the result."""


def by_run_or(otherwise: Fold, trials: Trials, folds: Fold | None) -> Fold:
    """The folds that were asked for, or those of runs where there are two, or others."""
    if folds is not None:
        return current(folds, NAMED_FOLDS, "folds")
    several = trials.runs is not None and len(np.unique(trials.runs)) > 1
    return "leave_one_run_out" if several else otherwise


def assign_folds(
    trials: Trials, folds: Fold, balance: str, seed: int, least: int
) -> AssignedTrials:
    """Choose trials and assign them to folds.

    Parameters
    ----------
    trials : Trials
    folds : "leave_one_pair_out", "leave_one_run_out" or int
    balance : {"draw", "weights"}
        Where conditions have unequal numbers of trials: a seeded draw without replacement, or
        all trials, with both sides of a pair counting equally.
    seed : int
        Of the draw.
    least : int
        How many trials of each condition training needs.

    Raises
    ------
    InputError
        If a condition has too few trials, or there is only one condition.
    """
    names = trials.conditions
    if len(names) < 2:
        raise InputError(
            f"Decoding needs at least 2 conditions; these trials have {listed(names)}."
        )
    balance = one_of(balance, BALANCES, "balance")
    before = np.bincount(trials.codes)
    _enough(before, names, folds, least)
    trials, note = BALANCES[balance](trials, before, seed)
    condition = trials.codes
    fold = _fold_of(trials, condition, folds)
    _trainable(condition, fold, names, least)
    return AssignedTrials(trials, names, condition, fold, f"{_spoken(folds)}{note}")


def _drawn(trials: Trials, counts: np.ndarray, seed: int) -> tuple[Trials, str]:
    n = int(counts.min())
    if (counts == n).all():
        return trials, ""
    rng = generator(seed)
    codes = trials.codes
    chosen = [rng.choice(np.nonzero(codes == i)[0], n, replace=False) for i in range(len(counts))]
    # Without the numbers: people who were treated alike carry the same label.
    note = f"; of each condition as many trials drawn as the rarest has, seed {seed}"
    return trials.take(np.sort(np.concatenate(chosen))), note


def _all(trials: Trials, counts: np.ndarray, seed: int) -> tuple[Trials, str]:  # noqa: ARG001
    if (counts == counts[0]).all():
        return trials, ""
    return trials, "; all trials, both sides weighted equally"


BALANCES: Mapping[str, Callable[[Trials, np.ndarray, int], tuple[Trials, str]]] = {
    "draw": _drawn,
    "weights": _all,
}


def _enough(counts: np.ndarray, names: tuple[str, ...], folds: Fold, least: int) -> None:
    few = counts < least + 1
    if few.any():
        raise InputError(
            f"Decoding ({_spoken(folds)}) needs at least {least + 1} trials of each condition, so "
            f"that {least} are left to train on; {listed(np.array(names)[few])} "
            f"{'has' if few.sum() == 1 else 'have'} {counts[few].min()}. Drop these conditions, "
            "or record more trials."
        )


def _trainable(condition: np.ndarray, fold: np.ndarray, names: tuple[str, ...], least: int) -> None:
    inside = np.zeros((len(names), fold.max() + 1), dtype=int)
    np.add.at(inside, (condition, fold), 1)
    left = inside.sum(1, keepdims=True) - inside  # (n_conditions, n_folds)
    short = np.nonzero((left < least).any(1))[0]
    if len(short):
        raise InputError(
            f"Decoding: without one fold, fewer than {least} trials are left of "
            f"{listed(names[i] for i in short)}. Use folds with fewer trials in each."
        )


def _fold_of(trials: Trials, condition: np.ndarray, folds: Fold) -> np.ndarray:
    """The fold of each trial; the trials of a condition take the folds in turn."""
    if folds == "leave_one_run_out":
        if trials.runs is None:
            raise InputError(
                "folds='leave_one_run_out' needs trials with runs: Trials(..., runs=…)."
            )
        fold = np.unique(trials.runs, return_inverse=True)[1]
        if fold.max() < 1:
            raise InputError(f"folds={folds!r} needs at least 2 runs; there is one.")
        return fold
    # The condition with fewest trials limits the folds.
    least = int(np.bincount(condition).min())
    n_folds = least if folds == "leave_one_pair_out" else folds
    if isinstance(n_folds, bool) or not isinstance(n_folds, int | np.integer):
        raise InputError(
            f"folds={folds!r} is not known. {suggestion(folds, NAMED_FOLDS)}Known: "
            f"{', '.join(NAMED_FOLDS)}, or a number of folds."
        )
    if not 2 <= n_folds <= least:
        raise InputError(
            f"folds={folds} is not possible: the number of folds must be from 2 to {least}, the "
            "smallest number of trials of a condition."
        )
    fold = np.empty(len(condition), dtype=np.intp)
    for c in range(condition.max() + 1):
        mine = np.nonzero(condition == c)[0]
        fold[mine] = np.arange(len(mine)) % n_folds
    return fold


def _spoken(folds: Fold) -> str:
    return f"{folds} folds" if isinstance(folds, int) else str(folds).replace("_", " ")


def labels_over_time(trials: Trials, n_rows: int) -> dict[str, Any]:
    """The labels of the trials and, where there is one, the time of each row."""
    times = {} if trials.times is None else {"time": trials.times}
    labels = {key: [value] * n_rows for key, value in trials.labels.items() if key != "time"}
    # Of a recording that was one time of another.
    if trials.times is None and "time" in trials.labels:
        labels["time"] = [trials.labels["time"]] * n_rows
    return {**labels, **times}
