"""The layers that a study wants of its networks, what they will cost, and what is there of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from isocortex.data.stimuli import Stimuli
from isocortex.memory import available_bytes
from isocortex.store.record import read_record
from isocortex.study.features import SUFFIX
from isocortex.study.keys import key_of
from isocortex.study.looks import Look
from isocortex.study.sources import NetworkSource
from isocortex.study.tasks import Extraction, Layer

_SIZE = {"grams": 8, "activations": 4}
TIMES = ("onset", "offset", "time", "run")
"""Columns of a table of stimuli that decide what becomes of them in a recording in time."""


@dataclass(frozen=True)
class Passes:
    """The extraction of one network and what it will cost."""

    extraction: Extraction
    gigabytes: float
    seconds: float


@dataclass(frozen=True)
class Shown:
    """The stimuli of a study, and a key of what they are, in their order."""

    stimuli: Stimuli
    contents: str


def passes_of(source: NetworkSource, look: Look, shown: Shown, keep: str, results: Path) -> Passes:
    """The extraction of a network, and what of it is to do."""
    n = len(shown.stimuli)
    identity = {**look.identity, "pooling": source.pooling, "stimuli": shown.contents}
    if source.context is not None:
        identity["context"] = source.context
    beside = tuple(source.beside)
    store = f"stores/{source.name}-{key_of(identity)[:12]}-{keep}{look.store}"
    layers = tuple(
        Layer(
            source.name,
            each.asked,
            each.depth,
            each.n_units,
            store,
            key_of(identity, each.module, *([list(beside)] if beside else [])),
            beside,
        )
        for each in look.layers
    )
    todo = 0 if _is_there(results / store, layers, n) else n
    extraction = Extraction(source, layers, keep, todo)
    size = gigabytes(layers, keep, n) if todo else 0.0
    return Passes(extraction, size, look.seconds * todo)


def gigabytes(layers: Sequence[Layer], keep: str, n: int) -> float:
    """What a store will take on the disk."""
    columns = sum(n if keep == "grams" else layer.n_units for layer in layers)
    return columns * n * _SIZE[keep] / 1e9


def memory_needed(layers: Sequence[Layer], n: int) -> float:
    """Bytes of the largest layer's Gram matrix with what is computed from it."""
    return 4.0 * 8 * n * n if layers else 0.0


def fits(layers: Sequence[Layer], n: int) -> bool:
    """Whether comparisons of so many stimuli fit in memory."""
    return memory_needed(layers, n) <= available_bytes()


def shown(stimuli: Stimuli) -> Shown:
    """Look at all stimuli once."""
    digests = [stimuli.digest(row) for row in range(len(stimuli))]
    times = [list(map(str, stimuli.table[name])) for name in TIMES if name in stimuli.table]
    return Shown(stimuli, key_of(list(stimuli.names), digests, *times))


def _is_there(store: Path, layers: Sequence[Layer], n: int) -> bool:
    """Whether a store holds all layers, whole."""
    from isocortex.store.store import Store

    if store.suffix == SUFFIX:
        return store.is_file()
    if not (store / "zarr.json").is_file() or len(read_record(store).stimuli) != n:
        return False
    try:
        held = Store(store)
        return all(layer.layer in held and held[layer.layer] is not None for layer in layers)
    except Exception:
        return False
