"""The hash of a network's weights, computed once and again only when they have changed."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.networks.identity.fingerprint import bytes_of
from isocortex.networks.identity.hashes import weights_identity
from isocortex.store.checksum import crc32c

State = list[tuple[Any, ...]]


@dataclass
class WeightsHash:
    """Remembers the hash of the weights of a module, as long as they stay as they are."""

    _seen: State | None = None
    _found: str = ""

    def of(self, module: Any) -> str:
        """The hash of the weights that a module has now.

        See Also
        --------
        isocortex.networks.identity.hashes.weights_identity : Which computes it.
        """
        state = state_of(module)
        if state is None or state != self._seen:
            self._found, self._seen = weights_identity(module), state
        return self._found


def state_of(module: Any) -> State | None:
    """By what weights that were changed are told, a few times faster than they are hashed.

    Where each tensor lies, how often PyTorch has seen it change, and a checksum of its bytes,
    since what is written through ``.data`` or by numpy is not counted.

    Returns
    -------
    state : list, one entry for each tensor
        None where a module holds further state of a kind of its own.
    """
    found: State = []
    for name, tensor in module.state_dict().items():
        if not hasattr(tensor, "detach"):
            return None
        # Tensors made in inference mode count no changes.
        version = None if tensor.is_inference() else tensor._version
        content = crc32c([np.frombuffer(bytes_of(tensor), np.uint8)])
        found.append((name, tensor.dtype, tuple(tensor.shape), tensor.data_ptr(), version, content))
    return found
