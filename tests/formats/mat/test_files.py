"""Files that bdpy 0.26 and scipy wrote, and ours read back by h5py and scipy."""

import re
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io
from scipy import sparse

from isocortex.errors import FormatError, NotFoundError, StorageError
from isocortex.formats.mat.files import read_array, write_array

FILES = Path(__file__).parents[2] / "data" / "kamitani"


@pytest.fixture(scope="module")
def bdpy():
    return np.load(FILES / "oracle.npz")


@pytest.mark.parametrize("name", ["dense", "v5", "v5z"])
def test_reads_dense_arrays(name, bdpy):
    found = read_array(FILES / f"{name}.mat", "feat")
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, bdpy["a"])


def test_reads_version_4(tmp_path, rng):
    values = rng.normal(size=(3, 4))
    scipy.io.savemat(tmp_path / "a.mat", {"feat": values, "b": [1.0], "s": "text"}, format="4")
    np.testing.assert_array_equal(read_array(tmp_path / "a.mat", "feat"), values)
    with pytest.raises(FormatError, match="has no variable 'fead'. Did you mean 'feat'"):
        read_array(tmp_path / "a.mat", "fead")
    with pytest.raises(FormatError, match="is not an array of real numbers"):
        read_array(tmp_path / "a.mat", "s")
    (tmp_path / "half.mat").write_bytes((tmp_path / "a.mat").read_bytes()[:70])
    with pytest.raises(FormatError, match="is truncated or damaged: it declares 3 x 4"):
        read_array(tmp_path / "half.mat", "feat")


def test_reads_vectors_and_compressed_arrays(bdpy):
    np.testing.assert_array_equal(read_array(FILES / "vector.mat", "feat"), bdpy["v"])
    found = read_array(FILES / "big.mat", "feat")
    assert found.shape == (1, 5000)
    np.testing.assert_array_equal(found[:, ::500], bdpy["big"])


@pytest.mark.parametrize(("name", "key"), [("sparse", "W"), ("julia", "feat")])
def test_reads_sparse_arrays_of_bdpy_and_of_julia(name, key, bdpy):
    np.testing.assert_array_equal(read_array(FILES / f"{name}.mat", key), bdpy["s"])


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i2", "u1", "i8", "bool"])
def test_reads_what_scipy_writes(packed, dtype, rng, tmp_path):
    array = (rng.normal(size=(3, 2, 4)) * 9).astype(dtype)
    held = {"first": np.arange(3.0), "feat": array, "one": 5.0}
    scipy.io.savemat(tmp_path / "a.mat", held, do_compression=packed)
    np.testing.assert_array_equal(read_array(tmp_path / "a.mat", "feat"), array)
    assert read_array(tmp_path / "a.mat", "one").item() == 5
    scipy.io.savemat(tmp_path / "s.mat", {"W": sparse.csc_array(np.eye(4))})
    np.testing.assert_array_equal(read_array(tmp_path / "s.mat", "W"), np.eye(4))


@pytest.mark.parametrize("is_sparse", [False, True])
@pytest.mark.parametrize("shape", [(1, 7), (4,), (), (1, 3, 2, 2), (1, 9000), (0, 3)])
def test_what_is_written_is_read(shape, is_sparse, rng, tmp_path):
    if is_sparse and not shape:
        pytest.skip("a number is not sparse")
    array = np.where(rng.random(shape) < 0.4, rng.normal(size=shape), 0).astype(np.float32)
    write_array(tmp_path / "new" / "a.mat", array, "feat", sparse=is_sparse)
    found = read_array(tmp_path / "new" / "a.mat", "feat")
    assert (found.shape, found.dtype) == (array.shape, array.dtype)
    np.testing.assert_array_equal(found, array)
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["a.mat"]


