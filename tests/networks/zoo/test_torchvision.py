import numpy as np
import pytest
import torch
from torch import nn

import isocortex as ic
from isocortex.networks.zoo.torchvision_shim import torchvision


def test_names_of_old_densenet_files(tmp_path):
    module = torchvision().models.densenet._DenseLayer(4, 2, 2, 0.0)
    block = nn.ModuleDict({"denselayer1": module})
    old = {
        key.replace("norm1", "norm.1").replace("norm2", "norm.2").replace("conv1", "conv.1"): value
        for key, value in block.state_dict().items()
    }
    torch.save(old, tmp_path / "old.pth")
    fresh = nn.ModuleDict({"denselayer1": torchvision().models.densenet._DenseLayer(4, 2, 2, 0.0)})
    assert ic.load_network(fresh, tmp_path / "old.pth").missing == ()


@pytest.mark.parametrize(
    ("name", "n_missing"),
    [
        ("alexnet_features", 6),
        ("squeezenet1_1", 0),
        ("tf_efficientnet_lite0", 0),
        ("cifar10_resnet20", 0),
    ],
)
def test_real_weights_load(shared, name, n_missing):
    network = ic.load_network(name.removesuffix("_features"), shared / "weights" / name)
    assert len(network.missing) == n_missing
    assert all(
        np.isfinite(v).all()
        for v in network.activations(
            np.zeros((1, *network.input_shape), np.float32), "all"
        ).values()
    )
