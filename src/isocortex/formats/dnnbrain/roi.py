"""``.roi.h5``: one number for each volume and region."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.errors import FormatError, InputError
from isocortex.formats.dnnbrain.files import checked_path, numbers_of
from isocortex.reading import reader
from isocortex.store.hdf5 import whole_hdf5
from isocortex.store.hdf5_files import open_hdf5

SUFFIX = ".roi.h5"


@door
@reader("a whole HDF5 file of regions of DNNBrain")
def read_roi_h5(path: str | Path, stimuli: Stimuli | Iterable[object] | None = None) -> Responses:
    """Read the responses of regions from a DNNBrain file.

    Parameters
    ----------
    path : path
        Ends in .roi.h5.
    stimuli : Stimuli or sequence of str, optional
        The names of the volumes, which the file does not hold.

    Returns
    -------
    Responses, shape (n_volumes, n_regions)
        Units have the column ``region``.

    Raises
    ------
    FormatError
        If the file is foreign.

    See Also
    --------
    write_roi_h5 : Writes such a file.
    regions : Makes such responses of voxels.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> means = ic.Responses([[0.5, 1.5], [1.0, 2.5]], ["face", "house"], {"region": ["V1", "FFA"]})
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.write_roi_h5(means, f"{folder}/brain.roi.h5")
    ...     again = ic.read_roi_h5(path, stimuli=["face", "house"])
    >>> again.units["region"].tolist(), again.numpy()[0]
    (['V1', 'FFA'], array([0.5, 1.5]))
    """
    names, data = parse_roi_h5(path)
    rows = stimuli.names if isinstance(stimuli, Stimuli) else stimuli
    return Responses(data, rows, pd.DataFrame({"region": names}))


@door
def write_roi_h5(responses: Responses, path: str | Path) -> Path:
    """Write the responses of regions to a DNNBrain file.

    Parameters
    ----------
    responses : Responses
        What :func:`isocortex.regions` gives: units with a column ``region``.
    path : path
        Ends in .roi.h5.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If the units have no column ``region``.

    See Also
    --------
    read_roi_h5 : Reads such a file.
    regions : Makes such responses of voxels.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> import isocortex as ic
    >>> voxels = np.random.default_rng(0).normal(size=(4, 6))
    >>> recording = ic.Responses(voxels, units={"mask": [1, 1, 1, 2, 2, 2]})
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.write_roi_h5(ic.regions(recording), f"{folder}/brain.roi.h5")
    ...     print(ic.read_roi_h5(path).n_units)
    2
    """
    if "region" not in responses.units.columns:
        raise InputError("write_roi_h5 needs units with a column 'region'; see ic.regions.")
    names = [str(each) for each in responses.units["region"]]
    return format_roi_h5(names, responses.numpy(), path)


def parse_roi_h5(path: str | Path) -> tuple[list[str], np.ndarray]:
    """Names of the regions and their data, shape (n_volumes, n_regions).

    Raises
    ------
    FormatError, NotFoundError
    """
    path = checked_path(path, SUFFIX, exists=True)
    with open_hdf5(path, "a whole HDF5 file of regions of DNNBrain") as file:
        if "data" not in file or "roi" not in file.attrs:
            raise FormatError(f"{str(path)!r} lacks its dataset 'data' or its attribute 'roi'.")
        data = numbers_of(file, "data", path)[()]
        given = np.ravel(np.asarray(file.attrs["roi"], dtype=object))
        names = [each.decode() if isinstance(each, bytes) else str(each) for each in given]
    if data.ndim != 2 or data.shape[1] != len(names):
        raise FormatError(f"{str(path)!r}: {len(names)} regions do not fit data {data.shape}.")
    return names, data


def format_roi_h5(names: list[str], data: np.ndarray, path: str | Path) -> Path:
    """Write regions and their data, whole or not at all."""
    import h5py

    path = checked_path(path, SUFFIX, exists=False)
    with whole_hdf5(path) as file:
        file.attrs["roi"] = np.array(names, dtype=h5py.string_dtype())
        file.create_dataset("data", data=np.asarray(data, dtype=np.float64))
    return path
