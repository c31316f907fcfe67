"""The Gram matrix of a layer or region: all that most analyses need of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.arrays import Array
from isocortex.data.check import finite_rows
from isocortex.data.names import Names, checked_names
from isocortex.errors import InputError


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Gram:
    r"""Inner products of the rows of a response matrix, :math:`K = X X^\top`.

    Parameters
    ----------
    matrix : array, shape (n_stimuli, n_stimuli)
        :math:`K`, symmetric, not centred.
    row_sums : array, shape (n_stimuli,)
        :math:`s = X 1`, which correlation distances need.
    n_units : int
        How many columns ``X`` had.
    stimuli : sequence of str, length n_stimuli
    labels : mapping, optional

    Raises
    ------
    InputError
        If the shapes do not fit, or the matrix is not symmetric and finite.
    """

    matrix: Array
    row_sums: Array
    n_units: int
    stimuli: Names
    labels: Mapping[str, Any]

    def __init__(
        self,
        matrix: Array,
        row_sums: Array,
        n_units: int,
        stimuli: Iterable[object],
        labels: Mapping[str, Any] | None = None,
    ):
        n = matrix.shape[0]
        if tuple(matrix.shape) != (n, n) or tuple(row_sums.shape) != (n,):
            raise InputError(
                f"Gram needs a square matrix and one row sum for each row, not shapes "
                f"{tuple(matrix.shape)} and {tuple(row_sums.shape)}."
            )
        names = checked_names(stimuli, n, "Gram")
        finite_rows(matrix, names, "Gram")
        scale = float(abs(matrix).max()) if n else 0.0
        if float(abs(matrix - matrix.T).max() if n else 0.0) > 1e-5 * scale:
            raise InputError("Gram needs a symmetric matrix; this one is not.")
        object.__setattr__(self, "matrix", matrix)
        object.__setattr__(self, "row_sums", row_sums)
        object.__setattr__(self, "n_units", int(n_units))
        object.__setattr__(self, "stimuli", names)
        object.__setattr__(self, "labels", dict(labels or {}))

    @property
    def n_stimuli(self) -> int:
        """The number of rows and columns."""
        return len(self.stimuli)

    def take(self, rows: Any) -> "Gram":
        """The stimuli at integer positions ``rows``, in that order."""
        rows = np.asarray(rows, dtype=np.intp)
        names = [self.stimuli[i] for i in rows]
        matrix = self.matrix[rows][:, rows]
        return Gram(matrix, self.row_sums[rows], self.n_units, names, self.labels)

    def __repr__(self) -> str:
        labels = "".join(f", {key}={value!r}" for key, value in self.labels.items())
        return f"Gram({self.n_stimuli} stimuli, of {self.n_units} units{labels})"
