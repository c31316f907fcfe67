"""Scores over the head: one map, or one for each of some times."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from isocortex.choice import listed, there_are
from isocortex.data.needs import door
from isocortex.data.scores import Scores
from isocortex.errors import InputError, MissingDependencyError
from isocortex.formats.map_columns import Level, Maps, Shown, as_maps
from isocortex.plots._names import metric_name
from isocortex.plots._style import NOTE, axes, say_below, scale_beside
from isocortex.plots.brains import colours

MOST = 5
"""Maps of a time course, where no times are asked for."""


@door
def topography(  # noqa: PLR0913
    maps: Maps,
    sensors: Any,
    *,
    column: str = "score",
    threshold: float | None = None,
    p: Level | None = None,
    times: Sequence[float] | float | None = None,
    limit: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Scores of sensors, interpolated over the head by MNE-Python.

    Sensors that are beyond the threshold, or at the level of ``p``, are marked by white dots; the
    colours of the others are drawn as well.

    Parameters
    ----------
    maps : Scores or Clusters
        With an axis of units that have the column ``channel``, and may be with times.
    sensors : mne.Info, anything with ``.info``, or mapping from channel to (x, y, z) in m
        Where the sensors are; of one kind.
    column : str, default="score"
        What is drawn, as in :func:`brain`.
    threshold : float, optional
        Sensors of which the score is nearer to 0 get no dot.
    p : float or mapping from column to level, optional
        Nor do sensors with a larger ``p``; ``{"p_fdr": 0.05}`` takes another column.
    times : sequence of float, optional
        In seconds: a map for each, of the nearest time that there is. Default five over the
        course.
    limit : float, optional
        The score at the end of the colour scale; default the largest magnitude.
    ax : matplotlib Axes, optional
        Where to draw; panels share its room. Default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If there are several maps, a channel has no position, or there are fewer than three.
    MissingDependencyError
        If MNE-Python is not installed.

    See Also
    --------
    timecourse : Scores over time.
    isocortex.clusters : Where and when they differ from chance.
    isocortex.neighbours : Which sensors are adjacent.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import mne
    >>> import isocortex as ic
    >>> info = mne.create_info(["O1", "Oz", "O2", "Cz"], 100.0, "eeg")
    >>> info = info.set_montage("biosemi64")
    >>> units = {"channel": ["Cz", "O1", "O2", "Oz"]}
    >>> scores = ic.Scores([0.1, 0.3, 0.25, 0.4], {"unit": units}, "spearman")
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.topography(scores, info, threshold=0.2, ax=ax)
    >>> plt.close(figure)
    """
    maps = as_maps(maps)
    if not isinstance(maps, Scores):
        raise InputError(
            f"plots.topography needs Scores or Clusters of channels, not {type(maps).__name__}."
        )
    values, units, seconds = _values(Shown(column).of(maps, np.nan, "plots.topography"))
    marked = np.zeros(values.shape, dtype=bool)
    if threshold is not None or p is not None:
        kept = Shown(column, threshold, p).of(maps, np.nan, "plots.topography")
        marked = np.isfinite(_values(kept)[0])
    info = _info(sensors, [str(name) for name in units["channel"]])
    at = _chosen(seconds, times)
    scale = colours(values[:, at], limit)
    ax = axes(ax, (2.0 * len(at) + 1.2, 2.4) if len(at) > 1 else (3.6, 3.0), images=True)
    ax.set_axis_off()
    _draw(ax, values[:, at], marked[:, at], info, seconds[at], scale)
    name = metric_name(maps.metric) if column == "score" else column
    colour_map = ScalarMappable(Normalize(scale["vmin"], scale["vmax"]), scale["cmap"])
    scale_beside(ax, colour_map, name, shrink=0.7)
    if threshold is not None or p is not None:
        say_below(ax, f"white dots: {Shown(column, threshold, p).in_words()}")
    return ax


