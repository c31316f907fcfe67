"""Which axis of a layer is time, and which part of the input each of its rows is of.

Nothing is guessed from shapes: a network is asked for its shapes at several lengths of input.
The axis that follows the length is time. Along it there are T(L) = ⌊(L − K) / s⌋ + 1 rows for
an input of length L, from which s, the distance of rows, and K, what one row reaches over, are
found; for convolutions with equal padding on both sides, row i is then centred on s·i + (K−1)/2.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.memory import is_lack
from isocortex.networks.hooks import call_name, evaluating, forward, tensor_of

Shapes = Mapping[str, tuple[int, ...]]
_N = 2
_MOST_PASSES = 64
_VERY_FAR = 32


@dataclass(frozen=True)
class Grid:
    """Where rows lie along the input: row i is of the entries from s·i + first to s·i + last."""

    step: float
    first: float = 0.0
    last: float = 1.0
    at_end: bool = False
    """Whether a row stands for the end of what it is of, since nothing after it counts."""

    @property
    def padded(self) -> bool:
        """Whether rows tile the input, so that what they reach over is not known exactly."""
        return self.last - self.first <= self.step


class Lengths:
    """The shapes of all layers' outputs, by the length of the input.

    Parameters
    ----------
    module : torch.nn.Module
    shape_at : function of a length
        The shape of one stimulus.
    """

    def __init__(self, module: Any, shape_at: Callable[[int], tuple[int, ...]]):
        self._module, self._shape_at = module, shape_at
        self._known: dict[int, Shapes | None] = {}
        # On the device meta every step of an LSTM is many calls, and slower than with numbers.
        self.costly = _has_steps(module)
        """Whether the network must be run for its shapes."""

    def at(self, length: int) -> Shapes | None:
        """By call; None where the network cannot take such a length."""
        if length not in self._known:
            self._known[length] = self._shapes(self._shape_at(length))
        return self._known[length]

    def _shapes(self, shape: tuple[int, ...]) -> Shapes | None:
        if not self.costly:
            try:
                return _on_meta(self._module, shape)
            except Exception:  # What needs numbers cannot run without them.
                if any(each is not None for each in self._known.values()):
                    return None
        found = _run(self._module, shape)
        self.costly |= found is not None
        return found

    def rows(self, call: str, axis: int, length: int) -> int:
        """How many entries the output of a call has along an axis; 0 where it cannot be."""
        shapes = self.at(length)
        shape = () if shapes is None else shapes.get(call, ())
        return shape[axis] if axis < len(shape) else 0

    @property
    def spent(self) -> bool:
        """Whether so many lengths were tried that no further ones are."""
        return len(self._known) > _MOST_PASSES


def _has_steps(module: Any) -> bool:
    """Whether it goes through time step by step."""
    from torch import nn

    return any(isinstance(each, nn.RNNBase) for each in module.modules())


def _run(module: Any, shape: Sequence[int]) -> Shapes | None:
    """The shape of what each call gives for two stimuli; None where the network fails."""
    try:
        return _passed(module, _probe(module, shape, None), forward)
    except Exception as error:  # A network raises what it likes.
        if is_lack(error):
            raise
        return None


def _on_meta(module: Any, shape: Sequence[int]) -> Shapes:
    """Without a number computed: on torch's device ``meta`` tensors have shapes alone."""
    import torch

    held = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    bare = {name: each.to("meta") for name, each in held.items()}

    def call(module: Any, batch: Any) -> Any:
        return torch.func.functional_call(module, bare, (batch,))

    return _passed(module, _probe(module, shape, "meta"), call)


def _probe(module: Any, shape: Sequence[int], device: str | None) -> Any:
    import torch

    some = next((each for each in module.parameters() if each.is_floating_point()), None)
    kind = torch.float32 if some is None else some.dtype
    where = device or ("cpu" if some is None else some.device)
    return torch.zeros((_N, *shape), dtype=kind, device=where)


