import numpy as np
import pandas as pd
import pytest
from PIL import Image

import isocortex as ic


@pytest.fixture
def images(tmp_path):
    """A folder of gratings, and a list of them with their tilt."""
    folder = tmp_path / "images"
    folder.mkdir()
    stimuli = ic.gratings(np.linspace(-80, 80, 16))
    rows = []
    for i, (name, pixels) in enumerate(zip(stimuli.names, stimuli.sources, strict=True)):
        Image.fromarray((255 * pixels).astype(np.uint8)).save(folder / f"{i}.png")
        angle = float(name.split("=")[1])
        rows.append({"file": f"images/{i}.png", "tilt": "right" if angle > 0 else "left"})
    pd.DataFrame(rows).to_csv(folder.with_suffix(".csv"), index=False)
    return folder


def test_train_writes_weights_that_load(command, images, tmp_path):
    arguments = ["train", "orientation_cnn", images.with_suffix(".csv"), "--labels", "tilt"]
    arguments += ["--task", "binary", "--into", tmp_path / "w.safetensors", "--seed", 3]
    arguments += ["--checkpoint", tmp_path / "c.pt", "--figure", tmp_path / "loss.png"]
    code, out, _ = command(*arguments, "--epochs", 2)
    assert code == 0
    assert "2 epochs: last loss" in out
    code, out, _ = command(*arguments, "--epochs", 3)
    assert "3 epochs, 2 of them from the checkpoint" in out
    network = ic.load_network("orientation_cnn", weights=tmp_path / "w.safetensors")
    twin = ic.load_network("orientation_cnn", weights=None)
    stimuli = ic.Stimuli.from_csv(images.with_suffix(".csv"))
    ic.train(twin, stimuli, "tilt", epochs=3, seed=3)
    for name, value in network.module.state_dict().items():
        np.testing.assert_array_equal(value, twin.module.state_dict()[name])
    assert (tmp_path / "loss.png").stat().st_size > 1000


def test_rf_tells_sizes(command, tmp_path):
    code, out, _ = command("rf", "orientation_cnn", "conv", "pool", "--figure", tmp_path / "f.png")
    assert code == 0
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line.strip()}
    assert rows["conv"][:4] == ["7", "7", "1", "1"]
    assert rows["pool"][:4] == ["14", "14", "8", "8"]
    assert (tmp_path / "f.png").is_file()


def test_topstim_lists_the_best(command, images, tmp_path):
    stimuli = ic.Stimuli.from_folder(images)
    network = ic.load_network("orientation_cnn")
    store = ic.extract(network, stimuli, layers=["fc"], into=tmp_path / "s.zarr")
    options = ["--images", images, "--figure", tmp_path / "t.png", "--into", tmp_path / "t.csv"]
    code, _, _ = command("topstim", tmp_path / "s.zarr", "fc", "4", "--n", 3, *options)
    assert code == 0
    table = pd.read_csv(tmp_path / "t.csv", dtype={"stimulus": str})
    expected = np.argsort(-store["fc"].numpy()[:, 4])[:3]
    assert list(table["stimulus"]) == [stimuli.names[i] for i in expected]
    code, _, err = command("topstim", tmp_path / "s.zarr", "fc", "x")
    assert code == 2
    assert "'x' is no unit" in err
    code, _, err = command("topstim", tmp_path / "s.zarr", "fc", "1", "--figure", "a.png")
    assert code == 2
    assert "needs both" in err


def test_saliency_and_optimize_make_pictures(command, images, tmp_path):
    code, out, _ = command(
        "saliency", "orientation_cnn", images / "3.png", "conv", "2", "--weights", "none",
        "--method", "gradient", "guided", "--figure", tmp_path / "s.png",
    )  # fmt: skip
    assert code == 0
    assert "conv 2 of orientation_cnn for 3.png" in out
    assert (tmp_path / "s.png").is_file()
    code, out, _ = command(
        "optimize", "orientation_cnn", "conv", "2,20,20", "--weights", "none", "--steps", 5,
        "--into", tmp_path / "o.png",
    )  # fmt: skip
    assert code == 0
    with Image.open(tmp_path / "o.png") as made:
        assert made.size == (64, 48)


def test_ablate_writes_weights(command, tmp_path):
    into = tmp_path / "less.safetensors"
    code, out, _ = command("ablate", "orientation_cnn", "conv", "0", "5", "--into", into)
    assert code == 0
    assert "orientation_cnn without 2 of conv" in out
    weights = ic.load_network("orientation_cnn", weights=into).module.conv.weight
    assert (weights[[0, 5]] == 0).all()
    assert (weights[1] != 0).any()
    code, _, err = command("ablate", "orientation_cnn", "pool", "0", "--into", into)
    assert code == 2
    assert "has no weights" in err
    code, _, err = command("ablate", "orientation_cnn", "conv", "0", "--into", tmp_path / "w.pt")
    assert code == 2
    assert ".safetensors" in err
