from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.study.ranking import chosen_by_others
from isocortex.study.score import BENCHMARKS

HOW = r"by isocortex \S+, (weights \w+|random weights, seed 0)"
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
    assert not known.isna().any(axis=None)
    assert known["computed"].str.match(HOW).all()
    assert not known.duplicated([*KEYS, "network"]).any()
    assert np.all(known["low"] <= known["score"])
    assert np.all(known["score"] <= known["high"])


@pytest.mark.slow
def test_known_rows_are_what_is_computed_today():
    try:
        weights = ic.datasets.local_weights("squeezenet1_1")
        ic.datasets.images92()
    except ic.NotFoundError as error:
        pytest.skip(str(error))
    found = ic.score(ic.load_network("squeezenet1_1", weights=weights, name="mine"), "images92")
    assert (found["computed"] == "now").sum() == 3
    for _, rows in found.groupby(KEYS):
        scores = rows.set_index("network")[["score", "low", "high"]]
        assert scores.loc["mine"].to_numpy() == pytest.approx(scores.loc["squeezenet1_1"], abs=1e-3)
