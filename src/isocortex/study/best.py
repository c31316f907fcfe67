"""The best layer of each network in each region."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from isocortex.study.ranking import chosen_by_others

KEYS = ["method", "recording", "region", "network"]
COLUMNS = [
    *("network", "recording", "subject", "region", "method"),
    *("layer", "depth", "score", "chosen_by"),
]
OTHERS, SAME = "other subjects", "same scores"
"""Who chose a layer."""


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


def best_of_subjects(table: Any) -> pd.DataFrame:
    """The layer of each subject, method, region and network, chosen by the others if they can."""
    people = table[table["subject"].notna()]
    groups = people.groupby(KEYS, observed=True, sort=False)
    rows = [
        {**dict(zip(KEYS, map(str, place), strict=True)), **row}
        for place, held in groups
        for row in _of_group(held)
    ]
    found = pd.DataFrame(rows, columns=COLUMNS)
    return found.astype({"depth": "float64", "score": "float64"})


def _of_group(held: Any) -> Iterator[dict[str, Any]]:
    """Who lacks a score of a layer neither has a layer nor chooses one."""
    people, subjects = pd.factorize(held["subject"])
    places, layers = pd.factorize(held["layer"])
    scores = np.full((len(subjects), len(layers)), np.nan)
    scores[people, places] = held["score"]
    scored = np.flatnonzero(~np.isnan(scores).all(0))
    whole = np.flatnonzero(~np.isnan(scores[:, scored]).any(1)) if len(scored) else scored
    own, chosen = chosen_by_others(scores[whole][:, scored]) if len(whole) else ((), ())
    depths = dict(zip(held["layer"], held["depth"], strict=True))
    names = layers[scored]
    by = OTHERS if len(whole) > 2 else SAME
    found = dict(zip(whole.tolist(), zip(own, chosen, strict=True), strict=True))
    for person, subject in enumerate(map(str, subjects)):
        if person not in found:
            yield {"subject": subject, "layer": None, "chosen_by": None}
            continue
        score, place = found[person]
        layer = names[place]
        told = {"layer": str(layer), "depth": depths[layer], "score": score, "chosen_by": by}
        yield {"subject": subject, **told}
