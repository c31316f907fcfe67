"""Which calls of modules compute something, in the order of execution, and what their axes are."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from isocortex.networks.tracing.axes import labels_of_input, labels_of_output
from isocortex.networks.tracing.passes import Watcher
from isocortex.networks.tracing.provenance import Following, Known, Labels

NOTHING_IN_EVALUATION = (
    "Identity",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "AlphaDropout",
    "DropPath",
    "StochasticDepth",
)


@dataclass(frozen=True)
class Call:
    """One call of one module that gave numbers."""

    name: str
    module: Any
    parent: str | None
    """The module that called it."""
    handed_on: bool
    """Whether it gave what a child had given."""
    composite: bool
    """Whether it has children."""
    labels: Labels | None
    shape: tuple[int, ...]
    undefined: bool
    """Whether it gave NaN."""


class Listing(Watcher):
    """Watches one forward pass and lists the layers in the order in which they ran."""

    def __init__(self) -> None:
        self.calls: dict[str, Call] = {}
        self._known = Known()
        self._last_output: dict[str, tuple[Any, int, bool]] = {}
        self._open: list[str] = []

    @contextmanager
    def around(self, probe: Any) -> Iterator[None]:
        """Follow what axes mean, from the input on."""
        self._known.note(probe, labels_of_input(probe.ndim))
        with Following(self._known):
            yield

    def enter(self, name: str, module: Any, inputs: Sequence[Any]) -> None:
        """Note that a module is called, before it computes."""
        del module, inputs
        self._open.append(name)
        self._last_output.pop(name, None)

    def leave(self, name: str, call: str, module: Any, output: Any) -> None:
        """A module has given a tensor, or nothing of the kind."""
        from torch import nn

        self._open.remove(name)
        if output is None:
            return
        # A child's tensor is handed on as it is unless an in-place operation came after.
        # A block that ends in its activation is still a block, unless it is a plain chain.
        given, version, weighted = self._last_output.get(name, (None, -1, False))
        handed_on = given is output and version == output._version
        if not weighted and not isinstance(module, nn.Sequential):
            handed_on &= not has_weights(module)
        if self._open and type(module).__name__ not in NOTHING_IN_EVALUATION:
            output_of_child = (output, output._version, has_weights(module))
            self._last_output[self._open[-1]] = output_of_child
        labels = labels_of_output(module, self._known.of(output), output.ndim)
        self._known.note(output, labels)
        self.calls[call] = Call(
            name=call,
            module=module,
            parent=self._open[-1] if self._open else None,
            handed_on=handed_on,
            composite=next(module.children(), None) is not None,
            labels=labels,
            shape=tuple(output.shape),
            undefined=output.is_floating_point() and bool(output.isnan().any()),
        )

    def listed(self) -> set[str]:
        """The calls that compute something.

        Blocks without a shortcut count like their siblings with one: ``blocks.1.0`` may hand
        on the output of its last norm where ``blocks.1.1`` adds its input; both are blocks,
        which the numbers in their names show.
        """
        found = {
            call.name
            for call in self.calls.values()
            if not call.handed_on and type(call.module).__name__ not in NOTHING_IN_EVALUATION
        }
        # A block that hands on in one stage (block.0) and not in the others is still listed.
        blocks = {_numbers_apart(name) for name in found if self.calls[name].composite}
        return found | {
            call.name
            for call in self.calls.values()
            if call.composite and _numbers_apart(call.name) in blocks
        }

    def labels(self, call: Call) -> Labels | None:
        """Of the axes of its output; where nothing else tells, those that its children agree on."""
        if call.labels is not None:
            return call.labels
        # call#2 is the second call of a module; children bear its plain name.
        inside = f"{call.name.split('#')[0]}."
        children = {
            each.labels
            for each in self.calls.values()
            if each.name.startswith(inside) and each.shape == call.shape and each.labels
        }
        return children.pop() if len(children) == 1 else None


def has_weights(module: Any) -> bool:
    """Whether a module has parameters of its own or in its children."""
    return next(module.parameters(), None) is not None


def _numbers_apart(name: str) -> str:
    return re.sub(r"\d+", "N", name)


def second_names(module: Any) -> Mapping[str, str]:
    """Names of modules that have an earlier name, with that."""
    first: dict[int, str] = {}
    second: dict[str, str] = {}
    for name, each in module.named_modules(remove_duplicate=False):
        if first.setdefault(id(each), name) != name:
            second[name] = first[id(each)]
    return second
