"""How often the jobs read and write: recordings and features once, whoever asks for them."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from isocortex.bh import inputs, recordings
from isocortex.formats.mat import alike, features, scratch
from isocortex.formats.mat.files import read_array
from isocortex.jobs.bh import decoding_jobs, encoding_jobs
from isocortex.jobs.local import run_here
from isocortex.store import hdf5


@pytest.fixture
def counted(monkeypatch):
    """Recordings that are read, files of features that are parsed, files the library writes."""
    counts = {"recordings": Counter(), "features": Counter(), "written": Counter()}

    def count(where, name, kind, of):
        once = getattr(where, name)

        def counting(*given, **options):
            counts[kind][of(*given)] += 1
            return once(*given, **options)

        monkeypatch.setattr(where, name, counting)

    count(recordings, "read_bdata", "recordings", lambda path: path.name)
    count(features.FileLayer, "_row", "features", lambda layer, i: layer.files[i])
    count(hdf5, "whole", "written", lambda path: path.suffix)
    forget()
    return counts


def forget():
    """Nothing is known of what other tests have read."""
    for cached in (recordings._read, inputs._layer, inputs._scale, alike._layout):
        cached.cache_clear()


def all_of(folder):
    return {p.relative_to(folder): read_array(p, "accuracy") for p in folder.rglob("accuracy.mat")}


def run_all(made):
    """Three layers, three subjects, two regions: 18 jobs of each kind."""
    (network,) = made.settings.only("made/one").networks
    few = replace(
        made.settings,
        networks=(replace(network, layers=network.layers[:3]),),
        rois=dict(list(made.settings.rois.items())[:2]),
    )
    for jobs in (decoding_jobs, encoding_jobs):
        assert not run_here(jobs(made.folders, few)).failed
    return all_of(made.data / "decoding_accuracy"), all_of(made.data / "encoding_accuracy")


@pytest.fixture
def in_files(monkeypatch):
    """Layers go to a scratch file, regions are set aside, and both are read in pieces."""
    monkeypatch.setattr(features, "KEEP_BYTES", 100)
    monkeypatch.setattr(scratch, "_LITTLE", 100)


def check(made, counted):
    found = run_all(made)
    assert [len(each) for each in found] == [18, 18]
    assert set(counted["recordings"].values()) == {1}
    assert len(counted["recordings"]) == 6
    # Decoding goes through all layers before encoding asks for the first one again.
    assert set(counted["features"].values()) == {2}
    assert len(counted["features"]) == 3 * (30 + 14)
    return found


def test_each_recording_and_each_file_of_features_is_read_once(made, counted):
    check(made, counted)
    n_sparse = 18
    assert counted["written"][".mat"] <= n_sparse + 15  # of 450 files, one for each shape
    assert sum(1 for _ in made.data.rglob("sub-0*/**/*.mat")) == 18 * (6 + 14 + 1) + 18


def test_so_they_are_where_memory_does_not_hold_them_with_the_same_numbers(
    made, counted, in_files, monkeypatch
):
    found = check(made, counted)
    for kind in ("feature_decoders", "decoded_features", "decoding_accuracy", "encoding_accuracy"):
        (made.data / kind).rename(made.data / f"old_{kind}")
    monkeypatch.undo()
    forget()
    for first, second in zip(found, run_all(made), strict=True):
        assert first.keys() == second.keys()
        for name, values in first.items():
            np.testing.assert_array_equal(second[name], values)
