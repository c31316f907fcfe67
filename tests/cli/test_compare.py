import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from scipy.stats import spearmanr

import isocortex as ic


@pytest.fixture
def files(rng, tmp_path):
    """Two layers, and three subjects of two regions, each made from a layer."""
    names = [f"img{i}" for i in range(8)]
    models = ic.RDMs(rng.random((2, 28)), names, {"network": "net", "layer": ["conv1", "fc"]})
    values = np.repeat(models.values, 3, 0) + 0.2 * rng.random((6, 28))
    labels = {"region": ["V1"] * 3 + ["IT"] * 3, "subject": [1, 2, 3] * 2}
    brain = ic.RDMs(values, names, labels)
    ic.write_rdms(models, tmp_path / "models.npz")
    ic.write_rdms(brain.take(rng.permutation(8)), tmp_path / "brain.npz")
    return models, brain


def test_the_table_holds_what_scipy_gives(command, files, tmp_path):
    models, brain = files
    code, out, _ = command(
        "compare", tmp_path / "models.npz", tmp_path / "brain.npz", "--into", tmp_path / "t.csv"
    )
    assert code == 0
    table = pd.read_csv(tmp_path / "t.csv")
    assert len(table) == 12
    row = table.query("layer == 'fc' and region == 'IT' and subject == 2").iloc[0]
    expected = spearmanr(models.values[1], brain.values[4]).statistic
    np.testing.assert_allclose(row["score"], expected)
    low, high = ic.noise_ceiling(brain.select(region="IT"), "spearman")
    np.testing.assert_allclose([row["ceiling_low"], row["ceiling_high"]], [low, high])
    assert f"table: {tmp_path / 't.csv'}" in out


def test_the_best_layer_of_each_region_is_marked(command, files, tmp_path):
    _, out, _ = command("compare", tmp_path / "models.npz", tmp_path / "brain.npz")
    rows = [line.split() for line in out.splitlines()]
    marked = {row[0]: row.count("*") for row in rows if row and row[0] in ("conv1", "fc")}
    assert marked == {"conv1": 1, "fc": 1}
    assert "noise ceiling, low" in out
    assert "V1 (n=3)" in out


def test_a_figure_is_left_where_it_was_asked_for(command, files, tmp_path):
    figure = tmp_path / "new" / "layers.png"
    code, out, _ = command(
        "compare", tmp_path / "models.npz", tmp_path / "brain.npz", "--figure", figure
    )
    assert code == 0
    assert figure.read_bytes()[1:4] == b"PNG"
    assert f"figure: {figure}" in out


def test_a_single_brain_has_no_ceiling(command, files, tmp_path):
    _, brain = files
    ic.write_rdms(ic.RDMs(brain.values[:1], brain.stimuli), tmp_path / "one.npz")
    code, out, _ = command("compare", tmp_path / "models.npz", tmp_path / "one.npz")
    assert code == 0
    assert "spearman (n=1)" in out
    (row,) = [line.split() for line in out.splitlines() if "noise ceiling, low" in line]
    assert row[-1] == "-"


def test_a_misspelt_comparison_is_answered_with_the_nearest(command, files, tmp_path):
    code, _, err = command(
        "compare", tmp_path / "models.npz", tmp_path / "brain.npz", "--comparison", "spaerman"
    )
    assert code == 2
    assert "Did you mean 'spearman'?" in err


@pytest.mark.parametrize(("regions", "panels"), [(["IT"], 1), ([None], 1), (["V1", "IT"], 2)])
def test_several_networks_are_drawn_below_their_ceiling(
    command, rng, tmp_path, monkeypatch, regions, panels
):
    names = [f"img{i}" for i in range(8)]
    labels = {"network": ["a", "a", "b", "b"], "layer": ["conv1", "fc"] * 2}
    ic.write_rdms(ic.RDMs(rng.random((4, 28)), names, labels), tmp_path / "models.npz")
    people = {"subject": [1, 2, 3] * len(regions)}
    if regions != [None]:
        people["region"] = np.repeat(regions, 3)
    brain = ic.RDMs(rng.random((3 * len(regions), 28)), names, people)
    ic.write_rdms(brain, tmp_path / "brain.npz")
    drawn = []
    save = Figure.savefig
    monkeypatch.setattr(
        Figure, "savefig", lambda self, *a, **k: (drawn.append(self), save(self, *a, **k))
    )
    figure = tmp_path / "f.png"
    code, _, err = command(
        "compare", tmp_path / "models.npz", tmp_path / "brain.npz", "--figure", figure
    )
    assert code == 0, err
    assert len(drawn[0].axes) == panels
    for ax in drawn[0].axes:
        bands = sorted(tuple(patch.get_bbox().intervaly) for patch in ax.patches)
        parts = [brain] if len(regions) < 2 else [brain.select(region=each) for each in regions]
        ceilings = sorted(tuple(ic.noise_ceiling(part, "spearman")) for part in parts)
        np.testing.assert_allclose(bands, ceilings)
