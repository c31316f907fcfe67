"""Specifications of panels in Vega-Lite: plain mappings, drawn by the runtime in the page.

A chart is one panel for each region or network; the page gives each its rows (as the data set
``panel``), the same scale to all, and the order of layers and networks.
"""

from collections.abc import Sequence
from typing import Any

Spec = dict[str, Any]

# Wong (2011), Points of view: Color blindness, Nat. Methods 8:441; black is left out, since the
# ground may be dark.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#999999", "#F0E442")
_NUMBERS = {"depth", "score", "low", "high", "ceiling", "ceiling_high"}
_HERE = {"name": "panel"}


def colours_of(networks: Sequence[str]) -> dict[str, str]:
    """A colour for each network; from the ninth on they come again, with other dashes."""
    return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(networks)}


def profile(score: str, networks: Sequence[str]) -> Spec:
    """The layers of each network in one region, over the noise ceiling."""
    colours = colours_of(networks)
    colour = {
        "field": "network",
        "type": "nominal",
        "scale": {"domain": list(colours), "range": list(colours.values())},
        "legend": None,
    }
    dash = {
        "field": "network",
        "type": "nominal",
        "scale": {"domain": list(colours), "range": [_dash(i) for i in range(len(colours))]},
        "legend": None,
    }
    depth = {
        "field": "depth",
        "type": "quantitative",
        "title": "depth",
        "scale": {"domain": [0, 1]},
    }
    ceiling = {
        "transform": [{"filter": "isValid(datum.ceiling)"}],
        "mark": {"type": "rect", "opacity": 0.16, "color": "#888888"},
        "encoding": {
            "y": {"aggregate": "min", **_y("ceiling", score)},
            "y2": {"aggregate": "max", "field": "ceiling_high"},
        },
    }
    band = {
        "transform": [{"filter": "isValid(datum.low)"}],
        "mark": {"type": "area", "opacity": 0.15},
        "encoding": {"x": depth, "y": _y("low", score), "y2": {"field": "high"}, "color": colour},
    }
    line = {
        "mark": {"type": "line", "point": {"size": 60, "cursor": "pointer"}},
        "encoding": {
            "x": depth,
            "y": _y("score", score),
            "color": colour,
            "strokeDash": dash,
            "tooltip": tips("network", "layer", "depth", "score", "low", "high", "ceiling"),
        },
    }
    return {"data": _HERE, "width": 270, "height": 210, "layer": [ceiling, band, line]}


def heat_map(score: str, regions: Sequence[str]) -> Spec:
    """Layers by regions of one network; a click chooses a cell."""
    return {
        "data": _HERE,
        "width": {"step": 38},
        "height": {"step": 18},
        "mark": {"type": "rect", "cursor": "pointer"},
        "encoding": {
            "x": {
                "field": "region",
                "type": "nominal",
                "sort": list(regions),
                "title": None,
                "axis": {"labelAngle": -40, "labelOverlap": False},
            },
            "y": {"field": "layer", "type": "nominal", "title": None},
            "color": {
                "field": "score",
                "type": "quantitative",
                "title": score,
                "scale": {"scheme": "viridis"},
            },
            "tooltip": tips("network", "layer", "region", "score", "low", "high"),
        },
    }


def ranking(score: str) -> Spec:
    """The networks of one region with intervals over people, the best on top."""
    y = {"field": "network", "type": "nominal", "title": None}
    colour = {"color": COLOURS[0]}
    rule = {
        "transform": [{"filter": "isValid(datum.low)"}],
        "mark": {"type": "rule", "strokeWidth": 2, **colour},
        "encoding": {"y": y, "x": _x("low", score), "x2": {"field": "high"}},
    }
    point = {
        "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1, **colour},
        "encoding": {
            "y": y,
            "x": _x("score", score),
            "tooltip": tips("network", "layer", "score", "low", "high", "n"),
        },
    }
    return {"data": _HERE, "width": 230, "height": {"step": 26}, "layer": [rule, point]}


def _dash(place: int) -> list[int]:
    dashes = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
    return dashes[place // len(COLOURS) % len(dashes)]


def _y(field: str, title: str) -> Spec:
    return {"field": field, "type": "quantitative", "title": title}


_x = _y


def tips(*fields: str) -> list[Spec]:
    """What is shown beside the pointer."""
    number = {"type": "quantitative", "format": ".3f"}
    return [
        {"field": each, **(number if each in _NUMBERS else {"type": "nominal"})} for each in fields
    ]
