"""What a mapping calls its layers and regions is their label, if they have none."""

import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

import isocortex as ic


@pytest.fixture
def plain(rng):
    return lambda n: ic.Responses(rng.normal(size=(20, n)), [f"image {i}" for i in range(20)])


def test_a_mapping_names_layers_and_regions(plain):
    layers = {"conv1": plain(6), "fc": plain(5)}
    regions = {"V1": plain(3), "IT": plain(2)}
    encoded = ic.encode(layers, regions, ic.OLS(), folds=4)
    assert encoded.tables["layer"]["layer"].tolist() == ["conv1", "fc"]
    assert encoded.tables["unit"]["region"].tolist() == ["V1"] * 3 + ["IT"] * 2
    decoded = ic.decode(regions, layers, ic.OLS(), folds=4)
    assert decoded.tables["region"]["region"].tolist() == ["V1", "IT"]
    assert set(decoded.tables["unit"]["layer"]) == {"conv1", "fc"}
    probed = ic.probe(layers, ["a", "b"] * 10, LinearDiscriminantAnalysis(), folds=2)
    assert probed.tables["layer"]["layer"].tolist() == ["conv1", "fc"]


def test_a_mapping_names_rdms_and_both_sides_of_a_similarity(plain):
    layers = {"conv1": plain(6), "fc": ic.gram(plain(5))}
    assert ic.rdms(layers).labels["name"].tolist() == ["conv1", "fc"]
    table = ic.similarity(layers, {"a": plain(4)}).table()
    assert table["name"].tolist() == ["conv1", "fc"]


def test_labels_of_their_own_stay(plain):
    labelled = plain(4).replace(labels={"layer": "conv5"})
    scores = ic.encode({"something": labelled}, plain(2), ic.OLS(), folds=4)
    assert scores.tables["layer"]["layer"].tolist() == ["conv5"]
