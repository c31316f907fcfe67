"""A long table of pairs of stimuli as RDMs: one row for each pair, rated by somebody."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from isocortex.arrays import pairs_of
from isocortex.choice import counted, listed, suggestion, there_are
from isocortex.data.frames import check_columns
from isocortex.data.names import natural_key
from isocortex.data.needs import called
from isocortex.data.plain import plain_names
from isocortex.errors import InputError

WHO = "RDMs.from_table"


def pairs_in_table(
    table: pd.DataFrame, value: str, stimuli: Sequence[str], gaps: bool
) -> tuple[np.ndarray, tuple[str, ...], pd.DataFrame]:
    """Dissimilarities (n_rdms, n_pairs), names in natural order, and the labels of each RDM.

    Raises
    ------
    InputError
        If the table is none of pairs, a pair comes twice, or some are missing.
    """
    _check(table, value, stimuli)
    sides = [plain_names(table[side], WHO) for side in stimuli]
    same = [name for name, other in zip(*sides, strict=True) if name == other]
    if same:
        raise InputError(f"{WHO}: {listed(same)} stand beside themselves; leave these rows out.")
    names = tuple(sorted({*sides[0], *sides[1]}, key=natural_key))
    place = {name: i for i, name in enumerate(names)}
    ends = np.sort([[place[name] for name in side] for side in sides], axis=0)
    number = np.zeros((len(names), len(names)), dtype=np.intp)
    number[pairs_of(len(names))] = np.arange(len(names) * (len(names) - 1) // 2)
    pair = number[ends[0], ends[1]]
    kept = [column for column in table.columns if column not in {value, *stimuli}]
    labels, rdm = _labels(table.loc[:, kept])
    counts = np.zeros((len(labels), number.max() + 1), dtype=np.intp)
    np.add.at(counts, (rdm, pair), 1)
    _refuse_twice(counts, rdm, pair, sides, kept)
    values = np.full(counts.shape, np.nan)
    values[rdm, pair] = table[value].to_numpy(dtype=np.float64)
    missing = int(np.isnan(values).sum())
    if missing and not gaps:
        raise InputError(
            f"{WHO}: {missing} of {values.size} pairs are not in the table, or have no number; "
            f"{there_are(len(names), 'stimulus')} and {counted(len(labels), 'RDM')}. Pairs that "
            "were not measured are gaps: gaps=True."
        )
    return values, names, labels


def _check(table: Any, value: str, stimuli: Sequence[str]) -> None:
    if not isinstance(table, pd.DataFrame):
        raise InputError(
            f"{WHO} needs a DataFrame, such as pandas.read_csv(path), not {called(table)}."
        )
    pair = isinstance(stimuli, list | tuple) and len(stimuli) == 2 and stimuli[0] != stimuli[1]
    if not pair or value in stimuli:
        raise InputError(
            f"{WHO}: stimuli must be two columns beside the numbers, such as ('a', 'b'), not "
            f"{stimuli!r}."
        )
    check_columns(table, WHO)
    if not len(table):
        raise InputError(f"{WHO}: the table has no rows.")
    for column in (value, *stimuli):
        if not isinstance(column, Hashable):
            raise InputError(f"{WHO}: a column has one name, not {column!r}.")
        if column not in table.columns:
            raise InputError(
                f"{WHO}: there is no column {column!r}. {suggestion(column, table.columns)}"
                f"The table has {listed(table.columns, 12)}; say value= and stimuli=(one, other)."
            )
    if table[value].infer_objects().dtype.kind not in "fiu":
        raise InputError(f"{WHO}: the column {value!r} holds no numbers.")


def _labels(others: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """The combinations of labels as they come, and which each row is of."""
    if not len(others.columns):
        return pd.DataFrame(index=range(1)), np.zeros(len(others), dtype=np.intp)
    groups = others.groupby(list(others.columns), sort=False, dropna=False, observed=True)
    rdm = groups.ngroup().to_numpy()
    _, first = np.unique(rdm, return_index=True)
    return others.iloc[first].reset_index(drop=True), rdm


def _refuse_twice(
    counts: np.ndarray,
    rdm: np.ndarray,
    pair: np.ndarray,
    sides: Sequence[Sequence[str]],
    kept: Sequence[str],
) -> None:
    twice = np.nonzero(counts[rdm, pair] > 1)[0]
    if not len(twice):
        return
    one, other = (side[twice[0]] for side in sides)
    told = f" of the same {listed(kept)}" if kept else ""
    raise InputError(
        f"{WHO}: {one!r} and {other!r} come {counts[rdm, pair].max()} times{told}. Average them "
        "first (table.groupby([...]).mean()), or keep a column that tells them apart as a label."
    )
