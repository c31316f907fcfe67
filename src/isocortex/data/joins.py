"""Stacks of RDMs become one, over the same stimuli or over all of them."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from isocortex.arrays import pairs_of
from isocortex.choice import counted, one_of
from isocortex.data.label_rows import joined_rows
from isocortex.data.names import Names, check_same
from isocortex.data.rdms import RDMs
from isocortex.data.tables import row_names, with_common_times
from isocortex.errors import InputError, MisalignedError


def joined(stacks: Sequence[RDMs], join: str) -> RDMs:
    """One stack of several; see :meth:`RDMs.concat`."""
    if not stacks:
        raise InputError("RDMs.concat needs at least one stack of RDMs; there is none.")
    names = JOINS[one_of(join, JOINS, "join")](stacks)
    aligned = [_spread(each, names) for each in stacks]
    tables = with_common_times([each.label_rows for each in aligned])
    values = np.concatenate([each.values for each in aligned])
    kinds = " / ".join(dict.fromkeys(each.dissimilarity for each in aligned))
    gaps = any(each.gaps for each in aligned)
    return RDMs(values, names, joined_rows(tables), kinds, gaps)


def _all_same(stacks: Sequence[RDMs]) -> Names:
    first = stacks[0]
    named = all(type(name) is str for each in stacks for name in each.stimuli)
    for place, other in enumerate(stacks[1:], 1):
        if named and other.stimuli == first.stimuli:
            continue
        check_same(
            first.stimuli,
            other.stimuli,
            _called([(0, first), (place, other)]),
            "Keep those in common (RDMs.concat(stacks, join='inner'), or align(first, second, "
            "join='inner') beforehand), or all of them with gaps (join='outer').",
        )
    return first.stimuli


def _called(pair: Sequence[tuple[int, RDMs]]) -> str:
    named = [
        row_names(each.labels, [0]) if len(each.label_rows) else f"stack {i}" for i, each in pair
    ]
    return f"RDMs.concat of {named[0]} and {named[1]}"


def _in_all(stacks: Sequence[RDMs]) -> Names:
    common = set(stacks[0].stimuli).intersection(*(each.stimuli for each in stacks[1:]))
    if len(common) < 2:
        raise MisalignedError(
            f"RDMs.concat: only {counted(len(common), 'stimulus')} in common to the {len(stacks)} "
            "stacks; "
            "at least 2 are needed."
        )
    return tuple(name for name in stacks[0].stimuli if name in common)


def _in_any(stacks: Sequence[RDMs]) -> Names:
    return tuple(dict.fromkeys(name for each in stacks for name in each.stimuli))


JOINS: Mapping[str, Callable[[Sequence[RDMs]], Names]] = {
    "same": _all_same,
    "inner": _in_all,
    "outer": _in_any,
}


def _spread(rdms: RDMs, names: Names) -> RDMs:
    """The RDMs over these names, with gaps where they have none of them."""
    own = set(rdms.stimuli)
    known = [i for i, name in enumerate(names) if name in own]
    if len(known) == len(names):
        return rdms.reorder(names)
    squares = np.full((rdms.n_rdms, len(names), len(names)), np.nan)
    there = rdms.reorder([names[i] for i in known])
    squares[:, np.array(known)[:, None], known] = there.square()
    rows, columns = pairs_of(len(names))
    return RDMs(squares[:, rows, columns], names, rdms.label_rows, rdms.dissimilarity, gaps=True)
