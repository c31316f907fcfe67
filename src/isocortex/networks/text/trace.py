"""A few passes over random tokens find the layers of a network that reads text."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from isocortex.errors import InputError
from isocortex.memory import is_lack
from isocortex.networks.hooks import evaluating, in_one_line
from isocortex.networks.identity.hashes import module_settings
from isocortex.networks.tracing.listing import (
    NOTHING_IN_EVALUATION,
    Call,
    Listing,
    has_weights,
    second_names,
)
from isocortex.networks.tracing.network_errors import refuse_not_runnable
from isocortex.networks.tracing.passes import run_pass
from isocortex.networks.tracing.placement import Placement
from isocortex.networks.tracing.trace import Layer, Trace

_FIRST, _OTHER = (3, 7), (2, 5)
"""Texts and tokens of the two passes."""


@dataclass(frozen=True)
class TextTrace(Trace):
    """The layers that have a row for each token."""

    states: tuple[str | None, ...] = ()
    """The layer that gives each of the hidden states; None where no module gives it."""
    causal: bool = False
    """Whether no token sees those after it."""

    @property
    def hidden(self) -> dict[str, str]:
        """The layers that give hidden states, by the name of the state."""
        return {hidden_state(i): name for i, name in enumerate(self.states) if name is not None}


def hidden_state(number: int) -> str:
    """The name of a hidden state: 0 is the embedding, the last one is after the final norm."""
    return f"hidden state {number}"


def random_ids(module: Any, n_texts: int, n_tokens: int, seed: int = 0) -> Any:
    """Random token ids, shape (n_texts, n_tokens), on the device of a module."""
    import torch

    n = module.get_input_embeddings().num_embeddings
    generator = torch.Generator().manual_seed(seed)
    # The first ids and the last are often special, and padding may have no position.
    low, high = (n // 4, n) if n >= 8 else (0, n)
    ids = torch.randint(low, high, (n_texts, n_tokens), generator=generator)
    return ids.to(next(module.parameters()).device)


class _Listing(Listing):
    """Keeps what each call gave; meanings of axes are known: texts, tokens, units."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}

    @contextmanager
    def around(self, probe: Any) -> Iterator[None]:  # noqa: ARG002
        """Nothing has to be followed, since axes are known."""
        yield

    def leave(self, name: str, call: str, module: Any, output: Any) -> None:
        """A module has given a tensor, or nothing of the kind."""
        super().leave(name, call, module, output)
        if output is not None:
            self.values[call] = output.detach().clone()


def trace_text(module: Any) -> TextTrace:
    """Run a network that reads text on random tokens and find what its modules give for each.

    Parameters
    ----------
    module : model of transformers
        Whose forward takes token ids.

    Raises
    ------
    InputError
        If it cannot read them, with its own reason.
    """
    refuse_not_runnable(module)
    first, other = _Listing(), _Listing()
    try:
        # The first time that hidden states are asked for, transformers puts hooks on modules.
        states = _states(module)
        before = module_settings(module)
        run_pass(module, random_ids(module, *_FIRST), watcher=first)
        run_pass(module, random_ids(module, *_OTHER), watcher=other)
        causal = _is_causal(module)
    except Exception as error:  # A network raises what it likes; the reason is passed on.
        if is_lack(error):
            raise
        raise InputError(f"The network cannot read tokens: {in_one_line(error)}.") from error
    after = module_settings(module)
    tokens = [
        name
        for name, call in first.calls.items()
        if _has_tokens(call, other.calls.get(name), first.values[name])
    ]
    found = _modules_of(states, first, tokens)
    layers = tuple(_layer(first, name, found) for name in tokens)
    keys = before.keys() | after.keys()
    return TextTrace(
        layers=layers,
        undefined=tuple(call.name for call in first.calls.values() if call.undefined),
        input_shape=(),
        changing=frozenset(key for key in keys if before.get(key) != after.get(key)),
        no_layers=_no_layers(module, tokens, found),
        second_names=second_names(module),
        states=tuple(found),
        causal=causal,
    )


def _has_tokens(call: Call, other: Call | None, values: Any) -> bool:
    """Whether it gives a row for each token, of the same length for any number of them."""
    if other is None or not values.is_floating_point() or len(call.shape) < 3:
        return False
    axes = call.shape[:2] == _FIRST and other.shape[:2] == _OTHER
    return axes and call.shape[2:] == other.shape[2:]


def _states(module: Any) -> list[Any]:
    import torch

    with evaluating(module), torch.no_grad():
        ids = random_ids(module, *_FIRST)
        given = module(ids, output_hidden_states=True, use_cache=False)
    return list(given.hidden_states)


def _is_causal(module: Any) -> bool:
    """Whether the first tokens stay what they are when the last one is another."""
    import torch

    with evaluating(module), torch.no_grad():
        ids = random_ids(module, 1, _FIRST[1])
        changed = ids.clone()
        changed[0, -1] = random_ids(module, 1, 64, seed=1)[0].ne(ids[0, -1]).nonzero()[0, 0]
        one, two = (
            module(each, output_hidden_states=True, use_cache=False).hidden_states[-1][0, :-1]
            for each in (ids, changed)
        )
    return bool(torch.allclose(one, two, rtol=1e-4, atol=1e-5))


def _modules_of(
    states: Sequence[Any], listing: _Listing, tokens: Sequence[str]
) -> list[str | None]:
    """The outermost module that gives each hidden state, and no other hidden state inside."""
    import torch

    gives = [
        [
            name
            for name in tokens
            if listing.values[name].shape == state.shape
            and torch.equal(listing.values[name], state)
        ]
        for state in states
    ]
    return [_outermost(names, [*gives[:i], *gives[i + 1 :]]) for i, names in enumerate(gives)]


def _outermost(names: Sequence[str], others: Sequence[Sequence[str]]) -> str | None:
    elsewhere = {each for some in others for each in some}
    fits = [
        name
        for name in names
        if not any(each != name and each.startswith(f"{name}.") for each in elsewhere)
        and name not in elsewhere
    ]
    return min(fits, key=lambda name: (name.count("."), -names.index(name)), default=None)


def _layer(listing: _Listing, name: str, states: Sequence[str | None]) -> Layer:
    call = listing.calls[name]
    plain = not call.handed_on and type(call.module).__name__ not in NOTHING_IN_EVALUATION
    return Layer(
        name=name,
        module=type(call.module).__name__,
        shape=call.shape[2:],
        axes=("unit",) if len(call.shape) == 3 else tuple(map("axis {}".format, _rest(call))),
        placement=Placement(),
        n_axes=len(call.shape) - 1,
        has_weights=has_weights(call.module),
        listed=name in states or plain,
        parent=call.parent,
    )


def _rest(call: Call) -> range:
    return range(len(call.shape) - 2)


def _no_layers(
    module: Any, tokens: Sequence[str], states: Sequence[str | None]
) -> Mapping[str, str]:
    """Modules and hidden states that are no layers, each with the reason."""
    none = {
        name: "it has no row for each token of a text"
        for name, _ in module.named_modules()
        if name and name not in tokens
    }
    return none | {
        hidden_state(i): "no module of this network gives it" for i, n in enumerate(states) if not n
    }
