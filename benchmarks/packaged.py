"""The files that nibabel, nilearn, scipy and MNE bring with them: told, and read as there.

    python benchmarks/packaged.py [--table FILE]

For each file whose kind isocortex knows: what ``isocortex info`` and the readers say of it, and
whether every number equals that of the library.
"""

import argparse
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import isocortex as ic
from isocortex.cli._describe import describe_file
from isocortex.data.text_table import read_text_table
from isocortex.files.formats import format_of
from isocortex.formats.mat.files import read_array
from isocortex.formats.mat.v4 import is_v4
from isocortex.formats.mat.v5 import read_all
from isocortex.store.npz import read_npz

PACKAGES = ("nibabel", "nilearn", "scipy", "mne")
CODE = (".py", ".pyc", ".pyi", ".so", ".pxd", ".pyx", ".pyd", ".a", ".h")
IMAGES = ("nifti", "volumes", "freesurfer", "cifti", "gifti")
COUNTS = (
    "files",
    "equal",
    "no recording",
    "refused by both",
    "refused here",
    "read here only",
    "different",
    "foreign",
)
Arrays = Mapping[str, np.ndarray]


def packaged(package: str) -> Iterator[tuple[Path, str]]:
    """Files of an installed package of which isocortex knows the kind, and the kind."""
    spec = find_spec(package)
    root = None if spec is None or spec.origin is None else Path(spec.origin).parent
    for path in [] if root is None else sorted(root.rglob("*")):
        if path.is_file() and path.suffix not in CODE:
            try:
                yield path, format_of(path).name
            except ic.InputError:
                continue


def verdict(path: Path, kind: str) -> str:
    """One of ``COUNTS``: how what is read here compares with what the library reads."""
    try:
        list(describe_file(path))
    except ic.IsocortexError as error:
        if path.name not in str(error):
            return "foreign"
    except Exception:
        return "foreign"
    mine, theirs = READERS.get(kind, (_read, _nothing))
    try:
        expected = theirs(path)
    except Exception:
        expected = None
    try:
        found = mine(path)
    except ic.IsocortexError:
        if expected is None:
            return "refused by both"
        return "refused here" if expected else "no recording"
    except Exception:
        return "foreign"
    if expected is None:  # Of a file of many variables each one may have been refused.
        return "read here only" if found else "refused by both"
    return "equal" if _same(found, expected) else "different"


def _same(found: Arrays, expected: Arrays) -> bool:
    return set(found) == set(expected) and all(
        np.array_equal(found[key], expected[key], equal_nan=found[key].dtype.kind == "f")
        for key in found
    )


def _read(path: Path) -> Arrays:
    ic.read(path)
    return {}


def _nothing(_: Path) -> Arrays:
    """Of kinds whose packaged files are no recordings: fiducials, pictures, assemblies."""
    return {}


def _my_image(path: Path) -> Arrays:
    return {"": ic.read(path, nan="drop").numpy()}


def _their_image(path: Path) -> Arrays:
    """Rows of what differs from zero in some row; nothing of what is no recording."""
    import nibabel

    image = nibabel.load(path)
    rows = _gifti_rows(image) if hasattr(image, "darrays") else _volume_rows(image)
    if rows is None:
        return {}
    finite = np.isfinite(rows).all(0) if rows.dtype.kind == "f" else np.ones(rows.shape[1], bool)
    return {"": rows[:, finite & (np.nan_to_num(rows) != 0).any(0)]}


def _gifti_rows(image: Any) -> np.ndarray | None:
    mesh = {each.intent for each in image.darrays} & {1008, 1009}
    if mesh or len({each.data.shape[0] for each in image.darrays}) != 1:
        return None
    return np.concatenate([each.data.reshape(each.data.shape[0], -1).T for each in image.darrays])


def _volume_rows(image: Any) -> np.ndarray | None:
    data = np.asarray(image.dataobj)
    if data.dtype.kind not in "biuf" or not data.any():
        return None
    if type(image).__name__ == "Cifti2Image":
        return data if data.ndim == 2 else None
    if type(image).__name__.startswith("Minc") and data.ndim > 3:
        return None  # nibabel has their volumes along the first axis.
    return data.reshape(int(np.prod(data.shape[:3])), -1).T


def _my_mat(path: Path) -> Arrays:
    """All variables that are arrays of numbers, texts, cells and structs of these."""
    found = {}
    for name in _shapes(path):
        try:
            found[name] = read_array(path, name)
        except ic.FormatError:
            found.update(_parts(name, _other(path, name)))
    return found


