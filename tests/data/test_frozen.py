"""What a noun has checked stays what it was."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.data import frozen as guard

NAMES = ["a", "b", "c", "d"]
MAKERS = {
    "Responses": lambda x: ic.Responses(x, NAMES),
    "Trials": lambda x: ic.Trials(x, NAMES),
    "RDMs": lambda x: ic.RDMs(x, NAMES),
    "Scores": lambda x: ic.Scores(x, {"a": {"a": range(4)}, "b": {"b": range(6)}}),
    "Gram": lambda x: ic.Gram(x[:, :4] @ x[:, :4].T, np.ones(4), 4, NAMES),
}


def values_of(noun):
    return noun.products.kept if isinstance(noun, ic.Gram) else noun.values


@pytest.mark.parametrize("kind", MAKERS)
def test_the_callers_array_and_the_noun_do_not_change_one_another(kind, rng):
    x = rng.random((4, 6))
    noun = MAKERS[kind](x)
    before = np.array(noun)
    x[:] = 99
    np.testing.assert_array_equal(np.array(noun), before)
    with pytest.raises(ValueError, match="read-only"):
        values_of(noun)[0, 0] = 1


def test_times_runs_columns_and_tensors_do_not_change_either(rng):
    torch = pytest.importorskip("torch")
    times, runs, p = np.array([0.0, 0.1]), np.array([1, 2]), np.zeros(2)
    trials = ic.Trials(rng.random((2, 3, 2)), ["a", "b"], times, runs)
    scores = ic.Scores([1.0, 2.0], {"layer": {"layer": ["x", "y"]}}, columns={"p": p})
    tensor = torch.zeros(2, 3)
    layer = ic.Responses(tensor, ["a", "b"])
    times[:], runs[:], p[:], tensor[:] = 9, 9, 9, 9
    assert trials.times.tolist() == [0.0, 0.1]
    assert trials.runs.tolist() == [1, 2]
    assert scores.columns["p"].tolist() == [0.0, 0.0]
    assert layer.numpy().max() == 0


def test_large_arrays_are_shared_and_small_ones_copied(monkeypatch):
    monkeypatch.setattr(guard, "COPIED_BYTES", 100)
    small, large = np.zeros(5), np.zeros(50)
    assert not np.shares_memory(guard.held(small), small)
    assert np.shares_memory(guard.held(large), large)
    assert not guard.held(large).flags.writeable
    assert large.flags.writeable


def test_what_cannot_be_written_to_is_not_copied():
    x = np.zeros((2, 2))
    x.flags.writeable = False
    assert ic.Responses(x, ["a", "b"]).values is x


LABELLED = {
    "labels": lambda: ic.Responses([[1.0], [2.0]], ["a", "b"], labels={"layer": "x"}).labels,
    "notes": lambda: ic.Scores([1.0], {"a": {"a": [1]}}, notes={"seed": 1}).notes,
    "tables": lambda: ic.Scores([1.0], {"a": {"a": [1]}}).tables,
    "notes of an estimate": lambda: ic.Estimate(1, 0, 2, 0.1, 3, "t", notes={"seed": 1}).notes,
}


@pytest.mark.parametrize("which", LABELLED)
@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(x=1),
        lambda m: m.__setitem__("x", 1),
        lambda m: m.clear(),
        lambda m: m.pop("x", None),
        lambda m: m.setdefault("x", 1),
        lambda m: m.__ior__({"x": 1}),
    ],
)
def test_labels_and_notes_refuse_changes(which, change):
    with pytest.raises(ic.InputError, match=r"read-only; .* noun.replace"):
        change(LABELLED[which]())


def test_labels_are_dictionaries_all_the_same():
    labels = LABELLED["labels"]()
    assert labels == {"layer": "x"}
    assert {**labels, "region": "V1"} == labels | {"region": "V1"}
    for copied in (copy.deepcopy(labels), copy.copy(labels), pickle.loads(pickle.dumps(labels))):
        assert copied == labels
        assert type(copied) is type(labels)


def test_a_table_that_was_handed_out_can_be_changed_without_changing_the_noun():
    rdms = ic.RDMs([[1.0], [2.0]], ["a", "b"], {"subject": [1, 2]})
    voxels = ic.Responses([[1.0, 2.0]], ["a"], {"i": [1, 2]})
    scores = ic.Scores([1.0, 2.0], {"a": {"a": [1, 2]}})
    found = [rdms.labels, voxels.units, scores.tables["a"], dict(scores.tables.items())["a"]]
    for table in found:
        table.iloc[0, 0] = 99
        table["new"] = 1
    for table in (rdms.labels, voxels.units, scores.tables["a"]):
        assert table.columns.size == 1
        assert table.iloc[0, 0] == 1


def test_a_table_of_the_caller_is_the_callers():
    mine = pd.DataFrame({"i": [1, 2]})
    voxels = ic.Responses([[1.0, 2.0]], ["a"], mine)
    mine.iloc[0, 0] = 99
    assert voxels.units["i"].tolist() == [1, 2]


def results(rng):
    """What verbs give back, besides the nouns that they take."""
    models = ic.RDMs(rng.random((3, 120)), list("abcdefghijklmnop"), {"layer": list("abc")})
    people = models.values.sum(0) + rng.random((6, 120))
    brain = ic.RDMs(people, models.stimuli, {"subject": range(6)})
    inferred = ic.infer(models, brain, "pearson", n=30)
    trials = ic.Trials(rng.normal(size=(20, 3)), ["a", "b"] * 10)
    sets = {"a": models.select(layer="a"), "b and c": models.select(layer=["b", "c"])}
    return [
        (inferred, ("score", "p", "samples"), "notes"),
        (inferred.spread, ("of_scores", "of_differences"), None),
        (ic.fit_rdms(ic.Weighted(models), brain, "pearson"), ("weights", "shares"), "notes"),
        (ic.partition(sets, brain, n=30), ("interval",), "notes"),
        (ic.noise_covariance(trials), ("covariance", "dof", "shrinkage"), None),
        (ic.TrainingReport(np.zeros((2, 3)), 0.5), ("step_losses",), "settings"),
    ]


def test_results_are_as_frozen_as_nouns_also_out_of_a_pickle(rng):
    for result, arrays, mapping in results(rng):
        for each in (result, pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
            for name in arrays:
                with pytest.raises(ValueError, match="read-only"):
                    getattr(each, name)[...] = 0
            if mapping:
                with pytest.raises(ic.InputError, match="read-only"):
                    getattr(each, mapping)["more"] = 1


@pytest.mark.parametrize("kind", MAKERS)
def test_what_comes_out_of_a_pickle_is_frozen_too(kind, rng):
    noun = pickle.loads(pickle.dumps(MAKERS[kind](rng.random((4, 6)))))
    with pytest.raises(ValueError, match="read-only"):
        values_of(noun)[0, 0] = 1


def test_pixels_and_samples_are_those_that_were_checked(rng):
    pixels, samples = rng.integers(0, 255, (2, 4, 4, 3), dtype=np.uint8), rng.normal(size=99) / 9
    images = ic.Stimuli.from_arrays(pixels, ["a", "b"], {"kind": ["x", "y"]})
    sounds = ic.Stimuli.from_audio([samples], rate=99)
    seen, heard = images.read(0).copy(), sounds.read(0).copy()
    pixels[:], samples[:] = 0, 0
    table = images.table
    table.loc[0, "kind"] = "z"
    np.testing.assert_array_equal(images.read(0), seen)
    np.testing.assert_array_equal(sounds.read(0), heard)
    assert images.table["kind"].tolist() == ["x", "y"]
    with pytest.raises(ValueError, match="read-only"):
        images.read(0)[:] = 0


def test_mappings_and_lists_within_labels_are_held_too():
    given = {"a": {"b": 1}, "c": [1, 2]}
    labels = ic.Responses(np.ones((1, 2)), ["x"], labels=given).labels
    given["a"]["b"], given["c"][0] = 2, 2
    assert labels == {"a": {"b": 1}, "c": [1, 2]}
    with pytest.raises(ic.InputError, match="read-only"):
        labels["a"]["b"] = 3


def test_many_pixels_are_shared_but_not_written_to(monkeypatch):
    monkeypatch.setattr(guard, "COPIED_BYTES", 100)
    pixels = [np.zeros((4, 4, 3), np.uint8) for _ in range(3)]
    held = guard.held_all(pixels)
    assert all(np.shares_memory(a, b) for a, b in zip(pixels, held, strict=True))
    assert not any(each.flags.writeable for each in held)
    assert all(each.flags.writeable for each in pixels)
