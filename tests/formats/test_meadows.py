"""Files of Meadows; rsatoolbox's reader is the oracle where it is right."""

import json

import numpy as np
import pytest
from scipy.io import savemat

import isocortex as ic
from isocortex.cli._describe import describe_file

STIMULI = ["stim118.png", "stim117.png", "stim3.png", "a.b.png"]


@pytest.fixture
def one(tmp_path, rng):
    path = tmp_path / "Meadows_myExp_v_v1_cuddly-bunny_3_1D.mat"
    savemat(path, {"rdmutv": rng.random((1, 6)), "stimuli": STIMULI})
    return path


@pytest.fixture
def many(tmp_path, rng):
    path = tmp_path / "Meadows_myExp_v_v12_arrangement_1D.mat"
    order = [2, 0, 3, 1]
    held = {
        "rdmutv_cuddly_bunny": rng.random((1, 6)),
        "stimuli_cuddly_bunny": STIMULI,
        "rdmutv_wise_owl": rng.random((1, 6)),
        "stimuli_wise_owl": [STIMULI[i] for i in order],
    }
    savemat(path, held)
    return path, held, order


def test_one_person_as_rsatoolbox_reads_it(one):
    meadows = pytest.importorskip("rsatoolbox.io.meadows")
    found, theirs = ic.read_meadows(one), meadows.load_rdms(str(one), sort=False)
    np.testing.assert_array_equal(found.values, theirs.dissimilarities)
    assert theirs.pattern_descriptors["conds"] == ["stim118", "stim117", "stim3", "a"]
    assert found.stimuli == ("stim118", "stim117", "stim3", "a.b")
    assert found.dissimilarity == theirs.dissimilarity_measure == "euclidean"
    assert found.labels.to_dict("list") == {
        "experiment": ["myExp"],
        "version": ["1"],
        "task_index": [3],
        "subject": ["cuddly-bunny"],
    }


def test_people_meet_by_the_names_of_stimuli(many):
    path, held, order = many
    found = ic.read(path)
    assert found.labels["subject"].tolist() == ["cuddly-bunny", "wise-owl"]
    assert found.labels["task"].tolist() == ["arrangement"] * 2
    second = ic.RDMs(held["rdmutv_wise_owl"], np.array(found.stimuli)[order])
    np.testing.assert_array_equal(found.values[0], held["rdmutv_cuddly_bunny"][0])
    np.testing.assert_array_equal(found.values[1], second.reorder(found.stimuli).values[0])


def test_people_with_different_stimuli_are_asked_about(tmp_path, rng):
    held = {
        "rdmutv_a_b": rng.random((1, 3)),
        "stimuli_a_b": ["x", "y", "z"],
        "rdmutv_c_d": rng.random((1, 3)),
        "stimuli_c_d": ["y", "z", "u"],
    }
    savemat(tmp_path / "renamed.mat", held)
    with pytest.raises(ic.MisalignedError, match="'a-b' and .*'c-d'"):
        ic.read(tmp_path / "renamed.mat")
    found = ic.read(tmp_path / "renamed.mat", join="outer")
    assert found.gaps
    assert found.stimuli == ("x", "y", "z", "u")
    assert list(found.labels) == ["subject"]


def test_endings_stay_where_they_tell_stimuli_apart(tmp_path):
    savemat(tmp_path / "x.mat", {"rdmutv": [[1.0]], "stimuli": ["cat.png", "cat.jpg"]})
    assert ic.read_meadows(tmp_path / "x.mat").stimuli == ("cat.png", "cat.jpg")


def test_tasks_of_one_person_in_json(tmp_path, rng):
    def arranged(name, kind="multiarrange"):
        return {
            "task": {"task_type": kind, "name": name},
            "stimuli": [{"name": each} for each in STIMULI],
            "rdm": rng.random(6).tolist(),
        }

    tasks = [arranged("first"), {"task": {"task_type": "survey"}}, arranged("second")]
    path = tmp_path / "Meadows_myExp_v_v1_cuddly-bunny_tree.json"
    path.write_text(json.dumps({"tasks": tasks}))
    found = ic.read(path)
    facts, _ = describe_file(path)
    assert dict(facts.rows)["rdms"] == 2
    np.testing.assert_array_equal(found.values, [tasks[0]["rdm"], tasks[2]["rdm"]])
    assert found.labels["task"].tolist() == ["first", "second"]
    assert found.labels["task_index"].tolist() == [0, 2]
    assert found.labels["subject"].tolist() == ["cuddly-bunny"] * 2
    meadows = pytest.importorskip("rsatoolbox.io.meadows")
    np.testing.assert_array_equal(
        meadows.load_rdms(str(path), sort=False).dissimilarities, found.values
    )


def test_faults_are_sentences(one, tmp_path):
    savemat(tmp_path / "x.mat", {"rdmutv": [[1.0, 2.0]], "stimuli": ["a", "b"]})
    with pytest.raises(ic.FormatError, match=r"2 stimuli, but dissimilarities of shape \(1, 2\)"):
        ic.read_meadows(tmp_path / "x.mat")
    savemat(tmp_path / "x.mat", {"rdmutv_a": [[1.0]], "stimuli": ["a", "b"]})
    with pytest.raises(ic.FormatError, match="'rdmutv_a', but no variable that names"):
        ic.read_meadows(tmp_path / "x.mat")
    savemat(tmp_path / "x.mat", {"rdm": [[1.0]]})
    with pytest.raises(ic.FormatError, match="no arrangements of Meadows"):
        ic.read_meadows(tmp_path / "x.mat")
    savemat(tmp_path / "x.mat", {"rdmutv": [[1.0]], "stimuli": ["a ", "a"]})
    with pytest.raises(ic.InputError, match="'a' occurs? more than once"):
        ic.read_meadows(tmp_path / "x.mat")
    (tmp_path / "x.json").write_text('{"tasks": 5}')
    for path in (tmp_path / "x.json", one):
        if path is one:
            one.write_bytes(one.read_bytes()[:-20])
        with pytest.raises(ic.FormatError, match=path.name):
            ic.read_meadows(path)
