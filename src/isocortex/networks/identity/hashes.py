"""Hashes under which activations are kept: of weights, of architecture, of functions."""

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

from isocortex.networks.identity.anatomy import named, settings_of
from isocortex.networks.identity.fingerprint import Fingerprint, bytes_of, digest
from isocortex.networks.inputs.preprocessing import Preprocessing

Settings = Mapping[tuple[str, str], str]


def weights_identity(module: Any) -> str:
    """A hash of the bytes of every parameter and buffer of a module."""
    whole = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        if not hasattr(tensor, "detach"):
            whole.update(f"{name}={_content(tensor)}".encode())
            continue
        whole.update(f"{name}:{tensor.dtype}:{tuple(tensor.shape)}".encode())
        whole.update(bytes_of(tensor))
    return whole.hexdigest()


def module_settings(module: Any) -> Settings:
    """All but the weights that decides what a module computes.

    Returns
    -------
    settings : dict from (owner, what) to text
        Owners are the module and its children, by name, and then their classes, functions
        and the objects that these refer to.
    """
    children = dict(module.named_modules())
    found = Fingerprint({id(each): f"module {name!r}" for name, each in children.items()})
    for name, each in children.items():
        found.add(name, "class", type(each))
        hooks = [*each._forward_hooks.values(), *each._forward_pre_hooks.values()]
        for slot, value in sorted({**settings_of(each), "hooks": hooks}.items()):
            found.add(name, slot, value)
    return found.slots


def architecture_identity(module: Any, changing: Collection[tuple[str, str]] = ()) -> str:
    """A hash of the modules, of their code and of their settings, without the weights.

    Parameters
    ----------
    module : torch.nn.Module
    changing : collection of (owner, what it has)
        Settings that a mere forward pass changes, such as a counter; they do not count.
    """
    settings = module_settings(module)
    return digest(f"{key}={text}" for key, text in settings.items() if key not in changing)


def function_identity(function: Any) -> str:
    """A text that changes when the code or the parameters of a function change.

    Defaults, closures, what decorators and partials hold, the attributes of objects, and the
    functions and values that it finds by global names count as well.
    """
    return repr(function) if isinstance(function, Preprocessing) else _content(function)


def _content(value: Any) -> str:
    found = Fingerprint()
    found.add("", named(type(value)), value)
    return digest(f"{key}={text}" for key, text in found.slots.items())
