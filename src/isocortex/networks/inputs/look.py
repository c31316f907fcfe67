"""The first look at stimuli: each file is opened once, hashed, and found fit or not."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any

import numpy as np

from isocortex.choice import listed
from isocortex.data.modalities.images import UNSCALED, digest_of_pixels, seen, tell
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
from isocortex.memory import available_bytes
from isocortex.networks.inputs.loader import DECODERS, prepared
from isocortex.networks.inputs.preprocessing import Preprocessing, Transform, channels_first

MOST_KEPT = 2**30
"""Bytes of files that stay in memory between looking at them and decoding them."""

_TOGETHER = 32
"""Stimuli that one thread looks at before it takes further ones."""


@dataclass(frozen=True)
class Looked:
    """Stimuli that have been looked at."""

    stimuli: Stimuli
    """With the bytes of their files, as far as there was room."""
    digests: tuple[str, ...]
    """A hash of the content of each."""


@dataclass(frozen=True)
class _Glance:
    """What the first look at one stimulus gave."""

    source: Any
    size: tuple[int, ...]
    notes: frozenset[str]
    digest: str


@dataclass(frozen=True)
class _Fault:
    """Why a stimulus cannot be used."""

    source: str
    error: IsocortexError


class Looking:
    """Looks at stimuli in threads, from when it is made, while something else is done.

    Of each file that is opened, once, its hash, its size and whether it can be decoded are found
    from the same bytes, which are kept for decoding as far as there is room (``MOST_KEPT``, and
    a quarter of the memory). To be used in a ``with``, which ends the looking.

    Parameters
    ----------
    stimuli : Stimuli
    preprocessing : function
    who : str
        The verb, in what is said of them.
    """

    def __init__(self, stimuli: Stimuli, preprocessing: Transform, who: str = "extract"):
        formats()  # Found once, before the threads.
        self._stimuli, self._preprocessing, self._who = stimuli, preprocessing, who
        look = _looker(stimuli, preprocessing)

        def several(start: int) -> list[_Glance | _Fault]:
            return [look(row) for row in range(start, min(start + _TOGETHER, len(stimuli)))]

        self._pool = ThreadPoolExecutor(DECODERS)
        self._parts: list[Future[list[_Glance | _Fault]]] = [
            self._pool.submit(several, start) for start in range(0, len(stimuli), _TOGETHER)
        ]

    def __enter__(self) -> "Looking":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def first(self) -> np.ndarray:
        """The first stimulus as the network takes it, as soon as it has been looked at.

        Raises
        ------
        IsocortexError
            As :meth:`all`, if it cannot be used.
        """
        glance = self._parts[0].result()[0]
        source = self.all().stimuli.sources[0] if isinstance(glance, _Fault) else glance.source
        one = Stimuli(self._stimuli.names[:1], [source], background=self._stimuli.background)
        return prepared(one, 0, self._preprocessing)

    def all(self) -> Looked:
        """The stimuli, when all have been looked at.

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
        stimuli = self._stimuli
        found = list(chain.from_iterable(part.result() for part in self._parts))
        glances = [each for each in found if isinstance(each, _Glance)]
        _check_faults([each for each in found if isinstance(each, _Fault)], stimuli)
        _check_sizes(stimuli, glances, self._preprocessing)
        notes = Counter(note for each in glances for note in each.notes)
        tell(notes, len(stimuli), self._who, stimuli.background)
        sources = [each.source for each in glances]
        known = Stimuli(stimuli.names, sources, stimuli.modality, stimuli.table, stimuli.background)
        return Looked(known, tuple(each.digest for each in glances))


def _looker(stimuli: Stimuli, preprocessing: Transform) -> Callable[[int], _Glance | _Fault]:
    room = min(MOST_KEPT, available_bytes() // 4)
    lock = Lock()

    def keep(content: bytes) -> bytes | None:
        nonlocal room
        with lock:
            room -= len(content)
            return content if room >= 0 else None

    def look(row: int) -> _Glance | _Fault:
        source = stimuli.sources[row]
        try:
            if not isinstance(source, Path):
                return _glance_at_array(stimuli, row, preprocessing)
            content = read_bytes(source)
            found = look_at(source, content, stimuli.background)
        except IsocortexError as error:
            return _Fault(str(source), error)
        picture = PictureFile(source, keep(content), found)
        return _Glance(picture, found.size, found.notes, found.digest)

    return look


def _glance_at_array(stimuli: Stimuli, row: int, preprocessing: Transform) -> _Glance:
    source = stimuli.sources[row]
    if isinstance(source, PictureFile):
        return _Glance(source, source.look.size, source.look.notes, source.look.digest)
    pixels, notes = seen(source, stimuli.background, f"The stimulus {stimuli.names[row]!r}")
    if isinstance(preprocessing, Preprocessing) and pixels.dtype != np.uint8:
        if preprocessing.takes_unit_range:
            check_unit_range(pixels, f"The stimulus {stimuli.names[row]!r}")
        elif pixels.min() >= 0 and pixels.max() > 1.01:
            notes = {*notes, UNSCALED}
    size = channels_first(pixels).shape[1:]
    return _Glance(source, size, frozenset(notes), digest_of_pixels(pixels))


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
