"""Which units are neighbours: what ``neighbours()`` gave, or a matrix, checked against scores."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from isocortex.choice import listed
from isocortex.errors import InputError, MisalignedError
from isocortex.numerics.chance.graph import Graph, graph_of
from isocortex.stats.arranged import unit_names


def graph_over(adjacency: Any, units: pd.DataFrame) -> Graph:
    """The graph over the units of scores, in their order.

    Parameters
    ----------
    adjacency : Neighbours, or matrix of shape (n_units, n_units)
        Of what has centres, these are found by the names of the units; a matrix is in the order
        of the scores.
    units : DataFrame

    Raises
    ------
    InputError
        If the matrix is of another size, not square, not symmetric, or of other units.
    """
    centres = getattr(adjacency, "centres", None)
    matrix = _matrix(adjacency if centres is None else adjacency.adjacency)
    if centres is not None:
        _one_grid(centres, units)
        places = _places(centres, units)
        matrix = matrix[places][:, places]
    if matrix.shape[0] != len(units):
        raise InputError(
            f"clusters: adjacency is of {matrix.shape[0]} units, but the scores have "
            f"{len(units)}. Give what neighbours() returned itself, adjacency=near, of which "
            "units are found by name, or the matrix of these units."
        )
    return graph_of(matrix)


def _matrix(adjacency: Any) -> Any:
    try:
        matrix: Any = sparse.csr_array(adjacency)
    except (TypeError, ValueError):
        raise InputError(
            "clusters: adjacency must be what neighbours() returned, its adjacency, or a matrix "
            f"of (n_units, n_units), not {type(adjacency).__name__}."
        ) from None
    if len(matrix.shape) != 2 or matrix.shape[0] != matrix.shape[1]:
        raise InputError(
            f"clusters: adjacency must be square, units by units, not of shape {matrix.shape}."
        )
    there: Any = matrix.astype(bool)
    there.eliminate_zeros()
    odd = (there != there.T).nnz
    if odd:
        raise InputError(
            f"clusters: adjacency is not symmetric: {odd // 2} pairs of units are neighbours in "
            "one direction alone. Take adjacency.maximum(adjacency.T) if either is enough."
        )
    return there


def _one_grid(centres: pd.DataFrame, units: pd.DataFrame) -> None:
    """Equal indices of voxels mean nothing on another grid."""
    near, own = (getattr(each.attrs.get("space"), "affine", None) for each in (centres, units))
    if near is None or own is None or np.allclose(near, own, atol=1e-3):
        return
    raise MisalignedError(
        "clusters: adjacency and scores lie on different grids: the affine of the neighbours is "
        f"{np.round(near, 3).tolist()}, that of the scores {np.round(own, 3).tolist()}."
    )


def _places(centres: pd.DataFrame, units: pd.DataFrame) -> np.ndarray:
    names = unit_names(centres, units)
    if names is None:
        if len(centres) != len(units):
            raise MisalignedError(
                f"clusters: adjacency has {len(centres)} centres, the scores {len(units)} units, "
                "and no column (i, j, k; vertex; channel ...) names them in both."
            )
        return np.arange(len(units))
    place = {name: i for i, name in enumerate(names[0])}
    missing = [name for name in names[1] if name not in place]
    if missing:
        raise MisalignedError(
            f"clusters: {len(missing)} of {len(units)} units of the scores are no centres of the "
            f"adjacency: {listed(missing)}. Make the neighbours of the same recording or mask."
        )
    return np.array([place[name] for name in names[1]], dtype=np.intp)
