"""What a notebook shows of scores: a profile of layers, a course, a matrix or a slice."""

from typing import TYPE_CHECKING, Any

import numpy as np

from isocortex.choice import counted
from isocortex.data.slices import has_voxels, of_units
from isocortex.display.card import Card, Picture, facts_of, table_rows
from isocortex.display.pictures import LINES, lines, matrix, picked

if TYPE_CHECKING:
    from isocortex.data.scores import Scores

MOST_NUMBERS = 5_000_000
"""Of more scores no picture is made."""
_SQUARES = (("train_time", "test_time"), ("first", "second"), ("true", "model"), ("model", "data"))
"""Axes of which a matrix is drawn."""


def of_scores(noun: "Scores") -> Card:
    """Axes with their first labels, metric, columns and notes, and a picture where one helps."""
    what = " x ".join(counted(n, d) for n, d in zip(noun.values.shape, noun.dims, strict=True))
    facts: dict[str, Any] = {"metric": noun.metric or "not said"}
    few = noun.values if noun.values.size <= MOST_NUMBERS else np.empty(0)
    finite = few[np.isfinite(few)]
    if finite.size:
        facts["scores"] = f"{finite.min():.4g} to {finite.max():.4g}"
    if noun.columns:
        facts["columns"] = ", ".join(map(str, noun.columns))
    if noun.kept:
        facts["kept"] = ", ".join(map(str, noun.kept))
    facts |= facts_of(noun.notes)
    tables = {dim: noun.tables.rows(dim).frame() for dim in noun.dims}
    rows = tuple(table_rows(dim, table) for dim, table in tables.items())
    return Card("Scores", what, facts, rows, picture_of(noun))


def picture_of(noun: "Scores") -> Picture | None:
    """The first that fits: a matrix, a profile of layers, a course in time, or a slice."""
    if not 0 < noun.values.size <= MOST_NUMBERS or not np.isfinite(noun.values).any():
        return None
    for draw in (_square, _profile, _course, _slice):
        found = draw(noun)
        if found is not None:
            return found
    return None


def _square(noun: "Scores") -> Picture | None:
    for pair in _SQUARES:
        if all(dim in noun.dims and noun.values.shape[noun.axis(dim)] > 2 for dim in pair):
            values = mean_over_others(noun, pair)
            rows, columns = (picked(n) for n in values.shape)
            said = f"{pair[0]} by {pair[1]}".replace("_", " ")
            part = values[np.ix_(rows, columns)]
            return matrix(
                part, noun.metric, f"Scores, {said}.", both=bool((part < 0).any()), caption=said
            )
    return None


def _profile(noun: "Scores") -> Picture | None:
    dims = [dim for dim in noun.dims if "layer" in noun.tables.rows(dim)]
    if len(dims) != 1 or noun.values.shape[noun.axis(dims[0])] < 2:
        return None
    names = [str(each) for each in noun.tables.rows(dims[0]).frame()["layer"]]
    return _lines(noun, dims[0], names, "")


def _course(noun: "Scores") -> Picture | None:
    if "time" not in noun.dims or noun.values.shape[noun.axis("time")] < 2:
        return None
    times = noun.tables.rows("time").frame()
    if "time" not in times or times["time"].dtype.kind not in "iuf":
        return None
    return _lines(noun, "time", times["time"].to_numpy(), "time (s)")


def _lines(noun: "Scores", dim: str, x: Any, label: str) -> Picture:
    """A line for each position of a short second axis, or one."""
    others = [d for d in noun.dims if d != dim and d in ("region", "data", "model", "layer")]
    second = next((d for d in others if 1 < noun.values.shape[noun.axis(d)] <= LINES), None)
    said = "by layer" if not label else "over time"
    if second is None:
        found = {noun.metric: mean_over_others(noun, (dim,))}
    else:
        table = noun.tables.rows(second).frame()
        names = [", ".join(map(str, row)) for row in table.itertuples(index=False)]
        values = mean_over_others(noun, (second, dim))
        found = dict(zip(names, values, strict=True))
    averaged = [d for d in noun.dims if d not in (dim, second)]
    caption = f"mean over {', '.join(averaged)}" if averaged else ""
    alt = f"Scores {said}{', ' if caption else ''}{caption}."
    return lines(found, x, (label, noun.metric or "score"), alt, caption=caption)


def _slice(noun: "Scores") -> Picture | None:
    if "unit" not in noun.dims:
        return None
    units = noun.tables.rows("unit").frame()
    if not has_voxels(units):
        return None
    others = [d for d in noun.dims if d != "unit"]
    what = f"mean over {', '.join(others)}" if others else ""
    return of_units(mean_over_others(noun, ("unit",)), units, noun.metric, what)


def mean_over_others(noun: "Scores", dims: tuple[str, ...]) -> np.ndarray:
    """Means over all axes but these, in this order; NaN are left out."""
    places = [noun.axis(dim) for dim in dims]
    kept = np.moveaxis(noun.values, places, range(len(dims)))
    flat = kept.reshape(*kept.shape[: len(dims)], -1)
    there = np.isfinite(flat)
    counts = there.sum(-1)
    total = np.where(there, flat, 0.0).sum(-1)
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
