"""What a notebook shows of models tested on RDMs, their fits and their parts."""

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from isocortex.choice import counted
from isocortex.data.score_card import mean_over_others
from isocortex.display.card import Card, facts_of, table_rows
from isocortex.display.pictures import matrix, points

if TYPE_CHECKING:
    from isocortex.inference.fitted import FittedRDMs
    from isocortex.inference.parted import Partition
    from isocortex.inference.recovered import Recovery
    from isocortex.inference.result import Inference

MOST = 8
"""Models or parts in a picture."""


def of_inference(noun: "Inference") -> Card:
    """Scores with intervals, the best on top, and the noise ceiling."""
    table = noun.table()
    order = np.argsort(-np.nan_to_num(noun.score, nan=-np.inf), kind="stable")
    best = table.iloc[order]
    facts = {
        "comparison": noun.comparison,
        "method": noun.method,
        "noise ceiling": _ceiling(noun.ceiling),
        "samples": f"{noun.n}, {noun.dropped} undefined",
        **facts_of(noun.notes),
    }
    found = {
        f"{row.model}": (row.score, row.low, row.high) for row in best.iloc[:MOST].itertuples()
    }
    alt = f"Scores of {counted(len(found), 'model')} with intervals and the noise ceiling."
    picture = points(found, noun.comparison, alt, noun.ceiling)
    shown = best[["model", "score", "low", "high", "p", "p_ceiling"]]
    rows = (table_rows("model", shown),)
    return Card("Inference", counted(len(noun.models), "model"), facts, rows, picture)


def of_fitted(noun: "FittedRDMs") -> Card:
    """Weights, the cross-validated score, and the RDM that is predicted."""
    facts = {
        "score": noun.score,
        "same data": float(np.nanmean(noun.same_data.values)),
        "noise ceiling": _ceiling(noun.ceiling),
        **facts_of(noun.notes),
    }
    table = noun.table().drop(columns=["fitted", "same_data"])
    what = f"{type(noun.model).__name__} of {counted(len(noun.weights), 'model')}"
    labels = noun.parts.tables["model"].itertuples(index=False)
    names = [", ".join(map(str, row)) for row in labels]
    ends = zip(names, noun.weights, strict=True)
    found = {name: (float(weight), np.nan, np.nan) for name, weight in islice(ends, MOST)}
    picture = points(found, "weight", f"The weights of {counted(len(found), 'model')}.")
    return Card("FittedRDMs", what, facts, (table_rows("model", table),), picture)


def of_partition(noun: "Partition") -> Card:
    """What each part explains, with its interval."""
    ends = zip(noun.names, noun.explained, *np.reshape(noun.interval, (-1, 2)).T, strict=True)
    found = {
        name: (float(value), float(low), float(high))
        for name, value, low, high in list(ends)[-MOST:]
    }
    alt = f"Explained share of the variance of {counted(len(found), 'part')}."
    sets = noun.notes.get("sets", ())
    what = f"{counted(len(sets), 'set')}, {noun.explained[-1]:.1%} explained"
    rows = (table_rows("part", noun.table()),)
    picture = points(found, "explained", alt)
    return Card("Partition", what, facts_of(noun.notes), rows, picture)


def of_recovery(noun: "Recovery") -> Card:
    """How often the true model is found, and which is found in its place."""
    dims = ("true", "model")
    values = mean_over_others(noun.confusion, dims)
    others = ", ".join(d for d in noun.confusion.dims if d not in dims)
    accuracy = noun.accuracy()
    what = f"{counted(len(values), 'model')}, {counted(noun.n, 'data set')} each"
    facts = {"chance": f"{1 / len(values):.0%}", "at best": f"{accuracy['rate'].max():.0%} right"}
    caption = f"true by chosen model, mean over {others}"
    picture = matrix(
        values, "rate", "How often each model is chosen when each is true.", caption=caption
    )
    return Card("Recovery", what, facts, (table_rows("setting", accuracy),), picture)


def _ceiling(ends: tuple[float, float]) -> str:
    low, high = ends
    return "not known" if np.isnan(low) else f"{low:.3f} to {high:.3f}"
