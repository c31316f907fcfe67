"""What the largest value of a map is, by clusters, by enhancement or by single points."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from isocortex.numerics.chance.designs import Design
from isocortex.numerics.chance.graph import SUMMED, Graph, largest_sum
from isocortex.numerics.chance.tfce import enhanced, largest_enhanced
from isocortex.progress import advance

BLOCK_BYTES = 2**26
"""What the maps of one block, and what is made of them, may take."""


@dataclass(frozen=True)
class Rule:
    """How a map is judged."""

    statistic: str
    threshold: float
    """On the size of t; of no use for ``max`` and ``tfce``."""
    tail: int
    extent: float = 0.5
    height: float = 2.0


def _greatest(t: np.ndarray, _graph: Graph, rule: Rule) -> np.ndarray:
    return (t * rule.tail if rule.tail else np.abs(t)).max(1)


def _greatest_enhanced(t: np.ndarray, graph: Graph, rule: Rule) -> np.ndarray:
    return largest_enhanced(t, graph, rule.extent, rule.height, rule.tail)


def _greatest_sum(t: np.ndarray, graph: Graph, rule: Rule) -> np.ndarray:
    return largest_sum(t, graph, rule.threshold, rule.tail, rule.statistic)


LARGEST: dict[str, Callable[[np.ndarray, Graph, Rule], np.ndarray]] = {
    **dict.fromkeys(SUMMED, _greatest_sum),
    "tfce": _greatest_enhanced,
    "max": _greatest,
}
"""By name: maps of t (n_rows, n_points), graph and rule to the largest value of each map."""


def point_values(t: np.ndarray, graph: Graph, rule: Rule) -> np.ndarray:
    """What ``"max"`` and ``"tfce"`` compare at each point, positive on the side that is tested."""
    values = t
    if rule.statistic == "tfce":
        values = enhanced(t, graph, rule.extent, rule.height, rule.tail)
    return values * rule.tail if rule.tail else np.abs(values)


def null_of(x: np.ndarray, design: Design, graph: Graph, rule: Rule) -> tuple[np.ndarray, ...]:
    """The map of t of the data, and the largest value of each exchanged map.

    Parameters
    ----------
    x : array, shape (n_subjects, n_points)
    design : Design
    graph : Graph
    rule : Rule

    Returns
    -------
    t : array, shape (n_points,)
    null : array, shape (n_exchanges - 1,)
        Without the data.
    """
    # Maps of t and their squares, and for clusters the sides of both ends of every edge.
    width = 4 * 8 * graph.n + (6 * len(graph.first) if rule.statistic in SUMMED else 0)
    first, null = None, []
    for t in _blocks(x, design, max(1, BLOCK_BYTES // max(width, 1))):
        first = t[0].copy() if first is None else first
        null.append(LARGEST[rule.statistic](t, graph, rule))
        advance(len(t))
    return np.asarray(first), np.concatenate(null)[1:]


def _blocks(x: np.ndarray, design: Design, n_rows: int) -> Iterator[np.ndarray]:
    yield from design.blocks(np.ascontiguousarray(x, dtype=np.float64), n_rows)
