"""Objects of rsatoolbox become nouns, and nouns objects of rsatoolbox, without loss."""

import sys

import numpy as np
import pandas as pd
import pytest

import isocortex as ic

rsatoolbox = pytest.importorskip("rsatoolbox")

NAMES = ["face", "house", "cat", "car"]


@pytest.fixture
def rdms(rng):
    labels = {"subject": [1, 2], "region": ["V1", "IT"], "weight": [0.5, np.nan]}
    return ic.RDMs(rng.random((2, 6)), NAMES, labels, "correlation")


@pytest.fixture
def responses(rng):
    return ic.Responses(
        rng.normal(size=(4, 3)),
        NAMES,
        {"channel": ["a", "b", "c"], "depth": [1, 2, 3]},
        {"subject": 3, "region": "V1"},
        {"onset": [0.0, 1.5, 3.0, 4.5], "word": list("wxyz")},
    )


@pytest.fixture
def trials(rng):
    values = rng.normal(size=(8, 3, 5))
    units = {"channel": ["a", "b", "c"]}
    return ic.Trials(values, NAMES * 2, np.arange(5) / 10, [1] * 4 + [2] * 4, units, {"subject": 3})


def same(first, second):
    np.testing.assert_array_equal(np.asarray(first), np.asarray(second))
    assert first.stimuli == second.stimuli
    for table in ("units", "table"):
        if hasattr(first, table) and isinstance(getattr(first, table), pd.DataFrame):
            pd.testing.assert_frame_equal(getattr(first, table), getattr(second, table))


def test_rdms_there_and_back(rdms):
    there = rdms.to_rsatoolbox()
    assert isinstance(there, rsatoolbox.rdm.RDMs)
    np.testing.assert_array_equal(there.get_matrices(), rdms.square())
    assert there.dissimilarity_measure == "correlation"
    assert there.pattern_descriptors["stimulus"] == NAMES
    assert there.rdm_descriptors["region"] == ["V1", "IT"]
    again = ic.RDMs.from_rsatoolbox(there)
    same(again, rdms)
    pd.testing.assert_frame_equal(again.labels, rdms.labels)
    assert again.dissimilarity == rdms.dissimilarity


def test_what_was_compared_here_and_there_agrees(rdms):
    theirs = rsatoolbox.rdm.compare(rdms.to_rsatoolbox(), rdms.to_rsatoolbox(), "corr")
    ours = ic.compare(rdms, rdms, "pearson")
    np.testing.assert_allclose(ours.values, theirs, atol=1e-12)


def test_rdms_of_a_data_set_of_theirs(rng):
    data = rsatoolbox.data.Dataset(
        rng.normal(size=(4, 6)), {"session": 2}, {"conds": np.array(NAMES)}
    )
    theirs = rsatoolbox.rdm.calc_rdm(data, "correlation", descriptor="conds")
    found = ic.RDMs.from_rsatoolbox(theirs)
    ours = ic.rdms(ic.Responses.from_rsatoolbox(data), "correlation").reorder(found.stimuli)
    np.testing.assert_allclose(found.values, ours.values, atol=1e-12)
    assert found.labels["session"].tolist() == [2]


def test_gaps_are_gaps(rng):
    values = rng.random((1, 6))
    values[0, 2] = np.nan
    assert ic.RDMs.from_rsatoolbox(rsatoolbox.rdm.RDMs(values)).gaps


def test_responses_there_and_back(responses):
    there = responses.to_rsatoolbox()
    assert isinstance(there, rsatoolbox.data.Dataset)
    np.testing.assert_array_equal(there.measurements, responses.numpy())
    assert there.obs_descriptors["word"] == list("wxyz")
    assert there.channel_descriptors["depth"] == [1, 2, 3]
    again = ic.Responses.from_rsatoolbox(there)
    same(again, responses)
    assert dict(again.labels) == dict(responses.labels)


