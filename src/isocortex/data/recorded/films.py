"""Film files: headers at first, frames with the times that the file gives them when asked for."""

import hashlib
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from isocortex.data.recorded.sounds import hash_of_file
from isocortex.errors import FormatError, MissingDependencyError, NotFoundError, StorageError
from isocortex.memory import available_bytes, gigabytes
from isocortex.reading import AGAIN, check_room, reading

FILM_SUFFIXES = (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".mts", ".wmv")
WHAT = "a film that PyAV decodes"

_CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,asf,ogg,flv"
_OPTIONS = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "none"}
"""A film is one file: playlists, and containers that name further files or addresses, are none."""

_LONGEST = 10 * 24 * 3600.0
_FASTEST = 1000
"""Frames in a second; beyond it, times are damaged."""


class Frames(NamedTuple):
    """Some frames of a film."""

    pixels: np.ndarray
    """(n_frames, height, width, 3), uint8."""
    times: np.ndarray
    """Seconds from the beginning of the film at which each is shown."""
    ends: np.ndarray
    """Seconds at which the next one is."""


@dataclass(frozen=True)
class FilmHead:
    """What the header of a film says."""

    width: int
    height: int
    rate: Fraction
    """Frames in a second, on average."""
    n_frames: int
    """As it is declared, or as duration and rate say."""
    seconds: float
    codec: str
    streams: tuple[str, ...]
    """Kind and codec of every stream."""
    told: Mapping[str, str] = field(default_factory=dict)
    """What else the file says of itself, such as a title; nothing of it is obeyed."""


@dataclass(frozen=True)
class Film:
    """A piece of a film, one stimulus: from when to when."""

    path: Path
    head: FilmHead
    onset: float = 0.0
    """Seconds from the beginning of the film."""
    seconds: float = math.inf

    @property
    def length(self) -> float:
        """Seconds from its beginning to its end."""
        return min(self.seconds, self.head.seconds - self.onset)

    @property
    def stop(self) -> float:
        """When it ends; infinite where it is all of the film."""
        return self.onset + self.seconds

    def edges(self) -> np.ndarray:
        """When each of its frames begins to be shown, and when the last one ends (in the film).

        Raises
        ------
        FormatError
            If there are none.
        """
        times = frame_times(self.path)
        hair = _hair(self.head.rate)
        first, last = np.searchsorted(times[:-1], (self.onset - hair, self.stop - hair))
        if first == last:
            raise FormatError(_no_frame(self))
        return times[first : last + 1]

    def frames(self) -> Frames:
        """All frames that begin to be shown in the piece.

        Raises
        ------
        FormatError
            If the film is damaged, or has no frame there.
        StorageError
            If there is too little memory.
        """
        with FilmReader() as reader:
            return reader.frames(self)

    def read(self) -> np.ndarray:
        """The pixels of all its frames; see :meth:`frames`."""
        return self.frames().pixels

    def digest(self) -> str:
        """A hash of what is seen: of the file's bytes, and which piece of it."""
        place = f"film {self.onset!r} {self.seconds!r}"
        return hashlib.sha256(f"{hash_of_file(self.path)} {place}".encode()).hexdigest()


