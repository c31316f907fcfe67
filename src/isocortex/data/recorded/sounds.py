"""Sound files and arrays: headers at first, samples when they are asked for."""

import hashlib
import math
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.choice import counted
from isocortex.errors import FormatError, MissingDependencyError, NotFoundError
from isocortex.reading import check_room, reading

SOUND_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif", ".au", ".opus")
WHAT = "a sound that libsndfile reads"

_FINEST = 2**16
"""No format packs more samples than so many into a byte."""


@dataclass(frozen=True)
class SoundHead:
    """What the header of a sound file says."""

    n_samples: int
    """In each channel."""
    rate: int
    """Samples in a second."""
    channels: int
    format: str
    """Container and kind of numbers, in words."""

    @property
    def seconds(self) -> float:
        """How long the whole sound lasts."""
        return self.n_samples / self.rate


@dataclass(frozen=True, eq=False, repr=False)
class Sound:
    """A piece of a sound, one stimulus: where it lies, from when to when, and how fast."""

    source: Path | np.ndarray
    """A file, or samples of one channel."""
    head: SoundHead
    rate: int
    """Samples in a second as they are read: those of a file of another rate are resampled."""
    onset: float = 0.0
    """Seconds from the beginning of the source."""
    seconds: float = math.inf
    """How long the piece is; infinite where it is all of the source."""

    @property
    def length(self) -> float:
        """Seconds from its beginning to its end."""
        return min(self.seconds, self.head.seconds - self.onset)

    def n_samples(self, rate: int | None = None) -> int:
        """How many samples it has at a rate (default: its own)."""
        rate = rate or self.rate
        whole = _resampled_length(self.head, rate)
        first = round(self.onset * rate)
        if math.isinf(self.seconds):
            return whole
        return max(0, min(round(self.seconds * rate), whole - first))

    def samples(self, rate: int | None = None) -> np.ndarray:
        """The samples, shape (n_samples,), float64, the mean of all channels.

        Parameters
        ----------
        rate : int, optional
            Of the samples that come out. Another rate than the source's is reached by
            polyphase filtering (``scipy.signal.resample_poly``) of the source, of which the
            piece is then cut.

        Raises
        ------
        FormatError
            If the file is damaged, or holds NaN.
        """
        rate = rate or self.rate
        first = round(self.onset * rate)
        return _piece(self.source, self.head, rate, first, self.n_samples(rate))

    def read(self) -> np.ndarray:
        """The samples at its own rate; see :meth:`samples`."""
        return self.samples()

    def digest(self) -> str:
        """A hash of what is heard: of the source's bytes, the piece of it, and the rate."""
        place = f"sound {self.onset!r} {self.n_samples()} {self.rate}"
        return hashlib.sha256(f"{_hash(self.source)} {place}".encode()).hexdigest()

    def __repr__(self) -> str:
        where = repr(str(self.source)) if isinstance(self.source, Path) else "array"
        return f"Sound({where}, {self.onset:g} to {self.onset + self.length:g} s, {self.rate} Hz)"


