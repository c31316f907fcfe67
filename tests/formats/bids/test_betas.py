"""Betas of single trials equal nilearn's FirstLevelModel, and its loop over trials."""

import warnings

import nibabel
import numpy as np
import pandas as pd
import pytest
from nilearn.glm.first_level import FirstLevelModel

import isocortex as ic

MOTION = ["trans_x", "rot_y"]
GIVEN = {"task": "objects", "subjects": "01", "confounds": MOTION}


def model(image):
    return FirstLevelModel(
        t_r=2.0,
        slice_time_ref=0.5,
        hrf_model="spm",
        mask_img=nibabel.Nifti1Image(np.ones(image.shape[:3], np.uint8), image.affine),
        noise_model="ols",
        signal_scaling=False,
        standardize=False,
    )


def effects(image, table, confounds, names):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = model(image).fit(image, table, confounds)
        maps = [fitted.compute_contrast(n, output_type="effect_size") for n in names]
    return np.stack([each.get_fdata()[..., :].reshape(-1) for each in maps])


@pytest.fixture
def run(study):
    """The image, events and confounds of the first run."""
    table = pd.read_csv(
        study.func("01", derived=False) / f"{study.stem('01', '01')}_events.tsv", sep="\t"
    )
    path = next(study.func("01").glob("*run-01*_bold.nii.gz"))
    image = nibabel.load(path)
    image = nibabel.Nifti1Image(image.get_fdata(), image.affine, image.header)
    return image, table, study.confounds(64)[MOTION]


def test_all_trials_at_once_equal_one_model_of_nilearn(study, run):
    image, table, confounds = run
    names = [f"t{i:02d}" for i in range(len(table))]
    expected = effects(image, table.assign(trial_type=names), confounds, names)
    trials = ic.read_bids(study.root, betas="lsa", **GIVEN)
    np.testing.assert_allclose(trials.values[:12], expected, rtol=1e-8, atol=1e-9)
    assert trials.stimuli[:12] == tuple(table["trial_type"])
    assert trials.runs.tolist() == [1] * 12 + [2] * 12


@pytest.mark.parametrize("others", ["all", "condition"])
def test_one_trial_beside_the_others_equals_the_loop_of_nilearn(study, run, others):
    image, table, confounds = run
    expected = []
    for k in range(0, len(table), 3):
        names = table["trial_type"].to_list() if others == "condition" else ["others"] * len(table)
        names[k] = "this"
        own = table.assign(trial_type=names)
        expected.append(effects(image, own, confounds, ["this"])[0])
    trials = ic.read_bids(study.root, betas=ic.Betas("lss", others=others), **GIVEN)
    np.testing.assert_allclose(trials.values[:12:3], expected, rtol=1e-8, atol=1e-9)


def test_scrubbed_volumes_leave_the_model(study, run):
    from nilearn.interfaces.fmriprep import load_confounds

    image, table, _ = run
    choice = {"strategy": ("motion", "scrub"), "motion": "basic", "scrub": 0, "fd_threshold": 1.8}
    confounds, kept = load_confounds(
        str(next(study.func("01").glob("*run-01*_bold.nii.gz"))), **choice
    )
    assert 40 < len(kept) < 64
    names = [f"t{i:02d}" for i in range(len(table))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = model(image).fit(
            image, table.assign(trial_type=names), confounds, sample_masks=kept
        )
        expected = fitted.compute_contrast("t03", output_type="effect_size").get_fdata().reshape(-1)
    with pytest.warns(ic.IsocortexWarning, match="volumes are scrubbed"):
        trials = ic.read_bids(study.root, betas="lsa", **{**GIVEN, "confounds": choice})
    np.testing.assert_allclose(trials.values[3], expected, rtol=1e-7, atol=1e-8)


def test_a_trial_after_the_last_volume_is_named(study, events):
    path = study.func("01", derived=False) / f"{study.stem('01', '01')}_events.tsv"
    late = pd.DataFrame({"onset": [900.0], "duration": 3.0, "trial_type": "face"})
    pd.concat([events, late]).to_csv(path, sep="\t", index=False)
    for betas in ("lsa", "lss", ic.Betas("lss", others="condition")):
        with pytest.raises(ic.InputError, match="'face' at 900 s lies outside of the 64 volumes"):
            ic.read_bids(study.root, betas=betas, **GIVEN)


def test_two_events_at_one_time_cannot_be_told_apart(study, events):
    path = study.func("01", derived=False) / f"{study.stem('01', '01')}_events.tsv"
    twice = events.iloc[:1].assign(trial_type="hand")
    pd.concat([events, twice]).to_csv(path, sep="\t", index=False)
    with pytest.raises(ic.InputError, match="at 4 s cannot be told from the others"):
        ic.read_bids(study.root, betas="lsa", **GIVEN)