def pyav() -> Any:
    """The library that decodes films.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise MissingDependencyError(
            "Films need PyAV, which is not installed: pip install 'isocortex[film]'."
        ) from error
    return av


def head_of_film(path: Path) -> FilmHead:
    """What a film says of itself.

    Raises
    ------
    NotFoundError
        If it is not there.
    FormatError
        If it is no film, has no pictures, or declares what cannot be.
    """
    pyav()
    if not path.is_file():
        raise NotFoundError(f"There is no film {str(path)!r}.")
    with reading(path, WHAT), _opened(path) as (container, stream):
        rate = Fraction(stream.average_rate or stream.guessed_rate or 0)
        seconds = _declared_seconds(container, stream)
        if stream.width < 1 or stream.height < 1 or not 0 < rate <= _FASTEST:
            raise FormatError(
                f"{str(path)!r} declares frames of {stream.height} x {stream.width} pixels at "
                f"{float(rate):g} a second; it is truncated or damaged."
            )
        if not 0 < seconds <= _LONGEST:
            raise FormatError(
                f"{str(path)!r} declares {seconds:.4g} s of film; it is truncated or damaged. "
                f"{AGAIN}"
            )
        return FilmHead(
            width=int(stream.width),
            height=int(stream.height),
            rate=rate,
            n_frames=int(stream.frames) or round(seconds * rate),
            seconds=seconds,
            codec=str(stream.codec_context.name),
            streams=tuple(f"{each.type} ({_codec(each)})" for each in container.streams),
            told={str(key): str(each)[:200] for key, each in container.metadata.items()},
        )


def _codec(stream: Any) -> str:
    context = stream.codec_context
    return "unknown" if context is None else str(context.name)


def _declared_seconds(container: Any, stream: Any) -> float:
    if stream.duration is not None and stream.time_base:
        return float(stream.duration * stream.time_base)
    if container.duration is not None:
        return container.duration / 1e6
    return float(stream.frames / stream.average_rate) if stream.average_rate else 0.0


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    av = pyav()
    # A file object, not a name: names can stand for addresses, devices or lists of files.
    with path.open("rb") as file, _container(av, file, path) as container:
        if not container.streams.video:
            held = ", ".join(each.type for each in container.streams) or "nothing"
            raise FormatError(f"{str(path)!r} has no pictures: it holds {held}.")
        yield container, container.streams.video[0]


def _container(av: Any, file: Any, path: Path) -> Any:
    try:
        return av.open(file, "r", options=_OPTIONS, metadata_errors="replace")
    except MemoryError:
        # Only the header is read here, which is small: what asks for so much is damaged.
        raise FormatError(
            f"{str(path)!r} declares an index that memory cannot hold; it is truncated or damaged. "
            f"{AGAIN}"
        ) from None


def frame_times(path: Path) -> np.ndarray:
    """When each frame of a film begins to be shown, and when the last one ends, in seconds.

    Read from its packets, none of which is decoded. Shape (n_frames + 1,).

    Raises
    ------
    FormatError
        If packets have no times (PTS), or no packet is there.
    """
    found = path.stat()
    return _frame_times(path, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=64)
def _frame_times(path: Path, size: int, changed: int) -> np.ndarray:
    del size, changed  # They are a part of the key.
    with reading(path, WHAT), _opened(path) as (container, stream):
        pairs = [
            (each.pts, each.duration or 0)
            for each in container.demux(stream)
            if each.size and not each.is_discard
        ]
        if not pairs or any(pts is None for pts, _ in pairs):
            raise FormatError(f"{str(path)!r} has no frames, or frames without times (PTS).")
        times, lengths = np.array(sorted(pairs), dtype=np.int64).T
        base = stream.time_base
        last = lengths[-1] or round(1 / (stream.average_rate or stream.guessed_rate) / base)
        return np.append(times, times[-1] + last) * float(base)


class FilmReader:
    """Decodes pieces of films; pieces that follow each other go on where the last one ended."""

    def __init__(self) -> None:
        self._decoder: _Decoder | None = None

    def frames(self, film: Film) -> Frames:
        """All frames that begin to be shown in a piece; see :meth:`Film.frames`."""
        if not film.path.is_file():
            raise NotFoundError(f"The film {str(film.path)!r} is not there any more.")
        head = film.head
        declared = (
            3
            * head.width
            * head.height
            * max(1, min(head.n_frames, round(film.length * head.rate)))
        )
        check_room(film.path, declared, "a clip of it")
        with reading(film.path, WHAT):
            decoder = self._decoder
            if decoder is None or not decoder.reaches(film):
                self._close()
                decoder = self._decoder = _Decoder(film)
            found = decoder.upto(film)
        if not found:
            raise FormatError(_no_frame(film))
        times, ends, pixels = zip(*found, strict=True)
        return Frames(np.stack(pixels), np.array(times), np.array(ends))

    def _close(self) -> None:
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None

    def __enter__(self) -> "FilmReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()


class _Decoder:
    """One open film, at the place it was decoded to, with the latest frames."""

    def __init__(self, film: Film):
        self.path, self.head = film.path, film.head
        self._open = _opened(film.path)
        self._container, self._stream = self._open.__enter__()
        base = self._stream.time_base
        if film.onset > 0:
            self._container.seek(int(film.onset / base), stream=self._stream, backward=True)
        self._coming = self._container.decode(self._stream)
        self._held: list[tuple[float, float, np.ndarray]] = []
        self._first = film.onset
        self._ended = False

    def reaches(self, film: Film) -> bool:
        """Whether a piece can be had without going back."""
        return film.path == self.path and film.onset >= self._first

    def upto(self, film: Film) -> list[tuple[float, float, np.ndarray]]:
        """The frames of a piece; those before it are forgotten."""
        self._first = film.onset
        stop = film.stop - _hair(self.head.rate)
        start = film.onset - _hair(self.head.rate)
        self._held = [each for each in self._held if each[0] >= start]
        while not self._ended and not (self._held and self._held[-1][0] >= stop):
            frame = next(self._coming, None)
            if frame is None:
                self._ended = True
                break
            self._take(frame, start)
        return [each for each in self._held if start <= each[0] < stop]

    def _take(self, frame: Any, start: float) -> None:
        if frame.pts is None or frame.time_base is None:
            raise FormatError(f"{str(self.path)!r} has frames without times (PTS).")
        time = float(frame.pts * frame.time_base)
        if time < start:
            return
        length = float((frame.duration or 0) * frame.time_base) or float(1 / self.head.rate)
        if (frame.width, frame.height) != (self.head.width, self.head.height):
            raise FormatError(f"{str(self.path)!r} has frames of several sizes.")
        if self._held:
            self._follow(time)
        self._check_memory()
        self._held.append((time, time + length, _upright(frame)))

    def _follow(self, time: float) -> None:
        """A frame is shown until the next one is."""
        before = self._held[-1]
        if time <= before[0]:
            raise FormatError(f"{str(self.path)!r} has frames whose times do not rise.")
        self._held[-1] = (before[0], time, before[2])

    def _check_memory(self) -> None:
        size = 3 * self.head.width * self.head.height
        # Asked rarely, since it takes time; more frames than declared are possible.
        if len(self._held) % 64 == 63 and size * 128 > available_bytes():
            raise StorageError(
                f"{str(self.path)!r}: its frames do not fit in memory "
                f"({gigabytes(size * len(self._held))} so far). Cut it by window=."
            )

    def close(self) -> None:
        """Let go of the file and of its decoder."""
        self._open.__exit__(None, None, None)


def _no_frame(film: Film) -> str:
    return (
        f"{str(film.path)!r} has no frame between {film.onset:g} and "
        f"{film.onset + film.length:g} s; it is truncated, or ends before."
    )


def _hair(rate: Fraction) -> float:
    """Times in seconds and of windows are rounded; a frame is never taken for its neighbour."""
    return 1e-3 / float(rate)


def _upright(frame: Any) -> np.ndarray:
    """The pixels as a player shows them: cameras write how they were held."""
    pixels = frame.to_ndarray(format="rgb24")
    turns = round(getattr(frame, "rotation", 0) / 90) % 4
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels
