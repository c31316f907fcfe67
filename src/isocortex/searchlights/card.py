"""What a notebook shows of neighbourhoods."""

from typing import TYPE_CHECKING

import numpy as np

from isocortex.choice import counted
from isocortex.display.card import Card, facts_of, table_rows

if TYPE_CHECKING:
    from isocortex.searchlights.neighbourhoods import Neighbours


def of_neighbours(noun: "Neighbours") -> Card:
    """How many centres, how large, and the first of them."""
    sizes = noun.sizes
    facts = {"rule": noun.rule, **facts_of(noun.notes)}
    if len(sizes):
        facts["units in each"] = f"{sizes.min()} to {sizes.max()}, median {np.median(sizes):g}"
    what = f"{counted(len(noun), 'centre')} of {counted(len(noun.units), 'unit')}"
    rows = (table_rows("centre", noun.centres), table_rows("unit", noun.units))
    return Card("Neighbours", what, facts, rows)
