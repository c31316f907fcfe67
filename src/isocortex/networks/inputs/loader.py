"""Stimuli become batches: decoding runs in threads while the network computes."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from isocortex.choice import listed
from isocortex.data.modalities.images import UNSCALED, seen, tell
from isocortex.data.pictures import PictureFile, formats, look_at, read_bytes
from isocortex.data.pixels import check_unit_range
from isocortex.data.stimuli import Stimuli
from isocortex.errors import (
    FormatError,
    InputError,
    IsocortexError,
    NotFoundError,
    StorageError,
)
from isocortex.memory import available_bytes, gigabytes
from isocortex.networks.inputs.preprocessing import Preprocessing, Transform, channels_first

_DECODERS = 2

MOST_KEPT = 2**30
"""Bytes of files that stay in memory between looking at them and decoding them."""


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
    stimuli: Stimuli, rows: Sequence[np.ndarray], preprocessing: Transform
) -> Iterator[np.ndarray]:
    """The prepared stimuli of each set of rows, decoded one set ahead.

    Raises
    ------
    FormatError
        If an image cannot be decoded; it is named.
    InputError
        If a stimulus has another shape or type than the first one of all.
    StorageError
        If there is too little memory for a batch.
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
        if one.dtype != first.dtype:
            raise InputError(
                f"The stimulus {stimuli.names[row]!r} is {one.dtype} after preprocessing, but the "
                f"first one is {first.dtype}. Let the preprocessing give one type, such as float32."
            )
        target[:] = one

    with ThreadPoolExecutor(_DECODERS) as pool:

        def start(some: np.ndarray) -> tuple[np.ndarray, list[Future]]:
            batch = _room(len(some), first)
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


def _room(n: int, first: np.ndarray) -> np.ndarray:
    try:
        return np.empty((n, *first.shape), first.dtype)
    except MemoryError:
        raise StorageError(
            f"There is too little memory for a batch of {n} stimuli of {first.shape} "
            f"({gigabytes(n * first.nbytes)}). Give a smaller batch_size=, or smaller images."
        ) from None


@dataclass(frozen=True)
class _Glance:
    """What the first look at one stimulus gave."""

    source: Any
    size: tuple[int, ...]
    notes: frozenset[str]


@dataclass(frozen=True)
class _Fault:
    """Why a stimulus cannot be used."""

    source: str
    error: IsocortexError


def looked_over(stimuli: Stimuli, preprocessing: Transform, who: str = "extract") -> Stimuli:
    """The stimuli after a first look at each, for which its file is opened once.

    Its hash, its size and whether it can be decoded are found from the same bytes, which are
    kept for decoding as far as there is room (``MOST_KEPT``, and a quarter of the memory).

    Raises
    ------
    FormatError, StorageError
        With the files that cannot be used.
    NotFoundError
        With the files that are gone.
    InputError
        If images of different sizes would stay so, or floats are beyond 0 to 1 for a
        preprocessing that subtracts a mean or divides.

    Warns
    -----
    IsocortexWarning
        With counts of what was rotated, transparent, or the first of several frames.
    """
    formats()  # Found once, before the threads.
    look = _looker(stimuli, preprocessing)
    with ThreadPoolExecutor(_DECODERS) as pool:
        found = list(pool.map(look, range(len(stimuli))))
    glances = [each for each in found if isinstance(each, _Glance)]
    _check_faults([each for each in found if isinstance(each, _Fault)], stimuli)
    _check_sizes(stimuli, glances, preprocessing)
    notes = Counter(note for each in glances for note in each.notes)
    tell(notes, len(stimuli), who, stimuli.background)
    sources = [each.source for each in glances]
    return Stimuli(stimuli.names, sources, stimuli.modality, stimuli.table, stimuli.background)


def _looker(stimuli: Stimuli, preprocessing: Transform) -> Callable[[int], "_Glance | _Fault"]:
    room = min(MOST_KEPT, available_bytes() // 4)
    lock = Lock()

    def keep(content: bytes) -> bytes | None:
        nonlocal room
        with lock:
            room -= len(content)
            return content if room >= 0 else None

    def look(row: int) -> "_Glance | _Fault":
        source = stimuli.sources[row]
        try:
            if not isinstance(source, Path):
                return _glance_at_array(stimuli, row, preprocessing)
            content = read_bytes(source)
            found = look_at(source, content, stimuli.background)
        except IsocortexError as error:
            return _Fault(str(source), error)
        return _Glance(PictureFile(source, keep(content), found), found.size, found.notes)

    return look


def _glance_at_array(stimuli: Stimuli, row: int, preprocessing: Transform) -> _Glance:
    source = stimuli.sources[row]
    if isinstance(source, PictureFile):
        return _Glance(source, source.look.size, source.look.notes)
    pixels, notes = seen(source, stimuli.background, f"The stimulus {stimuli.names[row]!r}")
    if isinstance(preprocessing, Preprocessing) and pixels.dtype != np.uint8:
        if preprocessing.takes_unit_range:
            check_unit_range(pixels, f"The stimulus {stimuli.names[row]!r}")
        elif pixels.min() >= 0 and pixels.max() > 1.01:
            notes = {*notes, UNSCALED}
    return _Glance(source, channels_first(pixels).shape[1:], frozenset(notes))


_FAULTS = (
    (NotFoundError, "are not there any more"),
    (FormatError, "cannot be decoded as images; replace or remove them"),
    (StorageError, "are too large for the memory"),
)


def _check_faults(faults: Sequence[_Fault], stimuli: Stimuli) -> None:
    for kind, what in _FAULTS:
        some = [each for each in faults if isinstance(each.error, kind)]
        if some:
            raise kind(
                f"{len(some)} of {len(stimuli)} image files {what}: "
                f"{listed(each.source for each in some)}. The first: {some[0].error}"
            ) from some[0].error
    if faults:
        raise faults[0].error


def _check_sizes(stimuli: Stimuli, glances: Sequence[_Glance], preprocessing: Transform) -> None:
    sizes = {}
    for name, each in zip(stimuli.names, glances, strict=True):
        sizes.setdefault(each.size, name)
    if len(sizes) > 1 and isinstance(preprocessing, Preprocessing) and preprocessing.keeps_size:
        (one, first), (other, second) = list(sizes.items())[:2]
        raise InputError(
            f"The stimuli {first!r} and {second!r} have different sizes ({one[0]} x {one[1]} and "
            f"{other[0]} x {other[1]}), and this network's preprocessing keeps sizes as they are. "
            "Give load_network preprocessing= that resizes, such as 'imagenet' or "
            "Preprocessing(resize=(224, 224))."
        )
