import json

import numpy as np
import pandas as pd
import pytest

import isocortex as ic


@pytest.fixture
def files(rng, tmp_path):
    names = [f"img{i}" for i in range(12)]
    models = ic.RDMs(rng.random((2, 66)), names, {"layer": ["conv1", "fc"]})
    values = models.values[1] + 0.5 * rng.random((6, 66))
    brain = ic.RDMs(values, names, {"subject": range(6)})
    ic.write_rdms(models, tmp_path / "rdms.npz")
    ic.write_rdms(brain.take(rng.permutation(12)), tmp_path / "brain.npz")
    return models, brain


def test_the_tables_are_those_of_the_verb(command, files, tmp_path):
    into, figure = tmp_path / "result.csv", tmp_path / "models.png"
    code, out, _ = command(
        "infer",
        tmp_path / "rdms.npz",
        tmp_path / "brain.npz",
        "--over",
        "subject",
        "stimulus",
        "--comparison",
        "spearman",
        "--samples",
        100,
        "--into",
        into,
        "--figure",
        figure,
    )
    assert code == 0
    brain = ic.read_rdms(tmp_path / "brain.npz")
    result = ic.infer(files[0], brain, "spearman", n=100)
    pd.testing.assert_frame_equal(pd.read_csv(into), result.table(), check_dtype=False)
    pairs = pd.read_csv(tmp_path / "result_pairs.csv")
    np.testing.assert_allclose(pairs["p_corrected"], result.pairs()["p_corrected"])
    assert figure.stat().st_size > 0
    assert "fc scores highest" in " ".join(out.split())
    assert "table: " in out


def test_permutation_has_no_pairs(command, files, tmp_path):
    into = tmp_path / "result.csv"
    code, _, _ = command(
        "infer",
        tmp_path / "rdms.npz",
        tmp_path / "brain.npz",
        "--method",
        "permutation",
        "--comparison",
        "pearson",
        "--samples",
        50,
        "--into",
        into,
    )
    assert code == 0
    assert not (tmp_path / "result_pairs.csv").exists()
    assert pd.read_csv(into)["p"].min() == pytest.approx(1 / 51)


def test_too_few_subjects_are_a_sentence(command, files, tmp_path):
    ic.write_rdms(files[1].select(subject=[0, 1]), tmp_path / "two.npz")
    code, _, said = command("infer", tmp_path / "rdms.npz", tmp_path / "two.npz")
    assert code == 2
    assert "at least 5 of them, but there are 2" in " ".join(said.split())


def test_pairs_are_shown_and_in_json(command, files, tmp_path):
    asked = ("infer", tmp_path / "rdms.npz", tmp_path / "brain.npz", "--comparison", "spearman")
    asked = (*asked, "--samples", 50)
    result = ic.infer(files[0], ic.read_rdms(tmp_path / "brain.npz"), "spearman", n=50)
    code, out, err = command(*asked)
    assert code == 0, err
    assert "each two models" in out
    assert "p_corrected" in out
    code, out, _ = command(*asked, "--json")
    pairs = json.loads(out)["tables"][1]["rows"]
    assert pairs == result.pairs().to_dict("records")


def test_of_many_models_the_best_stands_beside_each_other_one(command, rng, tmp_path):
    names = [f"img{i}" for i in range(6)]
    models = ic.RDMs(rng.random((11, 15)), names, {"layer": [f"conv{i}" for i in range(11)]})
    ic.write_rdms(models, tmp_path / "m.npz")
    brain = ic.RDMs(models.values[4] + 0.1 * rng.random((5, 15)), names, {"subject": range(5)})
    ic.write_rdms(brain, tmp_path / "b.npz")
    asked = ("infer", tmp_path / "m.npz", tmp_path / "b.npz", "--samples", 20, "--over", "subject")
    out = command(*asked, "--comparison", "pearson")[1]
    shown = out[out.index("conv4 and each other model; --json has all pairs") :]
    assert shown[: shown.index("Inference on")].count("conv4 ") >= 10
    assert len(json.loads(command(*asked, "--json")[1])["tables"][1]["rows"]) == 55


def test_the_whole_result_goes_to_npz(command, files, tmp_path):
    into = tmp_path / "result.npz"
    code, _, err = command(
        *("infer", tmp_path / "rdms.npz", tmp_path / "brain.npz", "--comparison", "spearman"),
        *("--samples", 50, "--into", into),
    )
    assert code == 0, err
    result = ic.infer(files[0], ic.read_rdms(tmp_path / "brain.npz"), "spearman", n=50)
    pd.testing.assert_frame_equal(ic.read(into).pairs(), result.pairs())
    assert not (tmp_path / "result_pairs.csv").exists()
