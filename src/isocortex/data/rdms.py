"""A stack of representational dissimilarity matrices over the same stimuli."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isocortex.arrays import as_numpy
from isocortex.data.check import table_of
from isocortex.data.names import Names, checked_names
from isocortex.errors import InputError


@dataclass(frozen=True, eq=False, repr=False, init=False)
class RDMs:
    """Dissimilarities between all pairs of stimuli, one row for each layer, subject, time …

    Parameters
    ----------
    values : array, shape (n_rdms, n_pairs)
        In the order of :func:`scipy.spatial.distance.squareform`: (0, 1), (0, 2) …
    stimuli : sequence of str, length n_stimuli
        With ``n_pairs = n_stimuli (n_stimuli - 1) / 2``.
    labels : DataFrame or mapping, optional
        One row for each RDM; a single value is repeated.
    dissimilarity : str, default=""
        What the numbers are.

    Raises
    ------
    InputError
        If the shapes do not fit or a dissimilarity is not finite.
    """

    values: np.ndarray
    stimuli: Names
    labels: pd.DataFrame
    dissimilarity: str

    def __init__(
        self,
        values: Any,
        stimuli: Iterable[object],
        labels: pd.DataFrame | Mapping[str, Any] | None = None,
        dissimilarity: str = "",
    ):
        values = np.asarray(as_numpy(values), dtype=np.float64)
        stimuli = tuple(stimuli)
        names = checked_names(stimuli, len(stimuli), "RDMs")
        n_pairs = len(names) * (len(names) - 1) // 2
        if values.ndim != 2 or values.shape[1] != n_pairs:
            raise InputError(
                f"RDMs needs values of shape (n_rdms, {n_pairs}) for {len(names)} stimuli, "
                f"not {values.shape}. From square matrices, use RDMs.from_arrays."
            )
        if not np.isfinite(values).all():
            bad = np.nonzero(~np.isfinite(values).all(1))[0]
            raise InputError(
                f"RDMs: {len(bad)} of {len(values)} RDMs hold NaN or infinite dissimilarities, "
                f"the first at row {bad[0]}. Drop the stimuli or the RDMs that cause them."
            )
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "stimuli", names)
        object.__setattr__(self, "labels", table_of(labels, len(values), "RDMs labels"))
        object.__setattr__(self, "dissimilarity", dissimilarity)

    @classmethod
    def from_arrays(
        cls,
        array: Any,
        stimuli: Iterable[object] | None = None,
        labels: pd.DataFrame | Mapping[str, Any] | None = None,
        dissimilarity: str = "",
    ) -> "RDMs":
        """RDMs from square or condensed arrays.

        Parameters
        ----------
        array : array, shape (n, n), (n_rdms, n, n), (n_pairs,) or (n_rdms, n_pairs)
            Square matrices must be symmetric with a zero diagonal.
        stimuli : sequence of str, optional
            Default ``stimulus 0``, ``stimulus 1`` …
        labels : DataFrame or mapping, optional
            Such as ``{"subject": [1, 2, 3], "region": "IT"}``.
        dissimilarity : str, default=""

        Raises
        ------
        InputError
            If a matrix is not symmetric or its diagonal not zero, or shapes do not fit.
        """
        array = np.asarray(as_numpy(array), dtype=np.float64)
        stimuli = None if stimuli is None else tuple(stimuli)
        condensed = _condensed(array, None if stimuli is None else len(stimuli))
        if stimuli is None:
            n = round((1 + np.sqrt(1 + 8 * condensed.shape[1])) / 2)
            stimuli = [f"stimulus {i}" for i in range(n)]
        return cls(condensed, stimuli, labels, dissimilarity)

    @classmethod
    def concat(cls, stacks: "Sequence[RDMs]") -> "RDMs":
        """One stack of several, aligned by name to the first."""
        from isocortex.data.names import check_same

        first = stacks[0]
        for other in stacks[1:]:
            check_same(first.stimuli, other.stimuli, "RDMs.concat")
        aligned = [first, *(other.reorder(first.stimuli) for other in stacks[1:])]
        labels = pd.concat([each.labels for each in aligned], ignore_index=True)
        values = np.concatenate([each.values for each in aligned])
        kinds = dict.fromkeys(each.dissimilarity for each in aligned)
        return cls(values, first.stimuli, labels, " / ".join(kinds))

    @property
    def n_rdms(self) -> int:
        """How many RDMs there are."""
        return len(self.values)

    @property
    def n_stimuli(self) -> int:
        """How many stimuli each of them has."""
        return len(self.stimuli)

    def __len__(self) -> int:
        return self.n_rdms

    def square(self) -> np.ndarray:
        """Symmetric matrices, shape (n_rdms, n_stimuli, n_stimuli), zero on the diagonal."""
        n = self.n_stimuli
        squares = np.zeros((self.n_rdms, n, n))
        rows, columns = np.triu_indices(n, 1)
        squares[:, rows, columns] = self.values
        squares[:, columns, rows] = self.values
        return squares

    def take(self, stimuli: Any) -> "RDMs":
        """The stimuli at integer positions, in that order."""
        order = np.asarray(stimuli, dtype=np.intp)
        names = [self.stimuli[i] for i in order]
        if len(order) == self.n_stimuli and (order == np.arange(self.n_stimuli)).all():
            return self
        rows, columns = np.triu_indices(len(order), 1)
        values = self.square()[:, order[rows], order[columns]]
        return RDMs(values, names, self.labels, self.dissimilarity)

    def reorder(self, stimuli: Sequence[str]) -> "RDMs":
        """These stimuli in this order, by name."""
        from isocortex.data.names import positions

        return self.take(positions(self.stimuli, stimuli, "RDMs"))

    def select(self, **labels: Any) -> "RDMs":
        """The RDMs whose labels are these, such as ``select(region="IT")``."""
        from isocortex.data.tables import rows_where

        keep = rows_where(self.labels, labels, "RDMs")
        return RDMs(self.values[keep], self.stimuli, self.labels.loc[keep], self.dissimilarity)

    def mean(self) -> "RDMs":
        """One RDM, the plain average; labels that all share are kept."""
        shared = {
            str(key): [column.iloc[0]]
            for key, column in self.labels.items()
            if column.nunique(dropna=False) == 1
        }
        return RDMs(self.values.mean(0, keepdims=True), self.stimuli, shared, self.dissimilarity)

    def to_xarray(self) -> Any:
        """As an ``xarray.DataArray`` (rdm, stimulus, other)."""
        from isocortex.data.xarrays import data_array

        names = pd.DataFrame({"stimulus": self.stimuli})
        tables = {
            "rdm": self.labels,
            "stimulus": names,
            "other": names.rename(columns={"stimulus": "other"}),
        }
        return data_array(self.square(), tables, {"dissimilarity": self.dissimilarity})

    def table(self) -> pd.DataFrame:
        """Long form: one row for each RDM and pair of stimuli."""
        rows, columns = np.triu_indices(self.n_stimuli, 1)
        names = np.array(self.stimuli, dtype=object)
        long = self.labels.loc[self.labels.index.repeat(len(rows))].reset_index(drop=True)
        return long.assign(
            stimulus=np.tile(names[rows], self.n_rdms),
            other=np.tile(names[columns], self.n_rdms),
            dissimilarity=self.values.ravel(),
        )

    def __repr__(self) -> str:
        kind = f", {self.dissimilarity}" if self.dissimilarity else ""
        return f"RDMs({self.n_rdms} over {self.n_stimuli} stimuli{kind})"


def _condensed(array: np.ndarray, n_names: int | None) -> np.ndarray:
    """Square or condensed input, one or a stack, as (n_rdms, n_pairs)."""
    square = array.ndim >= 2 and array.shape[-1] == array.shape[-2]
    if array.ndim == 2 and square and n_names is not None and n_names != array.shape[0]:
        square = n_names * (n_names - 1) // 2 != array.shape[1]  # n_rdms happens to be n_pairs
    if array.ndim == 3 or (array.ndim == 2 and square):
        return _from_square(array.reshape(-1, *array.shape[-2:]))
    if array.ndim not in (1, 2):
        raise InputError(
            "RDMs.from_arrays needs shape (n, n), (n_rdms, n, n), (n_pairs,) or "
            f"(n_rdms, n_pairs), not {array.shape}."
        )
    array = np.atleast_2d(array)
    n_pairs = array.shape[1]
    n = round((1 + np.sqrt(1 + 8 * n_pairs)) / 2)
    if n * (n - 1) // 2 != n_pairs:
        raise InputError(
            f"RDMs.from_arrays: {n_pairs} is not a number of pairs n(n-1)/2, and the array of "
            f"shape {array.shape} is not square."
        )
    return array


def _from_square(squares: np.ndarray) -> np.ndarray:
    if squares.shape[1] != squares.shape[2]:
        raise InputError(f"RDMs.from_arrays needs square matrices, not {squares.shape[1:]}.")
    transposed = squares.transpose(0, 2, 1)
    scale = np.abs(squares).max(axis=(1, 2), initial=0.0)
    skew = np.abs(squares - transposed).max(axis=(1, 2), initial=0.0)
    diagonal = np.abs(np.diagonal(squares, axis1=1, axis2=2)).max(axis=1, initial=0.0)
    for excess, fault in ((skew, "not symmetric"), (diagonal, "not zero on the diagonal")):
        bad = np.nonzero(excess > 1e-6 * scale)[0]
        if len(bad):
            raise InputError(
                f"RDMs.from_arrays: {len(bad)} of {len(squares)} matrices are {fault}, the first "
                f"at {bad[0]} (off by {excess[bad[0]]:.3g}). A dissimilarity matrix is symmetric "
                "with a zero diagonal; is this a similarity matrix, or cross-validated?"
            )
    rows, columns = np.triu_indices(squares.shape[1], 1)
    return (squares[:, rows, columns] + transposed[:, rows, columns]) / 2
