"""The verb ``partition``: what sets of models explain alone, and what they share."""

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

from isocortex.choice import choose
from isocortex.data.align import aligned
from isocortex.data.label_rows import LabelRows
from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.data.scores import Scores
from isocortex.data.tables import row_names
from isocortex.errors import InputError, UndefinedError
from isocortex.inference.parted import Partition, names_of_parts
from isocortex.inference.partition_scores import partition_scores
from isocortex.inference.shares import Shares, variance
from isocortex.numerics.inference.draws import default_folds
from isocortex.progress import Job, Shown
from isocortex.rsa.ceiling import check_one_kind, person_of
from isocortex.rsa.compare import numbered_rows
from isocortex.rsa.rdms import rdms
from isocortex.seeds import generator

MOST_SETS = 5
LEVEL = 0.95
ON_THE_DATA = 10
"""Drawings of folds, where chance is taken out by cross-validation."""

METHODS = ("parts", "product", "shapley")
CHANCES = {
    "adjusted": "adjusted by the mean over relabelled stimuli of what is left",
    "relabelled": "less the mean over relabelled stimuli",
    "cross_validated": "cross-validated over stimuli",
    "none": "as fitted, chance included",
}


@door
def partition(  # noqa: PLR0913
    models: Mapping[str, Any] | Scores,
    brain: RDMs | None = None,
    *,
    method: str | None = None,
    chance: str = "adjusted",
    n: int = 1000,
    seed: int = 0,
    progress: Shown = None,
) -> Partition:
    r"""Share variance out to sets of model RDMs, or to the feature spaces of one encoding model.

    Of RDMs: each person's RDM is regressed on the RDMs of every subset of the sets; what exactly
    the sets in T explain is [1]_

    .. math:: y_T = \sum_{U \subseteq T} (-1)^{|U| + 1} R^2(U \cup \overline T),

    for a single set k its unique part, :math:`R^2(all) - R^2(all \setminus k)`. Parts are means
    over people, not parts of the mean RDM.

    Parameters
    ----------
    models : dict of names to RDMs
        Up to five sets. A set may hold several RDMs, which enter together; in place of RDMs it may
        be what :func:`rdms` takes, such as layers of a store (correlation distance). Scores: those
        of encode or decode with a BandedRidge; all else but ``method`` is then left out.
    brain : RDMs, optional
        One or several for each person (label ``subject``), of one region and time.
    method : {"parts", "product", "shapley", "correlation", "relative"}, optional
        Of RDMs one of the first three, ``"parts"`` by default; of scores ``"product"`` by default,
        or ``"parts"``, ``"correlation"`` (shares of r, not of :math:`R^2`), ``"relative"``
        (relative weights, all of one sign). ``"parts"``: unique and shared ones. ``"product"``: one
        number for each set, :math:`\sum_k \beta_k r_k` over its RDMs [2]_; may be negative.
        ``"shapley"``: one number for each set, the mean gain over all orders in which sets can be
        added.
    chance : {"adjusted", "relabelled", "cross_validated", "none"}, default="adjusted"
        RDMs that have nothing to do with the brain explain some of it, more than the number of
        pairs would say, since pairs share stimuli. ``"adjusted"`` takes
        :math:`(R^2 - e) / (1 - e)` of each subset of the sets, where e is the mean of
        :math:`R^2` over all relabellings of the stimuli in what this subset leaves unexplained,
        which is known exactly: chance adds to what is not explained, and not to what is.
        ``"relabelled"`` subtracts the mean over relabellings of the brain itself: right where
        nothing is explained, and too much of unique parts where much is.
        ``"cross_validated"`` fits and tests on different stimuli, ten times. Each may leave a part
        below 0; what was fitted stands in the column ``raw``.
    n : int, default=1000
        Samples of people and stimuli for the intervals; 0 for none.
    seed : int, default=0
        Of the samples for the intervals, and of the folds of ``"cross_validated"``.
    progress : bool or function, optional
        True draws a bar; a function is told how many samples are drawn.

    Returns
    -------
    Partition
        ``.table()``: every part with its 95 % interval, from the two-factor bootstrap, or from
        stimuli (people) alone where there are fewer than five people (stimuli); the samples are
        of what is fitted, also where the parts are cross-validated. Of scores without intervals:
        folds are not independent; ``.people`` has the parts of every unit, over which intervals
        or tests may go.

    Raises
    ------
    InputError
        If there are no or more than five sets, or a choice is not known.
    UndefinedError
        If no unit varies in every fold, or if an RDM of the brain is constant, or all RDMs together
        are as many as the pairs.

    See Also
    --------
    plots.partition : Draws it.
    compare : ``"partial"`` correlations, the classical way.
    fit_rdms : Weights of many RDMs, scored on other stimuli and people.
    BandedRidge : One model of several feature spaces.

    Notes
    -----
    A shared part below 0 is suppression: together the sets explain more than the sum of what
    each explains alone. It is shown, not clipped. Adjusted :math:`R^2` with the number of pairs
    is not offered: two unrelated RDMs of 92 stimuli explain ten times what it allows for.

    Held-out :math:`R^2` of more spaces may be less than of fewer, so that unique parts of scores
    may also be negative. Means over units come first, and then their ratio.

    References
    ----------
    .. [1] Nimon & Oswald (2013), Understanding the results of multiple linear regression, Organ.
       Res. Methods 16:650. https://doi.org/10.1177/1094428113493929
    .. [2] Pratt (1987), Dividing the indivisible, Proc. 2nd Tampere Conf. Statistics; Dupré la
       Tour et al. (2022), NeuroImage 264:119728.
       https://doi.org/10.1016/j.neuroimage.2022.119728

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(20)]
    >>> animate, visual = rng.random((2, 190))
    >>> sets = {
    ...     "animate": ic.RDMs([animate], names),
    ...     "layers": ic.RDMs([visual, animate + visual], names, {"layer": ["conv1", "conv5"]}),
    ... }
    >>> brain = ic.RDMs(animate + visual + rng.random((8, 190)), names, {"subject": range(8)})
    >>> ic.partition(sets, brain).table()[["part", "kind", "explained"]].round(1)
                   part    kind  explained
    0           animate  unique        0.0
    1            layers  unique        0.3
    2  animate & layers  shared        0.4
    3               all   total        0.7

    Feature spaces of an encoding model:

    >>> names = [f"volume {i}" for i in range(60)]
    >>> rate, glove = (ic.Responses(rng.normal(size=(60, p)), names, labels={"layer": n})
    ...                for n, p in (("rate", 2), ("glove", 20)))
    >>> voxels = rate.numpy() @ rng.normal(size=(2, 4)) + rng.normal(size=(60, 4))
    >>> banded = ic.BandedRidge([0.1, 1.0, 10.0])
    >>> scores = ic.encode([rate, glove], ic.Responses(voxels, names), banded, folds=4)
    >>> ic.partition(scores).table()[["part", "kind"]]
        part     kind
    0   rate  product
    1  glove  product
    2    all    total
    """
    if isinstance(models, Scores):
        return _of_scores(models, brain, method)
    method = "parts" if method is None else method
    if brain is None:
        raise InputError("partition needs RDMs of brains, not NoneType.")
    for value, known, what in ((method, METHODS, "method"), (chance, CHANCES, "chance")):
        choose(value, {each: each for each in known}, what)
    shares = _shares_of(models, brain, method)
    rng = generator(seed)
    raw = shares.computed(np.ones((1, brain.n_stimuli)))[0]
    data = _people_table(brain, shares.person)
    _refuse_undefined(shares.parts(raw), data)
    # What is left to explain beyond chance; all of it where nothing is adjusted.
    values, room = raw, np.ones_like(raw)
    if chance == "cross_validated":
        folds = default_folds(brain.n_stimuli, 1)[0]
        values = shares.held_out(folds, ON_THE_DATA, rng)[0]
    elif chance != "none":
        expected = shares.expected(of_rest=chance == "adjusted")
        if chance == "adjusted":
            # As adjusted r2: (R2 - E) / (1 - E), product measures by the total that they share.
            room = 1 - (expected.sum(0) if method == "product" else expected)
        values = (raw - expected) / room
    found = shares.parts(values)
    _refuse_undefined(found, data)
    with Job(progress, "partition", int(n)):
        spread, drawn, dropped = variance(shares, n, room, rng)
    mean = found.mean(1)
    # The fewer things were drawn, the less is known of the variance.
    df = min(drawn.values(), default=2) - 1
    reach = stats.t.ppf(0.5 + LEVEL / 2, df) * np.sqrt(spread)
    names, kinds = names_of_parts(tuple(models), method)
    notes = {
        "sets": tuple(models),
        "method": method,
        "chance": CHANCES[chance],
        "drawn": drawn,
        "n": n,
        "dropped": dropped,
        "seed": seed,
    }
    columns = {"raw": shares.parts(raw)}
    tables = {"part": {"part": names}, "data": data}
    people = Scores(found, tables, "explained", columns, notes)
    return Partition(names, kinds, people, np.stack([mean - reach, mean + reach], 1), notes)


