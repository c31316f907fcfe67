"""Which columns of fMRIPrep's confounds are taken out, and which volumes are left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import pandas as pd

from isocortex.choice import counted, first_line, listed, one_of, suggestion
from isocortex.data.frames import check_columns
from isocortex.data.text_table import read_text_table, typed
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.formats.bids.names import BidsFile
from isocortex.formats.bids.notes import Notes

STRATEGIES = ("simple", "scrubbing", "compcor")
Choice = Sequence[str] | Mapping[str, Any] | str | None


@dataclass(frozen=True)
class Confounds:
    """What is taken out of one run."""

    values: np.ndarray
    """Shape (n_volumes, n_confounds)."""
    names: tuple[str, ...] = ()
    """Of the columns."""
    kept: np.ndarray | None = None
    """Positions of the volumes that are not scrubbed; None for all."""


def confounds_of(
    bold: BidsFile, table: Path | None, choice: Choice, n_volumes: int, notes: Notes
) -> Confounds:
    """The confounds of a run by a choice.

    Parameters
    ----------
    bold : BidsFile
    table : path or None
        Of the confounds.
    choice : sequence of str, mapping, {"simple", "scrubbing", "compcor"} or None
        Columns; keywords of nilearn's ``load_confounds``; one of its strategies; not said.
    n_volumes : int
    notes : Notes
        What is done that was not asked for.

    Raises
    ------
    NotFoundError
        If there is no table.
    InputError
        If a column is not there or has gaps beyond the first volume.
    FormatError
        If the table has another number of rows, or nilearn cannot read it.
    """
    if choice is None or (not isinstance(choice, str | Mapping) and not len(choice)):
        if choice is None and table is not None:
            notes.add(
                "no confounds are taken out, since none were named (confounds=[...], a strategy "
                "of nilearn's such as 'simple', or confounds=[] for none)"
            )
        return Confounds(np.empty((n_volumes, 0)))
    if table is None:
        raise NotFoundError(
            f"read_bids: there is no table of confounds (_desc-confounds_timeseries.tsv) for "
            f"{bold.path.name!r}. Without confounds: confounds=[]."
        )
    if isinstance(choice, str | Mapping):
        return _by_nilearn(bold, choice, n_volumes, notes)
    return _columns(table, [str(each) for each in choice], n_volumes, notes)


def _columns(path: Path, wanted: Sequence[str], n_volumes: int, notes: Notes) -> Confounds:
    table = typed(read_text_table(path))
    found = confounds_in(table, wanted, n_volumes, str(path), notes)
    steady = [c for c in table.columns if c.startswith("non_steady_state") and c not in wanted]
    if steady:
        notes.add("volumes that fMRIPrep calls not steady (non_steady_state) are kept", len(steady))
    return found


def confounds_in(
    table: pd.DataFrame,
    wanted: Sequence[str],
    n_volumes: int,
    origin: str,
    notes: Notes,
    who: str = "read_bids",
) -> Confounds:
    """Columns of a table that is read, which errors call ``origin``."""
    check_columns(table, f"{who}: {origin!r}")
    absent = [name for name in wanted if name not in table.columns]
    if absent:
        raise InputError(
            f"{who}: {origin!r} has no confound {absent[0]!r}. "
            f"{suggestion(absent[0], table.columns)}It has: {listed(table.columns, 60)}."
        )
    if len(table) != n_volumes:
        raise FormatError(
            f"{origin!r} has {counted(len(table), 'row')}, but its time series {n_volumes} volumes."
        )
    filled = []
    values = np.empty((n_volumes, len(wanted)))
    for place, name in enumerate(wanted):
        if table[name].dtype.kind not in "fiub":
            raise FormatError(f"{origin!r}: the confound {name!r} is no column of numbers.")
        column = table[name].to_numpy(float, copy=True)
        if n_volumes > 1 and np.isnan(column[0]):
            # Derivatives have none; a zero would be a jump that nothing in the data has.
            column[0] = column[1]
            filled.append(name)
        if not np.isfinite(column).all():
            raise InputError(
                f"{who}: the confound {name!r} of {origin!r} has no value in volume "
                f"{int(np.argmin(np.isfinite(column)))}. Leave it out."
            )
        values[:, place] = column
    if filled:
        notes.add(
            f"{listed(filled)} have no value in the first volume; that of the second is taken"
        )
    return Confounds(values, tuple(wanted))


def _by_nilearn(
    bold: BidsFile, choice: str | Mapping[str, Any], n_volumes: int, notes: Notes
) -> Confounds:
    from nilearn.interfaces.fmriprep import load_confounds, load_confounds_strategy

    if isinstance(choice, str) and choice not in STRATEGIES:
        one_of(choice, STRATEGIES, "confounds")
    with catch_warnings():
        simplefilter("ignore")
        try:
            if isinstance(choice, str):
                found = load_confounds_strategy(str(bold.path), denoise_strategy=choice)
            else:
                found = load_confounds(str(bold.path), **choice)
        except Exception as error:  # nilearn has no one kind for a wrong keyword or a wrong file.
            raise InputError(
                f"read_bids: nilearn cannot load the confounds of {bold.path.name!r} by "
                f"{choice!r}: {first_line(error)}."
            ) from error
    table: Any = found[0]
    mask: Any = found[1]
    if len(table) != n_volumes:
        raise FormatError(
            f"The confounds of {bold.path.name!r} have {counted(len(table), 'row')}, but it has "
            f"{n_volumes} "
            "volumes."
        )
    kept = None if mask is None else np.asarray(mask, dtype=np.intp)
    if kept is not None:
        notes.add("volumes are scrubbed", n_volumes - len(kept))
    return Confounds(table.to_numpy(float), tuple(table.columns), kept)
