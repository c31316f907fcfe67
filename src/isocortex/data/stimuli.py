"""What was shown: unique names, files or arrays, and a table of whatever else is known."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.arrays import as_numpy
from isocortex.data.folders import pictures_in
from isocortex.data.names import Names, checked_names
from isocortex.data.needs import door
from isocortex.data.pictures import (
    FRAMES,
    ROTATED,
    TRANSPARENT,
    PictureFile,
    look_at,
    pixels_of_file,
    pixels_of_image,
    read_bytes,
)
from isocortex.data.pixels import Background, as_pixels, check_set, checked_background
from isocortex.data.plain import list_of_names
from isocortex.data.rows import chosen_rows
from isocortex.data.stimulus_table import stimuli_in_table
from isocortex.data.unnamed import names_or_default
from isocortex.data.validation import table_of
from isocortex.errors import InputError, warn
from isocortex.types import Colour, Rows, Values


@door
@dataclass(frozen=True, eq=False, repr=False, init=False)
class Stimuli:
    """What was shown, one entry for each stimulus.

    Most users call :meth:`from_folder`, :meth:`from_csv` or :meth:`from_arrays`. Pictures are
    read as a person sees them: turned upright, transparency on a background, the first of
    several frames. Which numbers are black and white in each kind of file and array is told
    in the documentation's page on networks and extraction.

    Parameters
    ----------
    names : sequence of str
        Unique.
    sources : sequence of Path, array or str
        The file, the array or (modality ``"text"``) the sentence of each.
    modality : str, default="image"
        ``"image"`` or ``"text"``.
    table : DataFrame or mapping, optional
        Further columns: label, onset, duration, orientation …
    background : str, int or three of int, default="white"
        On which transparent pictures lie: a colour's name or code (``"gray"``, ``"#808080"``),
        a grey from 0 to 255, or red, green and blue from 0 to 255.

    Raises
    ------
    InputError
        If a name occurs twice, the numbers of names and sources differ, or the background is
        no colour.

    See Also
    --------
    extract : What layers of a network do for them.
    shapes, gratings, textures : Make stimuli of parameters.
    plots.stimuli : Shows them.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> pixels = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
    >>> kinds = {"category": ["animate", "animate", "inanimate"]}
    >>> stimuli = ic.Stimuli.from_arrays(pixels, ["face", "hand", "car"], kinds)
    >>> len(stimuli), stimuli.read(0).shape
    (3, (16, 16, 3))
    >>> stimuli.take([2]).table
        category
    0  inanimate
    """

    names: Names
    sources: Sequence[Any]
    modality: str
    table: pd.DataFrame
    background: Background

    def __init__(
        self,
        names: Iterable[object],
        sources: Sequence[Any],
        modality: str = "image",
        table: pd.DataFrame | Mapping[str, Any] | None = None,
        background: Colour = "white",
    ):
        object.__setattr__(self, "names", checked_names(names, len(sources), "Stimuli"))
        object.__setattr__(self, "sources", sources)
        object.__setattr__(self, "modality", modality)
        object.__setattr__(self, "table", table_of(table, len(sources), "Stimuli table"))
        object.__setattr__(self, "background", checked_background(background))

    @classmethod
    def from_folder(cls, folder: str | Path, *, background: Colour = "white") -> "Stimuli":
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

    @classmethod
    def from_csv(
        cls,
        path: str | Path,
        file: str | None = None,
        folder: str | Path | None = None,
        *,
        background: Colour = "white",
    ) -> "Stimuli":
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

    @classmethod
    def from_arrays(
        cls,
        arrays: Iterable[Values],
        names: Iterable[object] | None = None,
        table: pd.DataFrame | Mapping[str, Any] | None = None,
        *,
        background: Colour = "white",
    ) -> "Stimuli":
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
        plain = {w: _array(each, w) for w, each in zip(whos, given, strict=False)}
        check_set({w: each for w, each in plain.items() if not hasattr(each, "getexif")})
        notes: Counter[str] = Counter()
        sources = []
        for who, each in plain.items():
            pixels, noted = seen(each, colour, who)
            sources.append(pixels)
            notes.update(noted)
        tell(notes, len(sources), "Stimuli.from_arrays", colour)
        return cls(names, sources, table=table, background=colour)

    def __len__(self) -> int:
        return len(self.names)

    def take(self, rows: Rows) -> "Stimuli":
        """The stimuli at integer positions, in that order, or where a mask is true."""
        rows = chosen_rows(rows, len(self), "Stimuli.take")
        return Stimuli(
            [self.names[i] for i in rows],
            [self.sources[i] for i in rows],
            self.modality,
            self.table.iloc[rows],
            self.background,
        )

    def read(self, row: int) -> np.ndarray:
        """The pixels of one stimulus, as a person sees them.

        Returns
        -------
        array
            From a file (height, width, 3), uint8, or float32 from 0 to 1 where the file has
            more than 8 bits; arrays in their shape, integers as uint8 (uint16 as float32).

        Raises
        ------
        FormatError
            If its file cannot be decoded, or the range of its pixels is not known; the
            message names it.
        StorageError
            If there is too little memory for it.
        """
        source = self.sources[row]
        if isinstance(source, Path | PictureFile):
            path, content = _content(source)
            return pixels_of_file(path, content, self.background)
        if isinstance(source, str):
            return np.asarray(source)
        return seen(source, self.background, f"The stimulus {self.names[row]!r}")[0]

    def is_file(self, row: int) -> bool:
        """Whether a stimulus is a file, not an array or a text."""
        return isinstance(self.sources[row], Path | PictureFile)

    def digest(self, row: int) -> str:
        """A hash of the content of one stimulus as it is seen: equal images, equal digests."""
        source = self.sources[row]
        if isinstance(source, PictureFile):
            return source.look.digest
        if isinstance(source, Path):
            return look_at(source, read_bytes(source), self.background).digest
        if isinstance(source, str):
            return hashlib.sha256(source.encode()).hexdigest()
        array = np.ascontiguousarray(self.read(row))
        header = f"{array.dtype.str}{array.shape}".encode()
        return hashlib.sha256(header + array.tobytes()).hexdigest()

    def __repr__(self) -> str:
        columns = (
            f", table: {', '.join(map(str, self.table.columns))}" if len(self.table.columns) else ""
        )
        return f"Stimuli({len(self)} of modality {self.modality!r}{columns})"


UNSCALED = "unscaled"

_WORDS = {
    ROTATED: "{} were turned upright as their EXIF orientation says",
    TRANSPARENT: "{} are transparent in places and lie on the background {}",
    FRAMES: "{} hold several frames, of which the first is taken",
    UNSCALED: "{} are floats that reach beyond 1 and go into the network as they are (uint8 is "
    "divided by 255)",
}


def tell(notes: Mapping[str, int], total: int, who: str, background: Background) -> None:
    """One warning with counts of what was done to pictures; none if nothing was."""
    said = [_WORDS[kind].format(notes[kind], background) for kind in _WORDS if notes.get(kind)]
    if said:
        warn(f"{who}: of {total} images, {'; '.join(said)}.")


def _content(source: Path | PictureFile) -> tuple[Path, bytes]:
    if isinstance(source, Path):
        return source, read_bytes(source)
    return source.path, read_bytes(source.path) if source.content is None else source.content


def _array(given: Any, who: str) -> Any:
    """An array, or a Pillow image as it is."""
    if hasattr(given, "getexif"):
        return given
    if np.ma.is_masked(given):
        raise InputError(f"{who} has masked pixels; fill them, such as array.filled(0).")
    try:
        return as_numpy(given)
    except (TypeError, ValueError) as error:
        raise InputError(f"{who} is no array of pixels ({error}).") from error


def seen(given: Any, background: Background, who: str) -> tuple[np.ndarray, set[str]]:
    """The pixels of an array or a Pillow image, and what was done to them."""
    if not hasattr(given, "getexif"):
        pixels, see_through = as_pixels(given, background, who)
        return pixels, {TRANSPARENT} if see_through else set()
    notes = {FRAMES} if getattr(given, "is_animated", False) else set()
    if given.getexif().get(0x0112, 1) in range(2, 9):
        notes.add(ROTATED)
    if given.has_transparency_data and given.convert("RGBA").getextrema()[3][0] < 255:
        notes.add(TRANSPARENT)
    return pixels_of_image(given, background, who), notes
