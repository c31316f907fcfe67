"""Extractions that are started at once into one fresh store: all end well, equal to one alone."""

import multiprocessing
import os
import signal
import time

import numpy as np
import pytest

import isocortex as ic

fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def child(ready, go, network, stimuli, layers, path, options):
    """In a process of its own; waits until the others are there too."""
    ready.release()
    go.wait()
    ic.extract(network, stimuli, layers, path, batch_size=2, **options)


def at_once(jobs):
    """Run (network, stimuli, layers, path, options) in processes; their exit codes."""
    context = multiprocessing.get_context("fork")
    ready, go = context.Semaphore(0), context.Event()
    children = [context.Process(target=child, args=(ready, go, *job)) for job in jobs]
    for each in children:
        each.start()
    for _ in children:
        ready.acquire()
    go.set()
    for each in children:
        each.join()
    return [each.exitcode for each in children]


def equal(store, other, keep):
    for name, layer in other.items():
        if keep == "grams":
            np.testing.assert_array_equal(store[name].matrix, layer.matrix)
        else:
            np.testing.assert_array_equal(store[name].numpy(), layer.numpy())


@fork
@pytest.mark.parametrize("keep", ["activations", "grams"])
@pytest.mark.parametrize("n", [2, 3])
def test_the_same_at_once(small, stimuli, tmp_path, keep, n):
    alone = ic.extract(small, stimuli, "all", tmp_path / "alone", batch_size=2, keep=keep)
    for attempt in range(2):
        path = tmp_path / f"{attempt}.zarr"
        jobs = [(small, stimuli, "all", path, {"keep": keep})] * n
        assert at_once(jobs) == [0] * n
        equal(ic.Store(path), alone, keep)
        assert sorted(each.name for each in path.iterdir()) == ["grams", "layers", "zarr.json"]


@fork
def test_different_layers_at_once(small, stimuli, tmp_path):
    alone = ic.extract(small, stimuli, "all", tmp_path / "alone", batch_size=2)
    for attempt in range(2):
        path = tmp_path / f"{attempt}.zarr"
        sets = [["conv1", "fc"], ["conv2", "fc"], ["relu1", "pool", "relu2"]]
        assert at_once([(small, stimuli, layers, path, {}) for layers in sets]) == [0] * 3
        equal(ic.Store(path), alone, "activations")


@fork
def test_activations_and_grams_at_once(small, stimuli, tmp_path):
    alone = ic.extract(small, stimuli, "all", tmp_path / "alone", batch_size=2)
    path = tmp_path / "s.zarr"
    jobs = [(small, stimuli, "all", path, {"keep": keep}) for keep in ("grams", "activations")]
    assert at_once(jobs) == [0, 0]
    equal(ic.Store(path), alone, "activations")


def slowly(event):
    time.sleep(0.2)


@fork
def test_one_that_is_killed_while_it_works_does_not_bar_the_way(small, stimuli, tmp_path):
    alone = ic.extract(small, stimuli, "all", tmp_path / "alone", batch_size=2)
    context = multiprocessing.get_context("fork")
    ready, go = context.Semaphore(0), context.Event()
    path = tmp_path / "s.zarr"
    job = (small, stimuli, "all", path, {"progress": slowly})
    first = context.Process(target=child, args=(ready, go, *job))
    first.start()
    go.set()
    while not list(path.glob("layers/fc/c/*/0")):
        assert first.is_alive()
        time.sleep(0.005)
    told = []

    def listen(event):
        told.append(event.note)
        if event.note.startswith("waits"):
            os.kill(first.pid, signal.SIGKILL)

    store = ic.extract(small, stimuli, "all", path, batch_size=2, progress=listen)
    first.join()
    assert first.exitcode == -signal.SIGKILL
    waited = next(note for note in told if note)
    assert waited.startswith("waits for ")
    assert f"process {first.pid}, which writes into this store" in waited
    equal(store, alone, "activations")
    assert not (path / ".lock").exists()


def test_a_refused_extraction_leaves_no_folder(small, stimuli, tmp_path, monkeypatch):
    monkeypatch.setattr("isocortex.networks.extraction.outputs.free_bytes", lambda _: 10)
    with pytest.raises(ic.StorageError, match="of disk"):
        ic.extract(small, stimuli, "all", tmp_path / "s.zarr")
    assert not list((tmp_path / "s.zarr").glob(".lock"))
    monkeypatch.setattr("isocortex.networks.extraction.plan.available_bytes", lambda: 10)
    with pytest.raises(ic.StorageError, match="A batch of"):
        ic.extract(small, stimuli, "all", tmp_path / "t.zarr")
    assert not (tmp_path / "t.zarr").exists()
