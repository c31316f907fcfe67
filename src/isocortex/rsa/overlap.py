"""RDMs that lack pairs must have enough of them in common."""

import numpy as np

from isocortex.choice import counted
from isocortex.data.rdms import RDMs
from isocortex.data.tables import row_names
from isocortex.errors import UndefinedError
from isocortex.numerics.inference.common_pairs import FEWEST_PAIRS, common_counts


def refuse_little_overlap(first: RDMs, second: RDMs, who: str) -> None:
    """Stop where two RDMs have fewer than three pairs of stimuli in common.

    Raises
    ------
    UndefinedError
        With who they are, and how many pairs they share.
    """
    if not (first.gaps or second.gaps):
        return
    counts = common_counts(first.values, second.values)
    few = counts < FEWEST_PAIRS
    if first is second:
        # Each two once.
        few = np.triu(few)
    places = np.argwhere(few)
    if not len(places):
        return
    said = "; ".join(
        f"{row_names(first.labels, [i])} and {row_names(second.labels, [j])} ({counts[i, j]})"
        for i, j in places[:3].tolist()
    )
    more = f" and {len(places) - 3} more" if len(places) > 3 else ""
    raise UndefinedError(
        f"{who}: {counted(len(places), 'pair')} of RDMs {'has' if len(places) == 1 else 'have'} "
        "too few pairs of stimuli in common (how many in brackets; "
        f"{FEWEST_PAIRS} are needed): {said}{more}. Leave one of each out, or take the "
        "mean over RDMs: rdms.mean().",
        places[:, 0].tolist(),
    )
