"""Hashes under which activations are kept: of weights, of architecture, of functions."""

import hashlib
import inspect
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from types import CodeType
from typing import Any

from isocortex.networks.preprocessing import Preprocessing

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_SIMPLE = str | int | float | bool | tuple | list | None


def digest(parts: Iterable[str]) -> str:
    """One hash of several texts."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(f"{len(part)}:".encode() + part.encode())
    return whole.hexdigest()


def weights_identity(module: Any) -> str:
    """A hash of the bytes of every parameter and buffer of a module."""
    whole = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        if not hasattr(tensor, "detach"):
            whole.update(f"{name}={tensor!r}".encode())
            continue
        whole.update(f"{name}:{tensor.dtype}:{tuple(tensor.shape)}".encode())
        whole.update(_bytes_of(tensor))
    return whole.hexdigest()


def _bytes_of(tensor: Any) -> Any:
    import torch

    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return memoryview(flat.view(torch.uint8).numpy()) if flat.numel() else b""


Settings = Mapping[tuple[str, str], str]


def module_settings(module: Any) -> Settings:
    """Plain attributes of a module and its children, by the child's name and their own."""
    return {
        (name, key): text
        for name, each in module.named_modules()
        for key, text in _settings(each).items()
    }


def architecture_identity(module: Any, changing: Collection[tuple[str, str]] = ()) -> str:
    """A hash of the modules, of their code and of their settings, without the weights.

    Parameters
    ----------
    module : torch.nn.Module
    changing : collection of (name of a child, name of its attribute)
        Attributes that a mere forward pass changes, such as a counter; they do not count.
    """
    settings = module_settings(module)
    parts = [f"{key}={text}" for key, text in settings.items() if key not in changing]
    for name, each in module.named_modules():
        hooks = [*each._forward_hooks.values(), *each._forward_pre_hooks.values()]
        parts.append(f"{name} {_named(type(each))}")
        parts += [function_identity(hook) for hook in hooks]
    kinds = {type(each) for each in module.modules()}
    own = sorted((_named(kind), _class_code(kind)) for kind in kinds if not _is_torch(kind))
    return digest(parts + [text for pair in own for text in pair])


def function_identity(function: Any) -> str:
    """A text that changes when the code or the parameters of a function change."""
    if isinstance(function, Preprocessing):
        return repr(function)
    if isinstance(function, partial):
        inner = function_identity(function.func)
        return digest([inner, _readable(function.args), _readable(function.keywords)])
    if inspect.isroutine(function):
        return digest([_named(function), _code(function)])
    kind = type(function)
    own = f"{sorted(_settings(function).items())}{_readable(function)}"
    if hasattr(function, "state_dict"):
        own += weights_identity(function)
    return digest([_named(kind), _class_code(kind), own])


def _named(thing: Any) -> str:
    """A class or function by its name; where it was defined does not matter, its code does.

    The same class may come from a script in one run and from an import in the next.
    """
    name = getattr(thing, "__name__", type(thing).__name__)
    return f"torch.{name}" if _is_torch(thing) else str(name)


def _is_torch(thing: Any) -> bool:
    return str(getattr(thing, "__module__", "")).split(".")[0] == "torch"


def _settings(thing: Any) -> dict[str, str]:
    """Plain attributes, such as a stride or a scale; not the flag of training mode."""
    found = {
        key: _readable(value)
        for key, value in vars(thing).items()
        if isinstance(value, _SIMPLE) and key != "training"
    }
    if hasattr(thing, "extra_repr"):
        found["extra_repr()"] = thing.extra_repr()
    return found


def _class_code(kind: type) -> str:
    bodies = []
    for base in kind.__mro__:
        if base is object or _is_torch(base):
            continue
        functions = sorted((k, v) for k, v in vars(base).items() if hasattr(v, "__code__"))
        bodies += [name + _code(function) for name, function in functions]
    return digest(bodies)


def _code(function: Callable) -> str:
    code = getattr(function, "__code__", None)
    if code is None:
        return ""
    cells = [cell.cell_contents for cell in getattr(function, "__closure__", None) or ()]
    cells += list(getattr(function, "__defaults__", None) or ())
    return _compiled(code) + "".join(
        _named(each) + _code(each) if callable(each) else _readable(each) for each in cells
    )


def _compiled(code: CodeType) -> str:
    inner = "".join(_compiled(each) for each in code.co_consts if isinstance(each, CodeType))
    consts = [_readable(each) for each in code.co_consts if not isinstance(each, CodeType)]
    return f"{code.co_code.hex()}{consts}{code.co_names}{inner}"


def _readable(value: Any) -> str:
    """``repr`` without memory addresses, and with sets in a fixed order."""
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(map(_readable, value)))}}}"
    return _ADDRESS.sub("", repr(value))
