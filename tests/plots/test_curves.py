import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import isocortex as ic


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def made(rng, networks=("alexnet",), regions=("EVC", "IT"), n_subjects=3):
    model = pd.DataFrame(
        {
            "network": np.repeat(networks, 4),
            "layer": [f"{name}{i}" for name in networks for i in range(4)],
        }
    )
    data = pd.DataFrame(
        {
            "region": np.repeat(regions, n_subjects),
            "subject": list(range(n_subjects)) * len(regions),
        }
    )
    values = rng.random((len(model), len(data)))
    return ic.Scores(values, {"model": model, "data": data}, "spearman")


def thick(ax):
    return [line for line in ax.lines if line.get_linewidth() > 2]


def test_the_thick_line_is_the_mean_over_subjects(rng):
    scores = made(rng)
    ax = ic.plots.layers(scores)
    for line, region in zip(thick(ax), ("EVC", "IT"), strict=True):
        part = scores.select(region=region)
        np.testing.assert_allclose(line.get_ydata(), part.values.mean(1))
        assert line.get_label() == region
    assert [tick.get_text() for tick in ax.get_xticklabels()] == [f"alexnet{i}" for i in range(4)]
    assert ax.get_ylabel() == "Spearman's ρ"


def test_each_subject_is_a_thin_line(rng):
    scores = made(rng, regions=("IT",))
    ax = ic.plots.layers(scores)
    thin = [line.get_ydata() for line in ax.lines if line.get_linewidth() < 1][:3]
    np.testing.assert_allclose(np.stack(thin, 1), scores.values)
    assert len(ic.plots.layers(scores, subjects=False).lines) == 2


def test_the_ceiling_is_a_band(rng):
    ax = ic.plots.layers(made(rng, regions=("IT",)), ceiling=(0.4, 0.6))
    (band,) = ax.patches
    np.testing.assert_allclose([band.get_y(), band.get_y() + band.get_height()], [0.4, 0.6])
    both = ic.plots.layers(made(rng), ceiling={"EVC": (0.1, 0.2), "IT": (0.5, 0.7)})
    assert len(both.patches) == 2
    assert len(ic.plots.layers(made(rng), ceiling=(0.5, 0.7)).patches) == 1


def test_networks_are_drawn_over_relative_depth(rng):
    _, given = plt.subplots()
    scores = made(rng, ("alexnet", "vgg16"), ("IT",))
    ax = ic.plots.layers(scores, ax=given)
    assert ax is given
    for line, rows in zip(thick(ax), (slice(0, 4), slice(4, 8)), strict=True):
        np.testing.assert_allclose(line.get_xdata(), np.linspace(0, 1, 4))
        np.testing.assert_allclose(line.get_ydata(), scores.values[rows].mean(1))


def test_bad_input_is_told(rng):
    with pytest.raises(ic.InputError, match=r"not both; choose one, such as .*region='EVC'"):
        ic.plots.layers(made(rng, ("alexnet", "vgg16")))
    nameless = ic.Scores([0.1], {"model": pd.DataFrame({"region": ["IT"]})})
    with pytest.raises(ic.InputError, match="needs scores with the label 'layer'"):
        ic.plots.layers(nameless)
