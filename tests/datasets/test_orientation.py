import hashlib
import pickle

import numpy as np
import pytest

import isocortex as ic
from isocortex.datasets import orientation


@pytest.fixture
def recording(tmp_path, rng):
    """A simulated file in the form of the published one: 360 bins of a degree, 30 neurons."""
    angles = np.arange(360) + rng.uniform(0.2, 0.8, 360)
    measured = rng.normal(size=(360, 30)).astype(np.float32)
    path = tmp_path / "made.npz"
    np.savez(path, resp=measured, stimuli=angles)
    return path, measured, angles


def slow_load(measured, angles, width):
    """The published procedure, bin by bin."""
    if width > 1:
        bins = np.digitize(angles, np.arange(0, 360 + width, width))
        at = np.array([angles[bins == i].mean() for i in np.unique(bins)])
        measured = np.array([measured[bins == i, :].mean(0) for i in np.unique(bins)])
    else:
        at = angles.copy()
    keep = at <= 180
    return measured[keep], at[keep] - 90


@pytest.mark.parametrize("width", [1, 5, 7.5])
def test_equals_the_published_procedure(recording, width):
    path, measured, angles = recording
    v1 = ic.load_orientation_responses(path, bin_width=width)
    values, at = slow_load(measured, angles, width)
    np.testing.assert_allclose(v1.numpy(), values, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(ic.stimulus_values(v1), at, rtol=1e-6)
    assert v1.labels == {"region": "V1"}
    assert v1.numpy().dtype == np.float32


def test_meets_gratings_of_its_orientations_by_name(recording):
    v1 = ic.load_orientation_responses(recording[0])
    assert ic.gratings(ic.stimulus_values(v1)).names == v1.stimuli


def test_the_hash_is_checked(recording, tmp_path):
    path, _, _ = recording
    right = hashlib.md5(path.read_bytes()).hexdigest()
    ic.load_orientation_responses(path, md5=right)
    with pytest.raises(ic.FormatError, match=f"has the md5 {right}, but 0000 is expected"):
        ic.load_orientation_responses(path, md5="0000")
    published = tmp_path / orientation.FILE
    published.write_bytes(path.read_bytes())
    with pytest.raises(ic.FormatError, match=f"but {orientation.MD5} is expected"):
        ic.load_orientation_responses(published)


def test_the_name_is_looked_for_in_the_data_folder(recording, tmp_path, monkeypatch):
    path, _, _ = recording
    monkeypatch.setenv("ISOCORTEX_DATA", str(tmp_path))
    (tmp_path / orientation.FILE).write_bytes(path.read_bytes())
    monkeypatch.setattr(orientation, "MD5", hashlib.md5(path.read_bytes()).hexdigest())
    assert ic.load_orientation_responses().n_units == 30


def test_offline_the_name_gives_a_sentence(monkeypatch, tmp_path):
    pooch = pytest.importorskip("pooch")

    def offline(*args, **kwargs):
        raise OSError("no route")

    monkeypatch.setenv("ISOCORTEX_DATA", str(tmp_path))
    monkeypatch.setattr(pooch, "retrieve", offline)
    with pytest.raises(ic.NotFoundError, match="could not be fetched from .* Are you offline"):
        ic.load_orientation_responses("stringer_orientation")


def test_a_wrong_download_gives_a_sentence(monkeypatch, tmp_path):
    pooch = pytest.importorskip("pooch")

    def corrupted(*args, **kwargs):
        raise ValueError("md5 hash of downloaded file does not match")

    monkeypatch.delenv("ISOCORTEX_DATA", raising=False)
    monkeypatch.setattr(pooch, "retrieve", corrupted)
    with pytest.raises(ic.FormatError, match="its md5 differs"):
        ic.load_orientation_responses()


def test_bad_files(tmp_path):
    path = tmp_path / "x.npz"
    with pytest.raises(ic.NotFoundError, match="There is no file"):
        ic.load_orientation_responses(path)
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ic.FormatError, match="npz"):
        ic.load_orientation_responses(path)
    path.write_bytes(pickle.dumps({"resp": 1}))
    with pytest.raises(ic.FormatError, match="npz|plain arrays"):
        ic.load_orientation_responses(path)
    np.savez(path, resp=np.eye(3))
    with pytest.raises(ic.FormatError, match="has no array 'stimuli'; it has resp"):
        ic.load_orientation_responses(path)
    np.savez(path, resp=np.array([{}], dtype=object), stimuli=np.zeros(1))
    with pytest.raises(ic.FormatError, match="holds Python objects, which are not read"):
        ic.load_orientation_responses(path)
    np.savez(path, resp=np.eye(3), stimuli=np.zeros(2))
    with pytest.raises(ic.FormatError, match=r"resp has shape \(3, 3\)"):
        ic.load_orientation_responses(path)
    np.savez(path, resp=np.eye(3), stimuli=np.arange(3.0))
    with pytest.raises(ic.InputError, match="bin_width must be positive"):
        ic.load_orientation_responses(path, bin_width=0)
