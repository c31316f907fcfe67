"""Stimuli as points whose distances follow their dissimilarities."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.errors import InputError, UndefinedError
from isocortex.numerics.arrays.mds import are_connected, classical_scaling, scaling_with_gaps
from isocortex.plots._beside import names_beside
from isocortex.plots._style import (
    MARKERS,
    NOTE,
    TINY,
    axes,
    beside,
    codes,
    colour,
    titled,
    titles,
)


@door
def mds(
    rdms: RDMs,
    *,
    groups: Sequence[Any] | None = None,
    names: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """One RDM as a map: stimuli that are alike lie close together (classical scaling).

    With gaps, distances are near to those dissimilarities that are known (least squares).

    Parameters
    ----------
    rdms : RDMs
        Exactly one; choose it with ``rdms.select(layer=...)`` or average with ``rdms.mean()``.
    groups : sequence of length n_stimuli, optional
        The group of each stimulus, which gets a colour.
    names : bool, default=False
        Whether the name of each stimulus stands beside it.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If there is more than one RDM, or not one group for each stimulus.
    UndefinedError
        If no known pairs join some stimuli to the others.

    See Also
    --------
    isocortex.rdms : Makes the RDM.
    rdm : As a matrix.
    embedding : Of responses.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> import isocortex as ic
    >>> it = ic.Responses(np.random.default_rng(0).normal(size=(6, 50)))
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.mds(ic.rdms(it), groups=["animate"] * 3 + ["inanimate"] * 3, ax=ax)
    >>> sum(len(each.get_offsets()) for each in ax.collections)
    6
    >>> plt.close(figure)
    """
    if rdms.n_rdms != 1:
        raise InputError(
            f"plots.mds draws one RDM, not {rdms.n_rdms}; choose it with rdms.select(...) "
            "or average with rdms.mean()."
        )
    if groups is not None and len(groups) != rdms.n_stimuli:
        raise InputError(
            f"plots.mds needs one group for each of {rdms.n_stimuli} stimuli, not {len(groups)}."
        )
    points, said = _placed(rdms)
    ax = axes(ax, (4.6, 4.2))
    labels, which = codes(groups if groups is not None else [""] * rdms.n_stimuli)
    for i, label in enumerate(labels):
        member = which == i
        look = {"color": colour(i), "marker": MARKERS[i % len(MARKERS)], "linewidth": 0}
        ax.scatter(*points[member].T, s=22, label=label, **look)
    if groups is not None:
        beside(ax)
    ax.set_aspect("equal", "datalim")
    ax.set(xticks=[], yticks=[])
    titled(ax, titles(rdms.labels)[0])
    ax.set_xlabel(said, fontsize=NOTE)
    if names:
        names_beside(ax, rdms.stimuli, points, [TINY] * rdms.n_stimuli)
    return ax


def _placed(rdms: RDMs) -> tuple[np.ndarray, str]:
    """Points in the plane, and how well they show the dissimilarities."""
    square = rdms.square()[0]
    if not rdms.gaps:
        points, kept = classical_scaling(square, 2)
        return points, f"two dimensions hold {np.sum(kept):.0%} of the variance"
    known = np.isfinite(square)
    if not are_connected(known):
        raise UndefinedError(
            "plots.mds: the stimuli fall into groups between which no dissimilarity is known, so "
            "that they have no place in one map. Draw each group by itself: rdms.take(...)."
        )
    points, stress = scaling_with_gaps(square, 2)
    n_missing = int(np.isnan(rdms.values).sum())
    return points, f"{n_missing} of {rdms.values.size} pairs unknown, stress {stress:.2f}"
