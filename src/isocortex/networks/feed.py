"""Stimuli become batches: decoding runs in threads while the network computes."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from isocortex.choice import listed
from isocortex.data.stimuli import Stimuli
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.networks.preprocessing import Preprocessing, Transform, channels_first

_DECODERS = 2


def prepared(stimuli: Stimuli, row: int, preprocessing: Transform) -> np.ndarray:
    """One stimulus as the network takes it."""
    done = preprocessing(stimuli.read(row))
    return np.asarray(done.numpy() if hasattr(done, "numpy") else done)


def batches(
    stimuli: Stimuli, rows: Sequence[np.ndarray], preprocessing: Transform
) -> Iterator[np.ndarray]:
    """The prepared stimuli of each set of rows, decoded one set ahead.

    Raises
    ------
    FormatError
        If an image cannot be decoded; it is named.
    InputError
        If a stimulus has another shape than the first one of all.
    """
    first = prepared(stimuli, 0, preprocessing)

    def place(row: int, target: np.ndarray) -> None:
        one = prepared(stimuli, row, preprocessing)
        if one.shape != first.shape:
            raise InputError(
                f"The stimulus {stimuli.names[row]!r} has shape {one.shape} after preprocessing, "
                f"but the first one has {first.shape}. Give load_network preprocessing= that "
                "resizes, such as 'imagenet' or Preprocessing(resize=(224, 224))."
            )
        target[:] = one

    with ThreadPoolExecutor(_DECODERS) as pool:

        def start(some: np.ndarray) -> tuple[np.ndarray, list[Future]]:
            batch = np.empty((len(some), *first.shape), first.dtype)
            targets = zip(some.tolist(), batch, strict=True)
            return batch, [pool.submit(place, row, target) for row, target in targets]

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


def check_readable(stimuli: Stimuli, preprocessing: Transform) -> None:
    """Every image file begins as an image should, which costs little to find out.

    Raises
    ------
    FormatError
        With the files that do not.
    NotFoundError
        With the files that are gone.
    InputError
        If images of different sizes would stay so.
    """
    gone, bad, sizes = [], [], {}
    for name, source in zip(stimuli.names, stimuli.sources, strict=True):
        try:
            sizes.setdefault(_size(source), name)
        except FileNotFoundError:
            gone.append(str(source))
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
            bad.append(str(source))
    for files, kind, what in (
        (gone, NotFoundError, "are not there any more"),
        (bad, FormatError, "cannot be decoded as images; replace or remove them"),
    ):
        if files:
            raise kind(f"{len(files)} of {len(stimuli)} image files {what}: {listed(files)}.")
    if len(sizes) > 1 and isinstance(preprocessing, Preprocessing) and preprocessing.keeps_size:
        (one, first), (other, second) = list(sizes.items())[:2]
        raise InputError(
            f"The stimuli {first!r} and {second!r} have different sizes ({one[0]} x {one[1]} and "
            f"{other[0]} x {other[1]}), and this network's preprocessing keeps sizes as they are. "
            "Give load_network preprocessing= that resizes, such as 'imagenet' or "
            "Preprocessing(resize=(224, 224))."
        )


def _size(source: Any) -> tuple[int, ...]:
    """(height, width), from the head of a file."""
    if not isinstance(source, Path):
        return channels_first(np.asarray(source)).shape[1:]
    with Image.open(source) as image:
        return image.size[::-1]
