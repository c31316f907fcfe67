import datetime
from pathlib import PurePosixPath

import numpy as np
import pandas as pd
import pytest

import isocortex as ic


@pytest.fixture
def stack(rng):
    labels = {"layer": ["conv1", "fc é"], "subject": [1, 2], "weight": [0.5, 1 / 3]}
    return ic.RDMs(rng.random((2, 10)), list("vwxyz"), labels, "correlation")


def test_what_is_read_is_what_was_written(stack, tmp_path):
    again = ic.read_rdms(ic.write_rdms(stack, tmp_path / "rdms.npz"))
    np.testing.assert_array_equal(again.values, stack.values)
    assert again.stimuli == stack.stimuli
    assert again.dissimilarity == "correlation"
    pd.testing.assert_frame_equal(again.labels, stack.labels)


def test_labels_may_be_absent(stack, tmp_path):
    bare = ic.RDMs(stack.values, stack.stimuli)
    assert ic.read_rdms(ic.write_rdms(bare, tmp_path / "rdms.npz")).labels.shape == (2, 0)


def test_any_program_can_read_the_numbers(stack, tmp_path):
    path = ic.write_rdms(stack, tmp_path / "rdms.npz")
    with np.load(path, allow_pickle=False) as file:
        np.testing.assert_array_equal(file["values"], stack.values)
    assert [each.name for each in tmp_path.iterdir()] == ["rdms.npz"]


def test_a_truncated_file_is_refused(stack, tmp_path):
    path = ic.write_rdms(stack, tmp_path / "rdms.npz")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ic.FormatError, match=r"not a file of RDMs, or is truncated"):
        ic.read_rdms(path)


def test_a_foreign_file_is_refused(tmp_path):
    np.savez(tmp_path / "brain.npz", Net_RDM=np.zeros((2, 3, 3)))
    with pytest.raises(ic.FormatError, match=r"it holds Net_RDM. From square matrices"):
        ic.read_rdms(tmp_path / "brain.npz")


def test_a_pickle_is_refused(tmp_path):
    np.savez(tmp_path / "bad.npz", kind=np.array({"x": 1}, dtype=object))
    with pytest.raises(ic.FormatError, match="not a file of RDMs"):
        ic.read_rdms(tmp_path / "bad.npz")


def test_a_missing_file_and_a_wrong_name_are_told(stack, tmp_path):
    with pytest.raises(ic.NotFoundError, match="There is no file"):
        ic.read_rdms(tmp_path / "nowhere.npz")
    with pytest.raises(ic.FormatError, match=r"ends in .npz, not 'rdms.csv'"):
        ic.write_rdms(stack, tmp_path / "rdms.csv")


def test_a_folder_that_is_not_there_is_told(stack, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ic.StorageError):
        ic.write_rdms(stack, tmp_path / "file" / "rdms.npz")


@pytest.mark.parametrize(
    ("label", "text"),
    [
        (pd.Timestamp("2020-01-02"), "2020-01-02T00:00:00"),
        (np.datetime64("2020-01-02"), "2020-01-02T00:00:00"),
        (datetime.date(2020, 1, 2), "2020-01-02T00:00:00"),
        (PurePosixPath("a/b"), "a/b"),
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (True, True),
    ],
)
def test_labels_become_text_or_numbers(tmp_path, label, text):
    rdms = ic.RDMs.from_arrays(1 - np.eye(3), labels={"session": [label]})
    found = ic.read_rdms(ic.write_rdms(rdms, tmp_path / "r.npz")).labels["session"].iloc[0]
    assert found == text


def test_labels_that_no_file_can_hold_are_named_before_it_is_written(tmp_path):
    rdms = ic.RDMs.from_arrays(1 - np.eye(3), labels={"session": [{1, 2}]})
    with pytest.raises(ic.InputError, match="label 'session' holds set"):
        ic.write_rdms(rdms, tmp_path / "r.npz")
    assert not list(tmp_path.iterdir())


def test_gaps_come_back(tmp_path):
    values = np.array([[1.0, np.nan, 2.0]])
    rdms = ic.RDMs(values, "abc", gaps=True)
    found = ic.read_rdms(ic.write_rdms(rdms, tmp_path / "r.npz"))
    assert found.gaps
    np.testing.assert_array_equal(found.values, values)


def test_a_bare_array_or_a_table_is_refused_for_what_it_is(tmp_path):
    np.save(tmp_path / "x.npy", 1 - np.eye(3))
    with pytest.raises(ic.FormatError, match="holds a bare array, without the names of stimuli"):
        ic.read_rdms(tmp_path / "x.npy")
    (tmp_path / "x.csv").write_text("a,b\n0,1\n")
    with pytest.raises(ic.FormatError, match="not a file of RDMs.*From square matrices"):
        ic.read_rdms(tmp_path / "x.csv")
