"""``.stim.csv``: a header of ``key=value`` lines, ``data=`` and a table without quotes."""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from isocortex.choice import counted, listed
from isocortex.data.needs import door
from isocortex.data.stimuli import Stimuli
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.formats.dnnbrain.files import checked_path
from isocortex.reading import leads_out, reader, reading
from isocortex.store.atomic import whole

SUFFIX = ".stim.csv"
KINDS = ("image", "video", "video_clip")


@door
@reader("a list of stimuli of DNNBrain")
def read_stim_csv(path: str | Path) -> Stimuli:
    """Read the stimuli that a DNNBrain file lists.

    Parameters
    ----------
    path : path
        Ends in .stim.csv. Images lie in its ``path``, which is taken relative to the working
        folder (as DNNBrain does) or, where that is not there, to the file itself.

    Returns
    -------
    Stimuli
        Names are ``stimID``; the other columns (label, onset, duration, ...) are its table.

    Raises
    ------
    FormatError
        If the file lacks what the format demands.
    InputError
        If it lists videos, or a stimulus twice.
    NotFoundError
        If the file or an image is not there.

    See Also
    --------
    write_stim_csv : Writes such a file.
    Stimuli.from_csv : Images that any other table lists.
    read_act_h5 : What layers did for them.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from PIL import Image
    >>> import isocortex as ic
    >>> with TemporaryDirectory() as folder:
    ...     for name in ("cat.png", "dog.png"):
    ...         Image.fromarray(np.zeros((8, 8), np.uint8)).save(Path(folder, name))
    ...     path = Path(folder, "pets.stim.csv")
    ...     _ = ic.write_stim_csv(ic.Stimuli.from_folder(folder), path)
    ...     print(ic.read_stim_csv(path).names)
    ('cat.png', 'dog.png')
    """
    header, columns = parse_stim_csv(path)
    if header["type"] != "image":
        raise InputError(
            f"{str(path)!r} lists stimuli of type {header['type']!r}; only images are extracted. "
            "Save the frames as images, and list those."
        )
    names = [str(each) for each in columns.pop("stimID")]
    out = [name for name in names if leads_out(name)]
    if out:
        raise InputError(
            f"{str(path)!r}: {len(out)} stimuli lie out of the folder of its line 'path=': "
            f"{listed(out)}. Give the folder that holds all images there."
        )
    folder = stimulus_folder(header["path"], Path(path))
    files = [folder / name for name in names]
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise NotFoundError(
            f"{len(missing)} of the {len(files)} images of {str(path)!r} are not there, "
            f"the first: {missing[0]!r}."
        )
    return Stimuli(names, files, table=pd.DataFrame(columns, index=pd.RangeIndex(len(names))))


@door
def write_stim_csv(
    stimuli: Stimuli, path: str | Path, header: Mapping[str, str] | None = None
) -> Path:
    """List images in a DNNBrain file.

    Parameters
    ----------
    stimuli : Stimuli
        Read from files. ``stimID`` is each file relative to the folder that all have in common.
    path : path
        Ends in .stim.csv.
    header : mapping, optional
        Further header lines, such as ``{"title": "92 objects"}``.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If the stimuli are arrays or texts, or an entry has a comma or a line break, which the
        format cannot hold.

    See Also
    --------
    read_stim_csv : Reads such a file.
    Stimuli.from_folder : The images of a folder.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from PIL import Image
    >>> import isocortex as ic
    >>> with TemporaryDirectory() as folder:
    ...     Image.fromarray(np.zeros((8, 8), np.uint8)).save(Path(folder, "cat.png"))
    ...     stimuli = ic.Stimuli.from_folder(folder)
    ...     path = ic.write_stim_csv(stimuli, f"{folder}/pets.stim.csv", {"title": "pets"})
    ...     print(path.read_text(encoding="utf-8").split()[-1])
    cat.png
    """
    if not all(isinstance(source, Path) for source in stimuli.sources):
        raise InputError("write_stim_csv needs stimuli from image files, not arrays or text.")
    files = [source.resolve() for source in stimuli.sources]
    folder = Path(os.path.commonpath([file.parent for file in files]))
    columns = {"stimID": np.array([file.relative_to(folder).as_posix() for file in files])}
    columns.update({str(name): stimuli.table[name].to_numpy() for name in stimuli.table})
    lines = {"type": "image", "path": str(folder), **(header or {})}
    return format_stim_csv(lines, columns, path)


