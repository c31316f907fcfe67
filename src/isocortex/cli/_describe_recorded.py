"""What the headers of a sound or a film say."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from isocortex.data.recorded.films import FILM_SUFFIXES, head_of_film
from isocortex.data.recorded.sounds import head_of_sound

Facts = tuple[str, Mapping[str, object]]
"""A title, and what is known; without a title, what the file says of itself."""


def facts_of(path: Path) -> Iterator[Facts]:
    """Durations, rates and streams, and then what else the file says of itself."""
    if not path.name.lower().endswith(FILM_SUFFIXES):
        sound = head_of_sound(path)
        yield (
            "sound",
            {
                "duration": f"{sound.seconds:.3f} s",
                "rate": f"{sound.rate} Hz",
                "samples": sound.n_samples,
                "channels": sound.channels,
                "format": sound.format,
            },
        )
        return
    film = head_of_film(path)
    yield (
        "film",
        {
            "duration": f"{film.seconds:.3f} s",
            "frame_rate": f"{float(film.rate):.6g} in a second ({film.rate})",
            "frames": film.n_frames,
            "size": f"{film.height} x {film.width} pixels (height x width)",
            "streams": "; ".join(film.streams),
        },
    )
    if film.told:
        yield "", film.told