def _draw(
    ax: Axes,
    values: np.ndarray,
    marked: np.ndarray,
    info: Any,
    seconds: np.ndarray,
    scale: dict[str, Any],
) -> None:
    import mne

    n = values.shape[1]
    dots = {"marker": "o", "markerfacecolor": "white", "markeredgecolor": "black", "markersize": 4}
    for k in range(n):
        part = ax.inset_axes((k / n, 0, 0.96 / n, 0.86 if np.isfinite(seconds[k]) else 1.0))
        with mne.use_log_level("error"):
            mne.viz.plot_topomap(
                values[:, k], info, axes=part, cmap=scale["cmap"],
                vlim=(scale["vmin"], scale["vmax"]), mask=marked[:, k], mask_params=dots,
                contours=0, show=False,
            )  # fmt: skip
        if np.isfinite(seconds[k]):
            part.set_title(f"{1000 * seconds[k]:.0f} ms", fontsize=NOTE)


def _values(maps: Scores) -> tuple[np.ndarray, pd.DataFrame, np.ndarray]:
    """Shape (n_channels, n_times), the channels, and the seconds; NaN without times."""
    axis = next((d for d, table in maps.tables.items() if "channel" in table.columns), None)
    if axis is None:
        raise InputError(
            "plots.topography: the maps have no axis of units with the column 'channel', so it "
            f"is not known where they lie; they have {listed(maps.dims)}."
        )
    clock = next((d for d, table in maps.tables.items() if "time" in table.columns), None)
    rest = [d for d in maps.dims if d not in (axis, clock)]
    many = [d for d in rest if len(maps.tables[d]) > 1]
    if many:
        raise InputError(
            f"plots.topography draws one map, but there are several along {listed(many)}; choose "
            "one with select(), or take the mean."
        )
    order = [maps.axis(d) for d in (axis, *([] if clock is None else [clock]), *rest)]
    seconds = np.array([np.nan])
    if clock is not None:
        seconds = maps.tables[clock]["time"].to_numpy(dtype=np.float64)
    values = maps.values.transpose(order).reshape(len(maps.tables[axis]), len(seconds))
    return values, maps.tables[axis], seconds


def _chosen(seconds: np.ndarray, times: Sequence[float] | float | None) -> np.ndarray:
    if not np.isfinite(seconds).all():
        return np.array([0])
    if times is None:
        return np.unique(np.linspace(0, len(seconds) - 1, MOST).round().astype(int))
    wanted = np.atleast_1d(np.asarray(times, dtype=np.float64))
    low, high = seconds.min(), seconds.max()
    outside = wanted[(wanted < low) | (wanted > high)]
    if len(outside):
        raise InputError(
            f"plots.topography: there are times from {low:g} to {high:g} s; {listed(outside)} lie "
            "outside."
        )
    return np.abs(seconds - wanted[:, None]).argmin(1)


def _info(sensors: Any, names: list[str]) -> Any:
    """What MNE knows of these channels, in their order."""
    try:
        import mne
    except ImportError:
        raise MissingDependencyError(
            "plots.topography needs MNE-Python, which is not installed: pip install isocortex[mne]"
        ) from None
    if isinstance(sensors, Mapping) and not hasattr(sensors, "ch_names"):
        known = [name for name in names if name in sensors]
        places = {name: np.asarray(sensors[name], dtype=np.float64) for name in known}
        with mne.use_log_level("error"):
            montage = mne.channels.make_dig_montage(places, coord_frame="head")
            info: Any = mne.create_info(known, 1.0, "eeg").set_montage(montage)
    else:
        info = getattr(sensors, "info", sensors)
        if not hasattr(info, "ch_names"):
            raise InputError(
                "plots.topography: sensors must be mne.Info, epochs, or a mapping from channel to "
                f"(x, y, z) in m, not {type(sensors).__name__}."
            )
    absent = [name for name in names if name not in info.ch_names]
    if absent:
        raise InputError(
            f"plots.topography: sensors has no channels {listed(absent)}; it has "
            f"{listed(info.ch_names, 10)}."
        )
    info = mne.pick_info(info, [info.ch_names.index(name) for name in names])
    places = {each["ch_name"]: each["loc"][:3] for each in info["chs"]}
    lost = [name for name, at in places.items() if not np.isfinite(at).all() or not at.any()]
    if lost or len(names) < 3:
        why = f"{listed(lost)} have no position" if lost else f"{there_are(len(names), 'channel')}"
        raise InputError(
            f"plots.topography: {why}; a map takes three channels with positions. Set a montage: "
            "info.set_montage('biosemi64')."
        )
    return info
