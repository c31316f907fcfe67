import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

import isocortex as ic


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture
def populations():
    stimuli = ic.gratings(np.arange(-90, 90, 10.0), size=(12, 16))
    one = ic.simulate_responses(stimuli, n_units=20, labels={"region": "V1"})
    other = ic.simulate_responses(
        stimuli, "gabor_energy", n_units=20, labels={"network": "energy", "layer": "c1"}
    )
    return stimuli, one, other


def test_rdm_panels_share_a_scale_from_0_to_2(populations):
    ax = ic.plots.rdm_panels(ic.rdms(populations[1:]))
    images = [box.images[0] for box in ax.child_axes]
    assert [image.get_clim() for image in images] == [(0, 2), (0, 2)]
    assert [box.get_title() for box in ax.child_axes] == ["V1", "energy, c1"]


def test_rows_are_rows_of_the_matrix(populations):
    rdms = ic.rdms(populations[1:])
    ax = ic.plots.rdm_rows(rdms, at=[-75, 33])
    assert len(ax.child_axes) == 2
    box = ax.child_axes[1]
    angles = np.arange(-90, 90, 10.0)
    np.testing.assert_allclose(box.lines[0].get_xdata(), angles)
    np.testing.assert_allclose(box.lines[1].get_ydata(), rdms.square()[1][12])
    assert box.lines[2].get_xdata()[0] == 30
    shuffled = rdms.take(np.random.default_rng(0).permutation(18))
    again = ic.plots.rdm_rows(shuffled, at=[33]).child_axes[0]
    np.testing.assert_allclose(again.lines[1].get_ydata(), rdms.square()[1][12])


def test_tuning_draws_the_units_that_are_asked_for(populations):
    curves = ic.tuning_curves(populations[1])
    ax = ic.plots.tuning(curves, units=[4, 2])
    np.testing.assert_allclose(ax.lines[1].get_ydata(), curves.values[:, 2])
    assert ax.get_xlabel() == "orientation (°)"
    one, two = (ic.plots.tuning(curves, seed=3).get_legend_handles_labels()[1] for _ in range(2))
    assert one == two
    assert len(one) == 3


def test_embedding_is_coloured_by_orientation(populations):
    points = ic.embed(populations[1], "pca")
    dots = ic.plots.embedding(points).collections[0]
    np.testing.assert_allclose(dots.get_offsets(), points.numpy())
    np.testing.assert_allclose(dots.get_array(), np.arange(-90, 90, 10))
    assert dots.get_clim() == (-90, 90)
    other = ic.plots.embedding(points, by=pd.Series(np.arange(18.0), name="size_x"))
    assert other.collections[0].get_clim() == (0, 17)


def test_bars_are_means(rng):
    layers = pd.DataFrame({"layer": ["a", "b"]})
    scores = ic.Scores(
        rng.uniform(size=(2, 4)),
        {"layer": layers, "s": pd.DataFrame(index=range(4))},
        metric="pearson",
    )
    ax = ic.plots.layer_bars(scores)
    np.testing.assert_allclose([p.get_height() for p in ax.patches], scores.values.mean(1))
    assert ax.get_ylabel() == "Pearson's r"
    after = scores.replace(values=scores.values / 2)
    ax = ic.plots.ablation(scores, after)
    heights = [p.get_height() for p in ax.patches]
    np.testing.assert_allclose(heights, -scores.values.mean(1) / 2)
    with pytest.raises(ic.InputError, match="not as many scores"):
        ic.plots.ablation(
            scores,
            scores.replace(
                values=scores.values[:, :1], tables={**scores.tables, "s": scores.tables["s"][:1]}
            ),
        )


def test_insight(rng, tmp_path):
    network = ic.load_network("orientation_cnn")
    stimuli = ic.gratings(np.linspace(-80, 80, 6))
    report = ic.train(network, stimuli, stimuli.table["orientation"] > 0, epochs=2)
    assert len(ic.plots.training(report).lines) == 2
    fields = [ic.receptive_field(network, name) for name in ("conv", "pool")]
    squares = ic.plots.receptive_field(fields, image=stimuli.read(0)).patches
    assert [(p.get_height(), p.get_width()) for p in squares] == [(7, 7), (14, 14)]
    measured = ic.receptive_field(network, "conv", "gradient")
    assert ic.plots.receptive_field(measured).images[0].get_array().shape == measured.map.shape
    found = [ic.saliency(network, stimuli.read(1), "conv", 2, m) for m in ("gradient", "guided")]
    assert len(ic.plots.saliency(found).child_axes) == 3
    assert len(ic.plots.saliency(found[0]).child_axes) == 2
    best = ic.optimal_stimulus(network, "conv", 1, steps=2)
    assert len(ic.plots.optimal_stimulus([best, best]).child_axes) == 2
    layer = ic.Responses(rng.normal(size=(6, 3)), stimuli.names, labels={"layer": "fc"})
    top = ic.top_stimuli(layer, None, 1, n=4)
    ax = ic.plots.top_stimuli(top, stimuli)
    first = stimuli.names.index(top.tables["stimulus"]["stimulus"][0])
    np.testing.assert_array_equal(ax.child_axes[0].images[0].get_array(), stimuli.read(first))
    with pytest.raises(ic.InputError, match="stimuli has no rows for 4 of 4"):
        ic.plots.top_stimuli(top, ic.gratings([1.0, 2.0]))
    assert len(ic.plots.stimuli(stimuli, at=[0, 3]).child_axes) == 2
    plt.gcf().savefig(tmp_path / "x.png")


def test_bad_input(populations):
    _, one, _ = populations
    curves = ic.tuning_curves(one)
    with pytest.raises(ic.InputError, match="no unit 20 among 20"):
        ic.plots.tuning(curves, units=[20])
    with pytest.raises(ic.InputError, match="needs the curves"):
        ic.plots.tuning(ic.tuning_index(one))
    with pytest.raises(ic.InputError, match="at least two dimensions"):
        ic.plots.embedding(ic.embed(one, "pca", n_dimensions=1))
    with pytest.raises(ic.InputError, match="One value is needed for each of 18"):
        ic.plots.embedding(ic.embed(one, "pca"), by=[1, 2])
    with pytest.raises(ic.InputError, match="'phase' is not known"):
        ic.plots.rdm_rows(ic.rdms(one), at=[0], by="phase")
    with pytest.raises(ic.InputError, match="with the label 'layer'"):
        ic.plots.layer_bars(ic.tuning_index(one))
