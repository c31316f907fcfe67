"""A network that reads text: its layers have a row for each token, and hidden states a number."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isocortex.networks.identity.hashes import architecture_identity, digest
from isocortex.networks.layers import Wanted
from isocortex.networks.network import Network
from isocortex.networks.text.tokens import Tokens
from isocortex.networks.text.trace import TextTrace, hidden_state, random_ids, trace_text
from isocortex.networks.tracing.trace import Layer
from isocortex.types import Values

_STATE = re.compile(r"hidden[ _]states?[ _]?\[?(\d+)\]?", re.IGNORECASE)
_PROBE = 40


@dataclass(frozen=True, eq=False, repr=False)
class TextNetwork(Network):
    """As :class:`Network`; ``preprocessing`` is its tokenizer."""

    modality: str = "text"

    @property
    def tokens(self) -> Tokens:
        """Its tokenizer, and how many tokens it reads at once."""
        found: Any = self.preprocessing
        return found

    @property
    def aliases(self) -> Mapping[str, str]:
        """Hidden states by number, and layers by their names in the model without its head."""
        found = self.trace()
        prefix = f"{getattr(self.module, 'base_model_prefix', '')}."
        inner = {
            each.name.removeprefix(prefix): each.name
            for each in found.layers
            if each.name.startswith(prefix)
        }
        return {**found.hidden, **inner}

    @property
    def input_shape(self) -> tuple[int, ...]:
        """How many tokens it reads at once; empty where there is no limit."""
        return () if self.tokens.limit is None else (self.tokens.limit,)

    @property
    def takes(self) -> str:
        """What one stimulus is to it, in words."""
        limit = self.tokens.limit
        return "text" if limit is None else f"text, at most {limit} tokens at once"

    @property
    def causal(self) -> bool:
        """Whether no token sees those after it."""
        return self.trace().causal

    def trace(self, input_shape: Sequence[int] | None = None) -> TextTrace:
        """What passes over random tokens showed; ``input_shape`` does not matter to it."""
        del input_shape
        if () not in self._traces:
            self._traces[()] = trace_text(self.module)
        found: Any = self._traces[()]
        return found

    def probe(self, n: int) -> Any:
        """Random texts of the usual length, as a batch."""
        limit = self.tokens.limit
        return random_ids(self.module, n, _PROBE if limit is None else min(_PROBE, limit))

    def as_batch(self, batch: Values) -> Any:
        """A tensor of whole numbers on the device of the network's weights."""
        import torch

        return torch.as_tensor(batch).long().to(next(self.module.parameters()).device)

    def select(
        self, layers: Wanted = "main", input_shape: Sequence[int] | None = None
    ) -> dict[str, str]:
        """As :meth:`Network.select`; ``"main"`` are the hidden states, embedding first."""
        asked: Iterable[str] = [layers] if isinstance(layers, str) else layers
        return super().select([_spelled(str(each)) for each in asked], input_shape)

    def _main(self, layers: Sequence[Layer]) -> list[str]:
        given = set(self.trace().hidden.values())
        return [each.name for each in layers if each.name in given]

    def identity(self, input_shape: Sequence[int] | None = None) -> dict[str, str]:
        """Hashes of what decides the activations: weights, architecture, tokenizer."""
        return {
            "weights": digest([self._weights.of(self.module), *self.missing]),
            "architecture": architecture_identity(self.module, self.trace(input_shape).changing),
            "tokenizer": self.tokens.identity,
        }


def _spelled(name: str) -> str:
    """``hidden_states[3]`` and ``hidden_state_3`` are the hidden state 3."""
    found = _STATE.fullmatch(name.strip())
    return hidden_state(int(found[1])) if found else name
