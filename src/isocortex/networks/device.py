"""Where a network computes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from isocortex.errors import InputError


def device_of(device: str) -> Any:
    """A torch device; ``"auto"`` is a GPU where there is one.

    Raises
    ------
    InputError
        If torch does not have it.
    """
    import torch

    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        found = torch.device(device)
        torch.empty(1, device=found)
    except (RuntimeError, AssertionError, TypeError) as error:
        reason = (str(error).splitlines() or ["unknown"])[0]
        raise InputError(f"device={device!r} cannot be used: {reason}") from error
    return found


@contextmanager
def on_device(module: Any, device: str) -> Iterator[None]:
    """Move a module, and back afterwards."""
    target = device_of(device)
    some = next(module.parameters(), None)
    before = some.device if some is not None else None
    if before is None or before == target:
        yield
        return
    module.to(target)
    try:
        yield
    finally:
        module.to(before)
