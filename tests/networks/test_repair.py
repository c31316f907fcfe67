"""What is damaged in a store is computed again, and nothing else."""

import numpy as np
import pytest

import isocortex as ic
from isocortex.store.drafts import place


def flip(file, bit=99):
    raw = bytearray(file.read_bytes())
    raw[bit // 8] ^= 1 << bit % 8
    file.write_bytes(bytes(raw))


@pytest.fixture
def path(small, stimuli, tmp_path):
    path = tmp_path / "s.zarr"
    for layer in ic.extract(small, stimuli, "all", path, batch_size=2).values():
        ic.gram(layer)
    small.module.passes.clear()
    return path


def equal(store, other):
    for name, layer in other.items():
        np.testing.assert_array_equal(store[name].numpy(), layer.numpy())
        np.testing.assert_array_equal(ic.gram(store[name]).matrix, ic.gram(layer).matrix)


@pytest.fixture
def right(small, stimuli, tmp_path):
    return ic.extract(small, stimuli, "all", tmp_path / "right.zarr", batch_size=2)


DAMAGE = {
    "layers/conv2/c/3/0": [2],
    "layers/conv2/zarr.json": [2] * 4 + [1],
    "grams/conv2/c/0/0": [],
    "grams/conv2/zarr.json": [],
    "layers/zarr.json": [2] * 4 + [1],
    "zarr.json": [2] * 4 + [1],
}


@pytest.mark.parametrize("victim", DAMAGE)
def test_only_what_is_damaged_is_computed_again(small, stimuli, right, path, victim):
    small.module.passes.clear()
    flip(path / victim)
    untouched = path / "layers" / "fc" / "c" / "1" / "0"
    before = untouched.stat().st_mtime_ns
    with pytest.raises(ic.FormatError, match="overwrite=True"):
        [(layer.numpy(), ic.gram(layer)) for layer in ic.Store(path).values()]
    again = ic.extract(small, stimuli, "all", path, batch_size=2, overwrite=True)
    assert small.module.passes == DAMAGE[victim]
    if len(DAMAGE[victim]) < 2:
        assert untouched.stat().st_mtime_ns == before
    equal(again, right)
    assert again.verify().empty


def test_a_damaged_gram_that_was_kept_alone(small, stimuli, tmp_path):
    path = tmp_path / "g.zarr"
    before = ic.extract(small, stimuli, "all", path, keep="grams")["conv2"].matrix
    flip(path / "grams" / "conv2" / "c" / "0" / "0")
    with pytest.raises(ic.FormatError, match="The Gram matrix in .*conv2' is damaged"):
        ic.Store(path)["conv2"]
    small.module.passes.clear()
    again = ic.extract(small, stimuli, "all", path, keep="grams", overwrite=True)
    assert len(small.module.passes) == 1
    np.testing.assert_array_equal(again["conv2"].matrix, before)


def test_the_same_stays_with_overwrite(small, stimuli, path):
    ic.extract(small, stimuli, "all", path, batch_size=2, overwrite=True)
    assert small.module.passes == []


def test_what_killed_extractions_left_is_cleared(small, stimuli, path):
    dead = f".part-{place()}-999999999-1-00000000."
    left = [path / f"{dead}zarr.json", path / "layers" / f"{dead}fc", path / "grams" / f"{dead}fc"]
    left[0].write_text("half")
    for folder in left[1:]:
        folder.mkdir()
        (folder / "zarr.json").write_text("half")
    (path / ".lock").write_text("nobody")
    ic.extract(small, stimuli, "all", path, batch_size=2)
    assert small.module.passes == []
    assert not any(each.exists() for each in left)
    assert not (path / ".lock").exists()
