"""What the axes of tensors mean, followed through the functions of a forward pass.

A label says what an axis counts: stimulus, channel, unit, row, col, frame, time, token, head,
position (of whatever kind); None where it is not known. An axis that counts parts of stimuli,
such as windows, is labelled ``stimulus*`` with what the parts are.
"""

import math
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from torch.overrides import TorchFunctionMode

Label = str | None
Labels = tuple[Label, ...]

STIMULUS = "stimulus"
FEATURES = ("channel", "unit", "head")
POSITIONS = ("row", "col", "frame", "time", "token", "position")


class Known:
    """The labels of the tensors that are alive."""

    def __init__(self) -> None:
        self._by_id: dict[int, tuple[Any, Labels]] = {}

    def of(self, tensor: Any) -> Labels | None:
        """The labels of a tensor; None where nothing is known of it."""
        reference, labels = self._by_id.get(id(tensor), (None, None))
        # Python uses an id again once its tensor is gone.
        found = labels if reference is not None and reference() is tensor else None
        return found if found is None or len(found) == tensor.ndim else None

    def note(self, tensor: Any, labels: Labels | None) -> None:
        """Remember labels for as long as the tensor lives."""
        if labels is None:
            self._by_id.pop(id(tensor), None)
        else:
            self._by_id[id(tensor)] = weakref.ref(tensor), labels


