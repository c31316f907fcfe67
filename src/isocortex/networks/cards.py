"""What a notebook shows of a network and of its description; no pass is made for it."""

from typing import Any

import pandas as pd

from isocortex.choice import counted, without_folders
from isocortex.display.card import Card, table_rows


def of_network(noun: Any) -> Card:
    """Its modules, parameters and weights; layers where a pass has shown them already."""
    named = list(noun.module.named_modules())[1:]
    parameters = sum(each.numel() for each in noun.module.parameters())
    facts: dict[str, Any] = {
        "weights": without_folders(noun.weights),
        "takes": noun.modality,
        "parameters": f"{parameters:,}",
        "preprocessing": noun.preprocessing,
    }
    if noun.missing:
        facts["missing"] = noun.missing
    if noun.restricted is not None:
        facts["layers"] = noun.restricted
    table = pd.DataFrame(
        [(name, type(each).__name__) for name, each in named], columns=["module", "class"]
    )
    what = f"{noun.name}, {counted(len(named) + 1, 'module')}"
    return Card("Network", what, facts, (table_rows("module", table),))


def of_description(noun: Any) -> Card:
    """Layers and the price of an extraction."""
    facts = {
        "weights": without_folders(noun.weights),
        "input": noun.takes,
        "preprocessing": noun.preprocessing,
        "stimuli": noun.n_stimuli,
        "on disk": f"{noun.gigabytes:.3g} GB",
        "passes": noun.passes,
        "time": f"about {noun.seconds:.2g} s",
    }
    what = f"{noun.network}, {counted(len(noun.layers), 'layer')}"
    return Card("Description", what, facts, (table_rows("layer", noun.layers),))
