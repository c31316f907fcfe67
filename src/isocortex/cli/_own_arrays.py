"""Arrays of a user's own (.csv, .npz, .npy, .mat) as responses, where they leave no choice.

One matrix with a row for each stimulus, and one list of the names of its rows. Whatever else
could be meant is asked for in a sentence, and nothing is left out without a word.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from isocortex.choice import listed
from isocortex.data.frames import STIMULUS
from isocortex.data.responses import Responses
from isocortex.data.stimulus_table import FILE_COLUMNS
from isocortex.data.text_table import read_text_table, typed
from isocortex.data.words.columns import lists_words
from isocortex.errors import InputError
from isocortex.files.formats import format_of

WAYS = (
    "Responses are read from a table (.csv, .tsv) with a column 'stimulus' of names and a column "
    "of numbers for each unit; from .npz or .mat with one matrix, a row for each stimulus, and one "
    "list of names of its rows; from a matrix or image beside --stimuli names.txt, with a name a "
    "line; or from what Python has written: ic.save(ic.Responses(array, stimuli=names), "
    "'voxels.npz')."
)
_UNNAMED = "has no name for each of the"
NO_UNITS = ("subject", "session", "run", "trial", "block", "fold", "repetition", "onset")
NO_UNITS += ("offset", "duration", "time", "index", "id", "label", "category")
"""Columns that say something of a row, and are no unit, though they may hold numbers."""


def own_responses(path: Path, names: Sequence[str] | None = None) -> Responses | None:
    """Responses out of a user's own arrays; None where the file is of another kind.

    Parameters
    ----------
    path : path
    names : sequence of str, optional
        Of the rows, where the file does not name them.

    Raises
    ------
    InputError
        If there are several matrices or lists of names, or none.
    """
    kind = format_of(path).name
    if kind == "csv":
        return _of_table(path, names)
    if kind == "npy":
        return _named(path, {"the array": _npy(path)}, names)
    arrays = {"npz": _npz, "matlab": _mat}.get(kind, lambda _: None)(path)
    return None if arrays is None else _named(path, arrays, names)


def _of_table(path: Path, names: Sequence[str] | None) -> Responses | None:
    read = read_text_table(path, (*STIMULUS, *FILE_COLUMNS))
    columns = list(read.frame.columns)
    if set(columns) & set(FILE_COLUMNS) or lists_words(path):
        return None
    lower = {each.lower(): each for each in reversed(columns)}
    by = next((lower[each] for each in STIMULUS if each in lower), None)
    if by is None and typed(read)[columns[0]].dtype.kind not in "fiub":
        by = columns[0]
    if (by is None) == (names is None):
        said = "has no column 'stimulus' that names its rows"
        _refuse(path, said if by is None else f"names its rows itself, by {by!r}; leave --stimuli")
    frame = typed(read, () if by is None else (by,))
    numbers = frame.drop(columns=[] if by is None else [by])
    others = [name for name in numbers if _is_no_unit(name, numbers[name])]
    if others:
        _refuse(path, f"has columns that are no responses of a unit: {listed(others)}")
    if not numbers.shape[1]:
        _refuse(path, f"has no column of numbers beside {by!r}")
    rows = names if by is None else frame[by]
    return Responses(numbers.to_numpy(float), rows, {"unit": list(numbers)})


def _is_no_unit(name: str, column: Any) -> bool:
    counts = name.lower() in NO_UNITS or name.startswith("Unnamed: ")
    return counts or column.dtype.kind not in "fi"


def _named(path: Path, held: Mapping[str, Any], names: Sequence[str] | None) -> Responses:
    """One matrix and one list of names; lists of the length of either side are kept beside."""
    key, values = _matrix_of(path, held)
    n_rows, n_units = values.shape
    lists = {name: _listed(each) for name, each in held.items() if name != key}
    if names is None:
        texts = {name: each for name, each in lists.items() if each and isinstance(each[0], str)}
        by = _names_among([name for name in texts if len(texts[name]) == n_rows], path, key, n_rows)
        if by is None:
            turned = any(len(each) == n_units for each in texts.values())
            hint = ", but one for each column: write it with a row for each stimulus"
            _refuse(path, f"{_UNNAMED} {n_rows} rows of {key!r}{hint if turned else ''}")
        names = lists.pop(by)
    beside: dict[int, dict[str, Any]] = {n_rows: {}, n_units: {}}
    for name, each in lists.items():
        if n_rows == n_units or len(each) not in beside:
            _refuse(
                path,
                f"holds {name!r} beside {key!r}, which is a list of neither its rows "
                "nor its columns; leave it out",
            )
        beside[len(each)][name] = each
    return Responses(values, names, beside[n_units] or None, table=beside[n_rows] or None)


def _matrix_of(path: Path, held: Mapping[str, Any]) -> tuple[str, np.ndarray]:
    """The only one; of several, the only one that is no vector."""
    matrices = {key: each for key, each in held.items() if _is_matrix(each)}
    wide = {key: each for key, each in matrices.items() if min(each.shape) > 1} or matrices
    if len(wide) != 1:
        many = "no matrix of numbers" if not wide else f"several matrices ({listed(wide)})"
        _refuse(path, f"holds {many}, where one is needed; it has {listed(held) or 'nothing'}")
    key, values = next(iter(wide.items()))
    if _is_rdm(values):
        _refuse(path, f"holds a square symmetric matrix {key!r}, as RDMs are, and no responses")
    return key, values


def _names_among(fitting: Sequence[str], path: Path, key: str, n: int) -> str | None:
    """Which list names the rows: the only one, or the only one that is called so."""
    called = [name for name in fitting if name.lower() in (*STIMULUS, "names", "name")]
    chosen = called if len(called) == 1 else fitting
    if len(chosen) > 1:
        said = f"has several lists of {n} texts for the rows of {key!r}: {listed(chosen)}; call"
        _refuse(path, f"{said} the one of names 'stimulus'")
    return chosen[0] if chosen else None


def _is_matrix(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype.kind in "fiu"


def _is_rdm(values: np.ndarray) -> bool:
    square = values.shape[0] == values.shape[1] > 1
    return bool(square and np.array_equal(values, values.T) and not values.diagonal().any())


def _listed(value: Any) -> list[Any]:
    """One entry for each row or unit; nothing of what is no list."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiubUS":
        flat = value.size == max(value.shape, default=0)
        value = (
            [str(each) for each in value] if value.dtype.kind in "US" else value.ravel().tolist()
        )
        return value if flat else []
    whole = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return [each.rstrip() for each in value] if whole else []


