"""Stimuli become batches: decoding runs in threads while the network computes."""

from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError, StorageError
from isocortex.memory import gigabytes
from isocortex.networks.inputs.blocks import AT_ONCE, as_block, prepare_block
from isocortex.networks.inputs.preprocessing import Preprocessing, Transform

DECODERS = 2
"""Threads that read, hash and decode."""


def prepared(stimuli: Stimuli, row: int, preprocessing: Transform) -> np.ndarray:
    """One stimulus as the network takes it."""
    # Transforms of users may work in place, and pixels of stimuli are frozen.
    pixels = np.require(stimuli.read(row), requirements="W")
    if isinstance(preprocessing, Preprocessing) and stimuli.is_file(row):
        # Floats with three rows, or one, would be taken for channels.
        pixels = pixels if pixels.dtype == np.uint8 else np.moveaxis(pixels, -1, 0)
    done: Any = preprocessing(pixels)
    return np.asarray(done.numpy() if hasattr(done, "numpy") else done)


def batches(
    stimuli: Stimuli, rows: Sequence[np.ndarray], preprocessing: Transform, like: np.ndarray
) -> Generator[np.ndarray, None, None]:
    """The prepared stimuli of each set of rows, decoded one set ahead.

    Parameters
    ----------
    stimuli : Stimuli
    rows : sequence of integer arrays
    preprocessing : function
    like : array
        One prepared stimulus, of whose shape and type all others must be.

    Raises
    ------
    FormatError
        If an image cannot be decoded; it is named.
    InputError
        If a stimulus has another shape or type than the first one of all.
    StorageError
        If there is too little memory for a batch.
    """

    def place(some: np.ndarray, targets: np.ndarray) -> None:
        block = as_block([stimuli.sources[row] for row in some], preprocessing)
        if block is not None and prepare_block(block, preprocessing, targets):
            return
        for row, target in zip(some.tolist(), targets, strict=True):
            one = prepared(stimuli, row, preprocessing)
            _check_like(one, like, stimuli.names[row])
            target[:] = one

    with ThreadPoolExecutor(DECODERS) as pool:

        def start(some: np.ndarray) -> tuple[np.ndarray, list[Future]]:
            batch = _room(len(some), like)
            step = max(1, min(-(-len(some) // DECODERS), AT_ONCE // max(1, like.size)))
            parts = [slice(at, at + step) for at in range(0, len(some), step)]
            return batch, [pool.submit(place, some[part], batch[part]) for part in parts]

        nothing: tuple[np.ndarray, list[Future]] = (np.empty(0), [])
        ahead = start(rows[0]) if rows else nothing
        try:
            for i in range(len(rows)):
                batch, futures = ahead
                ahead = start(rows[i + 1]) if i + 1 < len(rows) else nothing
                for future in futures:
                    future.result()
                yield batch
        finally:
            for future in ahead[1]:
                future.cancel()


def _check_like(one: np.ndarray, like: np.ndarray, name: str) -> None:
    if one.shape != like.shape:
        raise InputError(
            f"The stimulus {name!r} has shape {one.shape} after preprocessing, "
            f"but the first one has {like.shape}. Give load_network preprocessing= that "
            "resizes, such as 'imagenet' or Preprocessing(resize=(224, 224))."
        )
    if one.dtype != like.dtype:
        raise InputError(
            f"The stimulus {name!r} is {one.dtype} after preprocessing, but the "
            f"first one is {like.dtype}. Let the preprocessing give one type, such as float32."
        )


def _room(n: int, like: np.ndarray) -> np.ndarray:
    try:
        return np.empty((n, *like.shape), like.dtype)
    except MemoryError:
        raise StorageError(
            f"There is too little memory for a batch of {n} stimuli of {like.shape} "
            f"({gigabytes(n * like.nbytes)}). Give a smaller batch_size=, or smaller images."
        ) from None
