"""How long what is left will take: from tasks that are done, or from one that is timed."""

import statistics
import time
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from isocortex.data.responses import Responses
from isocortex.store.grams import gram
from isocortex.study.methods import METHODS
from isocortex.study.tasks import Batch, Task

_UNITS = 64


def seconds_of(
    todo: Sequence[Batch], known: Mapping[str, Mapping[str, Any]], n_stimuli: int
) -> float:
    """About so long one worker takes for these batches."""
    done = _medians(todo, known)
    total = 0.0
    timed: dict[tuple[str, str], float] = {}
    for batch in todo:
        for task in batch.tasks:
            kind = (task.method, task.recorded[0].recording)
            if kind not in timed:
                timed[kind] = done or _timed(batch, task, n_stimuli)
            total += timed[kind]
    return total


def _medians(todo: Sequence[Batch], known: Mapping[str, Mapping[str, Any]]) -> float:
    """Of all numbers that are there; 0 if there are too few to tell."""
    if not todo:
        return 0.0
    found = [float(each["seconds"]) for each in known.values() if "score" in each]
    return statistics.median(found) if len(found) >= 20 else 0.0


def _timed(batch: Batch, task: Task, n_stimuli: int) -> float:
    """One task of a layer of noise; a method that refuses it takes no time that can be told."""
    noun = task.recorded[0].load()
    noise = np.random.default_rng(0).normal(size=(n_stimuli, _UNITS))
    family = METHODS[batch.method.kind]
    layer = Responses(noise, noun.stimuli[:n_stimuli])
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            next(
                family.numbers(
                    batch.method, layer if family.activations else gram(layer), [noun], 0
                )
            )
        except Exception:
            return 0.0
    return time.perf_counter() - start
