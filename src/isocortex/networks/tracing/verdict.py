"""Does each row of a layer belong to one stimulus alone? Passes that must agree tell.

Stimuli a and b are shown as (a, b), then as (b, a, c) and alone as (b): an axis must follow
their number, and each stimulus must get the same row every time, though c is unlike the others.
Where rows differ by more than rounding, two more passes tell why: (c, b), in which b must be the
same but for the last bits, and (a, b) again, which must be the same as before.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from isocortex.networks.tracing.passes import Output, Pass
from isocortex.networks.tracing.placement import Placement, placements

LOUD = 2
"""Probe c: its contrast is far greater, which changes whatever the stimuli of a batch share."""
TIGHT = 2e-5
"""Differences up to this part of a layer's largest number are rounding, in float32."""
_REPEATS_IF_DRAWN = 6
"""Random numbers may be drawn and matter rarely: so many passes are compared, of small networks
over many stimuli."""
_NUMBERS_IF_DRAWN = 2**20
_MOST_COPIES = 32

NEIGHBOURS = "what it gives for one stimulus changes with the other stimuli of the batch"
ORDER = "what it gives for a stimulus depends on how many stimuli are shown, and in which order"
TIED = "it holds several parts of each stimulus, in an order that could not be found out"
SHAPES = "no single axis of its output counts the stimuli"
RANDOM = "it is random: the same stimuli give other numbers in a second pass"
REMEMBERS = "it remembers earlier passes: the same stimuli give other numbers when shown again"
NO_STIMULI = "its output has no axis of stimuli; it is the same for all of them"


@dataclass(frozen=True)
class Verdict:
    """Where the stimuli are in a layer's output, and what stands against taking its rows."""

    placement: Placement
    mixed: str | None = None
    """Why a row is not one stimulus', unless each is shown alone."""
    unstable: str | None = None
    """Why two passes over the same stimuli differ."""


@dataclass(frozen=True)
class Verdicts:
    """On all calls of a network's modules."""

    layers: Mapping[str, Verdict]
    none: Mapping[str, str]
    """Calls that are no layers, with the reason."""
    alone: Pass
    """A pass over one stimulus, as far as the network can take it."""
    fewest: int
    """Stimuli that a batch needs: 2 where the axis of stimuli is lost if there is one alone."""


Show = Callable[[Sequence[int], int], Pass]
"""Shows probes by number, with a seed for random numbers that the pass may draw; a single one
as far as the network can take it."""


def judged(show: Show, first: Pass) -> Verdicts:
    """Compare a pass over probes 0 and 1 with further ones.

    Parameters
    ----------
    show : function of (numbers of probes, seed) that gives a Pass
    first : Pass
        Over the probes (0, 1).
    """
    # Probes in another order, with a third: what stays with its stimulus is in its row.
    second = show((1, 0, LOUD), 1)
    ways, none, odd = _ways(first, second)
    unsure = {call for call in ways if len(_tight(first, second, call, ways[call])) != 1}
    drew = first.drew or second.drew
    third, repeats = first, [first]
    # Two ways to read a layer, or none, need passes that exchange one neighbour only.
    if unsure or drew:
        third = show((LOUD, 1), 2)
        repeats = _repeated(show, first) if drew else [first, show((0, 1), 3)]
    found: dict[str, Verdict] = {call: Verdict(Placement(), mixed=SHAPES) for call in odd}
    for call, possible in ways.items():
        unstable = any(_changed(repeats[0], each, call) for each in repeats[1:])
        why = (RANDOM if drew else REMEMBERS) if unstable else None
        found[call] = _verdict(
            (first, second, third, repeats[-1]), call, possible, call in unsure, why
        )
    alone = show((1,), 0)
    fewest = 1 if alone.whole else 2
    for call, verdict in found.items():
        one, other = first.outputs[call], alone.outputs.get(call)
        if one is None or other is None or verdict.mixed or verdict.unstable:
            continue
        if _from_alone(one, other, verdict.placement) > _loose(one):
            found[call] = replace(verdict, mixed=ORDER)
        elif len(other.shape) != len(one.shape):
            fewest = 2
    return Verdicts(found, none, alone, fewest)


def _repeated(show: Show, first: Pass) -> list[Pass]:
    # As many copies as a small network affords: chance may show rarely.
    shapes = [each.shape for each in first.outputs.values() if each is not None]
    copies = _NUMBERS_IF_DRAWN // max(1, sum(map(math.prod, shapes)))
    which = (0, 1) * max(1, min(_MOST_COPIES, copies))
    return [show(which, 3 + i) for i in range(_REPEATS_IF_DRAWN)]


