"""Figures to files, without a window system."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from isocortex.store.atomic import whole


def draw_to_file(path: Path, plot: Callable[..., Any], *nouns: Any, **options: Any) -> Path:
    """Call a plot and write its figure to a file, whole or not at all."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    ax = plot(*nouns, **options)
    with whole(path) as part:
        ax.figure.savefig(part, dpi=150, bbox_inches="tight")
    plt.close(ax.figure)
    return path


def draw_side_by_side(
    path: Path,
    plot: Callable[..., Any],
    nouns: Sequence[Any],
    titles: Sequence[str],
    **options: Any,
) -> Path:
    """One panel for each noun, on one scale of scores."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    size = (5.6 * len(nouns), 4.2)
    figure, row = plt.subplots(
        1, len(nouns), figsize=size, sharey=True, squeeze=False, layout="constrained"
    )
    for ax, noun, title in zip(row[0], nouns, titles, strict=True):
        plot(noun, ax=ax, **options).set_title(title)
    with whole(path) as part:
        figure.savefig(part, dpi=150, bbox_inches="tight")
    plt.close(figure)
    return path
