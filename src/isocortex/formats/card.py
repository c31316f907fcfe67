"""What a notebook shows of files that are open: of a folder of features no file is looked at."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from isocortex.choice import counted
from isocortex.display.card import Card, facts_of, named_rows, table_rows

if TYPE_CHECKING:
    from isocortex.formats.bdata import BData
    from isocortex.formats.mat.features import FeatureFolder


def of_bdata(noun: "BData") -> Card:
    """Sizes, and the keys by which columns are chosen."""
    samples, columns = noun.dataset.shape
    keys = pd.DataFrame(
        [
            {
                "key": key,
                "columns": int((~np.isnan(row) & (row != 0)).sum()),
                "names": len(noun.vmap.get(key, ())),
                "description": noun.descriptions.get(key, ""),
            }
            for key, row in noun.metadata.items()
        ],
        columns=["key", "columns", "names", "description"],
    )
    what = f"{counted(samples, 'sample')} x {counted(columns, 'column')}"
    return Card("BData", what, {"values": noun.dataset.dtype}, (table_rows("key", keys),))


def of_folder(noun: "FeatureFolder") -> Card:
    """The folder and its layers."""
    facts = {"folder": str(noun.folder), **facts_of(noun.labels)}
    rows = (named_rows("layer", noun.layers, len(noun)),)
    return Card("FeatureFolder", counted(len(noun), "layer"), facts, rows)
