"""Passes of a network over probes, and what each module gave in them."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from isocortex.networks.hooks import (
    call_name,
    evaluating,
    forward,
    is_scripted,
    tensor_of,
    unwrapped,
)
from isocortex.networks.tracing.placement import sample
from isocortex.networks.tracing.randomness import seeded


@dataclass(frozen=True)
class Output:
    """What one call of one module gave in one pass."""

    shape: tuple[int, ...]
    samples: Mapping[int, Any] = field(repr=False)
    """By axis that may count stimuli: some of the numbers, by their place along it."""
    largest: float
    """Size of the largest number among these."""
    dtype: Any


@dataclass(frozen=True)
class Pass:
    """One forward pass over a few stimuli."""

    n: int
    outputs: Mapping[str, Output | None]
    """By call; None where a module gave no floating-point tensor."""
    drew: bool
    """Whether random numbers were drawn."""
    whole: bool = True
    """False where the network failed on the way."""


Entering = Callable[[str, Any, Any], None]
Leaving = Callable[[str, Any, Any, Any], None]


def run_pass(
    module: Any,
    probe: Any,
    seed: int = 0,
    watcher: "Watcher | None" = None,
    *,
    partial: bool = False,
) -> Pass:
    """Run a network on a probe and sample what each of its modules gives.

    Parameters
    ----------
    module : torch.nn.Module
    probe : tensor, shape (n, …)
    seed : int
        Of random numbers that the pass may draw.
    watcher : Watcher, optional
        Is told of each call, and surrounds the pass.
    partial : bool, default=False
        Whether to be content with what was seen until the network failed, if it does.
    """
    import torch

    seen = _Calls(len(probe), watcher or Watcher())
    hooks, whole, drew = [], True, False
    try:
        # Not inference mode, which does not count the versions of tensors.
        with evaluating(module), torch.no_grad(), seeded(seed, probe.device) as drawn:
            for name, each in module.named_modules():
                if name and each is not unwrapped(module) and not is_scripted(each):
                    hooks.append(each.register_forward_pre_hook(seen.entering(name)))
                    hooks.append(each.register_forward_hook(seen.leaving(name)))
            with seen.watcher.around(probe):
                forward(module, probe)
        drew = drawn.any
    except Exception:  # A network raises what it likes.
        if not partial:
            raise
        whole = False
    finally:
        for hook in hooks:
            hook.remove()
    return Pass(len(probe), seen.outputs, drew, whole)


class Watcher:
    """Told of each call of each module in a pass; this one does nothing."""

    def around(self, probe: Any) -> AbstractContextManager:  # noqa: ARG002
        """What holds during the pass."""
        return nullcontext()

    def enter(self, name: str, module: Any, inputs: Sequence[Any]) -> None:
        """Note that a module is called, before it computes."""

    def leave(self, name: str, call: str, module: Any, output: Any) -> None:
        """It has given a tensor of floating-point numbers, or a tuple that holds one."""


class _Calls:
    """The hooks of one pass."""

    def __init__(self, n: int, watcher: Watcher):
        self.outputs: dict[str, Output | None] = {}
        self.watcher = watcher
        self._n = n
        self._counts: dict[str, int] = {}

    def entering(self, name: str) -> Any:
        def enter(module: Any, inputs: Any) -> None:
            self.watcher.enter(name, module, inputs)

        return enter

    def leaving(self, name: str) -> Any:
        def leave(module: Any, _inputs: Any, output: Any) -> None:
            count = self._counts.get(name, 0)
            self._counts[name] = count + 1
            call = call_name(name, count)
            tensor = tensor_of(output)
            self.watcher.leave(name, call, module, tensor)
            self.outputs[call] = None if tensor is None else self._sampled(tensor.detach())

        return leave

    def _sampled(self, tensor: Any) -> Output | None:
        if not tensor.is_floating_point():
            return None
        shape = tuple(tensor.shape)
        axes = [i for i, length in enumerate(shape) if length and length % self._n == 0]
        samples = {axis: sample(tensor, axis, self._n) for axis in axes}
        sizes = [each.abs().nan_to_num(0, 0, 0).max().item() for each in samples.values()]
        return Output(shape, samples, max(sizes, default=0.0), tensor.dtype)
