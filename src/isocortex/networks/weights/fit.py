"""Weights put into a network: fitted strictly, and what is missing stays visible."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from isocortex.choice import listed
from isocortex.errors import FormatError, InputError, warn
from isocortex.networks.weights.checkpoint_parts import Part, beginnings, chosen_part, find_parts
from isocortex.networks.weights.files import Weights, read_checkpoint


class Fitted(NamedTuple):
    """What became of the weights of a file."""

    missing: tuple[str, ...]
    """Names of the parameters and buffers without a value; they are NaN."""
    words: str
    """The file, and which part of it was taken."""


def fit_weights(module: Any, weights: Weights) -> Fitted:
    """Put the weights of a file into ``module``; what they lack becomes NaN.

    Parameters
    ----------
    module : torch.nn.Module
        Is changed.
    weights : Weights
        The file may lack a part of the network, but the set of weights in it that is taken
        may hold nothing that the network does not have, but for a head that was exchanged.

    Raises
    ------
    InputError
        If names or shapes do not fit, or several sets of weights do; the message lists them.
    FormatError
        If the file cannot be read, or holds no tensors.
    """
    source = repr(str(weights.path))
    content = read_checkpoint(weights.path)
    told = beginnings(content)
    if not told:
        raise FormatError(
            f"{source} holds no plain dictionary of tensors; save module.state_dict()."
        )
    own = module.state_dict()
    parts = find_parts(content, own)
    if not parts:
        raise InputError(
            f"The weights in {source} do not fit this network, whose names are such as "
            f"{listed(own, 3)}: {told}."
        )
    part = chosen_part(parts, weights.part, source)
    if part.unknown or part.wrong or not part.fitting:
        raise InputError(_misfit(part, source, told))
    module.load_state_dict(part.fitting, strict=False)
    fill_with_nan(module, part.missing)
    if part.heads:
        _warn_of_heads(part, source)
    return Fitted(part.missing, f"{weights.path}{f' (part {part.name!r})' if part.name else ''}")


def fill_with_nan(module: Any, missing: Sequence[str]) -> None:
    """Make parameters NaN that have no value, so that nothing that depends on them looks right."""
    import torch

    with torch.no_grad():
        for name, tensor in module.state_dict(keep_vars=True).items():
            if name in missing and tensor.is_floating_point():
                tensor.fill_(torch.nan)


def _misfit(part: Part, source: str, told: str) -> str:
    wrong = [
        f"{key} {tuple(part.tensors[key].shape)} instead of {tuple(part.own[key].shape)}"
        for key in part.wrong
    ]
    problems = [
        (part.unknown, f"names that the network lacks ({listed(part.unknown, 3)})"),
        (wrong, f"of another shape ({listed(wrong, 3)})"),
        (part.missing, f"of {len(part.own)} missing ({listed(part.missing, 3)})"),
    ]
    counted = "; ".join(f"{len(some)} {text}" for some, text in problems if some)
    where = f"part {part.name!r} of {source}" if part.name else source
    return (
        f"The weights in {where} do not fit this network: {counted}. What the file holds: {told}. "
        "To take what fits of them knowingly, load them into the module yourself, and give that."
    )


def _warn_of_heads(part: Part, source: str) -> None:
    warn(
        f"{source} has another head than this network: {len(part.heads)} tensors were left over "
        f"({listed(part.heads, 4)}), and {len(part.missing)} are missing "
        f"({listed(part.missing, 4)}). Layers that depend on those are absent."
    )
