"""Which units lie near which: the noun that searchlights and tests over space stand on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from isocortex.choice import counted, is_whole
from isocortex.data.needs import door
from isocortex.data.rows import chosen_rows
from isocortex.display.shown import shown
from isocortex.errors import InputError
from isocortex.formats.nifti import grid_mask
from isocortex.formats.space import Volume
from isocortex.searchlights.card import of_neighbours


@door
@shown(of_neighbours)
@dataclass(frozen=True, eq=False, repr=False)
class Neighbours:
    """A neighbourhood of units around each centre.

    Units are numbered as in the recording; their table ties them to other recordings, whose
    units meet them by place (``i, j, k``, ``vertex``, ``channel``) and not by position.

    Parameters
    ----------
    units : DataFrame
        One row for each unit of the recording.
    centres : DataFrame
        One row for each centre: units, or parcels.
    indptr, indices : integer arrays
        Compressed rows: the units of centre c are ``indices[indptr[c]:indptr[c + 1]]``, in
        ascending order.
    rule : str
        How they were found.
    centre_units : integer array, shape (n_centres,), optional
        The unit that each centre is; None for parcels.
    notes : mapping
        What is small, cut off or outside.

    See Also
    --------
    neighbours : Makes them.
    searchlight : An analysis in each of them.
    clusters : A test that knows which units are neighbours.

    Examples
    --------
    >>> import nibabel
    >>> import numpy as np
    >>> import isocortex as ic
    >>> betas = np.random.default_rng(0).normal(size=(5, 5, 5, 2))
    >>> voxels = ic.read_nifti(nibabel.Nifti1Image(betas, np.diag([3.0, 3.0, 3.0, 1.0])))
    >>> near = ic.neighbours(voxels, radius=3.0)
    >>> near
    Neighbours(125 centres of 125 units, 4 to 7 in each, median 6; radius 3 mm)
    >>> near.adjacency.shape, near.members(0)
    ((125, 125), array([ 0,  1,  5, 25], dtype=int32))
    """

    units: pd.DataFrame
    centres: pd.DataFrame
    indptr: np.ndarray
    indices: np.ndarray
    rule: str
    centre_units: np.ndarray | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def sizes(self) -> np.ndarray:
        """How many units each neighbourhood holds, its centre among them; shape (n_centres,)."""
        return np.diff(self.indptr).astype(np.int32)

    def members(self, centre: int) -> np.ndarray:
        """The units of one neighbourhood, ascending.

        Raises
        ------
        InputError
            If there is no such centre.
        """
        if not is_whole(centre) or not 0 <= centre < len(self):
            raise InputError(
                f"Neighbours.members: there are centres 0 to {len(self) - 1}, but not {centre!r}."
            )
        return self.indices[self.indptr[centre] : self.indptr[centre + 1]]

    def __len__(self) -> int:
        return len(self.centres)

    @cached_property
    def adjacency(self) -> sparse.csr_array:
        """Which centres are neighbours: boolean, (n_centres, n_centres), symmetric.

        Two units are where one lies in the neighbourhood of the other; none is its own. Two
        parcels are where a voxel of one shares a face with a voxel of the other.

        Raises
        ------
        InputError
            Of parcels that lie on no grid of voxels.
        """
        pairs = self._parcels_that_touch() if self.centre_units is None else self._near_centres()
        # The n nearest are not symmetric: near in one direction is near.
        pairs = pairs + pairs.T
        pairs.setdiag(0)
        pairs = sparse.csr_array(pairs)
        pairs.eliminate_zeros()
        pairs.sort_indices()
        adjacency: Any = pairs.astype(bool)
        return adjacency

    def at(self, centres: Any) -> "Neighbours":
        """The neighbourhoods of some centres only; their units stay all that there are.

        Parameters
        ----------
        centres : array of int or bool, path, image, or array of shape (x, y, z)
            Positions or a mask over the centres; or a mask on the grid of the recording, of
            which every voxel that is not 0 and that was recorded is a centre.

        Raises
        ------
        InputError
            If the mask lies on another grid (with both affines), or no centre is left.
        """
        notes = dict(self.notes)
        if isinstance(centres, np.ndarray | list | tuple) and np.ndim(centres) == 1:
            rows = chosen_rows(centres, len(self), "Neighbours.at", "centres")
        else:
            rows, outside = self._on_mask(centres)
            notes["outside"] = outside
        if not len(rows):
            raise InputError("Neighbours.at: no centre is left; the mask holds none of them.")
        counts = self.sizes[rows]
        starts = self.indptr[rows]
        indptr = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        # Members of the chosen centres, one centre after the other.
        places = np.arange(indptr[-1]) - np.repeat(indptr[:-1] - starts, counts)
        attrs = self.centres.attrs
        table = self.centres.iloc[rows].reset_index(drop=True)
        table.attrs.update(attrs)
        return replace(
            self,
            centres=table,
            indptr=indptr.astype(self.indptr.dtype),
            indices=self.indices[places],
            centre_units=None if self.centre_units is None else self.centre_units[rows],
            notes=notes,
        )

    def __repr__(self) -> str:
        sizes = self.sizes
        spread = f"{sizes.min()} to {sizes.max()} in each, median {np.median(sizes):g}"
        small = int((sizes < 2).sum())
        alone = f"; {small} hold one unit only" if small else ""
        outside = self.notes.get("outside", 0)
        beyond = f"; {outside} of the mask were not recorded" if outside else ""
        counts = f"{counted(len(self), 'centre')} of {counted(len(self.units), 'unit')}"
        return f"Neighbours({counts}, {spread}{alone}{beyond}; {self.rule})"

    def _near_centres(self) -> sparse.csr_array:
        shape = (len(self), len(self.units))
        ones = np.ones(len(self.indices), dtype=np.int8)
        near = sparse.csr_array((ones, self.indices, self.indptr), shape=shape)
        return sparse.csr_array(near[:, self.centre_units])

    def _parcels_that_touch(self) -> sparse.csr_array:
        space = self.units.attrs.get("space")
        if not isinstance(space, Volume):
            raise InputError(
                "Neighbours.adjacency: parcels are neighbours where their voxels touch, but these "
                "units lie on no grid of voxels (read_nifti keeps it)."
            )
        voxels = self.units[["i", "j", "k"]].to_numpy()
        # A layer more at the far ends, so that a step from the last voxel falls on empty ground.
        parcel = np.full(tuple(np.array(space.shape) + 1), -1, dtype=np.int64)
        own = np.full(len(self.units), -1, dtype=np.int64)
        own[self.indices] = np.repeat(np.arange(len(self)), self.sizes)
        parcel[tuple(voxels.T)] = own
        # Voxels that share a face; backward steps follow by symmetry.
        pairs = [[own, parcel[tuple((voxels + step).T)]] for step in np.eye(3, dtype=int)]
        first, second = np.concatenate(pairs, axis=1)
        real = (first >= 0) & (second >= 0) & (first != second)
        ones = np.ones(int(real.sum()), dtype=np.int8)
        shape = (len(self), len(self))
        touching = sparse.coo_array((ones, (first[real], second[real])), shape=shape).tocsr()
        touching.data[:] = 1
        return touching

    def _on_mask(self, mask: Any) -> tuple[np.ndarray, int]:
        space = self.units.attrs.get("space")
        if not isinstance(space, Volume) or self.centre_units is None:
            raise InputError(
                "Neighbours.at: a mask of voxels is for units on a grid, such as read_nifti gives; "
                "give positions, or a mask over the centres."
            )
        inside = grid_mask(mask, space.shape, space.affine, "Neighbours.at") != 0
        i, j, k = (self.centres[c].to_numpy() for c in "ijk")
        rows = np.nonzero(inside[i, j, k])[0]
        return rows, int(inside.sum()) - len(rows)
