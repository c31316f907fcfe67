import numpy as np
import pytest

import isocortex as ic
from isocortex.memory import available_bytes, gigabytes
from isocortex.networks.describe import Description


@pytest.fixture(scope="module")
def found():
    return ic.describe("alexnet", n_stimuli=1000, layers="conv*")


def test_shapes_sizes_and_costs(found):
    assert isinstance(found, Description)
    table = found.layers.set_index("layer")
    assert table.loc["conv1", "output"] == "64 x 55 x 55"
    assert table.loc["conv1", "n_units"] == 64 * 55 * 55
    assert table.loc["conv1", "alias"] == "features.0"
    assert table.loc["conv1", "module"] == "Conv2d"
    np.testing.assert_allclose(found.gigabytes, table["n_units"].sum() * 4 * 1000 / 1e9)
    assert 1000 / 64 <= found.passes <= 1000
    assert found.seconds > 0
    assert found.weights == "random, seed 0"


def test_in_words(found):
    text = str(found)
    assert "alexnet: 13 layers" in text
    assert "conv5_maxpool" in text
    assert "1000 stimuli: 4.23 GB" in text


def test_what_makes_it_cheaper():
    options = {"n_stimuli": 100, "layers": "main"}
    whole = ic.describe("cifar10_resnet20", **options)
    half = ic.describe("cifar10_resnet20", **options, dtype="float16")
    pooled = ic.describe("cifar10_resnet20", **options, pooling="mean")
    assert half.gigabytes == whole.gigabytes / 2
    assert pooled.gigabytes < whole.gigabytes / 50
    assert pooled.layers["output"][0] == "16"


def test_unknown_layers():
    with pytest.raises(ic.InputError, match="'conv9' is not a layer of cifar10_resnet20"):
        ic.describe("cifar10_resnet20", layers=["conv9"])


def test_sizes_in_words():
    assert [gigabytes(x) for x in (1.9e9, 12e6, 5e3, 3e12)] == ["1.9 GB", "12 MB", "5 kB", "3 TB"]
    assert available_bytes() > 10**6
