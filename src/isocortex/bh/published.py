"""The scores of 29 networks as they were published."""

from collections.abc import Mapping
from importlib.resources import files

import pandas as pd

from isocortex.choice import listed, one_of
from isocortex.data.estimate import Estimate
from isocortex.data.needs import door
from isocortex.errors import InputError

SCORES = ("decoding", "encoding", "mean")


@door
def published_hierarchy() -> pd.DataFrame:
    """Brain Hierarchy scores of 29 networks, in the order of the published settings.

    Returns
    -------
    DataFrame
        ``network``, ``folder``, ``n_layers``, ``decoding`` (mean over 100 random choices of 5
        layers), ``encoding`` (all layers), ``mean`` of the two, by which networks are ranked,
        and ``decoding_all_layers``.

    See Also
    --------
    ranked : New networks among them.
    hierarchy : The score of a network of one's own.
    plots.hierarchy_scatter : Draws them.

    References
    ----------
    .. [1] Nonaka, Majima, Aoki & Kamitani (2021), Brain hierarchy score, iScience 24:103013.
       https://doi.org/10.1016/j.isci.2021.103013

    Examples
    --------
    >>> import isocortex as ic
    >>> table = ic.published_hierarchy()
    >>> len(table)
    29
    >>> table.sort_values("mean").iloc[-1]["network"]
    'VGG-S'
    """
    with (files("isocortex.bh") / "published.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, comment="#")


@door
def ranked(
    scores: Mapping[str, float | Estimate] | None = None, *, by: str = "mean"
) -> pd.DataFrame:
    """New networks among the published ones, the largest score first.

    Parameters
    ----------
    scores : mapping from network to score, optional
        A number, or an Estimate whose interval is kept.
    by : {"mean", "decoding", "encoding"}, default="mean"
        Which score of the published networks to compare with.

    Returns
    -------
    DataFrame
        ``rank``, ``network``, ``score``, ``low``, ``high``, ``published``.

    Raises
    ------
    InputError
        If there is no such score, or a name is that of a published network.

    See Also
    --------
    hierarchy, mean_score : Make the scores.
    published_hierarchy : The published ones.
    plots.hierarchy_ranking : Draws the table.

    Examples
    --------
    >>> import isocortex as ic
    >>> table = ic.ranked({"my network": 0.3})
    >>> len(table), bool(table["published"].all())
    (30, False)
    >>> table.loc[~table["published"], ["network", "score"]]
           network  score
    12  my network    0.3
    """
    by = one_of(by, SCORES, "by")
    table = published_hierarchy()
    scores = scores or {}
    taken = [name for name in scores if name in set(table["network"])]
    if taken:
        raise InputError(
            f"ranked: {listed(taken)} are names of published networks; give yours another, such "
            f"as {taken[0] + ' (here)'!r}."
        )
    old = pd.DataFrame({"network": table["network"], "score": table[by], "published": True})
    new = pd.DataFrame([_row(name, score) for name, score in scores.items()])
    both = pd.concat([old, new], ignore_index=True) if len(new) else old
    both = both.reindex(columns=["network", "score", "low", "high", "published"])
    both = both.sort_values("score", ascending=False, ignore_index=True, kind="stable")
    both.insert(0, "rank", range(1, len(both) + 1))
    return both


def _row(name: str, score: float | Estimate) -> dict:
    if isinstance(score, Estimate):
        found = {"score": score.value, "low": score.low, "high": score.high}
    else:
        found = {"score": float(score)}
    return {"network": name, **found, "published": False}
