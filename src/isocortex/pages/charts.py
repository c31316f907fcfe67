"""Specifications of panels in Vega-Lite: plain mappings, drawn by the runtime in the page.

A chart is one panel for each region or network; the page gives each its rows (as the data set
``panel``), the same scale to all, and the order of layers and networks.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Spec = dict[str, Any]

# Wong (2011), Points of view: Color blindness, Nat. Methods 8:441; black is left out, since the
# ground may be dark.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#999999", "#F0E442")
_NUMBERS = {
    *("depth", "score", "low", "high", "ceiling", "ceiling_high", "wide_low", "wide_high"),
}
_CALLED = {
    "low": "low (people)",
    "high": "high (people)",
    "wide_low": "low (infer)",
    "wide_high": "high (infer)",
    "n": "people",
}
_HERE = {"name": "panel"}


def colours_of(networks: Sequence[str]) -> dict[str, str]:
    """A colour for each network; from the ninth on they come again, with other dashes."""
    return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(networks)}


def profile(score: str, networks: Sequence[str]) -> Spec:
    """The layers of each network in one region, over the noise ceiling."""
    colours = colours_of(networks)
    dash = {
        "field": "network",
        "type": "nominal",
        "scale": {"domain": list(colours), "range": [_dash(i) for i in range(len(colours))]},
        "legend": None,
    }
    depth = {
        "field": "depth",
        "type": "quantitative",
        "title": "depth (first layer 0, last 1)",
        "scale": {"domain": [0, 1]},
        "axis": {"tickCount": 5},
    }
    band = {
        "transform": [{"filter": "isValid(datum.low)"}],
        "mark": {"type": "area", "opacity": 0.15},
        "encoding": {
            "x": depth,
            "y": _y("low", score),
            "y2": {"field": "high"},
            "color": _colour(colours),
        },
    }
    line = {
        "mark": {"type": "line", "point": {"size": 60, "cursor": "pointer"}},
        "encoding": {
            "x": depth,
            "y": _y("score", score),
            "color": _colour(colours),
            "strokeDash": dash,
            "tooltip": tips("network", "layer", "depth", "score", "low", "high", "ceiling"),
        },
    }
    return {"data": _HERE, "width": 270, "height": 240, "layer": [_ceiling("y", score), band, line]}


def _colour(colours: Mapping[str, str]) -> Spec:
    scale = {"domain": list(colours), "range": list(colours.values())}
    return {"field": "network", "type": "nominal", "scale": scale, "legend": None}


def _ceiling(side: str, score: str) -> Spec:
    """The noise ceiling of the region as a grey band across the chart."""
    return {
        "transform": [{"filter": "isValid(datum.ceiling)"}],
        "mark": {"type": "rect", "opacity": 0.16, "color": "#888888"},
        "encoding": {
            side: {"aggregate": "min", **_y("ceiling", score)},
            f"{side}2": {"aggregate": "max", "field": "ceiling_high"},
        },
    }


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


def ranking(score: str, networks: Sequence[str]) -> Spec:
    """The networks of one region with their intervals, the best on top."""
    y = {"field": "network", "type": "nominal", "title": None}
    colour = _colour(colours_of(networks))

    def interval(low: str, high: str, width: float) -> Spec:
        return {
            "transform": [{"filter": f"isValid(datum.{low})"}],
            "mark": {"type": "rule", "strokeWidth": width},
            "encoding": {"y": y, "x": _x(low, score), "x2": {"field": high}, "color": colour},
        }

    point = {
        "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1, "cursor": "pointer"},
        "encoding": {
            "y": y,
            "x": _x("score", score),
            "color": colour,
            "tooltip": tips(
                *("network", "layer", "score", "low", "high", "wide_low", "wide_high", "n")
            ),
        },
    }
    layers = [
        _ceiling("x", score),
        interval("wide_low", "wide_high", 1.2),
        interval("low", "high", 4),
        point,
    ]
    return {"data": _HERE, "width": 270, "height": {"step": 26}, "layer": layers}


def _dash(place: int) -> list[int]:
    dashes = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
    return dashes[place // len(COLOURS) % len(dashes)]


def _y(field: str, title: str) -> Spec:
    return {"field": field, "type": "quantitative", "title": title, "axis": {"tickCount": 5}}


_x = _y


def tips(*fields: str) -> list[Spec]:
    """What is shown beside the pointer."""
    number = {"type": "quantitative", "format": ".3f"}
    return [
        {
            "field": each,
            "title": _CALLED.get(each, each),
            **(number if each in _NUMBERS else {"type": "nominal"}),
        }
        for each in fields
    ]
