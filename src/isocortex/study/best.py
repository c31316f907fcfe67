"""The best layer of each network in each region."""

from typing import Any

import pandas as pd

KEYS = ["method", "recording", "region", "network"]


def over_subjects(table: Any) -> Any:
    """The means over subjects; where there is one subject, its own scores."""
    means = table[table["subject"].isna() & table["score"].notna()]
    alone = table[table["subject"].notna() & table["score"].notna()]
    have = pd.MultiIndex.from_frame(means[[*KEYS, "layer"]].astype(str))
    own = pd.MultiIndex.from_frame(alone[[*KEYS, "layer"]].astype(str))
    return pd.concat([means, alone[~own.isin(have)]], ignore_index=True)


def best_layers(table: Any) -> Any:
    """One row for each method, region and network: its best layer, and the score and its interval.

    The layer is chosen by the same data that it is scored on, so that its score is somewhat too
    high: for comparing networks, choose it by other subjects or stimuli.
    """
    means = over_subjects(table)
    rows = means.groupby(KEYS, observed=True, sort=False)["score"].idxmax()
    shown = [*KEYS, "layer", "depth", "score", "low", "high", "ceiling", "n"]
    return means.loc[rows, shown].reset_index(drop=True)
