"""What timed words must be: in order, with an end after the start, one at a time of a speaker."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from isocortex.choice import counted, listed, one_of
from isocortex.errors import InputError

SLACK = 0.011
"""Seconds that words may overlap: aligners round to 10 ms."""

_LONG = 20.0


def timed(table: pd.DataFrame, untimed: str, who: str) -> tuple[pd.DataFrame, str]:
    """Words that all have times, and what was done with those that had none.

    Parameters
    ----------
    table : DataFrame
        Of one run.
    untimed : {"drop", "interpolate", "refuse"}
    who : str
        For errors.

    Raises
    ------
    InputError
        If they are refused, or no word has a time.
    """
    untimed = one_of(untimed, _UNTIMED, "untimed")
    without = table["onset"].isna().to_numpy() | table["offset"].isna().to_numpy()
    if not without.any():
        return table, ""
    names = listed(table["word"][without])
    told = f"{int(without.sum())} of {len(table)} words have no times ({names})"
    if without.all():
        raise InputError(f"{who}: no word has an onset and an end.")
    return _UNTIMED[untimed](table, without, f"{who}: {told}"), told + _DONE[untimed]


def _dropped(table: pd.DataFrame, without: np.ndarray, told: str) -> pd.DataFrame:  # noqa: ARG001
    return table.loc[~without].reset_index(drop=True)


def _interpolated(table: pd.DataFrame, without: np.ndarray, told: str) -> pd.DataFrame:
    """Words between two that have times share the time between them evenly."""
    onset, offset = (table[name].to_numpy(dtype=float).copy() for name in ("onset", "offset"))
    known = np.nonzero(~without)[0]
    if without[0] or without[-1]:
        raise InputError(f"{told}, and the first or the last is one of them: nothing lies around.")
    for before, after in pairwise(known):
        edges = np.linspace(offset[before], max(onset[after], offset[before]), after - before)
        onset[before + 1 : after], offset[before + 1 : after] = edges[:-1], edges[1:]
    return table.assign(onset=onset, offset=offset)


def _refused(table: pd.DataFrame, without: np.ndarray, told: str) -> pd.DataFrame:  # noqa: ARG001
    raise InputError(f"{told}. untimed='drop' leaves them out, 'interpolate' gives them times.")


_UNTIMED = {"drop": _dropped, "interpolate": _interpolated, "refuse": _refused}
_DONE = {
    "drop": " and are left out",
    "interpolate": " and share the time between their neighbours",
    "refuse": "",
}


def check_times(table: pd.DataFrame, who: str) -> None:
    """Words of one run in their order, none before the one before it has ended.

    Raises
    ------
    InputError
        If there is no word, times are not finite or look like milliseconds, an end is before its
        onset, onsets go back, or two words of one speaker overlap by more than ``SLACK``.
    """
    if not len(table):
        raise InputError(f"{who}: there are no words.")
    words = [str(each) for each in table["word"]]
    onset, offset = table["onset"].to_numpy(dtype=float), table["offset"].to_numpy(dtype=float)
    infinite = ~(np.isfinite(onset) & np.isfinite(offset))
    if infinite.any():
        raise InputError(f"{who}: times are not finite: {_told(words, onset, infinite)}.")
    backwards = offset < onset
    if backwards.any():
        raise InputError(
            f"{who}: {int(backwards.sum())} words end before they begin: "
            f"{_told(words, onset, backwards)}."
        )
    if np.median(offset - onset) > _LONG:
        raise InputError(
            f"{who}: the median word lasts {np.median(offset - onset):g} s. Are the times in "
            "milliseconds? Give unit='ms'."
        )
    earlier = np.r_[False, np.diff(onset) < 0]
    if earlier.any():
        raise InputError(
            f"{who}: {int(earlier.sum())} words begin before the word before them: "
            f"{_told(words, onset, earlier)}. Sort the table by run and onset."
        )
    for speaker, rows in table.groupby(table["speaker"].astype(str), sort=False).indices.items():
        over = np.r_[False, onset[rows][1:] < offset[rows][:-1] - SLACK]
        if over.any():
            whose = f" of {speaker!r}" if speaker else ""
            n = int(over.sum())
            begin = "begins" if n == 1 else "begin"
            told = _told([words[i] for i in rows.tolist()], onset[rows], over)
            raise InputError(
                f"{who}: {counted(n, 'word')}{whose} {begin} before the word before "
                "them has "
                f"ended: {told}. Of two people who speak at once, say who in a column 'speaker'."
            )


def _told(words: Sequence[str], onset: np.ndarray, which: np.ndarray) -> str:
    rows = np.nonzero(which)[0]
    return listed((f"{words[i]} at {onset[i]:.3f} s" for i in rows.tolist()), 3)
