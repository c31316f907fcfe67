"""Any function of a recording, done in each neighbourhood."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import named
from isocortex.errors import InputError, UndefinedError
from isocortex.searchlights.analysis import Data, Plain


@dataclass(frozen=True, eq=False)
class Function:
    """A function of Responses or Trials that returns a number, or an array of one shape."""

    function: Callable[[Any], Any]

    def prepare(self, plain: Plain, rows: np.ndarray) -> tuple["FunctionWork", Data]:
        """Ready for one recording; how many numbers it gives is seen from one patch."""
        found = _numbers(self.function, plain.part(rows))
        n_values = None if found is None or found.ndim == 0 else len(found)
        return FunctionWork(self.function, n_values), Data(
            plain.unit_major(plain.values[:0]), plain
        )


@dataclass(frozen=True, eq=False)
class FunctionWork:
    """A function on one recording."""

    function: Callable[[Any], Any]
    n_values: int | None
    """None for a single number."""

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """No axis for a single number."""
        return (
            {}
            if self.n_values is None
            else {"value": pd.DataFrame({"value": range(self.n_values)})}
        )

    @property
    def metric(self) -> str:
        """The name of the function."""
        return named(self.function, "score")

    def bytes_for(self, n_rows: int) -> int:
        """One patch at a time."""
        return 8 * n_rows

    def identity(self) -> Any:
        """What a result depends on: what the function does."""
        return ("function", self.function)

    def evaluate(self, data: Data, rows: np.ndarray) -> np.ndarray:
        """Numbers of each patch; NaN where they are undefined."""
        shape = () if self.n_values is None else (self.n_values,)
        out = np.full((len(rows), *shape), np.nan)
        for i, each in enumerate(rows):
            found = _numbers(self.function, data.plain.part(each))
            if found is None:
                continue
            if found.shape != shape:
                raise InputError(
                    f"searchlight: {named(self.function)} gave numbers of shape {found.shape} in "
                    f"one neighbourhood and {shape} in another; it must be one shape in all."
                )
            out[i] = found
        return out


def _numbers(function: Callable[[Any], Any], noun: Any) -> np.ndarray | None:
    try:
        found = np.asarray(function(noun), dtype=np.float64)
    except UndefinedError:
        return None
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"searchlight: {named(function)} must return a number or an array of numbers for "
            f"{noun!r}; {type(error).__name__}: {error}"
        ) from error
    if found.ndim > 1:
        raise InputError(
            f"searchlight: {named(function)} returned an array of shape {found.shape}; give a "
            "number, or a list of them."
        )
    return found
