"""The verb ``neighbours``: the units around each unit of a recording."""

from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import counted, is_number, is_whole, listed, suggestion
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.trials import Trials
from isocortex.errors import InputError
from isocortex.searchlights.distance import Rows, as_rows, nearest, within
from isocortex.searchlights.neighbourhoods import Neighbours
from isocortex.searchlights.places import millimetres
from isocortex.searchlights.sensors import sensor_adjacency, sensor_places
from isocortex.searchlights.surfaces import on_mesh


@door
def neighbours(
    recording: Responses | Trials,
    radius: float | None = None,
    *,
    n_units: int | None = None,
    mesh: Any = None,
    sensors: Any = None,
    labels: str | None = None,
) -> Neighbours:
    r"""Find the units around each unit of a recording, or those of each parcel.

    Distances are straight lines in mm, of voxels by the full affine of the image,
    :math:`\|A (i, j, k) - A (i', j', k')\|`, so that oblique and anisotropic voxels have the
    neighbours that they have in the head. A unit at the radius itself is inside
    (:math:`\le r (1 + 10^{-9})`). Only recorded units are ever neighbours: at the edge of a mask,
    and around its holes, neighbourhoods are smaller.

    Parameters
    ----------
    recording : Responses or Trials
        From read_nifti, read_volumes, read_gifti, read_cifti or read_epochs; or any whose units
        have the columns ``x, y, z`` in mm.
    radius : float, optional
        In mm. For voxels of 3 mm, 3 gives the 6 that share a face, and 6 gives 33 units.
    n_units : int, optional
        Instead of a radius: the so many nearest units, the centre among them. Of units
        equally far the first in the table comes first.
    mesh : path, (points, faces), mesh of nilearn, or mapping of ``left`` and ``right``, optional
        For vertices: distances run along the edges of this mesh, the shortest way, also over
        vertices that were not recorded; hemispheres are infinitely far from each other. Voxels
        of a CIFTI recording have theirs by straight distance. Without ``radius`` and ``n_units``,
        those that an edge joins, which are what clusters on a surface take.
    sensors : mne.Info, epochs, montage, or mapping from channel to place in metres, optional
        For channels: with ``radius`` or ``n_units`` by straight distance among channels of one
        type; without, MNE's adjacency of the sensors.
    labels : str, optional
        A column of the table of units, such as ``"mask"``: one neighbourhood for each parcel.

    Returns
    -------
    Neighbours
        ``sizes``, ``units``, ``adjacency``; printed, it says how many centres hold how much.

    Raises
    ------
    InputError
        If the units have no coordinates, the mesh is not theirs, or most neighbourhoods would
        hold their centre only; before any search.

    See Also
    --------
    searchlight : An analysis in each neighbourhood.
    Neighbours : What it returns; ``at`` takes some of the centres.
    regions : One number for each parcel.

    References
    ----------
    .. [1] Kriegeskorte, Goebel & Bandettini (2006), Information-based functional brain mapping,
       PNAS 103:3863. https://doi.org/10.1073/pnas.0600244103

    Examples
    --------
    >>> import nibabel
    >>> import numpy as np
    >>> import isocortex as ic
    >>> betas = np.random.default_rng(0).normal(size=(9, 9, 9, 2))
    >>> voxels = ic.read_nifti(nibabel.Nifti1Image(betas, np.diag([3.0, 3.0, 3.0, 1.0])))
    >>> near = ic.neighbours(voxels, radius=6.0)
    >>> int(near.sizes.min()), int(near.sizes.max())
    (11, 33)
    >>> ic.neighbours(voxels, n_units=100).sizes[:3]
    array([100, 100, 100], dtype=int32)
    """
    units = _units_of(recording)
    if labels is not None:
        _alone(radius, n_units, mesh, sensors)
        return _parcels(units, labels)
    _check_reach(radius, n_units, mesh is not None or sensors is not None, len(units))
    rows = _rows(units, radius, n_units, mesh, sensors)
    rule = _rule(radius, n_units, mesh, sensors)
    sizes = np.diff(rows[0])
    alone = int((sizes < 2).sum())
    # A radius below the size of a voxel is a mistake, more likely than a wish.
    if 2 * alone > len(units):
        raise InputError(
            f"neighbours: {alone} of {len(units)} neighbourhoods hold their centre only ({rule}); "
            f"{_larger(units, radius)}"
        )
    notes = {"alone": alone, "largest": int(sizes.max())}
    return Neighbours(units, units, *rows, rule, np.arange(len(units), dtype=np.int32), notes)


