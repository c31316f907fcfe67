"""How long what is left will take: from tasks that are done, or from one that is timed."""

import statistics
import time
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from isocortex.data.responses import Responses
from isocortex.store.grams import gram
from isocortex.study.known import has_number
from isocortex.study.methods import METHODS
from isocortex.study.series import SeriesInTime
from isocortex.study.tasks import Batch, Task

_UNITS = 64
_ENOUGH = 20

Known = Mapping[str, Mapping[str, Any]]


Kind = tuple[str, str]
"""A method and a recording."""


def seconds_left(batches: Sequence[Batch], each: Mapping[Kind, float], known: Known) -> float:
    """About so long one worker takes for what is not known yet of these batches."""
    tasks = [task for batch in batches for task in batch.tasks]
    return sum(each[_kind(task)] for task in tasks if not has_number(known, task.key))


def seconds_each(batches: Sequence[Batch], known: Known, n_stimuli: int) -> dict[Kind, float]:
    """Seconds of a task of each method and recording of which something is not known yet.

    From the median of numbers of the same kind, where there are enough, since methods differ a
    thousandfold; otherwise from one task that is timed.
    """
    done: dict[Kind, list[float]] = {}
    examples: dict[Kind, tuple[Batch, Task]] = {}
    for batch in batches:
        for task in batch.tasks:
            kind = _kind(task)
            if not has_number(known, task.key):
                examples.setdefault(kind, (batch, task))
            elif "score" in known[task.key]:
                done.setdefault(kind, []).append(float(known[task.key]["seconds"]))
    return {
        kind: _each(done.get(kind, ()), example, n_stimuli) for kind, example in examples.items()
    }


def _kind(task: Task) -> Kind:
    return task.method, task.recorded[0].recording


def _each(done: Sequence[float], example: tuple[Batch, Task], n_stimuli: int) -> float:
    return statistics.median(done) if len(done) >= _ENOUGH else _timed(*example, n_stimuli)


def _timed(batch: Batch, task: Task, n_stimuli: int) -> float:
    """One task of a layer of noise; a method that refuses it takes no time that can be told."""
    noun: Any = task.recorded[0].load()
    family = METHODS[batch.method.kind]
    layer = _noise(noun, n_stimuli)
    if not family.activations and not isinstance(noun, SeriesInTime):
        layer = gram(layer)
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            next(family.numbers(batch.method, layer, [noun], 0))
        except Exception:
            return 0.0
    return time.perf_counter() - start


def _noise(noun: Any, n_stimuli: int) -> Any:
    """A layer of noise: of a series one row for each of its moments."""
    rng = np.random.default_rng(0)
    if isinstance(noun, SeriesInTime):
        times = noun.responses.table
        return Responses(rng.normal(size=(len(times), _UNITS)), noun.stimuli, table=times)
    return Responses(rng.normal(size=(n_stimuli, _UNITS)), noun.stimuli[:n_stimuli])
