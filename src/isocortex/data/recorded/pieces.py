"""Sounds and films cut into windows: the names, the pieces and the times of stimuli."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from isocortex.choice import counted, is_number, listed, one_of, there_are
from isocortex.data.frozen import held
from isocortex.data.plain import list_of_names
from isocortex.data.recorded.films import Film, head_of_film
from isocortex.data.recorded.sounds import Sound, SoundHead, head_of_sound
from isocortex.errors import InputError, warn

STAMPS = ("middle", "end")
_HAIR = 1e-9
_MOST = 10**7


class Made(NamedTuple):
    """What Stimuli are made of."""

    names: list[str]
    sources: list[Any]
    table: pd.DataFrame


@dataclass(frozen=True)
class Windows:
    """How each sound or film is cut, and where its run begins."""

    window: float | None
    hop: float | None
    start: float | Sequence[float]
    stamp: str
    who: str

    def __post_init__(self) -> None:
        one_of(self.stamp, STAMPS, "stamp")
        for name in ("window", "hop"):
            value = getattr(self, name)
            if value is not None and not (is_number(value) and 0 < value < np.inf):
                raise InputError(f"{self.who}: {name}={value!r} must be seconds above 0.")
        if self.hop is not None and self.window is None:
            raise InputError(
                f"{self.who}: hop={self.hop!r} says how far windows are apart; give window= too."
            )

    def onsets(self, seconds: float, name: str) -> list[float]:
        """When the windows of a source begin: those that lie in it wholly; one if it is whole.

        Raises
        ------
        InputError
            If the source is shorter than a window, or there are very many.
        """
        if self.window is None:
            return [0.0]
        if self.window > seconds + _HAIR:
            raise InputError(
                f"{self.who}: {name!r} lasts {seconds:.4g} s, which is less than "
                f"window={self.window:g}."
            )
        hop = self.window if self.hop is None else self.hop
        n = int((seconds - self.window) / hop + _HAIR) + 1
        if n > _MOST:
            raise InputError(f"{self.who}: hop={hop:g} would cut {name!r} into {n} windows.")
        return [i * hop for i in range(n)]

    def starts(self, n: int) -> list[float]:
        """Seconds from each run's first volume to the beginning of its source."""
        starts = np.asarray(self.start, dtype=float)
        if (
            starts.ndim > 1
            or (starts.ndim == 1 and len(starts) != n)
            or not np.isfinite(starts).all()
        ):
            raise InputError(
                f"{self.who}: start= must be seconds, one number for all or one for each of {n}."
            )
        return np.broadcast_to(starts, n).tolist()


def sounds(given: Any, rate: int | None, names: Iterable[object] | None, windows: Windows) -> Made:
    """Sounds or windows of them, with names and times.

    Raises
    ------
    InputError, FormatError, NotFoundError
        See :meth:`isocortex.Stimuli.from_audio`.
    """
    who = windows.who
    if rate is not None and not (is_number(rate) and 1 <= rate < np.inf and int(rate) == rate):
        raise InputError(f"{who}: rate={rate!r} must be a whole number of samples in a second.")
    found = _several(given, _is_one_sound, who, "a sound file, or an array with rate=")
    files = [each for each in found if isinstance(each, str | Path)]
    wanted = None if rate is None else int(rate)
    whole = [_sound(each, wanted, who) for each in found]
    other = Counter(each.head.rate for each in whole if each.head.rate != each.rate)
    if other:
        rates = ", ".join(f"{n} of {one} Hz" for one, n in sorted(other.items()))
        warn(f"{who}: of {len(files)} files, {rates} are resampled to rate={rate} (polyphase).")
    several = sum(each.head.channels > 1 for each in whole)
    if several:
        warn(f"{who}: {several} of {len(whole)} sounds have several channels; their mean is taken.")
    labels = _names(found, names, "sound", who)

    def piece(each: Sound, onset: float, seconds: float) -> Sound:
        return Sound(each.source, each.head, each.rate, onset, seconds)

    return _pieces(labels, whole, piece, windows)


def films(given: Any, names: Iterable[object] | None, windows: Windows) -> Made:
    """Films or clips of them, with names and times.

    Raises
    ------
    InputError, FormatError, NotFoundError
        See :meth:`isocortex.Stimuli.from_video`.
    """
    who = windows.who
    found = _several(given, lambda each: isinstance(each, str | Path), who, "a film's path")
    whole = [Film(Path(each), head_of_film(Path(each))) for each in found]
    rates = sorted({float(each.head.rate) for each in whole})
    if len(rates) > 1:
        warn(
            f"{who}: the films have unequal frame rates ({', '.join(f'{r:.5g}' for r in rates)} in "
            "a second): windows of one length hold different numbers of frames. "
            "VideoPreprocessing(frames=...) spreads as many over each."
        )

    def piece(each: Film, onset: float, seconds: float) -> Film:
        return Film(each.path, each.head, onset, seconds)

    return _pieces(_names(found, names, "film", who), whole, piece, windows)


