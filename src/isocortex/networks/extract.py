"""The verb ``extract``: one pass of a network over stimuli, all layers at once, onto disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.choice import one_of
from isocortex.data.modalities.known import needs_modality
from isocortex.data.needs import door
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.memory import within_memory
from isocortex.networks.device import on_device
from isocortex.networks.extraction.axes_given import AxesSaid
from isocortex.networks.extraction.outputs import KEEPERS, Keeper
from isocortex.networks.extraction.plan import (
    PlannedLayer,
    batch_size_for,
    bytes_per_stimulus,
    dtype_of,
    planned,
    pooling_identity,
    refuse_mixed,
)
from isocortex.networks.extraction.pooling import Pooling, pooling_of
from isocortex.networks.extraction.sinks import Sink
from isocortex.networks.hooks import listen
from isocortex.networks.identity.hashes import digest
from isocortex.networks.inputs.loader import batches, looked_over, prepared
from isocortex.networks.layers import Wanted
from isocortex.networks.load import load_network
from isocortex.networks.network import Network, NetworkLike
from isocortex.progress import Listener, Progress, silent
from isocortex.store.record import StoreRecord
from isocortex.store.resume import alone_at, existing
from isocortex.store.store import Store


@door
@within_memory("extract", "Use a smaller batch_size=, fewer layers, pooling= or into= a folder.")
def extract(  # noqa: PLR0913
    network: NetworkLike,
    stimuli: Stimuli,
    layers: Wanted = "main",
    into: str | Path | None = None,
    *,
    pooling: "str | Pooling | None" = None,
    batch_size: int | None = None,
    device: str = "auto",
    dtype: str = "float32",
    keep: str = "activations",
    axes: AxesSaid | None = None,
    overwrite: bool = False,
    progress: Listener = silent,
) -> Store:
    """What layers of a network do for stimuli: all layers in one pass, written as it goes.

    An extraction that was stopped, even by force, goes on at the first batch that is not
    whole on disk; a finished one is not computed again. Both hold only for the same weights,
    code, preprocessing, stimuli, pooling and dtype: with any other, the store is refused and
    nothing old is ever served. Further layers can be added to a store by extracting them into
    it. Identical images are computed once. Of several extractions into one store at the same
    time, one works and the others wait, and find what it has done.

    Before that, a few passes over random stimuli tell which axis of each output counts the
    stimuli, and whether each of its rows depends on one stimulus alone. A layer that is asked
    for (also by ``"all"``, ``"main"`` or a pattern) and is random, or whose rows depend on
    the batch that they are in, is refused by name; the latter can be had with
    ``batch_size=1``. Modules whose output has no axis of stimuli are no layers.

    Parameters
    ----------
    network : Network, torch.nn.Module or str
        From :func:`load_network`, or what it takes.
    stimuli : Stimuli
        Images.
    layers : str or sequence of str, default="main"
        Module names, classic names (``conv1_relu``), patterns (``"features.*"``), ``"all"``,
        or ``"main"``: the outermost modules with weights that compute something, which are
        the convolutions and fully connected layers of plain networks, and the blocks of
        others.
    into : path, optional
        A folder, by custom ``….zarr``. None keeps all in memory.
    pooling : "mean", "max", "first", "last" or function, optional
        Over space for maps; over the sequence for tokens, where ``"first"`` and ``"last"``
        take one token. None keeps all units. Refused where it is not known which axes of a
        layer are positions.
    batch_size : int, optional
        Stimuli in one pass; by default as many as fit well in memory, at most 64. A store
        that was begun keeps its own. Bits can depend on it: a plain pass gives exactly the
        stored float32 numbers if its batches are the same.
    device : "auto", "cpu", "cuda" …, default="auto"
        ``"auto"`` is a GPU where there is one. The module returns to where it was.
    dtype : {"float32", "float16"}, default="float32"
        What is stored.
    keep : {"activations", "grams"}, default="activations"
        ``"grams"`` keeps only the Gram matrix of each layer, from which RDMs, CKA, ridge
        regression and more follow, in megabytes instead of gigabytes. If activations fit in
        memory until then, they never touch the disk (and an extraction that is stopped
        begins anew).
    axes : tuple of str, or dict from layer name or pattern to such a tuple, optional
        What the axes of a layer's output for one stimulus are, where that is not known or
        is to be called otherwise: ``{"mixer.*": ("token", "unit")}``. ``pooling`` goes over
        those called row, col, frame, time, token or position.
    overwrite : bool, default=False
        Replace a store at ``into`` that holds something else. One that holds the same is
        read and checked, and what is damaged in it is computed anew, and nothing else. Other
        folders are never deleted.
    progress : function of a Progress event, default silent

    Returns
    -------
    Store
        The layers that were asked for, under the names that they were asked by.

    Raises
    ------
    InputError
        If a layer is unknown or has no rows that belong to stimuli, the stimuli do not fit,
        or the store holds something else.
    FormatError
        If an image cannot be decoded, or the store is damaged or foreign.
    StorageError
        If it cannot fit on the disk or in memory, or the folder cannot be written to.

    See Also
    --------
    load_network : The network.
    describe : Layers and the price beforehand.
    Store : What comes out.
    rdms, encode, similarity : What to do with it.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    >>> network = ic.load_network("cifar10_resnet20", weights=None)
    >>> store = ic.extract(network, ic.Stimuli.from_arrays(images), ["conv1", "layer3.2"])
    >>> store["layer3.2"]
    Responses(3 stimuli x 4096 units, float32, network='cifar10_resnet20', layer='layer3.2')
    """
    network = network if isinstance(network, Network) else load_network(network)
    pool, kind = pooling_of(pooling), dtype_of(dtype)
    keeper = KEEPERS[one_of(keep, KEEPERS, "keep")]
    _check_images(stimuli)
    stimuli = looked_over(stimuli, network.preprocessing)
    contents = _contents(stimuli)

    shape = prepared(stimuli, 0, network.preprocessing).shape
    names = network.select(layers, shape)
    plan = planned(network, names, shape, pool, axes)
    record = StoreRecord(
        network=network.name,
        stimuli=stimuli.names,
        rows=contents.rows,
        batch=0,
        aliases=dict(network.aliases),
        identity={
            **network.identity(shape),
            "stimuli": contents.identity,
            "pooling": pooling_identity(pool, axes),
            "dtype": kind.name,
        },
        settings={
            "weights": network.weights,
            "preprocessing": repr(network.preprocessing),
            "pooling": getattr(pool, "__name__", repr(pool)),
            "dtype": kind.name,
        },
    )
    path = None if into is None else Path(into)
    per_stimulus = bytes_per_stimulus(plan, network.trace(shape).layers)

    def waiting(owner: str) -> None:
        note = f"waits for {owner or 'another process'}, which writes into this store"
        progress(Progress(f"extract {network.name}", 0, len(stimuli), note))

    with alone_at(path, waiting):
        begun = existing(path, record, overwrite)
        wanted = begun.batch if begun is not None else batch_size
        batch = batch_size_for(per_stimulus, len(contents.first), wanted)
        refuse_mixed(plan, batch, network.trace(shape), network.name)
        job: Keeper = keeper(path, record.with_batch(batch), plan, names)
        if job.sink is not None:
            with on_device(network.module, device):
                _run(network, stimuli, job, job.sink, contents.first, progress)
        elif progress is not silent:
            n = len(stimuli)
            progress(Progress(f"extract {network.name}", n, n, "already there"))
        return job.finish()


@dataclass(frozen=True)
class _Contents:
    """Which stimuli are the same, and a hash of them all in their order."""

    first: np.ndarray
    """The first stimulus of each content."""
    rows: tuple[int, ...] | None
    """For each stimulus, which of ``first`` it equals; None where all differ."""
    identity: str


def _check_images(stimuli: Stimuli) -> None:
    if not isinstance(stimuli, Stimuli):
        raise InputError(
            f"extract needs Stimuli, not {type(stimuli).__name__}: Stimuli.from_folder(folder), "
            "Stimuli.from_csv(file) or Stimuli.from_arrays(arrays)."
        )
    needs_modality(stimuli, "image", "extract with this network")


def _contents(stimuli: Stimuli) -> _Contents:
    digests = [stimuli.digest(row) for row in range(len(stimuli))]
    first: dict[str, int] = {}
    rows = tuple(first.setdefault(each, len(first)) for each in digests)
    _, places = np.unique(rows, return_index=True)
    return _Contents(
        first=places,
        rows=None if len(first) == len(digests) else rows,
        identity=digest([*stimuli.names, *digests]),
    )


def _run(
    network: Network,
    stimuli: Stimuli,
    job: Keeper,
    sink: Sink,
    first: np.ndarray,
    progress: Listener,
) -> None:
    """Compute the batches that are to do and hand them to the sink."""
    layers: Mapping[str, PlannedLayer] = {each.layer.name: each for each in job.plan}
    todo = sink.todo()
    sets = [first[batch * job.batch : (batch + 1) * job.batch] for batch in todo]
    done = len(first) - sum(map(len, sets))
    note = f"{done} were there" if done else ""
    try:
        feed = batches(stimuli, sets, network.preprocessing)
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
            progress(Progress(f"extract {network.name}", done, len(first), note))
    finally:
        sink.close()
