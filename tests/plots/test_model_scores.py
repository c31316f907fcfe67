from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest

import isocortex as ic


def made(rng, n_models):
    names = [f"image {i}" for i in range(15)]
    truth, other = rng.random((2, 105))
    mix = np.linspace(0, 1, n_models)[:, None]
    labels = {"layer": [f"layer {i}" for i in range(n_models)]}
    models = ic.RDMs(mix * truth + (1 - mix) * other, names, labels)
    return models, ic.RDMs(truth + 0.5 * rng.random((6, 105)), names, {"subject": range(6)})


@pytest.fixture(params=[3, 30])
def result(request, rng):
    return ic.infer(*made(rng, request.param), "pearson", n=100)


def wings(figure, ax):
    beside = [each for each in figure.axes if each is not ax]
    return beside[0].collections if beside else []


def test_the_best_is_on_top_with_its_interval_and_the_ceiling(result):
    ax = ic.plots.models(result)
    names = [label.get_text() for label in ax.get_yticklabels()]
    table = result.table().sort_values("score", ascending=False)
    assert names == table["model"].tolist()
    intervals = np.array([line[:, 0] for line in ax.collections[0].get_segments()])
    np.testing.assert_allclose(intervals, table[["low", "high"]])
    points = ax.collections[1].get_offsets()
    np.testing.assert_allclose(points[:, 0], table["score"])
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    plt.close(ax.figure)


def test_a_wing_ticks_each_model_that_scores_less(result):
    ax = ic.plots.models(result)
    pairs = result.pairs()
    n_better = int((pairs["p_corrected"] < 0.05).sum())
    ticks = sum(len(each.get_segments()) for each in wings(ax.figure, ax)[2::3])
    assert ticks == n_better > 0
    plt.close(ax.figure)


def test_names_stand_apart_also_in_little_room(result):
    figure, ax = plt.subplots(figsize=(4, 2.5))
    ic.plots.models(result, ax=ax)
    figure.canvas.draw()
    boxes = [label.get_window_extent() for label in ax.get_yticklabels()]
    between = [abs(a.y0 - b.y0) for a, b in pairwise(boxes)]
    assert min(between) >= 0.7 * max(box.height for box in boxes)
    plt.close(figure)


def test_relabelled_stimuli_give_points_without_intervals_or_wings(rng):
    ax = ic.plots.models(ic.infer(*made(rng, 3), "pearson", method="permutation", n=50))
    assert len(ax.figure.axes) == 1
    plt.close(ax.figure)


def test_bad_input(rng):
    found = ic.infer(*made(rng, 2), "pearson", n=50)
    with pytest.raises(ic.InputError, match="level must lie between 0 and 1"):
        ic.plots.models(found, alpha=5)
    with pytest.raises(ic.InputError, match="correction='tukey' is not known"):
        ic.plots.models(found, correction="tukey")
    plt.close("all")
