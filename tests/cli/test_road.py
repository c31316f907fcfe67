"""From a folder of images to RDMs: extract, then rdm, on the command line."""

import numpy as np
import pytest
from PIL import Image
from scipy.spatial.distance import pdist

import isocortex as ic


@pytest.fixture
def images(rng, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for i in range(5):
        pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"img{i}.png")
    return folder


def test_from_images_to_rdms(command, images, tmp_path):
    store = tmp_path / "net.zarr"
    wanted = ("extract", "cifar10_resnet20", images, "--weights", "none", "--into", store)
    code, out, _ = command(*wanted, "--layers", "conv1", "layer3.2")
    assert code == 0
    assert "2 layers of cifar10_resnet20, 5 stimuli: conv1, layer3.2" in out

    into, figure = tmp_path / "rdms.npz", tmp_path / "rdms.png"
    code, out, _ = command("rdm", store, "--into", into, "--figure", figure)
    assert code == 0
    assert "2 RDMs (correlation) over 5 stimuli" in out
    assert figure.exists()

    rdms = ic.read_rdms(into)
    values = ic.Store(store)["layer3.2"].numpy().astype(np.float64)
    expected = pdist(values, "correlation")
    np.testing.assert_allclose(rdms.select(layer="layer3.2").values[0], expected, rtol=1e-6)

    code, out, _ = command("info", store)
    assert code == 0
    assert "layer3.2" in out
    assert "random, seed 0" in out


def test_options_reach_the_verb(command, images, tmp_path):
    store = tmp_path / "net.zarr"
    options = ["--pooling", "mean", "--dtype", "float16", "--batch-size", "2"]
    wanted = ["extract", "cifar10_resnet20", images, "--weights", "none", "--into", store]
    code, _, err = command(*wanted, "--layers", "layer*.0", *options)
    assert (code, err.strip()) == (0, "")
    opened = ic.Store(store)
    assert list(opened) == ["layer1.0", "layer2.0", "layer3.0"]
    assert opened["layer3.0"].values.shape == (5, 64)
    assert opened["layer3.0"].values.dtype == np.float16


def test_grams_alone_are_enough_for_rdms(command, images, tmp_path):
    wanted = ["extract", "cifar10_resnet20", images, "--weights", "none", "--layers", "conv1"]
    command(*wanted, "--into", tmp_path / "all.zarr")
    command(*wanted, "--into", tmp_path / "grams.zarr", "--keep", "grams")
    for name in ("all", "grams"):
        command("rdm", tmp_path / f"{name}.zarr", "--into", tmp_path / f"{name}.npz")
    first, second = (ic.read_rdms(tmp_path / f"{name}.npz") for name in ("all", "grams"))
    np.testing.assert_allclose(first.values, second.values, rtol=1e-6)
    code, out, _ = command("info", tmp_path / "grams.zarr")
    assert code == 0
    assert "Gram matrix only" in out


def test_images_may_be_listed_in_a_csv_file(command, images, tmp_path):
    (tmp_path / "list.csv").write_text("file\nimages/img3.png\nimages/img1.png\n")
    wanted = ["extract", "cifar10_resnet20", tmp_path / "list.csv", "--weights", "none"]
    code, _, _ = command(*wanted, "--layers", "conv1", "--into", tmp_path / "net.zarr")
    assert code == 0
    assert ic.Store(tmp_path / "net.zarr").stimuli == ("img3", "img1")


def test_an_unknown_layer_is_answered_with_the_nearest(command, images, tmp_path):
    wanted = ["extract", "cifar10_resnet20", images, "--weights", "none"]
    code, _, err = command(*wanted, "--layers", "layer3.9", "--into", tmp_path / "net.zarr")
    assert code == 2
    assert "Did you mean 'layer3." in err
    assert not (tmp_path / "net.zarr").exists()


def test_another_extraction_is_not_overwritten_unasked(command, images, tmp_path):
    wanted = ["extract", "cifar10_resnet20", images, "--weights", "none", "--layers", "conv1"]
    wanted += ["--into", tmp_path / "net.zarr"]
    command(*wanted)
    code, _, err = command(*wanted, "--dtype", "float16")
    assert code == 2
    assert "overwrite" in err
    assert command(*wanted, "--dtype", "float16", "--overwrite")[0] == 0


def test_info_tells_layers_and_cost(command):
    code, out, _ = command("info", "cifar10_resnet20", "--stimuli", "500")
    assert code == 0
    assert "16 x 32 x 32" in out
    gigabytes = ic.describe("cifar10_resnet20", 500).gigabytes
    assert f"50 layers for 500 stimuli: {gigabytes:.3f} GB on disk" in " ".join(out.split())


def test_info_answers_a_misspelt_network(command):
    code, _, err = command("info", "alexnt")
    assert code == 2
    assert "Did you mean 'alexnet'?" in err
