"""The command ``compare``."""

from pathlib import Path


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

        isocortex compare rdms.npz brain.npz --comparison spearman --into scores.csv

    A brain file is made from square matrices in Python with
    `ic.write_rdms(ic.RDMs.from_arrays(array, stimuli=names, labels={"subject": numbers,
    "region": "IT"}), "brain.npz")`. Stimuli meet by name, in any order.

    The noise ceiling is the range in which a perfect model would score, given how much the
    subjects differ; it needs at least two subjects.

    Parameters
    ----------
    models
        RDMs of layers, as `isocortex rdm` writes them.
    brains
        RDMs of brains, one for each subject and region.
    comparison
        pearson, spearman, kendall, tau_a, rho_a, cosine, whitened_cosine, whitened_correlation.
    into
        A CSV file with one row for each layer and brain RDM.
    figure
        A picture of the scores along the layers, such as layers.png.
    """
    import isocortex as ic
    from isocortex.cli._figures import draw_to_file
    from isocortex.cli._show import show_written
    from isocortex.cli._verdict import ceilings, show_scores, with_ceilings, write_table

    brain = ic.read_rdms(brains)
    scores = ic.compare(ic.read_rdms(models), brain, comparison)
    bounds = ceilings(brain, comparison)
    show_scores(scores, bounds)
    if into is not None:
        write_table(with_ceilings(scores, bounds), into)
    if figure is not None:
        draw_to_file(figure, ic.plots.layers, scores, ceiling=bounds or None)
    show_written(table=into, figure=figure)
