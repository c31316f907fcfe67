"""What an extraction keeps, and where: activations or Gram matrices, on disk or in memory."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isocortex.memory import available_bytes
from isocortex.networks.extraction.plan import PlannedLayer, refuse_beyond
from isocortex.networks.extraction.sinks import DiskSink, MemorySink, Sink, check_sums
from isocortex.numerics.arrays.gram import gram as gram_of
from isocortex.numerics.arrays.gram_float32 import shifted_gram
from isocortex.numerics.arrays.products import Products
from isocortex.store.disk_errors import free_bytes
from isocortex.store.drafts import clear_drafts
from isocortex.store.gram_files import save_gram
from isocortex.store.layout import layout_for, state
from isocortex.store.lazy import LazyMatrix
from isocortex.store.record import (
    GRAMS,
    LAYERS,
    LayerRecord,
    StoreRecord,
    gram_path,
    layer_path,
    read_layers,
    rows_on_disk,
    write_layer,
    write_record,
)
from isocortex.store.resume import is_empty
from isocortex.store.store import Store


@dataclass(frozen=True)
class Keeper:
    """One extraction's place to put things."""

    plan: Sequence[PlannedLayer]
    batch: int
    sink: Sink | None
    """None where nothing is to do."""
    finish: Callable[[], Store]
    """To be called when all batches are complete."""


def keep_activations(
    path: Path | None,
    record: StoreRecord,
    plan: Sequence[PlannedLayer],
    names: Mapping[str, str],
) -> Keeper:
    """Keep every activation of the layers asked for, on disk or in memory."""
    n = _n_rows(record)
    kind = np.dtype(record.identity["dtype"])
    layers = [_record(each, n, record.batch, kind, grams_only=False) for each in plan]
    if path is None:
        # Refused before any batch is computed.
        n_all = len(record.stimuli)
        size = sum(n_all * each.numbers_each * kind.itemsize for each in plan)
        refuse_beyond(size, available_bytes(), "memory")
        memory = MemorySink(plan, record.batch, _names_of_rows(record), kind)
        return Keeper(
            plan,
            record.batch,
            memory,
            lambda: Store.in_memory(record, layers, _for_all(memory.values, record, layers), names),
        )
    _prepare(path, record, layers)
    # The store may have divided a layer otherwise, when it was begun: that layout is kept.
    layouts = {each.module: each.layout for each in _begun(path, layers)}
    disk = DiskSink(path, layouts, _names_of_rows(record))
    return _on_disk(path, plan, record, disk, lambda: Store(path, list(names)))


def keep_grams(
    path: Path | None,
    record: StoreRecord,
    plan: Sequence[PlannedLayer],
    names: Mapping[str, str],
) -> Keeper:
    """Only each layer's Gram matrix; activations are held until all stimuli are through.

    They are held in memory where they take at most half of what is free, and otherwise in
    the store until their Gram is made.
    """
    n = _n_rows(record)
    kind = np.dtype(record.identity["dtype"])
    layers = [_record(each, n, record.batch, kind, grams_only=True) for each in plan]
    if path is None:
        return _grams_in_memory(None, record, plan, layers, names)
    _prepare(path, record, layers)
    begun = {each.module: each for each in _begun(path, layers)}
    todo = [each for each in plan if not gram_path(path, each.layer.name).is_dir()]
    for each in list(todo):
        # All its batches are there, of an extraction that ended before the Gram was made.
        if _whole(path, begun[each.layer.name]):
            _gram_from_disk(path, begun[each.layer.name], record)
            todo.remove(each)
    if not todo:
        return Keeper(todo, record.batch, None, lambda: Store(path, list(names)))
    size = sum(n * each.numbers_each * kind.itemsize for each in todo)
    started = any(_any_batch(path, begun[each.layer.name]) for each in todo)
    # Half of the memory: products need their own, beside the activations.
    if started or size > available_bytes() // 2:
        held = [begun[each.layer.name] for each in todo]
        return _grams_by_disk(path, record, todo, held, names)
    return _grams_in_memory(path, record, todo, layers, names)


def _grams_by_disk(
    path: Path,
    record: StoreRecord,
    plan: Sequence[PlannedLayer],
    layers: Sequence[LayerRecord],
    names: Mapping[str, str],
) -> Keeper:
    layouts = {layer.module: layer.layout for layer in layers}

    def finish() -> Store:
        for layer in layers:
            _gram_from_disk(path, layer, record)
        return Store(path, list(names))

    return _on_disk(path, plan, record, DiskSink(path, layouts, _names_of_rows(record)), finish)


