"""The Brain Hierarchy score: are early layers told by early regions, and late by late?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isocortex.bh.pooled import Pooled, pooled
from isocortex.choice import choose
from isocortex.data.estimate import Estimate
from isocortex.errors import InputError
from isocortex.numerics import hierarchy as algebra

SUBSETS_WHEN_RESAMPLING = 128


@dataclass(frozen=True)
class Resampling:
    """How the interval and the p-value of a hierarchy score are made."""

    over: str = "units"
    """What is drawn again for the interval: ``"units"`` within each layer, or ``"subjects"``."""
    n: int = 1000
    """How many bootstrap samples, and how many random orders of the layers; 0: neither."""
    level: float = 0.95
    """Of the interval."""
    seed: int = 0


def hierarchy(
    accuracies: Any,
    *,
    p: float = 0.05,
    n_stimuli: int | None = None,
    statistic: str = "t",
    subsets: int | None = 5,
    resampling: Resampling = Resampling(),
) -> Estimate:
    r"""How hierarchically brain-like a network is.

    Of each unit the region is taken from which it is decoded best, if that accuracy is
    significant; the score is Spearman's correlation between the number of the unit's layer and
    that region's place in the visual hierarchy. Encoding accuracies go in with the roles
    exchanged: for each region an array (n_layers, n_voxels), with ``subsets=None``.

    Parameters
    ----------
    accuracies : list or mapping from layer to array, or Scores
        In the order of the layers, each of shape (n_regions, n_units) with regions in the order
        of the hierarchy; units of all subjects side by side, or a list with one array for each
        subject. Correlations over stimuli; NaN is dropped and counted in ``.notes``.
    p : float, default=0.05
        Units with a smaller p-value (two-sided, of a positive correlation) are kept.
    n_stimuli : int, optional
        How many stimuli each accuracy rests on; default what Scores say, otherwise 50, as
        published.
    statistic : {"t", "bhscore2021"}, default="t"
        The test, or the formula in the code published with the score; see
        :func:`isocortex.numerics.hierarchy.keep_bhscore2021`. There a choice of layers without a
        score makes the mean NaN; otherwise it is passed over and counted.
    subsets : int or None, default=5
        The exact mean over all choices of so many layers that keep the first and the last;
        None: all layers at once.
    resampling : Resampling, optional
        Of the interval (percentiles of a bootstrap) and of p (the share of random orders of the
        layers with a score as large). With many layers both use a sample of the choices.

    Returns
    -------
    Estimate
        ``value`` from -1 to 1, NaN where it is undefined; ``low``, ``high``, ``p``; ``n``, how
        many units were kept; ``top``, a table layer x region of kept units; ``notes``.

    Raises
    ------
    InputError
        If shapes do not fit, an accuracy is no correlation, or there are fewer layers than
        ``subsets``.

    References
    ----------
    .. [1] Nonaka, Majima, Aoki & Kamitani (2021), Brain hierarchy score: Which deep neural
       networks are hierarchically brain-like? iScience 24:103013.
       https://doi.org/10.1016/j.isci.2021.103013

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> layers = [rng.uniform(0, 0.5, (5, 200)) + 0.3 * np.eye(5)[:, [i]] for i in range(5)]
    >>> round(ic.hierarchy(layers, subsets=None).value, 2)
    0.73
    """
    given = pooled(accuracies)
    n = n_stimuli or given.n_stimuli or 50
    _check(given, p, n, subsets, resampling)
    tables, counts = _tables(given, statistic, n, p)
    score = _Score(len(given.rows), subsets, statistic == "bhscore2021", resampling.seed)
    table = tables.sum(0)
    value, undefined = score.exact(table)
    drawn, shuffled = _resample(tables, counts["units"], score, resampling)
    center = float(score.sampled(table[None])[0])
    # Where choices of layers are sampled, the samples lie around that sample's score.
    drawn = drawn + (value - center)
    low, high = _interval(drawn, resampling.level)
    return Estimate(
        value,
        low,
        high,
        _p_value(center, shuffled),
        int(table.sum()),
        _method(given, statistic, subsets, resampling, counts),
        pd.DataFrame(
            table,
            index=pd.Index(given.rows, name=given.axes[0]),
            columns=pd.Index(given.columns, name=given.axes[1]),
        ),
        {
            "n_stimuli": n,
            "n_units": int(counts["units"].sum()),
            "n_nan": counts["nan"],
            "n_dead_units": counts["dead"],
            "n_subsets_undefined": undefined,
            "seed": resampling.seed,
            "draws": drawn,
        },
    )


def mean_score(decoding: Estimate, encoding: Estimate, *, level: float = 0.95) -> Estimate:
    """The mean of a decoding and an encoding score, the one that networks are ranked by.

    Parameters
    ----------
    decoding, encoding : Estimate
        From :func:`hierarchy`. Their bootstrap samples are averaged pair by pair.
    level : float, default=0.95

    Returns
    -------
    Estimate
        ``p`` is the larger of the two; ``n`` the sum.
    """
    value = (decoding.value + encoding.value) / 2
    draws = [np.asarray(each.notes.get("draws", [])) for each in (decoding, encoding)]
    few = min(len(each) for each in draws)
    both = (draws[0][:few] + draws[1][:few]) / 2
    low, high = _interval(both, level)
    return Estimate(
        value,
        low,
        high,
        float(np.maximum(decoding.p, encoding.p)),
        decoding.n + encoding.n,
        f"mean of the decoding score ({decoding.method}) and the encoding score "
        f"({encoding.method}); p is the larger of the two",
        notes={"draws": both},
    )


class _Score:
    """The score of a table, exact for the one that counts and sampled for many."""

    def __init__(self, n_layers: int, subsets: int | None, strict: bool, seed: int):
        self.subsets, self.strict = subsets, strict
        self.rows: np.ndarray | None = None
        if subsets is not None:
            if algebra.n_subsets(n_layers, subsets) <= SUBSETS_WHEN_RESAMPLING:
                self.rows = np.concatenate(list(algebra.subset_rows(n_layers, subsets)))
            else:
                self.rows = _some_subsets(n_layers, subsets, seed)

    def exact(self, table: np.ndarray) -> tuple[float, int]:
        """The score, and how many choices of layers have none."""
        if self.subsets is None:
            value = float(algebra.rank_correlation(table))
            return value, int(np.isnan(value))
        value, undefined = algebra.subset_mean(table, self.subsets)
        return (np.nan if self.strict and undefined else value), undefined

    def sampled(self, tables: np.ndarray) -> np.ndarray:
        """The score of each table, over a sample of the choices where they are many."""
        if self.rows is None:
            return algebra.rank_correlation(tables)
        return algebra.subset_means(tables, self.rows)


def _some_subsets(n_layers: int, size: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    keys = rng.random((SUBSETS_WHEN_RESAMPLING, n_layers - 2))
    middle = np.sort(np.argsort(keys, axis=1)[:, : size - 2] + 1, axis=1)
    ends = np.tile([0, n_layers - 1], (len(middle), 1))
    return np.hstack([ends[:, :1], middle, ends[:, 1:]])


def _check(given: Pooled, p: float, n: int, subsets: int | None, resampling: Resampling) -> None:
    if not 0 < p <= 1:
        raise InputError(f"hierarchy: p={p!r} must be above 0 and at most 1.")
    if n < 3:
        raise InputError(f"hierarchy: n_stimuli={n!r}; a correlation is tested from 3 stimuli on.")
    if subsets is not None and not 3 <= subsets <= len(given.rows):
        raise InputError(
            f"hierarchy: subsets={subsets!r} chooses so many of the {len(given.rows)} "
            f"{given.axes[0]}s with the first and the last; it must be 3 to {len(given.rows)}, or "
            "None for all at once."
        )
    choose(resampling.over, algebra.RESAMPLED, "resampling.over")
    if resampling.over == "subjects" and given.n_subjects < 2 and resampling.n:
        raise InputError(
            "hierarchy: resampling over subjects needs the accuracies of at least 2 subjects "
            "apart: for each layer a list of arrays, one for each subject."
        )


def _tables(given: Pooled, statistic: str, n: int, p: float) -> tuple[np.ndarray, dict[str, Any]]:
    keep = choose(statistic, algebra.STATISTICS, "statistic")
    shape = (given.n_subjects, len(given.rows), len(given.columns))
    tables = np.zeros(shape, dtype=np.int64)
    counts: dict[str, Any] = {"nan": 0, "dead": 0, "units": np.zeros(len(given.rows), np.int64)}
    for i, row in enumerate(given.parts):
        for s, part in enumerate(row):
            found = algebra.tops(part, keep, n, p)
            tables[s, i] = algebra.count(found.top, len(given.columns))
            counts["nan"] += found.n_nan
            counts["dead"] += found.n_dead
            counts["units"][i] += part.shape[1]
    return tables, counts


def _resample(tables, n_units, score: _Score, how: Resampling) -> tuple[np.ndarray, np.ndarray]:
    if how.n == 0 or not tables.any():
        return np.empty(0), np.empty(0)
    rng = np.random.default_rng(how.seed)
    drawn = score.sampled(algebra.RESAMPLED[how.over](tables, n_units, how.n, rng))
    shuffled = score.sampled(algebra.shuffled_layers(tables.sum(0), how.n, rng))
    return drawn, shuffled


def _interval(draws: np.ndarray, level: float) -> tuple[float, float]:
    draws = draws[~np.isnan(draws)]
    if not len(draws):
        return np.nan, np.nan
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _p_value(observed: float, shuffled: np.ndarray) -> float:
    shuffled = shuffled[~np.isnan(shuffled)]
    if not len(shuffled) or np.isnan(observed):
        return np.nan
    # Equal scores of equal tables may differ in the last bit.
    return float((1 + (shuffled >= observed - 1e-12).sum()) / (1 + len(shuffled)))


def _method(given, statistic, subsets, how: Resampling, counts) -> str:
    layers = (
        f"all {len(given.rows)} {given.axes[0]}s"
        if subsets is None
        else (f"mean of all choices of {subsets} of {len(given.rows)} {given.axes[0]}s")
    )
    dropped = f"; {counts['nan']} NaN accuracies dropped" if counts["nan"] else ""
    if how.n == 0:
        return f"{layers}, statistic {statistic}{dropped}"
    return (
        f"{layers}, statistic {statistic}; {how.level:.0%} interval of {how.n} bootstrap samples "
        f"of {how.over}, p of {how.n} orders of the {given.axes[0]}s, seed {how.seed}{dropped}"
    )
