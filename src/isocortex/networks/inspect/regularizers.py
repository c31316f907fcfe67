"""What keeps an optimal stimulus from being mere noise.

A penalty has ``penalty(image)``, a number that is added to what is minimised; a transformation
has ``transform(image, generator)``, what the network sees instead of the image at each step.
``image`` has shape (1, channels, rows, columns) with values from 0 to 1.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional


@dataclass(frozen=True)
class L1:
    """Mean absolute distance of the pixels from grey."""

    weight: float = 1.0

    def penalty(self, image: torch.Tensor) -> torch.Tensor:
        """The weighted mean absolute distance from grey, a scalar."""
        return self.weight * (image - 0.5).abs().mean()


@dataclass(frozen=True)
class L2:
    """Mean squared distance of the pixels from grey."""

    weight: float = 1.0

    def penalty(self, image: torch.Tensor) -> torch.Tensor:
        """The weighted mean squared distance from grey, a scalar."""
        return self.weight * (image - 0.5).square().mean()


@dataclass(frozen=True)
class TotalVariation:
    """Mean absolute difference of neighbouring pixels.

    For images of networks it was proposed in [1]_.

    References
    ----------
    .. [1] Mahendran & Vedaldi (2015), Understanding deep image representations by inverting
       them, CVPR. https://doi.org/10.1109/CVPR.2015.7299155
    """

    weight: float = 1.0

    def penalty(self, image: torch.Tensor) -> torch.Tensor:
        """The weighted mean difference of neighbours, down and right, a scalar."""
        down = (image[..., 1:, :] - image[..., :-1, :]).abs().mean()
        right = (image[..., 1:] - image[..., :-1]).abs().mean()
        return self.weight * (down + right)


@dataclass(frozen=True)
class Jitter:
    """The image is moved at random by up to so many pixels, round its edges."""

    pixels: int = 8

    def transform(self, image: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """The image, moved; what leaves on one side comes in on the other."""
        span = (-self.pixels, self.pixels + 1)
        down, right = torch.randint(*span, (2,), generator=generator).tolist()
        return image.roll((down, right), (-2, -1))


@dataclass(frozen=True)
class Blur:
    """A Gaussian blur of this standard deviation, in pixels."""

    sigma: float = 1.0

    def transform(self, image: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """The image, blurred; beyond its edges the edge pixels are repeated."""
        del generator
        reach = max(1, round(3 * self.sigma))
        at = torch.arange(-reach, reach + 1, dtype=image.dtype, device=image.device)
        bell = torch.exp(-(at**2) / (2 * self.sigma**2))
        bell = (bell / bell.sum()).expand(image.shape[1], 1, -1)
        padded = functional.pad(image, (reach, reach, reach, reach), mode="replicate")
        across = functional.conv2d(padded, bell[:, :, None, :], groups=image.shape[1])
        return functional.conv2d(across, bell[:, :, :, None], groups=image.shape[1])
