"""Brain Hierarchy: which region predicts each layer best, and networks by their score."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from isocortex.choice import listed
from isocortex.data.estimate import Estimate
from isocortex.data.needs import door
from isocortex.errors import InputError
from isocortex.plots._beside import names_beside
from isocortex.plots._style import NOTE, QUIET, TINY, axes, bare, beside, colour, points_for, titled


@door
def hierarchy(result: Estimate | pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """A hierarchy score as bars: the best region of each layer's units, or the ranking of networks.

    Parameters
    ----------
    result : Estimate or DataFrame
        From ``ic.hierarchy``: see :func:`hierarchy_regions`. From ``ic.ranked``: see
        :func:`hierarchy_ranking`.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If it is neither.

    See Also
    --------
    hierarchy_regions, hierarchy_ranking : What it chooses between.
    hierarchy_scatter : Networks by both scores.
    isocortex.hierarchy, isocortex.ranked : Make the result.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import isocortex as ic
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.hierarchy(ic.ranked({"my network": 0.3}), ax=ax)
    >>> len(ax.get_yticklabels())
    30
    >>> plt.close(figure)
    """
    if isinstance(result, Estimate):
        return hierarchy_regions(result, ax=ax)
    if isinstance(result, pd.DataFrame):
        return hierarchy_ranking(result, ax=ax)
    raise InputError(
        f"plots.hierarchy draws what ic.hierarchy or ic.ranked gives, not {type(result).__name__}."
    )


@door
def hierarchy_regions(estimate: Estimate, *, ax: Axes | None = None) -> Axes:
    """For each layer the share of kept units that each region predicts best, with their number.

    Parameters
    ----------
    estimate : Estimate
        From ``ic.hierarchy``.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If the estimate has no table of best regions.

    See Also
    --------
    isocortex.hierarchy : Makes the estimate.
    hierarchy_ranking : Many networks.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> layers = [rng.uniform(0, 0.5, (5, 200)) + 0.3 * np.eye(5)[:, [i]] for i in range(5)]
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.hierarchy_regions(ic.hierarchy(layers, subsets=None), ax=ax)
    >>> len(ax.get_xticklabels())
    5
    >>> plt.close(figure)
    """
    if estimate.top is None:
        raise InputError("This estimate has no table of top regions; it is not from ic.hierarchy.")
    top = estimate.top
    n_layers, n_regions = top.shape
    ax = bare(axes(ax, (max(4.6, 0.8 * n_layers + 1.4), 3.6)))
    counts = top.to_numpy(dtype=float)
    totals = counts.sum(1)
    shares = counts / np.where(totals, totals, 1)[:, None]
    width = 0.84 / n_regions
    for j, region in enumerate(top.columns):
        x = np.arange(n_layers) + (j - (n_regions - 1) / 2) * width
        ax.bar(x, shares[:, j], width, color=colour(j), label=str(region))
    names = [f"{name}\nn = {int(n)}" for name, n in zip(top.index, totals, strict=True)]
    slanted = {"rotation": 45, "ha": "right"} if max(map(len, map(str, top.index))) > 10 else {}
    ax.set_xticks(np.arange(n_layers), names, **slanted)
    ax.set(ylabel=f"share of {top.index.name or 'layer'} units", xlim=(-0.6, n_layers - 0.4))
    beside(ax, title=str(top.columns.name or ""), title_fontsize=NOTE)
    titled(ax, _in_words(estimate))
    return ax


@door
def hierarchy_ranking(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Networks by their score, the largest on top; those that are not published stand out.

    Parameters
    ----------
    table : DataFrame
        From ``ic.ranked``.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If the table has other columns.

    See Also
    --------
    isocortex.ranked : Makes the table.
    hierarchy_scatter : Networks by both scores.
    hierarchy_regions : One network.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import isocortex as ic
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.hierarchy_ranking(ic.ranked({"my network": 0.3}), ax=ax)
    >>> ax.get_yticklabels()[12].get_text()
    'my network'
    >>> plt.close(figure)
    """
    missing = [key for key in ("network", "score", "published") if key not in table.columns]
    if missing:
        raise InputError(
            f"plots.hierarchy_ranking needs the table of ic.ranked; columns {listed(missing)} are "
            "missing."
        )
    table = table.sort_values("score", ascending=False, kind="stable")
    ax = bare(axes(ax, (5.2, 0.21 * len(table) + 0.9)))
    y = np.arange(len(table))
    published = table["published"].to_numpy(dtype=bool)
    scores = table["score"].to_numpy(dtype=float)
    shades = [colour(0) if old else colour(1) for old in published]
    ax.barh(y, scores, color=shades, height=0.72)
    if {"low", "high"} <= set(table.columns):
        low, high = (table[key].to_numpy(dtype=float) for key in ("low", "high"))
        known = np.isfinite(low) & np.isfinite(high)
        reach = np.abs(np.stack([scores - low, high - scores])[:, known])
        ax.errorbar(scores[known], y[known], xerr=reach, fmt="none", ecolor="black", capsize=2)
    ax.set_yticks(y, list(table["network"]), fontsize=points_for(ax, len(table)))
    for label, old in zip(ax.get_yticklabels(), published, strict=True):
        label.set_fontweight("normal" if old else "bold")
    ax.set(xlabel="Brain Hierarchy score", ylim=(len(table) - 0.4, -0.6))
    ax.axvline(0, color=QUIET, linewidth=0.8)
    if published.any() and not published.all():
        titled(ax, f"{int(published.sum())} published networks, and new ones in bold")
    return ax


@door
def hierarchy_scatter(
    table: pd.DataFrame,
    new: Mapping[str, tuple[float, float]] | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Networks by their decoding and their encoding score.

    Parameters
    ----------
    table : DataFrame
        With ``network``, ``decoding`` and ``encoding``, such as ``ic.published_hierarchy()``.
    new : mapping from network to (decoding, encoding), optional
        Networks to place among them.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If the table has other columns.

    See Also
    --------
    isocortex.published_hierarchy : The published networks.
    hierarchy_ranking : By one score.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import isocortex as ic
    >>> published = ic.published_hierarchy()
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.hierarchy_scatter(published, {"my network": (0.3, 0.4)}, ax=ax)
    >>> [len(each.get_offsets()) for each in ax.collections]
    [29, 1]
    >>> plt.close(figure)
    """
    missing = [key for key in ("network", "decoding", "encoding") if key not in table.columns]
    if missing:
        raise InputError(
            "plots.hierarchy_scatter needs network, decoding and encoding; columns "
            f"{listed(missing)} are missing."
        )
    ax = bare(axes(ax, (6.4, 5.2)))
    ax.scatter(table["decoding"], table["encoding"], s=18, color=colour(0), linewidth=0)
    more = dict(new or {})
    for point in more.values():
        ax.scatter(*point, s=46, color=colour(1), linewidth=0, zorder=3)
    ax.set(xlabel="decoding score", ylabel="encoding score")
    ax.margins(0.08)
    points = np.array([*zip(table["decoding"], table["encoding"], strict=True), *more.values()])
    sizes = [TINY] * len(table) + [NOTE] * len(more)
    names_beside(ax, [*map(str, table["network"]), *more], points, sizes)
    return ax


def _in_words(estimate: Estimate) -> str:
    ends = f"{estimate.low:.2f} to {estimate.high:.2f}"
    interval = "" if np.isnan(estimate.low) else f", interval {ends}"
    chance = "" if np.isnan(estimate.p) else f", p = {estimate.p:.2g}"
    return f"hierarchy score {estimate.value:.2f}{interval}{chance}"
