"""What sets of models, or feature spaces, explain of brains, alone and together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import counted
from isocortex.data.frozen import frozen_fields
from isocortex.data.needs import door
from isocortex.data.scores import Scores
from isocortex.display.shown import shown
from isocortex.inference.cards import of_partition
from isocortex.inference.shares import order_of_parts


@door
@shown(of_partition)
@frozen_fields
@dataclass(frozen=True, eq=False, repr=False)
class Partition:
    """What :func:`partition` returns: parts of the variance, with intervals.

    Attributes
    ----------
    names : tuple of str
        Of each part: a set, several sets joined by &, or ``all``.
    kinds : tuple of str
        Of each part: unique, shared, total, or the method.
    people : Scores
        Each part of each person's variance: axes (part, data). Of feature spaces each unit's: axes
        (part, unit), with the column ``percent`` of what all explain, NaN where that is not above
        0.
    interval : array, shape (n_parts, 2)
        Low and high end for the mean over people; NaN where there is none.
    notes : mapping
        Sets, method, what was subtracted, what was drawn, seed, samples left out.

    See Also
    --------
    partition : Makes it.
    plots.partition : Draws it.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(20)]
    >>> shape, colour = rng.random((2, 190))
    >>> models = {"shape": ic.RDMs([shape], names), "colour": ic.RDMs([colour], names)}
    >>> brain = ic.RDMs(shape + rng.random((6, 190)), names, {"subject": range(6)})
    >>> parts = ic.partition(models, brain)
    >>> parts.table()[["part", "kind", "explained"]].round(2)
                 part    kind  explained
    0           shape  unique       0.51
    1          colour  unique       0.00
    2  shape & colour  shared       0.01
    3             all   total       0.52
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    people: Scores
    interval: np.ndarray
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def explained(self) -> np.ndarray:
        """Mean over people or units, shape (n_parts,)."""
        return np.nanmean(self.people.values, 1)

    def table(self) -> pd.DataFrame:
        """One row for each part.

        Returns
        -------
        DataFrame
            ``part``, ``kind``, ``explained`` (share of the variance, the mean over people),
            ``low`` and ``high``; ``raw``, with what chance explains still in it. Parts may be
            negative, where sets suppress one another or by chance; they add up to ``all``. Of
            feature spaces, in place of the last three: ``percent`` of what all explain, the
            ratio of the means over units; NaN where all explain nothing.
        """
        found = {"part": list(self.names), "kind": list(self.kinds), "explained": self.explained}
        if "unit" in self.people.dims:
            whole = self.explained[-1]
            return pd.DataFrame(
                {**found, "percent": 100 * self.explained / (whole if whole > 0 else np.nan)}
            )
        return pd.DataFrame(
            {
                **found,
                "low": self.interval[:, 0],
                "high": self.interval[:, 1],
                "raw": np.nanmean(self.people.columns["raw"], 1),
            }
        )

    def __repr__(self) -> str:
        return (
            f"Partition({self.notes['method']} of {counted(len(self.notes['sets']), 'set')}: "
            f"{self.explained[-1]:.1%} explained, {self.notes['chance']})"
        )


def names_of_parts(sets: tuple[str, ...], method: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the parts, in the order of their numbers, and what they are."""
    if method != "parts":
        return (*sets, "all"), (method,) * len(sets) + ("total",)
    parts = order_of_parts(len(sets)).tolist()
    names = [" & ".join(name for k, name in enumerate(sets) if part >> k & 1) for part in parts]
    kinds = ["unique" if part.bit_count() == 1 else "shared" for part in parts]
    return (*names, "all"), (*kinds, "total")
