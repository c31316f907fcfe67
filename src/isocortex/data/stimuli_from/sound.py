"""Stimuli of sound."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from isocortex.data.recorded.pieces import Windows, sounds
from isocortex.types import Values

if TYPE_CHECKING:
    from isocortex.data.stimuli import Stimuli

S = TypeVar("S", bound="Stimuli")


def from_audio(  # noqa: PLR0913
    cls: type[S],
    recordings: "str | Path | Values | Sequence[str | Path | Values]",
    rate: int | None = None,
    *,
    window: float | None = None,
    hop: float | None = None,
    start: float | Sequence[float] = 0.0,
    stamp: str = "middle",
    names: Iterable[object] | None = None,
) -> S:
    """Sounds, whole or in windows, with the time at which each is heard.

    Files are opened by soundfile (wav, flac, ogg, mp3, aiff …), and only their headers are
    looked at; samples are read when they are needed. Of several channels the mean is taken.

    Parameters
    ----------
    recordings : path or array, or list of them
        Arrays have shape (n_samples,) or (n_samples, n_channels); integers are full scale at
        the end of their type, as in files.
    rate : int, optional
        Samples in a second. Of arrays it must be said; files of another rate are resampled to
        it (polyphase filtering, ``scipy.signal.resample_poly``). Default for files: their own.
        A network that takes another rate is given what it takes, whatever is said here.
    window : float, optional
        Seconds: each sound is cut into windows, each of which is one stimulus. Default: each
        sound is one.
    hop : float, optional
        Seconds from the beginning of a window to that of the next; default ``window``. Windows
        that would end after the sound are left out.
    start : float or sequence of float, default=0.0
        Seconds from the start of the run's first volume to the beginning of each sound.
    stamp : {"middle", "end"}, default="middle"
        The moment that a window stands for. ``"end"`` is for a response that must not depend
        on what is heard after it: the table gets a column ``time``, equal to ``offset``.
    names : sequence of str, optional
        One for each file or array; default the file's stem, or ``sound 0`` …

    Returns
    -------
    Stimuli
        Of modality ``"audio"``. Windows are named ``speech window 07``. The table has the columns
        ``onset``, ``offset`` (seconds), ``run`` (the name of the sound).

    Raises
    ------
    NotFoundError
        If a file is not there.
    FormatError
        If a file is no sound, empty, truncated, or declares more than it can hold.
    InputError
        If an array comes without rate=, or a sound is shorter than a window.
    MissingDependencyError
        If soundfile is not installed.

    Warns
    -----
    IsocortexWarning
        With counts of what is resampled, and of what has several channels.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> noise = np.random.default_rng(0).normal(size=16000)
    >>> sounds = ic.Stimuli.from_audio(noise, rate=16000, window=0.5, hop=0.25)
    >>> sounds.table[["onset", "offset"]].to_numpy().tolist()
    [[0.0, 0.5], [0.25, 0.75], [0.5, 1.0]]
    """
    windows = Windows(window, hop, start, stamp, "Stimuli.from_audio")
    made = sounds(recordings, rate, names, windows)
    return cls(made.names, made.sources, "audio", made.table)
