"""Small files of one shape are written as the library writes them, which is asked for one."""

from pathlib import Path

import numpy as np
import pytest

from isocortex.errors import StorageError
from isocortex.formats.mat import alike
from isocortex.formats.mat.alike import write_alike, write_one_alike
from isocortex.formats.mat.files import read_array, write_array

USER_BLOCK = 512


@pytest.mark.parametrize("shape", [(1, 15), (1, 3, 4, 5), (7,), (1, 1), (1, 5000), (1, 0)])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i2"])
@pytest.mark.parametrize("size", [0.0, 1.0])
def test_they_are_byte_for_byte_those_of_the_library(shape, dtype, size, tmp_path, rng):
    arrays = {f"n{i}": (size * 99 * rng.normal(size=shape)).astype(dtype) for i in range(3)}
    write_alike(tmp_path, arrays, "feat")
    for name, array in arrays.items():
        write_array(tmp_path / "one.mat", array, "feat")
        wanted = (tmp_path / "one.mat").read_bytes()
        assert (tmp_path / f"{name}.mat").read_bytes()[USER_BLOCK:] == wanted[USER_BLOCK:]
        np.testing.assert_array_equal(read_array(tmp_path / f"{name}.mat", "feat"), array)
        write_one_alike(tmp_path / "alone.mat", array, "feat")
        assert (tmp_path / "alone.mat").read_bytes()[USER_BLOCK:] == wanted[USER_BLOCK:]


def test_a_file_that_cannot_be_written_whole_is_not_there(tmp_path, monkeypatch):
    write_one_alike(tmp_path / "a.mat", np.ones((1, 9)), "b")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="'.*a.mat' cannot be written.*disk full"):
        write_one_alike(tmp_path / "a.mat", np.zeros((1, 9)), "b")
    np.testing.assert_array_equal(read_array(tmp_path / "a.mat", "b"), np.ones((1, 9)))
    assert [each.name for each in tmp_path.iterdir()] == ["a.mat"]


def test_rows_in_any_order_of_memory_are_written_as_they_read(tmp_path, rng):
    rows = rng.normal(size=(2, 1, 3, 4))
    write_alike(tmp_path, {"a": rows[0].T, "b": rows[1][..., ::-1]}, "feat", dtype=np.float32)
    np.testing.assert_array_equal(read_array(tmp_path / "a.mat", "feat"), rows[0].T.astype("f4"))
    wanted = rows[1][..., ::-1].astype("f4")
    np.testing.assert_array_equal(read_array(tmp_path / "b.mat", "feat"), wanted)


def test_the_library_opens_one_file_for_all_of_a_shape(tmp_path, rng, monkeypatch):
    opened = []
    once = alike.write_array
    monkeypatch.setattr(alike, "write_array", lambda *each: opened.append(1) or once(*each))
    alike._layout.cache_clear()
    for job in range(5):
        folder = tmp_path / str(job)
        folder.mkdir()
        write_alike(folder, {f"n{i}": row for i, row in enumerate(rng.random((20, 1, 9)))}, "feat")
    assert len(opened) == 1
