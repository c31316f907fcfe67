"""One run of a study: its series, cleaned and labelled, or its betas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.choice import listed
from isocortex.data.trials import Trials
from isocortex.errors import FormatError, InputError
from isocortex.formats.bids.beside import brain_masks, confounds_table, events_table
from isocortex.formats.bids.betas import Betas, estimated
from isocortex.formats.bids.confounds import Choice, Confounds, confounds_of
from isocortex.formats.bids.events import Events, by_hrf, by_lag, events_of
from isocortex.formats.bids.names import BidsFile
from isocortex.formats.bids.notes import Notes
from isocortex.formats.bids.timing import volume_times
from isocortex.formats.files import open_image, pixels
from isocortex.formats.volumes import same_units
from isocortex.numerics.linear.single_trials import without
from isocortex.progress import advance


@dataclass(frozen=True)
class Labels:
    """How volumes of a run become trials."""

    how: "float | str | Betas"
    """A lag in s, ``"hrf"``, or how betas are estimated."""
    condition: str
    """The column of the events that says what was shown."""
    rest: str | None
    """What volumes are called that no event covers; None to leave them out."""
    confounds: Choice
    """What is taken out."""


def subject_trials(  # noqa: PLR0913
    root: Path,
    files: Sequence[BidsFile],
    mask: Any,
    nan: str,
    labels: Labels,
    own: Mapping[str, Any],
    notes: Notes,
) -> Trials:
    """All runs of a subject as trials."""
    images = [open_image(each.path, "read_bids") for each in files]
    if mask is None:
        mask = _brain(files, notes)
    sides = [_with_other(each, image) for each, image in zip(files, images, strict=True)]
    values, units = same_units(sides, mask, nan, "read_bids")
    parts, stimuli, runs = [], [], []
    for file, image, series, run in zip(files, images, values, run_names(files), strict=True):
        rows, names = _run(root, file, image, series, labels, notes)
        parts.append(rows)
        stimuli += names
        runs += [run] * len(names)
        advance()
    if not stimuli:
        raise InputError("read_bids: no volume is covered by an event; look at onsets and lag.")
    return Trials(np.concatenate(parts), stimuli, None, runs, units, own)


def _with_other(file: BidsFile, image: Any) -> Any:
    """Both hemispheres, where a run has them in two files."""
    if file.other is None:
        return image
    return {"left": image, "right": open_image(file.other, "read_bids")}


def run_names(files: Sequence[BidsFile]) -> list[Any]:
    """A number for each run; with several sessions ``ses-1_run-2``."""
    several = len({each.run[0] for each in files}) > 1
    names = [each.run[1] or "1" for each in files]
    if several:
        return [f"ses-{each.run[0]}_run-{run}" for each, run in zip(files, names, strict=True)]
    return [int(run) for run in names] if all(run.isdigit() for run in names) else names


def _run(
    root: Path,
    file: BidsFile,
    image: Any,
    series: np.ndarray,
    labels: Labels,
    notes: Notes,
) -> tuple[np.ndarray, list[str]]:
    times = volume_times(root, file, image, len(series), notes)
    events = events_of(events_table(root, file), labels.condition)
    confounds = confounds_of(file, confounds_table(file), labels.confounds, len(series), notes)
    return rows_of_run(labels, (events, confounds), times, series, notes)


def rows_of_run(
    labels: Labels,
    known: tuple[Events, Confounds],
    times: np.ndarray,
    series: np.ndarray,
    notes: Notes,
) -> tuple[np.ndarray, list[str]]:
    """The trials of one run, shape (n_trials, n_units), and what was shown in each."""
    events, confounds = known
    _check_rest(labels, events)
    if events.n_nameless:
        notes.add(f"events have no {labels.condition!r} and are left out", events.n_nameless)
    # A film may be as long as its run, or a little longer.
    too_long = int((events.table["duration"] > 2 * (times[-1] - times[0])).sum())
    if too_long and len(times) > 1:
        notes.add("events last twice as long as their run: are durations in seconds?", too_long)
    if isinstance(labels.how, Betas):
        rows = estimated(labels.how, events, confounds, times, series)
        return rows, events.table["trial_type"].tolist()
    return _labelled(labels, events, confounds, times, series, notes)


def _check_rest(labels: Labels, events: Events) -> None:
    if labels.rest is None:
        return
    if isinstance(labels.how, Betas):
        raise InputError(
            f"{events.who}: rest={labels.rest!r} names volumes without an event, but betas are of "
            "events alone. Give a lag (lag=5.0), or leave rest out."
        )
    if str(labels.rest) in set(events.table["trial_type"]):
        raise InputError(
            f"{events.who}: rest={labels.rest!r} is a condition of the events, too, whose volumes "
            "could not be told from those without an event. Choose another name."
        )


def _labelled(
    labels: Labels,
    events: Events,
    confounds: Confounds,
    times: np.ndarray,
    series: np.ndarray,
    notes: Notes,
) -> tuple[np.ndarray, list[str]]:
    """Volumes under the conditions that cover them."""
    if labels.how == "hrf":
        shown = by_hrf(events, times, "spm")
    else:
        shown = by_lag(events, times, float(labels.how))  # pyright: ignore[reportArgumentType]
    absent = sorted(set(events.table["trial_type"]) - set(shown))
    if absent:
        notes.add(f"events of {listed(absent)} cover no volume")
    kept = np.arange(len(shown)) if confounds.kept is None else confounds.kept
    if confounds.names:
        series = _cleaned(np.asarray(series, dtype=np.float64), confounds.values, kept)
    covered = np.array([shown[row] is not None for row in kept], dtype=bool)
    if labels.rest is None:
        if not covered.all():
            notes.add("volumes that no event covers are left out", int((~covered).sum()))
        kept = kept[covered]
    names = [labels.rest if shown[row] is None else shown[row] for row in kept]
    return series[kept], [str(each) for each in names]


def _cleaned(series: np.ndarray, confounds: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Without what confounds explain of the kept volumes; the mean of each unit stays."""
    design = np.column_stack([np.ones(len(kept)), confounds[kept]])
    mean = series[kept].mean(0)
    out = series.copy()
    out[kept] = without(series[kept] - mean, design) + mean
    return out


def _brain(files: Sequence[BidsFile], notes: Notes) -> np.ndarray | None:
    """Where the brain masks of all runs are 1; None where there are none, as of surfaces."""
    found = [each for file in files for each in brain_masks(file)]
    if len(found) < len(files):
        return None
    images = [open_image(each.path, "read_bids") for each in found]
    first = images[0]
    masks = [pixels(each, "read_bids") != 0 for each in images]
    for image, path in zip(images[1:], found[1:], strict=True):
        if image.shape != first.shape or not np.allclose(image.affine, first.affine, atol=1e-3):
            raise FormatError(f"{path.path.name!r} lies on another grid than the first run's mask.")
    common = np.logical_and.reduce(masks)
    lost = int(np.logical_or.reduce(masks).sum() - common.sum())
    if lost:
        notes.add("voxels are in the brain masks of some runs only and are left out", lost)
    return common.astype(np.int8)
