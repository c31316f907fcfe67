"""A few forward passes find the layers: their order, shapes and axes, and whose rows they hold."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from isocortex.memory import is_lack
from isocortex.networks.hooks import is_scripted, unwrapped
from isocortex.networks.identity.hashes import module_settings
from isocortex.networks.tracing.axes import axes_of, is_folded
from isocortex.networks.tracing.listing import Call, Listing, has_weights, second_names
from isocortex.networks.tracing.network_errors import (
    refusal,
    refusal_of_numbers,
    refuse_not_runnable,
)
from isocortex.networks.tracing.passes import Pass, run_pass
from isocortex.networks.tracing.placement import Placement
from isocortex.networks.tracing.usual_input import probes
from isocortex.networks.tracing.verdict import LOUD, SHAPES, TIED, Verdict, Verdicts, judged

_FIRST = (0, 1)
_LOUDER = 8


@dataclass(frozen=True)
class Layer:
    """One call of one module, as found by traced passes."""

    name: str
    module: str
    """The class of the module, such as ``Conv2d``."""
    shape: tuple[int, ...]
    """Of the output for one stimulus, such as (64, 55, 55)."""
    axes: tuple[str, ...]
    """What each axis of ``shape`` is: channel, row and col; token and unit; unit …; ``axis 0``
    where it is not known."""
    placement: Placement
    """Where the stimuli are in the output of a batch."""
    n_axes: int
    """Of the output of a batch."""
    has_weights: bool
    """Whether the module has parameters of its own or in its children."""
    listed: bool
    """False for what computes nothing: containers that hand on a child's output, dropout."""
    parent: str | None
    """The nearest enclosing module that computes something after its children."""
    mixed: str | None = None
    """Why a row of a batch is not one stimulus'; None where it is."""
    unstable: str | None = None
    """Why the same stimuli give other numbers in another pass; None where they do not."""

    @property
    def n_units(self) -> int:
        """How many numbers it gives for each stimulus."""
        return math.prod(self.shape)

    def first(self, output: Any) -> Any:
        """The output of a batch with stimuli first, shape (n_stimuli, …)."""
        if self.mixed is not None:
            return output.reshape(1, *self.shape)  # One stimulus is all that there can be.
        found = self.placement.first(output)
        return found[:, None] if found.ndim == 1 else found

    def shape_for(self, n: int) -> tuple[int, ...]:
        """Of the output for a batch of ``n`` stimuli."""
        return self.placement.of_many(self.shape, n, self.n_axes)


@dataclass(frozen=True)
class Trace:
    """All layers of a network in the order of execution, for one shape of input."""

    layers: tuple[Layer, ...]
    undefined: tuple[str, ...]
    """Those that depend on missing weights."""
    input_shape: tuple[int, ...]
    changing: frozenset[tuple[str, str]]
    """Settings of modules that a mere pass changes, such as counters."""
    no_layers: Mapping[str, str] = field(default_factory=dict)
    """Modules that have no rows for stimuli, each with the reason."""
    second_names: Mapping[str, str] = field(default_factory=dict)
    """Further names of modules that have several, with the first."""
    fewest: int = 1
    """Stimuli that a batch needs; 2 where one alone is treated in another way."""


def trace(module: Any, input_shape: Sequence[int]) -> Trace:
    """Run a network on a few random stimuli and find out what its modules give for each.

    Parameters
    ----------
    module : torch.nn.Module
        Weights that are missing are NaN in it, so that whatever depends on them is NaN too.
    input_shape : sequence of int
        Of one stimulus: (channels, height, width).

    Raises
    ------
    InputError
        If the network cannot take such stimuli, with its own reason.
    """
    refuse_not_runnable(unwrapped(module))
    shape = tuple(input_shape)
    all_probes = probes(module, shape, LOUD + 1)
    all_probes[LOUD] *= _LOUDER

    def show(which: Sequence[int], seed: int) -> Pass:
        probe = all_probes[list(which)].clone()
        return run_pass(module, probe, seed, partial=len(which) == 1)

    # Counters and the like that a pass changes must not count as settings of the network.
    before = module_settings(module)
    listing = Listing()
    try:
        first = run_pass(module, all_probes[list(_FIRST)].clone(), watcher=listing)
        verdicts = judged(show, first)
    except Exception as error:  # A network raises what it likes; the reason is passed on.
        if is_lack(error):
            raise
        few = refusal_of_numbers(lambda n: run_pass(module, probes(module, shape, n)), error)
        raise few or refusal(module, shape, error) from error
    after = module_settings(module)
    keys = before.keys() | after.keys()
    return Trace(
        layers=tuple(_layers(listing, verdicts)),
        undefined=tuple(call.name for call in listing.calls.values() if call.undefined),
        input_shape=shape,
        changing=frozenset(key for key in keys if before.get(key) != after.get(key)),
        no_layers={**_silent(module, first), **verdicts.none},
        second_names=second_names(module),
        fewest=verdicts.fewest,
    )


def _layers(listing: Listing, verdicts: Verdicts) -> list[Layer]:
    listed = listing.listed()
    return [
        _layer(listing, call, verdicts, call.name in listed)
        for call in listing.calls.values()
        if call.name in verdicts.layers
    ]


def _layer(listing: Listing, call: Call, verdicts: Verdicts, listed: bool) -> Layer:
    verdict, axes = verdicts.layers[call.name], listing.labels(call)
    if verdict.mixed == TIED:
        verdict = _untied(call.name, verdict, axes, verdicts)
    shape = verdict.placement.of_one(call.shape)
    if verdict.mixed == SHAPES:
        alone = verdicts.alone.outputs.get(call.name)
        shape, axes = call.shape if alone is None else alone.shape, None
    return Layer(
        name=call.name,
        module=type(call.module).__name__,
        shape=shape,
        axes=axes_of(axes, verdict.placement, shape),
        placement=verdict.placement,
        n_axes=len(call.shape),
        has_weights=has_weights(call.module),
        listed=listed,
        parent=call.parent,
        mixed=verdict.mixed,
        unstable=verdict.unstable,
    )


def _untied(
    name: str, verdict: Verdict, axes: tuple[str | None, ...] | None, verdicts: Verdicts
) -> Verdict:
    """Where a layer gives the same for all probes, how its axis was made or its siblings tell.

    Such are layers whose weights begin at zero, and the attention of untrained networks.
    """
    if is_folded(axes, verdict.placement.axis):
        return replace(verdict, mixed=None)
    # Siblings from the nearest block outwards: one placement among them settles it.
    around = name
    while around:
        around = around.rpartition(".")[0]
        alike = {
            each.placement
            for other, each in verdicts.layers.items()
            if each.mixed is None
            and other.startswith(f"{around}." if around else "")
            and each.placement.axis == verdict.placement.axis
            and each.placement.parts == verdict.placement.parts
        }
        if alike:
            found = alike.pop()
            return verdict if alike else replace(verdict, placement=found, mixed=None)
    return verdict


def _silent(module: Any, first: Pass) -> dict[str, str]:
    """Modules that exist, but did not run."""
    return {
        name: "TorchScript runs it, where it cannot be listened to"
        if is_scripted(each)
        else "it did not run in a forward pass in evaluation mode"
        for name, each in module.named_modules()
        if name and name not in first.outputs and each is not unwrapped(module)
    }
