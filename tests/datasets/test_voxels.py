"""Real voxels, from the file to the map: what the verbs find in them."""

import nibabel as nib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneGroupOut, cross_val_score
from sklearn.svm import SVC

import isocortex as ic
from isocortex.store.npz import read_npz


@pytest.fixture(scope="module")
def blocks(shared):
    patterns = ic.run_averages(ic.clean(ic.datasets.haxby_slice()))
    return patterns.take(np.array(patterns.stimuli) != "rest")


def test_haxby_is_read_as_it_was_recorded(shared):
    trials = ic.datasets.haxby_slice()
    folder = shared / "data" / "haxby_slice"
    inside = nib.load(folder / "mask.nii.gz").get_fdata() > 0
    bold = nib.load(folder / "bold.nii.gz").get_fdata()
    np.testing.assert_array_equal(trials.values, bold[inside].T)
    assert trials.n_units == 530
    assert len(trials.conditions) == 9
    assert np.unique(trials.runs, return_counts=True)[1].tolist() == [121] * 12


def test_eight_categories_left_one_run_out(blocks):
    scores = ic.probe(blocks, list(blocks.stimuli), SVC(kernel="linear"), folds=LeaveOneGroupOut())
    assert scores.values.shape == (1, 12, 1)
    assert scores.values.mean() > 0.5  # by chance 0.125
    expected = cross_val_score(
        SVC(kernel="linear"),
        blocks.values,
        blocks.stimuli,
        groups=blocks.runs,
        cv=LeaveOneGroupOut(),
    )
    np.testing.assert_allclose(scores.values[0, :, 0], expected)
    confusion = scores.confusion.values.sum((0, 1))
    assert confusion.sum() == 96
    assert (np.diag(confusion) > 0).all()


def test_a_map_of_how_well_categories_predict_each_voxel(blocks, tmp_path):
    names = [f"run {run} {what}" for run, what in zip(blocks.runs, blocks.stimuli, strict=True)]
    design = pd.get_dummies(pd.Series(blocks.stimuli)).astype(float)
    features = ic.Responses(design.to_numpy(), names, labels={"layer": "category"})
    recording = ic.Responses(blocks.values, names, blocks.units)
    by_run = ic.Folds(LeaveOneGroupOut(), list(blocks.runs))
    scores = ic.encode(features, recording, ic.OLS(), folds=by_run)
    path = ic.write_nifti(scores, tmp_path / "accuracy.nii.gz", like=recording)
    written = nib.load(path)
    trials = ic.datasets.haxby_slice()
    space = trials.units.attrs["space"]
    assert written.shape == space.shape == (40, 20, 1)
    np.testing.assert_array_equal(written.affine, space.affine)
    found = ic.read_nifti(path, mask=written.get_fdata() != 0)
    assert found.n_units == 530
    np.testing.assert_allclose(found.values[0], scores.values[0].mean(0), rtol=1e-6)
    assert found.values.max() > 0.7  # voxels that tell categories
    assert ic.plots.brain(scores, recording).images[0].get_array().count() == 530


def test_six_against_nine(shared):
    digits = ic.datasets.digits69()
    labels = digits.stimuli.table["digit"]
    assert labels.value_counts().to_dict() == {"six": 50, "nine": 50}
    scores = ic.probe(digits.brain, labels, LogisticRegression(), folds=10)
    assert scores.values.mean() > 0.8
    below = {}
    for digit in ("six", "nine"):
        mean = np.mean([digits.stimuli.read(i) for i in np.nonzero(labels == digit)[0]], axis=0)
        below[digit] = mean[14:].sum() / mean.sum()
    assert below["six"] > 0.58 > below["nine"]  # upright: the ink of a six is below


def test_pixels_predict_voxels(shared):
    digits = ic.datasets.digits69()
    pixels = np.stack([digits.stimuli.read(i).ravel() / 255.0 for i in range(100)])
    varying = pixels.std(0) > 0
    features = ic.Responses(pixels[:, varying], digits.brain.stimuli, labels={"layer": "pixels"})
    scores = ic.encode(features, digits.brain, ic.Ridge(1000.0), folds=10)
    mean = scores.values[0].mean(0)
    assert np.sort(mean)[-100:].mean() > 0.3
    assert mean.mean() > 0.02


def test_kinds_of_objects_meet_two_feature_spaces_by_name(shared):
    data = ic.datasets.objects81()
    assert data.brain.values.shape == (81, 696)
    assert [each.values.shape for each in data.features] == [(81, 20), (81, 30)]
    assert {each.stimuli for each in (data.brain, *data.features)} == {data.brain.stimuli}
    counts = data.brain.units["region"].value_counts()
    assert counts["LOC"] == 96
    assert set(counts.drop("LOC")) == {100}
    fields = read_npz(shared / "data" / "objects81" / "objects81.npz", "an archive")
    third = fields["betas"][:, fields["roi_index"] == 3]
    mine = np.nonzero(data.brain.units["region"] == str(fields["roi_names"][2]))[0]
    np.testing.assert_array_equal(data.brain.units_where(mine).values, third)