def soundfile() -> Any:
    """The library that reads sound.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    try:
        import soundfile as library
    except (ImportError, OSError) as error:  # OSError: its C library is missing.
        raise MissingDependencyError(
            "Sound needs soundfile, which is not installed: pip install 'isocortex[sound]'."
        ) from error
    return library


def head_of_sound(path: Path) -> SoundHead:
    """What a sound file says of itself, checked against what it can hold.

    Raises
    ------
    NotFoundError
        If it is not there.
    FormatError
        If it is no sound, truncated, empty, or declares more than it can hold.
    """
    library = soundfile()
    if not path.is_file():
        raise NotFoundError(f"There is no sound file {str(path)!r}.")
    with reading(path, WHAT):
        _check_riff(path)
        info = library.info(str(path))
        _check_declared_samples(path, info.frames, info.samplerate, info.channels)
        words = f"{info.format_info}, {info.subtype_info}"
        return SoundHead(int(info.frames), int(info.samplerate), int(info.channels), words)


def _check_declared_samples(path: Path, frames: int, rate: int, channels: int) -> None:
    size = path.stat().st_size
    if frames < 1:
        raise FormatError(f"{str(path)!r} has no samples: the sound is empty.")
    if frames > size * _FINEST or not 0 < rate <= 10**7 or not 0 < channels <= 1024:
        raise FormatError(
            f"{str(path)!r} declares {frames} samples at {rate} Hz in {channels} channels, which "
            f"{size} bytes cannot hold; it is truncated or damaged."
        )


def _check_riff(path: Path) -> None:
    """Libsndfile reads a WAV that was cut off as a shorter one; its chunks tell.

    Raises
    ------
    FormatError
        If a chunk declares more than there is.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return
        at, found = 12, False
        while at + 8 <= size:
            file.seek(at)
            name, length = struct.unpack("<4sI", file.read(8))
            if name == b"data":
                found = True
                if at + 8 + length > size:
                    raise FormatError(
                        f"{str(path)!r} declares {length} bytes of samples, but {size - at - 8} "
                        "are there; it is truncated. Copy, fetch or write it again."
                    )
            at += 8 + length + length % 2
    if not found:
        raise FormatError(f"{str(path)!r} has no samples (no chunk 'data'); it is truncated.")


def _resampled_length(head: SoundHead, rate: int) -> int:
    return -(-head.n_samples * rate // head.rate)  # As resample_poly rounds.


def _piece(source: Path | np.ndarray, head: SoundHead, rate: int, first: int, n: int) -> np.ndarray:
    """Samples ``first`` to ``first + n`` of a source at another rate, as if all of it was read."""
    if rate == head.rate:
        return _own_samples(source, head, first, first + n)
    from scipy.signal import resample_poly

    shared = math.gcd(rate, head.rate)
    up, down = rate // shared, head.rate // shared
    # The filter of resample_poly reaches so far to each side, in samples of the source.
    reach = 10 * max(up, down) // up + 2
    start = max(0, (first * down // up - reach) // down * down)
    stop = min(head.n_samples, -(-(first + n) * down // up) + reach)
    block = resample_poly(_own_samples(source, head, start, stop), up, down)
    skip = first - start * up // down
    return block[skip : skip + n]


def _own_samples(source: Path | np.ndarray, head: SoundHead, start: int, stop: int) -> np.ndarray:
    if isinstance(source, np.ndarray):
        return np.asarray(source[start:stop], dtype=np.float64)
    check_room(source, 8 * (stop - start) * (head.channels + 1), "its sound")
    with _opened(source) as file:
        file.seek(start)
        found = file.read(stop - start, dtype="float64", always_2d=True)
        if len(found) < stop - start:
            raise FormatError(
                f"{str(source)!r} declares {counted(head.n_samples, 'sample')}, but ends after "
                f"{start + len(found)}; it is truncated or damaged."
            )
        if not np.isfinite(found).all():
            raise FormatError(f"{str(source)!r} holds samples that are NaN or infinite.")
    return found.mean(1)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    if not path.is_file():
        raise NotFoundError(f"The sound {str(path)!r} is not there any more.")
    library = soundfile()
    with reading(path, WHAT), library.SoundFile(str(path)) as file:
        yield file


def _hash(source: Path | np.ndarray) -> str:
    if isinstance(source, np.ndarray):
        return hashlib.sha256(np.ascontiguousarray(source).tobytes()).hexdigest()
    return hash_of_file(source)


def hash_of_file(path: Path) -> str:
    """A hash of a file's bytes, computed once for as long as it is not written to.

    Raises
    ------
    NotFoundError
        If it is gone.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        raise NotFoundError(f"{str(path)!r} is not there any more.") from None
    return _hashed(path, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=256)
def _hashed(path: Path, size: int, changed: int) -> str:
    del size, changed  # They are a part of the key.
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
