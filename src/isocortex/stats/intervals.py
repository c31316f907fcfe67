"""Scores to estimates: means over subjects with intervals, and corrections."""

from typing import Any

import numpy as np

from isocortex.choice import choose, listed, named, one_of
from isocortex.data.label_rows import LabelRows
from isocortex.data.needs import door
from isocortex.data.pair_means import as_scores
from isocortex.data.rdms import RDMs
from isocortex.data.scores import Scores
from isocortex.errors import InputError
from isocortex.numerics.chance.multiple import CORRECTIONS
from isocortex.numerics.chance.permutation import SIDES
from isocortex.numerics.chance.subjects import t_inference
from isocortex.progress import Job, Shown
from isocortex.stats.tests import check_level, refuse_folds, to_z


@door
def interval(  # noqa: PLR0913
    scores: Scores | RDMs,
    over: str = "subject",
    *,
    level: float = 0.95,
    null: float = 0.0,
    tail: str = "two_sided",
    fisher: bool = False,
    progress: Shown = None,
) -> Scores:
    r"""Mean score over subjects, with its confidence interval and the p-value of the same t-test.

    .. math:: \bar x \pm t_{n-1} \, s / \sqrt n

    What is inferred holds for other people like these, and for the stimuli that were shown: they
    are the same for all subjects, so that a model that is like the brain on them by chance is so
    for everybody, and more so with more people.

    Parameters
    ----------
    scores : Scores or RDMs
        Of RDMs, the mean over their pairs.
    over : str, default="subject"
        The label whose values are the random factor; what differs in another label of the
        same axis (region, time) stays apart. They must not depend on one another: folds share
        their training stimuli, and are refused.
    level : float, default=0.95
        Of the interval, between 0 and 1.
    null : float, default=0
        The score under the null hypothesis of the t-test: 0.5 for accuracies of two classes.
    tail : {"two_sided", "greater", "less"}, default="two_sided"
        One-sided tests have an interval that is open on the other side, to infinity.
    fisher : bool, default=False
        Whether to average :math:`z = \operatorname{artanh}(r)` and turn mean and interval
        back: right for correlations (Pearson's, Spearman's) of many stimuli each, and refused
        for other scores. The plain mean of correlations is nearer to 0.
    progress : bool or function, optional
        True draws a bar; a function is told when it is done.

    Returns
    -------
    Scores
        The means; ``low``, ``high``, ``p`` and ``n`` beside them in ``.columns``. Several
        tests at once call for :func:`corrected`.

    Raises
    ------
    InputError
        If there is no such label, fewer than two subjects, or a subject comes twice; if it is
        over folds; if ``fisher`` is asked for what is no correlation, or one of 1.

    See Also
    --------
    difference : Of two scores, also by sign flips.
    corrected : For several tests at once.
    encode : ``permutations=``, for the scores of one subject over folds.

    Notes
    -----
    The t-test takes scores of subjects to be about normal. Of five subjects with lognormal
    scores its 95 % interval covers the mean in about 82 of 100 experiments, of thirty in 88.

    References
    ----------
    .. [1] Nili et al. (2014), A toolbox for representational similarity analysis, PLoS
       Comput. Biol. 10:e1003553. https://doi.org/10.1371/journal.pcbi.1003553

    Examples
    --------
    >>> import isocortex as ic
    >>> regions = {"region": ["EVC", "IT"]}
    >>> subjects = {"subject": [1, 2, 3, 4]}
    >>> values = [[0.10, 0.14, 0.08, 0.12], [0.32, 0.25, 0.30, 0.29]]
    >>> scores = ic.Scores(values, {"region": regions, "subject": subjects}, "spearman")
    >>> ic.interval(scores).table()[["region", "score", "low", "high"]].round(3)
      region  score    low   high
    0    EVC   0.11  0.069  0.151
    1     IT   0.29  0.243  0.337
    """
    check_level(level, "interval")
    tail = one_of(tail, SIDES, "tail")
    refuse_folds(over, "interval")
    scores = as_scores(scores, "interval", null)
    dim = scores.axis_with(over)
    place = scores.axis(dim)
    groups, rest = _groups(scores.tables.rows(dim), over)
    values = to_z(scores.values, scores.metric) if fisher else scores.values
    with Job(progress, "interval", 1):
        parts = [_mean(np.take(values, rows, place), place) for rows in groups]
    mean, error, n = (np.stack(each, place) for each in zip(*parts, strict=True))
    middle = float(to_z(np.array(null), scores.metric)) if fisher else null
    found = [
        t_inference(
            np.take(mean, [i], place) - middle, np.take(error, [i], place), len(rows), level, tail
        )
        for i, rows in enumerate(groups)
    ]
    low, high, p = (np.concatenate(each, place) for each in zip(*found, strict=True))
    back = np.tanh if fisher else np.asarray
    columns = {"low": back(low + middle), "high": back(high + middle), "p": p, "n": n}
    how = f"t over {over}, {tail}{', of Fisher z' if fisher else ''}"
    notes = {**scores.notes, "interval": how, "level": level, "null": null}
    tables = scores.tables.all_rows() | {dim: rest}
    return Scores(back(mean), tables, scores.metric, columns, notes)


@door
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

    See Also
    --------
    interval : Makes the column ``p``.
    clusters : Corrects over time by the mass of clusters.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> layers = {"layer": ["conv1", "conv3", "conv5"]}
    >>> p = {"p": np.array([0.04, 0.01, 0.02])}
    >>> scores = ic.Scores([0.1, 0.3, 0.25], {"layer": layers}, "spearman", columns=p)
    >>> ic.corrected(scores, "holm").table()
       layer  score     p  p_holm
    0  conv1   0.10  0.04    0.04
    1  conv3   0.30  0.01    0.03
    2  conv5   0.25  0.02    0.04
    """
    adjust = choose(method, CORRECTIONS, "method")
    if "p" not in scores.columns:
        raise InputError(
            f"corrected: the scores have no p-values (columns: {listed(scores.columns) or 'none'})"
            "; make them with interval(scores), or with permutations= where they come from."
        )
    name = named(method)
    return scores.replace(columns={**scores.columns, f"p_{name}": adjust(scores.columns["p"])})


def _groups(table: LabelRows, over: str) -> tuple[list[np.ndarray], LabelRows]:
    """Rows that differ in the label ``over`` alone, and the table of what they share."""
    rest = table.only([key for key in table if key != over])
    texts = [rest.texts(key) for key in rest]
    keys = list(zip(*texts, strict=True)) if texts else [()] * table.n_rows
    members: dict[tuple[str, ...], list[int]] = {}
    for row, key in enumerate(keys):
        members.setdefault(key, []).append(row)
    groups = [np.array(rows) for rows in members.values()]
    people = table.entries(over)
    for rows in groups:
        who = [people[row] for row in rows]
        if len(rows) < 2 or len(set(who)) < len(who):
            twice = list(dict.fromkeys(each for each in who if who.count(each) > 1))
            fault = f"{listed(twice)} comes twice" if len(twice) else f"{listed(who)} comes alone"
            raise InputError(f"interval over {over!r} needs at least 2 of it, each once; {fault}.")
    first = [rows[0] for rows in groups]
    return groups, rest.at(first)


def _mean(values: np.ndarray, place: int) -> tuple[Any, Any, Any]:
    """Mean, its standard error, and how many it is of."""
    n = values.shape[place]
    mean = values.mean(place)
    return mean, values.std(place, ddof=1) / np.sqrt(n), np.full_like(mean, n)
