"""One forward pass that finds the layers: their order, shapes, and what they depend on."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from isocortex.errors import InputError
from isocortex.networks.hooks import call_name, evaluating, tensor_of
from isocortex.networks.identity import module_settings

N_PROBES = 2  # Two stimuli, so that the axis of stimuli can be told from the others.


@dataclass(frozen=True)
class Layer:
    """One call of one module, as found by a traced pass."""

    name: str
    module: str
    """The class of the module, such as ``Conv2d``."""
    shape: tuple[int, ...]
    """Of the output for one stimulus, such as (64, 55, 55)."""
    axes: tuple[str, ...]
    """What each axis of ``shape`` is: channel, row and col; token and unit; unit."""
    stimulus_axis: int
    """Where the stimuli stand in the output of a batch; -1 if they are folded into axis 0."""
    has_weights: bool
    """Whether the module has parameters of its own or in its children."""
    listed: bool
    """False for what computes nothing: containers that hand on a child's output, dropout."""
    parent: str | None
    """The nearest enclosing module that computes something after its children."""

    @property
    def n_units(self) -> int:
        """How many numbers it gives for each stimulus."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Trace:
    """All layers of a network in the order of execution, for one shape of input."""

    layers: tuple[Layer, ...]
    undefined: tuple[str, ...]
    """Those that depend on missing weights."""
    input_shape: tuple[int, ...]
    changing: frozenset[tuple[str, str]]
    """Plain attributes of modules that a mere pass changes, such as counters."""


def trace(module: Any, input_shape: Sequence[int]) -> Trace:
    """Run a network once on two random stimuli and note what each module gives.

    Parameters
    ----------
    module : torch.nn.Module
        Weights that are missing are NaN in it, so that whatever depends on them is NaN too.
    input_shape : sequence of int
        Of one stimulus: (channels, height, width).
    """
    import torch

    generator = torch.Generator().manual_seed(0)
    probe = torch.randn((N_PROBES, *input_shape), generator=generator)
    some = next(iter(module.parameters()), None)
    if some is not None:
        probe = probe.to(some.device, some.dtype if some.is_floating_point() else None)
    seen = _Seen()
    hooks = []
    before = module_settings(module)
    try:
        # Not inference mode, which does not count the versions of tensors.
        with evaluating(module), torch.no_grad():
            for name, each in module.named_modules():
                if name:
                    hooks.append(each.register_forward_pre_hook(seen.entering(name)))
                    hooks.append(each.register_forward_hook(seen.leaving(name)))
            module(probe)
    except (RuntimeError, ValueError, IndexError) as error:
        raise InputError(
            f"The network cannot take stimuli of shape {tuple(input_shape)} ({error}). Give "
            "load_network preprocessing= that resizes them to what it takes, such as "
            "'imagenet' or Preprocessing(resize=(224, 224))."
        ) from error
    finally:
        for hook in hooks:
            hook.remove()
    after = module_settings(module)
    return Trace(
        layers=seen.with_all_blocks(),
        undefined=tuple(seen.undefined),
        input_shape=tuple(input_shape),
        changing=frozenset(key for key, text in after.items() if before.get(key) != text),
    )


_NOTHING_IN_EVALUATION = (
    "Identity",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "AlphaDropout",
    "DropPath",
    "StochasticDepth",
)


class _Seen:
    """What the hooks of one pass have noted."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.undefined: list[str] = []
        self._calls: dict[str, int] = {}
        self._last_output: dict[str, tuple[Any, int, bool]] = {}
        self._open: list[str] = []
        self._composite: set[str] = set()

    def entering(self, name: str) -> Any:
        def enter(_module: Any, _inputs: Any) -> None:
            self._open.append(name)
            self._last_output.pop(name, None)

        return enter

    def leaving(self, name: str) -> Any:
        from torch import nn

        def leave(module: Any, _inputs: Any, output: Any) -> None:
            self._open.remove(name)
            call = self._calls.get(name, 0)
            self._calls[name] = call + 1
            tensor = tensor_of(output)
            if tensor is None:
                return
            # A child's tensor is handed on as it is unless an in-place operation came after.
            # A block that ends in its activation is still a block, unless it is a plain chain.
            given, version, weighted = self._last_output.get(name, (None, -1, False))
            handed_on = given is tensor and version == tensor._version
            if not weighted and not isinstance(module, nn.Sequential):
                handed_on &= not _has_weights(module)
            if self._open and type(module).__name__ not in _NOTHING_IN_EVALUATION:
                output_of_child = (tensor, tensor._version, _has_weights(module))
                self._last_output[self._open[-1]] = output_of_child
            self._note(call_name(name, call), module, tensor, handed_on)

        return leave

    def with_all_blocks(self) -> tuple[Layer, ...]:
        """Blocks without a shortcut count like their siblings with one.

        ``blocks.1.0`` may hand on the output of its last norm where ``blocks.1.1`` adds its
        input; both are blocks, which the numbers in their names show.
        """
        blocks = {
            _numbers_apart(layer.name)
            for layer in self.layers
            if layer.listed and layer.name in self._composite
        }
        return tuple(
            replace(layer, listed=True)
            if layer.name in self._composite and _numbers_apart(layer.name) in blocks
            else layer
            for layer in self.layers
        )

    def _note(self, name: str, module: Any, tensor: Any, handed_on: bool) -> None:
        found = _stimulus_axis(tuple(tensor.shape))
        if found is None or not tensor.is_floating_point():
            return
        axis, shape = found
        kind = type(module).__name__
        if next(module.children(), None) is not None:
            self._composite.add(name)
        if bool(tensor.isnan().any()):
            self.undefined.append(name)
        self.layers.append(
            Layer(
                name=name,
                module=kind,
                shape=shape,
                axes=axes_of(shape),
                stimulus_axis=axis,
                has_weights=_has_weights(module),
                listed=not handed_on and kind not in _NOTHING_IN_EVALUATION,
                parent=self._open[-1] if self._open else None,
            )
        )


