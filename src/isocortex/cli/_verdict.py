"""Scores beside their noise ceilings, as the command line tells them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

import isocortex as ic
from isocortex.cli._figures import draw_side_by_side, draw_to_file
from isocortex.cli._show import say, show_table
from isocortex.rsa.ceiling import rdm_ceiling
from isocortex.store.atomic import whole

Bounds = Mapping[str, tuple[float, float]]


def of_layers(rdms: ic.RDMs) -> bool:
    """Whether RDMs are of a network and not of people, so that they have no noise ceiling."""
    return "layer" in rdms.labels and not {"subject", "region", "time"} & set(rdms.labels)


def ceilings(brain: ic.RDMs, comparison: str) -> Bounds:
    """The noise ceiling of each region (of all, under the name ``""``, where none is told).

    Regions with a single subject have none.
    """
    bounds = {}
    for region, part in _regions(brain).items():
        if part.n_rdms > 1:
            bounds[region] = tuple(rdm_ceiling(part, comparison))
    return bounds


def with_ceilings(scores: ic.Scores, bounds: Bounds) -> ic.Scores:
    """The scores with the columns ``ceiling_low`` and ``ceiling_high``."""
    regions = _region_of(scores)
    pairs = np.array([bounds.get(region, (np.nan, np.nan)) for region in regions])
    columns = {"ceiling_low": pairs[:, 0], "ceiling_high": pairs[:, 1]}
    return scores.replace(columns={**scores.columns, **columns})


def best_layers(scores: ic.Scores) -> dict[str, str]:
    """For each region the layer with the highest mean over subjects."""
    regions, layers = np.array(_region_of(scores)), scores.tables["model"]["layer"].tolist()
    names = dict.fromkeys(regions.tolist())
    return {name: layers[scores.values[:, regions == name].mean(1).argmax()] for name in names}


def show_scores(scores: ic.Scores, bounds: Bounds) -> None:
    """Print the mean over subjects of each layer and region, and the ceilings."""
    regions = np.array(_region_of(scores))
    names = list(dict.fromkeys(regions.tolist()))
    means = np.stack([scores.values[:, regions == name].mean(1) for name in names], axis=1)
    best = means.argmax(0)
    labels = scores.tables["model"]
    varying = labels.loc[:, labels.nunique().to_numpy() > 1] if len(labels) > 1 else labels
    rows = []
    for i, row in enumerate(varying.to_dict("records")):
        cells = [f"{mean:.3f}{' *' if best[j] == i else '  '}" for j, mean in enumerate(means[i])]
        rows.append([", ".join(map(str, row.values())), *cells])
    for k, bound in enumerate(("low", "high")):
        cells = [f"{bounds[name][k]:.3f}  " if name in bounds else "-" for name in names]
        rows.append([f"noise ceiling, {bound}", *cells])
    counts = [int((regions == name).sum()) for name in names]
    heads = [f"{name or scores.metric} (n={n})" for name, n in zip(names, counts, strict=True)]
    table = with_ceilings(scores, bounds).table()
    show_table([scores.metric, *heads], rows, data=table)
    say("* the best layer. Means over subjects.")


def draw_layers(path: Path, scores: ic.Scores, bounds: Bounds) -> Path:
    """The scores along the layers, and the ceilings; of several regions a panel a network."""
    labels = scores.tables["model"]
    networks = list(dict.fromkeys(labels["network"])) if "network" in labels else []
    if len(networks) > 1 and len(dict.fromkeys(_region_of(scores))) > 1:
        parts = [scores.select(network=name) for name in networks]
        titles = list(map(str, networks))
        return draw_side_by_side(path, ic.plots.layers, parts, titles, ceiling=bounds or None)
    # One region has one ceiling, whether lines are networks or the region alone.
    one = next(iter(bounds.values()), None) if len(bounds) < 2 else bounds
    return draw_to_file(path, ic.plots.layers, scores, ceiling=one)


def write_table(scores: ic.Scores, path: Path) -> Path:
    """The tidy table as CSV, whole or not at all."""
    with whole(path) as part:
        scores.table().to_csv(part, index=False)
    return path


def _regions(brain: ic.RDMs) -> dict[str, ic.RDMs]:
    if "region" not in brain.labels:
        return {"": brain}
    names = dict.fromkeys(brain.labels["region"].tolist())
    return {str(name): brain.select(region=name) for name in names}


def _region_of(scores: ic.Scores) -> list[str]:
    table = scores.tables["data"]
    return table["region"].astype(str).tolist() if "region" in table else [""] * len(table)
