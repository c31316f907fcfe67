"""What users say of the axes of layers, where it is not known or should be called otherwise."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from isocortex.choice import listed
from isocortex.errors import InputError
from isocortex.networks.network import Network
from isocortex.networks.tracing.trace import Layer

AxesSaid = Sequence[str] | Mapping[str, Sequence[str]]
"""Names for the axes of one stimulus' output, for all layers or by name or pattern."""


def axes_said(
    axes: AxesSaid | None, network: Network, names: Mapping[str, str], shape: Sequence[int]
) -> dict[str, tuple[str, ...]]:
    """The axes that were said, by the layer's own name.

    Parameters
    ----------
    axes : sequence of str, or mapping from layer name or pattern to such a sequence, optional
    network : Network
    names : mapping from the name as it was asked for to the layer's own name
    shape : sequence of int
        Of one stimulus.

    Raises
    ------
    InputError
        If a name fits no layer, or there are not as many names as axes.
    """
    if axes is None:
        return {}
    by_name = axes if isinstance(axes, Mapping) else {"*": axes}
    layers = {layer.name: layer for layer in network.trace(shape).layers}
    said: dict[str, tuple[str, ...]] = {}
    for pattern, one in by_name.items():
        fits = {
            own: asked
            for asked, own in names.items()
            if pattern in (asked, own) or fnmatchcase(asked, pattern) or fnmatchcase(own, pattern)
        }
        if not fits:
            raise InputError(
                f"axes= names {pattern!r}, which is none of the layers that are extracted: "
                f"{listed(names)}."
            )
        said.update({own: _checked(one, layers[own], asked) for own, asked in fits.items()})
    return said


def _checked(axes: Sequence[str], layer: Layer, asked: str) -> tuple[str, ...]:
    if isinstance(axes, str) or not all(isinstance(each, str) and each for each in axes):
        raise InputError(f"axes= of {asked!r} must be a tuple of names, not {axes!r}.")
    if len(axes) != len(layer.shape) or len(set(axes)) != len(axes):
        raise InputError(
            f"axes= says {tuple(axes)} of {asked!r}, whose output for one stimulus has the shape "
            f"{layer.shape}: there must be {len(layer.shape)} different names."
        )
    return tuple(axes)
