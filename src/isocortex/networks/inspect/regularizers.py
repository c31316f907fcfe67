"""What keeps an optimal stimulus from being mere noise.

A penalty has ``penalty(image)``, a number that is added to what is minimized; a transformation
has ``transform(image, generator)``, what the network sees instead of the image at each step.
``image`` has shape (1, channels, rows, columns) with values from 0 to 1.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional


@dataclass(frozen=True)
class L1:
    """Mean absolute distance of the pixels from grey.

    Parameters
    ----------
    weight : float, default=1
        What the distance is multiplied by.

    See Also
    --------
    L2, TotalVariation : Other penalties.
    isocortex.optimal_stimulus : Takes them as ``regularizers=``.

    Examples
    --------
    >>> import torch
    >>> import isocortex as ic
    >>> float(ic.regularizers.L1(weight=2.0).penalty(torch.ones(1, 3, 8, 8)))
    1.0
    """

    weight: float = 1.0

    def penalty(self, image: torch.Tensor) -> torch.Tensor:
        """The weighted mean absolute distance from grey, a scalar."""
        return self.weight * (image - 0.5).abs().mean()


@dataclass(frozen=True)
class L2:
    """Mean squared distance of the pixels from grey.

    Parameters
    ----------
    weight : float, default=1
        What the distance is multiplied by.

    See Also
    --------
    L1, TotalVariation : Other penalties.
    isocortex.optimal_stimulus : Takes them as ``regularizers=``.

    Examples
    --------
    >>> import torch
    >>> import isocortex as ic
    >>> float(ic.regularizers.L2(weight=2.0).penalty(torch.ones(1, 3, 8, 8)))
    0.5
    """

    weight: float = 1.0

    def penalty(self, image: torch.Tensor) -> torch.Tensor:
        """The weighted mean squared distance from grey, a scalar."""
        return self.weight * (image - 0.5).square().mean()


@dataclass(frozen=True)
class TotalVariation:
    """Mean absolute difference of neighbouring pixels.

    For images of networks it was proposed in [1]_.

    Parameters
    ----------
    weight : float, default=1
        What the difference is multiplied by.

    See Also
    --------
    L1, L2 : Other penalties.
    Blur, Jitter : Change what the network sees.
    isocortex.optimal_stimulus : Takes them as ``regularizers=``.

    References
    ----------
    .. [1] Mahendran & Vedaldi (2015), Understanding deep image representations by inverting
       them, CVPR. https://doi.org/10.1109/CVPR.2015.7299155

    Examples
    --------
    >>> import torch
    >>> import isocortex as ic
    >>> float(ic.regularizers.TotalVariation().penalty(torch.ones(1, 3, 8, 8)))  # a plain image
    0.0
    """

    weight: float = 1.0

    def penalty(self, image: torch.Tensor) -> torch.Tensor:
        """The weighted mean difference of neighbours, down and right, a scalar."""
        down = (image[..., 1:, :] - image[..., :-1, :]).abs().mean()
        right = (image[..., 1:] - image[..., :-1]).abs().mean()
        return self.weight * (down + right)


@dataclass(frozen=True)
class Jitter:
    """The image is moved at random by up to so many pixels, round its edges.

    Parameters
    ----------
    pixels : int, default=8
        The farthest move in each direction.

    See Also
    --------
    Blur : Another change of what the network sees.
    TotalVariation : A penalty.
    isocortex.optimal_stimulus : Takes them as ``regularizers=``.

    Examples
    --------
    >>> import torch
    >>> import isocortex as ic
    >>> image = torch.zeros(1, 3, 8, 8)
    >>> image[..., 4, 4] = 1.0
    >>> moved = ic.regularizers.Jitter(2).transform(image, torch.Generator().manual_seed(0))
    >>> float(moved.sum())
    3.0
    """

    pixels: int = 8

    def transform(self, image: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """The image, moved; what leaves on one side comes in on the other."""
        span = (-self.pixels, self.pixels + 1)
        down, right = torch.randint(*span, (2,), generator=generator).tolist()
        return image.roll((down, right), (-2, -1))


@dataclass(frozen=True)
class Blur:
    """A Gaussian blur of this standard deviation, in pixels.

    Parameters
    ----------
    sigma : float, default=1
        Standard deviation, in pixels.

    See Also
    --------
    Jitter : Another change of what the network sees.
    TotalVariation : A penalty.
    isocortex.optimal_stimulus : Takes them as ``regularizers=``.

    Examples
    --------
    >>> import torch
    >>> import isocortex as ic
    >>> image = torch.zeros(1, 3, 9, 9)
    >>> image[..., 4, 4] = 1.0
    >>> blurred = ic.regularizers.Blur(1.0).transform(image, torch.Generator())
    >>> round(float(blurred[0, 0, 4, 4]), 2)
    0.16
    """

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
