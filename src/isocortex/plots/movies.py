"""Dissimilarity matrices over time."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from isocortex.choice import listed
from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.errors import InputError
from isocortex.plots._style import MAP, TITLE, axes, scale_beside
from isocortex.plots.matrices import name_of, rdm


@door
def rdm_movie(
    rdms: RDMs,
    times: int | Sequence[float] = 8,
    *,
    groups: Sequence[Any] | None = None,
    limits: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A strip of single frames: the matrices at some times, with one colour scale.

    Parameters
    ----------
    rdms : RDMs
        With the label ``time`` in seconds, each time once: select a subject, or average.
    times : int or sequence of float, default=8
        How many frames, evenly spaced, or at which times (the nearest that there are).
    groups : sequence of length n_stimuli, optional
        The group of each stimulus, as in :func:`rdm`.
    limits : (float, float), optional
        Dissimilarities at the ends of the colour scale, as in :func:`rdm`.
    ax : matplotlib Axes, optional
        Where to draw; panels share its room. Default a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InputError
        If there is no label ``time``, or a time comes more than once.

    See Also
    --------
    rdm_animation : One after the other.
    rdm : Of any RDMs.
    isocortex.decoding_rdms : RDMs over time.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> import isocortex as ic
    >>> values = np.random.default_rng(0).random((20, 6))
    >>> meg = ic.RDMs(values, ["face", "hand", "car", "tree"], {"time": np.arange(20) / 100})
    >>> figure, ax = plt.subplots()
    >>> ax = ic.plots.rdm_movie(meg, times=[0.0, 0.1, 0.15], ax=ax)
    >>> len(ax.child_axes)  # panels
    3
    >>> plt.close(figure)
    """
    rows, texts = _frames(rdms, times)
    frames = RDMs(rdms.values[rows], rdms.stimuli, {"time": texts}, rdms.dissimilarity)
    return rdm(frames, groups=groups, limits=limits, columns=min(len(rows), 8), ax=ax)


@door
def rdm_animation(
    rdms: RDMs, *, limits: tuple[float, float] | None = None, ax: Axes | None = None
) -> Any:
    """The matrices one after the other, as an animation that can be saved.

    Parameters
    ----------
    rdms : RDMs
        With the label ``time`` in seconds, each time once.
    limits : (float, float), optional
        Dissimilarities at the ends of the colour scale; default zero (or the lowest, if that is
        below) and the highest.
    ax : matplotlib Axes, optional
        Where to draw; default a new figure.

    Returns
    -------
    matplotlib.animation.FuncAnimation
        ``.save("movie.gif")`` writes it.

    Raises
    ------
    InputError
        If there is no label ``time``, or a time comes more than once.

    See Also
    --------
    rdm_movie : Frames side by side.
    isocortex.decoding_rdms : RDMs over time.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> import isocortex as ic
    >>> values = np.random.default_rng(0).random((3, 6))
    >>> meg = ic.RDMs(values, ["face", "hand", "car", "tree"], {"time": [0.0, 0.1, 0.2]})
    >>> figure, ax = plt.subplots()
    >>> movie = ic.plots.rdm_animation(meg, ax=ax)
    >>> with TemporaryDirectory() as folder:
    ...     movie.save(f"{folder}/meg.gif", writer="pillow")
    ...     print(Path(folder, "meg.gif").exists())
    True
    >>> plt.close(figure)
    """
    from matplotlib.animation import FuncAnimation

    rows, texts = _frames(rdms, rdms.n_rdms)
    squares = rdms.square()[rows]
    ax = axes(ax, (4.6, 4.0))
    low, high = limits or (min(0.0, float(squares.min())), float(squares.max()))
    image = ax.imshow(squares[0], cmap=MAP, vmin=low, vmax=high)
    ax.set_axis_off()
    ax.set_title(texts[0], fontsize=TITLE)
    scale_beside(ax, image, name_of(rdms))

    def show(i: int) -> tuple[Any, ...]:
        image.set_data(squares[i])
        return image, ax.set_title(texts[i], fontsize=TITLE)

    figure: Any = ax.get_figure(root=True)
    return FuncAnimation(figure, show, len(rows), interval=100)


def _frames(rdms: RDMs, times: int | Sequence[float]) -> tuple[np.ndarray, list[str]]:
    """Rows of the frames, and their titles."""
    if "time" not in rdms.labels.columns:
        raise InputError(
            "A movie needs RDMs with the label 'time'; these have "
            f"{listed(rdms.labels.columns) or 'no labels'}."
        )
    there = rdms.labels["time"].to_numpy(dtype=float)
    if len(np.unique(there)) < len(there):
        raise InputError(
            "A movie needs each time once; select one subject, such as rdms.select(subject=1)."
        )
    order = np.argsort(there)
    if isinstance(times, int):
        places = np.linspace(0, len(order) - 1, min(times, len(order))).round().astype(int)
        rows = order[places]
    else:
        rows = np.array([int(np.abs(there - time).argmin()) for time in times])
    return rows, [f"{1000 * there[row]:.0f} ms" for row in rows]
