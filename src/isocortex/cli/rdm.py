"""The command ``rdm``."""

from pathlib import Path
from typing import Any

from isocortex.cli._answer import answers


@answers
def rdm(
    files: list[Path],
    /,
    *,
    into: Path,
    dissimilarity: str = "correlation",
    layers: list[str] | None = None,
    mask: Path | None = None,
    stimuli: Path | None = None,
    figure: Path | None = None,
) -> None:
    """Compute a dissimilarity matrix for each layer in a store, or of recordings.

    Example: after `isocortex extract`,

        isocortex rdm alexnet.zarr --into rdms.npz --figure rdms.png

    Example: two people's responses, tables with the columns stimulus, v1, v2 ...

        isocortex rdm anna.csv ben.csv --into brains.npz

    Example: an image with a volume for each stimulus, whose names are in names.txt, one a line.

        isocortex rdm betas.nii.gz --mask mask.nii.gz --stimuli names.txt \\
          --into brain_rdm.npz

    `isocortex compare` and `isocortex infer` take the files from there.

    Parameters
    ----------
    files
        A store that `isocortex extract` has written, or responses or trials of a recording: a
        table (.csv) with a column `stimulus` of names and a column of numbers for each unit;
        .npz or .mat with one matrix (a row for each stimulus) and one list of names; what
        `ic.save` has written; .npy, or an image, with --stimuli. Several recordings are several
        subjects, called by their files where they say none.
    into
        The file to write; its name ends in .npz. `isocortex info` describes it.
    dissimilarity
        correlation, cosine, euclidean, squared_euclidean or manhattan; of trials also crossnobis
        and the like.
    layers
        Only these layers of the store.
    mask
        Of an image: another on the same grid, 0 outside.
    stimuli
        Of an image or a bare matrix: a text file with the name of the stimulus of each volume or
        row, one a line.
    figure
        A picture of the RDMs, such as rdms.png.
    """
    import isocortex as ic
    from isocortex.choice import counted
    from isocortex.cli._endings import RDMS, check_endings
    from isocortex.cli._figures import draw_to_file
    from isocortex.cli._nouns import layers_at, recording_at
    from isocortex.cli._show import say, show_written

    check_endings(into, RDMS, figure=figure)
    if layers is not None:
        nouns = [layers_at(path, layers) for path in files]
    else:
        nouns = [recording_at(path, mask, stimuli) for path in files]
    rdms = ic.rdms(_one_by_one(nouns, files), dissimilarity)
    ic.write_rdms(rdms, into)
    n, names = rdms.n_rdms, rdms.n_stimuli
    say(f"{counted(n, 'RDM')} ({dissimilarity}) over {names} stimuli", rdms=n, stimuli=names)
    if figure is not None:
        draw_to_file(figure, ic.plots.rdm, rdms)
    show_written(rdms=into, figure=figure)


def _one_by_one(nouns: list[Any], files: list[Path]) -> Any:
    """Layers of stores beside recordings, of which several have a subject each."""
    import isocortex as ic
    from isocortex.cli._subjects import with_subjects

    if len(nouns) == 1:
        return nouns[0]
    layers, recordings, paths = [], [], []
    for noun, path in zip(nouns, files, strict=True):
        if isinstance(noun, ic.Store | list):
            layers += [noun[name] for name in noun] if isinstance(noun, ic.Store) else noun
        else:
            recordings.append(noun)
            paths.append(path)
    return [*layers, *with_subjects(recordings, paths)]
