import h5py
import numpy as np
import pytest
import scipy.io

import isocortex as ic
from isocortex.formats.mat import features
from isocortex.formats.mat.files import read_array, write_array
from isocortex.formats.mat.template import layout_of


def known(path):
    return layout_of(path, "feat", read_array(path, "feat"))


@pytest.mark.parametrize("shape", [(1, 1000), (1, 3, 4, 5), (7,), (1, 1)])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
def test_files_like_the_first_are_read_without_being_parsed(tmp_path, rng, shape, dtype):
    arrays = [(100 * rng.normal(size=shape)).astype(dtype) for _ in range(3)]
    for i, array in enumerate(arrays):
        write_array(tmp_path / f"{i}.mat", array, "feat")
    layout = known(tmp_path / "0.mat")
    for i, array in enumerate(arrays):
        found = layout.read(tmp_path / f"{i}.mat")
        np.testing.assert_array_equal(found, array)
        assert found.dtype == array.dtype
        assert found.shape == array.shape


def test_any_other_file_is_left_to_the_library(tmp_path, rng):
    row = rng.normal(size=(1, 50)).astype("f4")
    first = tmp_path / "first.mat"
    write_array(first, row, "feat")
    layout = known(first)
    write_array(tmp_path / "longer.mat", np.c_[row, row], "feat")
    write_array(tmp_path / "double.mat", row.astype("f8"), "feat")
    write_array(tmp_path / "turned.mat", row.T, "feat")
    write_array(tmp_path / "named.mat", row, "fest")
    write_array(tmp_path / "sparse.mat", row, "feat", sparse=True)
    scipy.io.savemat(tmp_path / "five.mat", {"feat": row})
    (tmp_path / "cut.mat").write_bytes(first.read_bytes()[:-8])
    (tmp_path / "more.mat").write_bytes(first.read_bytes() + bytes(8))
    (tmp_path / "empty.mat").write_bytes(b"")
    for path in sorted({*tmp_path.iterdir()} - {first}):
        assert layout.read(path) is None, path.name
    assert layout.read(tmp_path / "absent.mat") is None


def test_no_layout_where_numbers_do_not_stand_in_a_row(tmp_path, rng):
    write_array(tmp_path / "sparse.mat", np.eye(3), "feat", sparse=True)
    write_array(tmp_path / "packed.mat", rng.normal(size=(1, 9000)), "feat")
    write_array(tmp_path / "truth.mat", np.array([[True, False]]), "feat")
    assert read_array(tmp_path / "truth.mat", "feat").dtype == bool
    scipy.io.savemat(tmp_path / "five.mat", {"feat": np.eye(3)})
    with h5py.File(tmp_path / "chunks.mat", "w") as file:
        file.create_dataset("feat", data=np.eye(4), chunks=(2, 2))
    for path in tmp_path.iterdir():
        assert known(path) is None, path.name


def test_a_plain_file_without_a_matlab_header(tmp_path, rng):
    for name in "ab":
        with h5py.File(tmp_path / f"{name}.mat", "w") as file:
            file.create_dataset("feat", data=rng.normal(size=(4, 3)))
    found = known(tmp_path / "a.mat").read(tmp_path / "b.mat")
    np.testing.assert_array_equal(found, read_array(tmp_path / "b.mat", "feat"))


def test_layers_of_mixed_files_are_what_each_file_says(tmp_path, rng):
    folder = tmp_path / "net" / "fc8"
    rows = [rng.normal(size=(1, 40)).astype("f4") for _ in range(5)]
    for i, row in enumerate(rows[:3]):
        write_array(folder / f"{i}.mat", row, "feat")
    write_array(folder / "3.mat", rows[3].astype("f8"), "feat")
    scipy.io.savemat(folder / "4.mat", {"feat": rows[4]})
    layer = ic.read_features(tmp_path / "net")["fc8"]
    np.testing.assert_array_equal(layer.numpy(), np.concatenate(rows))
    write_array(folder / "1.mat", np.full((1, 40), np.nan, "f4"), "feat")
    with pytest.raises(ic.FormatError, match=r"1\.mat' holds NaN"):
        features.FileLayer(sorted(folder.iterdir())).whole  # noqa: B018
