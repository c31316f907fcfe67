"""What moves in a film, moment by moment."""

import numpy as np
import pandas as pd

from isocortex.choice import is_whole
from isocortex.data.needs import door
from isocortex.data.recorded.films import Film, FilmReader
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError, warn
from isocortex.features.moments import Moments, films_of, moments_as_rows
from isocortex.numerics.signal.motion_energy import (
    PARAMETERS,
    Size,
    averaged,
    filters,
    luminance,
)
from isocortex.numerics.signal.motion_energy import motion_energy as energies

_BLOCK = 64
_UNEVEN = 0.25
"""Of the usual distance of frames: beyond it, they are not evenly shown."""


@door
def motion_energy(clips: Stimuli, size: tuple[int, int] | None = None) -> Responses:
    """Motion energy at each frame: log(√(o² + q²) + 1e-5) of Gabor filters in quadrature.

    Luminance is CIE L*. Filters are those of pymoten's default pyramid: temporal frequencies
    0, 2 and 4 Hz, spatial ones 0, 2, 4, 8 and 16 cycles per image height, eight directions,
    places 3.5 sd apart, and int(fps · 2/3) frames long, which are centred: a row also knows of
    frames after it. The numbers are pymoten's to 1e-10.

    Parameters
    ----------
    clips : Stimuli
        From :meth:`Stimuli.from_video`. Each is filtered by itself: give whole films rather than
        windows, at whose ends filters see nothing.
    size : (height, width), optional
        Frames are first brought to this size, each new pixel the mean of what it covers.
        Default: 96 pixels high where they are higher, with their own shape.

    Returns
    -------
    Responses
        A row for each frame, with its ``onset``, ``offset`` and ``time`` in the table; a unit for
        each filter, with ``col`` and ``row`` of its centre (in image heights), ``direction``
        (degrees), ``spatial_frequency``, ``spatial_sd`` and ``temporal_frequency``. Brought to
        volumes by a mean (``method="mean"``).

    Raises
    ------
    InputError
        If these are no films, differ in frame rate or shape, or frames are not evenly shown.

    Warns
    -----
    IsocortexWarning
        If the frame rate is no whole number and is rounded, as filters need one.

    See Also
    --------
    envelope, mel_spectrogram : Features of sound.
    isocortex.Stimuli : ``from_video`` makes clips.

    References
    ----------
    Nishimoto et al. (2011), Current Biology, https://doi.org/10.1016/j.cub.2011.08.031

    Examples
    --------
    >>> import av
    >>> import numpy as np
    >>> import isocortex as ic
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> frames = np.random.default_rng(0).integers(0, 255, (8, 48, 48, 3), np.uint8)
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "noise.mkv")
    ...     with av.open(str(path), "w") as film:
    ...         stream = film.add_stream("ffv1", rate=10)
    ...         stream.width = stream.height = 48
    ...         for frame in frames:
    ...             film.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
    ...         film.mux(stream.encode())
    ...     energy = ic.features.motion_energy(ic.Stimuli.from_video(path))
    >>> energy.n_stimuli, round(float(energy.table["offset"].iloc[-1]), 3)
    (8, 0.8)
    """
    who = "features.motion_energy"
    films = list(films_of(clips, who))
    fps = _whole_rate(films, who)
    at = _size(films, size, who)
    with FilmReader() as reader:
        found = [_of(each, reader, fps, at, who) for each in films]
    units = pd.DataFrame(filters(at.width / float(at.height)), columns=list(PARAMETERS))
    units.insert(0, "feature", [f"filter {i}" for i in range(len(units))])
    return moments_as_rows(clips, found, units, {"layer": "motion_energy"})


def _whole_rate(films: list[Film], who: str) -> int:
    rates = sorted({each.head.rate for each in films})
    if len(rates) > 1:
        shown = ", ".join(f"{float(each):.5g}" for each in rates)
        raise InputError(
            f"{who} needs films of one frame rate; these have {shown} frames in a second. Take "
            "them one by one, or bring them to one rate."
        )
    fps = max(1, round(rates[0]))
    if fps != rates[0]:
        warn(f"{who}: {float(rates[0]):.5g} frames in a second are taken as {fps}.")
    if fps < 2:
        raise InputError(f"{who} needs at least 2 frames in a second, not {float(rates[0]):.3g}.")
    return fps


def _size(films: list[Film], size: tuple[int, int] | None, who: str) -> Size:
    if size is not None:
        if len(size) != 2 or not all(is_whole(each) and each > 1 for each in size):
            raise InputError(f"{who}: size={size!r} must be (height, width) in pixels.")
        return Size(*map(int, size))
    shapes = {(each.head.height, each.head.width) for each in films}
    if len(shapes) > 1:
        raise InputError(
            f"{who}: frames have the sizes {', '.join(f'{h} x {w}' for h, w in sorted(shapes))}; "
            "give size=(height, width)."
        )
    height, width = shapes.pop()
    high = min(96, height)
    return Size(high, max(2, round(width * high / height)))


def _of(film: Film, reader: FilmReader, fps: int, size: Size, who: str) -> Moments:
    frames = reader.frames(film)
    steps = np.diff(frames.times)
    usual = 1 / float(film.head.rate)
    if len(steps) and np.abs(steps - usual).max() > _UNEVEN * usual:
        raise InputError(
            f"{who}: frames of {film.path.name!r} are between {steps.min():.3g} and "
            f"{steps.max():.3g} s apart, and filters need frames that are evenly shown."
        )
    blocks = range(0, len(frames.pixels), _BLOCK)
    shades = [averaged(luminance(frames.pixels[i : i + _BLOCK]), size) for i in blocks]
    values = energies(np.concatenate(shades), fps)
    return Moments(values, frames.times - film.onset, frames.ends - film.onset)
