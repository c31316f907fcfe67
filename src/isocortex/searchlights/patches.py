"""Which rows of the data a neighbourhood takes: units, or units at the times around a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import counted, is_number, listed
from isocortex.data.responses import Responses
from isocortex.data.trials import Trials
from isocortex.errors import InputError, MisalignedError
from isocortex.searchlights.neighbourhoods import Neighbours
from isocortex.searchlights.places import key_columns

CHUNK = 256
"""Centres that are one step of progress, one job, and one file of what is kept."""


@dataclass(frozen=True, eq=False)
class Patches:
    """Rows of unit-major data (row = unit * n_times + time) of each centre and time."""

    indptr: np.ndarray
    indices: np.ndarray
    windows: tuple[np.ndarray, ...] = (np.zeros(1, dtype=np.intp),)
    """For each time, the times that belong to it."""

    @classmethod
    def of(cls, near: Neighbours, windows: tuple[np.ndarray, ...]) -> "Patches":
        """The patches of all centres together."""
        return cls(near.indptr, near.indices, windows)

    @property
    def n_times(self) -> int:
        """How many times there are; 1 without a time axis."""
        return len(self.windows)

    @cached_property
    def sizes(self) -> np.ndarray:
        """The number of units in each neighbourhood."""
        return np.diff(self.indptr)

    def chunks(self) -> list[np.ndarray]:
        """Centres in groups of nearly equal neighbourhoods, the same however they are shared."""
        # By size, so that a block is an array without padding.
        order = np.argsort(self.sizes, kind="stable")
        return [order[i : i + CHUNK] for i in range(0, len(order), CHUNK)]

    def some(self, centres: np.ndarray) -> "Patches":
        """The patches of these centres only."""
        counts = self.sizes[centres]
        indptr = np.concatenate([[0], np.cumsum(counts)])
        places = np.arange(indptr[-1]) - np.repeat(indptr[:-1] - self.indptr[centres], counts)
        return Patches(indptr, self.indices[places], self.windows)

    def blocks(self, most: int) -> Iterator[np.ndarray]:
        """Runs of centres of one size, at most so many."""
        for size in np.unique(self.sizes):
            own = np.nonzero(self.sizes == size)[0]
            for start in range(0, len(own), most):
                yield own[start : start + most]

    def rows(self, centres: np.ndarray, time: int) -> np.ndarray:
        """Rows of the data, shape (n_centres, n_units * n_window); centres of one size."""
        size = int(self.sizes[centres[0]])
        units = self.indices[self.indptr[centres][:, None] + np.arange(size)]
        window = self.windows[time]
        if self.n_times == 1:
            return units
        # (n_centres, n_units, n_window)
        rows = units[:, :, None].astype(np.intp) * self.n_times + window
        return rows.reshape(len(centres), -1)


def windows_of(recording: Any, width: float | None) -> tuple[np.ndarray, ...]:
    """The time points that belong to each: those within half the width, ends cut off.

    Raises
    ------
    InputError
        If there is no time axis, or the width is no length of time.
    """
    times = getattr(recording, "times", None)
    if times is None:
        if width is not None:
            raise InputError(
                f"searchlight: times={width!r} is for Trials with a time axis; this recording has "
                "none."
            )
        return (np.zeros(1, dtype=np.intp),)
    width = 0.0 if width is None else width
    if not is_number(width) or not 0 <= width < np.inf:
        raise InputError(f"searchlight: times={width!r} must be a width in seconds, from 0.")
    # Times are sums of steps, and the last sample must not fall out by rounding.
    reach = width / 2 * (1 + 1e-9) + 1e-12
    return tuple(np.nonzero(np.abs(times - t) <= reach)[0] for t in times)


def in_order_of(near: Neighbours, recording: Responses | Trials) -> np.ndarray:
    """Positions of the units of ``near`` among those of a recording; they meet by place.

    Raises
    ------
    MisalignedError
        If the recording lacks some, or has them on another grid.
    """
    mine, theirs = near.units, recording.units
    _refuse_other_grid(mine, theirs)
    columns = key_columns(mine)
    if not columns or not set(columns) <= set(theirs.columns):
        if len(mine) != len(theirs):
            raise MisalignedError(
                f"searchlight: the neighbourhoods are of {counted(len(mine), 'unit')}, the "
                "recording has "
                f"{len(theirs)}, and they share no columns to meet by. Make them of this "
                "recording: neighbours(recording, ...)."
            )
        return np.arange(len(mine))
    # The usual case, and much cheaper than an index.
    if mine[columns].equals(theirs[columns]):
        return np.arange(len(mine))
    wanted, known = (pd.MultiIndex.from_frame(pd.DataFrame(t[columns])) for t in (mine, theirs))
    if not known.is_unique:
        raise MisalignedError(
            f"searchlight: units of the recording are not unique by {listed(columns)}, so that "
            "they cannot be matched with the neighbourhoods."
        )
    places = known.get_indexer(wanted)
    missing = np.nonzero(places < 0)[0]
    if len(missing):
        names = [" ".join(map(str, mine[columns].iloc[i])) for i in missing[:5]]
        raise MisalignedError(
            f"searchlight: the recording lacks {len(missing)} of {len(mine)} units of the "
            f"neighbourhoods, by {listed(columns)}: {listed(names)}. Read all recordings with one "
            "mask."
        )
    return places


def _refuse_other_grid(mine: pd.DataFrame, theirs: pd.DataFrame) -> None:
    first, second = (getattr(t.attrs.get("space"), "affine", None) for t in (mine, theirs))
    # To a micrometre, since files keep affines in float32.
    if first is None or second is None or np.allclose(first, second, atol=1e-3):
        return
    raise MisalignedError(
        "searchlight: the neighbourhoods and the recording lie on different grids, with the "
        f"affines {np.round(first, 4).tolist()} and {np.round(second, 4).tolist()}. Make the "
        "neighbourhoods of this recording, or bring it into their space first."
    )