def _has_weights(module: Any) -> bool:
    return next(module.parameters(), None) is not None


def _numbers_apart(name: str) -> str:
    return re.sub(r"\d+", "N", name)


def _stimulus_axis(shape: tuple[int, ...]) -> tuple[int, tuple[int, ...]] | None:
    """Which axis counts stimuli, and the shape for one stimulus."""
    if not shape:
        return None
    if shape[0] == N_PROBES:
        return 0, shape[1:] or (1,)
    if N_PROBES in shape[1:2]:
        return 1, (shape[0], *shape[2:])
    if len(shape) > 1 and shape[0] % N_PROBES == 0 and shape[0]:
        return -1, (shape[0] // N_PROBES, *shape[1:])
    return None


FEWEST_LAST = 32
"""A last axis this long can be channels; six channels of a 6 x 8 map must not be taken for rows."""


def axes_of(shape: tuple[int, ...]) -> tuple[str, ...]:
    """Names of the axes of one stimulus' output.

    Three axes are a map: (channel, row, col), or (row, col, channel) where the first two are
    equal and the last is larger, as in Swin transformers.
    """
    if len(shape) == 3:
        height, width, depth = shape
        last = height == width != depth and depth > FEWEST_LAST
        return ("row", "col", "channel") if last else ("channel", "row", "col")
    known = {
        1: ("unit",),
        2: ("token", "unit"),
        4: ("channel", "frame", "row", "col"),
    }
    return known.get(len(shape), tuple(f"axis {i}" for i in range(len(shape))))


def guessed_input(module: Any) -> tuple[int, ...]:
    """A shape of one stimulus that ``module`` takes, found by trying the usual ones.

    Raises
    ------
    InputError
        If none of them fits.
    """
    import torch

    candidates = _candidates(module)
    for shape in candidates:
        try:
            with evaluating(module), torch.no_grad():
                module(torch.zeros((N_PROBES, *shape)))
        except (RuntimeError, ValueError, TypeError, IndexError, AssertionError):
            continue
        return shape
    raise InputError(
        "The shape of this module's input could not be found: it takes none of "
        f"{', '.join(map(str, candidates))}. Say it through preprocessing=, such as "
        "Preprocessing(resize=(64, 64)), or look at the layers after an extraction."
    )


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
