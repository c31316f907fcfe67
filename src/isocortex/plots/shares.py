"""What each feature space explains of every unit: bars, clouds, or colours in the brain."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from isocortex.choice import counted, listed
from isocortex.data.needs import door
from isocortex.data.scores import Scores
from isocortex.errors import InputError
from isocortex.formats.nifti import map_volume
from isocortex.plots._mosaic import Mosaic, upright
from isocortex.plots._style import NOTE, QUIET, axes, bare, colour, titles

MOST_BARS = 40
"""Units that have a bar each."""
CHANNELS = ("red", "lime", "blue")
"""Red, green and blue at their brightest."""


@door
def shares(
    scores: Scores,
    *,
    like: Any = None,
    limit: float | None = None,
    slices: int = 12,
    ax: Axes | None = None,
) -> Axes:
    """What each feature space explains of each unit, the mean over folds.

    Up to 40 units: a bar for each, with shares below 0 to the left of the line and a mark at what
    all spaces explain together. More: a cloud for each space and one for all, with their mean.
    With ``like``: axial slices, in which two or three spaces are the red, green and blue of a
    colour.

    Parameters
    ----------
    scores : Scores
        Of ``encode`` or ``decode`` with a BandedRidge or Stacked.
    like : Responses or Trials, optional
        What :func:`isocortex.read_nifti` returned: where the units lie.
    limit : float, optional
        The share of the brightest red, green and blue; default the largest but for one unit in
        a hundred. Shares below 0 are black.
    slices : int, default=12
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If the scores have no shares, or more than three spaces are to be colours.

    See Also
    --------
    isocortex.BandedRidge : Whose scores have shares.
    partition : Means over units, and unique parts.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"volume {i}" for i in range(60)]
    >>> rate, glove = (ic.Responses(rng.normal(size=(60, p)), names, labels={"layer": n})
    ...                for n, p in (("rate", 2), ("glove", 20)))
    >>> regions = {"region": ["LATL", "LIFG"]}
    >>> brain = ic.Responses(rate.numpy() + rng.normal(size=(60, 2)), names, regions)
    >>> scores = ic.encode([rate, glove], brain, ic.BandedRidge([0.1, 1.0, 10.0]), folds=4)
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.shares(scores, ax=ax)
    >>> [each.get_text() for each in ax.get_yticklabels()]
    ['LATL', 'LIFG']
    >>> plt.close(figure)
    """
    share, names = _of_units(scores)
    if like is not None:
        return _in_the_brain(share, names, like, limit, slices, ax)
    if len(share) > MOST_BARS:
        return _clouds(share, names, ax)
    return _bars(share, names, _units(scores), ax)


def _of_units(scores: Scores) -> tuple[np.ndarray, tuple[str, ...]]:
    """Shares as (n_units, n_spaces), and what the spaces are called."""
    if "share" not in scores.columns:
        raise InputError(
            "plots.shares needs scores of one model of several feature spaces, such as "
            f"encode([rate, glove], recording, BandedRidge(alphas)), not {scores!r}."
        )
    share = np.asarray(scores.columns["share"])
    # What is before the units and the spaces is one layer, and the folds.
    share = share.mean(tuple(range(share.ndim - 2)))
    return share, tuple(scores.notes["spaces"])


def _units(scores: Scores) -> list[str]:
    table = scores.tables["unit"]
    named = [name for name in ("region", "unit", "target") if name in table.columns]
    if named:
        return [str(each) for each in table[named[0]]]
    return titles(table) if len(table.columns) else [str(i) for i in range(len(table))]


def _bars(share: np.ndarray, names: tuple[str, ...], units: list[str], ax: Axes | None) -> Axes:
    n = len(share)
    ax = bare(axes(ax, (5.0, 1.3 + 0.32 * n)))
    y = np.arange(n, dtype=float)
    ends = {1: np.zeros(n), -1: np.zeros(n)}
    for b, name in enumerate(names):
        for sign, start in ends.items():
            width = np.where(np.nan_to_num(share[:, b]) * sign > 0, share[:, b], 0.0)
            told = name if sign > 0 else None
            ax.barh(y, width, 0.66, left=start, color=colour(b), alpha=0.85, label=told, zorder=2)
            ends[sign] = start + width
    whole = share.sum(1)
    ax.scatter(whole, y, marker="|", s=90, color="black", linewidth=1.6, label="all", zorder=4)
    ax.axvline(0, color="black", linewidth=0.8, zorder=1)
    ax.set_yticks(y, units)
    ax.set_ylim(n - 0.4, -0.6)
    ax.set_xlabel("share of the held-out variance")
    handles, told = ax.get_legend_handles_labels()
    # The mark comes first of itself, and is the sum of the others.
    _legend(ax, [*handles[1:], handles[0]], [*told[1:], told[0]])
    return ax


def _clouds(share: np.ndarray, names: tuple[str, ...], ax: Axes | None) -> Axes:
    ax = bare(axes(ax, (5.0, 1.2 + 0.5 * len(names))))
    columns = np.column_stack([share, share.sum(1)])
    # The same jitter in every picture: the fractional parts of multiples of the golden ratio.
    spread = (np.arange(len(share)) * 0.6180339887) % 1 * 0.6 - 0.3
    for at, values in enumerate(columns.T):
        hue = colour(at) if at < len(names) else QUIET
        alpha = float(np.clip(150 / len(values), 0.1, 0.6))
        ax.scatter(values, at + spread, s=5, color=hue, alpha=alpha, linewidth=0, zorder=2)
        ax.vlines(np.nanmean(values), at - 0.36, at + 0.36, color="black", linewidth=1.8, zorder=3)
    ax.axvline(0, color="black", linewidth=0.8, zorder=1)
    ax.set_yticks(np.arange(len(names) + 1), [*names, "all"])
    ax.set_ylim(len(names) + 0.5, -0.5)
    ax.set_xlabel(f"share of the held-out variance ({counted(len(share), 'unit')})")
    return ax


def _in_the_brain(
    share: np.ndarray,
    names: tuple[str, ...],
    like: Any,
    limit: float | None,
    slices: int,
    ax: Axes | None,
) -> Axes:
    if not 2 <= len(names) <= len(CHANNELS):
        raise InputError(
            f"plots.shares(like=...) shows 2 or 3 feature spaces as colours, not {len(names)} "
            f"({listed(names)}). Leave like out, or draw one: plots.brain(shares_of_it, like)."
        )
    full = float(np.nanpercentile(share, 99)) if limit is None else float(limit)
    if limit is None and not full > 0:
        raise InputError(
            "plots.shares(like=...): no space explains anything that colours could show (the 99th "
            f"percentile of shares is {full:.3g}). Leave like out: bars show what is below 0 too."
        )
    if not full > 0:
        raise InputError(
            f"plots.shares: limit={full:.3g}, the share of the brightest colour, must be above 0."
        )
    parts = [map_volume(each, like, np.nan, "plots.shares") for each in (share / full).T]
    volumes = [upright(volume, space)[0] for volume, space in parts]
    grid = upright(*parts[0])[1]
    mosaic = Mosaic(np.asarray(np.isfinite(np.array(volumes)).all(0)), grid, slices, None)
    ax = axes(ax, mosaic.size(6.4), images=True)
    mosaic.draw_colours(ax, volumes)
    hues = CHANNELS if len(names) == len(CHANNELS) else CHANNELS[::2]
    _legend(ax, [Patch(color=hue) for hue in hues], [f"{name} ({full:.2g})" for name in names])
    ax.set_axis_off()
    return ax


def _legend(ax: Axes, handles: list[Any], names: list[str]) -> None:
    # About ten letters to the inch; each entry has a patch and a gap beside its name.
    long = sum(len(name) + 4 for name in names) > 10 * ax.get_window_extent().width / ax.figure.dpi
    columns = 2 if long else len(names)
    ax.legend(
        handles, names, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns,
        frameon=False, fontsize=NOTE, handlelength=1.2, columnspacing=1.2,
    )  # fmt: skip
