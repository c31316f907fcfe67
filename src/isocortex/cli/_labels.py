"""Labels of stimuli as the command line names them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from isocortex.choice import counted, listed, suggestion
from isocortex.errors import FormatError, InputError
from isocortex.reading import reading

_FILES = (".csv", ".tsv")
_NAMES = "stimulus"


def labels_of(text: str, column: str | None, nouns: Any) -> dict[str, Any]:
    """The label of each stimulus, from a file or from what is known of the stimuli.

    Raises
    ------
    InputError
        If there is no such column, or several and none is chosen.
    """
    if text.lower().endswith(_FILES):
        return _of_file(Path(text), column)
    if column is not None:
        raise InputError("--column chooses from a file of labels, and none was given.")
    many = nouns.values() if isinstance(nouns, Mapping) else nouns
    one = next(iter(many)) if isinstance(nouns, Mapping | list) else nouns
    table = getattr(one, "table", None)
    known = [] if table is None else list(table.columns)
    if table is None or text not in known:
        raise InputError(
            f"The stimuli have no column {text!r}. {suggestion(text, known)}Known: "
            f"{listed(known) or 'none'}. Or give a file of labels that ends in .csv."
        )
    return dict(zip(one.stimuli, table[text], strict=True))


def _of_file(path: Path, column: str | None) -> dict[str, Any]:
    with reading(path, "a table with named columns"):
        table = pd.read_csv(path, sep="\t" if path.suffix == ".tsv" else ",", dtype={_NAMES: str})
    if _NAMES not in table:
        raise FormatError(f"{str(path)!r} has no column {_NAMES!r}, by which labels meet stimuli.")
    others = [name for name in table.columns if name != _NAMES]
    if column is None and len(others) != 1:
        raise InputError(
            f"{str(path)!r} has {counted(len(others), 'column')} of labels; say which by --column."
        )
    chosen = others[0] if column is None else column
    if chosen not in others:
        near = suggestion(chosen, others)
        raise InputError(f"{str(path)!r} has no column {chosen!r}. {near}Known: {listed(others)}.")
    twice = table.loc[table[_NAMES].duplicated(), _NAMES]
    if len(twice):
        raise InputError(f"{str(path)!r} has the stimulus {twice.iloc[0]!r} twice.")
    known = table.dropna(subset=[chosen])  # A stimulus without a label is missed by its name.
    return dict(zip(known[_NAMES], known[chosen], strict=True))
