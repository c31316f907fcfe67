"""Stimuli of images: from a folder, a table or arrays."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from isocortex.data.folders import pictures_in
from isocortex.data.modalities.images import array_or_image, seen, tell
from isocortex.data.pixels import check_set, checked_background
from isocortex.data.plain import list_of_names
from isocortex.data.stimulus_table import stimuli_in_table
from isocortex.data.unnamed import names_or_default
from isocortex.errors import InputError, warn
from isocortex.types import Colour, Values

if TYPE_CHECKING:
    from isocortex.data.stimuli import Stimuli

S = TypeVar("S", bound="Stimuli")


def from_folder(cls: type[S], folder: str | Path, *, background: Colour = "white") -> S:
    """The images of a folder and its subfolders, in natural order (img2 before img10).

    Names are file stems; where two files share one, all names are paths relative to the
    folder, without suffix, such as ``cat/1``. If there are subfolders, the table has a
    column ``folder``. Hidden files are no stimuli. Links are followed within the folder
    (and into its git-annex) only.

    Parameters
    ----------
    folder : path
    background : str, int or three of int, default="white"
        On which transparent images lie.

    Returns
    -------
    Stimuli

    Raises
    ------
    NotFoundError
        If there is no such folder.
    InputError
        If it has no image, or two files of one folder share a stem.
    StorageError
        If a subfolder may not be read.

    Warns
    -----
    IsocortexWarning
        With counts of what was left out: other kinds of files, broken links, links that
        lead out of the folder.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from PIL import Image
    >>> import isocortex as ic
    >>> with TemporaryDirectory() as folder:
    ...     for animal in ("cat", "dog"):
    ...         Path(folder, animal).mkdir()
    ...         Image.new("RGB", (8, 8)).save(Path(folder, animal, "1.png"))
    ...     stimuli = ic.Stimuli.from_folder(folder)
    >>> stimuli.names, list(stimuli.table["folder"])
    (('cat/1', 'dog/1'), ['cat', 'dog'])
    """
    folder = Path(folder)
    found = pictures_in(folder)
    if found.left_out:
        warn(
            f"Stimuli.from_folder: beside the {len(found.files)} images of {str(folder)!r}, "
            f"files were left out: {found.left_out}."
        )
    table = {"folder": list(found.subfolders)} if any(found.subfolders) else None
    return cls(found.names, found.files, table=table, background=background)


def from_csv(
    cls: type[S],
    path: str | Path,
    file: str | None = None,
    folder: str | Path | None = None,
    *,
    background: Colour = "white",
) -> S:
    """Images listed in a table, in its order, with its other columns as the table.

    Commas, semicolons, bars and tabs are told from the header; ``.tsv`` has tabs. Text
    stays as it is written (``001``, ``NA``, ``null``); a column is one of numbers if every
    entry is a number or missing, and never if whole numbers begin with a zero. Columns
    ``name`` and ``label`` and that of files are always text.

    Events of BIDS (``_events.tsv``) are such tables: files stand in ``stim_file``,
    relative to the folder ``stimuli`` of the data set (or to the table, where there is
    no data set); ``n/a`` is missing, and an event without a file is left out. A stimulus
    that is shown several times is one entry; a column that differs between its
    presentations, such as ``onset``, then holds tuples with one value for each of them.

    Parameters
    ----------
    path : path
        A file with a header: UTF-8 or UTF-16, else read as Windows-1252 with a warning.
    file : str, optional
        The column of file names; default ``"file"``, or else ``"stim_file"``. A column
        ``name``, where there is one, gives the names; otherwise they are the file stems,
        or the paths without suffix where two files share a stem.
    folder : path, optional
        What the file names are relative to; default the folder of the table. Relative
        paths must not lead out of it.
    background : str, int or three of int, default="white"
        On which transparent images lie.

    Returns
    -------
    Stimuli

    Raises
    ------
    NotFoundError
        If the table or an image is missing (the first are named).
    InputError
        If there is no such column, or a path leads out of the folder.
    FormatError
        If it is no table.

    Warns
    -----
    IsocortexWarning
        If rows name no picture, or the text is not in UTF-8.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from PIL import Image
    >>> import isocortex as ic
    >>> rows = ["onset\\tstim_file", "0\\tface.png", "2\\thouse.png", "4\\tface.png"]
    >>> with TemporaryDirectory() as folder:
    ...     for name in ("face", "house"):
    ...         Image.new("RGB", (8, 8)).save(Path(folder, f"{name}.png"))
    ...     table = Path(folder, "sub-01_events.tsv")
    ...     _ = table.write_text("\\n".join(rows))
    ...     stimuli = ic.Stimuli.from_csv(table)
    >>> stimuli.names, list(stimuli.table["onset"])
    (('face', 'house'), [(0, 4), (2,)])
    """
    found = stimuli_in_table(Path(path), file, None if folder is None else Path(folder))
    if found.said:
        warn(found.said)
    return cls(found.names, found.files, table=found.table, background=background)


def from_arrays(
    cls: type[S],
    arrays: Iterable[Values],
    names: Iterable[object] | None = None,
    table: pd.DataFrame | Mapping[str, Any] | None = None,
    *,
    background: Colour = "white",
) -> S:
    """Images in memory.

    Parameters
    ----------
    arrays : array or sequence of arrays, tensors or Pillow images
        Each of shape (height, width), (height, width, 3), (height, width, 4) with opacity
        last, or (channels, height, width). uint8 from 0 to 255, uint16 from 0 to 65535,
        bool, floats from 0 to 1, or other integers, if all lie from 0 to 255. Floats of
        another range are for networks that take them as they are.
    names : sequence of str, optional
        Default ``stimulus 0``, ``stimulus 1`` …; ``"by position"`` if these shall meet rows
        without names by place.
    table : DataFrame or mapping, optional
        Further columns.
    background : str, int or three of int, default="white"
        On which transparent images lie.

    Returns
    -------
    Stimuli
        Integers have become uint8, and uint16 float32 from 0 to 1.

    Raises
    ------
    InputError
        If an array is not an image, holds NaN or masked pixels, or integers are beyond
        the range of their type; the range that was found is told.

    Warns
    -----
    IsocortexWarning
        With counts of what was transparent, rotated or one of several frames.
    """
    given = list(arrays)
    names = list_of_names(names_or_default(names, None, len(given)), "Stimuli")
    if not given:
        raise InputError("Stimuli.from_arrays needs at least one array.")
    colour = checked_background(background)
    whos = [f"Stimuli.from_arrays: {str(name)!r}" for name in names]
    whos += ["Stimuli.from_arrays: an array"] * (len(given) - len(whos))
    plain = {w: array_or_image(each, w) for w, each in zip(whos, given, strict=False)}
    check_set({w: each for w, each in plain.items() if not hasattr(each, "getexif")})
    notes: Counter[str] = Counter()
    sources = []
    for who, each in plain.items():
        pixels, noted = seen(each, colour, who)
        sources.append(pixels)
        notes.update(noted)
    tell(notes, len(sources), "Stimuli.from_arrays", colour)
    return cls(names, sources, table=table, background=colour)
