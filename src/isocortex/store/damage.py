"""What in a store is not as it was written, and how it is taken away to be made again."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from isocortex.errors import FormatError
from isocortex.store.disk_errors import writing_to
from isocortex.store.gram_files import check_gram
from isocortex.store.layout import DamageError, batch_file, check_batch, state
from isocortex.store.record import LayerRecord, gram_path, layer_folders, read_layer


@dataclass(frozen=True)
class Damage:
    """One thing that cannot be used any more."""

    layer: str
    part: str
    """``"activations"``, ``"gram"`` or ``"description"``."""
    path: Path
    """The file, or the folder, that is to be made again."""
    rows: range
    """Rows of the layer that are lost with it; all where it is not a batch."""
    reason: str


def damages(store: Path) -> Iterator[Damage]:
    """Read everything that a store holds and tell what is damaged; what is missing is not."""
    for folder in layer_folders(store):
        try:
            layer = read_layer(folder)
        except FormatError as error:
            yield Damage(unquote(folder.name), "description", folder, range(0), str(error))
            continue
        yield from _of_batches(folder, layer)
        yield from _of_gram(store, layer)


def _of_batches(folder: Path, layer: LayerRecord) -> Iterator[Damage]:
    layout = layer.layout
    absent, truncated = state(folder, layout)
    for batch in sorted(set(range(layout.n_batches)) - set(absent)):
        rows = layout.rows_of(batch)
        try:
            if batch in truncated:
                raise DamageError(batch, "it is truncated")
            check_batch(folder, layout, batch)
        except DamageError as error:
            file = batch_file(folder, batch)
            lost = range(rows.start, rows.stop)
            yield Damage(layer.name, "activations", file, lost, error.reason)


def _of_gram(store: Path, layer: LayerRecord) -> Iterator[Damage]:
    folder = gram_path(store, layer.module)
    if not folder.is_dir():
        return
    try:
        check_gram(folder)
    except FormatError as error:
        yield Damage(layer.name, "gram", folder, range(layer.layout.n_rows), str(error))


def clear_away(store: Path, found: Sequence[Damage]) -> None:
    """Delete what is damaged, so that the next extraction computes it, and only it."""
    with writing_to(store):
        for damage in found:
            if damage.path.is_dir():
                shutil.rmtree(damage.path)
            else:
                damage.path.unlink(missing_ok=True)