def _passed(module: Any, batch: Any, call: Callable[[Any, Any], Any]) -> Shapes:
    import torch

    shapes: dict[str, tuple[int, ...]] = {}
    counts: dict[str, int] = {}
    hooks = []

    def hook(name: str) -> Callable[[Any, Any, Any], None]:
        def take(_module: Any, _inputs: Any, output: Any) -> None:
            tensor = tensor_of(output)
            counts[name] = counts.get(name, 0) + 1
            if tensor is not None:
                shapes[call_name(name, counts[name] - 1)] = tuple(tensor.shape)

        return take

    try:
        with evaluating(module), torch.no_grad():
            hooks += [each.register_forward_hook(hook(n)) for n, each in module.named_modules()]
            call(module, batch)
    finally:
        for each in hooks:
            each.remove()
    return shapes


def followed_axis(lengths: Lengths, call: str, short: int, long: int) -> int | None:
    """The one axis of a call's output that follows the length of the input; None if none does."""
    first, second = lengths.at(short), lengths.at(long)
    if first is None or second is None or call not in first or call not in second:
        return None
    one, other = first[call], second[call]
    if len(one) != len(other):
        return None
    differing = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    return differing[0] if len(differing) == 1 else None


def grid_of(lengths: Lengths, call: str, axis: int, length: int, parts: int = 1) -> Grid:
    """Where the rows of a layer lie, found from how their number grows with the input.

    Parameters
    ----------
    lengths : Lengths
    call : str
    axis : int
        That of time in the output.
    length : int
        Of an input.
    parts : int, default=1
        So many entries of the axis for each row: the stimuli of a probe, where they are folded
        into it.

    Returns
    -------
    Grid
        Where rows do not follow the length evenly, they are taken to tile the input.
    """

    def rows(at: int) -> int:
        return lengths.rows(call, axis, at) // parts

    n = rows(length)
    tiled = Grid(length / max(1, n), 0.0, length / max(1, n))
    far = length
    while rows(far) < n + 2:
        far *= 2
        if far > 64 * length or lengths.spent or not rows(far):
            return tiled
    edge = _first_with(rows, length, far, n + 1)
    very_far = length + _VERY_FAR * length
    many = 0 if lengths.costly else rows(very_far) - n
    # So far away the distance of rows is known to less than a half, and is a whole number.
    step = round((very_far - length) / many) if many > 0 else 0
    if not 0 < step * step < very_far - length:
        step = _first_with(rows, edge, max(far, edge), n + 2) - edge
    reach = edge - n * step
    for at in (length, far, far + step // 2):
        if rows(at) != (at - reach) // step + 1:
            return tiled
    # With padding the network reaches over more than can be told; rows tile what they follow.
    return Grid(step, 0, reach) if reach >= step else Grid(step, 0, step)


def _first_with(rows: Callable[[int], int], low: int, high: int, wanted: int) -> int:
    """The smallest length with so many rows."""
    while high - low > 1:
        middle = (low + high) // 2
        if rows(middle) >= wanted:
            high = middle
        else:
            low = middle
    return high


def spans(
    grid: Grid, n: int, edges: np.ndarray, *, points: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Onset, offset and time of rows, in the unit of ``edges``.

    Parameters
    ----------
    grid : Grid
    n : int
        Of rows.
    edges : array, shape (n_entries + 1,)
        When each entry of the input begins, and when the last one ends.
    points : bool
        Whether entries are samples, which are points at their beginnings, and not frames, which
        last: the centre of K samples is (K − 1) / 2 after the first.
    """
    begin = np.arange(n) * grid.step
    onset = _at(edges, begin + grid.first)
    offset = _at(edges, begin + grid.last)
    if grid.at_end:
        return onset, offset, offset
    if points and not grid.padded:
        return onset, offset, _at(edges, begin + (grid.first + grid.last - 1) / 2)
    return onset, offset, (onset + offset) / 2


def _at(edges: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The time of a place between entries; beyond the ends as the first and last entry go on."""
    found = np.interp(places, np.arange(len(edges)), edges)
    before, after = places < 0, places > len(edges) - 1
    found[before] = edges[0] + places[before] * (edges[1] - edges[0])
    found[after] = edges[-1]
    return found
