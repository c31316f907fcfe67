"""kill -9 in the middle of an extraction, then again: the same bits, and no batch twice."""

import multiprocessing
import os
import time

import numpy as np
import pytest

import isocortex as ic

fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def extract_slowly(network, stimuli, path, keep):
    ic.extract(
        network, stimuli, "all", path, batch_size=2, keep=keep, progress=lambda _: time.sleep(0.15)
    )


def extract_and_kill(network, stimuli, into, keep="activations"):
    """Start a child, and kill it as soon as two of its five batches are on disk."""
    child = multiprocessing.get_context("fork").Process(
        target=extract_slowly, args=(network, stimuli, into, keep)
    )
    child.start()
    deadline = time.monotonic() + 90
    while len(list(into.glob("layers/fc/c/*/0"))) < 2:
        assert child.exitcode is None
        assert time.monotonic() < deadline
        time.sleep(0.005)
    child.kill()
    child.join()
    finished = len(list(into.glob("layers/fc/c/*/0")))
    assert 2 <= finished < 5
    return finished


@fork
def test_killed_and_run_again(small, stimuli, tmp_path):
    finished = extract_and_kill(small, stimuli, tmp_path / "killed.zarr")
    with pytest.raises(ic.FormatError, match="of 5 batches of .* its extraction was stopped"):
        dict(ic.Store(tmp_path / "killed.zarr"))

    whole = ic.extract(small, stimuli, "all", tmp_path / "whole.zarr", batch_size=2)
    assert small.module.passes == [2, 2, 2, 2, 1]
    small.module.passes.clear()
    again = ic.extract(small, stimuli, "all", tmp_path / "killed.zarr", batch_size=2)
    assert len(small.module.passes) <= 5 - finished
    for name, layer in whole.items():
        np.testing.assert_array_equal(again[name].numpy(), layer.numpy())
    assert not list((tmp_path / "killed.zarr").glob("layers/*/c/*/part-*"))


@fork
def test_killed_while_only_grams_are_kept(small, stimuli, tmp_path, monkeypatch):
    with monkeypatch.context() as short_of_memory:
        short_of_memory.setattr(
            "isocortex.networks.extraction.outputs.available_bytes", lambda: 5000
        )
        finished = extract_and_kill(small, stimuli, tmp_path / "k.zarr", "grams")
    with pytest.raises(ic.FormatError, match="lacks the Gram matrix of 'conv1'"):
        dict(ic.Store(tmp_path / "k.zarr"))
    again = ic.extract(small, stimuli, "all", tmp_path / "k.zarr", batch_size=2, keep="grams")
    assert len(small.module.passes) <= 5 - finished
    monkeypatch.setattr("isocortex.networks.extraction.outputs.available_bytes", lambda: 5000)
    whole = ic.extract(small, stimuli, "all", tmp_path / "w.zarr", batch_size=2, keep="grams")
    for name, kept in whole.items():
        np.testing.assert_array_equal(again[name].matrix, kept.matrix)


@pytest.mark.parametrize("victim", ["layers/conv2/c/1/0", "layers/conv2/zarr.json", "zarr.json"])
def test_a_truncated_store_is_refused(small, stimuli, tmp_path, victim):
    path = tmp_path / "s.zarr"
    ic.extract(small, stimuli, "all", path, batch_size=2)
    whole = (path / victim).read_bytes()
    (path / victim).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ic.FormatError, match="truncated"):
        ic.Store(path)
    with pytest.raises(ic.FormatError, match="truncated"):
        ic.extract(small, stimuli, "all", path, batch_size=2)


def test_a_damaged_store_is_replaced_on_request(small, stimuli, tmp_path):
    path = tmp_path / "s.zarr"
    before = ic.extract(small, stimuli, "all", path, batch_size=2)["fc"].numpy()
    small.module.passes.clear()
    ic.extract(small, stimuli, "all", path, batch_size=2, overwrite=True)
    assert small.module.passes == [], "what is sound and the same is not computed again"
    (path / "layers" / "fc" / "c" / "0" / "0").write_bytes(b"cut")
    again = ic.extract(small, stimuli, "all", path, batch_size=2, overwrite=True)
    np.testing.assert_array_equal(again["fc"].numpy(), before)


def test_a_lost_batch_is_computed_again(small, stimuli, tmp_path):
    path = tmp_path / "s.zarr"
    before = ic.extract(small, stimuli, "all", path, batch_size=2)["conv2"].numpy()
    (path / "layers" / "conv2" / "c" / "3" / "0").unlink()
    with pytest.raises(ic.FormatError, match="has 4 of 5 batches of 'conv2'"):
        ic.Store(path)["conv2"]
    small.module.passes.clear()
    again = ic.extract(small, stimuli, "all", path)
    assert small.module.passes == [2]
    np.testing.assert_array_equal(again["conv2"].numpy(), before)


def test_foreign_folders_are_no_stores(tmp_path):
    import zarr

    with pytest.raises(ic.NotFoundError, match="There is no store at"):
        ic.Store(tmp_path / "none.zarr")
    zarr.create_array(str(tmp_path / "other.zarr"), shape=(3,), dtype="f4")
    with pytest.raises(ic.FormatError, match="is not a store of isocortex"):
        ic.Store(tmp_path / "other.zarr")
