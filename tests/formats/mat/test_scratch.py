"""Layers too large for memory are parsed once, whoever asks for which units."""

import pickle
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

import isocortex as ic
from isocortex.formats.mat import features, scratch
from isocortex.formats.mat.scratch import Scratch


@pytest.fixture
def layer(tmp_path, rng, monkeypatch):
    """A layer of 6 images and 40 units, of which each is taken for a large one."""
    values = rng.normal(size=(6, 40)).astype(np.float32)
    ic.write_features({"conv1": ic.Responses(values, list("abcdef"))}, tmp_path / "net")
    monkeypatch.setattr(features, "KEEP_BYTES", 100)
    found = ic.read_features(tmp_path / "net")["conv1"].values
    parsed = []
    once = features.FileLayer._row
    monkeypatch.setattr(
        features.FileLayer, "_row", lambda self, i: parsed.append(i) or once(self, i)
    )
    return SimpleNamespace(found=found, values=values, parsed=parsed)


def all_blocks(layer, rows=slice(None)):
    return np.hstack([layer.found[rows, i : i + 7] for i in range(0, 40, 7)])


def test_each_file_is_parsed_once_however_many_blocks_are_read(layer):
    for _ in range(3):
        np.testing.assert_array_equal(all_blocks(layer), layer.values)
    assert sorted(layer.parsed) == list(range(6))


def test_rows_are_parsed_when_they_are_asked_for(layer):
    np.testing.assert_array_equal(all_blocks(layer, [4, 1, 4]), layer.values[[4, 1, 4]])
    assert sorted(layer.parsed) == [1, 4]
    np.testing.assert_array_equal(layer.found[2], layer.values[2])
    np.testing.assert_array_equal(layer.found[:, [3, 1]], layer.values[:, [3, 1]])
    np.testing.assert_array_equal(layer.found[:, 35:99], layer.values[:, 35:])
    np.testing.assert_array_equal(layer.found[:, 9:3], layer.values[:, 9:3])


@pytest.mark.parametrize(
    "columns", [3, -1, [5, 2, 5], [], slice(None), slice(30, 3, -4), np.arange(40) % 3 == 0]
)
def test_any_choice_of_units_comes_from_rows_that_were_parsed_once(columns, layer):
    for rows in (slice(None), [4, 1]):
        np.testing.assert_array_equal(layer.found[rows, columns], layer.values[rows][:, columns])
    np.testing.assert_array_equal(np.asarray(layer.found), layer.values)
    assert sorted(layer.parsed) == list(range(6))


def test_a_large_array_is_set_aside_where_the_disk_has_room(rng, monkeypatch):
    values = rng.normal(size=(50, 60)).T
    assert scratch.set_aside(values) is values
    monkeypatch.setattr(scratch, "_LITTLE", 1000)
    aside = scratch.set_aside(values)
    np.testing.assert_array_equal(aside, values)
    assert isinstance(aside.base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        aside[0, 0] = 1.0
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    assert scratch.set_aside(values) is values


def test_without_room_on_the_disk_rows_are_read_anew(layer, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    np.testing.assert_array_equal(all_blocks(layer), layer.values)
    assert len(layer.parsed) == 6 * 6


def test_a_disk_that_fills_up_costs_time_and_no_numbers(layer, monkeypatch):
    class Full:
        def write(self, _):
            raise OSError(28, "No space left on device")

        def seek(self, _):
            pass

        def close(self):
            pass

    monkeypatch.setattr(scratch.tempfile, "TemporaryFile", lambda **_: Full())
    np.testing.assert_array_equal(all_blocks(layer), layer.values)


def test_a_copy_in_another_process_starts_anew():
    rows = np.arange(12.0).reshape(3, 4)
    first = Scratch((3, 4), float, rows.__getitem__)
    first.read(np.array([0, 2]), slice(1, 3))
    second = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(second.read(np.array([2, 1]), slice(0, 2)), rows[[2, 1], :2])
    assert second._there.tolist() == [False, True, True]


def test_encoding_from_a_large_layer_parses_it_once(layer, rng):
    names = list("abcdef")
    brain = ic.Responses(rng.normal(size=(6, 3)), names)
    large = ic.Responses(layer.found, names)
    wanted = ic.encode(ic.Responses(layer.values, names), brain, ic.Ridge(1.0), folds=2)
    found = ic.encode(large, brain, ic.Ridge(1.0), folds=2)
    np.testing.assert_allclose(found.values, wanted.values, atol=1e-6)
    assert len(layer.parsed) <= 6
