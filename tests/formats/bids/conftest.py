"""Studies in BIDS, written by the tests."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import nibabel
import numpy as np
import pandas as pd
import pytest

SPACE = "space-MNI152NLin2009cAsym"


@dataclass
class Study:
    """A tree with a raw and a preprocessed part."""

    root: Path
    tr: float = 2.0
    start: float = 1.0
    affine: np.ndarray = field(default_factory=lambda: np.diag([3.0, 3.0, 3.0, 1.0]))

    def __post_init__(self):
        self.root.mkdir(exist_ok=True)
        (self.root / "dataset_description.json").write_text('{"Name": "made"}')

    def func(self, subject, session="", derived=True):
        base = self.root / ("derivatives/fmriprep" if derived else "")
        folder = base / f"sub-{subject}" / (f"ses-{session}" if session else "") / "func"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def stem(self, subject, run, session=""):
        between = f"_ses-{session}" if session else ""
        return f"sub-{subject}{between}_task-objects_run-{run}"

    def image(self, data):
        image = nibabel.Nifti1Image(data, self.affine)
        image.header.set_zooms((3, 3, 3, self.tr)[: data.ndim])
        image.header.set_xyzt_units("mm", "sec")
        return image

    def add(self, subject, run, data, events, *, session="", space=SPACE, mask=None):
        """One run with everything that fMRIPrep writes."""
        stem, folder = self.stem(subject, run, session), self.func(subject, session)
        where = folder / f"{stem}_{space}"
        nibabel.save(self.image(data), f"{where}_desc-preproc_bold.nii.gz")
        facts = {"RepetitionTime": self.tr, "StartTime": self.start, "TaskName": "objects"}
        Path(f"{where}_desc-preproc_bold.json").write_text(json.dumps(facts))
        mask = np.ones(data.shape[:3], np.uint8) if mask is None else mask
        nibabel.save(self.image(mask), f"{where}_desc-brain_mask.nii.gz")
        self.confounds(len(data.T)).to_csv(
            folder / f"{stem}_desc-confounds_timeseries.tsv", sep="\t", index=False, na_rep="n/a"
        )
        (folder / f"{stem}_desc-confounds_timeseries.json").write_text("{}")
        raw = self.func(subject, session, derived=False)
        (raw / f"{stem}_bold.nii.gz").touch()
        events.to_csv(raw / f"{stem}_events.tsv", sep="\t", index=False, na_rep="n/a")

    def confounds(self, n):
        draws = np.random.default_rng(n)
        motion = [f"{kind}_{axis}" for kind in ("trans", "rot") for axis in "xyz"]
        table = pd.DataFrame(draws.normal(size=(n, 6)), columns=motion)
        for name in motion:
            table[f"{name}_derivative1"] = table[name].diff()
        table["framewise_displacement"] = table["trans_x"].diff().abs()
        table["std_dvars"] = np.r_[np.nan, np.ones(n - 1)]
        table["white_matter"], table["csf"] = draws.normal(size=(2, n))
        table["cosine00"] = np.cos(np.pi * (np.arange(n) + 0.5) / n)
        return table


@pytest.fixture
def empty(tmp_path):
    return Study(tmp_path / "study")


@pytest.fixture
def events(rng):
    onsets = np.arange(12) * 9.0 + 4
    shown = rng.permutation(["face", "house", "chair"] * 4)
    return pd.DataFrame({"onset": onsets, "duration": 3.0, "trial_type": shown})


@pytest.fixture
def study(empty, events, rng):
    """Two subjects of two runs each, with signal in them."""
    patterns = {name: rng.normal(size=(3, 3, 2)) for name in ("face", "house", "chair")}
    for subject in ("01", "02"):
        for run in (1, 2):
            own = events.assign(trial_type=rng.permutation(events["trial_type"]))
            data = 1000 + rng.normal(size=(3, 3, 2, 64))
            for onset, duration, name in own.itertuples(index=False):
                times = empty.start + empty.tr * np.arange(64) - 5
                data[..., (times >= onset) & (times < onset + duration)] += patterns[name][
                    ..., None
                ]
            empty.add(subject, f"{run:02d}", data.astype(np.float32), own)
    return empty
