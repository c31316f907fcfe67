"""Cells, structs, texts and sparse matrices of MATLAB 5, against scipy."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat, savemat
from scipy.sparse import csc_matrix

from isocortex.formats.mat import v4, v5


@pytest.mark.parametrize("packed", [False, True])
def test_all_kinds_are_what_scipy_has_written(tmp_path, rng, packed):
    sparse = csc_matrix(np.where(rng.random((5, 7)) > 0.6, rng.normal(size=(5, 7)), 0))
    kinds = [np.dtype(k) for k in ("f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")]
    arrays = {f"x_{k.name}": (rng.random((3, 2, 4)) * 99).astype(k) for k in kinds}
    held = {
        **arrays,
        "sparse": sparse,
        "names": np.array(["face", "a house", "µ"], dtype=object),
        "rows": np.array(["cat", "dog"]),
        "meta": {"key": np.array(["a", "b"], dtype=object), "value": np.eye(2), "n": {"d": 1.0}},
        "empty": np.zeros((0, 3)),
    }
    savemat(tmp_path / "a.mat", held, do_compression=packed)
    found = v5.read_all(tmp_path / "a.mat")
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)
    np.testing.assert_array_equal(found["sparse"], sparse.toarray())
    assert found["names"] == ["face", "a house", "µ"]
    assert found["rows"] == ["cat", "dog"]
    assert found["meta"]["key"] == ["a", "b"]
    np.testing.assert_array_equal(found["meta"]["value"], np.eye(2))
    assert found["meta"]["n"]["d"].item() == 1.0
    assert found["empty"].shape == (0, 3)
    listed = {name: shape for name, shape, _ in v5.listing(tmp_path / "a.mat")}
    assert listed["x_int16"] == (3, 2, 4)


def test_version_4_full_and_sparse(tmp_path, rng):
    full = rng.normal(size=(3, 4))
    sparse = csc_matrix(np.diag([1.0, 0, 3]))
    savemat(tmp_path / "a.mat", {"full": full, "sparse": sparse, "text": "abc"}, format="4")
    np.testing.assert_array_equal(v4.read_v4(tmp_path / "a.mat", "full")[0], full)
    np.testing.assert_array_equal(v4.read_v4(tmp_path / "a.mat", "sparse")[0], sparse.toarray())
    assert v4.read_v4(tmp_path / "a.mat", "other") == (None, ["full", "sparse", "text"])


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["f8", "f4", "i2", "u1", ">f8"])
def test_large_variables_are_those_of_scipy_wherever_they_stand(kind, packed, tmp_path, rng):
    path = tmp_path / "large.mat"
    held = {
        "first": rng.normal(size=(300, 200)),
        "feat": (100 * rng.random((5, 7, 1800))).astype(kind),
        "last": np.arange(6.0).reshape(2, 3),
    }
    savemat(path, held, do_compression=packed)
    wanted = loadmat(path)
    for name in held:
        found = v5.read_v5(path, name)
        np.testing.assert_array_equal(found, wanted[name])
        assert found.dtype == wanted[name].dtype.newbyteorder("=")
        found[...] = 0  # is a copy, and nothing of the file


def test_only_what_is_asked_for_is_read_of_a_large_file(tmp_path, rng, monkeypatch):
    path = tmp_path / "large.mat"
    savemat(path, {"big": rng.normal(size=(1000, 200)), "feat": np.ones((2, 3))})
    copied = []
    once = np.frombuffer
    monkeypatch.setattr(
        np, "frombuffer", lambda data, *rest: copied.append(len(data)) or once(data, *rest)
    )
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("the whole file is read"))
    np.testing.assert_array_equal(v5.read_v5(path, "feat"), np.ones((2, 3)))
    assert sum(copied) <= 48  # bytes, of 1.6 million
