from dataclasses import replace
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.study.ranking import chosen_by_others
from isocortex.study.score import BENCHMARKS

HOW = r"by isocortex \S+, (weights \w+|random weights, seed 0|no weights)"
KEYS = ["method", "recording", "region"]


def test_a_networks_row_stands_beside_those_of_a_study_that_has_run(done):
    network = ic.load_network("cifar10_resnet20", weights=None, seed=1, name="mine")
    found = ic.score(network, done.study, layers=["conv1", "linear"])
    mine = found[found["computed"] == "now"].set_index(KEYS)
    known = found[found["network"] == "resnet with seed 1"].set_index(KEYS)
    assert set(found["network"]) == {"mine", "resnet", "resnet with seed 1"}
    assert set(known["computed"]) == {"by the study 'tiny'"}
    assert mine["score"].to_dict() == pytest.approx(known["score"].to_dict(), abs=1e-8)
    assert mine["layer"].to_dict() == known["layer"].to_dict()


def test_layers_are_chosen_by_other_people(done):
    network = ic.load_network("cifar10_resnet20", weights=None, seed=1, name="mine")
    found = ic.score(network, done.study, layers=["conv1", "linear"]).set_index([*KEYS, "network"])
    table = done.table()
    held = table[(table["method"] == "RSA") & (table["region"] == "IT") & table["subject"].notna()]
    held = held[held["network"] == "resnet with seed 1"]
    scores = held.pivot(index="subject", columns="layer", values="score").dropna(axis=1)
    right = chosen_by_others(scores.to_numpy(float))[0].mean()
    assert found.loc[("RSA", "fMRI", "IT", "mine"), "score"] == pytest.approx(right, abs=1e-8)


def test_the_best_come_first(done):
    network = ic.load_network("cifar10_resnet20", weights=None, seed=2, name="mine")
    found = ic.score(network, done.study, layers=["linear"])
    for _, rows in found.groupby(KEYS, sort=False):
        assert list(rows["score"]) == sorted(rows["score"], reverse=True)


def test_an_unknown_benchmark_is_told_with_those_that_are_known():
    with pytest.raises(ic.InputError, match="There is no benchmark 'images93'.*'images92'"):
        ic.score("cifar10_resnet20", "images93")


@pytest.mark.parametrize("name", BENCHMARKS)
def test_known_rows_say_how_they_were_computed(name):
    known = pd.read_csv(files("isocortex.study").joinpath("benchmarks", f"{name}.csv"))
    alone = known["n"] == 1
    assert not known[~alone].isna().any(axis=None)
    assert not known.drop(columns=["low", "high"]).isna().any(axis=None)
    assert known["computed"].str.match(HOW).all()
    assert not known.duplicated([*KEYS, "network"]).any()
    assert np.all(known["low"][~alone] <= known["score"][~alone])
    assert np.all(known["score"][~alone] <= known["high"][~alone])
    assert known.loc[alone, ["low", "high"]].isna().all(axis=None)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("benchmark", "network", "weights", "layers"),
    [
        ("images92", "squeezenet1_1", "squeezenet1_1", "main"),
        ("alice", "MiniLM", "minilm_l6", "hidden state *"),
    ],
)
def test_known_rows_are_what_is_computed_today(benchmark, network, weights, layers, shared):
    folder = shared / "weights" / weights
    held = (folder / "config.json").is_file()
    own = (
        ic.load_network(folder, name="mine")
        if held
        else ic.load_network(network, weights=folder, name="mine")
    )
    found = ic.score(own, benchmark, layers=layers)
    assert (found["computed"] == "now").sum() == found.groupby(KEYS).ngroups
    for _, rows in found.groupby(KEYS):
        scores = rows.set_index("network")[["score", "low", "high"]]
        right = pytest.approx(scores.loc[network].to_numpy(), abs=1e-3, nan_ok=True)
        assert scores.loc["mine"].to_numpy() == right


def test_a_function_of_the_stimuli_has_a_row_as_a_network_has(done):
    def brightness(stimuli):
        """Three numbers of each image."""
        pixels = np.array([np.asarray(stimuli.read(i), float).mean((0, 1)) for i in range(14)])
        return ic.Responses(pixels, stimuli.names)

    found = ic.score(brightness, done.study)
    mine = found[found["computed"] == "now"].set_index(KEYS)
    assert set(mine["network"]) == {"brightness"}
    assert set(mine["layer"]) == {"brightness"}
    images = ic.Stimuli.from_folder(done.study.folder / "images")
    layer = brightness(images)
    right = [
        ic.similarity(layer, ic.read(done.study.folder / "fmri" / f"{who}_V1.npz")).values[0, 0]
        for who in ("ann", "bob", "cy")
    ]
    assert mine.loc[("CKA", "fMRI", "V1"), "score"] == pytest.approx(np.mean(right), abs=1e-10)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda stimuli: np.ones(3), "gives ndarray; it must give Responses"),
        (lambda stimuli: ic.Responses(np.ones((3, 2)), list("abc")), "3 rows that are not the 14"),
        (ic.features.word_rate, "word_rate"),
    ],
)
def test_a_function_that_gives_something_else_is_refused(done, function, said):
    with pytest.raises(ic.InputError, match=said):
        ic.score(function, done.study)


def test_a_network_of_another_modality_is_refused_before_any_work(monkeypatch):
    monkeypatch.setattr("isocortex.study.score._computed", None)
    image = ic.load_network("cifar10_resnet20", weights=None)
    said = "'alice' are of modality 'text', and cifar10_resnet20 takes 'image'. .*: images92"
    with pytest.raises(ic.InputError, match=said):
        ic.score(image, "alice")
    text = replace(image, modality="text")
    with pytest.raises(ic.InputError, match=r"'images92' are of modality 'image'.*: alice\."):
        ic.score(text, "images92")


def test_the_story_is_predicted_as_it_was(shared):
    """One number of each region; the others stand in the table that is shipped."""
    from isocortex.features import word_rate

    found = ic.score(word_rate, "alice")
    for _, rows in found.groupby(KEYS):
        scores = rows.set_index("network")["score"]
        assert scores["word_rate"] == pytest.approx(scores["word rate"], abs=1e-4)
        assert len(scores) == 5
    means = found.groupby("network")["score"].mean()
    assert means["word rate"] < means["word rate, GloVe"]
