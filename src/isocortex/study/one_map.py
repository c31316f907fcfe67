"""The one map of a study that is meant by labels, with the units that it is of."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from isocortex.choice import listed
from isocortex.data.scores import Scores
from isocortex.errors import InputError, NotFoundError
from isocortex.store.store import Store
from isocortex.study.maps import kept_map
from isocortex.study.plan import StudyPlan
from isocortex.study.settings import Encoding, Mapped
from isocortex.study.tasks import Batch, Task

_LABELS = ("method", "network", "layer", "recording", "subject", "region")


def labels_of(batch: Batch, task: Task) -> dict[str, str]:
    """What says which number it is."""
    layer, place = task.layer, task.recorded[0]
    assert layer is not None
    found = (batch.method.name, layer.network, layer.layer)
    return dict(zip(_LABELS, (*found, place.recording, place.subject, place.region), strict=True))


def map_of(plan: StudyPlan, asked: Mapping[str, str]) -> Scores:
    """The scores of the units of the one number that is meant.

    Raises
    ------
    InputError
        If a label is not known, or none or several numbers are meant.
    NotFoundError
        If no map was kept.
    """
    batch, task = _the_one(plan, asked)
    labels = labels_of(batch, task)
    values = kept_map(plan.study.results, task)
    if values is None:
        raise NotFoundError(
            f"No map was kept of {', '.join(labels.values())}: the number is not done, or was "
            "computed without maps = true."
        )
    notes = {**labels, "n_stimuli": plan.known[task.key].get("n")}
    units = _units(plan, batch.method, task)
    return Scores(values, {"unit": units}, batch.method.accuracy, notes=notes)


def _units(plan: StudyPlan, method: Mapped, task: Task) -> pd.DataFrame:
    """Of what is predicted: the recording of an encoding, the layer of a decoding."""
    if isinstance(method, Encoding):
        noun: Any = task.recorded[0].load()
        return noun.units
    assert task.layer is not None
    return Store(plan.study.results / task.layer.store)[task.layer.layer].units


def _the_one(plan: StudyPlan, asked: Mapping[str, str]) -> tuple[Batch, Task]:
    unknown = [name for name in asked if name not in _LABELS]
    if unknown:
        raise InputError(f"map: {unknown[0]!r} is no label; known: {', '.join(_LABELS)}.")
    found = [
        (batch, task)
        for batch in plan.batches
        if isinstance(batch.method, Mapped)
        for task in batch.tasks
        if task.layer is not None
        and all(labels_of(batch, task)[name] == str(value) for name, value in asked.items())
    ]
    if not found:
        raise InputError(
            f"map: the study has no number of encoding or decoding with {_said(asked) or 'units'}."
        )
    if len(found) > 1:
        known = [labels_of(*each) for each in found]
        open_ = [name for name in _LABELS if len({each[name] for each in known}) > 1]
        some = listed(sorted({each[open_[0]] for each in known}), 6)
        raise InputError(
            f"map: {len(found)} numbers are meant; say which {' and which '.join(open_)}. "
            f"{open_[0]} is one of: {some}."
        )
    return found[0]


def _said(asked: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in asked.items())
