import pytest

import isocortex as ic
from isocortex.store.layout import layout_for, write_batch
from isocortex.store.record import (
    LayerRecord,
    StoreRecord,
    layer_path,
    write_layer,
    write_record,
)


@pytest.fixture
def make():
    return made


def made(path, values, batch=5, rows=None, width=None, name="conv1", module="features.0"):
    """A store with one layer, written batch by batch."""
    n = len(values) if rows is None else len(rows)
    record = StoreRecord(
        "net", tuple(f"s{i}" for i in range(n)), rows, batch, {"first": module}, {"dtype": "x"}, {}
    )
    layout = layout_for(len(values), values.shape[1], batch, values.dtype)
    if width:
        layout = type(layout)(layout.n_rows, layout.n_columns, batch, width, layout.dtype)
    shape = (values.shape[1] // 4, 2, 2)
    write_record(path, record)
    write_layer(path, LayerRecord(name, module, 0, shape, ("channel", "row", "col"), layout, False))
    for b in range(layout.n_batches):
        buffer = layout.buffer()
        part = values[layout.rows_of(b)]
        for chunk in range(layout.n_chunks):
            columns = part[:, chunk * layout.width : (chunk + 1) * layout.width]
            buffer[chunk, : len(part), : columns.shape[1]] = columns
        write_batch(layer_path(path, module), layout, b, buffer)
    return ic.Store(path)
