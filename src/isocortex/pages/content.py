"""What a page shows of a study: tables for its charts, pictures, words."""

import base64
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isocortex.errors import IsocortexError
from isocortex.numerics.arrays.ranks import midranks
from isocortex.pages.charts import COLOURS
from isocortex.rsa.rdms import rdms
from isocortex.store.grams import gram
from isocortex.store.store import Store
from isocortex.study.best import over_subjects
from isocortex.study.methods import brain_rdm
from isocortex.study.ranking import ranked_networks
from isocortex.study.recordings import Recorded
from isocortex.study.result import StudyResult
from isocortex.study.settings import RSA

MOST_ROWS = 5000
"""Of the table in the page; above it, means over people only."""
MOST_PICTURES = 120
MOST_STIMULI = 200
_MEANS = [
    "network",
    "layer",
    "depth",
    "recording",
    "region",
    "score",
    "low",
    "high",
    "n",
    "ceiling",
    "ceiling_high",
]


@dataclass(frozen=True)
class Content:
    """All that goes into a page, as plain values."""

    methods: list[dict[str, Any]]
    """For each method its name, means, ranking, pairs and order of regions."""
    table: dict[str, Any]
    """Columns and rows."""
    pictures: Mapping[str, str]
    """RDMs as PNG in base64, by layer or region."""


def content_of(result: StudyResult) -> Content:
    """Gather all that the page shows of a result."""
    table = result.table()
    methods = [
        _method(each.name, table[table["method"] == each.name], result)
        for each in result.study.settings.method
        if (table["method"] == each.name).to_numpy().any()
    ]
    return Content(methods, _table(table), _pictures(result))


def _method(name: str, table: Any, result: StudyResult) -> dict[str, Any]:
    means = over_subjects(table)
    people = table[table["subject"].notna() & table["score"].notna()]
    ranked, pairs, honest = [], [], True
    for (recording, region), held in people.groupby(
        ["recording", "region"], observed=True, sort=False
    ):
        found = ranked_networks(held, result.study.settings.statistics.level)
        here = {"recording": str(recording), "region": str(region)}
        ranked += [{**here, **row} for row in records(found.networks)]
        pairs += [{**here, **row} for row in records(found.pairs)]
        honest = honest and found.honest
    regions = list(dict.fromkeys(map(str, table["region"])))
    return {
        "name": name,
        "regions": regions,
        "networks": _networks(list(dict.fromkeys(map(str, table["network"]))), ranked),
        "means": records(means[_MEANS]),
        "ranked": ranked,
        "pairs": pairs,
        "honest": honest,
        "order": [
            {"recording": str(recording), **row}
            for recording, held in means.groupby("recording", observed=True, sort=False)
            for row in _orders(held, regions)
        ],
    }


def _networks(names: list[str], ranked: Sequence[Mapping[str, Any]]) -> list[str]:
    """In the order of the study; where colours do not suffice, the best first."""
    if len(names) <= len(COLOURS):
        return names
    best = sorted(ranked, key=lambda row: -row["score"])
    return list(dict.fromkeys([*(row["network"] for row in best), *names]))


def _orders(means: Any, regions: Sequence[str]) -> list[dict[str, Any]]:
    """Whether later regions are most like later layers: Spearman's rho of place and depth."""
    if len(regions) < 3:
        return []
    found = []
    for network, held in means.groupby("network", observed=True, sort=False):
        best = held.loc[held.groupby("region", observed=True)["score"].idxmax()]
        depth = best.set_index(best["region"].astype(str))["depth"].reindex(regions).dropna()
        if len(depth) > 2 and depth.nunique() > 1:
            rho = float(pd.Series(range(len(depth))).corr(depth.reset_index(drop=True), "spearman"))
            found.append({"network": str(network), "rho": rho, "regions": len(depth)})
    return found


def _table(table: Any) -> dict[str, Any]:
    shown = [
        "network",
        "layer",
        "depth",
        "recording",
        "subject",
        "region",
        "method",
        "score",
        "low",
        "high",
        "p",
        "ceiling",
        "n",
        "error",
    ]
    rows, left = table, 0
    if len(table) > MOST_ROWS:
        rows = table[table["subject"].isna()].head(MOST_ROWS)
        left = len(table) - len(rows)
    return {
        "columns": shown,
        "rows": [list(row.values()) for row in records(rows[shown])],
        "left": left,
    }


def records(table: Any) -> list[dict[str, Any]]:
    """Rows as mappings of plain values; what is missing is None, numbers have six digits."""
    return [
        {str(name): _cell(value) for name, value in zip(table.columns, row, strict=True)}
        for row in table.astype(object).itertuples(index=False)
    ]


def _cell(value: Any) -> Any:
    if value is None or value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return None
    if isinstance(value, float | np.floating):
        return float(f"{value:.6g}")
    return int(value) if isinstance(value, np.integer) else value


def _pictures(result: StudyResult) -> dict[str, str]:
    """RDMs of layers and mean RDMs of regions, as a method of the study makes them."""
    settings = next((each for each in result.study.settings.method if isinstance(each, RSA)), None)
    if settings is None or len(result.plan.stimuli) > MOST_STIMULI:
        return {}
    found: dict[str, str] = {}
    order = result.plan.stimuli.names
    for layer in [each for one in result.plan.extractions for each in one.layers][:MOST_PICTURES]:
        try:
            made = rdms(
                gram(Store(result.study.results / layer.store)[layer.layer]), settings.dissimilarity
            )
        except IsocortexError:
            continue
        found[f"{layer.network}/{layer.layer}"] = picture(square_in(made, order)[0])
    for (recording, region), people in _people(result, settings).items():
        with suppress(IsocortexError):
            squares = [_brain(settings, each, order) for each in people]
            found[f"{recording}/{region}"] = picture(np.mean(squares, axis=0))
    return found


def _people(result: StudyResult, settings: RSA) -> dict[tuple[str, str], list[Recorded]]:
    """The recordings of all subjects in each region that a method is for."""
    batches = [each for each in result.plan.batches if each.method == settings]
    first = next((each for each in batches if each.tasks[0].layer is not None), None)
    places: dict[tuple[str, str], list[Recorded]] = {}
    for task in first.tasks if first else ():
        one = task.recorded[0]
        places.setdefault((one.recording, one.region), []).append(one)
    return places


def _brain(settings: RSA, recorded: Recorded, order: Sequence[str]) -> np.ndarray:
    return square_in(brain_rdm(settings, recorded.load()), order)[0]


def square_in(noun: Any, order: Sequence[str]) -> np.ndarray:
    """The matrices of RDMs with the stimuli in an order."""
    place = {name: i for i, name in enumerate(noun.stimuli)}
    rows = [place[name] for name in order]
    return noun.square()[:, rows][:, :, rows]


def picture(square: np.ndarray) -> str:
    """An RDM as a small PNG: ranks of dissimilarities as greys, 0 black."""
    from PIL import Image

    upper = np.triu_indices(len(square), 1)
    grey = np.zeros(square.shape)
    placed = midranks(square[upper][None])[0]
    grey[upper] = (placed - placed.min()) / max(np.ptp(placed), 1e-12) * 255
    file = io.BytesIO()
    Image.fromarray((grey + grey.T).astype(np.uint8)).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()
