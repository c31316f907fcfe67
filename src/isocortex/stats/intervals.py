"""Scores to estimates: means over subjects with intervals, paired differences, corrections."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from isocortex.choice import choose, listed, named
from isocortex.data.estimate import Estimate
from isocortex.data.scores import Scores
from isocortex.errors import InputError
from isocortex.numerics.clusters import sign_flips
from isocortex.numerics.multiple import fdr, holm

CORRECTIONS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {"fdr": fdr, "holm": holm}


def interval(
    scores: Scores, over: str = "subject", *, level: float = 0.95, null: float = 0.0
) -> Scores:
    r"""Mean score over subjects, with its confidence interval and a two-sided p-value.

    .. math:: \bar x \pm t_{n-1} \, s / \sqrt n

    Parameters
    ----------
    scores : Scores
    over : str, default="subject"
        The label whose values are the random factor; what differs in another label of the
        same axis (region, time) stays apart.
    level : float, default=0.95
        Of the interval, between 0 and 1.
    null : float, default=0
        The score under the null hypothesis of the t-test: 0.5 for accuracies of two classes.

    Returns
    -------
    Scores
        The means; ``low``, ``high``, ``p`` and ``n`` beside them in ``.columns``. Several
        tests at once call for :func:`corrected`.

    Raises
    ------
    InputError
        If there is no such label, fewer than two subjects, or a subject comes twice.

    References
    ----------
    .. [1] Nili et al. (2014), A toolbox for representational similarity analysis, PLoS
       Comput. Biol. 10:e1003553. https://doi.org/10.1371/journal.pcbi.1003553
    """
    if not 0 < level < 1:
        raise InputError(f"interval: level must lie between 0 and 1, not {level}.")
    dim = scores.axis_with(over)
    place = scores.axis(dim)
    groups, rest = _groups(scores.tables[dim], over)
    parts = [_mean(np.take(scores.values, rows, place), place) for rows in groups]
    mean, error, n = (np.stack(each, place) for each in zip(*parts, strict=True))
    half = error * stats.t.ppf((1 + level) / 2, n - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (mean - null) / error
    p = 2 * stats.t.sf(np.abs(t), n - 1)
    columns = {"low": mean - half, "high": mean + half, "p": p, "n": n}
    notes = {**scores.notes, "interval": f"t over {over}", "level": level, "null": null}
    return Scores(mean, {**scores.tables, dim: rest}, scores.metric, columns, notes)


def difference(
    scores: Scores,
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    over: str = "subject",
    *,
    n_permutations: int = 10_000,
    seed: int = 0,
) -> Estimate:
    """How much higher one score is than another, in the same subjects.

    Parameters
    ----------
    scores : Scores
    first, second : mapping from label to value
        Each must leave one score for every subject: ``{"layer": "conv5", "region": "IT"}``.
    over : str, default="subject"
    n_permutations : int, default=10000
        Sign flips of the subjects' differences; all of them where these are not more, and the
        test is then exact.
    seed : int, default=0

    Returns
    -------
    Estimate
        The mean of first less second, the 95 % t-interval over subjects, and the two-sided
        p-value under random signs.

    Raises
    ------
    InputError
        If a side has not exactly one score for every subject, or the subjects differ.
    """
    sides = [_by_subject(scores.select(**dict(side)), over, dict(side)) for side in (first, second)]
    if set(sides[0].index) != set(sides[1].index):
        lacking = set(sides[0].index) ^ set(sides[1].index)
        raise InputError(f"difference: {over} {listed(lacking)} stand on one side only.")
    gaps = (sides[0] - sides[1][sides[0].index]).to_numpy(dtype=np.float64)
    n = len(gaps)
    mean, error, _ = _mean(gaps, 0)
    half = error * stats.t.ppf(0.975, n - 1)
    signs, exact = sign_flips(n, n_permutations, np.random.default_rng(seed))
    null = np.abs(signs @ gaps / n)
    p = float(np.mean(null >= abs(mean) - 1e-12 * (abs(mean) + half)))
    how = "all sign flips" if exact else f"{len(signs)} sign flips, seed {seed}"
    method = f"paired over {over}: 95 % t-interval; p from {how}"
    return Estimate(float(mean), float(mean - half), float(mean + half), p, n, method)


def corrected(scores: Scores, method: str = "fdr") -> Scores:
    """Adjust the p-values beside scores for their number.

    Parameters
    ----------
    scores : Scores
        With the column ``p``, as :func:`interval` and permutation tests make it.
    method : {"fdr", "holm"} or function, default="fdr"
        Benjamini and Hochberg's false discovery rate, or Holm's family-wise error; a function
        maps p-values to adjusted ones.

    Returns
    -------
    Scores
        With the further column ``p_fdr`` or ``p_holm``, over all numbers of the result.

    Raises
    ------
    InputError
        If there is no column ``p``.
    """
    adjust = choose(method, CORRECTIONS, "method")
    if "p" not in scores.columns:
        raise InputError(
            f"corrected: the scores have no p-values (columns: {listed(scores.columns) or 'none'})"
            "; make them with interval(scores), or with n_permutations= where they come from."
        )
    name = named(method)
    return scores.replace(columns={**scores.columns, f"p_{name}": adjust(scores.columns["p"])})


def _groups(table: pd.DataFrame, over: str) -> tuple[list[np.ndarray], pd.DataFrame]:
    """Rows that differ in the label ``over`` alone, and the table of what they share."""
    rest = table.drop(columns=over)
    keys = list(rest.astype(str).itertuples(index=False, name=None))
    members: dict[tuple[str, ...], list[int]] = {}
    for row, key in enumerate(keys):
        members.setdefault(key, []).append(row)
    groups = [np.array(rows) for rows in members.values()]
    for rows in groups:
        who = table[over].iloc[rows]
        if len(rows) < 2 or not who.is_unique:
            twice = who[who.duplicated()].unique()
            fault = f"{listed(twice)} comes twice" if len(twice) else f"{listed(who)} comes alone"
            raise InputError(f"interval over {over!r} needs at least 2 of it, each once; {fault}.")
    first = [rows[0] for rows in groups]
    return groups, rest.iloc[first].reset_index(drop=True)


def _mean(values: np.ndarray, place: int) -> tuple[Any, Any, Any]:
    """Mean, its standard error, and how many it is of."""
    n = values.shape[place]
    mean = values.mean(place)
    return mean, values.std(place, ddof=1) / np.sqrt(n), np.full_like(mean, n)


def _by_subject(scores: Scores, over: str, wanted: Mapping[str, Any]) -> pd.Series:
    scores.axis_with(over)
    table = scores.table()
    if not table[over].is_unique or len(table) < 2:
        raise InputError(
            f"difference: {wanted} leaves {len(table)} scores of {table[over].nunique()} different "
            f"{over}s; each needs exactly one. Add labels, or average with scores.mean(axis)."
        )
    return pd.Series(table["score"].to_numpy(), index=pd.Index(table[over]))
