"""Sound and film into a store: each moment of a layer a row, or each stimulus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import one_of
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
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
from isocortex.networks.extraction.pooling import last
from isocortex.networks.extraction.sinks import Sink
from isocortex.networks.extraction.time_axis import (
    Grid,
    Lengths,
    followed_axis,
    grid_of,
    spans,
)
from isocortex.networks.extraction.timed_layer import TimeAxis, TimedLayer, as_frames, as_stimuli
from isocortex.networks.hooks import listen, unwrapped
from isocortex.networks.identity.hashes import digest
from isocortex.networks.inputs.preprocessing import AS_THEY_ARE
from isocortex.networks.inputs.recorded import AudioPreprocessing, VideoPreprocessing
from isocortex.networks.inputs.recorded_feed import Recording, recorded_batches, recording_of
from isocortex.networks.network import Network
from isocortex.networks.tracing.axes import is_position, kind_of
from isocortex.store.record import StoreRecord
from isocortex.store.store import Store

ROWS = ("frames", "stimuli")
_PROBE = {"time": 8000, "frame": 16}
"""So long at most are the stimuli that a network is traced with, in samples and frames."""


def extract_recorded(asked: Asked) -> Store:
    """What layers of a network do for sounds or films.

    Raises
    ------
    InputError, FormatError, StorageError
        As :func:`isocortex.extract` says.
    """
    network, pooling, axes = asked.network, asked.pooling, asked.own.get("axes")
    rows = asked.own.get("rows") or ("frames" if pooling is None else "stimuli")
    one_of(rows, ROWS, "rows")
    recording = recording_of(asked.stimuli, network.preprocessing, f"extract with {network.name}")
    probe = _probe_length(asked, recording)
    shape = recording.shape_at(probe)
    names = network.select(asked.layers, shape)
    base = planned(network, names, shape, None, axes)
    plan = _Planner(asked, recording, probe, rows).plan(base)
    if pooling is last and rows == "stimuli" and "time" not in asked.stimuli.table:
        asked = replace(asked, stimuli=_stamped_at_the_end(asked.stimuli))
    stimuli = asked.stimuli
    digests = [stimuli.digest(row) for row in range(len(stimuli))]
    record = StoreRecord(
        network=network.name,
        stimuli=stimuli.names,
        rows=None,
        batch=0,
        aliases=dict(network.aliases),
        identity={
            **network.identity(shape),
            "stimuli": digest([*stimuli.names, *digests]),
            "pooling": digest([pooling_identity(pooling, axes), rows]),
            "dtype": asked.dtype.name,
        },
        settings={
            "weights": network.weights,
            "preprocessing": repr(network.preprocessing),
            "pooling": getattr(pooling, "__name__", repr(pooling)),
            "rows": rows,
            "dtype": asked.dtype.name,
        },
    )
    trace = network.trace(shape)
    longer = -(-int(recording.lengths.max()) // probe) if recording.fixed is None else 1
    per_stimulus = longer * bytes_per_stimulus([], trace.layers)
    per_stimulus += sum(8 * each.numbers_each for each in plan)
    one_length = recording.fixed is not None or len(set(recording.lengths.tolist())) == 1

    def batch_size(begun: int | None) -> int:
        wanted = asked.batch_size if begun is None else begun
        if not one_length:
            wanted = 1
        batch = batch_size_for(per_stimulus, len(stimuli), wanted)
        refuse_mixed(plan, batch, trace, network.name)
        return batch

    def compute(job: Keeper, sink: Sink) -> None:
        _run(asked, recording, job, sink, trace.fewest)

    return carried_out(asked, record, plan, names, Rows(batch_size, compute))


def shown_as(network: Network, stimuli: Stimuli) -> Network:
    """A network that says nothing of its input, as one of the kind that it is shown."""
    plain = {"audio": AudioPreprocessing(), "video": VideoPreprocessing()}
    if network.preprocessing is not AS_THEY_ARE or stimuli.modality not in plain:
        return network
    return replace(
        network,
        modality=stimuli.modality,
        preprocessing=plain[stimuli.modality],
        _traces={},
    )


def _stamped_at_the_end(stimuli: Stimuli) -> Stimuli:
    """The last state of a window stands for its end."""
    if "offset" not in stimuli.table:
        return stimuli
    table = stimuli.table.assign(time=stimuli.table["offset"])
    return Stimuli(stimuli.names, stimuli.sources, stimuli.modality, table)


def _probe_length(asked: Asked, recording: Recording) -> int:
    shortest = int(recording.lengths.min())
    if shortest < 1:
        raise InputError(f"{asked.stimuli.names[int(recording.lengths.argmin())]!r} is empty.")
    probe = min(shortest, _PROBE[recording.axis])
    if probe < shortest and recording.fixed is None:
        # A network that takes one length alone is traced with that.
        lengths = Lengths(asked.network.module, recording.shape_at)
        if lengths.at(probe) is None:
            return shortest
    return probe


@dataclass(frozen=True)
class _Planner:
    """Finds time in each layer, and what becomes of it."""

    asked: Asked
    recording: Recording
    probe: int
    rows: str

    def plan(self, layers: Sequence[PlannedLayer]) -> list[PlannedLayer]:
        """The layers as they will be stored, in the order of execution."""
        lengths = Lengths(self.asked.network.module, self.recording.shape_at)
        return [self._planned(each, lengths) for each in layers]

    def _planned(self, layer: PlannedLayer, lengths: Lengths) -> PlannedLayer:
        pooling = self.asked.pooling
        found = None if layer.layer.mixed is not None else self._time(layer, lengths)
        if found is None:
            (own,) = planned(
                self.asked.network,
                {layer.asked: layer.layer.name},
                self.recording.shape_at(self.probe),
                pooling,
                {layer.layer.name: layer.layer.axes},
            )
            return own
        axes = _named(layer, found, self.recording.axis)
        if self.rows == "stimuli":
            return as_stimuli(layer, axes, found, pooling)
        timed = as_frames(layer, axes, found, pooling)
        return replace(timed, frames=self._frames(found))

    def _time(self, layer: PlannedLayer, lengths: Lengths) -> TimeAxis | None:
        call, placement = layer.layer.name, layer.layer.placement
        if self.recording.fixed is not None:
            return self._in_padded(layer)
        axis = followed_axis(lengths, call, self.probe, 2 * self.probe)
        if axis is None:
            return self._by_name(layer) if lengths.at(2 * self.probe) is None else None
        folded = axis == placement.axis
        parts = 2 if folded else 1
        grid = self._told(lengths.rows(call, axis, self.probe) // parts)
        grid = grid or grid_of(lengths, call, axis, self.probe, parts)
        counts = {}
        for n in set(self.recording.lengths.tolist()):
            counts[n] = lengths.rows(call, axis, n) // parts
            if not counts[n]:
                raise InputError(
                    f"{self.asked.network.name} gives nothing in {layer.asked!r} for stimuli of "
                    f"{n} {'samples' if self.recording.axis == 'time' else 'frames'}: that is "
                    "too short, or too long, for it."
                )
        every = np.array([counts[n] for n in self.recording.lengths.tolist()])
        place = axis if folded or placement.parts > 1 else axis - (axis > placement.axis)
        return TimeAxis(axis, folded, place, grid, every)

    def _told(self, n: int) -> Grid | None:
        """What the module says of its rows itself, where there are as many."""
        told = getattr(unwrapped(self.asked.network.module), "frame_spans", None)
        if told is None or n != self.probe // told[0]:
            return None
        return Grid(*told, at_end=True)

    def _in_padded(self, layer: PlannedLayer) -> TimeAxis | None:
        """Where all are padded to one length: an axis of positions that divides it evenly."""
        assert self.recording.fixed is not None
        places = [i for i, axis in enumerate(layer.layer.axes) if is_position(axis)]
        if len(places) != 1 or self.recording.fixed % layer.layer.shape[places[0]]:
            return None
        step = self.recording.fixed // layer.layer.shape[places[0]]
        counts = -(-self.recording.lengths // step)  # A row that begins in the sound is of it.
        return self._at(layer, places[0], Grid(step, 0, step), counts)

    def _by_name(self, layer: PlannedLayer) -> TimeAxis | None:
        """Where the network takes one length alone: an axis that is known to be time."""
        named = [i for i, a in enumerate(layer.layer.axes) if kind_of(a) in ("time", "frame")]
        if len(named) != 1:
            return None
        n = layer.layer.shape[named[0]]
        step = self.probe / n
        return self._at(
            layer, named[0], Grid(step, 0, step), np.full(len(self.recording.lengths), n)
        )

    def _at(self, layer: PlannedLayer, place: int, grid: Grid, counts: np.ndarray) -> TimeAxis:
        placement = layer.layer.placement
        axis = place + (place >= placement.axis and placement.parts == 1)
        return TimeAxis(axis, False, place, grid, counts)

    def _frames(self, time: TimeAxis) -> pd.DataFrame:
        """Whose moment each row is, and when, in seconds from the onset of its stimulus."""
        known: dict[int, tuple[np.ndarray, ...]] = {}
        found = []
        for row, (n, count) in enumerate(zip(self.recording.lengths, time.counts, strict=True)):
            # Sounds of one length have the same times; frames of films never exactly.
            key = int(n) if self.recording.axis == "time" else row - len(time.counts)
            if key not in known:
                points = self.recording.axis == "time"
                known[key] = spans(time.grid, int(count), self.recording.edges(row), points=points)
            found.append(known[key])
        onset, offset, moment = (np.concatenate(each) for each in zip(*found, strict=True))
        if _at_the_end(self.asked.stimuli):
            moment = offset
        stimulus = np.repeat(np.arange(len(time.counts)), time.counts)
        columns = {"stimulus": stimulus, "onset": onset, "offset": offset, "time": moment}
        return pd.DataFrame(columns)


def _at_the_end(stimuli: Stimuli) -> bool:
    """Whether stimuli are stamped at their ends, and so are moments of them."""
    table = stimuli.table
    return {"time", "offset"} <= set(table) and bool((table["time"] == table["offset"]).all())


def _named(layer: PlannedLayer, time: TimeAxis, name: str) -> tuple[str, ...]:
    """The axes of one stimulus' output, of which the one of time is called so."""
    axes = list(layer.layer.axes)
    if time.folded and layer.layer.placement.parts == 1:
        axes.insert(time.place, name)
    axes[time.place] = name
    if len(axes) == 2 and kind_of(axes[1 - time.place]) is None:
        axes[1 - time.place] = "unit"  # What is left of a sequence are its units.
    return tuple(
        f"{each} 2" if each == name and i != time.place else each for i, each in enumerate(axes)
    )


