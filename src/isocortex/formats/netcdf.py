"""Assemblies of Brain-Score: netCDF files with presentations, neuroids and bins of time."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd

from isocortex.choice import listed, suggestion
from isocortex.data.needs import door
from isocortex.data.trials import Trials
from isocortex.errors import FormatError, InputError
from isocortex.formats.hdf5 import array, opened
from isocortex.reading import reader

STIMULUS = ("stimulus_id", "image_id", "stimulus", "condition")
AXES = ("presentation", "neuroid", "time_bin")
_PLACEHOLDER = b"This is a netCDF dimension but not a netCDF variable"


@door
@reader("a netCDF 4 file")
def read_netcdf(
    path: str | Path,
    *,
    stimuli: str | None = None,
    runs: str | None = None,
    labels: Mapping[str, Any] | None = None,
) -> Trials:
    """Read an assembly of Brain-Score, one row for each presentation.

    Parameters
    ----------
    path : path
        A netCDF 4 file, as brainio packages it, with the dimensions ``presentation``,
        ``neuroid`` and perhaps ``time_bin``.
    stimuli : str, optional
        The coordinate of presentations that names the stimulus; default ``stimulus_id``, or
        ``image_id`` of older files.
    runs : str, optional
        The coordinate that says the run; default ``repetition``, where there is one.
    labels : mapping, optional
        Such as ``{"region": "IT"}``.

    Returns
    -------
    Trials, shape (n_presentations, n_neuroids, n_times), or without time where there is one bin
        Units have all coordinates of neuroids; times are the middles of the bins, in s (the
        file has ms). :func:`average` gives one row for each stimulus.

    Raises
    ------
    NotFoundError
        If there is no such file.
    FormatError
        If it is no netCDF 4 file, has no such array, is damaged, or its data lie elsewhere.
    InputError
        If a coordinate is not there, or values are missing.

    See Also
    --------
    average : The mean over presentations of each stimulus.
    read_nwb : Spikes of a session.
    Trials : Also takes a DataArray of xarray.

    References
    ----------
    .. [1] Schrimpf et al. (2020), Integrative benchmarking to advance neurally mechanistic models
       of human intelligence, Neuron 108:413. https://doi.org/10.1016/j.neuron.2020.07.040

    Examples
    --------
    >>> import isocortex as ic
    >>> trials = ic.read_netcdf("assy_dicarlo.nc", labels={"region": "IT"})  # doctest: +SKIP
    >>> ic.average(trials)  # doctest: +SKIP
    """
    _refuse_version_3(Path(path))
    with opened(path, "a netCDF 4 file") as file:
        data, axes = _main(file)
        coordinates = {axis: _coordinates(file, axis, data) for axis in axes}
        values = array(file, data)
    order = [axes.index(axis) for axis in AXES if axis in axes]
    values = values.transpose(order)
    rows = coordinates["presentation"]
    name = _stimulus(rows, stimuli)
    run = runs if runs is not None else ("repetition" if "repetition" in rows else None)
    if run is not None and run not in rows:
        raise InputError(
            f"read_netcdf: no coordinate {run!r} of presentations (runs=). There are: "
            f"{listed(rows, 30)}."
        )
    times = None
    if "time_bin" in axes:
        times, values = _times(coordinates["time_bin"], values)
    units = pd.DataFrame(coordinates["neuroid"]) if coordinates["neuroid"] else None
    shown = [str(each) for each in rows[name]]
    return Trials(values, shown, times, None if run is None else rows[run], units, labels)


def _refuse_version_3(path: Path) -> None:
    if path.is_file():
        with path.open("rb") as file:
            if file.read(3) == b"CDF":
                raise FormatError(
                    f"{str(path)!r} is netCDF 3. Bring it into netCDF 4: "
                    "xarray.open_dataarray(path).to_netcdf(new, engine='h5netcdf')."
                )


def _main(file: h5py.File) -> tuple[str, list[str]]:
    """The array over presentations and neuroids, and what its axes are called."""
    found = {}
    for name in map(str, file):
        node = file.get(name) if isinstance(file.get(name, getlink=True), h5py.HardLink) else None
        if isinstance(node, h5py.Dataset) and node.ndim in (2, 3):
            axes = _axes(file, node)
            if {"presentation", "neuroid"} <= set(axes) <= set(AXES):
                found[name] = axes
    if len(found) != 1:
        raise FormatError(
            f"{file.filename!r} holds {len(found)} arrays over presentation and neuroid (and "
            f"time_bin); an assembly has one. It has: {listed(file, 20)}."
        )
    return next(iter(found.items()))


def _axes(file: h5py.File, node: Any) -> list[str]:
    """The dimensions of a variable, by the references that netCDF keeps."""
    if "DIMENSION_LIST" not in node.attrs:
        return []
    return [str(file[each[0]].name).lstrip("/") for each in node.attrs["DIMENSION_LIST"]]


def _coordinates(file: h5py.File, axis: str, data: str) -> dict[str, np.ndarray]:
    found = {}
    for name in map(str, file):
        if name == data or not isinstance(file.get(name, getlink=True), h5py.HardLink):
            continue
        node = file[name]
        if not isinstance(node, h5py.Dataset) or node.ndim != 1:
            continue
        placeholder = bytes(node.attrs.get("NAME", b"")).startswith(_PLACEHOLDER)
        if (name == axis and not placeholder) or _axes(file, node) == [axis]:
            found[str(name)] = array(file, str(name))
    return found


def _stimulus(rows: Mapping[str, np.ndarray], asked: str | None) -> str:
    wanted = STIMULUS if asked is None else (asked,)
    known = [name for name in wanted if name in rows]
    if not known:
        hint = "" if asked is None else suggestion(asked, rows)
        raise InputError(
            "read_netcdf: say which coordinate of presentations names the stimulus (stimuli=). "
            f"{hint}There are: {listed(rows, 30)}."
        )
    return known[0]


def _times(
    bins: Mapping[str, np.ndarray], values: np.ndarray
) -> tuple[np.ndarray | None, np.ndarray]:
    if values.shape[2] == 1:
        return None, values[:, :, 0]
    if not {"time_bin_start", "time_bin_end"} <= set(bins):
        raise FormatError(
            "read_netcdf: bins of time need the coordinates time_bin_start and time_bin_end (ms)."
        )
    middles = (bins["time_bin_start"].astype(float) + bins["time_bin_end"]) / 2000
    order = np.argsort(middles)
    return middles[order], values[:, :, order]
