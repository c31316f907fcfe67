"""Representations over a parameter such as orientation: RDMs, their rows, tuning, embedding."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from isocortex.data.modalities.known import needs_modality
from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.data.responses import Responses
from isocortex.data.scores import Scores
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.makers.parameters import stimulus_values
from isocortex.plots._names import metric_name
from isocortex.plots._panels import even_titles, panels, picture, shown
from isocortex.plots._style import (
    QUIET,
    TITLE,
    axes,
    bare,
    beside,
    colour,
    named_ticks,
    scale_beside,
    several_of,
    titled,
    titles,
)
from isocortex.plots.matrices import rdm
from isocortex.seeds import generator

UNIT = {"orientation": "°", "phase": "°", "rotation": "°"}


@door
def stimuli(
    stimuli: Stimuli,
    *,
    at: Sequence[int] | None = None,
    columns: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Pictures of stimuli with their names.

    Parameters
    ----------
    stimuli : Stimuli
        Any that are images.
    at : sequence of int, optional
        Which rows; default the first ten.
    columns : int, optional
        How many stand in a row; default five.
    ax : matplotlib Axes, optional
        Where to draw; panels share its room. Default a new figure.

    Returns
    -------
    matplotlib Axes

    See Also
    --------
    top_stimuli : Those that drive a unit most.
    isocortex.shapes, isocortex.gratings : Make stimuli.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import isocortex as ic
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.stimuli(ic.gratings([-45, 0, 45]), columns=3, ax=ax)
    >>> len(ax.child_axes)  # panels
    3
    >>> plt.close(figure)
    """
    needs_modality(stimuli, "image", "plots.stimuli")
    rows = list(range(min(10, len(stimuli)))) if at is None else list(at)
    ax, boxes = panels(ax, len(rows), (1.7, 1.7), columns or 5)
    for box, row in zip(boxes, rows, strict=True):
        picture(box, shown(stimuli.read(row)), _short(stimuli.names[row]))
    even_titles(boxes)
    return ax


def _short(name: str) -> str:
    """A name of parameters as the first of them, which has room above a picture."""
    parts = name.split(" ")
    many = len(parts) > 1 and all("=" in part for part in parts)
    return f"{parts[0]} …" if many else name


@door
def rdm_panels(
    rdms: RDMs, *, limits: tuple[float, float] = (0.0, 2.0), ax: Axes | None = None
) -> Axes:
    """RDMs side by side in one row, on one scale.

    Parameters
    ----------
    rdms : RDMs
        Of a recording and of layers, each with its labels as the title.
    limits : (float, float), default=(0, 2)
        The ends of the colour scale; those of correlation distances.
    ax : matplotlib Axes, optional
        Where to draw; panels share its room. Default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If there are more than 64 RDMs.

    See Also
    --------
    rdm : With groups, and on the RDMs' own scale.
    rdm_rows : Single rows as curves.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import isocortex as ic
    >>> names = ["face", "hand", "car"]
    >>> rdms = ic.RDMs([[0.1, 0.8, 0.9], [0.4, 0.5, 1.2]], names, {"region": ["IT", "EVC"]})
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.rdm_panels(rdms, ax=ax)
    >>> len(ax.child_axes)  # panels
    2
    >>> plt.close(figure)
    """
    return rdm(rdms, limits=limits, columns=rdms.n_rdms, ax=ax)


@door
def rdm_rows(
    rdms: RDMs, at: Sequence[float], *, by: Any = "orientation", ax: Axes | None = None
) -> Axes:
    """Dissimilarities with single stimuli, as curves over a stimulus parameter.

    Parameters
    ----------
    rdms : RDMs
        One curve for each.
    at : sequence of float
        One panel for each: the stimulus whose value is nearest.
    by : str or array, shape (n_stimuli,), default="orientation"
        The parameter, as in the names of the stimuli, or its values.
    ax : matplotlib Axes, optional
        Panels share its room.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If the parameter is not known for each stimulus.

    See Also
    --------
    rdm_panels : Whole matrices.
    isocortex.stimulus_values : The parameter of each stimulus.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> import isocortex as ic
    >>> gratings = ic.gratings(np.arange(-90, 90, 10))
    >>> v1 = ic.rdms(ic.simulate_responses(gratings, n_units=50))
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.rdm_rows(v1, at=[-45, 45], ax=ax)
    >>> len(ax.child_axes)  # panels
    2
    >>> plt.close(figure)
    """
    name, values = _values(rdms, by)
    order = np.argsort(values, kind="stable")
    squares = rdms.square()[:, order][:, :, order]
    values = values[order]
    names = titles(rdms.labels)
    ax, boxes = panels(ax, len(at), (2.5, 2.6))
    top = 1.05 * float(squares.max())
    for i, (box, wanted) in enumerate(zip(boxes, at, strict=True)):
        row = int(np.abs(values - wanted).argmin())
        for k, square in enumerate(squares):
            box.plot(values, square[row], color=colour(k), label=names[k], linewidth=1.6)
        box.axvline(values[row], color=QUIET, linewidth=1, zorder=0)
        box.set_ylim(min(0.0, float(squares.min())), top)
        box.set_title(f"to {wanted:g}{UNIT.get(name, '')}", fontsize=TITLE)
        box.set_xlabel(_with_unit(name))
        _ticks(box, name)
        if i:
            box.set_yticklabels([])
    bare(boxes[0]).set_ylabel("dissimilarity")
    beside(boxes[-1])
    return ax


