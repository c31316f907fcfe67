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
    with pytest.raises(ic.FormatError, match="does not hold epochs"):
        ic.read_epochs(tmp_path / "no-epo.fif")
