"""Time series and events that are not laid out in BIDS are read as those that are."""

import json

import nibabel
import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.errors import FormatError, InputError, IsocortexWarning, NotFoundError


@pytest.fixture
def own(study):
    """The same files without their layout: series and events of two runs."""
    for path in study.func("01").glob("*_bold.json"):
        path.write_text(json.dumps({"RepetitionTime": study.tr, "StartTime": 0.0}))
    raw = study.func("01", derived=False)
    tables = [raw / f"{study.stem('01', run)}_events.tsv" for run in ("01", "02")]
    images = [next(study.func("01").glob(f"*run-{run}*_bold.nii.gz")) for run in ("01", "02")]
    return images, tables


@pytest.mark.parametrize("way", ["lsa", "lss"])
def test_betas_are_those_of_the_study_in_bids(study, own, way):
    images, tables = own
    asked = {"task": "objects", "subjects": "01", "confounds": ["trans_x"]}
    expected = ic.read_bids(study.root, betas=way, **asked)
    confounds = [study.confounds(64)[["trans_x"]]] * 2
    found = ic.read_bold(images, tables, betas=way, tr=study.tr, confounds=confounds)
    np.testing.assert_array_equal(found.values, expected.values)
    assert found.stimuli == expected.stimuli
    assert found.runs.tolist() == expected.runs.tolist()


def test_volumes_are_labelled_by_a_lag(study, own):
    images, tables = own
    trials = ic.read_bold(images, tables, tr=study.tr, lag=4.0, rest="rest")
    events = pd.read_csv(tables[0], sep="\t")
    for volume in range(64):
        time = study.tr * volume - 4.0
        hit = events[(events["onset"] <= time) & (time < events["onset"] + events["duration"])]
        assert trials.stimuli[volume] == (hit["trial_type"].iloc[0] if len(hit) else "rest")


def test_one_run_needs_no_list_and_has_no_runs(study, own):
    images, tables = own
    table = pd.read_csv(tables[0], sep="\t")
    one = ic.read_bold(nibabel.load(images[0]), table, tr=study.tr, labels={"subject": "07"})
    listed = ic.read_bold(images[:1], tables[:1], tr=study.tr)
    np.testing.assert_array_equal(one.values, listed.values)
    assert one.runs is None
    assert one.labels == {"subject": "07"}


def test_what_does_not_fit_is_a_sentence(study, own, tmp_path):
    images, tables = own
    with pytest.raises(InputError, match=r"2 runs \(images\), but 1 table\(s\) of events"):
        ic.read_bold(images, tables[0])
    with pytest.raises(InputError, match="2 runs .*, but 3 confounds"):
        ic.read_bold(images, tables, confounds=[np.ones((64, 1))] * 3)
    with pytest.raises(InputError, match="no column 'stim_file'.*it has: 'onset'"):
        ic.read_bold(images, tables, tr=study.tr, condition="stim_file")
    with pytest.raises(InputError, match="tr is in seconds; 2000 s is too long"):
        ic.read_bold(images, tables, tr=2000)
    with pytest.raises(InputError, match="read_bold: betas= and lag= are two ways"):
        ic.read_bold(images, tables, tr=2.0, betas="lss", lag=5.0)
    with pytest.raises(InputError, match=r"lies outside of the 64 volumes"):
        ic.read_bold(images[0], pd.read_csv(tables[0], sep="\t").assign(onset=900.0), tr=2.0)
    with pytest.raises(FormatError, match=r"confounds\[0\]' has 60 rows, but its time series 64"):
        ic.read_bold(images[0], tables[0], tr=study.tr, confounds=np.ones((60, 2)))
    with pytest.raises(InputError, match="a path, DataFrame or a list .* as events, not dict"):
        ic.read_bold(images[0], {"onset": [1]}, tr=study.tr)
    with pytest.raises(NotFoundError):
        ic.read_bold(tmp_path / "bold.nii.gz", tables[0])
    plain = nibabel.Nifti1Image(np.ones((2, 2, 2, 64)), np.eye(4))
    plain.header.set_xyzt_units("mm", "sec")
    plain.header.set_zooms((1, 1, 1, 2000))
    with pytest.raises(InputError, match=r"header is in seconds; 2000 s is .* Say .* tr=2\.0"):
        ic.read_bold(plain, tables[0])
    plain = nibabel.Nifti1Image(np.ones((2, 2, 2, 64)), np.eye(4))
    with pytest.raises(InputError, match=r"does not tell its repetition time.*tr=2\.0"):
        ic.read_bold(plain, tables[0])
    with pytest.warns(IsocortexWarning, match=r"is 2\.5 s as asked, though the header says 2 s"):
        ic.read_bold(images[0], tables[0], tr=2.5)
