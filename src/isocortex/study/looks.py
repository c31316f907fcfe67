"""What a study has to know of a network, and finds by loading it: layers, hashes, seconds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.networks.extract import extract
from isocortex.networks.extraction.plan import planned, refuse_mixed
from isocortex.networks.extraction.pooling import pooling_of
from isocortex.networks.extraction.recorded import shown_as
from isocortex.networks.extraction.timed import seconds_for_each, seconds_for_one
from isocortex.networks.inputs.loader import prepared
from isocortex.networks.network import Network
from isocortex.networks.text.contexts import Growing
from isocortex.study.features import SUFFIX, feature_of, identity_of
from isocortex.study.keys import FileKeys
from isocortex.study.sources import NetworkSource

_BATCH = 64
_FEW = 4


@dataclass(frozen=True)
class LookedAt:
    """A layer as a network showed it."""

    asked: str
    module: str
    depth: float
    """Its place in the order of execution, from 0 to 1."""
    n_units: int


@dataclass(frozen=True)
class Look:
    """What is known of a network once it has been loaded."""

    identity: Mapping[str, Any]
    """What decides its activations, beside the stimuli."""
    layers: tuple[LookedAt, ...]
    seconds: float
    """Of one stimulus."""
    store: str = ".zarr"
    """How the name of what keeps it ends."""

    def plain(self) -> dict[str, Any]:
        """As it is written down."""
        return asdict(self)

    @classmethod
    def of(cls, held: Mapping[str, Any]) -> "Look":
        """From what was written down."""
        layers = tuple(LookedAt(**each) for each in held["layers"])
        return cls(dict(held["identity"]), layers, float(held["seconds"]))


def context_of(source: NetworkSource) -> int | Growing | None:
    """What stands before a word, as extract takes it."""
    return Growing() if source.context == "growing" else source.context


def look_at(source: NetworkSource, network: Network, stimuli: Stimuli, in_time: bool) -> Look:
    """Find the layers of a network, and time one pass.

    Raises
    ------
    IsocortexError
        If it lacks a layer, does not take the stimuli, or its rows are not theirs.
    """
    if source.context is not None and not stimuli.is_running:
        raise InputError(
            "context is for the words of a running text (words = …); these stimuli are none."
        )
    if network.modality == stimuli.modality == "image":
        return _at_images(source, network, stimuli)
    return _by_a_few(source, shown_as(network, stimuli), stimuli, in_time)


def _at_images(source: NetworkSource, network: Network, stimuli: Stimuli) -> Look:
    example = prepared(stimuli, 0, network.preprocessing)
    names = network.select(source.layers, example.shape)
    plan = planned(network, names, example.shape, pooling_of(source.pooling), None)
    trace = network.trace(example.shape)
    refuse_mixed(plan, min(_BATCH, len(stimuli)), trace, source.name)
    last = max(len(trace.layers) - 1, 1)
    by_module = {each.layer.name: each for each in plan}
    layers = tuple(
        LookedAt(asked, module, round(by_module[module].order / last, 4), by_module[module].n_units)
        for asked, module in names.items()
    )
    few = [prepared(stimuli, row, network.preprocessing) for row in range(min(_FEW, len(stimuli)))]
    return Look(network.identity(example.shape), layers, seconds_for_each(network, few))


def _by_a_few(source: NetworkSource, network: Network, stimuli: Stimuli, in_time: bool) -> Look:
    """By showing it some stimuli: a few words or texts, or the first sound or film."""
    few = stimuli.take(np.arange(min(_FEW if stimuli.modality == "text" else 1, len(stimuli))))
    store = extract(network, few, source.layers, pooling=source.pooling, context=context_of(source))
    found = {name: store[name] for name in store.layers}
    if not in_time and any(each.n_stimuli != len(few) for each in found.values()):
        raise InputError(
            f"{source.name} has a row for each moment of a stimulus, and the study's recordings "
            "one for each stimulus: say pooling = 'mean', or compare with a recording in time."
        )
    order = {name: each.labels["layer"].calls[0].order for name, each in found.items()}
    last = max(len(network.trace().layers) - 1, *order.values(), 1)
    layers = tuple(
        LookedAt(name, name, round(order[name] / last, 4), each.n_units)
        for name, each in found.items()
    )
    return Look(network.identity(), layers, seconds_for_one(network))


def look_at_feature(source: NetworkSource, stimuli: Stimuli, folder: Path, files: FileKeys) -> Look:
    """What a feature is: its first rows are computed.

    Raises
    ------
    IsocortexError
        If it is not of such stimuli, or its vectors are missing or damaged.
    """
    some = stimuli.take(np.arange(min(_FEW, len(stimuli)))) if stimuli.is_running else stimuli
    n_units = feature_of(source, some, folder).n_units
    feature = str(source.feature)
    layer = LookedAt(feature, feature, 0.0, n_units)
    return Look(identity_of(source, folder, files), (layer,), 0.0, SUFFIX)
