"""One number with its uncertainty."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from isocortex.data.cards import of_estimate
from isocortex.data.frozen import frozen, frozen_fields, held_tables
from isocortex.data.needs import door
from isocortex.display.shown import shown


@door
@shown(of_estimate)
@held_tables("top")
@frozen_fields
@dataclass(frozen=True, repr=False)
class Estimate:
    """A value, its interval, its p-value, and what they rest on.

    Parameters
    ----------
    value : float
        The estimate itself.
    low : float
        The lower end of its interval.
    high : float
        The upper end of its interval.
    p : float
        The probability of a value at least as extreme under the null hypothesis.
    n : int
        How many things were counted: the subjects of a difference, the kept units of a hierarchy
        score. Units of one layer depend on one another, and are not its sample size.
    method : str
        How the interval and p were made, with the seed where one was used.
    top : DataFrame, optional
        Of a hierarchy: how many kept units of each layer (row) have each region (column) on top.
    notes : mapping, optional
        What else is known of it: counts of what was dropped, the seed.

    See Also
    --------
    hierarchy, mean_score : Return one for the hierarchy score of a network.
    difference : Returns one for the difference of two scores.

    Examples
    --------
    >>> import isocortex as ic
    >>> found = ic.Estimate(value=0.31, low=0.12, high=0.5, p=0.003, n=18, method="t-test")
    >>> found.table()[["value", "low", "high", "p", "n"]]
       value   low  high      p   n
    0   0.31  0.12   0.5  0.003  18
    """

    value: float
    low: float
    high: float
    p: float
    n: int
    method: str
    top: pd.DataFrame | None = field(default=None, compare=False, repr=False)
    notes: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", frozen(self.notes))

    def __repr__(self) -> str:
        return (
            f"Estimate({self.value:.4g}, interval {self.low:.4g} to {self.high:.4g}, "
            f"p = {self.p:.3g}, n = {self.n}, {self.method})"
        )

    def table(self) -> pd.DataFrame:
        """A table of one row."""
        names = ("value", "low", "high", "p", "n", "method")
        return pd.DataFrame([{name: getattr(self, name) for name in names}])
