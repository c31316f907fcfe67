"""BData: the HDF5 files (old and new) in which the Kamitani laboratory shares recordings."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd

from isocortex.choice import counted, listed, suggestion
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.trials import Trials, average
from isocortex.display.shown import shown
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.formats.card import of_bdata
from isocortex.formats.mat.v5 import read_all
from isocortex.formats.selectors import evaluate
from isocortex.reading import reader
from isocortex.store.hdf5 import whole_hdf5
from isocortex.store.hdf5_files import item_of, open_hdf5, values_of

WHAT = "a whole file of BData (HDF5 or MATLAB)"


@door
@shown(of_bdata)
@dataclass(frozen=True, eq=False, repr=False)
class BData:
    """A matrix of samples and columns, with metadata that say what each column is.

    Columns are voxels as well as what was shown: :meth:`select` takes them apart.

    Parameters
    ----------
    dataset : array, shape (n_samples, n_columns)
        What was measured and shown, a row for each sample.
    metadata : mapping from key to array, shape (n_columns,)
        1 where a column belongs to the key, NaN where it does not apply, another number where it is
        a statistic, such as a voxel's place.
    descriptions : mapping from key to str
        A sentence on each.
    vmap : mapping from key to mapping from number to str
        For each key whose numbers stand for names, the names.

    See Also
    --------
    read_bdata, write_bdata : Read and write it.
    Trials, Responses : What its methods return.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> voxels = np.random.default_rng(0).normal(size=(4, 3))
    >>> dataset = np.column_stack([voxels, [1, 2, 1, 2]])  # the last column: what was shown
    >>> metadata = {
    ...     "ROI_V1": np.array([1, 1, 0, np.nan]),
    ...     "ROI_IT": np.array([0, 0, 1, np.nan]),
    ...     "stimulus_name": np.array([np.nan, np.nan, np.nan, 1]),
    ... }
    >>> bdata = ic.BData(dataset, metadata, {}, {"stimulus_name": {1.0: "cat", 2.0: "dog"}})
    >>> bdata.responses("ROI_V1 = 1", region="V1")
    Responses(2 stimuli x 2 units, float64, region='V1')
    """

    dataset: np.ndarray
    metadata: Mapping[str, np.ndarray]
    descriptions: Mapping[str, str]
    vmap: Mapping[str, Mapping[float, str]]

    def select(self, expression: str) -> np.ndarray:
        """The columns that an expression chooses, shape (n_samples, n_chosen).

        ``"ROI_V1 = 1"``, ``"ROI_V1"``, ``"ROI_V* - ROI_V4"``, ``"(ROI_V1 | ROI_V2) & r2 = 1"``.

        Raises
        ------
        InputError
            If the expression is not understood, or a key is not there.
        """
        return self.dataset[:, self.columns(expression)]

    def columns(self, expression: str) -> np.ndarray:
        """Which columns an expression chooses, as booleans, shape (n_columns,)."""
        return evaluate(expression, self.metadata)

    def labels(self, key: str = "stimulus_name") -> list[str]:
        """The name behind each sample's number, through the value map of ``key``.

        Raises
        ------
        InputError
            If there is no such key, or a number has no name.
        """
        if key not in self.vmap:
            raise InputError(
                f"This BData has no names for {key!r}. {suggestion(key, self.vmap)}"
                f"It has names for: {listed(self.vmap) or 'nothing'}. Samples are joined with "
                "images by name, never by rank."
            )
        numbers = self.select(key)[:, 0]
        names = self.vmap[key]
        unknown = {float(n) for n in numbers if not np.isnan(n) and float(n) not in names}
        if unknown:
            raise InputError(
                f"BData: the numbers {listed(sorted(unknown))} of {key!r} have no name in its map."
            )
        return ["n/a" if np.isnan(n) else names[float(n)] for n in numbers]

    def trials(
        self, expression: str, *, stimulus: str = "stimulus_name", run: str | None = "Run", **labels
    ) -> Trials:
        """Single samples of the chosen columns; those without a stimulus are left out.

        Columns that hold NaN are left out, and counted in ``labels["n_dropped_units"]``.

        Parameters
        ----------
        expression : str
            Such as ``"ROI_V1 = 1"``.
        stimulus : str, default="stimulus_name"
            The key of the stimulus names.
        run : str or None, default="Run"
            The key of the run numbers; ignored where it is not there.
        **labels
            Such as ``subject=1, region="V1"``.

        Raises
        ------
        InputError
            If the expression chooses no columns.
        """
        chosen = self.columns(expression)
        if not chosen.any():
            raise InputError(f"BData: {expression!r} chooses none of {len(chosen)} columns.")
        names = self.labels(stimulus)
        shown = np.array([name != "n/a" for name in names])
        values = self.dataset[:, chosen][shown]
        finite = np.isfinite(values).all(0)
        if not finite.any():
            raise InputError(f"BData: every column of {expression!r} holds NaN.")
        dropped = {} if finite.all() else {"n_dropped_units": int((~finite).sum())}
        units = self._units(np.nonzero(chosen)[0][finite])
        has_runs = run is not None and run in self.metadata
        return Trials(
            values[:, finite],
            [name for name in names if name != "n/a"],
            runs=self.select(str(run))[shown, 0] if has_runs else None,
            units=units,
            labels={**labels, **dropped},
        )

    def responses(
        self, expression: str, *, stimulus: str = "stimulus_name", **labels: Any
    ) -> Responses:
        """The chosen columns, averaged over the samples of each stimulus."""
        return average(self.trials(expression, stimulus=stimulus, run=None, **labels))

    def _units(self, columns: np.ndarray) -> pd.DataFrame:
        """The statistics of the columns: keys with other entries than 1 and NaN."""
        units = {"column": columns}
        for key, row in self.metadata.items():
            part = row[columns]
            if not np.isin(part[~np.isnan(part)], (0.0, 1.0)).all():
                units[key] = part
        return pd.DataFrame(units)

    def __repr__(self) -> str:
        samples, columns = self.dataset.shape
        size = f"{counted(samples, 'sample')} x {counted(columns, 'column')}"
        return f"BData({size}; {listed(self.metadata, 12)})"


@door
@reader(WHAT, alone=True)
def read_bdata(path: str | Path) -> BData:
    """Read a BData file.

    Parameters
    ----------
    path : path
        HDF5 of the new kind (``dataset``, ``metadata``, ``vmap``) or the old one (``dataSet``,
        ``metaData``), or MATLAB (structs ``dataSet``, ``metaData``).

    Returns
    -------
    BData

    Raises
    ------
    NotFoundError
        If there is no such file.
    FormatError
        If it is truncated, or no BData.

    See Also
    --------
    write_bdata : Writes it.
    BData : What it returns.
    read_nifti, read_gifti : Other formats of recordings.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> import isocortex as ic
    >>> metadata = {"ROI_V1": np.array([1.0, 1.0]), "ROI_V2": np.array([0.0, 1.0])}
    >>> recording = ic.BData(np.zeros((6, 2)), metadata, {"ROI_V1": "primary visual"}, {})
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.write_bdata(recording, f"{folder}/subject1.h5")
    ...     again = ic.read_bdata(path)
    >>> again.select("ROI_V1 & ROI_V2").shape
    (6, 1)
    """
    path = Path(path)
    if not path.is_file():
        raise NotFoundError(f"There is no BData file {str(path)!r}.")
    if not h5py.is_hdf5(path):
        return _from_matlab(path)
    with open_hdf5(path, WHAT) as file:
        return _from_hdf5(file, path)


@door
def write_bdata(bdata: BData, path: str | Path) -> Path:
    """Write a BData file of the new kind, whole or not at all; no source code goes into it.

    Parameters
    ----------
    bdata : BData
        What :func:`read_bdata` returned, or one of your own.
    path : path
        Of the file, which is HDF5: by custom ``….h5``.

    Returns
    -------
    Path

    Raises
    ------
    StorageError
        If it cannot be written.

    See Also
    --------
    read_bdata : Reads it.
    BData : What is written.
    write_features : Features in the formats of the same laboratory.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> import isocortex as ic
    >>> recording = ic.BData(np.zeros((6, 2)), {"ROI_V1": np.array([1.0, 0.0])}, {}, {})
    >>> with TemporaryDirectory() as folder:
    ...     print(ic.write_bdata(recording, f"{folder}/subject1.h5").name)
    subject1.h5
    """
    text = h5py.string_dtype("utf-8")
    keys = list(bdata.metadata)
    with whole_hdf5(path) as file:
        file["dataset"] = np.asarray(bdata.dataset, dtype=np.float64)
        meta = file.create_group("metadata")
        meta.create_dataset("key", data=np.array(keys, dtype=object), dtype=text)
        notes = np.array([bdata.descriptions.get(key, "") for key in keys], dtype=object)
        meta.create_dataset("description", data=notes, dtype=text)
        rows = np.array([bdata.metadata[key] for key in keys], dtype=np.float64)
        meta.create_dataset("value", data=rows.reshape(len(keys), bdata.dataset.shape[1]))
        for key, names in bdata.vmap.items():
            for number, name in names.items():
                file.create_dataset(f"vmap/{key}/{float(number)}", data=name, dtype=text)
        header = file.create_group("header")
        header["ctime_epoch"] = time.time()
        header.create_dataset("ctime", data=time.ctime(), dtype=text)
    return Path(path)


def _from_hdf5(file: Any, path: Path) -> BData:
    name = next((each for each in ("dataset", "dataSet") if each in file), None)
    group = next((each for each in ("metadata", "metaData") if each in file), None)
    parts = {} if group is None else {part: f"{group}/{part}" for part in ("key", "value")}
    if name is None or group is None or any(part not in file for part in parts.values()):
        raise FormatError(
            f"{str(path)!r} is HDF5, but no BData: it has {listed(file)} instead of dataset and "
            "metadata."
        )
    held = item_of(file, name), item_of(file, parts["value"])
    matlab = "MATLAB_class" in held[0].attrs
    dataset, values = (np.asarray(values_of(each), np.float64) for each in held)
    if matlab:
        dataset, values = dataset.T, values.T
    keys = _texts(file, parts["key"])
    about = f"{group}/description"
    notes = _texts(file, about) if about in file else [""] * len(keys)
    vmap = {
        key: _names(item_of(file, f"vmap/{key}"))
        for key in (item_of(file, "vmap") if "vmap" in file else ())
    }
    return _checked(dataset, keys, values, notes, vmap, path)


def _from_matlab(path: Path) -> BData:
    held = read_all(path, {"dataSet", "metaData"}.__contains__)
    if "dataSet" not in held or "metaData" not in held:
        raise FormatError(f"{str(path)!r} is a MATLAB file, but no BData: it has no dataSet.")
    meta = held["metaData"]
    if not isinstance(meta, dict) or "key" not in meta or "value" not in meta:
        raise FormatError(f"{str(path)!r}: metaData has no key and value; it is no BData.")
    keys = _listed(meta["key"])
    notes = _listed(meta.get("description", [""] * len(keys)))
    dataset = np.atleast_2d(np.asarray(held["dataSet"], dtype=np.float64))
    values = np.asarray(meta["value"], dtype=np.float64).reshape(len(keys), -1)
    return _checked(dataset, keys, values, notes, {}, path)


def _listed(texts: Any) -> list[str]:
    return [texts] if isinstance(texts, str) else [str(each) for each in texts]


def _checked(dataset, keys, values, notes, vmap, path) -> BData:
    if dataset.ndim != 2 or values.shape != (len(keys), dataset.shape[1]):
        raise FormatError(
            f"{str(path)!r}: the metadata of shape {values.shape} do not fit {len(keys)} keys and "
            f"a dataset of shape {dataset.shape}."
        )
    return BData(
        dataset,
        dict(zip(keys, values, strict=True)),
        dict(zip(keys, notes, strict=False)),
        vmap,
    )


def _texts(file: Any, name: str) -> list[str]:
    """Names as fixed or variable strings, or (MATLAB) as references to rows of characters."""
    item = item_of(file, name)
    held = np.ravel(values_of(item))
    if h5py.check_ref_dtype(item.dtype) is not None:
        return ["".join(chr(c) for c in np.ravel(values_of(file[each]))) for each in held]
    return [_text(each) for each in held]


def _names(group: Any) -> dict[float, str]:
    """The name of each number, of a group of the value map."""
    return {float(number): _text(values_of(item_of(group, number))) for number in group}


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)
