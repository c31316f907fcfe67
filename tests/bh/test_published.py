import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

import isocortex as ic


def test_the_published_table_is_consistent():
    table = ic.published_hierarchy()
    assert len(table) == table["network"].nunique() == 29
    assert table["n_layers"].sum() == 705
    mean = (table["decoding"] + table["encoding"]) / 2
    np.testing.assert_allclose(table["mean"], mean, atol=1e-12)
    assert round(pearsonr(table["decoding"], table["encoding"]).statistic, 3) == 0.528
    assert round(spearmanr(table["decoding"], table["encoding"]).statistic, 3) == 0.541


def test_the_ranking_is_the_published_one():
    order = list(ic.ranked()["network"])
    assert order[:6] == ["VGG-S", "CORnet-R", "VGG-F", "AlexNet", "VGG-M", "VGG-19"]
    assert order[-2:] == ["ResNet-152-v2", "Inception-v4"]


def test_a_new_network_is_placed_among_them(rng):
    estimate = ic.hierarchy([rng.uniform(0.3, 0.9, (3, 50)) for _ in range(5)])
    table = ic.ranked({"mine": 0.42, "random": estimate}).set_index("network")
    assert table.loc["mine", "rank"] == 4
    assert len(table) == 31
    assert table.loc["random", "low"] == estimate.low
    assert not table.loc["mine", "published"]


def test_by_another_score():
    assert ic.ranked(by="encoding")["network"][0] == "CORnet-R"
    with pytest.raises(ic.InputError, match="by='accuracy' is not known"):
        ic.ranked(by="accuracy")
    with pytest.raises(ic.InputError, match=r"names of published networks.*'AlexNet \(here\)'"):
        ic.ranked({"AlexNet": 0.3})
