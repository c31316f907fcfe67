"""Sounds and films become batches; what is read next is read while the network computes."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.choice import listed
from isocortex.data.recorded.films import Film, FilmReader
from isocortex.data.recorded.sounds import Sound
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError, warn
from isocortex.networks.inputs.preprocessing import Transform
from isocortex.networks.inputs.recorded import AudioPreprocessing, VideoPreprocessing
from isocortex.networks.inputs.whisper import WhisperPreprocessing

Read = Callable[[int], np.ndarray]


@dataclass(frozen=True)
class Recording:
    """How the stimuli of an extraction go into the network, and how long each is."""

    lengths: np.ndarray
    """Of each stimulus, in samples or frames."""
    shape_at: Callable[[int], tuple[int, ...]]
    """The shape of a stimulus of a length."""
    edges: Callable[[int], np.ndarray]
    """Of a stimulus: when each of its entries begins, and the last one ends; seconds from its
    onset."""
    reader: Callable[[], Read]
    """Opens what reads one stimulus after the other, as the network takes it."""
    axis: str
    """What the axis of time is called."""
    fixed: int | None = None
    """The length to which all are padded, where the network takes no other."""


def recording_of(stimuli: Stimuli, preprocessing: Transform, who: str) -> Recording:
    """The stimuli as a network takes them.

    Raises
    ------
    InputError
        If they have different rates that nothing makes equal, or know no times.
    """
    kind = Sound if stimuli.modality == "audio" else Film
    other = [
        name
        for name, each in zip(stimuli.names, stimuli.sources, strict=True)
        if not isinstance(each, kind)
    ]
    if other:
        raise InputError(
            f"{who} needs to know rate and times of sounds and films, and {listed(other)} are bare "
            f"arrays: make them by Stimuli.from_{stimuli.modality}."
        )
    if kind is Sound:
        return _of_sounds(stimuli, preprocessing, who)
    return _of_films(stimuli, preprocessing)


def _of_sounds(stimuli: Stimuli, preprocessing: Any, who: str) -> Recording:
    sounds: Sequence[Sound] = stimuli.sources
    rate = getattr(preprocessing, "rate", None) or _one_rate(sounds, who)
    tell_resampled(sounds, rate, who)
    lengths = np.array([each.n_samples(rate) for each in sounds])
    whisper = isinstance(preprocessing, WhisperPreprocessing)

    def read(row: int) -> np.ndarray:
        return np.asarray(preprocessing(sounds[row].samples(rate)))

    def shape_at(length: int) -> tuple[int, ...]:
        if isinstance(preprocessing, AudioPreprocessing):
            return (length,)
        return tuple(np.asarray(preprocessing(np.zeros(length))).shape)

    return Recording(
        lengths=lengths,
        shape_at=shape_at,
        edges=lambda row: np.arange(lengths[row] + 1) / rate,
        reader=lambda: read,
        axis="time",
        fixed=preprocessing.most_samples if whisper else None,
    )


def _one_rate(sounds: Sequence[Sound], who: str) -> int:
    rates = {each.rate for each in sounds}
    if len(rates) > 1:
        raise InputError(
            f"{who}: the sounds have {listed(sorted(rates))} samples in a second, and this network "
            "does not say which it takes. Give Stimuli.from_audio one rate=, or load_network "
            "preprocessing=AudioPreprocessing(rate)."
        )
    return rates.pop()


def tell_resampled(sounds: Sequence[Sound], rate: int, who: str) -> None:
    """One warning with the number of sounds that are brought to another rate than they have."""
    other = sorted({each.rate for each in sounds if each.rate != rate})
    if other:
        n = sum(each.rate != rate for each in sounds)
        warn(
            f"{who}: {n} of {len(sounds)} sounds of {', '.join(map(str, other))} Hz are resampled "
            f"to {rate} Hz, which the network takes (polyphase)."
        )


def _of_films(stimuli: Stimuli, preprocessing: Any) -> Recording:
    films: Sequence[Film] = stimuli.sources
    ours = isinstance(preprocessing, VideoPreprocessing)
    n = preprocessing.frames if ours else None

    def edges(row: int) -> np.ndarray:
        film = films[row]
        if n is not None:
            return np.arange(n + 1) * (film.length / n)
        return film.edges() - film.onset

    lengths = np.array([n if n is not None else len(each.edges()) - 1 for each in films])

    def prepared(film: Film, reader: FilmReader) -> np.ndarray:
        found = reader.frames(film)
        pixels = found.pixels
        if ours:
            pixels = pixels[preprocessing.chosen(found.times, film.onset, film.length)]
        return np.asarray(preprocessing(pixels))

    def reader() -> Read:
        opened = FilmReader()
        return lambda row: prepared(films[row], opened)

    head = films[0].head
    blank = np.zeros((1, head.height, head.width, 3), np.uint8)
    one = np.asarray(preprocessing(blank)).shape
    # Time is the axis of frames: before or after that of colours.
    at = 0 if ours and preprocessing.frames_first else 1

    def shape_at(length: int) -> tuple[int, ...]:
        return (*one[:at], length, *one[at + 1 :])

    return Recording(lengths, shape_at, edges, reader, "frame")


def recorded_batches(
    recording: Recording, names: Sequence[str], sets: Sequence[np.ndarray]
) -> Iterator[np.ndarray]:
    """The stimuli of each set, read one set ahead.

    Raises
    ------
    InputError
        If stimuli of one batch have different shapes.
    """
    read = recording.reader()

    def batch(rows: np.ndarray) -> np.ndarray:
        found = [read(int(row)) for row in rows]
        for row, one in zip(rows, found, strict=True):
            if one.shape != found[0].shape:
                raise InputError(
                    f"The stimuli {names[rows[0]]!r} and {names[row]!r} have the shapes "
                    f"{found[0].shape} and {one.shape} after preprocessing. Use windows of one "
                    "length, VideoPreprocessing(frames=..., resize=...), or batch_size=1."
                )
        return np.stack(found)

    with ThreadPoolExecutor(1) as pool:
        ahead = pool.submit(batch, sets[0]) if sets else None
        for following in [*sets[1:], None]:
            assert ahead is not None
            ready, ahead = ahead, None
            found = ready.result()
            ahead = None if following is None else pool.submit(batch, following)
            yield found