def test_written_files_are_like_those_of_bdpy(bdpy, tmp_path):
    write_array(tmp_path / "dense.mat", bdpy["a"], "feat")
    write_array(tmp_path / "sparse.mat", bdpy["s"], "W", sparse=True)
    for name, key in (("dense", "feat"), ("sparse", "W")):
        with (
            h5py.File(FILES / f"{name}.mat") as theirs,
            h5py.File(tmp_path / f"{name}.mat") as ours,
        ):
            assert set(theirs[key].attrs) - {"H5PATH"} == set(ours[key].attrs)
            for attribute in ours[key].attrs:
                same = theirs[key].attrs[attribute], ours[key].attrs[attribute]
                assert str(same[0]) == str(same[1]), attribute
            if key == "feat":
                np.testing.assert_array_equal(theirs[key][()], ours[key][()])
            else:
                assert set(theirs[key]) == set(ours[key])
        raw = (tmp_path / f"{name}.mat").read_bytes()
        assert raw[:24] == b"MATLAB 7.3 MAT-file, Pla"
        assert raw[124:128] == b"\x00\x02IM"


def test_a_missing_file_or_variable_is_a_sentence(tmp_path):
    with pytest.raises(NotFoundError, match=r"no MAT file.*nothing\.mat"):
        read_array(tmp_path / "nothing.mat", "feat")
    for name in ("dense", "v5", "v5z"):
        with pytest.raises(FormatError, match="no variable 'fea'.*Did you mean 'feat'"):
            read_array(FILES / f"{name}.mat", "fea")


@pytest.mark.parametrize("name", ["dense", "sparse", "v5", "v5z", "big"])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.6, 0.9])
def test_a_truncated_file_is_a_sentence(name, share, tmp_path):
    raw = (FILES / f"{name}.mat").read_bytes()
    path = tmp_path / "cut.mat"
    path.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(FormatError, match=r"cut\.mat.*(truncated|no variable)"):
        read_array(path, "W" if name == "sparse" else "feat")


def test_an_object_is_a_sentence(tmp_path):
    path = tmp_path / "object.mat"
    scipy.io.savemat(path, {"feat": {"a": 1.0}})
    with pytest.raises(FormatError, match="'feat' is an object, a cell, text or complex"):
        read_array(path, "feat")
    scipy.io.savemat(path, {"feat": np.array([[1 + 2j]])})
    with pytest.raises(FormatError, match="complex"):
        read_array(path, "feat")
    scipy.io.savemat(path, {"feat": np.array(["a", 2], dtype=object)})
    with pytest.raises(FormatError, match="is an object, a cell"):
        read_array(path, "feat")
    with h5py.File(path, "w", userblock_size=512) as file:
        file.create_group("feat")["x"] = 3.0
        file.create_dataset("text", data=["a"], dtype=h5py.string_dtype())
    with pytest.raises(FormatError, match="is a struct"):
        read_array(path, "feat")
    with pytest.raises(FormatError, match="holds objects or text"):
        read_array(path, "text")
    path.write_bytes(b"x" * 300)
    with pytest.raises(FormatError, match="not a MAT file of version 5 or"):
        read_array(path, "feat")


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        write_array(tmp_path / "file" / "a.mat", np.ones(3), "feat")


def test_reading_and_writing_leave_no_drafts(tmp_path):
    shutil.copy(FILES / "dense.mat", tmp_path / "a.mat")
    before = (tmp_path / "a.mat").stat().st_mtime_ns
    read_array(tmp_path / "a.mat", "feat")
    assert (tmp_path / "a.mat").stat().st_mtime_ns == before
    assert not [p for p in tmp_path.iterdir() if re.match(r"\.", p.name)]


@pytest.mark.parametrize("size", [10, 10_000])
def test_dense_arrays_of_every_writer_are_read_by_one_opening(size, tmp_path, rng, monkeypatch):
    values = rng.normal(size=(2, size))
    write_array(tmp_path / "ours.mat", values, "feat")
    with h5py.File(tmp_path / "plain.mat", "w", userblock_size=512) as file:
        file["feat"] = values
        file["number"] = 3.0
    with h5py.File(tmp_path / "matlab.mat", "w", userblock_size=512) as file:
        file["feat"] = values.T
        file["feat"].attrs["MATLAB_class"] = np.bytes_("double")
    np.testing.assert_array_equal(read_array(tmp_path / "plain.mat", "number"), [3.0])
    monkeypatch.setattr(h5py, "File", lambda *_, **__: pytest.fail("it is opened a second time"))
    for name in ("ours", "plain", "matlab"):
        np.testing.assert_array_equal(read_array(tmp_path / f"{name}.mat", "feat"), values)