def _run(asked: Asked, recording: Recording, job: Keeper, sink: Sink, fewest: int) -> None:
    """Compute the batches that are to do and hand them to the sink."""
    network, names = asked.network, asked.stimuli.names
    layers: Mapping[str, PlannedLayer] = {each.layer.name: each for each in job.plan}
    every, todo = np.arange(len(names)), sink.todo()
    sets = [every[batch * job.batch : (batch + 1) * job.batch] for batch in todo]
    done = len(every) - sum(map(len, sets))
    note = f"{done} were there" if done else ""
    feed = recorded_batches(recording, names, sets)
    for batch, rows, prepared in zip(todo, sets, feed, strict=True):
        tensor = network.as_batch(prepared)
        if len(rows) < fewest:
            tensor = tensor.repeat(2, *[1] * (tensor.ndim - 1))

        def take(
            name: str,
            output: Any,
            batch: int = batch,
            rows: np.ndarray = rows,
            n: int = len(tensor),
        ) -> None:
            layer = layers[name]
            if isinstance(layer, TimedLayer):
                sink.take(batch, layer, layer.rows(output.detach(), n, rows.tolist()))
            else:
                sink.take(batch, layer, layer.matrix(output.detach(), n)[: len(rows)])

        listen(network.module, tensor, sink.wanted(batch), take)
        sink.complete(batch)
        done += len(rows)
        asked.told(done, len(every), note)
