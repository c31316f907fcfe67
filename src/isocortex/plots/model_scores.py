"""Scores of models with intervals, the noise ceiling, and which is better than which."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from mpl_toolkits.axes_grid1 import make_axes_locatable

from isocortex.choice import counted
from isocortex.data.needs import door
from isocortex.inference.result import Inference
from isocortex.plots._names import metric_name
from isocortex.plots._style import NOTE, QUIET, TITLE, axes, bare, colour, points_for
from isocortex.stats.tests import check_level

_ROW = 0.24
"""Inches for each model."""


@door
def models(
    result: Inference,
    *,
    correction: str = "fdr",
    alpha: float = 0.05,
    ax: Axes | None = None,
) -> Axes:
    """A row for each model, the best on top: its score, interval, and the models it is better than.

    The point is filled where the score is above 0 (p below ``alpha``); the line is the 95 %
    interval, the grey band the noise ceiling. At the right, each model that is better than others
    has a wing: a dot at the model, and a tick at each model that scores less, significantly.

    Parameters
    ----------
    result : Inference
        What :func:`isocortex.infer` returned.
    correction : {"fdr", "max"}, default="fdr"
        Of the p-values of pairs, for their number.
    alpha : float, default=0.05
        Below which p is significant, of scores and of pairs; between 0 and 1.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If ``alpha`` is no share, or the correction is not known.

    See Also
    --------
    isocortex.infer : Makes the result.
    layers : Scores along the layers of a network.

    References
    ----------
    .. [1] Golan, Raju & Kriegeskorte (2020), PNAS 117:29330, of whose figures the wings are,
       https://doi.org/10.1073/pnas.1912334117

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(20)]
    >>> truth = rng.random(190)
    >>> layers = ic.RDMs([rng.random(190), truth], names, {"layer": ["pixels", "conv5"]})
    >>> brain = ic.RDMs(truth + rng.random((6, 190)), names, {"subject": range(6)})
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.models(ic.infer(layers, brain, "pearson"), ax=ax)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['conv5', 'pixels']
    >>> plt.close(figure)
    """
    check_level(alpha, "plots.models")
    table = result.table()
    order = np.argsort(-result.score, kind="stable")
    n = len(order)
    ax = bare(axes(ax, (6.4, _ROW * n + 1.2)))
    y = np.arange(n)
    low, high = result.ceiling
    if np.isfinite(low):
        ax.axvspan(low, high, color=QUIET, alpha=0.35, linewidth=0, zorder=0)
        middle = ((low + high) / 2, 1.01)
        across = ax.get_xaxis_transform()
        ax.text(*middle, "noise ceiling", transform=across, fontsize=NOTE, ha="center")
    ax.axvline(0, color=QUIET, linewidth=0.8, zorder=1)
    limits = table[["low", "high"]].to_numpy()[order]
    ax.hlines(y, limits[:, 0], limits[:, 1], color=colour(0), linewidth=1.6, zorder=2)
    filled = result.p[order] < alpha
    faces = [colour(0) if each else "white" for each in filled]
    ax.scatter(result.score[order], y, s=26, c=faces, edgecolors=colour(0), zorder=3)
    names = [result.models[i] for i in order]
    ax.set_yticks(y, names, fontsize=points_for(ax, n, TITLE))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(n - 0.4, -0.6)
    known = ["95 % interval"] if np.isfinite(limits).any() else []
    people = result.notes.get("n_subjects")
    known += [counted(people, "subject")] if people else []
    ax.set_xlabel(f"{metric_name(result.comparison)} ({', '.join(known)})")
    if result.spread is not None and n > 1:
        _wings(ax, _better(result, order, correction, alpha), f"better than\n(p < {alpha:g})")
    return ax


def _better(
    result: Inference, order: np.ndarray, correction: str, alpha: float
) -> list[tuple[int, list[int]]]:
    """For each place from the top, the places of the models that it is better than."""
    pairs = result.pairs(correction)
    first, second = np.triu_indices(len(order), 1)
    differs = np.zeros((len(order), len(order)), dtype=bool)
    differs[first, second] = differs[second, first] = pairs["p_corrected"].to_numpy() < alpha
    differs = differs[np.ix_(order, order)]
    below = [np.flatnonzero(row[i:]) + i for i, row in enumerate(differs)]
    return [(i, each.tolist()) for i, each in enumerate(below) if len(each)]


def _wings(ax: Axes, better: Sequence[tuple[int, list[int]]], title: str) -> None:
    """One column for each model that is better than any, beside the axes."""
    if not better:
        return
    share = min(max(3.5 * len(better) + 3, 28), 60)
    beside = make_axes_locatable(ax).append_axes("right", f"{share:g}%", 0.15, sharey=ax)
    for x, (own, others) in enumerate(better):
        beside.vlines(x, own, max(others), color=QUIET, linewidth=0.8, zorder=1)
        beside.scatter([x], [own], s=14, color=colour(0), zorder=3)
        beside.hlines(others, x - 0.35, x + 0.35, color=colour(1), linewidth=1.4, zorder=2)
    beside.set_xlim(-0.8, len(better) - 0.2)
    beside.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)
    beside.spines[:].set_visible(False)
    # Text of the axes themselves has its room in the figure's layout, a title beside has not.
    ax.annotate(
        title, (1, 1), (0.15 * 72, 3), "axes fraction", "offset points", fontsize=NOTE, va="bottom"
    )
