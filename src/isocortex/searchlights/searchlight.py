"""The verb ``searchlight``: an analysis in each neighbourhood, as a map."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from isocortex.choice import counted, listed
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.scores import Scores
from isocortex.data.tables import labels_table
from isocortex.data.trials import Trials
from isocortex.errors import InputError, MisalignedError, warn
from isocortex.memory import refuse_beyond
from isocortex.numerics.arrays.cores import one_blas_thread
from isocortex.numerics.arrays.parallel import rows_for
from isocortex.progress import Job, Shown, unheard
from isocortex.searchlights.analysis import Analysis, Data, Plain, Work
from isocortex.searchlights.functions import Function
from isocortex.searchlights.kept import Kept
from isocortex.searchlights.neighbourhoods import Neighbours
from isocortex.searchlights.patches import Patches, in_order_of, windows_of

BLOCK_BYTES = 5 * 2**20
"""Patterns and products of one block, which shall stay in the cache."""


@door
def searchlight(
    recording: Responses | Trials | Iterable[Any],
    near: Neighbours,
    analysis: Any,
    *,
    times: float | None = None,
    store: str | Path | None = None,
    progress: Shown = None,
) -> Scores:
    """Do an analysis in each neighbourhood of a recording, and make a map of it.

    Every number of the map is what the plain verbs give for the units of that neighbourhood.
    Neighbourhoods are gathered in blocks, never copied out as a whole. Chunks of centres are
    shared among processes under ``joblib.parallel_config(n_jobs=4)``, or a cluster under
    ``joblib.parallel_config("dask")``; the map is the same however they are shared.

    Parameters
    ----------
    recording : Responses, Trials, or a list of these (subjects)
        A list gives an axis ``subject``, with the labels by which they differ (``subject``,
        ``run`` ...; without labels they are numbered from 1); of a mapping, the keys are the
        subjects. All have the units of ``near``, in any order.
    near : Neighbours
        From :func:`neighbours`.
    analysis : RSA, Decoding, Encoding, or a function
        A function takes the Responses or Trials of a neighbourhood, and returns a number or a
        list of them.
    times : float, optional
        Of Trials with a time axis: the width in seconds of the window around each time, whose
        samples are units of the patch too; ends are cut off. Default: each time by itself.
    store : path, optional
        A folder in which finished chunks are kept. The same call, after it was stopped or
        killed, goes on where it was.
    progress : bool or function, optional
        True draws a bar; a function is told each chunk of centres.

    Returns
    -------
    Scores
        Axes, those that apply: (model or layer or value, subject, time, unit). The table of
        ``unit`` has the places of the centres and ``n_units``; write_nifti and the brain plots
        take it. NaN where the analysis is undefined, with their number in ``notes``;
        ``notes["memory"]`` is what it took beyond the data, in bytes, as known beforehand.

    Raises
    ------
    InputError
        If the analysis does not fit a recording; one neighbourhood of each is done first.
    MisalignedError
        If units, conditions or times differ, or some recordings lack the label of the others.
    StorageError
        If it would not fit in memory.

    Warns
    -----
    IsocortexWarning
        With the number of centres at which the analysis is undefined.

    See Also
    --------
    neighbours : Which units lie near which.
    RSA, Decoding, Encoding : The analyses.
    clusters : Where maps of several subjects differ from chance.
    write_nifti, plots.brain : The map as an image.

    References
    ----------
    .. [1] Kriegeskorte, Goebel & Bandettini (2006), Information-based functional brain mapping,
       PNAS 103:3863. https://doi.org/10.1073/pnas.0600244103

    Examples
    --------
    >>> import nibabel
    >>> import numpy as np
    >>> import isocortex as ic
    >>> betas = np.random.default_rng(0).normal(size=(6, 6, 6, 8))
    >>> image = nibabel.Nifti1Image(betas, np.diag([3.0, 3.0, 3.0, 1.0]))
    >>> voxels = ic.read_nifti(image, stimuli=list("abcdefgh"))
    >>> near = ic.neighbours(voxels, radius=6.0)
    >>> models = ic.rdms(ic.Responses(np.eye(8)[:, :4], list("abcdefgh")), "euclidean")
    >>> maps = ic.searchlight(voxels, near, ic.RSA(models, "correlation", "spearman"))
    >>> maps.dims, maps.values.shape
    (('model', 'unit'), (1, 216))
    """
    analysis = _checked(near, analysis)
    many, several = _recordings(recording)
    subjects = _subjects(many)
    if several:
        _check_all(many, near, analysis, times)
    maps = []
    with Job(progress, "searchlight", len(many) * len(near)) as job:
        for place, each in enumerate(many):
            name = f"recording {place + 1} of {len(many)}, " if several else ""
            maps.append(_map(each, near, analysis, times, Run(name, store, job)))
    return _with_undefined(_together(subjects, maps) if several else maps[0])


_LESS = "Take fewer times or conditions at once, or float32 data."


@dataclass(frozen=True, eq=False)
class Run:
    """How a map is made."""

    name: str
    store: str | Path | None
    job: Job


def _map(
    recording: Any, near: Neighbours, analysis: Analysis, times: float | None, run: Run
) -> Scores:
    plain = Plain.of(recording, in_order_of(near, recording))
    patches = Patches.of(near, windows_of(recording, times))
    largest = int(patches.sizes.argmax())
    first = patches.rows(np.array([largest]), patches.n_times // 2)[0]
    work, data = analysis.prepare(plain, first)
    memory = _memory(work, data, patches)
    refuse_beyond(memory, "searchlight: it needs", _LESS, "of memory beyond the recording")
    lead = tuple(len(table) for table in work.tables.values())
    values = np.full((len(near), patches.n_times, *lead), np.nan)
    chunks = patches.chunks()
    kept = None
    if run.store is not None:
        content = (near.indptr, near.indices, patches.windows, data.gathered, plain.values)
        kept = Kept.at(run.store, (*content, plain.stimuli, plain.runs, work.identity()))
    for place, found in _found(work, data, patches, chunks, kept):
        values[chunks[place]] = found
        run.job.step(len(chunks[place]), f"{run.name}chunk {place + 1} of {len(chunks)}")
    notes = {"rule": near.rule, "memory": memory, **near.notes}
    return _scores(values, recording, near, work, notes)


def _found(
    work: Work, data: Data, patches: Patches, chunks: list[np.ndarray], kept: Kept | None
) -> Iterator[tuple[int, np.ndarray]]:
    """The chunks as they are finished, those that were kept first."""
    shape = (patches.n_times, *(len(table) for table in work.tables.values()))
    todo = []
    for place, centres in enumerate(chunks):
        found = None if kept is None else kept.read(place, (len(centres), *shape))
        if found is None:
            todo.append(place)
        else:
            yield place, found
    jobs = (delayed(_chunk)(work, data, patches.some(chunks[p]), p, kept) for p in todo)
    yield from _in_parallel(jobs)


def _in_parallel(jobs: Iterable[Any]) -> Iterator[tuple[int, np.ndarray]]:
    try:
        pool = Parallel(return_as="generator_unordered")
    except ValueError:  # A backend that gives all results at the end.
        pool = Parallel()
    found: Any = pool(jobs)
    yield from found


def _chunk(
    work: Work, data: Data, patches: Patches, place: int, kept: Kept | None
) -> tuple[int, np.ndarray]:
    """Numbers of some centres, shape (n_centres, n_times, *axes)."""
    lead = tuple(len(table) for table in work.tables.values())
    values = np.empty((len(patches.sizes), patches.n_times, *lead))
    with one_blas_thread(), unheard():
        for time, window in enumerate(patches.windows):
            largest = int(patches.sizes.max()) * len(window)
            for block in patches.blocks(rows_for(work.bytes_for(largest), BLOCK_BYTES)):
                values[block, time] = work.evaluate(data, patches.rows(block, time))
    if kept is not None:
        kept.write(place, values)
    return place, values


def _checked(near: Any, analysis: Any) -> Analysis:
    if not isinstance(near, Neighbours):
        raise InputError(
            "searchlight needs the neighbourhoods of the recording's units: near = "
            f"neighbours(recording, radius=6.0); it got {type(near).__name__}."
        )
    if hasattr(analysis, "prepare") and not isinstance(analysis, type):
        return analysis
    if isinstance(analysis, Callable) and not isinstance(analysis, type):
        return Function(analysis)
    raise InputError(
        f"searchlight: analysis={analysis!r} is none: give RSA(models), Decoding(labels, model), "
        "Encoding(features, model), or a function of the recording of a neighbourhood."
    )


def _recordings(recording: Any) -> tuple[list[Any], bool]:
    several = not isinstance(recording, Responses | Trials)
    keys = list(recording) if isinstance(recording, Mapping) else None
    if isinstance(recording, Mapping):
        recording = recording.values()
    many = list(recording) if several and isinstance(recording, Iterable) else [recording]
    wrong = [each for each in many if not isinstance(each, Responses | Trials)]
    if wrong or not many:
        found = type(wrong[0]).__name__ if wrong else "nothing"
        raise InputError(
            f"searchlight needs Responses or Trials, or a list of them (subjects), not {found}."
        )
    if keys is not None:
        named = zip(keys, many, strict=True)
        many = [each.replace(labels={**each.labels, "subject": key}) for key, each in named]
    return many, several


def _check_all(many: list[Any], near: Neighbours, analysis: Analysis, times: float | None) -> None:
    """One neighbourhood of every recording, so that what does not fit is said before the work."""
    first = None
    for place, each in enumerate(many):
        patches = Patches.of(near, windows_of(each, times))
        own = near.members(int(patches.sizes.argmax()))
        few = Plain.of(each, in_order_of(near, each)[own])
        alone = Patches(np.array([0, len(own)]), np.arange(len(own)), patches.windows)
        work, _ = analysis.prepare(few, alone.rows(np.array([0]), patches.n_times // 2)[0])
        clock = getattr(each, "times", None)
        axes = {**work.tables, "time": None if clock is None else pd.DataFrame({"time": clock})}
        first = axes if first is None else first
        other = [name for name in axes if not _alike(first[name], axes[name])]
        if other:
            raise MisalignedError(
                f"searchlight: recording {place} (from 0) has other {listed(other)} than recording "
                "0; all need the same times, models and layers."
            )


def _alike(first: pd.DataFrame | None, other: pd.DataFrame | None) -> bool:
    return other is None if first is None else other is not None and first.equals(other)


def _memory(work: Work, data: Data, patches: Patches) -> int:
    """Bytes beyond the recording: what is gathered from, a block, and the map."""
    largest = int(patches.sizes.max()) * max(len(window) for window in patches.windows)
    block = max(BLOCK_BYTES, work.bytes_for(largest))
    lead = int(np.prod([len(table) for table in work.tables.values()]))
    return data.n_bytes + block + 2 * 8 * len(patches.sizes) * patches.n_times * lead


def _scores(
    values: np.ndarray, recording: Any, near: Neighbours, work: Work, notes: dict[str, Any]
) -> Scores:
    """From (n_centres, n_times, *axes) to (*axes, [time], unit)."""
    values = np.moveaxis(values, (0, 1), (-1, -2))
    tables = dict(work.tables)
    if getattr(recording, "times", None) is None:
        values = values[..., 0, :]
    else:
        tables["time"] = pd.DataFrame({"time": recording.times})
    centres = near.centres.copy()
    centres.attrs.update(near.centres.attrs)
    # Tables of units may have a column of that name.
    column = "n_units" if "n_units" not in centres.columns else "n_neighbours"
    centres[column] = near.sizes
    tables["unit"] = centres
    return Scores(values, tables, work.metric, notes=notes)


def _subjects(many: list[Any]) -> pd.DataFrame:
    """The labels by which recordings differ, and their subjects."""
    table = labels_table(many)
    differ = [name for name in table if len(set(map(str, table[name]))) > 1]
    known = [name for name in table if name == "subject" or name in differ]
    table = pd.DataFrame({name: table[name] for name in known})
    bare = [place for place, each in enumerate(many) if not set(known) <= set(each.labels)]
    if bare:
        raise MisalignedError(
            f"searchlight: {listed(known)} tells the recordings apart, but recordings "
            f"{listed(bare)} (from 0) of {len(many)} have no such label. Give it to all, "
            "recording.replace(labels={'subject': ...}), or none."
        )
    if not known:
        table = pd.DataFrame({"subject": range(1, len(many) + 1)})
    n_different = len(table.astype(str).drop_duplicates())
    if n_different < len(many):
        raise MisalignedError(
            f"searchlight: {len(many)} recordings are of {counted(n_different, 'subject')} (labels "
            f"{listed(table.columns)}); each needs a label subject, or run, of its own."
        )
    return table


def _together(subjects: pd.DataFrame, maps: list[Scores]) -> Scores:
    """Maps of subjects on an axis of their own, before time and unit."""
    first = maps[0]
    places = [dim for dim in first.dims if dim not in ("time", "unit")]
    values = np.stack([each.values for each in maps], axis=len(places))
    tables = {dim: first.tables[dim] for dim in places}
    tables["subject"] = subjects
    tables |= {dim: first.tables[dim] for dim in first.dims if dim not in places}
    return Scores(values, tables, first.metric, notes=first.notes)


def _with_undefined(scores: Scores) -> Scores:
    """The map that says, in a note and a warning, at how many centres it is NaN."""
    bare = np.asarray(np.isnan(scores.values).reshape(-1, scores.values.shape[-1]).any(0))
    missing = int(bare.sum())
    if missing:
        sizes = scores.tables["unit"].iloc[:, -1].to_numpy()[bare]
        warn(
            f"searchlight: at {missing} of {len(bare)} centres the analysis is undefined (NaN); "
            f"their neighbourhoods hold {sizes.min()} to {sizes.max()} units. Patterns are "
            "constant there, or units too few."
        )
    return scores.replace(notes={**scores.notes, "undefined": missing})
