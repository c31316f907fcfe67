"""Stimuli as the command line names them."""

from pathlib import Path

from isocortex.data.stimuli import Stimuli

FILES = (".csv", ".tsv", ".textgrid", ".lab")


def stimuli_of(path: Path) -> Stimuli:
    """The images of a folder, those that a table lists, or words with their times."""
    from isocortex.files.read import read

    return read(path) if path.suffix.lower() in FILES else Stimuli.from_folder(path)