class Following(TorchFunctionMode):
    """While it is entered, each function's results are labelled from its arguments."""

    def __init__(self, known: Known):
        super().__init__()
        self._known = known

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call the function, and label what it gives."""
        del types
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        try:
            self._label(func, args, kwargs, result)
        except (TypeError, ValueError, IndexError, AttributeError, RuntimeError):
            # A function that is called in an unusual way: nothing is known of what it gives.
            for each in _tensors_in((result,)):
                self._known.note(each, None)
        return result

    def _label(
        self, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any], result: Any
    ) -> None:
        given = [(each, self._known.of(each)) for each in _tensors_in((*args, *kwargs.values()))]
        name = str(getattr(func, "__name__", ""))
        for each in _tensors_in((result,)):
            if any(each is tensor for tensor, _ in given):
                if name in _MOVED_IN_PLACE:
                    self._known.note(each, None)
                continue  # In place: it is what it was.
            rule = _RULES.get(name, _alike)
            self._known.note(each, rule(_Call(func, args, kwargs, given), each))


class _Call:
    """A function, what it was called with, and the tensors among that with their labels."""

    def __init__(
        self,
        func: Any,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        given: list[tuple[Any, Any]],
    ):
        self.func, self.args, self.kwargs, self.given = func, args, kwargs, given

    def source(self) -> tuple[Any, Labels]:
        """The first argument and its labels."""
        tensor, labels = self.given[0]
        if labels is None:
            raise ValueError
        return tensor, labels


def _tensors_in(values: Iterable[Any], depth: int = 0) -> list[Any]:
    import torch

    found = []
    for each in values:
        if isinstance(each, torch.Tensor):
            found.append(each)
        elif isinstance(each, tuple | list) and depth < 3:
            found += _tensors_in(each, depth + 1)
    return found


Rule = Callable[[_Call, Any], Labels | None]


def _alike(call: _Call, result: Any) -> Labels | None:
    """Functions that work number by number: the result has the axes of what has its shape."""
    found: Labels | None = None
    for tensor, labels in call.given:
        if labels is not None and tensor.shape == result.shape:
            found = labels if found is None else _agreed(found, labels)
    return found or _broadcast(call, result)


def _agreed(one: Labels, other: Labels) -> Labels:
    """The more telling one of two labels for each axis."""
    vague = (None, "position")
    return tuple(
        b if a is None or (a in vague and b) else a for a, b in zip(one, other, strict=True)
    )


def _broadcast(call: _Call, result: Any) -> Labels | None:
    """As many axes, of which some had one entry."""
    for tensor, labels in call.given:
        if labels is not None and tensor.ndim == result.ndim:
            pairs = zip(tensor.shape, result.shape, strict=True)
            if all(a in (b, 1) for a, b in pairs):
                return tuple(
                    label if a == b else None
                    for label, a, b in zip(labels, tensor.shape, result.shape, strict=True)
                )
    return None


def _as_many_axes(call: _Call, result: Any) -> Labels | None:
    """Functions that change how long axes are, but not what they are."""
    return next(
        (labels for tensor, labels in call.given if labels and tensor.ndim == result.ndim), None
    )


def _convolved(call: _Call, result: Any) -> Labels | None:
    labels = _as_many_axes(call, result)
    return None if labels is None else (labels[0], "channel", *labels[2:])


def _mapped(call: _Call, result: Any) -> Labels | None:
    """A product with a matrix: the last axis is new."""
    tensor, labels = call.source()
    if tensor.ndim != result.ndim:
        return None
    return (*labels[:-1], feature_beside(labels[:-1]))


def feature_beside(others: Sequence[Label]) -> str:
    """What the last axis of a map is called, and that of a sequence or a vector."""
    return "channel" if {"row", "col", "frame"} & set(others) else "unit"


def _multiplied(call: _Call, result: Any) -> Labels | None:
    (one, first), (other, second) = call.given[:2]
    if first is None or one.ndim != result.ndim:
        return None
    last = second[-1] if second is not None else feature_beside(first[:-1])
    return (*first[:-1], last) if other.ndim > 1 else first[:-1]


def _moved(call: _Call, result: Any) -> Labels | None:
    """Axes that change places: the same function tells, on axes of lengths that all differ."""
    import torch

    _, labels = call.source()
    lengths = [101 + 2 * i for i in range(len(labels))]
    # On the meta device shapes are all that is computed.
    model = torch.empty(lengths, device="meta")
    moved = call.func(model, *call.args[1:], **call.kwargs)
    by_length = dict(zip(lengths, labels, strict=True))
    found = tuple(by_length.get(n) for n in moved.shape)
    return found if len(found) == result.ndim else None


def _reduced(call: _Call, result: Any) -> Labels | None:
    tensor, labels = call.source()
    if tensor.shape == result.shape:
        return labels
    import torch

    model = torch.empty([101 + 2 * i for i in range(len(labels))], device="meta")
    left = call.func(model, *call.args[1:], **call.kwargs)
    left = left if hasattr(left, "shape") else left[0]
    by_length = {101 + 2 * i: label for i, label in enumerate(labels)}
    found = tuple(by_length.get(n) for n in left.shape)
    return found if len(found) == result.ndim else None


def _squeezed(call: _Call, result: Any) -> Labels | None:
    tensor, labels = call.source()
    left = iter(result.shape)
    kept: list[Label] = []
    length = next(left, None)
    for label, n in zip(labels, tensor.shape, strict=True):
        if n == length:
            kept.append(label)
            length = next(left, None)
        elif n != 1:
            return None
    return tuple(kept)


def _indexed(call: _Call, result: Any) -> Labels | None:
    tensor, labels = call.source()
    index = call.args[1]
    index = index if isinstance(index, tuple) else (index,)
    if not all(each is None or each is ... or isinstance(each, int | slice) for each in index):
        return None
    n_axes = sum(each is not None and each is not ... for each in index)
    fill = [slice(None)] * (tensor.ndim - n_axes)
    at = index.index(...) if ... in index else len(index)
    whole = [*index[:at], *fill, *index[at + 1 :]]
    remaining = iter(labels)
    found: list[Label] = []
    for each in whole:
        label = None if each is None else next(remaining)
        if not isinstance(each, int):
            found.append(label)
    return tuple(found) if len(found) == result.ndim else None


def _unknown(call: _Call, result: Any) -> Labels | None:
    """Functions that mix axes in ways of their own."""
    del call, result


def _unbound(call: _Call, result: Any) -> Labels | None:
    tensor, labels = call.source()
    along = call.kwargs.get("dim", call.args[1] if len(call.args) > 1 else 0)
    at = int(along) % tensor.ndim
    left = (*labels[:at], *labels[at + 1 :])
    return left if len(left) == result.ndim else None


def _reshaped(call: _Call, result: Any) -> Labels | None:
    """Groups of neighbouring axes become other groups with as many entries."""
    tensor, labels = call.source()
    if tensor.shape == result.shape:
        return labels
    # Axes of one entry say nothing, and could belong to either neighbour.
    old, new = _longer(tensor.shape), _longer(result.shape)
    found: list[Label] = [None] * result.ndim
    lengths = [tensor.shape[i] for i in old], [result.shape[i] for i in new]
    for before, after in _groups(*lengths):
        told = _regrouped([labels[old[i]] for i in before], [lengths[1][i] for i in after])
        for i, label in zip(after, told, strict=True):
            found[new[i]] = label
    return tuple(found)


def _longer(shape: Sequence[int]) -> list[int]:
    return [i for i, n in enumerate(shape) if n != 1]


def _groups(one: Sequence[int], other: Sequence[int]) -> list[tuple[range, range]]:
    groups, i, j = [], 0, 0
    while i < len(one) or j < len(other):
        start = i, j
        i, j = min(i + 1, len(one)), min(j + 1, len(other))
        while math.prod(one[start[0] : i]) != math.prod(other[start[1] : j]):
            if (math.prod(one[start[0] : i]) < math.prod(other[start[1] : j])) and i < len(one):
                i += 1
            elif j < len(other):
                j += 1
            else:
                raise ValueError
        groups.append((range(start[0], i), range(start[1], j)))
    return groups


def _regrouped(labels: list[Label], lengths: list[int]) -> list[Label]:
    if len(labels) == 1 and len(lengths) == 1:
        return [labels[0]]
    if len(lengths) == 1:
        return [_merged(labels)]
    if len(labels) == 1:
        return _split(labels[0], lengths)
    return [None] * len(lengths)


def _merged(labels: Sequence[Label]) -> Label:
    """What an axis counts that several have become."""
    if labels[0] == STIMULUS and all(labels):
        return f"{STIMULUS}*{_merged(labels[1:])}"
    if all(each in POSITIONS for each in labels):
        return "position" if "position" in labels else "token"
    if any(each is None or each.startswith(STIMULUS) for each in labels):
        return None
    return "unit"


def _split(label: Label, lengths: Sequence[int]) -> list[Label]:
    """What several axes count that one has become; only pieces of positions are positions."""
    if label == "token" and len(lengths) == 2:
        return ["row", "col"]
    if label in POSITIONS:
        return ["position"] * len(lengths)
    if label is not None and label.startswith(f"{STIMULUS}*"):
        rest = label.removeprefix(f"{STIMULUS}*")
        return [STIMULUS, *_split(rest, lengths[1:])] if len(lengths) > 2 else [STIMULUS, rest]
    if label in FEATURES and len(lengths) == 2:
        return ["head", label]
    if label in FEATURES and len(lengths) == 3 and lengths[0] == 3:
        return [None, "head", label]  # Queries, keys and values.
    return [None] * len(lengths)


_MOVED_IN_PLACE = frozenset(
    ("transpose_", "t_", "swapaxes_", "swapdims_", "squeeze_", "unsqueeze_", "resize_")
)


def _table(rule: Rule, names: str) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


_RULES: Mapping[str, Rule] = {
    **_table(
        _as_many_axes,
        "cat concat concatenate pad _pad interpolate upsample roll narrow chunk split tensor_split "
        "repeat index_select max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d "
        "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d "
        "adaptive_max_pool2d adaptive_max_pool3d lp_pool1d lp_pool2d boolean_dispatch "
        "_max_pool1d _max_pool2d _max_pool3d scaled_dot_product_attention pixel_shuffle",
    ),
    **_table(_convolved, "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d"),
    **_table(_mapped, "linear"),
    **_table(_multiplied, "matmul bmm __matmul__ mm baddbmm"),
    **_table(
        _moved,
        "permute transpose movedim moveaxis swapaxes swapdims unsqueeze t adjoint __get__",
    ),
    **_table(
        _reduced,
        "mean sum amax amin max min prod std var logsumexp norm argmax argmin select",
    ),
    **_table(_squeezed, "squeeze"),
    **_table(_unknown, "einsum tensordot bilinear inner outer cdist kron unfold fold inverse"),
    **_table(_indexed, "__getitem__"),
    **_table(_unbound, "unbind"),
    **_table(_reshaped, "reshape view flatten unflatten reshape_as view_as ravel"),
}