@door
def tuning(
    curves: Scores,
    *,
    units: Sequence[int] | None = None,
    n_units: int = 3,
    seed: int = 0,
    ax: Axes | None = None,
) -> Axes:
    """Tuning curves of a few units.

    Parameters
    ----------
    curves : Scores
        From :func:`isocortex.tuning_curves`; a band shows the standard error, where known.
    units : sequence of int, optional
        Which columns; default some at random.
    n_units : int, default=3
        How many, if ``units`` is not given.
    seed : int, default=0
        Of that choice.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If these are not curves, or there is no such unit.

    See Also
    --------
    isocortex.tuning_curves : Makes the curves.
    isocortex.tuning_index : One number for each unit.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> import isocortex as ic
    >>> population = ic.simulate_responses(ic.gratings(np.arange(-90, 90, 10)), n_units=20)
    >>> curves = ic.tuning_curves(population, by="orientation")
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.tuning(curves, units=[0, 5], ax=ax)
    >>> len(ax.lines)
    2
    >>> plt.close(figure)
    """
    if curves.dims != ("value", "unit"):
        raise InputError(
            f"plots.tuning needs the curves that tuning_curves() gives, not Scores along "
            f"{', '.join(curves.dims)}."
        )
    n = curves.values.shape[1]
    drawn = generator(seed).choice(n, min(n_units, n), replace=False)
    chosen = [int(unit) for unit in (drawn if units is None else units)]
    outside = [unit for unit in chosen if not 0 <= unit < n]
    if outside:
        raise InputError(f"plots.tuning: there is no unit {outside[0]} among {n}.")
    ax = bare(axes(ax, (4.2, 3.4)))
    name = str(curves.tables["value"].columns[0])
    at = curves.tables["value"].iloc[:, 0].to_numpy(dtype=float)
    order = np.argsort(at, kind="stable")
    sem = np.broadcast_to(curves.columns.get("sem", np.nan), curves.values.shape)
    for i, unit in enumerate(chosen):
        curve, error = curves.values[order, unit], sem[order, unit]
        ax.plot(at[order], curve, color=colour(i), linewidth=1.6, label=f"unit {unit}")
        if np.isfinite(error).all():
            band = (curve - error, curve + error)
            ax.fill_between(at[order], *band, color=colour(i), alpha=0.2, linewidth=0)
    _ticks(ax, name)
    ax.set(xlabel=_with_unit(name), ylabel="response")
    beside(ax)
    return ax


@door
def embedding(points: Responses, *, by: Any = "orientation", ax: Axes | None = None) -> Axes:
    """Stimuli as points in a plane, coloured by a parameter.

    Parameters
    ----------
    points : Responses, shape (n_stimuli, 2)
        From :func:`isocortex.embed`; of more dimensions, the first two are drawn.
    by : str or array, shape (n_stimuli,), default="orientation"
        A column or parameter of the stimuli, as in :func:`isocortex.tuning_curves`, or the values.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If there are fewer than two dimensions, or the parameter is not known.

    See Also
    --------
    isocortex.embed : Makes the points.
    mds : Of RDMs.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> import isocortex as ic
    >>> gratings = ic.gratings(np.arange(-90, 90, 15))
    >>> population = ic.simulate_responses(gratings, n_units=50)
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.embedding(ic.embed(population, "pca"), by="orientation", ax=ax)
    >>> len(ax.collections[0].get_offsets())
    12
    >>> plt.close(figure)
    """
    if points.n_units < 2:
        raise InputError("plots.embedding needs points of at least two dimensions.")
    name, values = _values(points, by)
    ax = axes(ax, (4.6, 3.8))
    x, y = points.numpy()[:, :2].T
    turning = name == "orientation"
    low, high = (-90, 90) if turning else (None, None)
    tints = "twilight" if turning else "viridis"
    dots = ax.scatter(
        x, y, c=values, cmap=tints, s=26, vmin=low, vmax=high, linewidth=0.3, edgecolors="0.3"
    )
    bar = scale_beside(ax, dots, _with_unit(name))
    if turning:
        bar.set_ticks(np.linspace(-90, 90, 5).tolist())
    ax.set(xticks=[], yticks=[], xlabel="dimension 1", ylabel="dimension 2")
    kept = {k: v for k, v in points.labels.items() if k not in ("embedding", "seed")}
    titled(ax, titles(pd.DataFrame([kept]))[0])
    return ax


