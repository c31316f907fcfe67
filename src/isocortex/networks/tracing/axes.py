"""What the axes of a layer's output are: channels, space, tokens, time, features.

The module knows it: a convolution has its channels on axis 1 of a batch, a linear map has its
features on the last one, a recurrent layer says where time is. What they say holds for what
they hand on, as far as it can be followed (:mod:`isocortex.networks.tracing.provenance`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from isocortex.networks.tracing.placement import Placement
from isocortex.networks.tracing.provenance import (
    FEATURES,
    POSITIONS,
    STIMULUS,
    Label,
    Labels,
    feature_beside,
)

Axes = tuple[str, ...]

_SPACE: Mapping[int, Labels] = {1: ("position",), 2: ("row", "col"), 3: ("frame", "row", "col")}


def labels_of_input(ndim: int) -> Labels | None:
    """Pictures are (stimuli, channels, rows, columns); nothing is known of other inputs."""
    return (STIMULUS, "channel", "row", "col") if ndim == 4 else None


def labels_of_output(module: Any, given: Labels | None, ndim: int) -> Labels | None:
    """What a module says of its output, beside what is known of how it was computed.

    Parameters
    ----------
    module : torch.nn.Module
    given : tuple of labels, optional
        What followed from the functions that it called.
    ndim : int
        How many axes the output has.
    """
    from torch import nn

    # Whoever overrides forward may put axes anywhere, whatever the parent does.
    if _has_own_forward(module):
        return given
    if isinstance(module, _channels_first()) and ndim > 2:
        return _channels_on_axis_1(given, ndim)
    if isinstance(module, nn.RNNBase) and ndim == 3:
        return (STIMULUS, "time", "unit") if module.batch_first else ("time", STIMULUS, "unit")
    if isinstance(module, nn.MultiheadAttention) and ndim == 3 and given is None:
        return (STIMULUS, "token", "unit") if module.batch_first else ("token", STIMULUS, "unit")
    if isinstance(module, _features_last()):
        return _features_on_last_axis(module, given, ndim)
    return given


def _has_own_forward(module: Any) -> bool:
    """Whether a subclass computes in another way than its class in ``torch.nn``.

    The ``LayerNorm2d`` of several libraries is an ``nn.LayerNorm``, but has its channels first.
    """
    kinds = (*_channels_first(), *_features_last())
    if not isinstance(module, kinds):
        return False
    defining = next(each for each in type(module).__mro__ if "forward" in vars(each))
    return not defining.__module__.startswith("torch.nn.")


def _channels_first() -> tuple[type, ...]:
    from torch import nn
    from torch.nn.modules import batchnorm, conv, instancenorm, pooling

    pools = ("_MaxPoolNd", "_AvgPoolNd", "_LPPoolNd", "_AdaptiveAvgPoolNd", "_AdaptiveMaxPoolNd")
    return (
        conv._ConvNd,
        batchnorm._BatchNorm,
        instancenorm._InstanceNorm,
        nn.GroupNorm,
        nn.LocalResponseNorm,
        nn.PixelShuffle,
        nn.Upsample,
        *(getattr(pooling, name) for name in pools),
    )


def _features_last() -> tuple[type, ...]:
    from torch import nn

    return (nn.Linear, nn.LayerNorm, nn.Embedding, nn.RMSNorm, nn.RNNCellBase, nn.Bilinear)


def _channels_on_axis_1(given: Labels | None, ndim: int) -> Labels | None:
    if ndim - 2 not in _SPACE:
        return given
    usual = _SPACE[ndim - 2]
    if given is None:
        return (None, "channel", *usual)
    space = tuple(
        label if label in POSITIONS else other
        for label, other in zip(given[2:], usual, strict=True)
        # Known positions (tokens made a map, say) are kept; others are the usual ones.
    )
    return (given[0], "channel", *space)


def _features_on_last_axis(module: Any, given: Labels | None, ndim: int) -> Labels:
    from torch import nn

    if given is None:
        return (*_positions(ndim - 1), "unit")
    over_several = (
        isinstance(module, nn.LayerNorm | nn.RMSNorm) and len(module.normalized_shape) > 1
    )
    if over_several or given[-1] in FEATURES:
        return given
    return (*given[:-1], feature_beside(given[:-1]))


def _positions(n: int) -> Labels:
    """Before the last axis of a linear map all axes are stimuli or positions, in some order."""
    return ("position",) * n


def axes_of(labels: Labels | None, placement: Placement, shape: Sequence[int]) -> Axes:
    """Names of the axes of the output for one stimulus; ``axis 0`` … for what is not known.

    Parameters
    ----------
    labels : tuple of labels, optional
        Of the output for several stimuli.
    placement : Placement
        Where the stimuli turned out to be.
    shape : sequence of int
        For one stimulus.
    """
    if len(shape) == 1:
        return ("unit",)
    of_one = _labels_of_one(labels, placement, len(shape))
    sequence = {"token", "time", "position"} & set(of_one)
    # A sequence of vectors has features last, which a convolution before called channels.
    if sequence and of_one[-1] == "channel" and not {"row", "col", "frame"} & set(of_one):
        of_one = (*of_one[:-1], "unit")  # A sequence of vectors, not a map of channels.
    return _distinct(of_one)


def is_folded(labels: Labels | None, axis: int) -> bool:
    """Whether an axis is known to hold all parts of the first stimulus, then of the second …"""
    label = labels[axis] if labels is not None else None
    return label is not None and label.startswith(f"{STIMULUS}*")


def _labels_of_one(labels: Labels | None, placement: Placement, ndim: int) -> Labels:
    parted = placement.parts > 1
    if labels is None or len(labels) + parted - 1 != ndim:
        return (None,) * ndim
    own = labels[placement.axis]
    # Stimuli on another axis too: the placement and the labels tell different stories.
    if any(label is not None and STIMULUS in label for label in labels if label is not own):
        return (None,) * ndim
    part: Labels = ()
    if parted:
        inside = (
            own.removeprefix(f"{STIMULUS}*") if own and own.startswith(f"{STIMULUS}*") else None
        )
        part = ("position" if inside in POSITIONS else inside,)
    return (*labels[: placement.axis], *part, *labels[placement.axis + 1 :])


def _distinct(labels: Labels) -> Axes:
    if labels.count("position") == 1 and "token" not in labels:
        labels = tuple("token" if each == "position" else each for each in labels)
    names: list[str] = []
    for i, label in enumerate(labels):
        name = label or f"axis {i}"
        taken = sum(each == label for each in labels[:i]) if label else 0
        names.append(f"{name} {taken + 1}" if taken else name)
    return tuple(names)


def kind_of(axis: str) -> Label:
    """``row`` of ``row 2``; None for an axis of which nothing is known."""
    first = axis.split(" ")[0]
    return None if first == "axis" else first


def is_position(axis: str) -> bool:
    """Whether an axis is space, time or sequence, over which ``pooling`` goes."""
    return kind_of(axis) in POSITIONS


def is_known(axes: Sequence[str]) -> bool:
    """Whether all axes have names."""
    return all(kind_of(axis) is not None for axis in axes)
