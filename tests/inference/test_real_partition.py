"""Flexible models and partitions of the 92 images, looked at and held."""

import numpy as np
import pytest
from scipy.io import loadmat

import isocortex as ic


@pytest.fixture(scope="module")
def images92(shared):
    data = ic.datasets.images92()
    found = loadmat(shared / "data/images92/92_modelRDMs.mat")["Models"].ravel()
    squares = np.array([each["RDM"] for each in found], dtype=float)
    names = [str(each["name"][0]) for each in found]
    return data.brain, ic.RDMs.from_arrays(squares, data.stimuli.names, {"model": names})


def test_it_is_fitted_by_what_is_known_of_it(images92):
    brain, models = images92
    it = ic.fit_rdms(ic.Weighted(models), brain.select(region="IT"), "pearson")
    table = it.table().set_index("model")
    assert it.score == pytest.approx(0.332, abs=0.005)
    assert it.ceiling == pytest.approx((0.448, 0.548), abs=0.005)
    assert table.share.idxmax() == "monkeyIT"
    assert table.score.max() < it.score < table.same_data.iloc[0]
    evc = ic.fit_rdms(ic.Weighted(models), brain.select(region="EVC"), "pearson")
    assert evc.table().set_index("model").share.idxmax() == "Silhouette"


def test_categories_are_shared_with_the_monkey_in_it_and_nothing_in_evc(images92):
    brain, models = images92
    low = ["EVA", "HMAX", "V1", "Silhouette", "RADON"]
    sets = {
        "category": models.select(model=["animacy", "FaceBodyManmadeNatobj"]),
        "monkey": models.select(model="monkeyIT"),
        "low": models.select(model=low),
    }
    it, evc = (
        ic.partition(sets, brain.select(region=region), n=0).table().set_index("part").explained
        for region in ("IT", "EVC")
    )
    assert it["category & monkey"] == pytest.approx(0.049, abs=0.002)
    assert it["all"] == pytest.approx(0.156, abs=0.002)
    assert evc["low"] == pytest.approx(0.071, abs=0.002)
    assert abs(evc["category"]) < 0.002


def test_one_rdm_is_tested_alone(images92):
    brain, models = images92
    it = brain.select(region="IT").mean()
    p = ic.compare(models, it, "spearman", n_permutations=200).table().set_index("model").p
    assert p["monkeyIT"] == p["animacy"] == pytest.approx(1 / 201)
    assert p["RADON"] > 0.05
