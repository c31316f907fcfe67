"""What a worker does: extract a network, or compute a batch and record each number at once."""

import time
import warnings
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from isocortex.choice import first_line
from isocortex.data.stimuli import Stimuli
from isocortex.errors import IsocortexError, StorageError
from isocortex.jobs.leases import lease
from isocortex.jobs.records import recorder_of
from isocortex.memory import available_bytes
from isocortex.networks.extract import extract
from isocortex.networks.load import load_network
from isocortex.networks.network import Network
from isocortex.progress import Shown
from isocortex.store.grams import gram
from isocortex.store.store import Store
from isocortex.study.methods import METHODS, Number
from isocortex.study.recordings import Recorded
from isocortex.study.settings import NetworkSource
from isocortex.study.tasks import Batch, Extraction, Layer, Task

LAYERS_KEPT = 4
SHARE_KEPT = 0.2
"""Of the memory that is free: so much of it holds recordings that were read."""
RANDOM = "random"


@dataclass(frozen=True)
class Done:
    """What became of a batch or an extraction."""

    name: str
    n_done: int = 0
    failed: tuple[tuple[str, str], ...] = ()
    """Names of tasks with their reasons."""
    busy: bool = False
    """Whether another run has it in hand."""


def load(source: NetworkSource, folder: Path) -> Network:
    """The network of a study; ``"random"`` weights are those of a fresh module."""
    name = source.source or source.name
    beside = folder / name
    place = str(beside) if beside.exists() and ("/" in name or "." in name) else name
    if source.weights is None:
        return load_network(place, name=source.name)
    if source.weights == RANDOM:
        return load_network(place, weights=None, seed=source.seed, name=source.name)
    return load_network(place, weights=str(folder / source.weights), name=source.name)


def perform_extraction(
    extraction: Extraction,
    folder: Path,
    results: Path,
    stimuli: Stimuli,
    progress: Shown = None,
) -> Done:
    """Extract all layers of a network into its store; what is there is not computed again."""
    try:
        extract(
            load(extraction.source, folder),
            stimuli,
            [layer.layer for layer in extraction.layers],
            results / extraction.store,
            pooling=extraction.source.pooling,
            keep=extraction.keep,
            progress=progress,
        )
    except StorageError:
        raise
    except Exception as error:
        return Done(extraction.name, failed=((extraction.name, reason_of(error)),))
    return Done(extraction.name, 1)


def perform(batch: Batch, results: Path) -> Done:
    """Compute the tasks of a batch, unless another run has it in hand.

    Raises
    ------
    StorageError
        If records cannot be written: then nothing can go on.
    """
    with lease(results, batch.key) as ours:
        if not ours:
            return Done(batch.name, busy=True)
        failed = []
        for task, record in _records(batch, results):
            recorder_of(results).write(record)
            if record.get("error"):
                failed.append((task.name, record["error"]))
    return Done(batch.name, len(batch.tasks) - len(failed), tuple(failed))


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
    except (StorageError, MemoryError):
        raise
    except Exception as error:
        for _ in range(left):
            yield {"error": reason_of(error)}


def _scores(batch: Batch, results: Path) -> Iterator[dict[str, Any] | Exception]:
    family = METHODS[batch.method.kind]
    first = batch.tasks[0].layer
    assert first is not None
    layer = _layer(results, first, family.activations)
    nouns = [_recording(task.recorded[0]) for task in batch.tasks]
    for each in family.numbers(batch.method, layer, nouns, batch.seed):
        yield each if isinstance(each, Exception) else _plain(each)


def _plain(number: Number) -> dict[str, Any]:
    held = {"score": number.score, "p": number.p, "n": number.n, "unit": number.unit}
    return {
        **{name: value for name, value in held.items() if value is not None},
        **({"solver": number.solver} if number.solver else {}),
    }


def _ceilings(batch: Batch) -> Iterator[dict[str, Any]]:
    for task in batch.tasks:
        yield _ceiling(task, batch)


def _ceiling(task: Task, batch: Batch) -> dict[str, Any]:
    nouns = [_recording(each) for each in task.recorded]
    found = METHODS[batch.method.kind].ceiling(batch.method, nouns)
    return {} if found is None else {"ceiling": found[0], "ceiling_high": found[1]}


@lru_cache(maxsize=LAYERS_KEPT)
def _layer(results: Path, layer: Layer, activations: bool) -> Any:
    held = Store(results / layer.store)[layer.layer]
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
