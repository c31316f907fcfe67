"""Where a network computes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from isocortex.choice import first_line
from isocortex.errors import InputError


def device_of(device: str, home: Any = "cpu") -> Any:
    """A torch device; ``"auto"`` is a GPU where there is one, else ``home``.

    Raises
    ------
    InputError
        If torch does not have it.
    """
    import torch

    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else home)
    try:
        found = torch.device(device)
        torch.empty(1, device=found)
    except (RuntimeError, AssertionError, TypeError) as error:
        raise InputError(f"device={device!r} cannot be used: {first_line(error)}.") from error
    return found


@contextmanager
def on_device(module: Any, device: str) -> Iterator[Any]:
    """Move a module to a device, which is given, and back afterwards.

    Raises
    ------
    InputError
        If torch does not have the device.
    """
    some = next(module.parameters(), None)
    home = None if some is None else some.device
    place = device_of(device, home or "cpu")
    if home is None or home == place:
        yield place
        return
    module.to(place)
    try:
        yield place
    finally:
        module.to(home)
