"""The command ``decode``."""

from pathlib import Path
from typing import Literal

from isocortex.cli._answer import answers
from isocortex.cli._mapping import Linear, Tested

_RIDGE, _PLAIN = Linear(), Tested()


@answers
def decode(
    recording: Path,
    features: Path,
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
    """Predict each unit of a network's layers from a recording: the mirror of `encode`.

    Example: after `isocortex extract`, with the responses of voxels in voxels.npz,

        isocortex decode voxels.npz alexnet.zarr --layers conv1 --folds 5

    `isocortex probe` reads out classes instead, `isocortex bh` scores hierarchies.

    Parameters
    ----------
    recording
        Responses of voxels, channels or neurons: a table (.csv) with a column `stimulus` of names
        and a column of numbers for each unit; .npz or .mat with one matrix (a row for each
        stimulus) and one list of names; .npy, or an image, with --stimuli; BIDS and the like as
        `ic.save(responses, "voxels.npz")` writes them in Python.
    features
        A store that `isocortex extract` has written, or a file of responses as above.
    layers
        Only these layers of the store; layers with many units take long.
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
        A picture of the accuracy of each region, such as regions.png.
    """
    import isocortex as ic
    from isocortex.cli._endings import SCORES, check_endings
    from isocortex.cli._mapping import as_numbers, folds_of, leave, permutation_of, show_means
    from isocortex.cli._nouns import called, check_places, layers_at, recording_at
    from isocortex.cli._show import progress

    check_endings(into, SCORES, figure=figure)
    model = as_numbers(how)
    recorded, nouns = recording_at(recording, mask, stimuli), layers_at(features, layers)
    recorded = called(recorded, "region")
    check_places(nouns, recorded, (recording, features), "decode")
    with progress() as listener:
        scores = ic.decode(
            recorded,
            nouns,
            model,
            folds=folds_of(tested),
            accuracy=accuracy,
            pooled=pooled,
            permutations=permutation_of(tested),
            progress=listener,
        )
    show_means(scores)
    leave(scores, into, figure)
