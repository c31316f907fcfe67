"""Cells, structs, texts and sparse matrices of MATLAB 5, against scipy."""

import io
import struct
import zlib
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.io import loadmat, savemat
from scipy.sparse import csc_matrix

from isocortex.errors import FormatError
from isocortex.formats.mat import opened, v4, v5
from isocortex.formats.mat.files import read_array
from isocortex.formats.mat.opened import Opened


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
    np.testing.assert_array_equal(read_array(tmp_path / "a.mat", "full"), full)
    np.testing.assert_array_equal(read_array(tmp_path / "a.mat", "sparse"), sparse.toarray())
    with Opened(tmp_path / "a.mat") as file:
        assert v4.read_v4(file, "other") == (None, ["full", "sparse", "text"])


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
        found = read_array(path, name)
        np.testing.assert_array_equal(found, wanted[name])
        assert found.dtype == wanted[name].dtype.newbyteorder("=")
        found[...] = 0  # is a copy, and nothing of the file


@pytest.fixture
def counted(monkeypatch):
    """Files opened, bytes read of them, bytes unpacked."""
    counts = {"opened": 0, "read": 0, "unpacked": 0}

    class File(io.FileIO):
        def __init__(self, path):
            counts["opened"] += 1
            super().__init__(path)

        def read(self, size=-1):
            found = super().read(size)
            counts["read"] += len(found)
            return found

        def readinto(self, room):
            n = super().readinto(room)
            counts["read"] += n
            return n

    class Unpacker:
        def __init__(self):
            self.real = unpacker()

        def decompress(self, *given):
            found = self.real.decompress(*given)
            counts["unpacked"] += len(found)
            return found

        @property
        def eof(self):
            return self.real.eof

    unpacker = zlib.decompressobj
    monkeypatch.setattr(opened, "io", SimpleNamespace(FileIO=File))
    monkeypatch.setattr(opened, "zlib", SimpleNamespace(decompressobj=Unpacker, error=zlib.error))
    return counts


@pytest.mark.parametrize("packed", [False, True])
def test_only_what_is_asked_for_is_read_of_a_large_file(packed, tmp_path, rng, counted):
    path = tmp_path / "large.mat"
    held = {"big": rng.normal(size=(1000, 200)), "feat": np.ones((2, 3)), "behind": np.eye(200)}
    savemat(path, held, do_compression=packed)
    np.testing.assert_array_equal(read_array(path, "feat"), held["feat"])
    assert counted["opened"] == 1
    assert counted["read"] <= 8192  # bytes, of 1.6 million
    assert counted["unpacked"] <= 4096


@pytest.mark.parametrize("packed", [False, True])
def test_a_large_array_is_read_and_unpacked_once_and_not_copied(packed, tmp_path, rng, counted):
    path = tmp_path / "large.mat"
    values = rng.normal(size=(1000, 200))
    savemat(path, {"feat": values}, do_compression=packed)
    found = read_array(path, "feat")
    np.testing.assert_array_equal(found, values)
    assert counted["opened"] == 1
    assert counted["read"] <= path.stat().st_size + 8192
    assert counted["unpacked"] <= packed * (values.nbytes + 2048)
    assert not found.flags.owndata  # a view of the memory that was read into
    assert found.flags.writeable


@pytest.mark.parametrize("packed", [False, True])
def test_names_and_shapes_are_listed_without_contents(packed, tmp_path, rng, counted):
    path = tmp_path / "large.mat"
    held = {f"x{i}": rng.normal(size=(100, 200)) for i in range(5)}
    savemat(path, {**held, "a" * 31: np.eye(3)}, do_compression=packed)
    assert [name for name, *_ in v5.listing(path)] == [*held, "a" * 31]
    assert counted["opened"] == 1
    assert counted["read"] <= 16384
    assert counted["unpacked"] <= 6 * 1024


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("packed", [False, True])
def test_a_large_file_that_ends_too_early_is_a_sentence(packed, share, tmp_path, rng):
    path = tmp_path / "large.mat"
    savemat(path, {"feat": rng.normal(size=(200, 300))}, do_compression=packed)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(FormatError, match="truncated or damaged"):
        read_array(path, "feat")


@pytest.mark.parametrize("change", ["longer", "shorter", "checksum"])
def test_a_packed_variable_of_another_size_than_it_says_is_a_sentence(change, tmp_path, rng):
    path = tmp_path / "large.mat"
    savemat(path, {"feat": rng.normal(size=(200, 300))}, do_compression=True)
    raw = path.read_bytes()
    plain = zlib.decompress(raw[136:])
    plain = {"longer": plain + bytes(80), "shorter": plain[:-80], "checksum": plain}[change]
    body = bytearray(zlib.compress(plain))
    if change == "checksum":
        body[-1] ^= 1
    path.write_bytes(raw[:128] + struct.pack("<II", 15, len(body)) + bytes(body))
    with pytest.raises(FormatError, match="truncated or damaged"):
        read_array(path, "feat")
