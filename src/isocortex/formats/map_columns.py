"""What of maps is shown or written: which column, and where it is beyond a threshold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from isocortex.choice import is_number, listed, suggestion
from isocortex.data.responses import Responses
from isocortex.data.scores import Scores
from isocortex.errors import InputError
from isocortex.formats.maps import as_numbers

Level = float | Mapping[str, float]


@runtime_checkable
class HasMaps(Protocol):
    """Clusters, which make maps of themselves."""

    def maps(self) -> Scores:
        """One map for each series."""
        ...


Maps = Scores | HasMaps | Responses | np.ndarray
"""What has one number for each unit."""


@dataclass(frozen=True)
class Shown:
    """A column of maps, and the units that are kept."""

    column: str = "score"
    """``"score"`` or a column beside it: ``"p"``, ``"ceiling"`` …"""
    threshold: float | None = None
    """Only units of which the score is so far from 0, or farther."""
    p: Level | None = None
    """Only units with at most this ``p``; of another column ``{"p_fdr": 0.05}``."""

    def of(self, maps: Any, empty: float, who: str) -> Any:
        """The maps with the values of the column, and ``empty`` where a unit is not kept.

        Parameters
        ----------
        maps : Scores, Clusters, Responses or array
            Scores are averaged over their folds first.
        empty : float
        who : str

        Raises
        ------
        InputError
            If there is no such column, or the threshold or level is out of range.
        """
        self._check(who)
        if not isinstance(maps, Scores):
            return self._of_plain(maps, empty, who)
        if "fold" in maps.dims:
            maps = maps.mean("fold")
        keep = np.ones(maps.values.shape, dtype=bool)
        if self.threshold is not None:
            keep &= np.abs(maps.values) >= self.threshold
        levels = self.p if isinstance(self.p, Mapping) else {"p": self.p}
        for name, level in levels.items():
            if level is not None:
                keep &= _column(maps, name, who) <= level
        values = np.where(keep, _column(maps, self.column, who), empty)
        metric = maps.metric if self.column == "score" else self.column
        return maps.replace(values=values, metric=metric, columns={}, kept=None)

    def in_words(self) -> str:
        """Which units are kept, as a figure tells it: ``|score| ≥ 0.2, p ≤ 0.05``, or nothing."""
        levels = self.p if isinstance(self.p, Mapping) else {"p": self.p}
        kept = [f"|score| ≥ {self.threshold:g}"] if self.threshold else []
        kept += [f"{name} ≤ {level:g}" for name, level in levels.items() if level is not None]
        return ", ".join(kept)

    def _of_plain(self, maps: Any, empty: float, who: str) -> Any:
        if self.column != "score" or self.p is not None:
            raise InputError(
                f"{who}: column= and p= need Scores or Clusters, which have columns beside the "
                f"score; this is {type(maps).__name__}."
            )
        if self.threshold is None:
            return maps
        if hasattr(maps, "numpy") and hasattr(maps, "units"):
            values = maps.numpy()
            return maps.replace(values=np.where(np.abs(values) >= self.threshold, values, empty))
        values = as_numbers(maps, who)
        return np.where(np.abs(values) >= self.threshold, values, empty)

    def _check(self, who: str) -> None:
        if not isinstance(self.column, str):
            raise InputError(f"{who}: column={self.column!r} must be a name, such as 'score'.")
        if self.threshold is not None and not (is_number(self.threshold) and self.threshold >= 0):
            raise InputError(f"{who}: threshold must be 0 or above, not {self.threshold!r}.")
        for level in self.p.values() if isinstance(self.p, Mapping) else [self.p]:
            if level is not None and not (is_number(level) and 0 < level <= 1):
                raise InputError(f"{who}: a level of p lies between 0 and 1, not {level!r}.")


def empty_of(column: Any, outside: float | None) -> float:
    """The number where nothing is: 0, and of p-values 1, unless another was asked for."""
    if outside is not None:
        return outside
    return 1.0 if isinstance(column, str) and (column == "p" or column.startswith("p_")) else 0.0


def as_maps(maps: Any) -> Any:
    """The maps of what has some, such as Clusters; all else as it is."""
    made = getattr(maps, "maps", None)
    return made() if callable(made) else maps


def _column(maps: Scores, name: str, who: str) -> np.ndarray:
    if name == "score":
        return maps.values
    if name not in maps.columns:
        known = ["score", *maps.columns]
        raise InputError(
            f"{who}: the maps have no column {name!r}. {suggestion(name, known)}"
            f"They have {listed(known, 12)}."
        )
    return np.broadcast_to(maps.columns[name], maps.values.shape)