@door
def layer_bars(scores: Scores, *, ax: Axes | None = None) -> Axes:
    """One bar for each layer, its mean score; single subjects or folds as dots.

    Parameters
    ----------
    scores : Scores
        With the label ``layer``.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If the scores have no layers.

    See Also
    --------
    layers : As a curve, with a noise ceiling.
    accuracy : With folds or units as points.
    ablation : Before and after.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import isocortex as ic
    >>> layers = {"layer": ["conv1", "conv5"]}
    >>> subjects = {"subject": [1, 2, 3]}
    >>> values = [[0.1, 0.2, 0.15], [0.3, 0.35, 0.25]]
    >>> scores = ic.Scores(values, {"layer": layers, "subject": subjects}, "spearman")
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.layer_bars(scores, ax=ax)
    >>> [round(float(bar.get_height()), 2) for bar in ax.patches]
    [0.15, 0.3]
    >>> plt.close(figure)
    """
    names, groups = _by_layer(scores, "plots.layer_bars")
    ax = bare(axes(ax, (max(3.0, 0.9 * len(names) + 1.4), 3.4)))
    _bars(ax, names, groups, colour(0))
    ax.set_xlabel(f"layer{_dots(scores, groups)}")
    ax.set_ylabel(metric_name(scores.metric))
    return ax


@door
def ablation(before: Scores, after: Scores, *, ax: Axes | None = None) -> Axes:
    """What an ablation takes from the score of each layer: after, less before.

    Several scores of a layer (of subjects) are points, each of them with its own before.

    Parameters
    ----------
    before, after : Scores
        Of the same measure, with the label ``layer``.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If the two have different layers, or not as many scores of each.

    See Also
    --------
    isocortex.ablate : Makes channels silent.
    layer_bars, layers : Scores of one network.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import isocortex as ic
    >>> axis = {"layer": {"layer": ["conv1", "conv3", "conv5"]}}
    >>> before = ic.Scores([0.2, 0.3, 0.4], axis, "spearman")
    >>> after = ic.Scores([0.2, 0.15, 0.1], axis, "spearman")
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.ablation(before, after, ax=ax)
    >>> [round(float(bar.get_height()), 2) for bar in ax.patches]
    [0.0, -0.15, -0.3]
    >>> plt.close(figure)
    """
    names, first = _by_layer(before, "plots.ablation")
    others, second = _by_layer(after, "plots.ablation")
    if names != others:
        raise InputError(
            f"plots.ablation: the two have different layers: {', '.join(names)} and "
            f"{', '.join(others)}."
        )
    if [len(each) for each in first] != [len(each) for each in second]:
        raise InputError("plots.ablation: the two have not as many scores of each layer.")
    ax = bare(axes(ax, (max(3.4, 0.9 * len(names) + 1.4), 3.4)))
    changes = [new - old for old, new in zip(first, second, strict=True)]
    _bars(ax, names, changes, colour(1))
    # What is as it was touches the edge otherwise.
    ax.use_sticky_edges = False
    ax.margins(y=0.08)
    ax.set_xlabel(f"layer{_dots(before, changes)}")
    ax.set_ylabel(f"change in {metric_name(before.metric)}")
    return ax


def _bars(ax: Axes, names: list[str], groups: list[np.ndarray], tint: str) -> None:
    """Means as bars, and single scores side by side as dots on them."""
    for i, group in enumerate(groups):
        ax.bar(i, group.mean(), color=tint, width=0.7, alpha=0.85)
        if len(group) > 1:
            at = i + np.linspace(-0.22, 0.22, len(group))
            ax.scatter(at, group, color="black", s=8, alpha=0.5, linewidth=0, zorder=3)
    ax.axhline(0, color=QUIET, linewidth=0.8)
    named_ticks(ax, names)


def _dots(scores: Scores, groups: list[np.ndarray]) -> str:
    n = {len(group) for group in groups}
    if n == {1} or len(n) > 1:
        return ""
    return f" (bars: mean of {several_of(scores.table(), n.pop())})"


def _by_layer(scores: Scores, who: str) -> tuple[list[str], list[np.ndarray]]:
    table = scores.table()
    if "layer" not in table:
        raise InputError(f"{who} needs scores with the label 'layer'.")
    groups = table.groupby("layer", observed=True)["score"]
    return [str(name) for name, _ in groups], [group.to_numpy() for _, group in groups]


def _values(noun: Any, by: Any) -> tuple[str, np.ndarray]:
    if isinstance(by, str):
        return by, stimulus_values(noun, by).astype(float)
    values = np.asarray(by, dtype=float)
    if values.shape != (noun.n_stimuli,):
        raise InputError(
            f"One value is needed for each of {noun.n_stimuli} stimuli, not shape {values.shape}."
        )
    name = by.name if isinstance(by, pd.Series) and by.name else "value"
    return str(name), values


def _with_unit(name: str) -> str:
    unit = UNIT.get(name)
    return f"{name} ({unit})" if unit else name.replace("_", " ")


def _ticks(ax: Axes, name: str) -> None:
    if name == "orientation":
        ax.set_xticks(np.linspace(-90, 90, 5).tolist())
