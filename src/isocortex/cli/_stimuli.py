"""Images as the command line names them."""

from pathlib import Path

from isocortex.data.stimuli import Stimuli


def stimuli_of(path: Path) -> Stimuli:
    """The images of a folder, or those that a table (.csv, .tsv) lists."""
    tables = (".csv", ".tsv")
    return Stimuli.from_csv(path) if path.suffix.lower() in tables else Stimuli.from_folder(path)
