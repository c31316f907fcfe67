"""What a worker does with a batch: it computes, and records each number at once.

PyTorch is not imported here, which a worker that only compares would wait for.
"""

import threading
import time
import warnings
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from isocortex.choice import first_line
from isocortex.errors import IsocortexError
from isocortex.jobs.leases import lease
from isocortex.jobs.records import recorder_of
from isocortex.memory import available_bytes, is_lack
from isocortex.store.grams import gram
from isocortex.store.store import Store
from isocortex.study.features import SUFFIX, kept_feature, with_features
from isocortex.study.known import has_number, known_of
from isocortex.study.maps import keep_map
from isocortex.study.methods import METHODS, Number
from isocortex.study.recordings import Recorded
from isocortex.study.series import SeriesInTime
from isocortex.study.tasks import Batch, Layer, Task

LAYERS_KEPT = 4
SHARE_KEPT = 0.2
"""Of the memory that is free: so much of it holds recordings that were read."""
PER_UNIT = "per_unit"
"""What goes into a file of its own, and not into the record."""
TURN = threading.Lock()
"""Held by whoever works: a worker of several threads does one thing after the other."""


@dataclass(frozen=True)
class Done:
    """What became of a batch or an extraction."""

    name: str
    n_done: int = 0
    failed: tuple[tuple[str, str], ...] = ()
    """Names of tasks with their reasons."""
    busy: bool = False
    """Whether another run has it in hand."""


def perform(batch: Batch, results: Path) -> Done:
    """Compute what is lacking of a batch, unless another run has it in hand.

    What another run or a worker that died has recorded since the plan is not computed again.

    Raises
    ------
    StorageError
        If records cannot be written: then nothing can go on.
    """
    with TURN, lease(results, batch.key) as ours:
        if not ours:
            return Done(batch.name, busy=True)
        known = known_of(results).look()
        left = tuple(task for task in batch.tasks if not has_number(known, task.key))
        failed = []
        for task, record in _within_memory(replace(batch, tasks=left), results) if left else ():
            keep_map(results, batch, task, record.pop(PER_UNIT, None))
            recorder_of(results).write(record)
            if record.get("error"):
                failed.append((task.name, record["error"]))
    return Done(batch.name, len(batch.tasks) - len(failed), tuple(failed))


def refuse_batches(batches: Sequence[Batch], results: Path, reason: str) -> Iterator[Done]:
    """Record of each task that it cannot be done, and why."""
    for batch in batches:
        for task in batch.tasks:
            recorder_of(results).write({"key": task.key, "error": reason})
        yield Done(batch.name, failed=tuple((task.name, reason) for task in batch.tasks))


def follow(extracted: Done, batches: Sequence[Batch], results: Path) -> list[Done] | None:
    """What becomes of the batches of a network that is not there; None if it is."""
    if extracted.failed:
        network, why = extracted.failed[0]
        network = network.removeprefix("extract ")
        reason = f"the network {network} could not be extracted: {why}"
        return list(refuse_batches(batches, results, reason))
    if extracted.busy:
        return [Done(batch.name, busy=True) for batch in batches]
    return None


def _within_memory(batch: Batch, results: Path) -> Iterator[tuple[Task, dict[str, Any]]]:
    """The record of each task; where memory is lacking, each of them by itself."""
    left = list(batch.tasks)
    try:
        for task, record in _records(batch, results):
            left.remove(task)
            yield task, record
    except MemoryError as error:
        held_layer.cache_clear()
        _held.clear()
        if len(batch.tasks) == 1:
            reason = f"there is too little memory for it ({first_line(error)})"
            yield left[0], {"key": left[0].key, "error": reason}
            return
        for task in left:
            yield from _within_memory(replace(batch, tasks=(task,)), results)


def _records(batch: Batch, results: Path) -> Iterator[tuple[Task, dict[str, Any]]]:
    """The record of each task as soon as it is known, with what was warned of and the time."""
    found = _found(batch, results)
    for task in batch.tasks:
        start = time.perf_counter()
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            record = next(found)
        notes = list(dict.fromkeys(first_line(str(each.message)) for each in said))
        seconds = round(time.perf_counter() - start, 6)
        if notes:
            record["notes"] = notes
        yield task, {"key": task.key, **record, "seconds": seconds}


def _found(batch: Batch, results: Path) -> Iterator[dict[str, Any]]:
    """What is found for each task, or why nothing is."""
    left = len(batch.tasks)
    numbers = _ceilings(batch) if batch.tasks[0].layer is None else _scores(batch, results)
    try:
        for each in numbers:
            left -= 1
            yield {"error": reason_of(each)} if isinstance(each, Exception) else each
    except Exception as error:
        if isinstance(error, MemoryError | RuntimeError) and is_lack(error):
            raise MemoryError(first_line(error)) from error
        for _ in range(left):
            yield {"error": reason_of(error)}


def _scores(batch: Batch, results: Path) -> Iterator[dict[str, Any] | Exception]:
    family = METHODS[batch.method.kind]
    first = batch.tasks[0].layer
    assert first is not None
    nouns = [_recording(task.recorded[0]) for task in batch.tasks]
    in_time = isinstance(nouns[0], SeriesInTime)
    layer = held_layer(results, first, family.activations or in_time)
    for each in family.numbers(batch.method, layer, nouns, batch.seed):
        yield each if isinstance(each, Exception) else _plain(each)


def _plain(number: Number) -> dict[str, Any]:
    held = {"score": number.score, "p": number.p, "n": number.n, "unit": number.unit}
    return {
        **{name: value for name, value in held.items() if value is not None},
        **({"solver": number.solver} if number.solver else {}),
        **({} if number.per_unit is None else {PER_UNIT: number.per_unit}),
    }


def _ceilings(batch: Batch) -> Iterator[dict[str, Any]]:
    for task in batch.tasks:
        yield _ceiling(task, batch)


def _ceiling(task: Task, batch: Batch) -> dict[str, Any]:
    nouns = [_recording(each) for each in task.recorded]
    found = METHODS[batch.method.kind].ceiling(batch.method, nouns)
    return {} if found is None else {"ceiling": found[0], "ceiling_high": found[1]}


@lru_cache(maxsize=LAYERS_KEPT)
def held_layer(results: Path, layer: Layer, activations: bool) -> Any:
    """A layer, or its Gram; the last few are kept."""
    if layer.store.endswith(SUFFIX):
        held = kept_feature(results / layer.store)
    else:
        held = Store(results / layer.store)[layer.layer]
    held = with_features(held, layer.beside)
    return held if activations else gram(held)


_held: OrderedDict[Recorded, Any] = OrderedDict()


def _recording(recorded: Recorded) -> Any:
    """A recording, read once as long as there is room; those unused for longest leave first."""
    if recorded in _held:
        _held.move_to_end(recorded)
        return _held[recorded]
    noun = recorded.load()
    room = SHARE_KEPT * available_bytes()
    while _held and sum(each.values.nbytes for each in _held.values()) + noun.values.nbytes > room:
        _held.popitem(last=False)
    _held[recorded] = noun
    return noun


def reason_of(error: Exception) -> str:
    """Why something failed, as a sentence where there is one."""
    known = isinstance(error, IsocortexError)
    return str(error) if known else f"{type(error).__name__}: {error}"
