"""Listen to modules while a network runs, and leave no trace of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from isocortex.errors import InputError

SECOND_CALL = "#"
"""``relu#2`` is the second time in one pass that the module ``relu`` is called."""


class Enough(Exception):  # noqa: N818
    """Raised by a hook when the last layer that was asked for has been seen."""


def split_call(layer: str) -> tuple[str, int]:
    """The module's name and which of its calls is meant, counted from 0."""
    name, mark, number = layer.rpartition(SECOND_CALL)
    return (name, int(number) - 1) if mark and number.isdecimal() else (layer, 0)


def call_name(module: str, call: int) -> str:
    """The layer's name of a module's call, counted from 0."""
    return module if call == 0 else f"{module}{SECOND_CALL}{call + 1}"


def tensor_of(output: Any) -> Any:
    """The tensor in a module's output: itself, or the first of a tuple or mapping."""
    import torch

    if isinstance(output, torch.Tensor):
        return output
    if isinstance(output, Mapping):
        output = list(output.values())
    if isinstance(output, Sequence) and not isinstance(output, str):
        for each in output:
            tensor = tensor_of(each)
            if tensor is not None:
                return tensor
    return None


@contextmanager
def evaluating(module: Any) -> Iterator[None]:
    """Evaluation mode; each submodule's own mode comes back afterwards."""
    modes = [(each, each.training) for each in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for each, mode in modes:
            each.training = mode


@dataclass
class _Listener:
    wanted: set[str]
    take: Callable[[str, Any], None]
    calls: dict[str, int] = field(default_factory=dict)

    def hook(self, name: str) -> Callable[[Any, Any, Any], None]:
        def heard(_module: Any, _inputs: Any, output: Any) -> None:
            call = self.calls.get(name, 0)
            self.calls[name] = call + 1
            layer = call_name(name, call)
            if layer in self.wanted:
                self.take(layer, tensor_of(output))
                self.wanted.discard(layer)
                if not self.wanted:
                    raise Enough

        return heard


def listen(
    module: Any, batch: Any, layers: Sequence[str], take: Callable[[str, Any], None]
) -> None:
    """Run ``module`` on ``batch`` and hand the output of each layer to ``take``.

    ``take(layer, output)`` is called the moment a layer has run, before a later in-place
    operation can change its output: it must copy what it keeps. The pass ends with the last
    layer that is asked for. No hook is left, whatever happens.

    Raises
    ------
    InputError
        If a layer did not run in this pass.
    """
    import torch

    by_name = dict(module.named_modules())
    listener = _Listener(set(layers), take)
    hooks = []
    try:
        with evaluating(module), torch.inference_mode():
            names = {split_call(layer)[0] for layer in layers}
            hooks += [by_name[n].register_forward_hook(listener.hook(n)) for n in names]
            module(batch)
    except Enough:
        return
    finally:
        for hook in hooks:
            hook.remove()
    raise InputError(
        f"The layers {', '.join(sorted(listener.wanted))} did not run in this forward pass, "
        "though they ran when the network was traced; its path depends on its input."
    )
