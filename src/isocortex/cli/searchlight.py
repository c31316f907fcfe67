"""The command ``searchlight``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from isocortex.cli._answer import answers
from isocortex.cli.bh import Workers

_ALONE = Workers()


@answers
def searchlight(
    *,
    recording: Path,
    models: Path,
    into: Path,
    mask: Path | None = None,
    stimuli: Path | None = None,
    runs: Path | None = None,
    radius: float = 6.0,
    units: int | None = None,
    dissimilarity: str | None = None,
    comparison: str = "spearman",
    store: Path | None = None,
    where: Workers = _ALONE,
) -> None:
    """Map where in the brain the RDM of a neighbourhood is like those of models.

    For example, with the RDMs of `isocortex rdm` and one image of betas:

        isocortex searchlight --recording betas.nii.gz --mask mask.nii.gz \\
          --models rdms.npz --radius 6 --into map.nii.gz

    Parameters
    ----------
    recording
        An image with one volume for each stimulus, or, with --runs, for each trial.
    models
        RDMs, as `isocortex rdm` writes them.
    into
        The map: .nii.gz, .nii, .mgz or .mgh; one volume for each model.
    mask
        An image on the same grid, 0 outside.
    stimuli
        A text file with the name of the stimulus of each volume, one a line. Without it, volumes
        are in the order of the models' stimuli, which is told.
    runs
        A text file with the run of each volume, one a line: then distances are crossnobis.
    radius
        In mm.
    units
        Instead of a radius: the so many nearest voxels.
    dissimilarity
        correlation (crossnobis with --runs), cosine, euclidean, squared_euclidean, ...
    comparison
        spearman, pearson, cosine, rho_a, ...
    store
        A folder for what is finished: the same command goes on where it was stopped.
    """
    import isocortex as ic
    from isocortex.cli._endings import MAP, check_endings
    from isocortex.cli._nouns import rdms_at
    from isocortex.cli._show import progress, say, show_written

    check_endings(into, MAP)
    rdms = rdms_at(models)
    noun = _recording(recording, mask, stimuli, runs, rdms)
    reach: dict[str, Any] = {"radius": radius} if units is None else {"n_units": units}
    near = ic.neighbours(noun, **reach)
    say(near)
    kind = dissimilarity or ("correlation" if runs is None else "crossnobis")
    chosen = ic.RSA(rdms, kind, comparison)
    with _workers(where), progress() as listener:
        maps = ic.searchlight(noun, near, chosen, store=store, progress=listener)
    lines, ranges = [], {}
    for row, (_, labels) in zip(maps.values, rdms.labels.iterrows(), strict=True):
        name = ", ".join(f"{key} {value}" for key, value in labels.items()) or "model"
        low, high = float(row.min()), float(row.max())
        lines.append(f"{name}: {kind}, {comparison} from {low:.3f} to {high:.3f}")
        ranges[name] = [low, high]
    say("\n".join(lines), ranges=ranges)
    ic.write_nifti(maps, into, like=noun)
    show_written(map=into)


def _recording(image: Path, mask: Path | None, stimuli: Any, runs: Any, models: Any) -> Any:
    import isocortex as ic
    from isocortex.cli._nouns import lines_of
    from isocortex.cli._show import say

    names = None if stimuli is None else lines_of(stimuli)
    if names is None:
        names = list(models.stimuli)
        say(f"volumes are taken to be in the order of the models' stimuli: {names[0]} ...")
    if runs is not None:
        return ic.read_volumes(image, mask, stimuli=names, runs=lines_of(runs))
    return ic.read_nifti(image, mask, names)


@contextmanager
def _workers(where: Workers) -> Iterator[None]:
    """Chunks go to workers on this machine, or to a cluster, where one was asked for."""
    if where.workers is None and where.scheduler is None:
        yield
        return
    import joblib

    from isocortex.jobs.dask import client_of

    with client_of(where.workers, where.scheduler), joblib.parallel_config("dask"):
        yield
