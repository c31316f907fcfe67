"""The command ``encode``."""

from pathlib import Path
from typing import Literal

from isocortex.cli._answer import answers
from isocortex.cli._mapping import Linear, Tested

_RIDGE, _PLAIN = Linear(), Tested()


@answers
def encode(
    features: Path,
    recording: Path,
    /,
    *,
    layers: list[str] | None = None,
    mask: Path | None = None,
    stimuli: Path | None = None,
    how: Linear = _RIDGE,
    tested: Tested = _PLAIN,
    accuracy: Literal["pearson", "spearman", "r2", "explained_variance"] = "pearson",
    pooled: bool = False,
    into: Path | None = None,
    figure: Path | None = None,
) -> None:
    """Predict each unit of a recording from the layers of a network, on held-out stimuli.

    Example: after `isocortex extract`, with the responses of voxels in voxels.csv (columns
    stimulus, v1, v2 ...),

        isocortex encode alexnet.zarr voxels.csv --folds 5 --figure layers.png

    Example: an image with a volume for each stimulus, whose names are in names.txt, one a line.

        isocortex encode alexnet.zarr betas.nii.gz \\
          --mask mask.nii.gz --stimuli names.txt --folds 5

    Stimuli meet by name, in any order. The table has a row for each layer and region: the mean
    over folds and units, the best unit, and how many units are defined.

    Parameters
    ----------
    features
        A store that `isocortex extract` has written, or a file of responses as below.
    recording
        Responses of voxels, channels or neurons: a table (.csv) with a column `stimulus` of names
        and a column of numbers for each unit; .npz or .mat with one matrix (a row for each
        stimulus) and one list of names; .npy, or an image, with --stimuli; BIDS and the like as
        `ic.save(responses, "voxels.npz")` writes them in Python.
    layers
        Only these layers of the store.
    mask
        Of an image: another on the same grid, 0 outside.
    stimuli
        Of an image or a bare matrix: a text file with the name of the stimulus of each volume or
        row, one a line.
    accuracy
        pearson, spearman, r2 or explained_variance.
    pooled
        One score for each unit from all held-out predictions, for small test sets.
    into
        All scores: a table, .csv or .parquet, or for `isocortex.read`, .npz.
    figure
        A picture of the accuracy of each layer, such as layers.png.
    """
    import isocortex as ic
    from isocortex.cli._endings import SCORES, check_endings
    from isocortex.cli._mapping import as_numbers, folds_of, leave, permutation_of, show_means
    from isocortex.cli._nouns import check_places, layers_at, recording_at
    from isocortex.cli._show import progress

    check_endings(into, SCORES, figure=figure)
    model = as_numbers(how)
    nouns, recorded = layers_at(features, layers), recording_at(recording, mask, stimuli)
    check_places(nouns, recorded, (features, recording), "encode")
    with progress() as listener:
        scores = ic.encode(
            nouns,
            recorded,
            model,
            folds=folds_of(tested),
            accuracy=accuracy,
            pooled=pooled,
            permutations=permutation_of(tested),
            progress=listener,
        )
    show_means(scores)
    leave(scores, into, figure)
