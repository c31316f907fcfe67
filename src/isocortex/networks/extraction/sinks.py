"""Where activations go, batch by batch: to disk, or into arrays in memory.

Both take each layer's matrix the moment the layer has run, and copy it at once.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from isocortex.choice import listed
from isocortex.errors import InputError
from isocortex.networks.extraction.plan import PlannedLayer
from isocortex.store.disk_errors import writing_to
from isocortex.store.layout import Layout, state, write_batch
from isocortex.store.record import layer_path


class Sink(Protocol):
    """Takes the matrices of a batch, and is told when the batch is complete."""

    def todo(self) -> list[int]:
        """The batches that are still to be computed."""
        ...

    def wanted(self, batch: int) -> list[str]:
        """The layers of this batch that are still to be taken."""
        ...

    def take(self, batch: int, layer: PlannedLayer, matrix: Any) -> None:
        """Copy a tensor (n_stimuli_of_batch, n_units)."""
        ...

    def complete(self, batch: int) -> None:
        """All layers of the batch have been taken."""
        ...

    def close(self) -> None:
        """Wait for what is under way."""
        ...


class DiskSink:
    """Writes each batch in a thread of its own while the next one is computed."""

    def __init__(
        self,
        store: Path,
        layouts: Mapping[str, Layout],
        names: Sequence[str],
    ):
        self._store, self._layouts, self._names = store, layouts, names
        self._absent = {m: set(state(layer_path(store, m), lay)[0]) for m, lay in layouts.items()}
        self._buffers: dict[str, np.ndarray] = {}
        self._spare: dict[str, np.ndarray] = {}
        self._pool = ThreadPoolExecutor(1)
        self._writing: Future | None = None

    def todo(self) -> list[int]:
        """The batches that some layer lacks."""
        return sorted(set().union(*self._absent.values()))

    def wanted(self, batch: int) -> list[str]:
        """The layers whose part of this batch is not on disk."""
        return [module for module, absent in self._absent.items() if batch in absent]

    def missing_bytes(self) -> int:
        """What is still to be written."""
        return sum(len(self._absent[m]) * lay.file_bytes for m, lay in self._layouts.items())

    def take(self, batch: int, layer: PlannedLayer, matrix: Any) -> None:
        """Copy a layer's matrix into the buffer of its batch."""
        module = layer.layer.name
        layout = self._layouts[module]
        buffer = self._spare.pop(module, None)
        if buffer is None:
            buffer = layout.buffer()
        rows = layout.rows_of(batch)
        check_finite(matrix, layer, _names_of(self._names, rows, layer), layout.dtype)
        copy_columns(matrix, buffer, layout)
        self._buffers[module] = buffer

    def complete(self, batch: int) -> None:
        """Begin to write this batch, when the one before is written."""
        self._wait()
        buffers, self._buffers = self._buffers, {}
        self._writing = self._pool.submit(self._write, batch, buffers)

    def _write(self, batch: int, buffers: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        with writing_to(self._store):
            for module, buffer in buffers.items():
                write_batch(layer_path(self._store, module), self._layouts[module], batch, buffer)
        return buffers

    def _wait(self) -> None:
        if self._writing is not None:
            writing, self._writing = self._writing, None
            self._spare = writing.result()

    def close(self) -> None:
        """Wait for the last batch."""
        try:
            self._wait()
        finally:
            self._pool.shutdown()


class MemorySink:
    """Keeps whole layers as arrays (n_stimuli, n_units)."""

    def __init__(
        self,
        layers: Sequence[PlannedLayer],
        batch: int,
        names: Sequence[str],
        dtype: np.dtype,
        check: bool = True,
    ):
        n = len(names)
        self.values = {
            each.layer.name: np.empty((n * each.rows_each, each.n_units), dtype) for each in layers
        }
        self._batch, self._names, self._check = batch, names, check

    def todo(self) -> list[int]:
        """Which batches are still to be computed: all of them."""
        return list(range(-(-len(self._names) // self._batch)))

    def wanted(self, batch: int) -> list[str]:  # noqa: ARG002
        """Which layers a batch is computed for: all of them."""
        return list(self.values)

    def take(self, batch: int, layer: PlannedLayer, matrix: Any) -> None:
        """Copy a layer's matrix into its rows."""
        import torch

        of_batch = self._batch * layer.rows_each
        rows = slice(batch * of_batch, (batch + 1) * of_batch)
        place = self.values[layer.layer.name][rows]
        if self._check:
            check_finite(matrix, layer, _names_of(self._names, rows, layer), place.dtype)
        # On all cores: a system may take long to hand out memory for the first time.
        torch.from_numpy(place).copy_(matrix)

    def complete(self, batch: int) -> None:
        """Nothing is to be done."""

    def close(self) -> None:
        """Nothing is to be done."""


def _names_of(names: Sequence[str], rows: slice, layer: PlannedLayer) -> Sequence[str]:
    """The stimulus of each row of a batch."""
    if layer.rows_each == 1:
        return names[rows]
    return [name for name in names[_stimuli_of(rows, layer)] for _ in range(layer.rows_each)]


def _stimuli_of(rows: slice, layer: PlannedLayer) -> slice:
    return slice(rows.start // layer.rows_each, rows.stop // layer.rows_each)


def copy_columns(matrix: Any, buffer: np.ndarray, layout: Layout) -> None:
    """A matrix into a buffer of (n_chunks, batch, width), converted to the buffer's type."""
    n, n_columns = matrix.shape
    for chunk in range(layout.n_chunks):
        left, right = chunk * layout.width, min((chunk + 1) * layout.width, n_columns)
        copy_to(buffer[chunk, :n, : right - left], matrix[:, left:right])
    buffer[:, n:] = 0  # A buffer that is used again for a last, shorter batch.


def copy_to(place: np.ndarray, matrix: Any) -> None:
    """A tensor into an array, in one thread: copies wait for memory, threads for each other."""
    import torch

    if matrix.device.type == "cpu" and str(matrix.dtype) == f"torch.{place.dtype.name}":
        place[:] = matrix.numpy()
    else:
        torch.from_numpy(place).copy_(matrix)


def check_finite(matrix: Any, layer: PlannedLayer, names: Sequence[str], dtype: np.dtype) -> None:
    """No NaN, no infinity, and nothing that float16 cannot hold.

    Raises
    ------
    InputError
        With the stimuli and the layer concerned.
    """
    import torch

    bound = float(np.finfo(dtype).max)
    low, high = map(float, torch.aminmax(matrix))
    if -bound <= low and high <= bound:
        return
    bad = (~(matrix.abs() <= bound)).any(1).cpu().numpy()
    stimuli = listed(dict.fromkeys(name for name, each in zip(names, bad, strict=True) if each))
    if bool(torch.isfinite(matrix).all()):
        raise InputError(
            f"Activations of {layer.asked!r} reach {max(-low, high):.3g}, but float16 ends at "
            f"{bound:.0f} (stimuli {stimuli}). Use dtype='float32'."
        )
    raise InputError(
        f"The network gives NaN or infinite activations in {layer.asked!r} for {stimuli}. "
        "Look at its weights and at the preprocessing."
    )


def check_sums(sums: np.ndarray, layer: str, names: Sequence[str], dtype: np.dtype) -> None:
    """The sums of rows tell as well whether all was finite, and cost nothing.

    Raises
    ------
    InputError
        With the stimuli and the layer concerned.
    """
    if np.isfinite(sums).all():
        return
    stimuli = listed(name for name, each in zip(names, sums, strict=True) if not np.isfinite(each))
    beyond = f", or beyond {dtype.name}," if dtype == np.float16 else ""
    raise InputError(
        f"The network gives NaN or infinite activations{beyond} in {layer!r} for {stimuli}. "
        "Look at its weights and at the preprocessing"
        + (", or use dtype='float32'." if beyond else ".")
    )
