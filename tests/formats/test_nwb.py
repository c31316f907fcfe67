"""Files of NWB in the layout that pynwb 2.11 writes."""

import h5py
import numpy as np
import pytest

import isocortex as ic

BINS = np.arange(0, 0.55, 0.05)


@pytest.fixture
def session(tmp_path, rng):
    """Six units and twenty trials, and the spikes of each unit."""
    path = tmp_path / "session.nwb"
    spikes = [np.sort(rng.uniform(0, 60, size=n)) for n in (300, 0, 120, 80, 400, 55)]
    text = h5py.string_dtype()
    with h5py.File(path, "w") as file:
        file.attrs["neurodata_type"], file.attrs["nwb_version"] = "NWBFile", "2.8.0"
        units = file.create_group("units")
        units.attrs["colnames"] = np.array(["spike_times", "quality"], dtype=object)
        units["id"] = np.arange(6)
        units["spike_times"] = np.concatenate(spikes)
        units["spike_times_index"] = np.cumsum([len(s) for s in spikes]).astype(np.uint16)
        units.create_dataset("quality", data=["good", "mua"] * 3, dtype=text)
        units["electrodes"] = np.array([0, 1, 0, 2, 2, 2, 0])
        units["electrodes_index"] = np.array([2, 3, 4, 5, 6, 7], np.uint8)
        units["obs_intervals"] = np.tile([[0.0, 30.0], [30.5, 60.0]], (6, 1))
        units["obs_intervals_index"] = np.arange(2, 13, 2).astype(np.uint8)
        table = file.create_group("general/extracellular_ephys/electrodes")
        table["id"] = np.arange(3)
        table.create_dataset("location", data=["V1", "V1", "IT"], dtype=text)
        trials = file.create_group("intervals/trials")
        trials["id"] = np.arange(20)
        trials["start_time"] = np.arange(20) * 2.0 + 1.0
        trials["stop_time"] = np.arange(20) * 2.0 + 2.0
        trials["block"] = np.repeat([1, 2], 10)
        trials.create_dataset("stimulus", data=["café", "dog"] * 10, dtype=text)
        trials["timeseries"] = np.arange(40)
        trials["timeseries_index"] = np.arange(2, 41, 2)
    return path, spikes


def test_counts_are_those_of_histograms_of_each_trial(session):
    path, spikes = session
    trials = ic.read_nwb(path, condition="stimulus", bins=BINS, runs="block", labels={"area": "V"})
    assert trials.values.shape == (20, 6, 10)
    for k, onset in enumerate(np.arange(20) * 2.0 + 1.0):
        for unit, times in enumerate(spikes):
            np.testing.assert_array_equal(
                trials.values[k, unit], np.histogram(times, onset + BINS)[0]
            )
    assert trials.stimuli[:2] == ("café", "dog")
    assert trials.runs.tolist() == [1] * 10 + [2] * 10
    np.testing.assert_allclose(trials.times, np.arange(10) * 0.05 + 0.025)
    assert trials.units["quality"].tolist() == ["good", "mua"] * 3
    assert trials.units["location"].tolist() == ["V1", "V1", "IT", "IT", "IT", "V1"]


def test_a_bin_holds_its_left_edge_only(session):
    path, _ = session
    with h5py.File(path, "r+") as file:
        file["units/spike_times"][:300] = np.sort(np.r_[np.full(298, 55.0), 1.0, 1.5])
    trials = ic.read_nwb(path, condition="stimulus", bins=[0, 0.5, 1.0])
    assert trials.values[0, 0].tolist() == [1, 1]
    assert ic.read_nwb(path, condition="stimulus", bins=[0, 1.0]).values[0, 0] == 2


def test_what_was_not_observed_is_not_silence(session):
    path, _ = session
    with h5py.File(path, "r+") as file:
        file["intervals/trials/start_time"][3] = 30.2
    with pytest.raises(ic.InputError, match="1 of 20 trials reach beyond .* 6 of 6 units"):
        ic.read_nwb(path, condition="stimulus", bins=BINS)
    assert ic.read_nwb(path, condition="stimulus", bins=BINS, unobserved="drop").n_trials == 19


def test_faults_are_sentences(session, tmp_path):
    path, _ = session
    with pytest.raises(ic.InputError, match="say which column tells the condition .*'stimulus'"):
        ic.read_nwb(path, bins=BINS)
    with pytest.raises(ic.InputError, match="no column 'stimulis'.*Did you mean 'stimulus'"):
        ic.read_nwb(path, condition="stimulis", bins=BINS)
    with pytest.raises(ic.InputError, match="edges of bins must rise"):
        ic.read_nwb(path, condition="stimulus", bins=[0, 0, 1])
    with pytest.raises(ic.FormatError, match="intervals/epochs of .* is not there"):
        ic.read_nwb(path, condition="stimulus", bins=BINS, table="epochs")
    with pytest.raises(ic.NotFoundError, match="There is no file"):
        ic.read_nwb(tmp_path / "x.nwb", condition="stimulus", bins=BINS)
    (tmp_path / "x.nwb").write_bytes(path.read_bytes()[:3000])
    with pytest.raises(ic.FormatError, match="is (not an NWB file, or is )?truncated or damaged"):
        ic.read_nwb(tmp_path / "x.nwb", condition="stimulus", bins=BINS)
    with h5py.File(path, "r+") as file:
        file["units/spike_times_index"][2] = 9999
    with pytest.raises(ic.FormatError, match="spike_times_index does not fit"):
        ic.read_nwb(path, condition="stimulus", bins=BINS)


def test_links_out_of_the_file_are_not_followed(session, tmp_path):
    path, _ = session
    with h5py.File(path, "r+") as file:
        del file["units/spike_times"]
        file["units/spike_times"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/x")
    with pytest.raises(ic.FormatError, match="leads out of the file"):
        ic.read_nwb(path, condition="stimulus", bins=BINS)
