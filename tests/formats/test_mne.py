import numpy as np
import pandas as pd
import pytest

import isocortex as ic

mne = pytest.importorskip("mne")
# MNE uses an argument that pandas is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")


@pytest.fixture
def epochs(rng):
    info = mne.create_info(["Cz", "Pz", "EOG1"], 100.0, ["eeg", "eeg", "eog"])
    events = np.column_stack([np.arange(6) * 100, np.zeros(6, int), [1, 2, 3] * 2])
    metadata = pd.DataFrame({"image": ["cat", "dog", "car"] * 2, "block": [1, 1, 1, 2, 2, 2]})
    names = {"face/left": 1, "face/right": 2, "house/left": 3}
    return mne.EpochsArray(
        rng.normal(size=(6, 3, 20)) * 1e-6,
        info,
        events,
        tmin=-0.1,
        event_id=names,
        metadata=metadata,
        verbose=False,
    )


def test_conditions_come_from_event_names(epochs):
    trials = ic.read_epochs(epochs, labels={"subject": 3})
    assert trials.conditions == ("face/left", "face/right", "house/left")
    assert trials.units["channel"].tolist() == ["Cz", "Pz"]
    assert trials.units["type"].tolist() == ["eeg", "eeg"]
    np.testing.assert_allclose(trials.times, epochs.times)
    np.testing.assert_array_equal(trials.values, epochs.get_data(copy=True)[:, :2])
    assert trials.labels == {"subject": 3}


def test_conditions_and_runs_come_from_metadata(epochs):
    trials = ic.read_epochs(epochs, by="image", runs="block", conditions=["dog", "cat"])
    assert trials.stimuli == ("cat", "dog", "cat", "dog")
    assert trials.runs.tolist() == [1, 1, 2, 2]


def test_tags_select_conditions(epochs):
    assert ic.read_epochs(epochs, conditions=["face"]).n_trials == 4
    assert ic.read_epochs(epochs, conditions=["left/face", "house/left"]).n_trials == 4


def test_a_file_gives_the_same(epochs, tmp_path):
    path = tmp_path / "sub-epo.fif"
    epochs.save(path, verbose=False)
    np.testing.assert_allclose(ic.read_epochs(path).values, ic.read_epochs(epochs).values)


def test_trials_go_on_to_decoding(epochs):
    trials = ic.read_epochs(epochs, by="image")
    assert ic.rdms(trials, "crossnobis").n_rdms == 20


def test_says_what_is_wrong(epochs, tmp_path):
    with pytest.raises(ic.InputError, match="No epochs of the condition 'fase'. Did you mean"):
        ic.read_epochs(epochs, conditions=["fase"])
    with pytest.raises(ic.InputError, match="no column 'imag'. Did you mean 'image'"):
        ic.read_epochs(epochs, by="imag")
    epochs.metadata = None
    with pytest.raises(ic.InputError, match="have no metadata"):
        ic.read_epochs(epochs, runs="block")
    with pytest.raises(ic.InputError, match=r"needs mne.Epochs or the path"):
        ic.read_epochs(np.ones(3))
    with pytest.raises(ic.NotFoundError, match="There is no file"):
        ic.read_epochs(tmp_path / "absent-epo.fif")
    (tmp_path / "no-epo.fif").write_bytes(b"nothing of the kind")
    with pytest.raises(ic.FormatError, match="not a file of epochs"):
        ic.read_epochs(tmp_path / "no-epo.fif")


def test_bad_channels_are_left_out_unless_they_are_named(epochs):
    epochs.info["bads"] = ["Pz"]
    for picks in ("data", "eeg", ["eeg"]):
        assert ic.read_epochs(epochs, picks=picks).units["channel"].tolist() == ["Cz"]
    assert ic.read_epochs(epochs, picks=slice(0, 1)).n_units == 1
    assert ic.read_epochs(epochs, picks=["Pz"]).units["channel"].tolist() == ["Pz"]
    epochs.info["bads"] = ["Cz", "Pz"]
    with pytest.raises(ic.InputError, match="finds no channels that are not bad.* 2 bad"):
        ic.read_epochs(epochs)


