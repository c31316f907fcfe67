"""The rows of features: texts in, Responses with the same names and the same table out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isocortex.data.modalities.known import needs_modality
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError

TEXT = ("word", "sentence")
"""Columns of Responses in which the text of their rows stands."""


@dataclass(frozen=True)
class Texts:
    """What was read or heard, one entry for each row."""

    texts: tuple[str, ...]
    names: tuple[str, ...]
    table: pd.DataFrame
    are_words: bool
    """Whether they are the words of a running text."""

    def __len__(self) -> int:
        return len(self.texts)


def texts_of(given: Stimuli | Responses, who: str) -> Texts:
    """The texts of stimuli, or those that the table of responses to them says.

    Raises
    ------
    InputError
        If the stimuli are no text, or the table has none.
    """
    if isinstance(given, Stimuli):
        needs_modality(given, "text", who)
        return Texts(tuple(given.sources), given.names, given.table, given.is_running)
    table = pd.DataFrame(given.table)
    column = next((name for name in TEXT if name in table.columns), None)
    if column is None:
        raise InputError(
            f"{who} needs the words: Stimuli.from_words(...), or Responses whose table has a "
            "column 'word' or 'sentence'."
        )
    texts = tuple(map(str, table[column]))
    return Texts(texts, given.stimuli, table, column == "word")


def words_of(given: Stimuli | Responses, who: str) -> Texts:
    """The words of a running text.

    Raises
    ------
    InputError
        If these are no words, but sentences or another modality.
    """
    found = texts_of(given, who)
    if not found.are_words:
        raise InputError(
            f"{who} needs the words of a running text, one in each row: Stimuli.from_words(...) "
            "makes them; these are sentences."
        )
    return found


def responses(
    values: np.ndarray,
    rows: Texts | Stimuli,
    units: Sequence[object],
    layer: str,
    choices: Mapping[str, Any] | None = None,
) -> Responses:
    """A feature as Responses, with the names and the table of its rows.

    Parameters
    ----------
    values : array, shape (n_rows, n_units)
    rows : Texts or Stimuli
    units : sequence of length n_units
        What each column is, for the column ``feature`` of the units.
    layer : str
        What the feature is called; scores name it so.
    choices : mapping, optional
        Further labels: how it was computed.
    """
    labels = {"layer": layer, **(choices or {})}
    return Responses(values, rows.names, {"feature": list(units)}, labels, rows.table)
