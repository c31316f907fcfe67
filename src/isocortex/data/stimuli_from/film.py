"""Stimuli of film."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from isocortex.data.recorded.pieces import Windows, films

if TYPE_CHECKING:
    from isocortex.data.stimuli import Stimuli

S = TypeVar("S", bound="Stimuli")


def from_video(  # noqa: PLR0913
    cls: type[S],
    files: "str | Path | Sequence[str | Path]",
    *,
    window: float | None = None,
    hop: float | None = None,
    start: float | Sequence[float] = 0.0,
    stamp: str = "middle",
    names: Iterable[object] | None = None,
) -> S:
    """Films, whole or in clips, with the time at which each is seen.

    Files are decoded by PyAV, and only their headers are looked at; frames are decoded when
    they are needed. The time of a frame is the one that the file gives it (PTS and time base),
    never its number by a rate.

    Parameters
    ----------
    files : path, or list of paths
        mp4, mov, mkv, webm, avi …
    window : float, optional
        Seconds: each film is cut into clips, each of which is one stimulus, of all frames that
        begin to be shown in it. Default: each film is one.
    hop : float, optional
        Seconds from the beginning of a clip to that of the next; default ``window``. Clips that
        would end after the film are left out.
    start : float or sequence of float, default=0.0
        Seconds from the start of the run's first volume to the beginning of each film.
    stamp : {"middle", "end"}, default="middle"
        The moment that a clip stands for. ``"end"`` is for a response that must not depend on
        what is seen after it: the table gets a column ``time``, equal to ``offset``.
    names : sequence of str, optional
        One for each file; default its stem.

    Returns
    -------
    Stimuli
        Of modality ``"video"``. Clips are named ``bikes window 07``. The table has the columns
        ``onset``, ``offset`` (seconds), ``run`` (the name of the film).

    Raises
    ------
    NotFoundError
        If a file is not there.
    FormatError
        If a file is no film, has no pictures, or declares what cannot be.
    InputError
        If a film is shorter than a window.
    MissingDependencyError
        If PyAV is not installed.

    Warns
    -----
    IsocortexWarning
        If films have unequal frame rates.
    """
    made = films(files, names, Windows(window, hop, start, stamp, "Stimuli.from_video"))
    return cls(made.names, made.sources, "video", made.table)
