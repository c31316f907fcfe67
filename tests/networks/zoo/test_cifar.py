import numpy as np
import torch

from isocortex.networks.zoo.cifar import CIFAR_PREPROCESSING, CifarResNet, cifar10_resnet20


def test_resnet_20_has_the_published_number_of_parameters():
    # 0.27 million in He et al. (2016), table 6; shortcuts have none.
    n = sum(p.numel() for p in cifar10_resnet20().parameters())
    assert round(n / 1e6, 2) == 0.27
    assert not [n for n, _ in cifar10_resnet20().named_parameters() if "shortcut" in n]


def test_a_stage_begins_with_every_second_pixel_and_new_channels_of_zeros():
    net = CifarResNet(1).eval()
    x = torch.randn(2, 16, 8, 8, generator=torch.Generator().manual_seed(0))
    block = next(m for n, m in net.named_modules() if n.endswith("2.0") or n == "layer2.0")
    for module in block.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.zeros_(module.weight)  # so that the shortcut alone is left
    with torch.no_grad():
        found = block(x)
    assert found.shape == (2, 32, 4, 4)
    torch.testing.assert_close(found[:, 8:24], torch.relu(x[:, :, ::2, ::2]))
    assert (found[:, :8] == 0).all()
    assert (found[:, 24:] == 0).all()


def test_ten_classes_for_any_batch():
    net = cifar10_resnet20().eval()
    pixels = np.zeros((32, 32, 3), np.uint8)
    one = torch.from_numpy(np.asarray(CIFAR_PREPROCESSING(pixels), np.float32))[None]
    with torch.no_grad():
        assert net(one.expand(3, -1, -1, -1)).shape == (3, 10)
