"""One map from one process, four, and Dask; and a map that was killed goes on where it was."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest

import isocortex as ic
from isocortex.searchlights import patches

SCRIPT = """
import sys, time
import numpy as np
import isocortex as ic
from isocortex.searchlights import patches
patches.CHUNK = 10
places = np.argwhere(np.ones((6, 6, 4))) * 3.0
values = np.random.default_rng(0).normal(size=(7, 144))
names = [f"s{i}" for i in range(7)]
voxels = ic.Responses(values, names, dict(zip("xyz", places.T)))
near = ic.neighbours(voxels, radius=4.5)
models = ic.RDMs(np.random.default_rng(1).random((2, 21)), names)
def listener(event):
    print(event.done, flush=True)
    time.sleep(float(sys.argv[2]))
maps = ic.searchlight(voxels, near, ic.RSA(models), store=sys.argv[1], progress=listener)
np.save(sys.argv[3], maps.values)
"""


def run(folder, pause, out):
    arguments = [sys.executable, "-c", SCRIPT, str(folder), str(pause), str(out)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_a_killed_searchlight_goes_on_where_it_was(tmp_path):
    killed = run(tmp_path / "kept", 0.2, tmp_path / "none.npy")
    assert killed.stdout is not None
    for _ in range(3):
        killed.stdout.readline()
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    killed.stdout.close()
    assert not (tmp_path / "none.npy").exists()
    files = sorted((tmp_path / "kept").rglob("*.npy"))
    assert 3 <= len(files) < 15
    before = {path: path.stat().st_mtime_ns for path in files}
    again = run(tmp_path / "kept", 0, tmp_path / "map.npy")
    assert again.communicate()[0].split()[-1] == "144"
    assert {path: path.stat().st_mtime_ns for path in files} == before
    whole = run(tmp_path / "other", 0, tmp_path / "whole.npy")
    whole.communicate()
    np.testing.assert_array_equal(np.load(tmp_path / "map.npy"), np.load(tmp_path / "whole.npy"))


def test_a_stopped_searchlight_does_not_begin_again(make, near, small_chunks, tmp_path):
    recording = make.responses(6)
    done = []

    def stop(event):
        done.append(event.done)
        if len(done) == 4:  # The first says that it begins.
            raise KeyboardInterrupt

    def counted(part):
        seen.append(part.n_units)
        return part.numpy().sum()

    seen: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        ic.searchlight(recording, near, counted, store=tmp_path, progress=stop)
    n_kept = sum(1 for _ in tmp_path.rglob("*.npy"))
    assert n_kept >= 3
    seen.clear()
    found = ic.searchlight(recording, near, counted, store=tmp_path)
    assert len(seen) == len(near) - 10 * n_kept + 1  # and the one that is done first
    np.testing.assert_array_equal(found.values, ic.searchlight(recording, near, counted).values)


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(patches, "CHUNK", 10)


def test_what_is_kept_belongs_to_its_content(make, near, tmp_path, small_chunks):
    recording, other = make.responses(6), make.responses(6, seed=1)
    models = make.models(recording.stimuli)

    def made(noun, chosen):
        events = []
        ic.searchlight(noun, near, chosen, store=tmp_path, progress=events.append)
        return {path.parent.name for path in Path(tmp_path).rglob("*.npy")}

    first = made(recording, ic.RSA(models))
    assert len(first) == 1
    assert made(recording, ic.RSA(models)) == first
    assert len(made(other, ic.RSA(models))) == 2
    assert len(made(recording, ic.RSA(models, "cosine"))) == 3
    assert len(made(recording, lambda part: part.n_units + 1)) == 4
    assert len(made(recording, lambda part: part.n_units + 2)) == 5
    assert len(made(recording, lambda part: part.n_units + 2)) == 5


def test_a_damaged_chunk_is_named(make, near, tmp_path, small_chunks):
    recording = make.responses(6)
    chosen = ic.RSA(make.models(recording.stimuli))
    ic.searchlight(recording, near, chosen, store=tmp_path)
    path = sorted(Path(tmp_path).rglob("*.npy"))[1]
    content = bytearray(path.read_bytes())
    content[150] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ic.StorageError, match=r"000001\.npy' is damaged.*Delete it"):
        ic.searchlight(recording, near, chosen, store=tmp_path)
    path.unlink()
    again = ic.searchlight(recording, near, chosen, store=tmp_path)
    np.testing.assert_array_equal(again.values, ic.searchlight(recording, near, chosen).values)


def test_progress_is_an_event_for_each_chunk(make, near, small_chunks):
    recording, events = make.responses(6), []
    chosen = ic.RSA(make.models(recording.stimuli))
    ic.searchlight(recording, near, chosen, progress=events.append)
    assert [event.done for event in events][-1] == events[0].total == len(near)
    assert len(events) == 1 + -(-len(near) // 10)
    assert events[0].what == "searchlight"


def analyses(make):
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    trials, responses = make.trials(4, 3, 2), make.responses(8)
    lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.3)
    return [
        (responses, ic.RSA(make.models(responses.stimuli))),
        (trials, ic.RSA(make.models(trials.conditions), "crossnobis", "pearson")),
        (trials, ic.Decoding(trials.stimuli, lda)),
    ]


@pytest.mark.parametrize("backend", ["threading", pytest.param("loky", marks=pytest.mark.slow)])
def test_the_map_is_the_same_from_one_worker_and_from_four(
    make, near, small_chunks, tmp_path, backend
):
    for recording, chosen in analyses(make):
        alone = ic.searchlight(recording, near, chosen)
        with joblib.parallel_config(backend, n_jobs=4):
            shared = ic.searchlight(recording, near, chosen, store=tmp_path)
        np.testing.assert_array_equal(shared.values, alone.values)


@pytest.mark.slow
def test_the_map_is_the_same_on_dask(make, near, small_chunks, tmp_path):
    from isocortex.jobs.dask import client_of

    with client_of(workers=2):
        for recording, chosen in analyses(make):
            alone = ic.searchlight(recording, near, chosen)
            with joblib.parallel_config("dask"):
                shared = ic.searchlight(recording, near, chosen, store=tmp_path)
            np.testing.assert_array_equal(shared.values, alone.values)


def test_memory_is_known_beforehand(make, near):
    recording = make.responses(6)
    chosen = ic.RSA(make.models(recording.stimuli))
    found = ic.searchlight(recording, near, chosen)
    assert found.notes["memory"] >= recording.numpy().nbytes
    assert found.notes["memory"] < 2**23
