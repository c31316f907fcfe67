"""What a store knows of itself: attributes of its zarr group and of each layer's array."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from isocortex.errors import FormatError
from isocortex.store.failures import writing_to
from isocortex.store.layout import Layout

FORMAT = 1
_OWN = "isocortex"


@dataclass(frozen=True)
class StoreRecord:
    """What is true of all layers of a store."""

    network: str
    stimuli: tuple[str, ...]
    rows: tuple[int, ...] | None
    """The row on disk of each stimulus, where identical stimuli share one."""
    batch: int
    aliases: Mapping[str, str]
    identity: Mapping[str, str]
    """Hashes of all that decides the activations; a difference means another store."""
    settings: Mapping[str, Any]
    """The same in words."""

    def with_batch(self, batch: int) -> "StoreRecord":
        """The same with another number of stimuli in a batch."""
        return replace(self, batch=batch)


@dataclass(frozen=True)
class LayerRecord:
    """One layer of a store."""

    name: str
    """The name as it was first asked for."""
    module: str
    order: int
    """Its place in the order of execution."""
    shape: tuple[int, ...]
    axes: tuple[str, ...]
    layout: Layout
    grams_only: bool


def layer_path(store: Path, module: str) -> Path:
    """The folder of a layer's activations."""
    return store / "layers" / quote(module, safe="")


def gram_path(store: Path, module: str) -> Path:
    """The folder of a layer's Gram matrix."""
    return store / "grams" / quote(module, safe="")


def read_record(store: Path) -> StoreRecord:
    """The attributes of a store's group.

    Raises
    ------
    FormatError
        If it is not a store, or of a version that is not known here.
    """
    own = _attributes(store / "zarr.json", f"{str(store)!r} is not a store of isocortex")
    if own.get("format") != FORMAT:
        raise FormatError(
            f"The store {str(store)!r} has format {own.get('format')!r}; this version of "
            f"isocortex reads format {FORMAT}. Extract it again."
        )
    try:
        rows = own["rows"]
        return StoreRecord(
            network=own["network"],
            stimuli=tuple(own["stimuli"]),
            rows=None if rows is None else tuple(rows),
            batch=own["batch"],
            aliases=own["aliases"],
            identity=own["identity"],
            settings=own["settings"],
        )
    except KeyError as error:
        raise FormatError(f"The store {str(store)!r} is damaged: it lacks {error}.") from error


def write_record(store: Path, record: StoreRecord) -> None:
    """Make a new, empty store; it appears with its attributes or not at all."""
    import zarr

    part = store.with_name(f".part-{os.getpid()}-{store.name}")
    own = {
        "format": FORMAT,
        "network": record.network,
        "stimuli": list(record.stimuli),
        "rows": None if record.rows is None else list(record.rows),
        "batch": record.batch,
        "aliases": dict(record.aliases),
        "identity": dict(record.identity),
        "settings": dict(record.settings),
    }
    with writing_to(store):
        store.parent.mkdir(parents=True, exist_ok=True)
        try:
            root = zarr.open_group(str(part), mode="w", zarr_format=3, attributes={_OWN: own})
            root.create_group("layers")
            root.create_group("grams")
            part.rename(store)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def read_layers(store: Path) -> list[LayerRecord]:
    """All layers of a store, finished or not, in the order of execution."""
    files = [*(store / "layers").glob("*/zarr.json")]
    records = [_layer_record(file) for file in files if not file.parent.name.startswith(".part")]
    return sorted(records, key=lambda record: record.order)


def _layer_record(file: Path) -> LayerRecord:
    own = _attributes(file, f"The layer in {str(file.parent)!r} cannot be read")
    try:
        numbers = own["layout"]
        layout = Layout(*numbers[:4], dtype=np.dtype(numbers[4]))
        return LayerRecord(
            name=own["name"],
            module=own["module"],
            order=own["order"],
            shape=tuple(own["shape"]),
            axes=tuple(own["axes"]),
            layout=layout,
            grams_only=own["grams_only"],
        )
    except (KeyError, TypeError, IndexError) as error:
        raise FormatError(f"The layer in {str(file.parent)!r} is damaged ({error!r}).") from error


def write_layer(store: Path, record: LayerRecord) -> None:
    """Make a layer's empty array; nothing is done if it is there."""
    import zarr

    folder = layer_path(store, record.module)
    if folder.is_dir() and (record.grams_only or not _holds_grams_only(folder)):
        return
    layout = record.layout
    own = {
        "name": record.name,
        "module": record.module,
        "order": record.order,
        "shape": list(record.shape),
        "axes": list(record.axes),
        "layout": [layout.n_rows, layout.n_columns, layout.batch, layout.width, layout.dtype.str],
        "grams_only": record.grams_only,
    }
    part = folder.with_name(f".part-{os.getpid()}-{folder.name}")
    with writing_to(store):
        try:
            zarr.create_array(
                str(part),
                shape=(layout.n_rows, layout.n_columns),
                dtype=layout.dtype,
                chunks=(layout.batch, layout.width),
                shards=(layout.batch, layout.width * layout.n_chunks),
                compressors=None,
                dimension_names=("stimulus", "unit"),
                attributes={_OWN: own},
                overwrite=True,
            )
            shutil.rmtree(folder, ignore_errors=True)
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _holds_grams_only(folder: Path) -> bool:
    return _layer_record(folder / "zarr.json").grams_only


def remove(store: Path) -> None:
    """Delete a store, first so that nobody takes what is left for one."""
    with writing_to(store):
        (store / "zarr.json").unlink()
        shutil.rmtree(store)


def _attributes(file: Path, what: str) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf8"))
        return dict(found["attributes"][_OWN])
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise FormatError(
            f"{what}: its description {file.name!r} is missing, truncated or foreign ({reason}). "
            "Give the folder that extract(into=…) wrote, or extract again into a new one."
        ) from error


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> Sequence[str]:
    """Which parts of two identities differ."""
    return [part for part in new if old.get(part) != new[part]]
