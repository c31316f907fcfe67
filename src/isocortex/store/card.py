"""What a notebook shows of a store: its layers, from the records that it holds already."""

from typing import TYPE_CHECKING

import pandas as pd

from isocortex.choice import counted
from isocortex.display.card import Card, facts_of, named_rows, table_rows

if TYPE_CHECKING:
    from isocortex.store.store import Store


def of_store(noun: "Store") -> Card:
    """Where it is, its layers with their shapes, its stimuli and settings; nothing is opened."""
    facts = {
        "network": noun.network,
        "where": "in memory" if noun.path is None else str(noun.path),
        **facts_of(noun.settings),
    }
    layers = pd.DataFrame(
        [
            {
                "layer": name,
                "shape": " x ".join(map(str, record.shape)),
                "units": record.layout.n_columns,
                "values": "Gram only" if record.grams_only else str(record.layout.dtype),
            }
            for name, record in noun.records.items()
        ]
    )
    what = f"{counted(len(noun), 'layer')}, {counted(len(noun.stimuli), 'stimulus')}"
    stimuli = named_rows("stimulus", noun.stimuli, len(noun.stimuli))
    return Card("Store", what, facts, (table_rows("layer", layers), stimuli))
