"""A page with a surface that the mouse turns: WebGL, without any library."""

import base64
import json
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np
from matplotlib import colormaps

GREY = (0.75, 0.5)
"""Of gyri and of sulci, where there is no score."""


def turned(
    places: np.ndarray,
    triangles: np.ndarray,
    drawn: tuple[np.ndarray, np.ndarray],
    scale: dict[str, Any],
    title: tuple[str, str],
) -> str:
    """The page.

    Parameters
    ----------
    places : array, shape (n_vertices, 3)
    triangles : integer array, shape (n_triangles, 3)
    drawn : two arrays, shape (n_vertices,)
        Scores, NaN where there are none, and the depth of sulci.
    scale : dict
        ``cmap``, ``vmin``, ``vmax``.
    title : two str
        What is written above, and the side of the head that is seen first.
    """
    values, depth = drawn
    share = (values - scale["vmin"]) / (scale["vmax"] - scale["vmin"])
    grey = np.where(depth > 0, GREY[1], GREY[0])[:, None]
    there = np.isfinite(values)[:, None]
    shades = colormaps[scale["cmap"]](np.nan_to_num(share))[:, :3]
    middle = (places.max(0) + places.min(0)) / 2
    centred = (places - middle) / np.linalg.norm(places - middle, axis=1).max()
    bar = [_hex(colormaps[scale["cmap"]](x)) for x in np.linspace(0, 1, 9)]
    data = {
        "places": _packed(centred, "<f4"),
        "normals": _packed(_normals(centred, triangles), "<f4"),
        "colours": _packed(255 * np.where(there, shades, grey), "u1"),
        "triangles": _packed(triangles, "<u2"),
    }
    page = files("isocortex.plots").joinpath("turned.html").read_text(encoding="utf-8")
    for name, text in (
        ("TITLE", escape(title[0])),
        ("SIDE", "-1" if title[1] == "left" else "1"),
        ("LOW", f"{scale['vmin']:.3g}"),
        ("HIGH", f"{scale['vmax']:.3g}"),
        ("BAR", ", ".join(bar)),
        ("DATA", json.dumps(data)),
    ):
        page = page.replace(f"%{name}%", text)
    return page


def _packed(array: np.ndarray, dtype: str) -> str:
    return base64.b64encode(np.ascontiguousarray(array).astype(dtype).tobytes()).decode("ascii")


def _hex(colour: Any) -> str:
    return "#" + "".join(f"{round(255 * x):02x}" for x in colour[:3])


def _normals(places: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """The mean direction of the triangles around each vertex."""
    a, b, c = places[triangles].transpose(1, 0, 2)
    across = np.cross(b - a, c - a)
    normals = np.zeros_like(places)
    for corner in triangles.T:
        np.add.at(normals, corner, across)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
