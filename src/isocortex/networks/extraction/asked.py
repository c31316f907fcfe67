"""What one call of ``extract`` asks for, and what every kind of stimuli has in common in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.data.stimuli import Stimuli
from isocortex.networks.device import on_device
from isocortex.networks.extraction.outputs import KEEPERS, Keeper
from isocortex.networks.extraction.plan import PlannedLayer
from isocortex.networks.extraction.pooling import Pooling
from isocortex.networks.extraction.sinks import Sink
from isocortex.networks.layers import Wanted
from isocortex.networks.network import Network
from isocortex.progress import Job, Shown, reached
from isocortex.store.record import StoreRecord, retell_table
from isocortex.store.resume import alone_at, existing
from isocortex.store.store import Store


@dataclass(frozen=True, eq=False)
class Asked:
    """The arguments of ``extract``, checked as far as they are the same for all stimuli."""

    network: Network
    stimuli: Stimuli
    layers: Wanted
    into: Path | None
    pooling: Pooling | None
    batch_size: int | None
    device: str
    dtype: np.dtype
    keep: str
    overwrite: bool
    progress: Shown
    own: Mapping[str, Any]
    """Arguments that are for some kinds of stimuli only, where they were given."""

    def told(self, done: int, total: int, note: str = "") -> None:
        """Report how far the extraction is."""
        reached(done, total, note)


@dataclass(frozen=True)
class Way:
    """How stimuli of one modality are extracted."""

    run: Callable[[Asked], Store]
    takes: tuple[str, ...] = ()
    """The names of arguments that other modalities do not have."""


@dataclass(frozen=True)
class Rows:
    """How the rows of a store are computed."""

    batch_size: Callable[[int | None], int]
    """From the number of rows that a store which was begun has in a file (else None), how many
    rows a file has; raises where that cannot be."""
    compute: Callable[[Keeper, Sink], None]
    """Hands all batches that are to do to the sink."""


def carried_out(
    asked: Asked,
    record: StoreRecord,
    plan: Sequence[PlannedLayer],
    names: Mapping[str, str],
    rows: Rows,
) -> Store:
    """The store of an extraction: found whole, gone on with, or begun.

    Parameters
    ----------
    asked : Asked
    record : StoreRecord
        With what decides the activations; its ``batch`` is still open.
    plan : sequence of PlannedLayer
    names : mapping from the name as it was asked for to the layer's own name
    rows : Rows
    """
    n = len(asked.stimuli)
    record = replace(record, table=asked.stimuli.table)

    def waiting(owner: str) -> None:
        who = owner or "another process"
        asked.told(0, n, f"waits for {who}, which writes into this store")

    shown = Job(asked.progress, f"extract {asked.network.name}", n)
    with shown, alone_at(asked.into, waiting):
        begun = existing(asked.into, record, asked.overwrite)
        if begun is not None and asked.into is not None:
            retell_table(asked.into, begun, record.table)
        batch = rows.batch_size(None if begun is None else begun.batch)
        job: Keeper = KEEPERS[asked.keep](asked.into, record.with_batch(batch), plan, names)
        if job.sink is not None:
            with on_device(asked.network.module, asked.device):
                try:
                    rows.compute(job, job.sink)
                finally:
                    job.sink.close()
        else:
            asked.told(n, n, "already there")
        return job.finish()