def _of_scores(scores: Scores, brain: RDMs | None, method: str | None) -> Partition:
    if brain is not None:
        raise InputError(
            "partition(scores) parts what the scores' own recording holds, and takes no RDMs: "
            "leave brain out, or give models as a dict of RDMs."
        )
    return partition_scores(scores, "product" if method is None else method)


def _shares_of(models: Any, brain: Any, method: str) -> Shares:
    if not isinstance(brain, RDMs):
        raise InputError(f"partition needs RDMs of brains, not {type(brain).__name__}.")
    if not isinstance(models, Mapping) or not models:
        raise InputError(
            "partition needs a dict of names to sets of model RDMs, such as {'visual': rdms, "
            f"'semantic': others}}, not {type(models).__name__}."
        )
    if len(models) > MOST_SETS:
        raise InputError(
            f"partition: {len(models)} sets have {2 ** len(models) - 1} parts, which nobody can "
            f"read; up to {MOST_SETS} are possible. Join some: RDMs.concat(stacks)."
        )
    check_one_kind(brain, "partition")
    stacks = [_stack(name, value) for name, value in models.items()]
    stacks = [aligned(brain, each.complete("partition"), who="partition")[1] for each in stacks]
    if brain.n_stimuli < 4:
        raise InputError(f"partition needs at least 4 stimuli, not {brain.n_stimuli}.")
    ends = np.cumsum([0, *(each.n_rdms for each in stacks)])
    least = int(np.isfinite(brain.values).sum(1).min())
    # The intercept takes one degree of freedom, and one must be left.
    if ends[-1] > least - 2:
        raise UndefinedError(
            f"partition: {ends[-1]} model RDMs together explain {least} pairs whatever these are. "
            "Use fewer models or more stimuli."
        )
    sets = tuple(np.arange(a, b) for a, b in itertools.pairwise(ends))
    values = np.concatenate([each.values for each in stacks])
    return Shares(values, sets, brain.values, person_of(brain), method)


def _people_table(brain: RDMs, person: np.ndarray) -> LabelRows:
    """The labels of each person, in the order of their numbers."""
    first = np.unique(person, return_index=True)[1]
    labels = numbered_rows(brain.label_rows, "rdm")
    # Labels of single RDMs are none of a person who has several.
    if len(first) < brain.n_rdms:
        labels = labels.only(["subject"])
    return labels.at(first)


def _refuse_undefined(found: np.ndarray, data: LabelRows) -> None:
    bad = np.flatnonzero(np.isnan(found).any(0))
    if len(bad):
        raise UndefinedError(
            f"partition: the RDMs of {len(bad)} people do not vary, or not over enough pairs of "
            f"every fold ({row_names(data.frame(), bad.tolist())}). Leave them out.",
            bad.tolist(),
        )


def _stack(name: str, value: Any) -> RDMs:
    if isinstance(value, RDMs):
        if not value.n_rdms:
            raise InputError(f"partition: the set {name!r} holds no RDMs.")
        return value
    try:
        return rdms(value)
    except InputError as problem:
        raise InputError(
            f"partition: the set {name!r} is neither RDMs nor what ic.rdms takes: {problem}"
        ) from None
