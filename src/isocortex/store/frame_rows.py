"""Rows of layers that are moments of stimuli, of which each layer has another number."""

import numpy as np
import pandas as pd

FRAME_COLUMNS = ("stimulus", "onset", "offset", "time")
"""The position of its stimulus, and seconds from the onset of that (of the run, where there is
none)."""


def places_on_disk(stimulus: np.ndarray, each: int) -> np.ndarray | None:
    """Which rows of a layer's array are in use; None where all are.

    Every stimulus has ``each`` rows in the array, of which shorter ones use the first alone.

    Parameters
    ----------
    stimulus : array of int
        The position of each row's stimulus, rising.
    each : int
    """
    stimulus = np.asarray(stimulus, dtype=np.intp)
    counts = np.bincount(stimulus)
    within = np.arange(len(stimulus)) - np.repeat(np.cumsum(counts) - counts, counts)
    places = stimulus * each + within
    return None if (counts == each).all() else places


def frame_names(names: tuple[str, ...], stimulus: np.ndarray) -> list[str]:
    """``speech frame 0042``, for each row."""
    counts = np.bincount(np.asarray(stimulus, dtype=np.intp), minlength=len(names))
    width = len(str(max(1, counts.max()) - 1))
    return [
        f"{name} frame {i:0{width}d}"
        for name, n in zip(names, counts, strict=True)
        for i in range(n)
    ]


def frame_table(frames: pd.DataFrame, table: pd.DataFrame | None) -> pd.DataFrame:
    """What is known of each row: its times, and the rest of what is known of its stimulus."""
    stimulus = frames["stimulus"].to_numpy()
    known = pd.DataFrame(index=pd.RangeIndex(len(frames)))
    if table is not None:
        known = table.iloc[stimulus].reset_index(drop=True)
    begin = known["onset"].to_numpy(dtype=float) if "onset" in known else 0.0
    return known.assign(**{name: begin + frames[name].to_numpy() for name in FRAME_COLUMNS[1:]})
