"""The verb ``clusters``: when is the score of a time course above chance, over subjects?"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from isocortex.choice import listed, one_of
from isocortex.data.scores import Scores
from isocortex.errors import InputError, IsocortexWarning
from isocortex.numerics.chance.clusters import clusters_of, largest_mass, sign_flips, t_values
from isocortex.numerics.chance.multiple import max_p
from isocortex.numerics.chance.permutation import SIDES, permutation_p
from isocortex.numerics.chance.subjects import least_flip_p
from isocortex.seeds import generator
from isocortex.stats.tests import check_flips

TAILS = {"both": 0, **SIDES}
TIMES = (("time",), ("train_time", "test_time"))


@dataclass(frozen=True, eq=False, repr=False)
class Clusters:
    """Where time courses differ from chance, with a p-value for each cluster.

    Parameters
    ----------
    table : DataFrame
        One row for each cluster: the labels of its time course, ``start`` and ``stop`` in
        seconds (for time by time: of training and test), ``mass`` (the sum of t), ``p`` within
        its time course, and ``p_max`` over all time courses of the call.
    series : DataFrame
        The labels of each time course that was tested.
    t : array, shape (n_series, n_times) or (n_series, n_times, n_times)
        t values over subjects.
    which : integer array of the same shape
        The row of ``table`` that a point belongs to, or -1.
    times : array
        In seconds.
    notes : mapping
        Threshold, tail, chance, number of subjects and permutations, the least p that these
        allow, seed.

    See Also
    --------
    clusters : Returns it.
    plots.timecourse, plots.generalization : Draw it with the scores.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> subjects = {"subject": range(1, 13)}
    >>> times = {"time": np.arange(10) / 100}
    >>> values = rng.normal(0, 0.1, (12, 10)) + 0.2 * (times["time"] >= 0.05)
    >>> scores = ic.Scores(values, {"subject": subjects, "time": times}, "spearman")
    >>> found = ic.clusters(scores, n_permutations=500)
    >>> found.significant(0.05)[["start", "stop"]]
       start  stop
    0   0.05  0.09
    """

    table: pd.DataFrame
    series: pd.DataFrame
    t: np.ndarray
    which: np.ndarray
    times: np.ndarray
    notes: Mapping[str, Any]

    def significant(self, alpha: float = 0.05) -> pd.DataFrame:
        """The clusters with ``p_max`` at or below ``alpha``.

        So the chance of any false one is ``alpha`` for all time courses of the call together.
        """
        return self.table.loc[(self.table["p_max"] <= alpha).to_numpy()].reset_index(drop=True)

    def __repr__(self) -> str:
        least = float(self.notes["least_p"])
        limit = f"; of so few subjects no p is below {least:.3g}" if least > 0.05 else ""
        return (
            f"Clusters({len(self.table)} in {len(self.series)} time courses, "
            f"{len(self.significant())} with p <= .05{limit})"
        )


def clusters(
    scores: Scores,
    *,
    n_permutations: int = 10_000,
    tail: str = "both",
    chance: float = 0.0,
    threshold: float | None = None,
    seed: int = 0,
) -> Clusters:
    """Cluster-based permutation test over subjects, by the greatest cluster mass.

    For each time course (each combination of the labels other than subject and time) t values
    over subjects are thresholded; neighbouring times beyond the threshold are a cluster, whose
    mass is the sum of its t. The signs of whole subjects are flipped at random, clusters are
    made anew, and the p-value of a cluster is the share of flips whose greatest mass is at
    least as large: ``p``, which controls the family-wise error over the times of one time
    course. ``p_max`` takes the greatest mass of all time courses of the call (regions, layers,
    conditions), and controls it over these too. What is inferred is that there is an effect, not
    where exactly it begins; and it holds for other
    people and these stimuli, since stimuli are the same for all.

    Parameters
    ----------
    scores : Scores
        With the labels ``subject`` and ``time`` (or ``train_time`` and ``test_time``).
    n_permutations : int, default=10000
        Where all sign patterns are not more, all are used and the test is exact.
    tail : {"two_sided", "greater", "less"}, default="both"
        ``"both"`` is the same as ``"two_sided"``. On two sides fewer than six subjects cannot
        reach p = .05, which is warned of and shown.
    chance : float, default=0
        The score under the null hypothesis: 0.5 for accuracies.
    threshold : float, optional
        On t; default that of p = .05 at a single point.
    seed : int, default=0

    Returns
    -------
    Clusters

    Raises
    ------
    InputError
        If there are no subjects or times, fewer than two subjects, or a subject lacks a time.

    Warns
    -----
    IsocortexWarning
        If clusters were found, but so few subjects cannot reach p = .05.

    See Also
    --------
    Clusters : What it returns.
    interval, corrected : A test at each time, and its correction.
    plots.timecourse : Draws clusters beneath the course.

    Notes
    -----
    Flips are exact where scores are symmetric around chance; skewed ones (lognormal, say) are
    found significant up to 13 times in 100.

    References
    ----------
    .. [1] Maris & Oostenveld (2007), Nonparametric statistical testing of EEG- and MEG-data,
       J. Neurosci. Methods 164:177. https://doi.org/10.1016/j.jneumeth.2007.03.024

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> subjects = {"subject": range(1, 13)}
    >>> times = {"time": np.arange(10) / 100}
    >>> accuracy = rng.normal(0.5, 0.05, (12, 10))
    >>> accuracy[:, 4:8] += 0.2  # faces and houses are told from 40 to 70 ms
    >>> scores = ic.Scores(accuracy, {"subject": subjects, "time": times}, "accuracy")
    >>> found = ic.clusters(scores, chance=0.5, tail="greater", n_permutations=500)
    >>> found.table[["start", "stop"]][found.table["p"] < 0.05]
       start  stop
    0   0.04  0.07
    """
    tail = one_of(tail, TAILS, "tail")
    side = TAILS[tail]
    check_flips(n_permutations, "clusters")
    series, subjects, times, values = _arranged(scores)
    n = len(subjects)
    if threshold is None:
        threshold = float(stats.t.isf(0.025 if side == 0 else 0.05, n - 1))
    elif not threshold > 0:
        raise InputError(f"threshold must be above 0 (it is on the size of t), not {threshold}.")
    signs, exact = sign_flips(n, n_permutations, generator(seed))
    tables, t, which = [], [], []
    largest = np.zeros(len(signs) - 1)
    for i in range(len(series)):
        one, labels, found, null = _test(values[i] - chance, signs, threshold, side)
        largest = np.maximum(largest, null)
        found = _described(found, labels, times)
        own = series.iloc[[i] * len(found)].reset_index(drop=True)
        which.append(np.where(labels > 0, labels - 1 + sum(map(len, tables)), -1))
        tables.append(pd.concat([own, found], axis=1))
        t.append(one)
    filled = [each for each in tables if len(each)] or tables[:1]
    table = pd.concat(filled, ignore_index=True)
    table["p_max"] = max_p(np.abs(table["mass"].to_numpy(dtype=np.float64)), largest)
    least = least_flip_p(len(signs), "greater" if side else "two_sided")
    _warn_of_few(n, len(signs), least, len(table))
    notes = {
        "threshold": threshold,
        "tail": tail,
        "chance": chance,
        "n_subjects": n,
        "n_permutations": len(signs),
        "exact": exact,
        "least_p": least,
        "seed": seed,
    }
    return Clusters(table, series, np.stack(t), np.stack(which), times, notes)


def _warn_of_few(n_subjects: int, n_flips: int, least: float, n_found: int) -> None:
    if least > 0.05 and n_found:
        warnings.warn(
            f"clusters: {n_subjects} subjects have {n_flips} sign flips, so that no cluster can "
            f"have p below {least:.3g}, whatever the data.",
            IsocortexWarning,
            stacklevel=3,
        )


def _test(x: np.ndarray, signs: np.ndarray, threshold: float, side: int):
    """t values, cluster numbers, a table of mass and p, and the null of the greatest mass."""
    # x.shape = (n_subjects, times...)
    shape = x.shape[1:]
    flat = x.reshape(len(x), -1)
    t = t_values(flat).reshape(shape)
    labels, mass = clusters_of(t, threshold, side)
    size = max(1, 2**24 // flat.shape[1])
    # The first signs are the data themselves, which the p-value counts by itself.
    null = np.concatenate(
        [
            largest_mass(t_values(flat, part).reshape(-1, *shape), threshold, side)
            for part in np.array_split(signs[1:], max(1, len(signs) // size))
        ]
    )
    p = permutation_p(np.abs(mass), np.repeat(null[:, None], len(mass), 1))
    return t, labels, pd.DataFrame({"mass": mass, "p": p}), null


def _described(found: pd.DataFrame, labels: np.ndarray, times: np.ndarray) -> pd.DataFrame:
    """With the first and last time of each cluster."""
    spans = [
        [np.nonzero(labels == k + 1)[d] for k in range(len(found))] for d in range(labels.ndim)
    ]
    names = (
        [("start", "stop")]
        if labels.ndim == 1
        else [
            ("train_start", "train_stop"),
            ("test_start", "test_stop"),
        ]
    )
    columns = {}
    for (start, stop), places in zip(names, spans, strict=True):
        columns[start] = [times[each.min()] for each in places]
        columns[stop] = [times[each.max()] for each in places]
    points = [int((labels == k + 1).sum()) for k in range(len(found))]
    return pd.DataFrame({**columns, "n_points": points}).join(found)


def _arranged(scores: Scores):
    """Labels of the time courses, subjects, times, and values (series, subject, times...)."""
    table = scores.table()
    dims = next((names for names in TIMES if set(names) <= set(table.columns)), None)
    if dims is None or "subject" not in table.columns:
        raise InputError(
            "clusters needs scores with the labels 'subject' and 'time'; these have "
            f"{listed(table.columns, 12)}."
        )
    if np.isnan(table["score"].to_numpy()).any():
        raise InputError("clusters: some scores are NaN (undefined). Leave those out first.")
    extra = {"score", "subject", *dims, *scores.columns}
    keys = [c for c in table.columns if c not in extra and len(table[c].unique()) > 1]
    subjects = np.asarray(table["subject"].unique(), dtype=object)
    times = np.sort(np.asarray(table[dims[0]].unique(), dtype=np.float64))
    if len(subjects) < 2:
        raise InputError(
            f"clusters: subjects are the random factor, but there is only {listed(subjects)}."
        )
    order = table.sort_values(list(dims), kind="stable")
    groups = order.groupby(keys, sort=False, dropna=False).indices if keys else {(): slice(None)}
    labels, values = [], []
    shape = (len(subjects),) + (len(times),) * len(dims)
    for rows in groups.values():
        part = order.iloc[rows]
        labels.append(part[keys].iloc[0].to_dict())
        values.append(_block(part, subjects, shape))
    series = pd.DataFrame(labels, index=pd.RangeIndex(len(labels)))
    return series, subjects, times, np.stack(values)


def _block(part: pd.DataFrame, subjects: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    who, score = np.asarray(part["subject"], dtype=object), np.asarray(part["score"])
    rows = [score[who == subject] for subject in subjects]
    n_points = int(np.prod(shape[1:]))
    odd = [s for s, row in zip(subjects, rows, strict=True) if len(row) != n_points]
    if odd:
        raise InputError(
            f"clusters: every subject needs one score at each of {n_points} points; "
            f"{listed(odd)} have other numbers. Select one series, or average first: "
            "scores.select(...), scores.mean(...)."
        )
    return np.stack(rows).reshape(shape)
