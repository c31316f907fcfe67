"""The Brain Hierarchy score of each network of a study, from the scores of single units."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from isocortex.bh.pooled import Pooled
from isocortex.bh.score import hierarchy
from isocortex.errors import IsocortexError
from isocortex.study.maps import kept_map
from isocortex.study.plan import StudyPlan
from isocortex.study.settings import Encoding, Mapped
from isocortex.study.tasks import Task

COLUMNS = (
    *("method", "recording", "network", "score", "low", "high", "p", "n"),
    *("regions", "layers", "subjects", "how", "error"),
)
_SUBSET = 5
"""Of layers, as published, where there are as many."""

_Place = tuple[str, str, str, str]
"""Subject, region, network, layer."""


def hierarchies(plan: StudyPlan) -> pd.DataFrame:
    """The score of each method that keeps maps, recording and network; why there is none.

    Regions are in the order of the hierarchy only where the study lists them.
    """
    rows = [
        row
        for method in plan.study.settings.method
        if isinstance(method, Mapped) and method.maps
        for source in plan.study.settings.recording
        for row in _of_recording(plan, method, source.name, source.regions)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _of_recording(
    plan: StudyPlan, method: Mapped, recording: str, regions: Sequence[str] | None
) -> Iterator[dict[str, Any]]:
    held = _held(plan, method, recording)
    if not held:
        return
    for extraction in plan.extractions:
        network = extraction.source.name
        layers = [layer.layer for layer in extraction.layers]
        row = {"method": method.name, "recording": recording, "network": network}
        lacking = _lacking(method, regions, layers)
        try:
            found = (
                None if lacking else _score(plan, method, held, (regions or (), network, layers))
            )
        except IsocortexError as error:
            found, lacking = None, str(error)
        yield {**row, "error": lacking, **(found or {})}


def _lacking(method: Mapped, regions: Sequence[str] | None, layers: Sequence[str]) -> str | None:
    if method.accuracy == "r2":
        return "accuracies are R², and the score is of correlations"
    if regions is None:
        return "the study does not list the regions of the recording, in the order of the hierarchy"
    if len(regions) < 2 or len(layers) < 2:
        return "it needs two regions and two layers at least"
    return None


def _held(plan: StudyPlan, method: Mapped, recording: str) -> Mapping[_Place, Task]:
    found = {}
    for batch in plan.batches:
        for task in batch.tasks if batch.method.name == method.name else ():
            place = task.recorded[0]
            if task.layer is not None and place.recording == recording:
                where = (place.subject, place.region, task.layer.network, task.layer.layer)
                found[where] = task
    return found


def _score(
    plan: StudyPlan,
    method: Mapped,
    held: Mapping[_Place, Task],
    asked: tuple[Sequence[str], str, Sequence[str]],
) -> dict[str, Any] | None:
    regions, network, layers = asked
    people = list(dict.fromkeys(subject for subject, *_ in held))
    maps: dict[tuple[str, str, str], np.ndarray] = {}
    n_stimuli = 0
    for subject in people:
        for region in regions:
            for layer in layers:
                task = held.get((subject, region, network, layer))
                values = None if task is None else kept_map(plan.study.results, task)
                if task is None or values is None:
                    return {"error": f"the map of {layer} for {subject}, {region} is missing"}
                maps[subject, region, layer] = values
                n_stimuli = int(plan.known[task.key]["n"])
    encoding = isinstance(method, Encoding)
    found = hierarchy(
        _pooled(maps, (regions, people, layers), n_stimuli, encoding),
        subsets=_SUBSET if not encoding and len(layers) >= _SUBSET else None,
    )
    return {
        "score": found.value,
        "low": found.low,
        "high": found.high,
        "p": found.p,
        "n": found.n,
        "regions": len(regions),
        "layers": len(layers),
        "subjects": len(people),
        "how": found.method,
        **({"error": "no unit is significant"} if not found.n else {}),
    }


def _pooled(
    maps: Mapping[tuple[str, str, str], np.ndarray],
    axes: tuple[Sequence[str], Sequence[str], Sequence[str]],
    n_stimuli: int,
    encoding: bool,
) -> Pooled:
    """Voxels of regions by layers for encoding; units of layers by regions for decoding."""
    regions, people, layers = axes
    if encoding:
        parts = tuple(
            tuple(np.stack([maps[who, region, layer] for layer in layers]) for who in people)
            for region in regions
        )
        return Pooled(tuple(regions), tuple(layers), parts, ("region", "layer"), n_stimuli)
    parts = tuple(
        tuple(np.stack([maps[who, region, layer] for region in regions]) for who in people)
        for layer in layers
    )
    return Pooled(tuple(layers), tuple(regions), parts, ("layer", "region"), n_stimuli)
