"""The small residual networks for CIFAR-10, whose shortcuts have no weights."""

from typing import Any

from torch import nn
from torch.nn.functional import pad, relu

from isocortex.networks.inputs.preprocessing import Preprocessing

CIFAR_PREPROCESSING = Preprocessing(
    resize=(32, 32), mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)
)


def cifar10_resnet20() -> nn.Module:
    """ResNet-20 for images of 32 x 32 in ten classes.

    Three stages of three blocks with 16, 32 and 64 channels. Where a stage begins, the
    shortcut takes every second pixel and fills the new channels with zeros ("option A").

    References
    ----------
    .. [1] He et al. (2016), Deep residual learning for image recognition, CVPR, section 4.2.
       https://doi.org/10.1109/CVPR.2016.90
    """
    return CifarResNet(n_blocks=3)


class CifarResNet(nn.Module):
    """A residual network of three stages, for small images."""

    def __init__(self, n_blocks: int, n_classes: int = 10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = _stage(16, 16, n_blocks)
        self.layer2 = _stage(16, 32, n_blocks)
        self.layer3 = _stage(32, 64, n_blocks)
        self.linear = nn.Linear(64, n_classes)
        for each in self.modules():
            if isinstance(each, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(each.weight)

    def forward(self, x: Any) -> Any:
        """Logits of shape (n, n_classes) for images of shape (n, 3, 32, 32)."""
        x = relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))


class _Block(nn.Module):
    def __init__(self, n_in: int, n_out: int):
        super().__init__()
        stride = 1 if n_in == n_out else 2
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(n_out)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(n_out)
        self.shortcut = nn.Identity() if n_in == n_out else _Shortcut(n_out - n_in)

    def forward(self, x: Any) -> Any:
        y = self.bn2(self.conv2(relu(self.bn1(self.conv1(x)))))
        return relu(y + self.shortcut(x))


class _Shortcut(nn.Module):
    def __init__(self, n_new: int):
        super().__init__()
        self.n_new = n_new

    def forward(self, x: Any) -> Any:
        return pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.n_new // 2, self.n_new // 2))


def _stage(n_in: int, n_out: int, n_blocks: int) -> nn.Sequential:
    return nn.Sequential(_Block(n_in, n_out), *(_Block(n_out, n_out) for _ in range(n_blocks - 1)))
