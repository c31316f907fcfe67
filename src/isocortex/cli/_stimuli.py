"""Stimuli as the command line names them."""

from pathlib import Path

from isocortex.choice import listed, suggestion
from isocortex.data.recorded.films import FILM_SUFFIXES
from isocortex.data.recorded.sounds import SOUND_SUFFIXES
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError

FILES = (".csv", ".tsv", ".textgrid", ".lab")


def stimuli_of(path: Path, window: float | None = None, hop: float | None = None) -> Stimuli:
    """The images of a folder, those that a table lists, words with their times, sound or film.

    Raises
    ------
    InputError
        If a window is given for what has none.
    """
    from isocortex.files.read import read

    suffix = path.suffix.lower()
    if suffix in SOUND_SUFFIXES:
        return Stimuli.from_audio(path, window=window, hop=hop)
    if suffix in FILM_SUFFIXES:
        return Stimuli.from_video(path, window=window, hop=hop)
    if window is not None or hop is not None:
        raise InputError(f"--window and --hop are for sound and film, not for {str(path)!r}.")
    return read(path) if suffix in FILES else Stimuli.from_folder(path)


def check_column(stimuli: Stimuli, name: str, path: Path) -> None:
    """Refuse a column that the table of stimuli does not have.

    Raises
    ------
    InputError
    """
    known = list(stimuli.table.columns)
    if name not in known:
        raise InputError(
            f"{str(path)!r} has no column {name!r} of labels. {suggestion(name, known)}"
            f"It has: {listed(known) or 'none, since it is no table'}."
        )