def _ways(
    first: Pass, second: Pass
) -> tuple[dict[str, list[Placement]], dict[str, str], list[str]]:
    ways: dict[str, list[Placement]] = {}
    none: dict[str, str] = {}
    odd: list[str] = []
    for call, one in first.outputs.items():
        other = second.outputs.get(call)
        if one is None:
            none[call] = "it gives no dense array of floating-point numbers"
        elif other is None:
            none[call] = "whether it is called depends on the number of stimuli"
        elif one.shape == other.shape:
            none[call] = NO_STIMULI
        else:
            found = placements(one.shape, other.shape, (first.n, second.n))
            if found:
                ways[call] = found
            else:
                odd.append(call)
    return ways, none, odd


def _tight(first: Pass, second: Pass, call: str, ways: Sequence[Placement]) -> list[Placement]:
    """The ways to read the output by which the stimuli have the same rows in both passes."""
    return [way for way in ways if _crossed(first, second, call, way) <= TIGHT]


def _crossed(first: Pass, second: Pass, call: str, way: Placement) -> float:
    """The distance of the two stimuli's rows in the two passes."""
    one, other = first.outputs[call], second.outputs.get(call)
    return max(_difference(one, i, other, j, way) for i, j in ((0, 1), (1, 0)))


def _verdict(
    passes: tuple[Pass, Pass, Pass, Pass],
    call: str,
    ways: Sequence[Placement],
    unsure: bool,
    unstable: str | None,
) -> Verdict:
    first, second, third, again = passes
    if unstable is not None:
        return Verdict(ways[0], unstable=unstable)
    if not unsure:
        return Verdict(_tight(first, second, call, ways)[0])
    # What batches share (statistics, attention) changes with the neighbour; rounding is allowed.
    limit = _loose(first.outputs[call])
    exact = [way for way in ways if _kept(first, third, again, call, way)]
    near = [way for way in exact if _crossed(first, second, call, way) <= limit]
    if near:
        return Verdict(near[0], mixed=TIED if len(near) > 1 else None)
    return Verdict(ways[0], mixed=ORDER if exact else NEIGHBOURS)


def _kept(first: Pass, third: Pass, again: Pass, call: str, way: Placement) -> bool:
    """Whether a stimulus has kept its row though another one beside it was exchanged.

    To the last bit, or as nearly as if nothing had been exchanged: some kernels add in an order
    that depends on where in memory the numbers lie.
    """
    import torch

    one = first.outputs[call]
    moved = _difference(one, 1, third.outputs.get(call), 1, way)
    noise = _difference(one, 1, again.outputs.get(call), 1, way)
    return moved <= 2 * max(noise, torch.finfo(one.dtype).eps if one is not None else 0.0)


def _loose(output: Output | None) -> float:
    """Rounding can add up to so much in deep networks, by the type of the numbers."""
    import torch

    eps = torch.finfo(output.dtype).eps if output is not None else 0.0
    return min(0.3, max(1e-3, 100 * eps))


def _rows(output: Output, i: int, way: Placement) -> Any:
    """What belongs to one stimulus, of the sampled numbers."""
    samples = output.samples[way.axis]
    n = len(samples) // way.parts
    return samples[i::n] if way.inner else samples[i * way.parts : (i + 1) * way.parts]


def _difference(one: Output | None, i: int, other: Output | None, j: int, way: Placement) -> float:
    """The largest difference of two stimuli's numbers, as a part of the layer's largest."""
    if one is None or other is None:
        return float("inf")
    if way.axis not in one.samples or way.axis not in other.samples:
        return float("inf")
    return _distance(_rows(one, i, way), _rows(other, j, way), min(one.largest, other.largest))


def _distance(a: Any, b: Any, scale: float) -> float:
    if a.shape != b.shape:
        return float("inf")
    # A layer without weights gives NaN each time, and is not unstable for that.
    same = (a == b) | (a.isnan() & b.isnan())
    if bool(same.all()):
        return 0.0
    apart = (a - b).abs()[~same].nan_to_num(float("inf")).max().item()
    return apart / scale if scale else apart


def _changed(first: Pass, again: Pass, call: str) -> bool:
    """Whether a second pass over the same stimuli gave other numbers, beyond rounding."""
    import torch

    one, other = first.outputs[call], again.outputs.get(call)
    if one is None or other is None or one.shape != other.shape:
        return True
    scale = max(one.largest, other.largest)
    limit = max(TIGHT, 16 * torch.finfo(one.dtype).eps)
    return any(
        _distance(values, other.samples[axis], scale) > limit
        for axis, values in one.samples.items()
    )


def _from_alone(one: Output, alone: Output, way: Placement) -> float:
    """The distance of a stimulus' numbers among others and alone, where its axis may be lost."""
    # Some networks squeeze the axis of stimuli where there is one alone.
    if len(one.shape) == len(alone.shape):
        return _difference(one, 1, alone, 0, way)
    whole = next(iter(alone.samples.values()), None)
    if whole is None or way.axis not in one.samples:
        return float("inf")
    return _distance(_rows(one, 1, way).flatten(), whole.flatten(), one.largest)
