"""The layers that a study wants of its networks: found by loading each once, before any work."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from isocortex.data.stimuli import Stimuli
from isocortex.memory import available_bytes
from isocortex.networks.extraction.plan import planned, refuse_mixed
from isocortex.networks.extraction.pooling import pooling_of
from isocortex.networks.extraction.timed import seconds_for_each
from isocortex.networks.inputs.loader import prepared
from isocortex.networks.network import Network
from isocortex.store.record import read_record
from isocortex.study.keys import key_of
from isocortex.study.settings import NetworkSource
from isocortex.study.tasks import Extraction, Layer

_SIZE = {"grams": 8, "activations": 4}
_BATCH = 64
_FEW = 4


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


def passes_of(
    source: NetworkSource, network: Network, shown: Shown, keep: str, results: Path
) -> Passes:
    """Find the layers of a network, and time one pass.

    Raises
    ------
    IsocortexError
        If it lacks a layer, or does not take the stimuli.
    """
    stimuli = shown.stimuli
    example = prepared(stimuli, 0, network.preprocessing)
    names = network.select(source.layers, example.shape)
    plan = planned(network, names, example.shape, pooling_of(source.pooling), None)
    refuse_mixed(plan, min(_BATCH, len(stimuli)), network.trace(example.shape), source.name)
    identity = {
        **network.identity(example.shape),
        "pooling": source.pooling,
        "stimuli": shown.contents,
    }
    store = f"stores/{source.name}-{key_of(identity)[:12]}-{keep}.zarr"
    last = max(len(network.trace(example.shape).layers) - 1, 1)
    by_module = {each.layer.name: each for each in plan}
    layers = tuple(
        Layer(
            source.name,
            asked,
            round(by_module[module].order / last, 4),
            by_module[module].n_units,
            store,
            key_of(identity, module),
        )
        for asked, module in names.items()
    )
    todo = 0 if _is_there(results / store, layers, len(stimuli)) else len(stimuli)
    extraction = Extraction(source, layers, keep, todo)
    few = [prepared(stimuli, row, network.preprocessing) for row in range(min(_FEW, len(stimuli)))]
    seconds = seconds_for_each(network, few) * todo if todo else 0.0
    return Passes(extraction, gigabytes(layers, keep, len(stimuli)) if todo else 0.0, seconds)


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
    return Shown(stimuli, key_of(list(stimuli.names), digests))


def _is_there(store: Path, layers: Sequence[Layer], n: int) -> bool:
    """Whether a store holds all layers, whole."""
    from isocortex.store.store import Store

    if not (store / "zarr.json").is_file() or len(read_record(store).stimuli) != n:
        return False
    try:
        held = Store(store)
        return all(layer.layer in held and held[layer.layer] is not None for layer in layers)
    except Exception:
        return False
