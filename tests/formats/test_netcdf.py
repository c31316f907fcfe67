"""Assemblies in the layout that brainio and xarray write."""

import h5py
import numpy as np
import pytest

import isocortex as ic


def written(path, values, coordinates, axes):
    """A netCDF 4 file: dimensions are scales, coordinates refer to them."""
    text = h5py.string_dtype()
    with h5py.File(path, "w") as file:
        for axis, length in zip(axes, values.shape, strict=True):
            file.create_dataset(axis, data=np.zeros(length, np.float32))
            file[axis].make_scale("This is a netCDF dimension but not a netCDF variable.")
        data = file.create_dataset("data", data=values, compression=1)
        data.attrs["coordinates"] = " ".join(coordinates)
        for place, axis in enumerate(axes):
            data.dims[place].attach_scale(file[axis])
        for name, (axis, column) in coordinates.items():
            dtype = text if np.asarray(column).dtype.kind in "UO" else None
            file.create_dataset(name, data=np.asarray(column).tolist(), dtype=dtype)
            file[name].dims[0].attach_scale(file[axis])
    return path


@pytest.fixture
def coordinates():
    return {
        "stimulus_id": ("presentation", ["a1", "b2", "a1", "b2"]),
        "repetition": ("presentation", [0, 0, 1, 1]),
        "neuroid_id": ("neuroid", ["n1", "n2", "n3"]),
        "region": ("neuroid", ["V4", "IT", "IT"]),
        "time_bin_start": ("time_bin", [70, 120]),
        "time_bin_end": ("time_bin", [120, 170]),
    }


def test_an_assembly_is_trials_by_stimulus_and_repetition(tmp_path, rng, coordinates):
    values = rng.normal(size=(4, 3, 2))
    axes = ("presentation", "neuroid", "time_bin")
    trials = ic.read_netcdf(written(tmp_path / "assy.nc", values, coordinates, axes))
    np.testing.assert_array_equal(trials.values, values)
    assert trials.stimuli == ("a1", "b2", "a1", "b2")
    assert trials.runs.tolist() == [0, 0, 1, 1]
    np.testing.assert_allclose(trials.times, [0.095, 0.145])
    assert trials.units["region"].tolist() == ["V4", "IT", "IT"]
    assert trials.units["neuroid_id"].tolist() == ["n1", "n2", "n3"]


def test_axes_may_come_in_any_order_and_a_single_bin_is_no_time(tmp_path, rng, coordinates):
    values = rng.normal(size=(3, 4))
    flat = {k: v for k, v in coordinates.items() if v[0] != "time_bin"}
    path = written(tmp_path / "assy.nc", values, flat, ("neuroid", "presentation"))
    np.testing.assert_array_equal(ic.read_netcdf(path).values, values.T)
    path = written(tmp_path / "one.nc", values[None], flat, ("time_bin", "neuroid", "presentation"))
    assert ic.average(ic.read_netcdf(path)).stimuli == ("a1", "b2")


def test_it_equals_what_xarray_reads(tmp_path, rng, coordinates):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    array = xarray.DataArray(
        rng.normal(size=(4, 3, 2)), dims=("presentation", "neuroid", "time_bin"), coords=coordinates
    )
    array.to_netcdf(tmp_path / "assy.nc", engine="h5netcdf")
    trials = ic.read_netcdf(tmp_path / "assy.nc")
    np.testing.assert_array_equal(trials.values, array.values)
    assert trials.units["region"].tolist() == array["region"].to_numpy().tolist()


def test_faults_are_sentences(tmp_path, rng, coordinates):
    axes = ("presentation", "neuroid", "time_bin")
    path = written(tmp_path / "assy.nc", rng.normal(size=(4, 3, 2)), coordinates, axes)
    with pytest.raises(ic.InputError, match="Did you mean 'stimulus_id'"):
        ic.read_netcdf(path, stimuli="stimulis_id")
    with pytest.raises(ic.InputError, match="no coordinate 'session'"):
        ic.read_netcdf(path, runs="session")
    (tmp_path / "old.nc").write_bytes(b"CDF\x02" + bytes(100))
    with pytest.raises(ic.FormatError, match="is netCDF 3"):
        ic.read_netcdf(tmp_path / "old.nc")
    (tmp_path / "cut.nc").write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ic.FormatError, match="is not a netCDF 4 file, or is truncated or damaged"):
        ic.read_netcdf(tmp_path / "cut.nc")
    with pytest.raises(ic.NotFoundError, match="There is no file"):
        ic.read_netcdf(tmp_path / "absent.nc")
    with h5py.File(tmp_path / "plain.nc", "w") as file:
        file["x"] = np.zeros((2, 3))
    with pytest.raises(ic.FormatError, match="holds 0 arrays over presentation and neuroid"):
        ic.read_netcdf(tmp_path / "plain.nc")
