"""What a store knows of itself: attributes of its zarr group and of each layer's array."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd

from isocortex.errors import FormatError
from isocortex.store.disk_errors import writing_to
from isocortex.store.documents import OWN, own_attributes, seal_file, write_group
from isocortex.store.drafts import clear_drafts, draft_of, is_draft
from isocortex.store.frame_rows import places_on_disk
from isocortex.store.layout import Layout
from isocortex.store.row_tables import packed, unpacked

FORMAT = 2
"""Format 1, of isocortex 0.1, had no checksums."""

LAYERS, GRAMS = "layers", "grams"


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
    table: pd.DataFrame | None = None
    """What is known of the stimuli besides their names."""

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
    frames: pd.DataFrame | None = None
    """Where rows are moments of stimuli: whose, and when; see :mod:`isocortex.store.frame_rows`."""


def rows_on_disk(record: StoreRecord, layer: LayerRecord) -> np.ndarray | None:
    """Which row of a layer's array each of its rows is; None where they are in order."""
    if layer.frames is not None:
        each = layer.layout.n_rows // len(record.stimuli)
        return places_on_disk(layer.frames["stimulus"].to_numpy(), each)
    return None if record.rows is None else np.asarray(record.rows, dtype=np.intp)


def layer_path(store: Path, module: str) -> Path:
    """The folder of a layer's activations."""
    return store / LAYERS / _folder_name(module)


def gram_path(store: Path, module: str) -> Path:
    """The folder of a layer's Gram matrix."""
    return store / GRAMS / _folder_name(module)


def _folder_name(module: str) -> str:
    """Slashes are quoted, and so is a dot in front, by which a name could lead out (or hide)."""
    name = quote(module, safe="")
    return f"%2E{name[1:]}" if name.startswith(".") else name


def read_record(store: Path) -> StoreRecord:
    """The attributes of a store's group.

    Raises
    ------
    FormatError
        If it is not a store, damaged, or of a version that is not known here.
    """
    own = own_attributes(store / "zarr.json", f"{str(store)!r} is not a store of isocortex")
    if own.get("format") != FORMAT:
        raise FormatError(
            f"The store {str(store)!r} has format {own.get('format')!r}; this version of "
            f"isocortex reads format {FORMAT}, which has checksums. Extract it again, with "
            "overwrite=True or into another folder; zarr itself reads the arrays of either."
        )
    for part in (LAYERS, GRAMS):
        own_attributes(store / part / "zarr.json", f"A part of the store {str(store)!r}")
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
            table=unpacked(own.get("table"), store),
        )
    except KeyError as error:
        raise FormatError(f"The store {str(store)!r} is damaged: it lacks {error}.") from error


def write_record(store: Path, record: StoreRecord) -> None:
    """Make a new, empty store; it is one as soon as its attributes are there, which come last."""
    with writing_to(store):
        write_group(store / LAYERS, {})
        write_group(store / GRAMS, {})
        write_group(store, _own(record))


def _own(record: StoreRecord) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "network": record.network,
        "stimuli": list(record.stimuli),
        "rows": None if record.rows is None else list(record.rows),
        "batch": record.batch,
        "aliases": dict(record.aliases),
        "identity": dict(record.identity),
        "settings": dict(record.settings),
        "table": packed(record.table),
    }


def retell_table(store: Path, found: StoreRecord, table: pd.DataFrame | None) -> None:
    """Write down what is known of the stimuli today, which decides no activation."""
    if packed(found.table) != packed(table):
        with writing_to(store):
            write_group(store, _own(replace(found, table=table)))


def read_layers(store: Path) -> list[LayerRecord]:
    """All layers of a store, finished or not, in the order of execution."""
    records = [read_layer(folder) for folder in layer_folders(store)]
    return sorted(records, key=lambda record: record.order)


def layer_folders(store: Path) -> list[Path]:
    """The folders of all layers."""
    found = (each for each in (store / LAYERS).iterdir() if each.is_dir() and not is_draft(each))
    return sorted(found)


def read_layer(folder: Path) -> LayerRecord:
    """What a layer's folder says of it.

    Raises
    ------
    FormatError
        If it is damaged.
    """
    own = own_attributes(folder / "zarr.json", f"The layer in {str(folder)!r} cannot be read")
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
            frames=unpacked(own.get("frames"), folder),
        )
    except (KeyError, TypeError, IndexError) as error:
        raise FormatError(f"The layer in {str(folder)!r} is damaged ({error!r}).") from error


def write_layer(store: Path, record: LayerRecord) -> None:
    """Make a layer's empty array; nothing is done if it is there.

    Only who holds the store's lock may call it: the place of an array that was for Grams alone
    is taken.
    """
    import zarr
    from zarr.codecs import Crc32cCodec

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
        "frames": packed(record.frames),
    }
    part = draft_of(folder)
    with writing_to(store):
        clear_drafts(folder.parent)
        try:
            zarr.create_array(
                str(part),
                shape=(layout.n_rows, layout.n_columns),
                dtype=layout.dtype,
                chunks=(layout.batch, layout.width),
                shards=(layout.batch, layout.width * layout.n_chunks),
                compressors=Crc32cCodec(),
                dimension_names=("stimulus", "unit"),
                attributes={OWN: own},
            )
            seal_file(part / "zarr.json")
            shutil.rmtree(folder, ignore_errors=True)
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _holds_grams_only(folder: Path) -> bool:
    return read_layer(folder).grams_only


def remove(store: Path) -> None:
    """Delete what a store holds, first that by which it is taken for one; its lock stays."""
    with writing_to(store):
        (store / "zarr.json").unlink(missing_ok=True)
        for part in (LAYERS, GRAMS):
            if (store / part).is_dir():
                shutil.rmtree(store / part)
        clear_drafts(store)


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> Sequence[str]:
    """Which parts of two identities differ."""
    return [part for part in new if old.get(part) != new[part]]
