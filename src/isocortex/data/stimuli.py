"""What was shown: unique names, files or arrays, and a table of whatever else is known."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import listed, suggestion
from isocortex.data.check import table_of
from isocortex.data.names import Names, checked_names, natural_key
from isocortex.errors import FormatError, InputError, NotFoundError

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".gif", ".ppm")


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Stimuli:
    """What was shown, one entry for each stimulus.

    Most users call :meth:`from_folder`, :meth:`from_csv` or :meth:`from_arrays`.

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

    Raises
    ------
    InputError
        If a name occurs twice or the numbers of names and sources differ.
    """

    names: Names
    sources: Sequence[Any]
    modality: str
    table: pd.DataFrame

    def __init__(
        self,
        names: Iterable[object],
        sources: Sequence[Any],
        modality: str = "image",
        table: pd.DataFrame | Mapping[str, Any] | None = None,
    ):
        object.__setattr__(self, "names", checked_names(names, len(sources), "Stimuli"))
        object.__setattr__(self, "sources", sources)
        object.__setattr__(self, "modality", modality)
        object.__setattr__(self, "table", table_of(table, len(sources), "Stimuli table"))

    @classmethod
    def from_folder(cls, folder: str | Path) -> "Stimuli":
        """The images of a folder; names are file stems, in natural order (img2 before img10).

        Raises
        ------
        NotFoundError
            If there is no such folder.
        InputError
            If it has no image, or two files have one stem.
        """
        folder = Path(folder)
        if not folder.is_dir():
            raise NotFoundError(f"There is no folder {str(folder)!r} to read images from.")
        files = [f for f in folder.iterdir() if f.suffix.lower() in IMAGE_SUFFIXES and f.is_file()]
        files = [f for f in files if not f.name.startswith(".")]
        if not files:
            raise InputError(
                f"The folder {str(folder)!r} has no images ({', '.join(IMAGE_SUFFIXES)})."
            )
        files.sort(key=lambda file: natural_key(file.name))
        _check_stems(files)
        files.sort(key=lambda file: natural_key(file.stem))
        return cls([file.stem for file in files], files)

    @classmethod
    def from_csv(
        cls, path: str | Path, file: str = "file", folder: str | Path | None = None
    ) -> "Stimuli":
        """Images listed in a CSV file, in its order, with its other columns as the table.

        Parameters
        ----------
        path : path
            A CSV file with a header.
        file : str, default="file"
            The column of file names. A column ``name``, where there is one, gives the names;
            otherwise they are the file stems.
        folder : path, optional
            What the file names are relative to; default the folder of the CSV file.

        Raises
        ------
        NotFoundError
            If the CSV file or an image is missing (the first are named).
        InputError
            If there is no such column.
        """
        path = Path(path)
        if not path.is_file():
            raise NotFoundError(f"There is no file {str(path)!r} to read stimuli from.")
        try:
            table = pd.read_csv(path)
        except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
            raise FormatError(f"{str(path)!r} is not a CSV file: {error}.") from error
        if file not in table.columns:
            raise InputError(
                f"{str(path)!r} has no column {file!r}. {suggestion(file, table.columns)}"
                f"It has: {listed(table.columns, 20)}. Name the column of files with file=…"
            )
        root = path.parent if folder is None else Path(folder)
        files = [root / str(each) for each in table[file]]
        missing = [str(each) for each in files if not each.is_file()]
        if missing:
            raise NotFoundError(
                f"{len(missing)} of {len(files)} images of {str(path)!r} are not there: "
                f"{listed(missing)}."
            )
        names = table["name"] if "name" in table.columns else [each.stem for each in files]
        if "name" not in table.columns:
            _check_stems(files)
        return cls(names, files, table=table.drop(columns=[file, "name"], errors="ignore"))

    @classmethod
    def from_arrays(
        cls,
        arrays: Any,
        names: Iterable[object] | None = None,
        table: pd.DataFrame | Mapping[str, Any] | None = None,
    ) -> "Stimuli":
        """Images in memory.

        Parameters
        ----------
        arrays : array or sequence of arrays
            Each of shape (height, width), (height, width, 3) or (channels, height, width);
            uint8 from 0 to 255, or floats, which are by convention 0 to 1.
        names : sequence of str, optional
            Default ``stimulus 0``, ``stimulus 1`` …
        table : DataFrame or mapping, optional
            Further columns.

        Raises
        ------
        InputError
            If an array is not an image or holds NaN.
        """
        arrays = [np.asarray(each) for each in arrays]
        names = [f"stimulus {i}" for i in range(len(arrays))] if names is None else list(names)
        if not arrays:
            raise InputError("Stimuli.from_arrays needs at least one array.")
        for name, each in zip(names, arrays, strict=False):
            if each.ndim not in (2, 3) or each.dtype.kind not in "uif":
                raise InputError(
                    f"Stimuli.from_arrays: {name!r} has shape {each.shape} and type {each.dtype}; "
                    "an image is (height, width), (height, width, 3) or (channels, height, width)."
                )
            if each.dtype.kind == "f" and not np.isfinite(each).all():
                raise InputError(f"Stimuli.from_arrays: {name!r} holds NaN or infinite numbers.")
        return cls(names, arrays, table=table)

    def __len__(self) -> int:
        return len(self.names)

    def take(self, rows: Any) -> "Stimuli":
        """The stimuli at integer positions ``rows``, in that order."""
        rows = np.asarray(rows, dtype=np.intp)
        return Stimuli(
            [self.names[i] for i in rows],
            [self.sources[i] for i in rows],
            self.modality,
            self.table.iloc[rows],
        )

    def read(self, row: int) -> np.ndarray:
        """The pixels of one stimulus: RGB (height, width, 3) uint8 from a file, arrays as given.

        Raises
        ------
        FormatError
            If its file cannot be decoded; the message names it.
        """
        source = self.sources[row]
        return np.asarray(_decode(source) if isinstance(source, Path) else source)

    def digest(self, row: int) -> str:
        """A hash of the content of one stimulus: equal images have equal digests."""
        source = self.sources[row]
        if isinstance(source, Path):
            return hashlib.sha256(source.read_bytes()).hexdigest()
        if isinstance(source, str):
            return hashlib.sha256(source.encode()).hexdigest()
        array = np.ascontiguousarray(source)
        header = f"{array.dtype.str}{array.shape}".encode()
        return hashlib.sha256(header + array.tobytes()).hexdigest()

    def __repr__(self) -> str:
        columns = (
            f", table: {', '.join(map(str, self.table.columns))}" if len(self.table.columns) else ""
        )
        return f"Stimuli({len(self)} of modality {self.modality!r}{columns})"


def _check_stems(files: Sequence[Path]) -> None:
    by_stem: dict[str, list[str]] = {}
    for file in files:
        by_stem.setdefault(file.stem, []).append(file.name)
    twice = [names for names in by_stem.values() if len(names) > 1]
    if twice:
        raise InputError(
            f"{len(twice)} stimulus names would occur twice, because files share a stem: "
            f"{' and '.join(twice[0])}. Rename them, or list them with names in a CSV file."
        )


def _decode(path: Path) -> np.ndarray:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except FileNotFoundError:
        raise NotFoundError(f"The image {str(path)!r} is not there any more.") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise FormatError(
            f"The image {str(path)!r} cannot be decoded ({error}); replace or remove it."
        ) from error
