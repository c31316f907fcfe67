"""The models as they were given: single RDMs, and such as are fitted from several."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.choice import listed
from isocortex.data.align import aligned
from isocortex.data.rdms import RDMs
from isocortex.errors import InputError
from isocortex.inference.flexible import Interpolated, Selected, Weighted

FLEXIBLE = (Weighted, Selected, Interpolated)
_KNOWN = "RDMs, Weighted, Selected, Interpolated, or a dict of names to any of these"


@dataclass(frozen=True)
class Models:
    """The rows of all models in one stack, over the stimuli of the brain."""

    names: tuple[str, ...]
    """Of each model."""
    values: np.ndarray
    """Shape (n_rows, n_pairs): one row for a fixed model, several for a flexible one."""
    rows: tuple[np.ndarray, ...]
    """The rows of each model."""
    fits: tuple[Weighted | Selected | Interpolated | None, ...]
    """How each model is fitted; None for fixed ones."""

    @property
    def flexible(self) -> bool:
        """Whether any is to be fitted."""
        return any(each is not None for each in self.fits)

    @property
    def n(self) -> int:
        """How many models there are."""
        return len(self.names)


def models_of(given: Any, brain: RDMs) -> Models:
    """All models, their stimuli in the order of the brain's.

    Raises
    ------
    InputError
        If it is none of the kinds of model, or two have one name.
    MisalignedError
        If their stimuli are others than the brain's.
    """
    members = given if isinstance(given, Mapping) else {"": given}
    if not members:
        raise InputError("infer needs at least one model; the dict of models is empty.")
    names, parts, rows, fits = [], [], [], []
    start = 0
    for name, member in members.items():
        stack, fit = _stack(name, member)
        stack = aligned(brain, stack.complete("infer"), who="infer")[1]
        parts.append(stack.values)
        places = np.arange(start, start + stack.n_rdms)
        start += stack.n_rdms
        if fit is None:
            names += _names(str(name), stack)
            rows += [places[i : i + 1] for i in range(stack.n_rdms)]
            fits += [None] * stack.n_rdms
        else:
            names.append(str(name) or type(fit).__name__)
            rows.append(places)
            fits.append(fit)
    _refuse_twice(names)
    return Models(tuple(names), np.concatenate(parts), tuple(rows), tuple(fits))


def _stack(name: object, member: Any) -> tuple[RDMs, Any]:
    if isinstance(member, FLEXIBLE):
        return member.rdms, member
    if isinstance(member, RDMs):
        if not member.n_rdms:
            raise InputError("infer needs at least one model; the stack of RDMs is empty.")
        return member, None
    which = f" {str(name)!r}" if name else "s"
    raise InputError(f"infer: the model{which} must be {_KNOWN}, not {type(member).__name__}.")


def _names(name: str, stack: RDMs) -> list[str]:
    """What tells the RDMs of a stack apart, after the stack's own name."""
    if name and stack.n_rdms == 1:
        return [name]
    labels = stack.label_rows
    # What is the same for all does not distinguish them.
    shown = [key for key in labels if len(labels.distinct(key)) > 1] or list(labels)
    if not shown:
        tails = [f"model {i}" for i in range(stack.n_rdms)]
    else:
        rows = zip(*(labels.entries(key) for key in shown), strict=True)
        tails = [" ".join(map(str, row)) for row in rows]
    return [f"{name} {tail}".strip() for tail in tails]


def _refuse_twice(names: Sequence[str]) -> None:
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise InputError(
            f"infer: {len(twice)} names stand for several models ({listed(twice)}). Give a dict of "
            "names to RDMs, or labels that tell the RDMs apart."
        )
