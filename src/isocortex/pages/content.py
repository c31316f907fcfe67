"""What a page shows of a study: tables for its charts, pictures, words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from isocortex.pages.brains import BrainMaps, brain_maps
from isocortex.pages.charts import COLOURS
from isocortex.pages.matrices import kinds_of, pictures_of
from isocortex.pages.packed import columns_of, packed, plain_rows, records
from isocortex.pages.verdicts import tested, verdict, zero_is_chance
from isocortex.study.best import best_layers, over_subjects
from isocortex.study.inferred import Inferred, inferred
from isocortex.study.ranking import ranked_networks
from isocortex.study.result import StudyResult
from isocortex.study.settings import RSA, Method

MOST_ROWS = 100_000
"""Of the table in the page; above it, means over people only."""
_MEANS = ["network", "layer", "depth", "recording", "region"]
_NUMBERS = ["score", "low", "high", "n", "ceiling", "ceiling_high"]
SHOWN = {
    "network": "network",
    "layer": "layer",
    "depth": "depth",
    "recording": "recording",
    "subject": "subject",
    "region": "region",
    "method": "method",
    "score": "score",
    "low": "low",
    "high": "high",
    "p": "p",
    "ceiling": "ceiling",
    "n": "stimuli",
    "error": "error",
}
"""Columns of the table, and what they are called there."""


@dataclass(frozen=True)
class Content:
    """All that goes into a page, as plain values."""

    methods: list[dict[str, Any]]
    """For each method its name, means, ranking, pairs, verdicts and hierarchy."""
    table: str
    """Columns of the table, packed."""
    left: int
    """How many rows are not in it."""
    pictures: Mapping[str, str]
    """RDMs as PNG in base64, by dissimilarity, and layer or region."""
    brains: BrainMaps
    notes: Sequence[str]
    """What is left out of the page."""


def content_of(result: StudyResult) -> Content:
    """Gather all that the page shows of a result."""
    table = result.table()
    methods = [
        _method(each, table[table["method"] == each.name], result)
        for each in result.study.settings.method
        if (table["method"] == each.name).to_numpy().any()
    ]
    best = list(dict.fromkeys(_best(methods)))
    pictures, left_out = pictures_of(result, best)
    brains = brain_maps(result, best)
    rows = _rows(table)
    return Content(
        methods,
        packed(columns_of(rows)),
        len(table) - len(rows),
        pictures,
        brains,
        [*left_out, *brains.notes],
    )


def _rows(table: Any) -> Any:
    """Of the table what the page shows: means over people first, and they alone if it is long."""
    means = table["subject"].isna()
    parts = [table[means], table[~means]] if len(table) <= MOST_ROWS else [table[means]]
    rows: Any = pd.concat(parts).head(MOST_ROWS)[list(SHOWN)]
    return rows.rename(columns=SHOWN).dropna(axis="columns", how="all")


def _best(methods: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(row["network"], row["layer"]) for each in methods for row in each["ranked"]]


def _method(method: Method, table: Any, result: StudyResult) -> dict[str, Any]:
    means = over_subjects(table)
    people = table[table["subject"].notna() & table["score"].notna()]
    ranked: list[dict[str, Any]] = []
    pairs: list[dict[str, Any]] = []
    verdicts, honest = [], True
    for (recording, region), held in people.groupby(
        ["recording", "region"], observed=True, sort=False
    ):
        place = {"recording": str(recording), "region": str(region)}
        found = _compared(method, held, result, (str(recording), str(region)))
        ranked += [{**place, **row} for row in found["networks"]]
        pairs += [{**place, **row} for row in found["pairs"]]
        verdicts.append({**place, "text": found["verdict"], "tested": found["tested"]})
        honest = honest and found["honest"]
    regions = list(dict.fromkeys(map(str, table["region"])))
    networks = list(dict.fromkeys(map(str, table["network"])))
    return {
        "name": method.name,
        "regions": regions,
        "networks": _networks(networks, ranked),
        "means": columns_of(means[[*_MEANS, *_NUMBERS]]),
        "ranked": plain_rows(ranked),
        "pairs": plain_rows(pairs),
        "verdicts": verdicts,
        "honest": honest,
        "kind": method.dissimilarity if isinstance(method, RSA) else kinds_of(result)[0],
        "hierarchy": _hierarchy(method, result),
        "order": _orders(best_layers(table), result),
    }


def _compared(
    method: Method, held: Any, result: StudyResult, place: tuple[str, str]
) -> dict[str, Any]:
    """Networks of one region, ranked, tested, and said in words."""
    level = result.study.settings.statistics.level
    found = ranked_networks(held, level)
    networks, pairs = records(found.networks), records(found.pairs)
    n = max((row["n"] for row in networks), default=0)
    layers = {row["network"]: row["layer"] for row in networks}
    tests = inferred(result.plan, method, place, layers) if layers else Inferred()
    for row in networks:
        row["above"] = row.pop("p") if zero_is_chance(method) else None
    if tests.n is not None:
        by_name = {row["network"]: row for row in plain_rows(tests.networks)}
        for row in networks:
            wide = by_name[row["network"]]
            row.update({"wide_low": wide["low"], "wide_high": wide["high"]})
            if zero_is_chance(method):
                row["above"] = wide["p"]
        pairs = _with_tests(pairs, plain_rows(tests.pairs))
    return {
        "networks": networks,
        "pairs": pairs,
        "verdict": verdict(networks, pairs, level) if networks else "",
        "tested": tested(tests, n),
        "honest": found.honest,
    }


def _with_tests(
    pairs: Sequence[Mapping[str, Any]], tests: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """What ``infer`` says of each pair, with the p over people beside it."""
    own = {(row["first"], row["second"]): row for row in pairs}
    return [
        {
            **{name: row[name] for name in ("first", "second", "difference", "low", "high")},
            "p": row["p_corrected"],
            "p_people": own[row["first"], row["second"]]["p"],
        }
        for row in tests
    ]


def _networks(names: list[str], ranked: Sequence[Mapping[str, Any]]) -> list[str]:
    """In the order of the study; where colours do not suffice, the best first."""
    if len(names) <= len(COLOURS):
        return names
    best = sorted(ranked, key=lambda row: -row["score"])
    return list(dict.fromkeys([*(row["network"] for row in best), *names]))


def _hierarchy(method: Method, result: StudyResult) -> list[dict[str, Any]]:
    found = result.hierarchy_table
    return records(found[found["method"] == method.name].drop(columns="method"))


def _orders(best: Any, result: StudyResult) -> list[dict[str, Any]]:
    """Whether later regions are most like later layers: Spearman's rho of place and depth."""
    found = []
    for source in result.study.settings.recording:
        regions = source.regions or []
        if len(regions) < 3:
            continue
        here = best[best["recording"] == source.name]
        for network, held in here.groupby("network", observed=True, sort=False):
            depth = held.set_index(held["region"].astype(str))["depth"].reindex(regions).dropna()
            if len(depth) > 2 and depth.nunique() > 1:
                place = pd.Series(range(len(depth)))
                rho = float(place.corr(depth.reset_index(drop=True), "spearman"))
                row = {"recording": source.name, "network": str(network), "rho": rho}
                found.append({**row, "regions": len(depth)})
    return plain_rows(found)
