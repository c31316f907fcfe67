import numpy as np
import pytest

import isocortex as ic
from isocortex.networks.zoo.torchvision_shim import torchvision


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("deit_tiny_patch16_224", 64),
        ("coatnet_pico_rw_224", 96),
        ("crossvit_tiny_240", 96),
        ("mixer_s32_224", 96),
        ("resnet10t", None),
    ],
)
def test_a_module_of_timm_takes_pictures_of_the_size_it_was_built_for(name, size):
    torchvision()
    timm = pytest.importorskip("timm")
    asked = {} if size is None else {"img_size": size}
    network = ic.load_network(timm.create_model(name, pretrained=False, **asked).eval())
    pixels = np.random.default_rng(0).integers(0, 256, (70, 60, 3), dtype=np.uint8)
    assert network.preprocessing(pixels).shape[1:] == 2 * (size or 176,)
    if name.startswith("deit"):
        store = ic.extract(network, ic.Stimuli.from_arrays([pixels]), "norm")
        assert store["norm"].numpy().shape == (1, 17 * 192)


def test_networks_of_timm_bring_their_preprocessing_and_layers():
    network = ic.load_network("tf_efficientnet_lite0", None)
    assert network.preprocessing == ic.Preprocessing(
        256, (224, 224), (0.5,) * 3, (0.5,) * 3, "bicubic"
    )
    assert "blocks.1.0" in network.select("main")
