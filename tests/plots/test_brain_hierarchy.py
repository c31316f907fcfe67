import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import isocortex as ic


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def estimate(rng):
    layers = {f"conv{i}": rng.uniform(0.2, 0.9, (4, 30)) for i in range(5)}
    return ic.hierarchy(layers, resampling=ic.Resampling(n=50))


def test_bars_are_the_shares_of_top_regions(estimate):
    ax = ic.plots.hierarchy(estimate)
    heights = np.array([[bar.get_height() for bar in bars] for bars in ax.containers])
    np.testing.assert_allclose(heights.sum(0), 1)
    counts = estimate.top.to_numpy().T
    np.testing.assert_allclose(heights, counts / counts.sum(0))
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels[0] == f"conv0\nn = {counts[:, 0].sum()}"
    assert f"{estimate.value:.2f}" in ax.get_title()


def test_a_layer_without_kept_units_is_empty():
    layers = [np.full((2, 3), 0.5)] * 4 + [np.zeros((2, 3))]
    ax = ic.plots.hierarchy_regions(ic.hierarchy(layers))
    assert [bars[4].get_height() for bars in ax.containers] == [0, 0]


def test_the_published_ranking_with_a_new_network(estimate):
    table = ic.ranked({"new": estimate, "other": 0.43})
    ax = ic.plots.hierarchy(table)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == list(table["network"])
    bold = [label.get_text() for label in ax.get_yticklabels() if label.get_fontweight() == "bold"]
    assert sorted(bold) == ["new", "other"]
    widths = [bar.get_width() for bar in ax.patches]
    np.testing.assert_allclose(widths, table["score"])
    assert ax.get_title() == "29 published networks, and new ones in bold"
    assert ic.plots.hierarchy_ranking(ic.ranked()).get_title() == ""


def test_the_scatter_has_a_point_for_each_network():
    _, ax = plt.subplots()
    table = ic.published_hierarchy()
    assert ic.plots.hierarchy_scatter(table, {"new": (0.2, 0.3)}, ax=ax) is ax
    points = np.vstack([each.get_offsets() for each in ax.collections])
    np.testing.assert_allclose(points[:29], table[["decoding", "encoding"]])
    named = [text for text in ax.texts if text.get_text()]  # the others are lines to points
    assert [text.get_text() for text in named] == [*table["network"], "new"]


@pytest.mark.parametrize("size", [(6.4, 5.2), (3.35, 4.2)])
def test_no_name_in_the_scatter_covers_another(size):
    figure, ax = plt.subplots(figsize=size, layout="constrained")
    with plt.rc_context({"font.size": 8.0}):
        ic.plots.hierarchy_scatter(ic.published_hierarchy(), {"mine": (0.5, 0.33)}, ax=ax)
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
    assert len(boxes) == 30
    assert [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.overlaps(b)] == []


def test_what_cannot_be_drawn_is_a_sentence():
    with pytest.raises(ic.InputError, match=r"needs Estimate or DataFrame as result, not int"):
        ic.plots.hierarchy(3)
    plain = ic.Estimate(0.1, 0.0, 0.2, 0.5, 10, "none")
    with pytest.raises(ic.InputError, match="no table of top regions"):
        ic.plots.hierarchy(plain)
    with pytest.raises(ic.InputError, match="columns 'score', 'published' are missing"):
        ic.plots.hierarchy_ranking(pd.DataFrame({"network": ["a"]}))
    with pytest.raises(ic.InputError, match="columns 'encoding' are missing"):
        ic.plots.hierarchy_scatter(pd.DataFrame({"network": ["a"], "decoding": [0.1]}))
