"""Pictures into a store: identical ones once, in batches of whole files."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.networks.extraction.asked import Asked, Rows, carried_out
from isocortex.networks.extraction.outputs import Keeper
from isocortex.networks.extraction.plan import (
    PlannedLayer,
    batch_size_for,
    bytes_per_stimulus,
    planned,
    pooling_identity,
    refuse_mixed,
)
from isocortex.networks.extraction.sinks import Sink
from isocortex.networks.hooks import listen
from isocortex.networks.identity.hashes import digest
from isocortex.networks.inputs.loader import batches
from isocortex.networks.inputs.look import Looked, Looking
from isocortex.store.record import StoreRecord
from isocortex.store.store import Store

Feed = Callable[[Sequence[np.ndarray]], Generator[np.ndarray, None, None]]
"""From sets of rows to the prepared stimuli of each set."""


@dataclass(frozen=True)
class _Contents:
    """Which stimuli are the same, and a hash of them all in their order."""

    first: np.ndarray
    """The first stimulus of each content."""
    rows: tuple[int, ...] | None
    """For each stimulus, which of ``first`` it equals; None where all differ."""
    identity: str


def extract_images(asked: Asked) -> Store:
    """What layers of a network do for pictures.

    Raises
    ------
    InputError, FormatError, StorageError
        As :func:`isocortex.extract` says.
    """
    network, axes = asked.network, asked.own.get("axes")
    # Files are read and hashed while the network is traced and hashed.
    with Looking(asked.stimuli, network.preprocessing) as looking:
        like = looking.first()
        shape = like.shape
        names = network.select(asked.layers, shape)
        plan = planned(network, names, shape, asked.pooling, axes)
        identity = network.identity(shape)
        looked = looking.all()
    stimuli, contents = looked.stimuli, _contents(looked)
    record = StoreRecord(
        network=network.name,
        stimuli=stimuli.names,
        rows=contents.rows,
        batch=0,
        aliases=dict(network.aliases),
        identity={
            **identity,
            "stimuli": contents.identity,
            "pooling": pooling_identity(asked.pooling, axes),
            "dtype": asked.dtype.name,
        },
        settings={
            "weights": network.weights,
            "preprocessing": repr(network.preprocessing),
            "pooling": getattr(asked.pooling, "__name__", repr(asked.pooling)),
            "dtype": asked.dtype.name,
        },
    )
    per_stimulus = bytes_per_stimulus(plan, network.trace(shape).layers)

    def batch_size(begun: int | None) -> int:
        wanted = asked.batch_size if begun is None else begun
        batch = batch_size_for(per_stimulus, len(contents.first), wanted)
        refuse_mixed(plan, batch, network.trace(shape), network.name)
        return batch

    def compute(job: Keeper, sink: Sink) -> None:
        def fed(sets: Sequence[np.ndarray]) -> Generator[np.ndarray, None, None]:
            return batches(stimuli, sets, network.preprocessing, like)

        _run(asked, contents.first, fed, job, sink)

    return carried_out(asked, record, plan, names, Rows(batch_size, compute))


def _contents(looked: Looked) -> _Contents:
    digests = looked.digests
    first: dict[str, int] = {}
    rows = tuple(first.setdefault(each, len(first)) for each in digests)
    _, places = np.unique(rows, return_index=True)
    return _Contents(
        first=places,
        rows=None if len(first) == len(digests) else rows,
        identity=digest([*looked.stimuli.names, *digests]),
    )


def _run(asked: Asked, first: np.ndarray, fed: Feed, job: Keeper, sink: Sink) -> None:
    """Compute the batches that are to do and hand them to the sink."""
    network = asked.network
    layers: Mapping[str, PlannedLayer] = {each.layer.name: each for each in job.plan}
    todo = sink.todo()
    sets = [first[batch * job.batch : (batch + 1) * job.batch] for batch in todo]
    done = len(first) - sum(map(len, sets))
    note = f"{done} were there" if done else ""
    # Closed at once where something fails, and not only when the error has been dealt with.
    with closing(fed(sets)) as feed:
        for batch, rows, prepared_batch in zip(todo, sets, feed, strict=True):
            tensor, n = network.as_batch(prepared_batch), len(rows)
            if n < network.trace(tensor.shape[1:]).fewest:
                tensor = tensor.repeat(2, *[1] * (tensor.ndim - 1))
            shown = len(tensor)

            def take(
                name: str, output: Any, batch: int = batch, n: int = n, shown: int = shown
            ) -> None:
                matrix = layers[name].matrix(output.detach(), shown)
                sink.take(batch, layers[name], matrix[:n])

            listen(network.module, tensor, sink.wanted(batch), take)
            sink.complete(batch)
            done += len(rows)
            asked.told(done, len(first), note)
