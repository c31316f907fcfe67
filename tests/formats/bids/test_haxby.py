"""A real slice as a study in BIDS: decoding as from the plain files."""

import nibabel
import numpy as np
import pandas as pd
import pytest

import isocortex as ic

TR = 2.5


@pytest.fixture
def haxby(shared, empty):
    """The study, with the mask and the labels of the plain files."""
    folder = shared / "data" / "haxby_slice"
    lines = (folder / "attributes_literal.txt").read_text(encoding="utf-8").split("\n")
    shown = np.array([line.split() for line in lines if line.strip()])
    image = nibabel.load(folder / "bold.nii.gz")
    mask = np.asarray(nibabel.load(folder / "mask.nii.gz").dataobj)
    empty.tr, empty.start, empty.affine = TR, TR / 2, image.affine
    for run in range(12):
        rows = np.nonzero(shown[:, 1].astype(int) == run)[0]
        data = np.asarray(image.dataobj)[..., rows]
        empty.add("1", f"{run + 1:02d}", data, blocks(shown[rows, 0]), mask=mask)
    return empty, folder, shown


def blocks(names):
    """Events of the blocks in one run; onsets are such that a lag of 5 s finds the labels."""
    starts = np.nonzero(np.r_[True, names[1:] != names[:-1]])[0]
    ends = np.r_[starts[1:], len(names)]
    table = pd.DataFrame(
        {
            "onset": starts * TR + TR / 2 - 5.0,
            "duration": (ends - starts) * TR,
            "trial_type": names[starts],
        }
    )
    return table[table["trial_type"] != "rest"]


def test_decoding_is_as_from_the_plain_files(haxby):
    study, folder, shown = haxby
    plain = ic.read_volumes(
        folder / "bold.nii.gz",
        folder / "mask.nii.gz",
        stimuli=shown[:, 0],
        runs=shown[:, 1].astype(int) + 1,
    )
    trials = ic.read_bids(
        study.root,
        task="objects",
        space="MNI152NLin2009cAsym",
        subjects="1",
        lag=5.0,
        confounds=[],
        rest="rest",
    )
    assert trials.stimuli == plain.stimuli
    np.testing.assert_array_equal(trials.runs, plain.runs)
    np.testing.assert_array_equal(trials.values, plain.values)
    found, expected = (accuracy(each) for each in (trials, plain))
    np.testing.assert_array_equal(found, expected)
    assert found.mean() > 0.8


def accuracy(trials):
    averages = ic.run_averages(ic.clean(trials))
    kept = [i for i, name in enumerate(averages.stimuli) if name in ("face", "house", "cat")]
    return ic.decoding_rdms(averages.take(kept), folds="leave_one_run_out").values


def test_betas_of_blocks_decode_as_well(haxby):
    study, _, _ = haxby
    trials = ic.read_bids(
        study.root, task="objects", betas="lss", confounds=["trans_x", "cosine00"]
    )
    assert trials.n_trials == 96
    kept = [i for i, name in enumerate(trials.stimuli) if name in ("face", "house", "cat")]
    assert ic.decoding_rdms(trials.take(kept), folds="leave_one_run_out").values.mean() > 0.8
