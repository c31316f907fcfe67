"""What there is to do: extractions, and batches of comparisons that share a layer and a method."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isocortex.study.keys import NUMERICS, key_of
from isocortex.study.methods import METHODS
from isocortex.study.recordings import Recorded
from isocortex.study.settings import Method, NetworkSource


@dataclass(frozen=True)
class Layer:
    """A layer of the study, and where its Gram matrix or activations will lie."""

    network: str
    layer: str
    depth: float
    """Its place in the order of execution, from 0 to 1."""
    n_units: int
    store: str
    """The folder of the store, within the results."""
    key: str
    """Of weights, preprocessing, stimuli, pooling and module."""
    beside: tuple[str, ...] = ()
    """Features of its words that stand beside its units."""


@dataclass(frozen=True)
class Task:
    """One number of the final table: a layer, a recording, a method; or a noise ceiling."""

    key: str
    name: str
    """Such as ``"RSA alexnet conv1 1 IT"``."""
    layer: Layer | None
    """None for a ceiling."""
    recorded: tuple[Recorded, ...]
    """One; for a ceiling those of all subjects."""
    method: str


@dataclass(frozen=True)
class Batch:
    """Tasks that one worker does together: they share the layer and the method."""

    name: str
    method: Any
    """Settings of the method."""
    seed: int
    tasks: tuple[Task, ...]
    key: str
    """By which runs agree whose it is, whatever of it is done already."""


@dataclass(frozen=True)
class Extraction:
    """One pass of a network, for all layers that a study wants of it."""

    source: NetworkSource
    layers: tuple[Layer, ...]
    keep: str
    """``"grams"`` or ``"activations"``."""
    passes: int
    """Stimuli that are to be shown; 0 where all is there."""

    @property
    def name(self) -> str:
        """What it is called in progress and reasons."""
        return f"extract {self.source.name}"

    @property
    def key(self) -> str:
        """By which runs agree whose it is."""
        return key_of("extract", self.store)

    @property
    def store(self) -> str:
        """The folder within the results."""
        return self.layers[0].store


@dataclass(frozen=True)
class Work:
    """What a runner is given to do."""

    extractions: Sequence[Extraction]
    batches: Mapping[str, Sequence[Batch]]
    """By network; ceilings stand under an empty name."""
    seconds: Mapping[str, float]
    """Of a task of each method, about."""

    @property
    def ready(self) -> list[Batch]:
        """What waits for no extraction."""
        return [b for name, each in self.batches.items() if name not in self.waiting for b in each]

    @property
    def waiting(self) -> dict[str, Sequence[Batch]]:
        """What waits for the extraction of each network."""
        names = [each.source.name for each in self.extractions]
        return {name: self.batches.get(name, ()) for name in names}


def settings_key(method: Method, seed: int) -> dict[str, Any]:
    """What of a method decides its numbers: all but what it is called and for what it is.

    Options that were not always there count where they are not as usual, so that numbers without
    them keep their keys; that maps are kept is such, since who asks for them later wants them made.
    """
    held = method.model_dump(mode="json", exclude={"name", "recordings"})
    for name in type(method).LATER:
        if getattr(method, name) == type(method).model_fields[name].default:
            del held[name]
    return {**held, "seed": seed, "numerics": NUMERICS}


def batches_of(
    layers: Sequence[Layer],
    methods: Sequence[Method],
    recorded: Mapping[str, Sequence[Recorded]],
    seed: int,
) -> list[Batch]:
    """One batch for each layer and method, and one for each method's ceilings.

    ``recorded`` has for each method by name the recordings that it takes.
    """
    found = []
    for method in methods:
        settings = settings_key(method, seed)
        places = recorded[method.name]
        ceilings = _ceilings(method, settings, places)
        if ceilings:
            key = key_of("ceilings", settings)
            found.append(Batch(f"{method.name} ceilings", method, seed, ceilings, key))
        for layer in layers:
            name = f"{method.name} {layer.network} {layer.layer}"
            tasks = tuple(
                Task(
                    key_of("score", settings, layer.key, each.key),
                    f"{name} {each.subject} {each.region}",
                    layer,
                    (each,),
                    method.name,
                )
                for each in places
            )
            together = METHODS[method.kind].together
            for start in range(0, len(tasks), together):
                part = tasks[start : start + together]
                key = key_of("scores", settings, layer.key, start)
                found.append(Batch(name, method, seed, part, key))
    return found


def _ceilings(
    method: Method, settings: Mapping[str, Any], places: Sequence[Recorded]
) -> tuple[Task, ...]:
    groups: dict[tuple[str, str], list[Recorded]] = {}
    for each in places:
        groups.setdefault((each.recording, each.region), []).append(each)
    return tuple(
        Task(
            key_of("ceiling", settings, [each.key for each in people]),
            f"{method.name} ceiling {recording} {region}",
            None,
            tuple(people),
            method.name,
        )
        for (recording, region), people in groups.items()
        if len(people) > 1
    )
