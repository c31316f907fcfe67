"""How the names of files that commands write must end, checked before any work."""

from collections.abc import Sequence
from pathlib import Path

from isocortex.errors import InputError

STORE = (".zarr",)
RDMS = (".npz",)
TABLE = (".csv", ".tsv", ".parquet")
NOUN_OR_TABLE = (*TABLE, ".npz")
SCORES = (".csv", ".parquet", ".npz")
MAP = (".nii.gz", ".nii", ".mgz", ".mgh")
WEIGHTS = (".safetensors",)
PAGE = (".html", ".htm")
PICTURE = (".png", ".pdf", ".svg", ".jpg", ".jpeg", ".tif", ".tiff", ".webp")
PHOTO = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")


def check_endings(
    into: Path | None = None,
    kinds: Sequence[str] = (),
    *,
    figure: Path | None = None,
    option: str = "--into",
) -> None:
    """Refuse names of which no file can be made.

    Parameters
    ----------
    into, figure : path, optional
        What ``--into`` and ``--figure`` say.
    kinds : sequence of str
        How the name of ``into`` may end.
    option : str
        What the option is called that gives ``into``.

    Raises
    ------
    InputError
    """
    for which, path, known in ((option, into, kinds), ("--figure", figure, PICTURE)):
        if path is None or path.name.endswith(tuple(known)):
            continue
        *most, last = known
        ends = f"{', '.join(most)} or {last}" if most else last
        raise InputError(f"{which} {str(path)!r}: the name must end in {ends}. Nothing was done.")
