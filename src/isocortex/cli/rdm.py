"""The command ``rdm``."""

from pathlib import Path

from isocortex.cli._answer import answers


@answers
def rdm(
    store: Path,
    /,
    *,
    into: Path,
    dissimilarity: str = "correlation",
    layers: list[str] | None = None,
    figure: Path | None = None,
) -> None:
    """Compute a dissimilarity matrix for each layer in a store.

    Example: after `isocortex extract`,

        isocortex rdm alexnet.zarr --into rdms.npz --figure rdms.png

    `isocortex compare` takes the file from there.

    Parameters
    ----------
    store
        A store that `isocortex extract` has written.
    into
        The file to write; its name ends in .npz. `isocortex info` describes it.
    dissimilarity
        correlation, cosine, euclidean, squared_euclidean or manhattan.
    layers
        Only these layers.
    figure
        A picture of the RDMs, such as rdms.png.
    """
    import isocortex as ic
    from isocortex.cli._endings import RDMS, check_endings
    from isocortex.cli._figures import draw_to_file
    from isocortex.cli._show import say, show_written

    check_endings(into, RDMS, figure=figure)
    opened = ic.Store(store)
    nouns = [opened[name] for name in (layers or list(opened))]
    rdms = ic.rdms(nouns, dissimilarity)
    ic.write_rdms(rdms, into)
    n, stimuli = rdms.n_rdms, rdms.n_stimuli
    say(f"{n} RDMs ({dissimilarity}) over {stimuli} stimuli", rdms=n, stimuli=stimuli)
    if figure is not None:
        draw_to_file(figure, ic.plots.rdm, rdms)
    show_written(rdms=into, figure=figure)
