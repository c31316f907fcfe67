"""Networks ranked without looking twice: each person's layer is chosen by the others."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from isocortex.numerics.chance.multiple import CORRECTIONS
from isocortex.numerics.chance.subjects import t_inference


@dataclass(frozen=True)
class Ranking:
    """The networks of one method in one region."""

    networks: pd.DataFrame
    """network, layer (chosen most often), score, low, high, n; the best first."""
    pairs: pd.DataFrame
    """first, second, difference, p (two-sided, corrected by Holm over the pairs)."""
    honest: bool
    """Whether layers were chosen by other people; with one person they cannot be."""


def ranked_networks(table: pd.DataFrame, level: float) -> Ranking:
    """Rank networks by the scores of people.

    For each person the layer is the one with the best mean over the others, so that the score is
    not raised by the choice; differences between networks are t-tests over people.

    Parameters
    ----------
    table : DataFrame
        Rows of one method, recording and region, one for each network, layer and subject.
    level : float
        Of the intervals.
    """
    per_person: dict[str, np.ndarray] = {}
    rows = []
    honest = len(set(table["subject"])) > 2
    for network, held in table.groupby("network", observed=True, sort=False):
        scores = held.pivot_table(
            index="subject", columns="layer", values="score", observed=True, sort=False
        ).dropna()
        if scores.empty:
            continue
        values, chosen = chosen_by_others(scores.to_numpy())
        per_person[str(network)] = pd.Series(values, scores.index)  # type: ignore[assignment]
        layer = str(scores.columns[np.bincount(chosen).argmax()])
        rows.append({"network": str(network), "layer": layer, **_interval(values, level)})
    networks = pd.DataFrame(rows).sort_values("score", ascending=False, ignore_index=True)
    return Ranking(networks, _pairs(per_person, networks["network"]), honest)


def chosen_by_others(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each person's score at the layer that is best for the mean of the others, and that layer.

    Parameters
    ----------
    scores : array, shape (n_people, n_layers)
        With fewer than three people, the layer is that of the mean of all.

    Returns
    -------
    values, layers : array, shape (n_people,)
    """
    n = len(scores)
    others = (scores.sum(0) - scores) / (n - 1) if n > 2 else np.tile(scores.mean(0), (n, 1))
    layers = others.argmax(1)
    return scores[np.arange(n), layers], layers


def _interval(values: np.ndarray, level: float) -> Mapping[str, Any]:
    n, mean = len(values), float(values.mean())
    if n < 2:
        return {"score": mean, "low": None, "high": None, "n": n}
    error = values.std(ddof=1) / np.sqrt(n)
    span = t_inference(np.asarray(mean), np.asarray(error), n, level)
    return {"score": mean, "low": float(span.low), "high": float(span.high), "n": n}


def _pairs(per_person: Mapping[str, Any], order: Any) -> pd.DataFrame:
    rows = []
    for first, second in itertools.combinations(order, 2):
        both = pd.concat([per_person[first], per_person[second]], axis=1, join="inner").to_numpy()
        gap = both[:, 0] - both[:, 1]
        test: Any = stats.ttest_1samp(gap, 0.0) if len(gap) > 2 and np.ptp(gap) > 0 else None
        p = np.nan if test is None else float(test.pvalue)
        rows.append({"first": first, "second": second, "difference": gap.mean(), "p": p})
    pairs = pd.DataFrame(rows, columns=["first", "second", "difference", "p"])
    known = pairs["p"].notna()
    if known.to_numpy().any():
        pairs.loc[known, "p"] = CORRECTIONS["holm"](pairs.loc[known, "p"].to_numpy())
    return pairs
