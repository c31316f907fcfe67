"""Listen to modules while a network runs, and leave no trace of it."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from isocortex.errors import InputError, IsocortexError
from isocortex.memory import is_lack

SECOND_CALL = "#"
"""``relu#2`` is the second time in one pass that the module ``relu`` is called."""


class Enough(Exception):  # noqa: N818
    """Raised by a hook when the last layer that was asked for has been seen."""


_LONGEST = 300


def in_one_line(error: BaseException) -> str:
    """What a network has raised."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[-1] if lines and lines[0].startswith("The following operation failed") else ""
    text = text or " ".join(lines)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"{type(error).__name__}: {text}".rstrip(".: ")


def split_call(layer: str) -> tuple[str, int]:
    """The module's name and which of its calls is meant, counted from 0."""
    name, mark, number = layer.rpartition(SECOND_CALL)
    return (name, int(number) - 1) if mark and number.isdecimal() else (layer, 0)


def call_name(module: str, call: int) -> str:
    """The layer's name of a module's call, counted from 0."""
    return module if call == 0 else f"{module}{SECOND_CALL}{call + 1}"


def tensor_of(output: Any) -> Any:
    """The tensor in a module's output: itself, or the first of a tuple, mapping or dataclass.

    Of several the first with floating-point numbers, if there is one. Quantized numbers are
    given as the floating-point numbers that they stand for. Sparse and nested tensors have no
    rows that can be distinguished, and count as none.
    """
    import torch

    tensors = list(_tensors(output))
    tensor = next((each for each in tensors if each.is_floating_point()), None)
    tensor = next(iter(tensors), None) if tensor is None else tensor
    if tensor is not None and tensor.is_quantized:
        return tensor.dequantize()
    if isinstance(tensor, torch.Tensor) and type(tensor) is not torch.Tensor:
        return tensor.as_subclass(torch.Tensor)  # Which may have an arithmetic of its own.
    return tensor


def _tensors(output: Any) -> Iterator[Any]:
    import torch

    if isinstance(output, torch.Tensor):
        if output.layout == torch.strided and not output.is_nested:
            yield output
    elif isinstance(output, Mapping):
        for each in output.values():
            yield from _tensors(each)
    elif isinstance(output, Sequence) and not isinstance(output, str):
        for each in output:
            yield from _tensors(each)
    elif is_dataclass(output) and not isinstance(output, type):
        for each in fields(output):
            yield from _tensors(getattr(output, each.name))


def is_scripted(module: Any) -> bool:
    """Whether TorchScript runs a module, so that it takes no hooks."""
    import torch

    return isinstance(module, torch.jit.ScriptModule)


def unwrapped(module: Any) -> Any:
    """The network inside ``DataParallel`` and what ``torch.compile`` gives."""
    from torch import nn

    parallel = (nn.DataParallel, nn.parallel.DistributedDataParallel)
    while True:
        if isinstance(module, parallel):
            module = module.module
        elif "_orig_mod" in getattr(module, "_modules", {}):
            module = module._orig_mod
        else:
            return module


def forward(module: Any, batch: Any) -> Any:
    """A pass in which Python calls every module, so that hooks see all of them.

    What is compiled computes the same as what it was compiled from. A batch of text is a
    mapping, from the names of arguments to tensors.
    """
    import torch

    inner = unwrapped(module)
    if isinstance(batch, Mapping):
        return inner(**batch)
    if "torch._dynamo" not in sys.modules or not hasattr(torch.compiler, "set_stance"):
        return inner(batch)
    with torch.compiler.set_stance("force_eager"):
        return inner(batch)


def _length(batch: Any) -> int:
    return len(next(iter(batch.values())) if isinstance(batch, Mapping) else batch)


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
    not_theirs: Exception | None = None
    """What ``take`` raised, which is no error of the network."""

    def hook(self, name: str) -> Callable[[Any, Any, Any], None]:
        def take_output(_module: Any, _inputs: Any, output: Any) -> None:
            call = self.calls.get(name, 0)
            self.calls[name] = call + 1
            layer = call_name(name, call)
            if layer in self.wanted:
                try:
                    self.take(layer, tensor_of(output))
                except Exception as error:
                    self.not_theirs = error
                    raise
                self.wanted.discard(layer)
                if not self.wanted:
                    raise Enough

        return take_output


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
        If a layer did not run in this pass, or the network failed, with its own reason.
    """
    import torch

    by_name = dict(module.named_modules())
    listener = _Listener(set(layers), take)
    hooks = []
    try:
        with evaluating(module), torch.inference_mode():
            names = {split_call(layer)[0] for layer in layers}
            hooks += [by_name[n].register_forward_hook(listener.hook(n)) for n in names]
            forward(module, batch)
    except Enough:
        return
    except Exception as error:
        if error is listener.not_theirs or isinstance(error, IsocortexError) or is_lack(error):
            raise
        raise InputError(
            f"The network cannot take these {_length(batch)} stimuli, though it could take others: "
            f"{in_one_line(error)}. Where the number is the matter, use a smaller batch_size=."
        ) from error
    finally:
        for hook in hooks:
            hook.remove()
    raise InputError(
        f"The layers {', '.join(sorted(listener.wanted))} did not run in this forward pass, "
        "though they ran when the network was traced; its path depends on its input."
    )
