"""Networks ranked without looking twice: each person's layer is chosen by the others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isocortex.numerics.chance.multiple import CORRECTIONS
from isocortex.numerics.chance.subjects import t_inference

_COLUMNS = ["network", "layer", "score", "low", "high", "p", "n"]


@dataclass(frozen=True)
class Ranking:
    """The networks of one method in one region."""

    networks: pd.DataFrame
    """network, layer (chosen most often), score, low, high, p (against 0), n; the best first."""
    pairs: pd.DataFrame
    """first, second, difference with low and high, p (two-sided, corrected by Holm over the
    pairs), n (people who have both)."""
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
    people, subjects = pd.factorize(table["subject"])
    honest = len(subjects) > 2
    values, rows = [], []
    for network, held in _by_network(table, people):
        scores, whole, layers = _people_by_layers(held, len(subjects))
        if not len(whole):
            continue
        own, chosen = chosen_by_others(scores)
        values.append(np.full(len(subjects), np.nan))
        values[-1][whole] = own
        layer = str(layers[np.bincount(chosen).argmax()])
        rows.append({"network": network, "layer": layer, **_interval(own, level)})
    order = sorted(range(len(rows)), key=lambda i: -rows[i]["score"])
    networks = pd.DataFrame([rows[i] for i in order], columns=_COLUMNS)
    ranked = np.reshape([values[i] for i in order], (len(rows), len(subjects)))
    return Ranking(networks, _pairs(ranked, networks["network"], level), honest)


def _by_network(table: Any, people: np.ndarray) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """For each network the place of the person, the layer and the score of its rows."""
    codes, networks = pd.factorize(table["network"])
    layers, scores = table["layer"].to_numpy(), table["score"].to_numpy()
    for place, network in enumerate(networks):
        here = codes == place
        yield str(network), (people[here], layers[here], scores[here])


def _people_by_layers(held: tuple[Any, ...], n_people: int) -> tuple[np.ndarray, np.ndarray, Any]:
    """Scores (n_whole, n_layers) of the people who have all layers, their places, the layers."""
    people, layers, scores = held
    places, names = pd.factorize(layers)
    cells = people * len(names) + places
    size = n_people * len(names)
    count = np.bincount(cells, minlength=size)
    total = np.bincount(cells, scores, size)
    with np.errstate(invalid="ignore"):
        means = (total / count).reshape(n_people, len(names))
    whole = np.flatnonzero(np.isfinite(means).all(1))
    return means[whole], whole, names


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
        return {"score": mean, "low": None, "high": None, "p": None, "n": n}
    error = values.std(ddof=1) / np.sqrt(n)
    span = t_inference(np.asarray(mean), np.asarray(error), n, level)
    found = {name: float(getattr(span, name)) for name in ("low", "high", "p")}
    return {"score": mean, **found, "n": n}


def _pairs(values: np.ndarray, names: Any, level: float) -> pd.DataFrame:
    """Tests of all pairs of networks, over the people (columns) who have both."""
    first, second = np.triu_indices(len(values), 1)
    gap = values[first] - values[second]
    n = np.isfinite(gap).sum(1)
    few, at_least = n < 3, np.maximum(n, 2)
    gap = np.ma.masked_invalid(gap)
    mean = gap.mean(1).filled(np.nan)
    spread = np.where(few, np.nan, gap.std(1, ddof=1).filled(np.nan))
    spread[np.ma.ptp(gap, axis=1).filled(0) == 0] = np.nan
    found = t_inference(mean, spread / np.sqrt(at_least), at_least, level)
    p = np.asarray(found.p, dtype=float)
    known = np.isfinite(p)
    if known.any():
        p[known] = CORRECTIONS["holm"](p[known])
    return pd.DataFrame(
        {
            "first": names.to_numpy()[first],
            "second": names.to_numpy()[second],
            "difference": mean,
            "low": found.low,
            "high": found.high,
            "p": p,
            "n": n,
        }
    )