def _rows(units: pd.DataFrame, radius: Any, n_units: Any, mesh: Any, sensors: Any) -> Rows:
    if mesh is not None and sensors is not None:
        raise InputError("neighbours: give mesh= for vertices or sensors= for channels, not both.")
    if mesh is not None:
        return on_mesh(units, mesh, radius, n_units)
    if sensors is not None and radius is None and n_units is None:
        return sensor_adjacency(sensors, units)
    points, groups = (
        millimetres(units, "neighbours") if sensors is None else sensor_places(sensors, units)
    )
    if radius is not None:
        return within(points, radius, groups)
    # Neighbours are of the centre's own group (hemisphere, kind of sensor).
    least = int(np.bincount(groups).min())
    if n_units > least:
        raise InputError(f"neighbours: n_units={n_units}, but there are only {least} units.")
    return nearest(points, n_units, groups)


def _units_of(recording: Any) -> pd.DataFrame:
    if not isinstance(recording, Responses | Trials):
        many = isinstance(recording, list | tuple)
        advice = " Give one of them; all subjects share its units." if many else ""
        raise InputError(
            f"neighbours needs Responses or Trials, not {type(recording).__name__}.{advice}"
        )
    if not recording.n_units:
        raise InputError("neighbours: the recording has no units.")
    return recording.units


def _check_reach(radius: Any, n_units: Any, alone: bool, n: int) -> None:
    if radius is not None and n_units is not None:
        raise InputError("neighbours: give radius= or n_units=, not both.")
    if radius is None and n_units is None and not alone:
        raise InputError(
            "neighbours: how far? Give radius= in mm or n_units=; mesh= or sensors= alone take "
            "what an edge joins or MNE calls adjacent, and labels= is a column of parcels."
        )
    if radius is not None and not (is_number(radius) and 0 < radius < np.inf):
        raise InputError(f"neighbours: radius={radius!r} must be a number of mm above 0.")
    if n_units is not None and not (is_whole(n_units) and n_units >= 2):
        raise InputError(f"neighbours: n_units={n_units!r} must be a whole number from 2.")
    if n_units is not None and int(n_units) > n:
        raise InputError(
            f"neighbours: n_units={n_units}, but the recording has {counted(n, 'unit')}."
        )


def _alone(*others: Any) -> None:
    if any(each is not None for each in others):
        raise InputError(
            "neighbours: labels= takes the parcels as they are; leave out radius=, n_units=, mesh= "
            "and sensors=."
        )


def _parcels(units: pd.DataFrame, column: str) -> Neighbours:
    if not isinstance(column, str) or column not in units.columns:
        raise InputError(
            f"neighbours: the units have no column {column!r}. "
            f"{suggestion(column, map(str, units.columns))}They have: "
            f"{listed(units.columns, 20) or 'none'}."
        )
    given = units[column]
    named = ~np.asarray(given.isna(), dtype=bool)
    names, own = np.unique(np.asarray(given)[named], return_inverse=True)
    if not len(names):
        raise InputError(f"neighbours: no unit has a label in the column {column!r}.")
    where = np.nonzero(named)[0].astype(np.int32)
    rows = as_rows([where[own == i] for i in range(len(names))])
    centres = pd.DataFrame({column: names})
    notes = {"outside": int((~named).sum())}
    return Neighbours(units, centres, *rows, f"parcels of {column!r}", None, notes)


def _rule(radius: Any, n_units: Any, mesh: Any, sensors: Any) -> str:
    along = " along the mesh" if mesh is not None else ""
    if radius is not None:
        return f"radius {radius:g} mm{along}"
    if n_units is not None:
        return f"the {n_units} nearest{along}"
    return "MNE's adjacency of sensors" if sensors is not None else "joined by an edge of the mesh"


def _larger(units: pd.DataFrame, radius: float | None) -> str:
    space = units.attrs.get("space")
    affine = getattr(space, "affine", None)
    # The columns of an affine are the edges of a voxel.
    if radius is None or affine is None:
        return "take a larger radius."
    sizes = np.linalg.norm(np.asarray(affine)[:3, :3], axis=0)
    return f"voxels are {' x '.join(f'{size:.3g}' for size in sizes)} mm: take a larger radius."