def _other(path: Path, name: str) -> Any:
    """What is no array; None of objects and of complex numbers, which are refused."""
    try:
        return read_all(path, name.__eq__)[name]
    except ic.FormatError:
        return None


def _parts(name: str, value: Any) -> dict[str, np.ndarray]:
    """Arrays and texts in cells and structs, by the way to them."""
    if value is None:
        return {}
    if isinstance(value, dict):
        value = list(value.items())
    elif isinstance(value, list):
        value = list(enumerate(value))
    else:
        return {name: np.asarray(value)}
    return {k: v for key, each in value for k, v in _parts(f"{name}/{key}", each).items()}


def _their_mat(path: Path) -> Arrays:
    from scipy.io import loadmat
    from scipy.io.matlab import MatlabFunction, MatlabObject, MatlabOpaque
    from scipy.sparse import issparse

    found = {}
    with path.open("rb") as file:
        old = is_v4(file.read(520))
    for name, value in loadmat(path).items():
        if name[:2] == "__" or isinstance(value, MatlabObject | MatlabFunction | MatlabOpaque):
            continue
        array = value.toarray() if issparse(value) else np.asarray(value)
        if array.dtype.kind in "biuf":
            found[name] = array
        elif not old and not _is_complex(array):  # Texts of version 4 are not read.
            found.update(_parts(name, _ours(array)))
    return found


def _is_complex(array: Any) -> bool:
    """Whether there are complex numbers anywhere in it, for which all of it is refused."""
    inner = [array[n] for n in array.dtype.names or ()]
    if array.dtype == object:
        inner = [np.asarray(each) for each in array.ravel() if each is not None]
    return array.dtype.kind == "c" or any(_is_complex(each) for each in inner)


def _ours(array: Any) -> Any:
    """What scipy makes of a cell, a struct or a text, as it is called here."""
    if array.dtype.names:
        rows = [{n: _ours(row[n]) for n in array.dtype.names} for row in array.ravel("F")]
        return rows[0] if len(rows) == 1 else rows
    if array.dtype == object:
        return [_ours(np.asarray(each)) for each in array.ravel("F") if each is not None]
    if array.dtype.kind == "U":
        return array.tolist() if array.size > 1 else "".join(array.ravel())
    return array


def _shapes(path: Path) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for table in describe_file(path) for row in table.rows}


def _my_table(path: Path) -> Arrays:
    frame = read_text_table(path).frame
    return {str(name): frame[name].to_numpy(dtype=object) for name in frame}


def _their_table(path: Path) -> Arrays:
    with path.open(encoding="utf-8") as file:
        separator = "\t" if "\t" in file.readline() else ","
    frame = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False)
    return {str(name): frame[name].to_numpy(dtype=object) for name in frame}


def _my_npz(path: Path) -> Arrays:
    return dict(read_npz(path, "an archive of numpy"))


def _their_npz(path: Path) -> Arrays:
    with np.load(path, allow_pickle=False) as file:
        return {key: file[key] for key in file}


def _my_annotation(path: Path) -> Arrays:
    found = ic.read(path)
    return {"labels": found.numpy()[0], "vertex": found.units["vertex"].to_numpy()}


def _their_annotation(path: Path) -> Arrays:
    from nibabel.freesurfer import read_annot

    labels, _, names = read_annot(path)
    nothing = [i for i, name in enumerate(names) if name.lower() in (b"unknown", b"medial_wall")]
    inside = (labels >= 0) & ~np.isin(labels, nothing)
    return {"labels": labels[inside], "vertex": np.nonzero(inside)[0]}


Way = Callable[[Path], Arrays]
READERS: Mapping[str, tuple[Way, Way]] = {
    **dict.fromkeys(IMAGES, (_my_image, _their_image)),
    "freesurfer annotation": (_my_annotation, _their_annotation),
    "matlab": (_my_mat, _their_mat),
    "csv": (_my_table, _their_table),
    "npz": (_my_npz, _their_npz),
}
"""By the name of a format: how it is read here, and how there."""


def counts(package: str) -> Counter:
    """How many files of a package came out how."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = Counter(verdict(path, kind) for path, kind in packaged(package))
    return Counter({"files": sum(found.values()), **found})


def table() -> str:
    """The counts of all packages, as a table in Markdown."""
    lines = ["| files of | " + " | ".join(COUNTS) + " |", "|---|" + "--:|" * len(COUNTS)]
    for package in PACKAGES:
        found = counts(package)
        lines.append(f"| {package} | " + " | ".join(str(found[each]) for each in COUNTS) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--table", type=Path)
    given = parser.parse_args()
    text = table()
    print(text)
    if given.table is not None:
        given.table.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