def _grams_in_memory(
    path: Path | None,
    record: StoreRecord,
    plan: Sequence[PlannedLayer],
    layers: Sequence[LayerRecord],
    names: Mapping[str, str],
) -> Keeper:
    kind = np.dtype(record.identity["dtype"])
    size = sum(_n_rows(record) * each.numbers_each * kind.itemsize for each in plan)
    refuse_beyond(size, available_bytes(), "memory")
    memory = MemorySink(plan, record.batch, _names_of_rows(record), kind, check=False)
    by_module = {each.module: each for each in layers}

    def finish() -> Store:
        grams = {}
        for module in list(memory.values):
            # Taken out as it is multiplied, so that layers do not wait in memory.
            products = shifted_gram(memory.values.pop(module))
            names_of_sums = _names_of_rows(record)
            each = len(products.sums) // len(names_of_sums)
            check_sums(products.sums, module, np.repeat(names_of_sums, each).tolist(), kind)
            grams[module] = _expanded(products, record, by_module[module])
            if path is not None:
                save_gram(gram_path(path, module), *grams[module])
        if path is not None:
            return Store(path, list(names))
        return Store.in_memory(record, layers, grams, names)

    return Keeper(plan, record.batch, memory, finish)


KEEPERS: Mapping[str, Callable[..., Keeper]] = {
    "activations": keep_activations,
    "grams": keep_grams,
}


def _on_disk(
    path: Path,
    plan: Sequence[PlannedLayer],
    record: StoreRecord,
    disk: DiskSink,
    finish: Callable[[], Store],
) -> Keeper:
    missing = disk.missing_bytes()
    # A hundredth more, for what files take beside the numbers.
    try:
        refuse_beyond(missing + missing // 100, free_bytes(path), "disk", path)
    except BaseException:
        disk.close()
        raise
    if not missing:
        disk.close()
    return Keeper(plan, record.batch, disk if missing else None, finish)


def _prepare(path: Path, record: StoreRecord, layers: Sequence[LayerRecord]) -> None:
    if not path.exists() or is_empty(path):
        write_record(path, record)
    for each in (path, path / LAYERS, path / GRAMS):
        clear_drafts(each)
    for layer in layers:
        write_layer(path, layer)


def _begun(path: Path, layers: Sequence[LayerRecord]) -> list[LayerRecord]:
    """The layers as the store has them, in case it divided them otherwise."""
    wanted = {layer.module for layer in layers}
    return [each for each in read_layers(path) if each.module in wanted]


def _record(
    layer: PlannedLayer, n: int, batch: int, kind: np.dtype, *, grams_only: bool
) -> LayerRecord:
    return LayerRecord(
        name=layer.asked,
        module=layer.layer.name,
        order=layer.order,
        shape=layer.shape,
        axes=layer.axes,
        layout=layout_for(n * layer.rows_each, layer.n_units, batch * layer.rows_each, kind),
        grams_only=grams_only,
        frames=layer.frames,
    )


def _n_rows(record: StoreRecord) -> int:
    return len(record.stimuli) if record.rows is None else max(record.rows) + 1


def _names_of_rows(record: StoreRecord) -> list[str]:
    """The (first) stimulus of each row on disk."""
    if record.rows is None:
        return list(record.stimuli)
    names: dict[int, str] = {}
    for row, name in zip(record.rows, record.stimuli, strict=True):
        names.setdefault(row, name)
    return list(names.values())


def _for_all(
    values: Mapping[str, np.ndarray], record: StoreRecord, layers: Sequence[LayerRecord]
) -> Mapping[str, np.ndarray]:
    rows = {layer.module: rows_on_disk(record, layer) for layer in layers}
    found: dict[str, np.ndarray] = {}
    for module, each in values.items():
        wanted = rows[module]
        found[module] = each if wanted is None else each[wanted]
    return found


def _expanded(
    products: Products, record: StoreRecord, layer: LayerRecord
) -> tuple[np.ndarray, np.ndarray]:
    """As a store keeps them, with all rows of a layer."""
    rows = rows_on_disk(record, layer)
    if rows is not None:
        products = products.take(rows)
    return products.kept, products.vectors


def _whole(path: Path, layer: LayerRecord) -> bool:
    return not any(state(layer_path(path, layer.module), layer.layout))


def _any_batch(path: Path, layer: LayerRecord) -> bool:
    return len(state(layer_path(path, layer.module), layer.layout)[0]) < layer.layout.n_batches


def _gram_from_disk(path: Path, layer: LayerRecord, record: StoreRecord) -> None:
    folder, kept = layer_path(path, layer.module), gram_path(path, layer.module)
    values = LazyMatrix(folder, layer.layout, None, kept)
    # Activations of a layer of which the Gram was asked for alone are scratch.
    save_gram(kept, *_expanded(gram_of(values), record, layer))
    if layer.grams_only:
        shutil.rmtree(folder / "c")