def _npz(path: Path) -> Mapping[str, Any] | None:
    from isocortex.store.npz import npz_heads, read_npz
    from isocortex.store.rdms import is_rdms
    from isocortex.store.saved.archive import is_archive

    if is_archive(path) or is_rdms(path):
        return None
    heads = npz_heads(path, "an archive of numpy")
    objects = [key for key, (_, kind) in heads.items() if kind.hasobject]
    if objects:
        said = f"holds pickled objects ({listed(objects)}), which are not opened; write names as"
        _refuse(path, f"{said} text: np.array(names, dtype=str)")
    return read_npz(path, "an archive of numpy")


def _npy(path: Path) -> np.ndarray:
    from isocortex.reading import reading

    with reading(path, "an array of numpy"):
        return np.load(path, allow_pickle=False)


def _mat(path: Path) -> Mapping[str, Any] | None:
    from isocortex.formats.mat import v4, v5
    from isocortex.formats.mat.files import is_hdf5, read_array
    from isocortex.formats.meadows import is_meadows

    with path.open("rb") as file:
        head = file.read(520)
    if is_meadows(path):
        return None
    if is_hdf5(head):
        return _of_hdf5(path)
    if v4.is_v4(head):
        return {key: read_array(path, key) for key, _, kind in v4.listing(path) if kind != "char"}
    names = {name for name, _, _ in v5.listing(path)}
    return None if {"dataSet", "metaData"} <= names else v5.read_all(path)


def _of_hdf5(path: Path) -> Mapping[str, Any] | None:
    import h5py

    from isocortex.formats.mat.files import read_array
    from isocortex.store.hdf5_files import item_of, open_hdf5, values_of

    found: dict[str, Any] = {}
    numbers = []
    with open_hdf5(path, "a MAT file of version 7.3") as file:
        keys = [str(key) for key in file if key != "#refs#"]
        if {"dataSet", "metaData"} <= set(keys) or {"dataset", "metadata"} <= set(keys):
            return None
        for key in keys:
            item = item_of(file, key)
            kind = item.attrs.get("MATLAB_class", b"")
            if kind == b"cell" and h5py.check_ref_dtype(item.dtype) is not None:
                parts = [values_of(file[each]) for each in np.ravel(values_of(item))]
                found[key] = ["".join(map(chr, np.ravel(part).astype(int))) for part in parts]
            elif isinstance(item, h5py.Dataset) and kind != b"char":
                numbers.append(key)
            else:
                found[key] = None
    return found | {key: read_array(path, key) for key in numbers}


def _refuse(path: Path, said: str) -> NoReturn:
    raise InputError(f"{str(path)!r} {said}. {WAYS}")
