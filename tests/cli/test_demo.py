import pandas as pd
import pytest

import isocortex as ic
from isocortex.cli import _demo, _demo_images92, _demo_made


def left(folder):
    return {each.name for each in folder.iterdir()}


FILES = {"scores.csv", "rdms.npz", "brain.npz", "rdms.png", "layers.png"}


@pytest.mark.parametrize("epochs", [2, pytest.param(_demo_made.EPOCHS, marks=pytest.mark.slow)])
def test_made_data_give_the_known_answer(epochs, command, tmp_path, monkeypatch):
    monkeypatch.setattr(_demo_made, "EPOCHS", epochs)
    code, out, _ = command("demo", "--into", tmp_path)
    assert code == 0, out
    assert left(tmp_path / "made") == {*FILES, "resnet20.zarr"}
    assert "The known answer is found in resnet20: early is most like " in out
    assert str(tmp_path / "made" / "layers.png") in out
    table = pd.read_csv(tmp_path / "made" / "scores.csv")
    assert len(table) == len(_demo_made.LAYERS) * 2 * _demo_made.N_SUBJECTS
    best = table.groupby(["region", "layer"])["score"].mean().unstack().idxmax(axis=1)
    assert _demo_made.LAYERS.index(best["early"]) < 4 <= _demo_made.LAYERS.index(best["late"])
    assert table.groupby("region")["ceiling_low"].first().between(0.3, 0.9).all()


def test_a_wrong_answer_fails(command, tmp_path, monkeypatch):
    """Regions that swap their places must not go through."""

    def swapped(into):
        names = [f"s{i}" for i in range(5)]
        layers = {"network": "net", "layer": ["first", "last"]}
        models = ic.RDMs([range(10), range(9, -1, -1)], names, layers)
        labels = {"region": ["early", "early", "late", "late"], "subject": [1, 2, 1, 2]}
        brain = ic.RDMs(models.values[[1, 1, 0, 0]], names, labels)
        return _demo.Case(into, models, brain, brain, "aabbb", "net", "early", "late", True)

    monkeypatch.setattr(_demo_made, "made", swapped)
    code, out, err = command("demo", "--into", tmp_path)
    assert code == 1
    assert "The known answer was not found in net: early is most like last" in err
    assert "is found" not in out


def test_in_alexnet_evc_comes_before_it(command, tmp_path, shared, monkeypatch):
    monkeypatch.setenv("ISOCORTEX_DATA", str(shared / "data"))
    monkeypatch.setenv("ISOCORTEX_WEIGHTS", str(shared / "weights"))
    alexnet = _demo_images92.NETWORKS["alexnet"]
    monkeypatch.setattr(_demo_images92, "NETWORKS", {"alexnet": alexnet})
    code, out, err = command("demo", "--data", "images92", "--into", tmp_path)
    assert code == 0, err
    assert "EVC is most like conv2_relu (layer 2 of 5), IT most like conv4_relu (layer 4)" in out
    assert left(tmp_path / "images92") == {*FILES, "alexnet.zarr"}
    table = pd.read_csv(tmp_path / "images92" / "scores.csv")
    ceilings = table.groupby("region")[["ceiling_low", "ceiling_high"]].first().round(2)
    assert ceilings.loc["IT"].tolist() == [0.45, 0.54]
    assert ceilings.loc["EVC"].tolist() == [0.24, 0.39]


def test_offline_without_the_data_is_told(command, tmp_path, monkeypatch):
    def absent():
        raise ic.NotFoundError("The data set 'images92' is not on this machine.")

    monkeypatch.setattr(ic.datasets, "images92", absent)
    code, _, err = command("demo", "--data", "images92", "--into", tmp_path)
    assert code == 1
    assert "is not on this machine" in err


def test_weights_that_cannot_be_had_are_told(monkeypatch, tmp_path):
    def offline(*_, **__):
        raise ic.NotFoundError("The weights of 'alexnet' could not be fetched.")

    monkeypatch.setattr(ic.datasets, "local_weights", offline)
    monkeypatch.setattr(ic, "load_network", offline)
    with pytest.raises(ic.NotFoundError, match=r"'alexnet_features' in .*ISOCORTEX_WEIGHTS names"):
        _demo_images92._networks()


@pytest.mark.parametrize("words", [("--data", "images29"), ("--into",)])
def test_bad_options_are_code_2(command, words):
    assert command("demo", *words)[0] == 2
