"""Which inputs a network takes, where nothing says so."""

import math
from typing import Any

from isocortex.errors import InputError
from isocortex.networks.hooks import evaluating, forward
from isocortex.networks.tracing.network_errors import refusal, refuse_not_runnable

_N = 2


def probes(module: Any, shape: tuple[int, ...], n: int) -> Any:
    """``n`` random stimuli, of the type and on the device of a module's weights."""
    import torch

    probe = torch.randn((n, *shape), generator=torch.Generator().manual_seed(0))
    some = next((each for each in module.parameters() if each.is_floating_point()), None)
    return probe if some is None else probe.to(some.device, some.dtype)


def guessed_input(module: Any) -> tuple[int, ...]:
    """A shape of one stimulus that ``module`` takes, found by trying the usual ones.

    Raises
    ------
    InputError
        If none of them fits.
    """
    import torch

    refuse_not_runnable(module)
    candidates = _candidates(module)
    failed: Exception | None = None
    for shape in candidates:
        try:
            with evaluating(module), torch.no_grad():
                forward(module, torch.zeros_like(probes(module, shape, _N)))
        except Exception as error:
            # Networks raise what they like for a shape that is not theirs.
            failed = failed or error
            continue
        return shape
    raise InputError(
        "The shape of this module's input could not be found: it takes none of "
        f"{', '.join(map(str, candidates))}. Say it through preprocessing=, such as "
        "Preprocessing(resize=(64, 64)). For the first of them: "
        f"{_why(module, candidates[0], failed)}"
    ) from failed


def _why(module: Any, shape: tuple[int, ...], error: Exception | None) -> str:
    return str(refusal(module, shape, error)) if error is not None else ""


def _candidates(module: Any) -> list[tuple[int, ...]]:
    from torch import nn

    for each in module.modules():
        if isinstance(each, nn.Conv2d):
            sizes = (224, 299, 384, 32, 28, 64, 96, 128, 256, 112, 48, 16)
            return [(each.in_channels, size, size) for size in sizes]
        if isinstance(each, nn.Conv3d):
            return [(each.in_channels, 16, size, size) for size in (112, 224)]
        if isinstance(each, nn.Linear):
            side = math.isqrt(each.in_features)
            third = math.isqrt(each.in_features // 3)
            return [(each.in_features,), (1, side, side), (3, third, third)]
    return [(3, 224, 224), (1, 28, 28), (3, 32, 32)]
