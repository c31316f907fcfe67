"""``dnnbrain.utils.plot``: arrays side by side."""

from typing import Any

import numpy as np

from isocortex.errors import InputError


def imgarray_show(
    x: Any, nrows: int = 1, ncols: int = 1, row_label: Any = None, vmin: float | None = None,
    vmax: float | None = None, figsize: tuple[float, float] = (10, 6), cmap: str = "coolwarm",
    cbar: bool = False, frame_on: bool = True, img_names: Any = None, show: bool = True,
    save_path: Any = None,
) -> Any:  # fmt: skip
    """Draw arrays in a grid, row by row.

    Parameters
    ----------
    x : list of arrays
    nrows, ncols : int
    row_label : list of str, optional
        Left of each row.
    vmin, vmax : float, optional
    figsize : (float, float)
    cmap : str
    cbar : bool
        A colour bar beside each.
    frame_on : bool
    img_names : list of str, optional
        Below each.
    show : bool
    save_path : path, optional

    Returns
    -------
    matplotlib Figure
    """
    import matplotlib.pyplot as plt

    x = list(x)
    if len(x) > nrows * ncols:
        raise InputError(f"{len(x)} arrays do not fit into {nrows} x {ncols} places.")
    figure, places = plt.subplots(nrows, ncols, figsize=figsize, squeeze=False)
    for at, ax in enumerate(places.ravel()):
        ax.set(xticks=[], yticks=[], frame_on=frame_on and at < len(x))
        if at < len(x):
            drawn = ax.imshow(np.asarray(x[at]), cmap=cmap, vmin=vmin, vmax=vmax)
            if cbar:
                figure.colorbar(drawn, ax=ax)
            if img_names is not None:
                ax.set_xlabel(img_names[at])
    for ax, label in zip(places[:, 0], row_label or [], strict=False):
        ax.set_ylabel(label)
    figure.tight_layout()
    if save_path is not None:
        figure.savefig(save_path)
    if show:
        plt.show()
    return figure
