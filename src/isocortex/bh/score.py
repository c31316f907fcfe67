"""The Brain Hierarchy score: are early layers told by early regions, and late by late?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from isocortex.bh.pooled import Pooled, pooled
from isocortex.bh.resampling import OVER, UNKNOWN, Resampling, chance_of, ends
from isocortex.choice import choose, one_of
from isocortex.data.estimate import Estimate
from isocortex.data.needs import door
from isocortex.data.scores import Scores
from isocortex.errors import InputError
from isocortex.numerics.chance.hierarchy_interval import FEWEST_SUBJECTS, Spread
from isocortex.numerics.measures import hierarchy as algebra
from isocortex.seeds import generator

SUBSETS_WHEN_RESAMPLING = 128


@door
def hierarchy(
    accuracies: Scores | Pooled | Mapping[str, Any] | Sequence[Any] | np.ndarray,
    *,
    p: float = 0.05,
    n_stimuli: int | None = None,
    statistic: str = "t",
    subsets: int | None = 5,
    resampling: Resampling = Resampling(),  # noqa: B008
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
        :func:`isocortex.numerics.measures.hierarchy.keep_bhscore2021`. There a choice of layers
        without a score makes the mean NaN; otherwise it is passed over and counted.
    subsets : int or None, default=5
        The exact mean over all choices of so many layers that keep the first and the last;
        None: all layers at once.
    resampling : Resampling, optional
        Of the interval and of p (the share of orders of the layers with a score as large; of 5
        layers it cannot be below 1/120). Over layers the interval is that of a t of n - 2
        degrees of freedom (units of a layer may depend on one another; a trend over layers that
        is not straight makes it wider than it need be), over subjects that of a jackknife. With
        more than 12 layers and ``subsets=5`` both use 128 of the choices.

    Returns
    -------
    Estimate
        ``value`` from -1 to 1, NaN where it is undefined; ``low``, ``high`` (NaN of fewer than
        four layers with units), ``p``; ``n``, how many units were kept, which do not count as
        independent; ``top``, a table layer x region of kept units; ``notes``.

    Raises
    ------
    InputError
        If shapes do not fit, an accuracy is no correlation, there are fewer layers than
        ``subsets``, or fewer than five subjects to make an interval over.

    See Also
    --------
    mean_score : Of decoding and encoding together.
    ranked : Among the published networks.
    decode, encode : Make the accuracies.
    plots.hierarchy_regions : Draws the best regions of each layer.

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
    chance = chance_of(tables, score.sampled, value, resampling, given.axes[0])
    return Estimate(
        value,
        chance.low,
        chance.high,
        chance.p,
        int(table.sum()),
        _method(given, statistic, subsets, counts) + chance.words,
        pd.DataFrame(
            table,
            index=pd.Index(given.rows, name=given.axes[0]),
            columns=pd.Index(given.columns, name=given.axes[1]),
        ),
        {
            "n_stimuli": n,
            "n_units": int(counts["units"].sum()),
            "n_nan": counts["nan"],
            "n_units_without_accuracy": counts["undefined"],
            "n_subsets_undefined": undefined,
            "seed": resampling.seed,
            "spread": chance.spread,
            "least_p": chance.least_p,
        },
    )


@door
def mean_score(decoding: Estimate, encoding: Estimate, *, level: float = 0.95) -> Estimate:
    """The mean of a decoding and an encoding score, the one that networks are ranked by.

    Parameters
    ----------
    decoding, encoding : Estimate
        From :func:`hierarchy`. Both are of the same network and brains; how much one depends on
        the other is not known, and their errors are added as if entirely.
    level : float, default=0.95
        Of the confidence interval, between 0 and 1.

    Returns
    -------
    Estimate
        ``p`` is the larger of the two; ``n`` the sum.

    See Also
    --------
    hierarchy : Makes both scores.
    ranked : Among the published networks.

    Examples
    --------
    >>> import isocortex as ic
    >>> decoding = ic.Estimate(0.42, 0.30, 0.54, p=0.01, n=3000, method="jackknife")
    >>> encoding = ic.Estimate(0.30, 0.20, 0.40, p=0.02, n=1200, method="jackknife")
    >>> both = ic.mean_score(decoding, encoding)
    >>> round(both.value, 3), both.p, both.n
    (0.36, 0.02, 4200)
    """
    value = (decoding.value + encoding.value) / 2
    spreads = [each.notes.get("spread", UNKNOWN) for each in (decoding, encoding)]
    error = (spreads[0].error + spreads[1].error) / 2
    spread = Spread(error, float(np.min([each.freedom for each in spreads])))
    return Estimate(
        value,
        *ends(value, spread, level),
        float(np.maximum(decoding.p, encoding.p)),
        decoding.n + encoding.n,
        f"mean of the decoding score ({decoding.method}) and the encoding score "
        f"({encoding.method}); errors added as if one depended on the other; p is the larger of "
        "the two",
        notes={"spread": spread},
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
    rng = generator(seed)
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
    one_of(resampling.over, OVER, "resampling.over")
    if resampling.over == "subjects" and given.n_subjects < FEWEST_SUBJECTS and resampling.n:
        raise InputError(
            f"hierarchy: an interval over subjects needs the accuracies of at least "
            f"{FEWEST_SUBJECTS} subjects apart (for each layer a list of arrays, one for each "
            f"subject), but there are {given.n_subjects}. Give Resampling(over='layers')."
        )


def _tables(given: Pooled, statistic: str, n: int, p: float) -> tuple[np.ndarray, dict[str, Any]]:
    keep = choose(statistic, algebra.STATISTICS, "statistic")
    shape = (given.n_subjects, len(given.rows), len(given.columns))
    tables = np.zeros(shape, dtype=np.int64)
    counts: dict[str, Any] = {
        "nan": 0,
        "undefined": 0,
        "units": np.zeros(len(given.rows), np.int64),
    }
    for i, row in enumerate(given.parts):
        for s, part in enumerate(row):
            found = algebra.top_regions(part, keep, n, p)
            tables[s, i] = algebra.units_per_region(found.top, len(given.columns))
            counts["nan"] += found.n_nan
            counts["undefined"] += found.n_undefined
            counts["units"][i] += part.shape[1]
    return tables, counts


def _method(given: Pooled, statistic: str, subsets: int | None, counts: dict[str, Any]) -> str:
    layers = (
        f"all {len(given.rows)} {given.axes[0]}s"
        if subsets is None
        else (f"mean of all choices of {subsets} of {len(given.rows)} {given.axes[0]}s")
    )
    dropped = f"; {counts['nan']} NaN accuracies dropped" if counts["nan"] else ""
    return f"{layers}, statistic {statistic}{dropped}"
