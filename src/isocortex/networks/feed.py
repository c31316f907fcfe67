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
    shape = prepared(stimuli, 0, preprocessing).shape
    with ThreadPoolExecutor(_DECODERS) as pool:

        def start(some: np.ndarray) -> list[Future]:
            return [pool.submit(prepared, stimuli, int(row), preprocessing) for row in some]

        ahead: list[Future] = start(rows[0]) if rows else []
        try:
            for i, some in enumerate(rows):
                current = ahead
                ahead = start(rows[i + 1]) if i + 1 < len(rows) else []
                yield _stacked(current, [stimuli.names[row] for row in some], shape)
        finally:
            for future in ahead:
                future.cancel()


def _stacked(futures: list[Future], names: Sequence[str], shape: Sequence[int]) -> np.ndarray:
    out = None
    for i, (future, name) in enumerate(zip(futures, names, strict=True)):
        one = future.result()
        if one.shape != tuple(shape):
            raise InputError(
                f"The stimulus {name!r} has shape {one.shape} after preprocessing, but the first "
                f"one has {tuple(shape)}. Give load_network preprocessing= that resizes, such as "
                "'imagenet' or Preprocessing(resize=(224, 224))."
            )
        if out is None:
            out = np.empty((len(names), *shape), one.dtype)
        out[i] = one
    return out if out is not None else np.empty((0, *shape), np.float32)


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
