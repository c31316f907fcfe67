"""Receptive fields by arithmetic: what convolutions and pools do to an interval of positions.

The walk goes over the graph that autograd records in one pass, from the layer back to the
input, so that it works for every network, whatever its code looks like. Along one axis the
units ``u`` of a layer see the input positions ``stride u + low`` to ``stride u + high``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from isocortex.errors import UndefinedError


@dataclass(frozen=True)
class Span:
    """What the units of a layer see along one axis of some earlier tensor."""

    stride: float = 1
    low: float = 0
    high: float = 0
    whole: bool = False
    """Whether each unit sees all of it."""

    def through(self, kernel: int, stride: int, padding: int, dilation: int = 1) -> "Span":
        """One more window towards the input."""
        low = self.low * stride - padding
        high = self.high * stride - padding + dilation * (kernel - 1)
        return Span(self.stride * stride, low, high, self.whole)

    def joined(self, other: "Span") -> "Span":
        """Two paths to the same tensor."""
        if self.whole or other.whole:
            return Span(whole=True)
        if self.stride != other.stride:
            raise UndefinedError(
                "receptive_field: two paths of this network reach the same tensor with different "
                f"strides ({self.stride} and {other.stride}); use method='gradient'."
            )
        return Span(self.stride, min(self.low, other.low), max(self.high, other.high))


Spans = tuple[Span, Span]
WHOLE: Spans = (Span(whole=True), Span(whole=True))


def spans_at_input(output: torch.Tensor, batch: torch.Tensor, is_map: bool = True) -> Spans:
    """What a unit of ``output`` sees of ``batch`` (a leaf with a gradient), rows and columns.

    Where ``output`` is no map in space, whatever rearranges its units mixes all positions.

    Raises
    ------
    UndefinedError
        If an operation on the way is not known, or paths do not fit together.
    """
    start = output.grad_fn
    if start is None:
        raise UndefinedError("receptive_field: this layer does not depend on the input.")
    seen: dict[Any, Spans] = {start: (Span(), Span())}
    for node in _from_output(start):
        if node not in seen:
            continue
        if _is_leaf_of(node, batch):
            return seen[node]
        earlier = _step(node, seen[node], is_map)
        for before, _ in node.next_functions:
            if before is not None:
                seen[before] = _both(seen.get(before), earlier)
    raise UndefinedError("receptive_field: this layer does not depend on the input.")


def _both(known: Spans | None, new: Spans) -> Spans:
    return new if known is None else (known[0].joined(new[0]), known[1].joined(new[1]))


def _from_output(start: Any) -> list[Any]:
    """The nodes of the graph, each before all those that it depends on."""
    order: list[Any] = []
    done: set[Any] = set()
    stack: list[tuple[Any, bool]] = [(start, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
            continue
        if node in done:
            continue
        done.add(node)
        stack.append((node, True))
        stack += [(each, False) for each, _ in node.next_functions if each is not None]
    return order[::-1]


def _is_leaf_of(node: Any, batch: torch.Tensor) -> bool:
    return getattr(node, "variable", None) is batch


def _step(node: Any, spans: Spans, is_map: bool) -> Spans:
    kind = node.name().rstrip("0123456789").removesuffix("Backward")
    if kind.endswith("AccumulateGrad") or spans == WHOLE:
        return spans
    rule = RULES.get(kind)
    if kind in _REARRANGING and not is_map:
        return WHOLE
    if rule is None:
        raise UndefinedError(
            f"receptive_field: what the operation {kind!r} does to positions is not known; use "
            "method='gradient'."
        )
    return rule(node, spans)


def _windows(node: Any, spans: Spans, kernel: Any, padding: Any, dilation: Any) -> Spans:
    kernel, padding, dilation = _pair(kernel), _pair(padding), _pair(dilation)
    stride = _pair(node._saved_stride) or kernel
    rows, columns = (
        span.through(kernel[i], stride[i], padding[i], dilation[i]) for i, span in enumerate(spans)
    )
    return rows, columns


def _pair(value: Any) -> tuple[int, ...]:
    value = tuple(value) if isinstance(value, list | tuple) else (value, value)
    return value * 2 if len(value) == 1 else value


def _convolution(node: Any, spans: Spans) -> Spans:
    if node._saved_transposed:
        raise UndefinedError(
            "receptive_field: transposed convolutions have no single stride; use method='gradient'."
        )
    kernel = tuple(node._saved_weight.shape[2:])
    if len(kernel) != 2:
        return WHOLE
    return _windows(node, spans, kernel, node._saved_padding, node._saved_dilation)


def _max_pool(node: Any, spans: Spans) -> Spans:
    return _windows(node, spans, node._saved_kernel_size, node._saved_padding, node._saved_dilation)


def _mean_pool(node: Any, spans: Spans) -> Spans:
    return _windows(node, spans, node._saved_kernel_size, node._saved_padding, 1)


def _adaptive(node: Any, spans: Spans) -> Spans:
    """Windows of equal size, where the sizes divide; such as 6 x 6 to 6 x 6: none at all."""
    before = tuple(node._saved_self.shape[-2:])
    after = tuple(node._input_metadata[0].shape[-2:])
    if after == (1, 1):
        return WHOLE
    if any(b % a for b, a in zip(before, after, strict=True)):
        raise UndefinedError(
            f"receptive_field: an adaptive pool from {before} to {after} has windows of unequal "
            "size; use method='gradient'."
        )
    rows, columns = (
        span.through(b // a, b // a, 0) for span, b, a in zip(spans, before, after, strict=True)
    )
    return rows, columns


def _slice(node: Any, spans: Spans) -> Spans:
    n_axes = len(node._saved_self_sym_sizes)
    axis = (_signed(node._saved_dim) % n_axes) - (n_axes - 2)
    if axis not in (0, 1):
        return spans
    start = node._saved_start if node._saved_start < 2**62 else 0
    moved = list(spans)
    moved[axis] = spans[axis].through(1, node._saved_step, -start)
    return moved[0], moved[1]


def _pad(node: Any, spans: Spans) -> Spans:
    left = (list(node._saved_pad) + [0] * 4)[:4:2]
    return spans[0].through(1, 1, left[1]), spans[1].through(1, 1, left[0])


def _same(node: Any, spans: Spans) -> Spans:  # noqa: ARG001
    return spans


def _everything(node: Any, spans: Spans) -> Spans:  # noqa: ARG001
    return WHOLE


def _mean(node: Any, spans: Spans) -> Spans:
    """Over space everything is seen; over channels nothing moves."""
    if not hasattr(node, "_saved_dim"):
        return WHOLE
    n_axes = len(node._saved_self_sym_sizes)
    dims = node._saved_dim if isinstance(node._saved_dim, list | tuple) else (node._saved_dim,)
    return WHOLE if any(_signed(d) % n_axes >= n_axes - 2 for d in dims) else spans


def _channel(node: Any, spans: Spans) -> Spans:
    """One channel is taken out, or an axis for it is put in."""
    sizes = getattr(node, "_saved_self_sym_sizes", None)
    n_axes = len(sizes) if sizes is not None else len(node._input_metadata[0].shape)
    if _signed(node._saved_dim) % n_axes < n_axes - 2:
        return spans
    raise UndefinedError(
        "receptive_field: this network takes single rows or columns out of a map; use "
        "method='gradient'."
    )


def _signed(number: int) -> int:
    """Negative axes are kept as unsigned integers of 64 bits."""
    return number - 2**64 if number >= 2**63 else number


_POINTWISE = (
    "Relu", "LeakyRelu", "PRelu", "PreluKernel", "Elu", "Celu", "Selu", "Gelu", "Silu", "Mish",
    "Hardswish", "Hardsigmoid", "Hardtanh", "HardtanhWithWeight", "Softplus", "Sigmoid", "Tanh",
    "Threshold", "Clamp", "ClampMin", "Abs", "Pow", "Sqrt", "Exp", "Log", "Neg", "Add", "Sub",
    "Mul", "Div", "NativeBatchNorm", "CudnnBatchNorm", "NativeDropout", "Clone", "Cat", "ToCopy",
    "Identity", "Alias", "AliasBackward",
)  # fmt: skip
_REARRANGING = (
    "Addmm", "Mm", "Bmm", "Matmul", "Linear", "View", "UnsafeView", "ReshapeAlias", "Permute",
    "Transpose", "T", "Expand", "Squeeze", "NativeLayerNorm", "Softmax", "Roll", "Split", "Unbind",
    "SplitWithSizes", "Gather", "Select", "Unsqueeze", "ScaledDotProductFlashAttentionForCpu",
    "ScaledDotProductEfficientAttention",
)  # fmt: skip
RULES: Mapping[str, Callable[[Any, Spans], Spans]] = {
    **dict.fromkeys(_POINTWISE, _same),
    "Mean": _mean,
    "Sum": _mean,
    "Amax": _mean,
    "NativeGroupNorm": _everything,
    "Select": _channel,
    "Unsqueeze": _channel,
    "Convolution": _convolution,
    "MkldnnConvolution": _convolution,
    "MaxPool2DWithIndices": _max_pool,
    "AvgPool2D": _mean_pool,
    "AdaptiveAvgPool2D": _adaptive,
    "AdaptiveMaxPool2D": _adaptive,
    "Slice": _slice,
    "ConstantPadNd": _pad,
}
