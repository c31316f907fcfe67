"""Networks against networks: similarity of layers, and compare of their RDMs."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

import isocortex as ic

NAMES = [f"img{i}" for i in range(9)]


def stores(rng, folder):
    """Two networks that saw the same images, in another order."""
    for name, n_layers in (("a", 2), ("b", 3)):
        layers = [
            ic.Responses(rng.normal(size=(9, 5)), NAMES, labels={"network": name, "layer": f"l{i}"})
            for i in range(n_layers)
        ]
        ic.write_rdms(ic.rdms(layers, "euclidean"), folder / f"{name}_rdms.npz")
        for each in layers:
            ic.save(each.take(rng.permutation(9)), folder / f"{name}_{each.labels['layer']}.npz")


@pytest.fixture
def folder(rng, tmp_path):
    stores(rng, tmp_path)
    return tmp_path


def linear_cka(x, y):
    x, y = x - x.mean(0), y - y.mean(0)
    cross = np.linalg.norm(y.T @ x) ** 2
    return cross / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))


def test_cka_is_that_of_the_formula_whatever_the_order_of_stimuli(command, folder):
    code, out, err = command("similarity", folder / "a_l0.npz", folder / "b_l1.npz", "--json")
    assert code == 0, err
    (row,) = json.loads(out)["tables"][0]["rows"]
    one, other = (ic.read(folder / name) for name in ("a_l0.npz", "b_l1.npz"))
    rows = [other.stimuli.index(name) for name in one.stimuli]
    assert row["score"] == pytest.approx(linear_cka(one.numpy(), other.numpy()[rows]), rel=1e-12)
    assert (row["layer"], row["other_layer"]) == ("l0", "l1")


def test_one_file_alone_is_compared_with_itself(command, folder):
    code, out, _ = command("similarity", folder / "a_l0.npz", "--measure", "procrustes")
    assert code == 0
    assert "1.000" in out


def test_similarity_leaves_table_matrix_and_figure(command, folder):
    asked = ("similarity", folder / "a_l0.npz", folder / "b_l1.npz")
    code, out, _ = command(
        *asked, "--into", folder / "s.csv", "--figure", folder / "s.png", "--measure", "rv"
    )
    assert code == 0
    assert f"table: {folder / 's.csv'}" in out
    assert (folder / "s.png").read_bytes()[1:4] == b"PNG"
    assert command(*asked, "--into", folder / "s.npz", "--measure", "rv")[0] == 0
    table = ic.read(folder / "s.npz").table()
    np.testing.assert_allclose(pd.read_csv(folder / "s.csv")["score"], table["score"])


def test_rdms_of_two_networks_give_a_matrix_without_a_noise_ceiling(command, folder):
    asked = ("compare", folder / "a_rdms.npz", folder / "b_rdms.npz")
    code, out, err = command(*asked, "--figure", folder / "m.png", "--into", folder / "m.csv")
    assert code == 0, err
    assert "ceiling" not in out
    head = next(line.split() for line in out.splitlines() if line.startswith("spearman"))
    assert head == ["spearman", "l0", "l1", "l2"]
    a, b = (ic.read_rdms(folder / f"{name}_rdms.npz").values for name in "ab")
    found = [line.split() for line in out.splitlines() if line.startswith(("l0 ", "l1 "))]
    expected = [[spearmanr(x, y).statistic for y in b] for x in a]
    np.testing.assert_allclose([list(map(float, row[1:])) for row in found], expected, atol=6e-4)
    assert len(pd.read_csv(folder / "m.csv")) == 6
    assert (folder / "m.png").exists()


def test_rdms_of_one_network_with_themselves_have_ones_on_the_diagonal(command, folder):
    code, out, _ = command("compare", folder / "b_rdms.npz", folder / "b_rdms.npz", "--json")
    assert code == 0
    rows = json.loads(out)["tables"][0]["rows"]
    same = [row["score"] for row in rows if row["layer"] == row["other_layer"]]
    np.testing.assert_allclose(same, 1)
    assert len(rows) == 9


def test_a_misspelt_measure_is_answered_for_the_command_line(command, folder):
    code, _, err = command("similarity", folder / "a_l0.npz", "--measure", "cka-unbiasd")
    assert code == 2
    assert "Did you mean 'cka_unbiased'?" in err
    assert "function" not in err
