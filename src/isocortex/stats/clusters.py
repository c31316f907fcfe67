"""The verb ``clusters``: where and when are scores above chance, over subjects?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from isocortex.choice import is_number, one_of
from isocortex.data.needs import door
from isocortex.data.pair_means import as_scores
from isocortex.data.rdms import RDMs
from isocortex.data.scores import Scores
from isocortex.display.shown import shown
from isocortex.errors import InputError, warn
from isocortex.numerics.chance.graph import Graph, with_chains
from isocortex.numerics.chance.map_statistics import LARGEST, Rule, null_of
from isocortex.numerics.chance.permutation import SIDES
from isocortex.numerics.chance.sign_flips import LARGEST_T
from isocortex.progress import Job, Shown
from isocortex.stats.adjacency import graph_over
from isocortex.stats.arranged import Arranged, arranged, less
from isocortex.stats.cluster_design import design_of
from isocortex.stats.cluster_maps import put_together
from isocortex.stats.cluster_table import found_in
from isocortex.stats.clusters_found import Clusters
from isocortex.stats.tests import check_flips, refuse_folds

TAILS = {"both": 0, **SIDES}


@door
@shown()
@dataclass(frozen=True)
class TFCE:
    """Threshold-free cluster enhancement with exponents of one's own.

    Parameters
    ----------
    extent : float, default=0.5
        E, of the size of a component; 1 on surfaces and skeletons [1]_.
    height : float, default=2.0
        H, of the height.

    See Also
    --------
    clusters : Takes it as ``statistic``.

    References
    ----------
    .. [1] Smith & Nichols (2009), Threshold-free cluster enhancement, NeuroImage 44:83,
       https://doi.org/10.1016/j.neuroimage.2008.03.061

    Examples
    --------
    >>> import isocortex as ic
    >>> ic.TFCE(extent=1.0)
    TFCE(extent=1.0, height=2.0)
    """

    extent: float = 0.5
    height: float = 2.0

    def __post_init__(self) -> None:
        """Refuse exponents below zero."""
        if not all(is_number(each) and each >= 0 for each in (self.extent, self.height)):
            raise InputError(
                "TFCE: extent and height must be numbers from 0, must not be negative, not "
                f"{self.extent!r} and {self.height!r}."
            )


@door
def clusters(  # noqa: PLR0913
    scores: Scores | RDMs,
    adjacency: Any = None,
    statistic: "str | TFCE" = "mass",
    *,
    versus: Scores | None = None,
    covariate: Any = None,
    over: str = "subject",
    tail: str = "two_sided",
    chance: float = 0.0,
    threshold: float | None = None,
    n_permutations: int = 10_000,
    seed: int = 0,
    progress: Shown = None,
) -> Clusters:
    """Permutation test over subjects that holds over all units and times together.

    At each point (a time, a unit, a unit at a time) t is computed over subjects. Neighbouring
    points beyond a threshold, on one side, are a cluster; or each point is enhanced by the
    clusters that it is in at every threshold (TFCE); or points stand for themselves (max). The
    signs of whole subjects are flipped, all is computed anew, and the p-value is the share of
    flips whose greatest statistic is at least as large: ``p``, which controls the family-wise
    error over the points of one series (each combination of the other labels: a model, a
    region, a layer). ``p_max`` takes the greatest of all series of the call, and controls it over
    these too. What is inferred of a cluster is that there is an effect, not where exactly
    it begins; and it holds for other people and these stimuli, since stimuli are the same for
    all.

    Parameters
    ----------
    scores : Scores or RDMs
        With the label ``subject``; in time with ``time`` (or ``train_time`` and ``test_time``), in
        space with an axis ``unit``. Of RDMs over subjects and times, as of
        :func:`isocortex.decoding_rdms`, the mean over their pairs.
    adjacency : Neighbours or symmetric matrix of shape (n_units, n_units), optional
        Of :func:`isocortex.neighbours`: given itself, its units are found by name; a matrix
        (``near.adjacency``) is in the order of the scores. A time is the neighbour of the next.
        Without adjacency there are clusters in time alone.
    statistic : {"mass", "size", "excess", "tfce", "max"} or TFCE, default="mass"
        The sum of t over a cluster (as MNE), the number of its points, the sum of t less the
        threshold (as nilearn), exact TFCE, or the largest t of single points.
    versus : Scores, optional
        Of the same subjects, units and times, met by name: the paired difference is tested.
    covariate : mapping or Series from subject to number, or DataFrame, optional
        Tests the slope over subjects instead of the mean. Of a DataFrame, indexed by subject or
        with the column ``subject``, the first column is tested, the others are held constant
        (Freedman and Lane).
    over : str, default="subject"
        The random factor; such as ``"run"`` for scores of each run by itself. Folds are
        refused, since they share their training stimuli.
    tail : {"two_sided", "greater", "less"}, default="two_sided"
        ``"both"``, as it was called, is ``"two_sided"``. On two sides fewer than six subjects
        cannot reach p = .05, which is warned of and shown.
    chance : float, default=0
        The score under the null hypothesis: 0.5 for accuracies.
    threshold : float, optional
        On t; default that of p = .05 at a single point. Over a brain .001 is the custom:
        ``scipy.stats.t.isf(0.0005, n_subjects - 1)``.
    n_permutations : int, default=10000
        Where all sign patterns (or orders) are not more, all are used and the test is exact.
    seed : int, default=0
        Of the flips (or orders) that are drawn, where not all are used.
    progress : bool or function, optional
        True draws a bar; a function is told how many permutations are
        made.

    Returns
    -------
    Clusters

    Raises
    ------
    InputError
        If there are no subjects, fewer than two, or nothing to make clusters along; a subject
        lacks a point; the adjacency is of another size or of other units; a score is NaN in
        some subjects and not in others.

    Warns
    -----
    IsocortexWarning
        If so few subjects cannot reach p = .05 (in time alone: and there were clusters); if a
        unit has the same score in all subjects, where t counts as 1e5.

    See Also
    --------
    Clusters : What it returns.
    TFCE : Other exponents.
    interval, corrected : A test at each point, and its correction.
    plots.timecourse, plots.brain : Draw it.

    Notes
    -----
    Flips are exact where scores are symmetric around chance; skewed ones (lognormal, say) are
    found significant up to 13 times in 100. Units that are NaN in all subjects are not tested:
    their t and p are NaN, and ``notes["n_untested"]`` counts them. TFCE has no step: it is the
    integral itself, where MNE sums over steps and nilearn over a hundred of them, undivided. It
    is fastest with numba: ``pip install isocortex[fast]``.

    References
    ----------
    .. [1] Maris & Oostenveld (2007), Nonparametric statistical testing of EEG- and MEG-data,
       J. Neurosci. Methods 164:177. https://doi.org/10.1016/j.jneumeth.2007.03.024
    .. [2] Nichols & Holmes (2002), Nonparametric permutation tests for functional neuroimaging,
       Hum. Brain Mapp. 15:1, https://doi.org/10.1002/hbm.1058
    .. [3] Smith & Nichols (2009), Threshold-free cluster enhancement, NeuroImage 44:83,
       https://doi.org/10.1016/j.neuroimage.2008.03.061

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

    Over a row of ten vertices, each the neighbour of the next:

    >>> from scipy import sparse
    >>> maps = ic.Scores(accuracy, {"subject": subjects, "unit": {"vertex": range(10)}}, "accuracy")
    >>> row = sparse.diags_array([np.ones(9), np.ones(9)], offsets=[-1, 1])
    >>> found = ic.clusters(maps, row, "tfce", chance=0.5, n_permutations=500)
    >>> found.table[["size", "vertex"]].iloc[0].to_dict()
    {'size': 4, 'vertex': 7}
    """
    tail = one_of(tail, TAILS, "tail")
    side = TAILS[tail]
    check_flips(n_permutations, "clusters")
    _check_numbers(over, chance, threshold)
    refuse_folds(over, "clusters")
    name, powers = _named(statistic)
    scores = as_scores(scores, "clusters", chance)
    blocks = arranged(scores, over, adjacency is not None)
    if versus is not None:
        blocks = less(blocks, arranged(versus, over, adjacency is not None))
    x = blocks.values - chance
    one = Graph(1, *np.empty((2, 0), dtype=np.intp))
    graph = one if blocks.units is None else graph_over(adjacency, blocks.units)
    tested = _tested(x, blocks, over)
    design = design_of(covariate, blocks.subjects, n_permutations, side, seed)
    if threshold is None:
        threshold = float(stats.t.isf(0.025 if side == 0 else 0.05, design.freedom))
    notes = {
        "statistic": name,
        "threshold": threshold,
        "tail": tail,
        "chance": chance,
        "n_subjects": len(blocks.subjects),
        "n_permutations": design.n,
        "exact": design.exact,
        "least_p": design.least,
        "seed": seed,
    }
    if covariate is not None:
        notes["covariates"] = len(blocks.subjects) - design.freedom - 1
    if blocks.units is not None:
        notes["n_untested"] = int((~tested).any(0).sum())
        _warn_of_few(notes, over)
    rule = Rule(name, threshold, side, powers.extent, powers.height)
    founds, nulls = [], []
    with Job(progress, "clusters", len(x) * design.n_maps):
        for values, keep in zip(x, tested, strict=True):
            part = with_chains(graph.take(keep), blocks.lengths)
            t, null = null_of(values[:, keep].reshape(len(values), -1), design, part, rule)
            founds.append(found_in(t, null, part, rule))
            nulls.append(null)
    found = put_together(founds, nulls, tested, blocks, rule, notes)
    if blocks.units is None and len(found.table):
        _warn_of_few(notes, over)
    return found


def _check_numbers(over: Any, chance: Any, threshold: Any) -> None:
    if not isinstance(over, str):
        raise InputError(f"clusters: over={over!r} must be the name of a label, such as 'subject'.")
    if not is_number(chance) or not np.isfinite(chance):
        raise InputError(f"clusters: chance={chance!r} must be one number, such as 0.5.")
    if threshold is not None and not (is_number(threshold) and threshold > 0):
        raise InputError(f"threshold must be above 0 (it is on the size of t), not {threshold!r}.")


def _named(statistic: "str | TFCE") -> tuple[str, TFCE]:
    if isinstance(statistic, TFCE):
        return "tfce", statistic
    return one_of(statistic, LARGEST, "statistic"), TFCE()


def _tested(x: np.ndarray, blocks: Arranged, over: str) -> np.ndarray:
    """Which units have scores, shape (n_series, n_units)."""
    if np.isinf(x).any():
        raise InputError(
            f"clusters: {int(np.isinf(x).sum())} scores are infinite, of which there is no t. Set "
            f"them to NaN for all {over}s, or leave them out."
        )
    empty = np.isnan(x)
    if blocks.units is None:
        if empty.any():
            raise InputError("clusters: some scores are NaN (undefined). Leave those out first.")
        return np.ones((len(x), 1), dtype=bool)
    rest = tuple(range(3, x.ndim))
    none = empty.all((1, *rest))
    some = empty.any((1, *rest)) & ~none
    if some.any():
        raise InputError(
            f"clusters: {int(some.any(0).sum())} of {len(blocks.units)} units have scores that are "
            f"NaN (undefined) for some {over}s and not for others. Set those units to NaN in all "
            "of them, so that they are not tested, or leave them out of the recordings."
        )
    if none.all():
        raise InputError("clusters: every score is NaN; there is nothing to test.")
    first = x[:, :1]
    with np.errstate(invalid="ignore"):
        alike = (np.abs(x - first) <= 1e-12 * np.abs(first)).all(1) & (first[:, 0] != 0)
    if alike.any():
        units = alike.reshape(*alike.shape[:2], -1).any((0, 2))
        warn(
            f"clusters: {int(units.sum())} of {len(units)} units have the same score in all "
            f"{over}s, so that t is infinite there; it counts as {LARGEST_T:.0e}. Their p are "
            'right, but they dominate a "mass": think of statistic="size" or "tfce".'
        )
    return np.logical_not(none)


def _warn_of_few(notes: Mapping[str, Any], over: str) -> None:
    if notes["least_p"] > 0.05:
        ways = "sign flips" if "covariates" not in notes else "orders"
        warn(
            f"clusters: {notes['n_subjects']} {over}s have {notes['n_permutations']} {ways}, so "
            f"that no cluster can have p below {notes['least_p']:.3g}, whatever the data."
        )