def test_epochs_that_are_not_loaded_lose_what_is_rejected(rng, tmp_path):
    data = rng.normal(size=(1, 500)) * 1e-6
    data[0, 205] = 1e-3
    raw = mne.io.RawArray(data, mne.create_info(1, 100.0, "eeg"), verbose=False)
    raw.save(tmp_path / "a_raw.fif", verbose=False)
    raw = mne.io.read_raw_fif(tmp_path / "a_raw.fif", preload=False, verbose=False)
    events = np.array([[100, 0, 1], [200, 0, 2], [300, 0, 1]])
    options = {"tmin": 0, "tmax": 0.1, "baseline": None, "reject": {"eeg": 1e-4}, "verbose": False}
    some = mne.Epochs(raw, events, {"a": 1, "b": 2}, **options)
    trials = ic.read_epochs(some)
    assert trials.stimuli == ("a", "a")
    np.testing.assert_allclose(trials.values[:, 0, 0], data[0, [100, 300]], rtol=1e-4)
    with pytest.raises(ic.InputError, match="no epoch is left"):
        ic.read_epochs(
            mne.Epochs(raw, events, {"a": 1, "b": 2}, **{**options, "reject": {"eeg": 1e-9}})
        )


@pytest.mark.parametrize("kind", [int, float, str])
def test_conditions_may_be_numbers(epochs, kind):
    epochs.metadata = pd.DataFrame({"code": np.array([1, 2, 10] * 2).astype(kind)})
    for wanted in ([1, 10], [1.0, "10"], np.array([1, 10])):
        assert ic.read_epochs(epochs, by="code", conditions=wanted).conditions == ("1", "10")
    assert ic.read_epochs(epochs, by="code", conditions=2).n_trials == 2


def test_a_missing_condition_is_said(epochs):
    epochs.metadata = pd.DataFrame({"code": ["a", None, "b"] * 2, "run": [1.0, 1, 1, 2, 2, np.nan]})
    with pytest.raises(ic.InputError, match="'code' of the metadata has no value for 2 of 6"):
        ic.read_epochs(epochs, by="code")
    with pytest.raises(ic.InputError, match="'run' of the metadata has no value for 1 of 6"):
        ic.read_epochs(epochs, runs="run")


def test_two_names_of_one_code_are_refused(epochs):
    twice = mne.EpochsArray(
        epochs.get_data(copy=True),
        epochs.info,
        epochs.events,
        event_id={"a": 1, "b": 1, "c": 2, "d": 3},
        verbose=False,
    )
    with pytest.raises(ic.InputError, match="code 1 has two names, 'a' and 'b'"):
        ic.read_epochs(twice)


def test_what_is_no_epochs_is_refused_in_a_sentence(epochs, tmp_path):
    (tmp_path / "empty-epo.fif").touch()
    with pytest.raises(ic.FormatError, match="not a file of epochs"):
        ic.read_epochs(tmp_path / "empty-epo.fif")
    with pytest.raises(ic.InputError, match="not EpochsSpectrum"):
        ic.read_epochs(epochs.compute_psd(fmin=5, fmax=40, verbose=False))
    for picks in ("mag", ["nowhere"], [7]):
        with pytest.raises(ic.InputError, match="finds no channels"):
            ic.read_epochs(epochs, picks=picks)
    with pytest.raises(ic.InputError, match="no epoch is left"):
        ic.read_epochs(epochs[[]])


def test_epochs_of_eeglab_are_read_through_mne(tmp_path, rng):
    from scipy.io import savemat

    values = rng.normal(size=(2, 20, 4))
    events = [
        {"type": name, "latency": 20.0 * k + 6, "epoch": k + 1}
        for k, name in enumerate(["face", "house"] * 2)
    ]
    places = [{"labels": name, "type": "EEG"} for name in ("O1", "O2")]
    eeg = {
        "setname": "made",
        "nbchan": 2.0,
        "trials": 4.0,
        "pnts": 20.0,
        "srate": 100.0,
        "xmin": -0.05,
        "xmax": 0.14,
        "data": values,
        "ref": "common",
        "chanlocs": np.array(
            [tuple(p.values()) for p in places], dtype=[("labels", "O"), ("type", "O")]
        ),
        "event": np.array(
            [tuple(e.values()) for e in events],
            dtype=[("type", "O"), ("latency", "O"), ("epoch", "O")],
        ),
        "epoch": np.array(
            [(k + 1, e["type"], 0.0) for k, e in enumerate(events)],
            dtype=[("event", "O"), ("eventtype", "O"), ("eventlatency", "O")],
        ),
    }
    savemat(tmp_path / "made.set", {"EEG": eeg}, appendmat=False)
    trials = ic.read_epochs(tmp_path / "made.set")
    assert trials.stimuli == ("face", "house") * 2
    np.testing.assert_allclose(trials.values, 1e-6 * values.transpose(2, 0, 1))


def test_a_continuous_recording_is_to_be_cut(tmp_path):
    (tmp_path / "x.vhdr").write_text("Brain Vision Data Exchange Header File Version 1.0")
    with pytest.raises(ic.InputError, match="continuous recording. Cut it by its events"):
        ic.read_epochs(tmp_path / "x.vhdr")
