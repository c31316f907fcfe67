"""The command ``similarity``."""

from pathlib import Path

from isocortex.cli._answer import answers


@answers
def similarity(
    first: Path,
    second: Path | None = None,
    /,
    *,
    measure: str = "cka",
    into: Path | None = None,
    figure: Path | None = None,
) -> None:
    """Tell how alike the layers of two networks are, or those of one, by CKA and its kin.

    Example: after `isocortex extract`, each layer with each other one of the same network.

        isocortex similarity alexnet.zarr --figure cka.png

    Example: two networks, or a network and a recording, that saw the same stimuli.

        isocortex similarity alexnet.zarr other.zarr --measure cka_unbiased

    Parameters
    ----------
    first
        A store that `isocortex extract` has written, or responses: a table (.csv) with a column
        `stimulus` of names and a column of numbers for each unit; .npz or .mat with one matrix (a
        row for each stimulus) and one list of names; or what `ic.save(responses, "voxels.npz")`
        has written in Python.
    second
        Another one, over the same stimuli in any order; without it, the first.
    measure
        cka, cka_unbiased, procrustes, cca or rv.
    into
        The tidy table, .csv or .parquet; or the matrix for `isocortex.read`, .npz.
    figure
        A picture of the matrix, such as cka.png.
    """
    import isocortex as ic
    from isocortex.cli._endings import SCORES, check_endings
    from isocortex.cli._nouns import layers_at
    from isocortex.cli._scores import leave, show_matrix
    from isocortex.cli._show import progress

    check_endings(into, SCORES, figure=figure)
    rows = layers_at(first)
    columns = rows if second is None else layers_at(second)
    with progress() as listener:
        scores = ic.similarity(rows, columns, measure, progress=listener)
    show_matrix(scores)
    leave(scores, into, figure, ic.plots.similarity)
