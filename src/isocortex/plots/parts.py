"""Parts of the variance as bars, with what they are uncertain by."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from isocortex.choice import listed
from isocortex.data.needs import door
from isocortex.errors import InputError
from isocortex.inference.parted import Partition
from isocortex.plots._style import NOTE, QUIET, axes, bare, colour, several_of, wrapped

KINDS = ("unique", "shared", "product", "shapley", "correlation", "relative", "total")
MOST_POINTS = 200
"""Units of which single ones stand beside the bars."""
_CIRCLES = {
    2: ([(-0.5, 0.0), (0.5, 0.0)], {1: (-0.95, 0.0), 2: (0.95, 0.0), 3: (0.0, 0.0)}),
    3: (
        [(-0.5, 0.35), (0.5, 0.35), (0.0, -0.5)],
        {
            1: (-0.95, 0.6),
            2: (0.95, 0.6),
            4: (0.0, -1.0),
            3: (0.0, 0.68),
            5: (-0.57, -0.18),
            6: (0.57, -0.18),
            7: (0.0, 0.08),
        },
    ),
}
"""Centres of circles, and where the number of each part stands, by the bits of its sets."""


@door
def partition(
    parts: Partition, *, people: bool = True, venn: bool = False, ax: Axes | None = None
) -> Axes:
    """What sets of models explain alone and together: bars, or circles with numbers.

    Parameters
    ----------
    parts : Partition
        What :func:`isocortex.partition` returned.
    people : bool, default=True
        Whether single people (up to 200 units) stand beside the bars as points.
    venn : bool, default=False
        Two or three circles, whose areas mean nothing, with the number of each part: only where
        no part is negative, since there is no such picture of suppression.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If circles cannot show these parts.

    See Also
    --------
    isocortex.partition : Makes the parts.
    models : Scores of models with their ceiling.
    shares : What feature spaces explain of each unit.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(12)]
    >>> shape, colour = rng.random((2, 66))
    >>> sets = {"shape": ic.RDMs([shape], names), "colour": ic.RDMs([colour], names)}
    >>> brain = ic.RDMs(shape + rng.random((6, 66)), names, {"subject": range(6)})
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.partition(ic.partition(sets, brain, n=100), ax=ax)
    >>> [each.get_text() for each in ax.get_yticklabels()]
    ['shape', 'colour', 'shape & colour', 'all']
    >>> plt.close(figure)
    """
    return _circles(parts, ax) if venn else _bars(parts, people, ax)


def _bars(parts: Partition, people: bool, ax: Axes | None) -> Axes:
    n = len(parts.names)
    widest = max(map(len, parts.names))
    ax = bare(axes(ax, (4.2 + 0.07 * widest, 1.1 + 0.34 * n)))
    y = np.arange(n, dtype=float)
    values = parts.explained
    hues = [QUIET if kind == "total" else colour(KINDS.index(kind) % 2) for kind in parts.kinds]
    ax.barh(y, values, height=0.66, color=hues, alpha=0.8, zorder=2)
    if people and parts.people.values.shape[1] <= MOST_POINTS:
        single = parts.people.values
        spread = np.linspace(-0.2, 0.2, single.shape[1]) if single.shape[1] > 1 else np.zeros(1)
        for at, row in zip(y, single, strict=True):
            ax.scatter(row, at + spread, s=7, color="black", alpha=0.45, linewidth=0, zorder=3)
    known = np.isfinite(parts.interval[:, 0])
    low, high = parts.interval[known].T
    ax.hlines(y[known], low, high, color="black", linewidth=1.6, zorder=4)
    ax.axvline(0, color="black", linewidth=0.8, zorder=1)
    if parts.kinds[-1] == "total" and n > 1:
        ax.axhline(n - 1.5, color=QUIET, linewidth=0.6)
    ax.set_yticks(y, parts.names)
    ax.set_ylim(n - 0.4, -0.6)
    several = [dim for dim in parts.people.dims if dim != "part"]
    table = pd.DataFrame(parts.people.tables[several[0]])
    of = several_of(table, len(table)).replace("scores", f"{several[0]}s".replace("datas", "RDMs"))
    said = f"share of the variance (mean of {of})\n{parts.notes['chance']}"
    ax.set_xlabel(wrapped(ax, said))
    return ax


def _circles(parts: Partition, ax: Axes | None) -> Axes:
    from matplotlib.patches import Circle

    sets = parts.notes["sets"]
    negative = [name for name, value in zip(parts.names, parts.explained, strict=True) if value < 0]
    if len(sets) not in _CIRCLES or parts.notes["method"] != "parts":
        raise InputError(
            f"plots.partition(venn=True) draws the unique and shared parts of 2 or 3 sets, not "
            f"{parts.notes['method']} of {len(sets)}. Leave venn=True out: bars show any."
        )
    if negative:
        raise InputError(
            f"plots.partition(venn=True): {listed(negative)} are below 0, which circles cannot "
            "show. Leave venn=True out: bars show any."
        )
    ax = axes(ax, (3.8, 3.6))
    centres, places = _CIRCLES[len(sets)]
    for k, (x, y) in enumerate(centres):
        ax.add_patch(Circle((x, y), 0.9, facecolor=colour(k), alpha=0.25, edgecolor=colour(k)))
        side = np.sign(x) if len(sets) == 2 or y > 0 else 0
        above = 1.02 if y >= 0 else -1.12
        ax.text(x + 0.35 * side, y + above, sets[k], ha="center", va="center", color=colour(k))
    where = dict(zip(parts.names, parts.explained, strict=True))
    for bits, (x, y) in places.items():
        name = " & ".join(each for k, each in enumerate(sets) if bits >> k & 1)
        ax.text(x, y, f"{where[name]:.3f}", ha="center", va="center", fontsize=NOTE)
    ax.set(xlim=(-1.75, 1.75), ylim=(-1.8, 1.6), aspect="equal")
    ax.set_axis_off()
    return ax
