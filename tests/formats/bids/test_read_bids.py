"""Studies in BIDS as trials: what is found, what is asked, what is said."""

import json
import shutil
import warnings

import nibabel
import numpy as np
import pandas as pd
import pytest

import isocortex as ic

GIVEN = {"task": "objects", "space": "MNI152NLin2009cAsym", "lag": 5.0, "confounds": []}


def quietly(root, **options):
    """Without the words about volumes that are left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ic.IsocortexWarning)
        return ic.read_bids(root, **{**GIVEN, **options})


def test_volumes_are_labelled_by_onset_and_lag(study, events):
    trials = quietly(study.root, subjects="01", rest="rest")
    assert trials.values.shape == (128, 18)
    assert trials.labels == {"subject": "01"}
    assert trials.runs.tolist() == [1] * 64 + [2] * 64
    own = pd.read_csv(
        study.func("01", derived=False) / f"{study.stem('01', '01')}_events.tsv", sep="\t"
    )
    for volume in range(64):
        time = 1.0 + 2.0 * volume - 5.0
        hit = own[(own["onset"] <= time) & (time < own["onset"] + own["duration"])]
        assert trials.stimuli[volume] == (hit["trial_type"].iloc[0] if len(hit) else "rest")


def test_values_are_those_of_the_image(study):
    trials = quietly(study.root, subjects="01", rest="rest")
    bold = (
        study.func("01")
        / f"{study.stem('01', '02')}_space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz"
    )
    plain = ic.read_nifti(bold)
    np.testing.assert_array_equal(trials.values[64:], plain.numpy())
    assert trials.units.attrs["space"].shape == (3, 3, 2)


def test_volumes_that_no_event_covers_are_counted(study):
    with pytest.warns(ic.IsocortexWarning, match="92 volumes that no event covers are left out"):
        trials = ic.read_bids(study.root, subjects=["01"], **GIVEN)[0]
    assert trials.conditions == ("chair", "face", "house")


def test_one_subject_is_trials_and_several_are_a_list(study):
    both = quietly(study.root)
    assert [each.labels["subject"] for each in both] == ["01", "02"]
    assert [each.labels["subject"] for each in quietly(study.root, subjects=["sub-02"])] == ["02"]
    shutil.rmtree(study.func("02").parent)
    assert isinstance(quietly(study.root), ic.Trials)


def test_what_was_not_said_is_said(study):
    with pytest.warns(ic.IsocortexWarning) as caught:
        ic.read_bids(study.root, subjects="01")
    (text,) = [str(each.message) for each in caught]
    assert "lag of 5 s" in text
    assert "no confounds are taken out, since none were named" in text


def test_two_spaces_are_asked_for(study, events, rng):
    study.add("02", "01", rng.normal(size=(2, 2, 2, 64)), events, space="space-T1w")
    with pytest.raises(ic.InputError, match="several spaces fit.*'T1w'.*Say which by space="):
        quietly(study.root, space=None)
    assert len(quietly(study.root)) == 2
    with pytest.raises(
        ic.InputError, match="no preprocessed time series has space-T1. Did you mean 'T1w'"
    ):
        quietly(study.root, space="T1")
    with pytest.raises(ic.InputError, match="sub-01 has no time series"):
        quietly(study.root, space="T1w")


@pytest.mark.parametrize(
    ("other", "match"),
    [
        ({"space": "space-MNI152NLin2009cAsym_res-2"}, "several resolutions fit.*'res': ..."),
        ({"session": "pre"}, "several sessions fit.*'ses': ..."),
        ({"space": "acq-fast_space-MNI152NLin2009cAsym"}, "several acq fit"),
    ],
)
def test_what_else_fits_twice_is_asked_for(study, events, rng, other, match):
    study.add("01", "01", rng.normal(size=(3, 3, 2, 64)), events, **other)
    with pytest.raises(ic.InputError, match=match):
        quietly(study.root)


def test_sessions_can_be_taken_together(empty, events, rng):
    for session in ("post", "pre"):
        empty.add("01", "1", rng.normal(size=(3, 3, 2, 64)), events, session=session)
    trials = quietly(empty.root, entities={"ses": ["pre", "post"]})
    assert list(dict.fromkeys(trials.runs)) == ["ses-post_run-1", "ses-pre_run-1"]
    assert set(quietly(empty.root, entities={"ses": "pre"}).runs) == {1}


def test_events_are_inherited_from_above(study, events):
    raw = study.func("01", derived=False)
    for path in raw.glob("*_events.tsv"):
        path.unlink()
    with pytest.raises(ic.NotFoundError, match="no table of events .* for 'sub-01_task-objects"):
        quietly(study.root)
    events.to_csv(study.root / "task-objects_events.tsv", sep="\t", index=False)
    trials = quietly(study.root, subjects="01")
    assert trials.stimuli[: len(trials.stimuli) // 2] == trials.stimuli[len(trials.stimuli) // 2 :]
    events.to_csv(study.root / "run-1_events.tsv", sep="\t", index=False)
    with pytest.raises(ic.InputError, match="all apply to"):
        quietly(study.root, subjects="01")


def test_confounds_are_regressed_out_and_the_mean_stays(study):
    names = ["trans_x", "rot_z", "cosine00"]
    plain = quietly(study.root, subjects="01", rest="rest")
    cleaned = quietly(study.root, subjects="01", rest="rest", confounds=names)
    table = study.confounds(64)[names]
    design = np.column_stack([np.ones(64), table])
    for run in (1, 2):
        series = plain.values[plain.runs == run].astype(float)
        left = series - design @ np.linalg.lstsq(design, series, rcond=None)[0] + series.mean(0)
        np.testing.assert_allclose(cleaned.values[cleaned.runs == run], left, rtol=1e-9)


def test_gaps_of_the_first_volume_are_said(study):
    with pytest.warns(
        ic.IsocortexWarning, match="'trans_x_derivative1' have no value in the first"
    ):
        ic.read_bids(study.root, **{**GIVEN, "confounds": ["trans_x_derivative1"]})
    path = study.func("01") / f"{study.stem('01', '01')}_desc-confounds_timeseries.tsv"
    table = pd.read_csv(path, sep="\t")
    table.loc[7, "csf"] = np.nan
    table.to_csv(path, sep="\t", index=False, na_rep="n/a")
    with pytest.raises(ic.InputError, match="'csf' of .* has no value in volume 7"):
        quietly(study.root, confounds=["csf"])
    with pytest.raises(ic.InputError, match="no confound 'trans_w'. Did you mean 'trans_"):
        quietly(study.root, confounds=["trans_w"])
    path.unlink()
    with pytest.raises(ic.NotFoundError, match="no table of confounds"):
        quietly(study.root, confounds=["csf"])


def test_strategies_are_those_of_nilearn(study):
    from nilearn.interfaces.fmriprep import load_confounds

    choice = {"strategy": ("motion", "wm_csf", "scrub"), "motion": "derivatives", "scrub": 0}
    bold = next(study.func("01").glob("*run-01*_bold.nii.gz"))
    table, kept = load_confounds(str(bold), **choice)
    assert 3 < len(kept) < 60
    trials = quietly(study.root, subjects="01", confounds=choice, rest="rest")
    plain = quietly(study.root, subjects="01", rest="rest").values[:64][kept].astype(float)
    design = np.column_stack([np.ones(len(kept)), table.to_numpy()[kept]])
    left = plain - design @ np.linalg.lstsq(design, plain, rcond=None)[0] + plain.mean(0)
    np.testing.assert_allclose(trials.values[trials.runs == 1], left, rtol=1e-9)
    with pytest.raises(ic.InputError, match="nilearn cannot load the confounds"):
        quietly(study.root, confounds={"strategy": ("emotion",)})
    with pytest.raises(
        ic.InputError, match="confounds='simpel' is not known. Did you mean 'simple'"
    ):
        quietly(study.root, confounds="simpel")


def test_voxels_are_those_in_the_masks_of_all_runs(empty, events, rng):
    masks = np.ones((2, 3, 3, 2), np.uint8)
    masks[0, 0, 0, 0] = masks[1, 2, 2, 1] = 0
    for run in (1, 2):
        empty.add("01", run, rng.normal(size=(3, 3, 2, 64)), events, mask=masks[run - 1])
    with pytest.warns(ic.IsocortexWarning, match="2 voxels are in the brain masks of some runs"):
        assert ic.read_bids(empty.root, **GIVEN).n_units == 16
    own = np.zeros((3, 3, 2), int)
    own[1] = 4
    assert quietly(empty.root, mask=own).units["mask"].tolist() == [4] * 6


def test_the_condition_is_a_column_of_the_events(study):
    with pytest.raises(ic.InputError, match="no column 'trial_typ'. Did you mean 'trial_type'"):
        quietly(study.root, condition="trial_typ")


def test_events_that_overlap_are_not_labels(study, events):
    path = study.func("01", derived=False) / f"{study.stem('01', '01')}_events.tsv"
    events.assign(duration=20.0).to_csv(path, sep="\t", index=False)
    with pytest.raises(ic.InputError, match="cover the same volume.*betas='lss'"):
        quietly(study.root)


def test_labels_by_the_response_function(study, events):
    from nilearn.glm.first_level import make_first_level_design_matrix

    trials = quietly(study.root, subjects="01", lag="hrf", rest="rest")
    path = study.func("01", derived=False) / f"{study.stem('01', '01')}_events.tsv"
    times = 1.0 + 2.0 * np.arange(64)
    design = make_first_level_design_matrix(
        times, pd.read_csv(path, sep="\t"), hrf_model="spm", drift_model=None
    )[["chair", "face", "house"]]
    for row, name in zip(design.to_numpy(), trials.stimuli[:64], strict=True):
        best = design.columns[row.argmax()]
        assert name == (best if row.max() > design[best].max() / 2 else "rest")


def test_times_come_from_the_description(study):
    for path in study.func("01").glob("*_bold.json"):
        path.write_text(json.dumps({"RepetitionTime": 2.0}))
    with pytest.warns(ic.IsocortexWarning, match="no file tells StartTime"):
        ic.read_bids(study.root, **GIVEN)
    for path in study.func("01").glob("*_bold.json"):
        path.write_text(json.dumps({"RepetitionTime": 3.0, "StartTime": 0.0}))
    with pytest.warns(ic.IsocortexWarning, match=r"JSON file, 3 s \(header: 2\)"):
        ic.read_bids(study.root, **GIVEN)
    for path in study.func("01").glob("*_bold.json"):
        path.write_text(json.dumps({"RepetitionTime": 2000, "StartTime": 0.0}))
    with pytest.raises(ic.InputError, match=r"2000 s is too long.*\{\"RepetitionTime\": 2\} into"):
        quietly(study.root)
    for path in study.func("01").glob("*_bold.json"):
        path.write_text("{")
    with pytest.raises(ic.FormatError, match="is not a JSON file"):
        quietly(study.root)


def on_surfaces(study, series, run="01"):
    """The series of both hemispheres, beside the volumes."""
    for hemisphere, rows in series.items():
        arrays = [nibabel.gifti.GiftiDataArray(row, meta={"TimeStep": "2000."}) for row in rows]
        name = f"{study.stem('01', run)}_hemi-{hemisphere}_space-fsaverage5_bold"
        path = study.func("01") / f"{name}.func.gii"
        nibabel.save(nibabel.gifti.GiftiImage(darrays=arrays), path)
        facts = {"RepetitionTime": 2.0, "StartTime": 1.0}
        (study.func("01") / f"{name}.json").write_text(json.dumps(facts))


ON_SURFACE = {"space": "fsaverage5", "subjects": "01", "rest": "rest"}


def test_both_hemispheres_of_a_run_are_one_recording(study, rng):
    series = {
        run: {hemisphere: rng.normal(size=(64, 10)).astype(np.float32) for hemisphere in "LR"}
        for run in ("01", "02")
    }
    for run, each in series.items():
        on_surfaces(study, each, run)
    trials = quietly(study.root, **ON_SURFACE)
    expected = [np.concatenate([each["L"], each["R"]], axis=1) for each in series.values()]
    np.testing.assert_array_equal(trials.values, np.concatenate(expected))
    assert trials.units["hemisphere"].tolist() == ["left"] * 10 + ["right"] * 10
    assert trials.units["vertex"].tolist() == list(range(10)) * 2
    assert trials.runs.tolist() == [1] * 64 + [2] * 64
    masks = {"left": np.arange(10) < 3, "right": np.arange(10) < 2}
    assert quietly(study.root, **ON_SURFACE, mask=masks).n_units == 5
    left = quietly(study.root, **ON_SURFACE, entities={"hemi": "L"})
    np.testing.assert_array_equal(left.values, trials.values[:, :10])


def test_a_run_with_one_hemisphere_is_told(study, rng):
    on_surfaces(study, {each: rng.normal(size=(64, 10)).astype(np.float32) for each in "LR"})
    on_surfaces(study, {"L": rng.normal(size=(64, 10)).astype(np.float32)}, "02")
    with pytest.raises(ic.InputError, match=r"run-02_hemi-L.* has no other hemisphere"):
        quietly(study.root, **ON_SURFACE)


def test_grayordinates_are_read_as_they_are(study, rng):
    series = rng.normal(size=(64, 12)).astype(np.float32)
    cortex = nibabel.cifti2.BrainModelAxis.from_mask(np.arange(15) < 12, "CORTEX_LEFT")
    for run in ("01", "02"):
        axes = (nibabel.cifti2.SeriesAxis(0, 2.0, 64), cortex)
        name = f"{study.stem('01', run)}_space-fsLR_den-91k_bold.dtseries.nii"
        nibabel.save(nibabel.Cifti2Image(series, header=axes), study.func("01") / name)
    with pytest.warns(ic.IsocortexWarning, match=r"header, 2 s"):
        trials = ic.read_bids(study.root, space="fsLR", subjects="01", rest="rest", lag=5)
    np.testing.assert_array_equal(trials.values, np.concatenate([series, series]))
    assert trials.units["structure"].unique().tolist() == ["CORTEX_LEFT"]


def test_says_what_is_wrong(study, tmp_path):
    with pytest.raises(ic.NotFoundError, match="root: there is no folder .*study2.*'study'"):
        quietly(tmp_path / "study2")
    with pytest.raises(ic.NotFoundError, match="derivatives: there is no folder .*'fmriprep'"):
        quietly(study.root, derivatives="derivatives/fmripost")
    with pytest.raises(ic.InputError, match="subjects: '1' is not there. .*There are: '01', '02'"):
        quietly(study.root, subjects=1)
    with pytest.raises(ic.InputError, match="has task-object. Did you mean 'objects'"):
        quietly(study.root, task="object")
    with pytest.raises(ic.InputError, match="two ways to trials"):
        quietly(study.root, betas="lss")
    with pytest.raises(ic.InputError, match="lag is 0 to 60 s"):
        quietly(study.root, lag=-1)
    with pytest.raises(ic.InputError, match="betas='lsb' is not known. Did you mean 'ls"):
        quietly(study.root, betas="lsb", lag=None)