def test_trials_there_and_back(trials):
    there = trials.to_rsatoolbox()
    assert isinstance(there, rsatoolbox.data.TemporalDataset)
    again = ic.Trials.from_rsatoolbox(there)
    same(again, trials)
    np.testing.assert_array_equal(again.times, trials.times)
    np.testing.assert_array_equal(again.runs, trials.runs)
    assert dict(again.labels) == dict(trials.labels)
    one = trials.at(0.2)
    assert type(one.to_rsatoolbox()) is rsatoolbox.data.Dataset
    same(ic.Trials.from_rsatoolbox(one.to_rsatoolbox()), one)


def test_their_own_objects_survive_the_way_here_and_back(rng):
    theirs = rsatoolbox.data.Dataset(
        rng.normal(size=(6, 3)),
        {"subject": "s1"},
        {"conds": ["a", "b"] * 3, "runs": [0, 0, 1, 1, 2, 2]},
        {"vox": [4, 5, 6]},
    )
    back = ic.Trials.from_rsatoolbox(theirs).to_rsatoolbox()
    np.testing.assert_array_equal(back.measurements, theirs.measurements)
    assert back.descriptors == theirs.descriptors
    assert back.obs_descriptors == {"stimulus": ["a", "b"] * 3, "run": [0, 0, 1, 1, 2, 2]}
    assert back.channel_descriptors == theirs.channel_descriptors


def test_what_has_no_place_is_told(rng):
    patterns = {"conds": NAMES, "animate": [1, 0, 1, 0]}
    theirs = rsatoolbox.rdm.RDMs(
        rng.random((1, 6)), descriptors={"noise": np.eye(3)}, pattern_descriptors=patterns
    )
    with pytest.warns(ic.IsocortexWarning, match="'noise', 'animate' have no place"):
        assert ic.RDMs.from_rsatoolbox(theirs).stimuli == tuple(NAMES)
    data = rsatoolbox.data.Dataset(
        rng.normal(size=(4, 2)), obs_descriptors={"conds": list("abab"), "rt": [1, 2, 3, 4]}
    )
    with pytest.warns(ic.IsocortexWarning, match="'rt' have no place"):
        ic.Trials.from_rsatoolbox(data)
    data.obs_descriptors["picture"] = [f"{i}.png" for i in range(4)]
    found = ic.Responses.from_rsatoolbox(data, stimuli="picture")
    assert list(found.table) == ["conds", "rt"]


def test_faults_are_sentences(rng, rdms, trials):
    data = rsatoolbox.data.Dataset(
        rng.normal(size=(2, 2)), obs_descriptors={"kind": ["a", "b"], "object": ["c", "d"]}
    )
    with pytest.raises(ic.InputError, match="which descriptor names the stimuli.*'kind', 'object'"):
        ic.Responses.from_rsatoolbox(data)
    with pytest.raises(ic.InputError, match="stimuli='objekt' is no descriptor.*'object'"):
        ic.Responses.from_rsatoolbox(data, "objekt")
    with pytest.raises(ic.InputError, match="runs='fold' is no descriptor"):
        ic.Trials.from_rsatoolbox(data, "kind", "fold")
    with pytest.raises(ic.InputError, match="needs RDMs of rsatoolbox, not Dataset of rsatoolbox"):
        ic.RDMs.from_rsatoolbox(data)
    with pytest.raises(ic.InputError, match="needs a Dataset of rsatoolbox, not RDMs"):
        ic.Responses.from_rsatoolbox(rdms)
    with pytest.raises(ic.InputError, match="has times; Trials.from_rsatoolbox takes it"):
        ic.Responses.from_rsatoolbox(trials.to_rsatoolbox())
    bare = rsatoolbox.data.Dataset(rng.normal(size=(2, 2)))
    with pytest.raises(ic.InputError, match="no descriptor of the observations"):
        ic.Trials.from_rsatoolbox(bare)


def test_without_rsatoolbox_it_says_what_to_install(rdms, monkeypatch):
    monkeypatch.setitem(sys.modules, "rsatoolbox.rdm", None)
    with pytest.raises(ic.MissingDependencyError, match="pip install rsatoolbox"):
        rdms.to_rsatoolbox()
