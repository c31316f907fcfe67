"""Dissimilarity matrices of layers and regions as small pictures."""

import base64
import io
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from isocortex.errors import IsocortexError
from isocortex.numerics.arrays.ranks import midranks
from isocortex.rsa.rdms import rdms
from isocortex.store.grams import gram
from isocortex.store.store import Store
from isocortex.study.methods import brain_rdm
from isocortex.study.recordings import Recorded
from isocortex.study.result import StudyResult
from isocortex.study.settings import RSA
from isocortex.study.tasks import Layer

MOST_STIMULI = 200
MOST_BYTES = 3_000_000
"""Of all pictures of a page, as text."""
DEFAULT = "correlation"


def pictures_of(
    result: StudyResult, best: Iterable[tuple[str, str]]
) -> tuple[dict[str, str], list[str]]:
    """RDMs of layers and mean RDMs of regions, and what was left out, in words.

    Of each dissimilarity that a method of the study takes, or else the correlation distance. If
    all do not fit, those of regions and of the ``best`` layers (network, layer) come first.
    """
    n = len(result.plan.stimuli)
    if n > MOST_STIMULI:
        return {}, [f"Matrices of {n} stimuli are too large for a page (at most {MOST_STIMULI})."]
    found: dict[str, str] = {}
    room, left = MOST_BYTES, 0
    for key, make in _wanted(result, list(best)):
        if room <= 0:
            left += 1
            continue
        # What makes a matrix inexact was warned of when its numbers were computed.
        with suppress(IsocortexError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found[key] = picture(make())
            room -= len(found[key])
    said = f"{left} matrices are left out, so that the page stays small: those of layers that are "
    return found, [f"{said}best nowhere."] if left else []


def _wanted(result: StudyResult, best: list[tuple[str, str]]) -> Iterator[tuple[str, Any]]:
    order = result.plan.stimuli.names
    layers = [each for one in result.plan.extractions for each in one.layers]
    layers.sort(key=lambda each: (each.network, each.layer) not in best)
    for kind in kinds_of(result):
        settings = RSA(name="RDM", kind="rsa", dissimilarity=kind)  # pyright: ignore
        for (recording, region), people in _people(result).items():
            key = f"{kind}|{recording}/{region}"
            yield key, lambda settings=settings, people=people: _mean(settings, people, order)
    for kind in kinds_of(result):
        for layer in layers:
            key = f"{kind}|{layer.network}/{layer.layer}"
            yield key, lambda layer=layer, kind=kind: _of_layer(result, layer, kind, order)


def kinds_of(result: StudyResult) -> list[str]:
    """The dissimilarities that methods of the study take."""
    found = [each.dissimilarity for each in result.study.settings.method if isinstance(each, RSA)]
    return list(dict.fromkeys(found)) or [DEFAULT]


def _of_layer(result: StudyResult, layer: Layer, kind: str, order: Sequence[str]) -> np.ndarray:
    held = Store(result.study.results / layer.store)[layer.layer]
    return square_in(rdms(gram(held), kind), order)[0]


def _mean(settings: RSA, people: Sequence[Recorded], order: Sequence[str]) -> np.ndarray:
    nouns: list[Any] = [each.load() for each in people]
    return np.mean([square_in(brain_rdm(settings, each), order)[0] for each in nouns], axis=0)


def _people(result: StudyResult) -> Mapping[tuple[str, str], list[Recorded]]:
    """The recordings of all subjects in each region."""
    places: dict[tuple[str, str], dict[str, Recorded]] = {}
    for batch in result.plan.batches:
        for task in batch.tasks:
            for each in task.recorded:
                places.setdefault((each.recording, each.region), {})[each.subject] = each
    return {place: list(people.values()) for place, people in places.items()}


def square_in(noun: Any, order: Sequence[str]) -> np.ndarray:
    """The matrices of RDMs with the stimuli in an order."""
    place = {name: i for i, name in enumerate(noun.stimuli)}
    rows = [place[name] for name in order]
    return noun.square()[:, rows][:, :, rows]


def picture(square: np.ndarray) -> str:
    """An RDM as a small PNG: ranks of dissimilarities as greys, 0 black."""
    from PIL import Image

    upper = np.triu_indices(len(square), 1)
    grey = np.zeros(square.shape)
    placed = midranks(square[upper][None])[0]
    grey[upper] = (placed - placed.min()) / max(np.ptp(placed), 1e-12) * 255
    file = io.BytesIO()
    Image.fromarray((grey + grey.T).astype(np.uint8)).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()
