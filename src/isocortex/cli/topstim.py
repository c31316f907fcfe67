"""The command ``topstim``."""

from pathlib import Path

from isocortex.cli._answer import answers


@answers
def topstim(
    store: Path,
    layer: str,
    unit: str,
    /,
    *,
    n: int = 9,
    into: Path | None = None,
    images: Path | None = None,
    figure: Path | None = None,
) -> None:
    """List the stimuli that drive a unit most.

    Example: after `isocortex extract`, the nine images for channel 100 of conv5.

        isocortex topstim alexnet.zarr conv5 100 --images my_images \\
          --figure top.png

    Parameters
    ----------
    store
        A store that `isocortex extract` has written.
    layer
        A layer in it.
    unit
        A channel (100), whose maximum over space counts, or one unit (100,6,6).
    n
        How many.
    into
        A table to write, such as top.csv.
    images
        Where the images are, for the figure.
    figure
        A picture of the stimuli; needs --images.
    """
    import isocortex as ic
    from isocortex.cli._endings import TABLE, check_endings
    from isocortex.cli._figures import draw_to_file
    from isocortex.cli._show import show_table, show_written
    from isocortex.cli._stimuli import stimuli_of
    from isocortex.cli._units import unit_of
    from isocortex.study.results import write_any

    check_endings(into, TABLE, figure=figure)
    if (figure is None) != (images is None):
        raise ic.InputError("A figure of stimuli needs both --figure and --images.")
    top = ic.top_stimuli(ic.Store(store), layer, unit_of(unit), n)
    table = top.table()
    show_table(tuple(table.columns), table.itertuples(index=False), f"{layer} {unit}")
    if into is not None:
        write_any(table, into)
    if figure is not None and images is not None:
        draw_to_file(figure, ic.plots.top_stimuli, top, stimuli_of(images))
    show_written(table=into, figure=figure)
