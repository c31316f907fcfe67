"""A file that bdpy 0.26 wrote, and what bdpy selected from it."""

from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io

import isocortex as ic

FILES = Path(__file__).parents[1] / "data" / "kamitani"
BDPY = np.load(FILES / "oracle.npz")
# bdpy compares with other numbers than 0 and 1 but never finds one.
SELECTORS = [key[4:] for key in BDPY.files if key.startswith("sel:") and key != "sel:voxel_x = 4"]


@pytest.fixture(scope="module")
def bdata():
    return ic.read_bdata(FILES / "bdata.h5")


def test_reads_what_bdpy_wrote(bdata):
    np.testing.assert_array_equal(bdata.dataset, BDPY["dataset"])
    assert list(bdata.metadata) == list(BDPY["keys"])
    np.testing.assert_array_equal(list(bdata.metadata.values()), BDPY["meta"])
    assert bdata.labels() == list(BDPY["labels"])
    assert "BData(12 samples x 9 columns" in repr(bdata)


@pytest.mark.parametrize("selector", SELECTORS)
def test_selects_as_bdpy_does(selector, bdata):
    np.testing.assert_array_equal(bdata.columns(selector), BDPY[f"sel:{selector}"])


def test_selects_by_statistics_too(bdata):
    assert bdata.columns("voxel_x = 4").nonzero()[0].tolist() == [2]


def test_trials_and_responses(bdata):
    trials = bdata.trials("ROI_V1 = 1", subject="s1")
    assert (trials.n_trials, trials.n_units) == (12, 2)
    assert trials.stimuli == tuple(BDPY["labels"])
    assert list(trials.runs) == [1] * 4 + [2] * 4 + [3] * 4
    assert list(trials.units["voxel_x"]) == [0, 2]
    assert trials.labels == {"subject": "s1"}
    cat = bdata.responses("ROI_V1").take([0])
    assert cat.stimuli == ("cat",)
    np.testing.assert_allclose(cat.numpy()[0], bdata.dataset[3::4, :2].mean(0))


def test_nan_columns_are_left_out_and_counted(bdata):
    dataset = bdata.dataset.copy()
    dataset[3, 0] = np.nan
    spoilt = ic.BData(dataset, bdata.metadata, {}, bdata.vmap)
    trials = spoilt.trials("ROI_V1")
    assert trials.n_units == 1
    assert trials.labels == {"n_dropped_units": 1}


def test_trials_without_a_stimulus_are_left_out(bdata):
    dataset = bdata.dataset.copy()
    dataset[5, 8] = np.nan
    rest = ic.BData(dataset, bdata.metadata, {}, bdata.vmap)
    assert rest.labels()[5] == "n/a"
    assert rest.trials("ROI_V1").n_trials == 11


def test_what_is_written_is_read(bdata, tmp_path):
    path = ic.write_bdata(bdata, tmp_path / "new.h5")
    again = ic.read_bdata(path)
    np.testing.assert_array_equal(again.dataset, bdata.dataset)
    assert again.vmap == bdata.vmap
    assert again.descriptions == bdata.descriptions
    with h5py.File(path) as ours, h5py.File(FILES / "bdata.h5") as theirs:
        assert set(theirs) <= set(ours)
        assert theirs["metadata/key"].dtype == ours["metadata/key"].dtype
        assert set(theirs["vmap/stimulus_name"]) == set(ours["vmap/stimulus_name"])


def test_reads_old_files(bdata, tmp_path):
    keys = list(bdata.metadata)
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file["dataSet"] = bdata.dataset
        file["metaData/key"] = np.array(keys, dtype="S")
        file["metaData/value"] = np.array(list(bdata.metadata.values()))
    old = ic.read_bdata(tmp_path / "old.h5")
    np.testing.assert_array_equal(old.select("ROI_V1"), bdata.select("ROI_V1"))
    with pytest.raises(ic.InputError, match="no names for 'stimulus_name'.*never by rank"):
        old.labels()


def test_reads_matlab_files(bdata, tmp_path):
    meta = {
        "key": np.array(list(bdata.metadata), dtype=object),
        "value": np.array(list(bdata.metadata.values())),
        "description": np.array(["x"] * len(bdata.metadata), dtype=object),
    }
    scipy.io.savemat(tmp_path / "old.mat", {"dataSet": bdata.dataset, "metaData": meta})
    old = ic.read_bdata(tmp_path / "old.mat")
    np.testing.assert_array_equal(old.select("ROI_HVC"), bdata.select("ROI_HVC"))


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        ("ROI_V3 = 1", "no key 'ROI_V3'.*Did you mean 'ROI_V.'.*It has: 'VoxelData'"),
        ("", "must not be empty"),
        ("ROI_V1 =", "not understood at '='"),
        ("ROI_V1 = x", "not understood at 'x'"),
        ("(ROI_V1", "bracket that is not closed"),
        ("ROI_V1 |", "at 'its end'"),
        ("ROI_V1 ROI_V2", "not understood at 'ROI_V2'"),
        ("| ROI_V1", r"not understood at '\|'"),
        ("'ROI_V1", "not understood at"),
    ],
)
def test_a_wrong_selector_is_a_sentence(selector, words, bdata):
    with pytest.raises(ic.InputError, match=words):
        bdata.select(selector)


def test_a_wrong_file_is_a_sentence(bdata, tmp_path):
    with pytest.raises(ic.NotFoundError, match="no BData file"):
        ic.read_bdata(tmp_path / "none.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = 1
    with pytest.raises(ic.FormatError, match="no BData: it has 'x'"):
        ic.read_bdata(tmp_path / "other.h5")
    raw = (FILES / "bdata.h5").read_bytes()
    (tmp_path / "cut.h5").write_bytes(raw[: len(raw) // 2])
    with pytest.raises(ic.FormatError, match=r"cut\.h5.* damaged"):
        ic.read_bdata(tmp_path / "cut.h5")
    (tmp_path / "text.mat").write_text("no matlab at all")
    with pytest.raises(ic.FormatError, match="not a MAT file of version 5 or 7.3"):
        ic.read_bdata(tmp_path / "text.mat")
    scipy.io.savemat(tmp_path / "else.mat", {"x": 1})
    with pytest.raises(ic.FormatError, match="has no dataSet"):
        ic.read_bdata(tmp_path / "else.mat")
    with h5py.File(tmp_path / "odd.h5", "w") as file:
        file["dataset"] = np.ones((3, 4))
        file["metadata/key"] = np.array(["a"], dtype="S")
        file["metadata/value"] = np.ones((1, 5))
    with pytest.raises(ic.FormatError, match=r"shape \(1, 5\) do not fit 1 keys"):
        ic.read_bdata(tmp_path / "odd.h5")


def test_a_wrong_request_is_a_sentence(bdata):
    with pytest.raises(ic.InputError, match="chooses none of 9 columns"):
        bdata.trials("ROI_V1 & ROI_V2")
    with pytest.raises(ic.InputError, match="no names for 'image_index'.*names for: 'stimulus"):
        bdata.trials("ROI_V1", stimulus="image_index")
    unnamed = ic.BData(bdata.dataset, bdata.metadata, {}, {"stimulus_name": {1.0: "a"}})
    with pytest.raises(ic.InputError, match=r"the numbers '2.0', '3.0', '4.0' of 'stimulus_name'"):
        unnamed.labels()
