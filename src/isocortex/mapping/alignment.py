"""Both sides brought together: which row of the features goes with which row of the targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isocortex.arrays import as_numpy
from isocortex.data.gram import Gram
from isocortex.data.label_rows import LabelRows, joined_rows
from isocortex.data.layers_of import responses_of
from isocortex.data.names import Names, check_same, positions
from isocortex.data.responses import Responses
from isocortex.data.tables import labels_of, unit_rows
from isocortex.data.trials import Trials, average
from isocortex.errors import InputError
from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.feature_source import Source


@dataclass(frozen=True, eq=False)
class Joined:
    """Features and targets over the same joint rows."""

    sources: list[Source]
    names: Names
    """The stimulus of each joint row."""
    y: np.ndarray
    """Shape (n_rows, n_targets)."""
    unit_rows: LabelRows
    """What is known of each target."""
    fold: Fold | None = None
    """Where training and test sets are fixed: their rows."""

    @property
    def units(self) -> pd.DataFrame:
        """One row for each target, as a table."""
        return self.unit_rows.frame().copy(deep=False)


def one_or_more(source: Any, who: str, key: str = "layer") -> list[Responses | Gram]:
    """Nouns for one side of the comparison; repeated trials are averaged.

    What a mapping calls those without labels is their ``key``.
    """
    if isinstance(source, Trials):
        return [average(source)]
    if isinstance(source, list | tuple):
        source = [average(noun) if isinstance(noun, Trials) else noun for noun in source]
    return responses_of(source, who, key)


def join(sources: Any, targets: Any, who: str) -> Joined:
    """Bring all nouns into the order of the first source, by the names of their stimuli.

    Raises
    ------
    MisalignedError
        If they do not have the same stimuli.
    InputError
        If a target is a Gram, which has no units to predict.
    """
    sides = ("region", "layer") if who == "decode" else ("layer", "region")
    first, second = (
        one_or_more(side, who, key) for side, key in zip((sources, targets), sides, strict=True)
    )
    names = first[0].stimuli
    for noun in [*first, *second]:
        check_same(names, noun.stimuli, who)
    y = np.concatenate([target_values(noun, who)[rows_of(noun, names)] for noun in second], axis=1)
    return Joined(
        [Source(noun, rows_of(noun, names)) for noun in first], names, y, target_units(second)
    )


def join_labels(nouns: Sequence[Responses | Gram], table: pd.DataFrame, who: str) -> Joined:
    """Features with a table of labels that has a row for each stimulus of the first noun."""
    names = nouns[0].stimuli
    for noun in nouns:
        check_same(names, noun.stimuli, who)
    numbers = all(table[column].dtype.kind in "fiub" for column in table.columns)
    y = table.to_numpy(dtype=np.float64) if numbers else np.empty((len(names), 0))
    targets = {"target": [str(column) for column in table.columns]}
    units = LabelRows.of_columns(targets, len(targets["target"]))
    return Joined([Source(noun, rows_of(noun, names)) for noun in nouns], names, y, units)


def target_units(nouns: Sequence[Any]) -> LabelRows:
    """One row for each unit of each target noun: its own table and the noun's labels."""
    if len(nouns) == 1:
        return unit_rows(nouns[0])
    return joined_rows([unit_rows(noun) for noun in nouns])


def source_labels(
    nouns: Sequence[Responses | Gram], axis: str, more: Mapping[str, Sequence[Any]] | None = None
) -> LabelRows:
    """The labels of the layers or regions; numbered where they have no name.

    Parameters
    ----------
    nouns : sequence of Responses or Gram
    axis : str
        What must be among the labels: ``"layer"``, ``"region"``.
    more : mapping from column to a value for each noun, optional
    """
    labels = labels_of(nouns, more)
    if axis in labels:
        return labels
    return labels_of(nouns, more, {axis: [str(i) for i in range(len(nouns))]})


def rows_of(noun: Any, names: Names) -> np.ndarray:
    """Where each name stands among the rows of a layer or recording."""
    # The usual case needs no table of names.
    if noun.stimuli == names:
        return np.arange(len(names))
    return positions(noun.stimuli, names, type(noun).__name__)


def target_values(noun: Responses | Gram, who: str) -> np.ndarray:
    """The values of a target noun in memory, float64."""
    if isinstance(noun, Gram):
        raise InputError(
            f"{who}: what is predicted must be Responses; a Gram has no units. To tell stimuli "
            "apart in a layer of which only the Gram is known, use identification()."
        )
    values = noun.values if isinstance(noun.values, np.ndarray) else noun.values[:]
    return as_numpy(values).astype(np.float64, copy=False)
