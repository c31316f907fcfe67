"""The command ``compare``."""

from pathlib import Path

from isocortex.cli._answer import answers


@answers
def compare(
    models: Path,
    brains: Path,
    /,
    *,
    comparison: str = "spearman",
    into: Path | None = None,
    figure: Path | None = None,
) -> None:
    """Compare the RDMs of layers with those of brains, and say how good a model could be.

    Example: after `isocortex rdm`, with the RDMs of some subjects in brain.npz,

        isocortex compare rdms.npz brain.npz --into scores.csv

    Example: each layer of a network with each of another; then there is no noise ceiling.

        isocortex compare rdms.npz other_rdms.npz --figure matrix.png

    A brain file is made from responses by `isocortex rdm anna.csv ben.csv --into brain.npz`, or
    from square matrices in Python by `ic.write_rdms(ic.RDMs.from_arrays(array, stimuli=names,
    labels={"subject": numbers, "region": "IT"}), "brain.npz")`. Stimuli meet by name, in any
    order.

    The noise ceiling is the range in which a perfect model would score, given how much the
    subjects differ; it needs at least two subjects.

    Parameters
    ----------
    models
        RDMs of layers, as `isocortex rdm` writes them.
    brains
        RDMs of brains, one for each subject and region (and time, as `isocortex decoding` writes
        them), or of the layers of a network.
    comparison
        pearson, spearman, kendall, tau_a, rho_a, cosine, whitened_cosine, whitened_correlation.
    into
        One row for each layer and brain RDM, .csv or .parquet; or .npz for `isocortex.read`.
    figure
        A picture of the scores along the layers, or of the matrix, such as layers.png.
    """
    import isocortex as ic
    from isocortex.cli._endings import SCORES, check_endings
    from isocortex.cli._nouns import rdms_at
    from isocortex.cli._scores import leave, show_course, show_matrix
    from isocortex.cli._show import show_written
    from isocortex.cli._verdict import ceilings, draw_layers, of_layers, show_scores, with_ceilings

    check_endings(into, SCORES, figure=figure)
    brain = rdms_at(brains)
    scores = ic.compare(rdms_at(models), brain, comparison)
    if of_layers(brain):
        show_matrix(scores)
        leave(scores, into, figure, ic.plots.similarity)
        return
    if "time" in brain.labels:
        show_course(scores)
        leave(scores, into, figure, ic.plots.timecourse)
        return
    bounds = ceilings(brain, comparison)
    show_scores(scores, bounds)
    if into is not None:
        ic.save(with_ceilings(scores, bounds), into)
    if figure is not None:
        draw_layers(figure, scores, bounds)
    show_written(table=into, figure=figure)
