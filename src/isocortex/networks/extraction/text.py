"""Text into a store: words in their contexts, or texts that stand alone."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.networks.extraction.asked import Asked, Rows, carried_out
from isocortex.networks.extraction.outputs import Keeper
from isocortex.networks.extraction.plan import PlannedLayer, planned, pooling_identity
from isocortex.networks.extraction.pooling import first, last, mean
from isocortex.networks.extraction.sinks import Sink
from isocortex.networks.hooks import listen
from isocortex.networks.identity.hashes import digest
from isocortex.networks.text import passes as reader
from isocortex.networks.text.contexts import Context, Window, context_of
from isocortex.networks.text.network import TextNetwork
from isocortex.networks.text.reading import Reading, reading_of
from isocortex.store.record import StoreRecord
from isocortex.store.store import Store

ROWS = 512
"""Rows of one file of a store: what is lost at most when an extraction is stopped."""

_QUICK: Mapping[Callable, reader.Pooled] = {
    mean: reader.mean,
    first: reader.earliest,
    last: reader.latest,
}


def extract_text(asked: Asked) -> Store:
    """What layers of a network do for words or texts.

    Raises
    ------
    InputError, StorageError
        As :func:`isocortex.extract` says.
    """
    network: Any = asked.network
    stimuli, pooling = asked.stimuli, asked.pooling or mean
    context = _context(asked)
    _check_batch(asked.batch_size)
    share = context is not None and _shares(network, context)
    names = network.select(asked.layers)
    plan = planned(network, names, (), None)
    reading = reading_of(stimuli, network.tokens, context)
    digests = reading.digests()
    known: dict[str, int] = {}
    rows = tuple(known.setdefault(each, len(known)) for each in digests)
    _, firsts = np.unique(rows, return_index=True)
    record = StoreRecord(
        network=network.name,
        stimuli=stimuli.names,
        rows=None if len(known) == len(rows) else rows,
        batch=0,
        aliases=dict(network.aliases),
        identity={
            **network.identity(),
            "stimuli": _identity(stimuli),
            "context": repr(context),
            "pooling": pooling_identity(pooling, None),
            "dtype": asked.dtype.name,
        },
        settings={
            "weights": network.weights,
            "tokenizer": repr(network.preprocessing),
            "context": "each text alone" if context is None else repr(context),
            "pooling": getattr(pooling, "__name__", repr(pooling)),
            "dtype": asked.dtype.name,
        },
    )
    shown = reading.take(firsts)

    def compute(job: Keeper, sink: Sink) -> None:
        _run(asked, shown, share, job, sink)

    batch = min(ROWS, len(firsts))
    return carried_out(
        asked, record, plan, names, Rows(lambda begun: batch if begun is None else begun, compute)
    )


def _identity(stimuli: Stimuli) -> str:
    """A hash of what is read: names, words in their order, and where runs begin."""
    runs = stimuli.table["run"].astype(str) if "run" in stimuli.table.columns else ()
    return digest([*stimuli.names, *map(str, stimuli.sources), *runs])


def _context(asked: Asked) -> Context | None:
    given = asked.own.get("context")
    if asked.stimuli.is_running:
        return context_of(given)
    if given is not None:
        raise InputError(
            "context= is for the words of a running text (Stimuli.from_words); these "
            f"{len(asked.stimuli)} texts each stand alone."
        )
    return None


def _shares(network: TextNetwork, context: Context) -> bool:
    """Whether words share passes, which a network that reads both ways cannot."""
    if network.causal:
        return context.cache
    if context.cache and not isinstance(context, Window):
        raise InputError(
            f"{network.name} reads both ways: in a pass that words share, each would see those "
            f"after it, so that {context!r} cannot be had from it. Use a number of words, "
            "context=40, or cache=False, which gives each word a pass of its own."
        )
    return False


def _check_batch(batch_size: int | None) -> None:
    if batch_size is not None and (int(batch_size) != batch_size or batch_size < 1):
        raise InputError(f"batch_size={batch_size!r} must be a whole number from 1.")


def _run(asked: Asked, reading: Reading, share: bool, job: Keeper, sink: Sink) -> None:
    """Compute the files that are to do and hand them to the sink."""
    layers = {each.layer.name: each for each in job.plan}
    todo = sink.todo()
    done = len(reading) - sum(len(_rows(reading, job, batch)) for batch in todo)
    note = f"{done} were there" if done else ""
    for batch in todo:
        rows = _rows(reading, job, batch)
        wanted = [layers[name] for name in sink.wanted(batch)]
        for layer, values in _read(asked, reading, rows, wanted, share).items():
            sink.take(batch, layers[layer], values)
        sink.complete(batch)
        done += len(rows)
        asked.told(done, len(reading), note)


def _rows(reading: Reading, job: Keeper, batch: int) -> range:
    return range(batch * job.batch, min((batch + 1) * job.batch, len(reading)))


def _read(
    asked: Asked, reading: Reading, rows: range, wanted: list[PlannedLayer], share: bool
) -> dict[str, Any]:
    """The matrix (n_rows, n_units) of each layer."""
    import torch

    network: Any = asked.network
    pooling = asked.pooling or mean
    pool = _QUICK.get(pooling) or reader.one_by_one(pooling)
    held = {each.layer.name: torch.empty((len(rows), each.n_units)) for each in wanted}
    some = reader.stretches(reading, rows, network, share)
    for each in reader.passes(some, network, asked.batch_size):
        ids = each.batch["input_ids"]
        stretch, begin, end = (
            torch.from_numpy(part).to(ids.device)
            for part in (each.stretch, reading.first[each.rows], reading.last[each.rows])
        )
        place = torch.from_numpy(each.rows - rows.start)

        def take(
            name: str,
            output: Any,
            place: Any = place,
            where: tuple[Any, ...] = (stretch, begin, end),
        ) -> None:
            pooled = pool(output.detach().float(), *where)
            held[name][place] = pooled.reshape(len(place), -1).cpu()

        listen(network.module, each.batch, list(held), take)
    return held
