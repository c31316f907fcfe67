"""Which network wins, by how much, and whether that is more than noise: sentences."""

from collections.abc import Mapping, Sequence
from typing import Any

from isocortex.choice import counted
from isocortex.study.inferred import Inferred
from isocortex.study.settings import RSA, Method, Similarity

LEVEL = 0.05
NAMED = 3
Row = Mapping[str, Any]


def verdict(ranked: Sequence[Row], pairs: Sequence[Row], level: float) -> str:
    """The first of the networks in a region, and those that it can be told from.

    Parameters
    ----------
    ranked : rows of network, score, low, high, n, above (p against 0, or None)
        The best first.
    pairs : rows of first, second, difference, p (corrected)
    level : float
        Of the intervals.
    """
    best = ranked[0]
    said = f"{best['network']} scores highest: {number(best['score'])}{_interval(best, level)}"
    if best["above"] is not None:
        more = "above" if best["above"] < LEVEL else "not significantly above"
        said += f", {more} 0 (p {p_value(best['above'])})"
    said += "."
    others = [(_other(row, best["network"]), row) for row in pairs]
    with_best = [(name, row) for name, row in others if name is not None]
    if len(ranked) == 1:
        return said
    if not with_best or all(row["p"] is None for _, row in with_best):
        return f"{said} Nothing can be said of differences: there are too few people for a test."
    less = [(name, row) for name, row in with_best if row["p"] is not None and row["p"] < LEVEL]
    same = [(name, row) for name, row in with_best if row["p"] is None or row["p"] >= LEVEL]
    if same:
        said += f" It does not differ significantly from {_named(same)}."
    if less:
        said += f" It is better than {_named(less)}."
    return said


def _other(row: Row, best: str) -> str | None:
    """Who the best is compared with in a row, if it is in it."""
    if best not in (row["first"], row["second"]):
        return None
    return row["second"] if row["first"] == best else row["first"]


def _named(rows: Sequence[tuple[str, Row]]) -> str:
    if len(rows) > NAMED:
        return f"{len(rows)} others"
    parts = [
        f"{name} (difference {number(abs(row['difference']))}"
        + (f", p {p_value(row['p'])})" if row["p"] is not None else ")")
        for name, row in rows
    ]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _interval(row: Row, level: float) -> str:
    if row["low"] is None:
        return ""
    ends = f"{number(row['low'])} to {number(row['high'])}"
    return f" ({100 * level:g} % interval {ends} over {row['n']} people)"


def number(value: float) -> str:
    """Three digits after the point, with a minus that is one."""
    return f"{value:.3f}".replace("-", "−")


def p_value(p: float) -> str:
    """A p-value as papers write it, without the zero before the point."""
    return "< .001" if p < 0.001 else f"= {p:.3f}".replace("0.", ".", 1)


def zero_is_chance(method: Method) -> bool:
    """Whether unrelated things score 0; cosines of distances and CKA with its bias do not."""
    if isinstance(method, RSA):
        return "cosine" not in method.comparison
    return not isinstance(method, Similarity) or method.index == "cka_unbiased"


def tested(found: Inferred, n_people: int) -> str:
    """Over what networks were tested, in words."""
    if found.n is None:
        if n_people < 3:
            return "There are fewer than three people, so that networks are not tested."
        return (
            f"Tests are over {counted(n_people, 'person')} (t of each difference, corrected by "
            "Holm over the "
            "pairs of a region): they hold for other people, with these stimuli."
        )
    stimuli = found.n["stimulus"]
    if found.over == ("stimulus",):
        return (
            f"Tests are bootstraps over {stimuli} stimuli (infer, corrected over the pairs of a "
            "region by the largest difference of each sample): they hold for other stimuli, and "
            f"{'this person' if n_people == 1 else 'these people'}."
        )
    return (
        f"Tests are two-factor bootstraps over {found.n['subject']} people and {stimuli} stimuli "
        "(infer, corrected over the pairs of a region by the largest difference of each sample): "
        "they hold for other people and other stimuli."
    )
