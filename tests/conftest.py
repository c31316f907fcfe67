"""Fixtures that every room uses."""

import json
import os
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")


@pytest.fixture
def rng():
    return np.random.default_rng(20261121)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real recordings (data/) and pretrained networks (weights/)."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("ISOCORTEX_SHARED", beside))
    if not (folder / "data").is_dir():
        pytest.skip("real data are absent: no folder 'shared' beside the project")
    return folder


def read_only(array):
    """An array that cannot be written to: code that edits its input fails."""
    array = np.array(array)
    array.flags.writeable = False
    return array


@pytest.fixture(params=["numpy", "numpy-readonly", "torch"])
def as_array(request):
    """Turns a numpy array into each kind of array that numerics must take."""
    if request.param == "torch":
        return pytest.importorskip("torch").from_numpy
    return read_only if request.param == "numpy-readonly" else np.asarray


@pytest.fixture(scope="session")
def speech(tmp_path_factory):
    """Half a second of noise at 8 kHz in a wav of 16 bits."""
    soundfile = pytest.importorskip("soundfile")
    path = tmp_path_factory.mktemp("sound") / "noise.wav"
    samples = 0.1 * np.random.default_rng(0).normal(size=4000)
    soundfile.write(path, samples, 8000, subtype="PCM_16")
    return path


def _write_film(path, pixels, rate=10, codec="libx264", pts=None):
    """Frames (n, height, width, 3) as an mp4 without loss of frames."""
    av = pytest.importorskip("av")
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = pixels.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for i, frame in enumerate(pixels):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            if pts is not None:
                picture.pts = pts[i]
                picture.time_base = Fraction(1, rate)
            for packet in stream.encode(picture):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def _grey_steps(n, size=(32, 48)):
    """Frames of which each is brighter than the one before."""
    levels = np.linspace(20, 230, n).astype(np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (n, *size, 3)).copy()


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """Two seconds at ten frames a second, each brighter than the one before."""
    return _write_film(tmp_path_factory.mktemp("film") / "steps.mp4", _grey_steps(20))


@pytest.fixture(scope="session")
def write_film():
    """Writes frames (n, height, width, 3) as a film."""
    return _write_film


@pytest.fixture(scope="session")
def grey_steps():
    """Makes frames of which each is brighter than the one before."""
    return _grey_steps


@pytest.fixture
def importable(monkeypatch):
    """Functions of test files can be imported by workers, however pytest was called."""
    root = str(Path(__file__).parents[1])
    monkeypatch.syspath_prepend(root)  # Workers that are spawned have the path of their parent


SPACE = "space-MNI152NLin2009cAsym"


@dataclass
class BidsTree:
    """A study in BIDS with a raw and a preprocessed part."""

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
        import nibabel

        image = nibabel.Nifti1Image(data, self.affine)
        image.header.set_zooms((3, 3, 3, self.tr)[: data.ndim])
        image.header.set_xyzt_units("mm", "sec")
        return image

    def add(self, subject, run, data, events, *, session="", space=SPACE, mask=None):
        """One run with everything that fMRIPrep writes."""
        import nibabel

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


@pytest.fixture(scope="session")
def bids_tree():
    """Writes studies in BIDS: called with the folder."""
    pytest.importorskip("nibabel")
    return BidsTree
