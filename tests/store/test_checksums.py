"""Whatever bit of a store is turned over, whoever reads it is told."""

import numpy as np
import pytest
import zarr
from zarr import open_array

import isocortex as ic
from isocortex.store.checksum import crc32c, is_whole, sealed
from isocortex.store.record import gram_path, layer_path

BLANK = b'{"a": 1, "isocortex_crc32c": "00000000", "b": [2, 3]}'


def crc_written_out(data: bytes) -> int:
    """Bit by bit, by the reflected polynomial of RFC 3720."""
    found = 0xFFFFFFFF
    for byte in data:
        found ^= byte
        for _ in range(8):
            found = found >> 1 ^ (0x82F63B78 if found & 1 else 0)
    return found ^ 0xFFFFFFFF


def test_the_checksum_is_that_of_the_rfc(rng):
    assert crc32c([b"123456789"]) == 0xE3069283
    data = rng.integers(0, 256, 1000, dtype=np.uint8)
    assert crc32c([data[:300], data[300:].tobytes()]) == crc_written_out(data.tobytes())


def test_every_bit_of_a_document_is_covered():
    whole = sealed(BLANK, [b"rest"])
    assert is_whole(whole, [b"rest"]) is True
    assert is_whole(b"{}") is None
    for place in range(8 * len(whole)):
        turned = bytearray(whole)
        turned[place // 8] ^= 1 << place % 8
        assert is_whole(bytes(turned), [b"rest"]) is not True
    assert is_whole(whole, [b"resu"]) is False


@pytest.fixture
def store(make, tmp_path, rng):
    values = rng.normal(size=(11, 24)).astype(np.float32)
    made = make(tmp_path / "s.zarr", values, batch=4, width=10)
    ic.gram(made["conv1"])
    return made


def read_all(path):
    """Whatever a user can read of a store."""
    store = ic.Store(path)
    return [(layer.numpy(), ic.gram(layer).matrix) for layer in store.values()]


def flip(file, bit):
    with file.open("r+b") as opened:
        opened.seek(bit // 8)
        (byte,) = opened.read(1)
        opened.seek(bit // 8)
        opened.write(bytes([byte ^ 1 << bit % 8]))


def flips_that_pass(path, n, rng):
    """Of n random bits of all files, those that could be turned over without being noticed."""
    files = sorted(file for file in path.rglob("*") if file.is_file())
    missed = []
    for i in range(n):
        file = files[i % len(files)]  # Small files as often as large ones.
        bit = int(rng.integers(8 * file.stat().st_size))
        flip(file, bit)
        try:
            read_all(path)
            missed.append((file, bit))
        except ic.FormatError:
            pass
        flip(file, bit)
    read_all(path)
    return missed


def test_1000_flips_of_any_bit_in_any_file_are_found(store, rng):
    assert not flips_that_pass(store.path, 1000, rng)


def test_a_truncated_or_longer_file_is_found(store):
    for file in [file for file in store.path.rglob("*") if file.is_file()]:
        whole = file.read_bytes()
        for other in (b"", whole[:-1], whole + b"\0", whole[: len(whole) // 2]):
            file.write_bytes(other)
            with pytest.raises(ic.FormatError):
                read_all(store.path)
        file.write_bytes(whole)


def test_a_damaged_chunk_is_named(store):
    file = layer_path(store.path, "features.0") / "c" / "1" / "0"
    flip(file, 8 * 15 * 4 * 4)
    layer = ic.Store(store.path)["conv1"].values
    layer[:4]  # What is not damaged is still read.
    with pytest.raises(
        ic.FormatError,
        match=r"'features.0', the file of batch 1 \(rows 4 to 7\), '.*c/1/0': units 10 to 19 are "
        r"not as written. Extract again with overwrite=True",
    ):
        layer[5, 12]


def test_verify_lists_what_is_damaged(store):
    assert store.verify().empty
    flip(layer_path(store.path, "features.0") / "c" / "2" / "0", 3)
    flip(gram_path(store.path, "features.0") / "c" / "0" / "0", 3)
    table = store.verify()
    assert table["layer"].tolist() == ["conv1", "conv1"]
    assert table["part"].tolist() == ["activations", "gram"]
    assert table.loc[0, ["first", "last"]].tolist() == ["s8", "s10"]
    assert table.loc[0, "reason"] == "units 0 to 9 are not as written"
    flip(layer_path(store.path, "features.0") / "zarr.json", 100)
    assert store.verify()["part"].tolist() == ["description"]


def test_zarr_checks_them_too(store):
    folder = layer_path(store.path, "features.0")
    np.testing.assert_array_equal(open_array(str(folder), mode="r")[:], store["conv1"].numpy())
    kept = open_array(str(gram_path(store.path, "features.0")), mode="r")[:]
    np.testing.assert_array_equal(kept[:11], ic.gram(store["conv1"]).products.shifted)
    members = zarr.open_group(str(store.path), mode="r").members(max_depth=None)
    assert {name for name, _ in members} >= {"layers/features.0", "grams/features.0"}
    flip(folder / "c" / "0" / "0", 77)
    with pytest.raises(ValueError, match="[Cc]hecksum"):
        open_array(str(folder), mode="r")[:]
