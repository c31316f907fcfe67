import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import isocortex as ic


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def layers(rng):
    return [
        ic.Responses(rng.normal(size=(12, 5)), list("abcdefghijkl"), labels={"layer": name})
        for name in ("conv1", "conv5", "fc")
    ]


def test_cells_are_the_scores_and_rows_have_their_names(layers):
    cka = ic.similarity(layers[:2], layers)
    ax = ic.plots.similarity(cka)
    np.testing.assert_array_equal(ax.images[0].get_array(), cka.values)
    assert [each.get_text() for each in ax.get_yticklabels()] == ["conv1", "conv5"]
    assert [each.get_text() for each in ax.get_xticklabels()] == ["conv1", "conv5", "fc"]
    assert [each.get_text() for each in ax.texts] == [f"{each:.2f}" for each in cka.values.flat]
    assert ax.figure.axes[-1].get_ylabel() == "CKA"


def test_zero_is_in_the_middle_where_both_signs_are_large():
    axes = {"model": {"layer": ["a", "b"]}, "data": {"region": ["V1", "IT"]}}
    both = ic.Scores([[0.4, -0.2], [0.1, -0.6]], axes, "spearman")
    assert ic.plots.similarity(both).images[0].get_clim() == (-0.6, 0.6)
    small = ic.Scores([[0.4, -0.02], [0.1, 0.0]], axes, "spearman")
    assert ic.plots.similarity(small).images[0].get_clim() == (-0.02, 0.4)
    assert ic.plots.similarity(small, limits=(0, 1)).images[0].get_clim() == (0, 1)


def test_many_cells_have_no_numbers_and_undefined_ones_no_colour(rng):
    axes = {"first": {"layer": range(50)}, "second": {"other_layer": range(13)}}
    values = rng.random((50, 13))
    values[3, 4] = np.nan
    ax = ic.plots.similarity(ic.Scores(values, axes, "cka"))
    assert not ax.texts
    assert len(ax.get_yticklabels()) == 25
    assert np.ma.getmaskarray(ax.images[0].get_array())[3, 4]


def test_a_third_axis_is_told(rng):
    axes = {name: {f"{name} label": ["a", "b"]} for name in ("first", "second", "time")}
    with pytest.raises(ic.InputError, match="two axes, and these have first, second, time"):
        ic.plots.similarity(ic.Scores(rng.random((2, 2, 2)), axes))


def test_confusions_are_counted_over_folds(layers):
    labels = ["face", "house", "cat"] * 4
    scores = ic.probe(layers[0], labels, LogisticRegression(max_iter=5000), folds=3)
    ax = ic.plots.confusion(scores)
    counts = scores.confusion.values.reshape(-1, 3, 3).sum(0)
    np.testing.assert_allclose(ax.images[0].get_array(), counts / counts.sum(1, keepdims=True))
    assert [int(each.get_text()) for each in ax.texts] == counts.ravel().tolist()
    assert [each.get_text() for each in ax.get_xticklabels()] == ["cat", "face", "house"]
    assert "n = 12" in ax.figure.axes[-1].get_ylabel()


def test_confusions_of_several_layers_are_told(layers):
    labels = ["face", "house", "cat"] * 4
    scores = ic.probe(layers, labels, LogisticRegression(max_iter=5000), folds=3)
    with pytest.raises(ic.InputError, match=r"one layer.*scores.confusion.select\(layer=...\)"):
        ic.plots.confusion(scores)
    ic.plots.confusion(scores.confusion.select(layer="fc"))
    with pytest.raises(ic.InputError, match="what ic.probe returned for classes"):
        ic.plots.confusion(ic.similarity(layers, layers))


def test_axes_say_whose_layers_they_are():
    layers = {"layer": ["conv", "fc"], "network": "mine"}
    others = {"other_layer": ["conv", "fc"], "other_network": "theirs"}
    cka = ic.Scores([[1.0, 0.5], [0.5, 1.0]], {"first": layers, "second": others}, "cka")
    ax = ic.plots.similarity(cka)
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("mine", "theirs")
    same = {"other_layer": ["conv", "fc"], "other_network": "mine"}
    own = ic.Scores([[1.0, 0.5], [0.5, 1.0]], {"first": layers, "second": same}, "cka")
    assert ic.plots.similarity(own).get_ylabel() == ""