def _sound(given: Any, rate: int | None, who: str) -> Sound:
    if isinstance(given, str | Path):
        head = head_of_sound(Path(given))
        return Sound(Path(given), head, rate or head.rate)
    if rate is None:
        raise InputError(f"{who}: an array does not say its rate; give rate=, such as 16000.")
    samples = _samples(given, who)
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    mono = held(samples if samples.ndim == 1 else samples.mean(1))
    return Sound(mono, SoundHead(len(mono), int(rate), channels, "array"), int(rate))


def _samples(given: Any, who: str) -> np.ndarray:
    if np.ma.is_masked(given):
        raise InputError(f"{who}: an array has masked samples; fill them, such as array.filled(0).")
    try:
        array = np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)
    except (TypeError, ValueError) as error:
        raise InputError(f"{who}: one of the sounds is no array of samples ({error}).") from error
    if array.dtype.kind not in "fiu" or array.ndim not in (1, 2) or not array.size:
        raise InputError(
            f"{who}: an array has shape {array.shape} and type {array.dtype}; samples of one "
            "channel have shape (n_samples,), those of several (n_samples, n_channels)."
        )
    if array.ndim == 2 and array.shape[1] > min(64, array.shape[0]):
        raise InputError(
            f"{who}: an array of shape {array.shape} would have "
            f"{counted(array.shape[1], 'channel')}; "
            "samples come first: (n_samples, n_channels). Give several sounds as a list."
        )
    # Integers are full scale at the end of their type, as sound files have them.
    scale = 1.0 if array.dtype.kind == "f" else float(np.iinfo(array.dtype).max) + 1
    offset = scale / 2 if array.dtype.kind == "u" else 0.0
    scale = scale / 2 if array.dtype.kind == "u" else scale
    array = (array.astype(np.float64) - offset) / scale
    if not np.isfinite(array).all():
        raise InputError(f"{who}: an array holds samples that are NaN or infinite.")
    return array


def _several(given: Any, is_one: Callable[[Any], bool], who: str, what: str) -> list[Any]:
    try:
        found = [given] if is_one(given) else list(given)
    except TypeError:
        raise InputError(f"{who} needs {what}, or a list of them; not {given!r:.60}.") from None
    if not found:
        raise InputError(f"{who} needs {what}; the list is empty.")
    wrong = next((each for each in found if not is_one(each)), None)
    if wrong is not None:
        raise InputError(f"{who} needs {what}, or a list of them; not {type(wrong).__name__}.")
    return found


def _is_one_sound(given: Any) -> bool:
    if isinstance(given, str | Path):
        return True
    return hasattr(given, "shape") and len(given.shape) in (1, 2) and hasattr(given, "dtype")


def _names(found: list[Any], names: Iterable[object] | None, kind: str, who: str) -> list[str]:
    if names is not None:
        given = [str(each) for each in list_of_names(names, who)]
        if len(given) != len(found):
            raise InputError(f"{who}: {there_are(len(given), 'name')} for {len(found)} {kind}s.")
        return given
    stems = [
        Path(each).stem if isinstance(each, str | Path) else f"{kind} {i}"
        for i, each in enumerate(found)
    ]
    if len(set(stems)) == len(stems):
        return stems
    return [
        str(Path(each).with_suffix("")) if isinstance(each, str | Path) else stem
        for each, stem in zip(found, stems, strict=True)
    ]


def _pieces(
    labels: Sequence[str],
    whole: Sequence[Any],
    piece: Callable[[Any, float, float], Any],
    windows: Windows,
) -> Made:
    names, sources, rows = [], [], []
    starts = windows.starts(len(whole))
    for label, each, start in zip(labels, whole, starts, strict=True):
        onsets = windows.onsets(each.length, label)
        width = len(str(len(onsets) - 1))
        for i, onset in enumerate(onsets):
            cut = each if windows.window is None else piece(each, onset, windows.window)
            names.append(label if windows.window is None else f"{label} window {i:0{width}d}")
            sources.append(cut)
            rows.append((start + onset, start + onset + cut.length, label))
    table = pd.DataFrame(rows, columns=["onset", "offset", "run"])
    if windows.stamp == "end":
        table["time"] = table["offset"]
    duplicates = [name for name, n in Counter(labels).items() if n > 1]
    if duplicates:
        raise InputError(f"{windows.who}: names occur more than once: {listed(duplicates)}.")
    return Made(names, sources, table)