def parse_stim_csv(path: str | Path) -> tuple[dict[str, str], dict[str, np.ndarray]]:
    """The header and the columns of a file, as they stand.

    Everything after the first ``=`` of a header line is its value, so a path may hold more of
    them. ``stimID`` is text (frame numbers for videos), ``label`` whole numbers, ``condition``
    text, every other column float64; a column that is no number stays text.

    Raises
    ------
    FormatError, NotFoundError
    """
    path = checked_path(path, SUFFIX, exists=True)
    with reading(path, "a text file in UTF-8"):
        text = path.read_text(encoding="utf-8-sig")
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    start = next((i for i, (_, line) in enumerate(lines) if line.startswith("data=")), None)
    if start is None:
        raise FormatError(f"{str(path)!r} has no line that begins with 'data='.")
    header = dict(_header_line(line, n, path) for n, line in lines[:start])
    if "type" not in header or "path" not in header or header["type"] not in KINDS:
        raise FormatError(
            f"{str(path)!r} must say type= ({', '.join(KINDS)}) and path= before 'data='."
        )
    names = [name.strip() for name in lines[start][1].removeprefix("data=").split(",")]
    if "stimID" not in names or len(set(names)) < len(names):
        raise FormatError(
            f"{str(path)!r}: 'data=' must name a column stimID and no column twice; it has "
            f"{', '.join(names)}."
        )
    rows = [_row(line, n, names, path) for n, line in lines[start + 1 :]]
    if not rows:
        raise FormatError(f"{str(path)!r} lists no stimulus below 'data='.")
    columns = zip(names, zip(*rows, strict=True), strict=True)
    return header, {name: _typed(name, column, header["type"]) for name, column in columns}


def format_stim_csv(
    header: Mapping[str, str], columns: Mapping[str, np.ndarray], path: str | Path
) -> Path:
    """Write a header and columns, whole or not at all.

    Raises
    ------
    InputError
        If type, path or stimID is missing, lengths differ, or text holds what splits the file.
    """
    path = checked_path(path, SUFFIX, exists=False)
    if "type" not in header or "path" not in header or "stimID" not in columns:
        raise InputError("A .stim.csv needs type and path in its header, and a column stimID.")
    texts = {name: [str(each) for each in column] for name, column in columns.items()}
    lengths = {name: len(column) for name, column in texts.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(f"The columns of a .stim.csv have different lengths: {lengths}.")
    bad = [e for column in texts.values() for e in column if set(e) & {",", "\n", "\r"}]
    if bad:
        raise InputError(f"A .stim.csv cannot hold commas or line breaks, as in {bad[0]!r}.")
    lines = [f"{key}={value}" for key, value in header.items()]
    lines.append("data=" + ",".join(texts))
    lines += [",".join(row) for row in zip(*texts.values(), strict=True)]
    with whole(path) as draft:
        draft.write_text("\n".join(lines), encoding="utf-8")
    return path


def stimulus_folder(folder: str, file: Path) -> Path:
    """Where the images are: relative to the working folder, else to the file."""
    here = Path(folder)
    beside = file.parent / folder
    return here if here.exists() or not beside.exists() else beside


def _header_line(line: str, n: int, path: Path) -> tuple[str, str]:
    key, equals, value = line.partition("=")
    if not equals:
        raise FormatError(f"{str(path)!r}, line {n}: {line!r} is not key=value.")
    return key, value


def _row(line: str, n: int, names: list[str], path: Path) -> list[str]:
    entries = line.split(",")
    if len(entries) != len(names):
        raise FormatError(
            f"{str(path)!r}, line {n}: {counted(len(entries), 'entry')}, but 'data=' names "
            f"{len(names)} "
            f"columns ({', '.join(names)}). Entries are not quoted and may hold no comma."
        )
    return entries


def _typed(name: str, column: tuple[str, ...], kind: str) -> np.ndarray:
    texts = np.array(column)
    if name == "condition" or (name == "stimID" and kind != "video"):
        return texts
    try:
        numbers = texts.astype(np.float64)
    except ValueError:
        return texts
    whole_numbers = bool(np.isfinite(numbers).all() and (numbers == np.round(numbers)).all())
    as_integer = name in ("label", "stimID") and whole_numbers
    return numbers.astype(np.int64) if as_integer else numbers
