"""The verb ``difference``: one score against another, in the same subjects."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from isocortex.choice import listed, one_of
from isocortex.data.estimate import Estimate
from isocortex.data.needs import door
from isocortex.data.pair_means import as_scores
from isocortex.data.rdms import RDMs
from isocortex.data.scores import Scores
from isocortex.errors import InputError, warn
from isocortex.numerics.chance.permutation import SIDES
from isocortex.numerics.chance.sign_flips import sign_flips
from isocortex.numerics.chance.subjects import Inference, flip_inference, least_flip_p, t_inference
from isocortex.progress import Job, Shown
from isocortex.seeds import generator
from isocortex.stats.tests import check_flips, refuse_folds

TESTS = ("sign_flip", "t")
LEVEL = 0.95


@door
def difference(  # noqa: PLR0913
    scores: Scores | RDMs,
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    over: str = "subject",
    *,
    test: str = "sign_flip",
    tail: str = "two_sided",
    n_permutations: int = 10_000,
    seed: int = 0,
    progress: Shown = None,
) -> Estimate:
    """How much higher one score is than another, in the same subjects.

    Interval and p-value are of one test: the interval holds 0 where p is above .05, and only
    there. What is inferred holds for other people like these, and for the stimuli shown.

    Parameters
    ----------
    scores : Scores or RDMs
        Of RDMs, the mean over their pairs.
    first, second : mapping from label to value
        Each must leave one score for every subject: ``{"layer": "conv5", "region": "IT"}``.
    over : str, default="subject"
        Folds are refused, since they share their training stimuli.
    test : {"sign_flip", "t"}, default="sign_flip"
        The signs of the subjects' differences are flipped: exact for differences that are
        symmetric around 0 under the null hypothesis, but of n subjects there are 2**n flips,
        so that fewer than six never reach p = .05 on two sides (five on one), and have no
        95 % interval. The t-test has no such limit, and takes the differences to be normal.
    tail : {"two_sided", "greater", "less"}, default="two_sided"
        One-sided tests have an interval that is open on the other side, to infinity.
    n_permutations : int, default=10000
        Sign flips; all of them where these are not more, and the test is then exact.
    seed : int, default=0
        Of the flips that are drawn, where not all are used; the t-test draws none.
    progress : bool or function, optional
        True draws a bar; a function is told when it is done.

    Returns
    -------
    Estimate
        The mean of first less second, the 95 % interval and the p-value; ``notes["least_p"]``,
        the smallest p that the number of flips allows.

    Raises
    ------
    InputError
        If a side has not exactly one score for every subject, or the subjects differ.

    Warns
    -----
    IsocortexWarning
        If so few subjects cannot reach p = .05.

    See Also
    --------
    interval : Of one score, by the t-test.
    clusters : Over time.
    Estimate : What it returns.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> layers = {"layer": ["conv1", "conv5"]}
    >>> subjects = {"subject": range(1, 9)}
    >>> values = np.random.default_rng(0).normal([[0.1], [0.3]], 0.05, (2, 8))
    >>> scores = ic.Scores(values, {"layer": layers, "subject": subjects}, "spearman")
    >>> found = ic.difference(scores, {"layer": "conv5"}, {"layer": "conv1"})
    >>> found.n, found.p
    (8, 0.0078125)
    >>> found.low < found.value < found.high
    True
    """
    tail, test = one_of(tail, SIDES, "tail"), one_of(test, TESTS, "test")
    refuse_folds(over, "difference")
    check_flips(n_permutations, "difference")
    scores = as_scores(scores, "difference")
    gaps = _gaps(scores, first, second, over)
    n = len(gaps)
    mean, error = gaps.mean(), gaps.std(ddof=1) / np.sqrt(n)
    with Job(progress, "difference", 1):
        if test == "t":
            found, how, least = t_inference(mean, error, n, LEVEL, tail), "t-test", 0.0
        else:
            found, how, least = _by_flips(gaps, over, tail, n_permutations, seed)
    return Estimate(
        float(mean),
        float(found.low),
        float(found.high),
        float(found.p),
        n,
        f"paired over {over}: 95 % interval and {tail} p of {how}",
        notes={"least_p": least, "test": test, "tail": tail},
    )


def _by_flips(
    gaps: np.ndarray, over: str, tail: str, n_permutations: int, seed: int
) -> tuple[Inference, str, float]:
    signs, exact = sign_flips(len(gaps), n_permutations, generator(seed))
    least = least_flip_p(len(signs), tail)
    how = f"all sign flips ({len(signs)})" if exact else f"{len(signs)} sign flips, seed {seed}"
    if least > 1 - LEVEL:
        how = f"{how}, which allow no p below {least:.3g}"
        warn(
            f"difference: {len(gaps)} {over}s have {len(signs)} sign flips, so that p cannot be "
            f"below {least:.3g} whatever the data, and no 95 % interval has two ends. "
            "test='t' has no such limit."
        )
    # The first is the data themselves, which the p-value counts by itself.
    return flip_inference(gaps, signs[1:], LEVEL, tail), how, least


def _gaps(
    scores: Scores, first: Mapping[str, Any], second: Mapping[str, Any], over: str
) -> np.ndarray:
    sides = [_by_subject(scores.select(**dict(side)), over, dict(side)) for side in (first, second)]
    if set(sides[0]) != set(sides[1]):
        lacking = set(sides[0]) ^ set(sides[1])
        raise InputError(f"difference: {over} {listed(lacking)} stand on one side only.")
    return np.array([score - sides[1][person] for person, score in sides[0].items()])


def _by_subject(scores: Scores, over: str, wanted: Mapping[str, Any]) -> dict[Any, float]:
    people = scores.tables.rows(scores.axis_with(over)).entries(over)
    n, n_people = scores.values.size, len(set(people))
    if n != len(people) or n < 2 or n_people < n:
        raise InputError(
            f"difference: {wanted} leaves {n} scores of {n_people} different "
            f"{over}s; each needs exactly one. Add labels, or average with scores.mean(axis)."
        )
    return dict(zip(people, scores.values.reshape(-1), strict=True))
