"""The verb ``recovery``: could these data tell these models apart, and by which comparison?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from isocortex.arrays import pairs_of
from isocortex.choice import choose, current, listed, named
from isocortex.data.align import aligned
from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.data.scores import Scores
from isocortex.errors import InputError, UndefinedError
from isocortex.inference.recovered import Recovery
from isocortex.numerics.arrays.constant import is_constant
from isocortex.numerics.arrays.parallel import rows_for
from isocortex.numerics.inference.simulated import noisy
from isocortex.numerics.measures.comparison import COMPARISONS, JOINT, Comparison
from isocortex.progress import Job, Shown, advance
from isocortex.rsa.ceiling import check_one_kind
from isocortex.rsa.compare import compare, numbered_rows
from isocortex.seeds import generator

USUAL = ("pearson", "spearman", "whitened_cosine", "whitened_correlation")
_BUDGET = 2**26


@door
def recovery(  # noqa: PLR0913
    models: RDMs | Mapping[str, RDMs],
    brain_like: RDMs | None = None,
    *,
    comparison: str | Comparison | Sequence[str | Comparison] = USUAL,
    noise: Sequence[float] | None = None,
    people: Sequence[int] | None = None,
    n: int = 100,
    seed: int = 0,
    progress: Shown = None,
) -> Recovery:
    r"""Simulate data from each model, and see how often each comparison finds it.

    A person's simulated RDM is that of the true model, in units of its standard deviation over
    pairs, and noise: with :math:`u` for stimuli and :math:`z` for pairs, all independent normal,

    .. math:: d_{ij} = m_{ij} + \tfrac\sigma2 (u_i + u_j + \sqrt2 z_{ij}),

    which has the covariance that dissimilarities have from independent noise in the patterns of
    the stimuli. The model with the highest mean score over people is the one that is found;
    equal scores share.

    Parameters
    ----------
    models : RDMs, or dict of names to single RDMs
        At least two.
    brain_like : RDMs, optional
        Measured RDMs of one region, one for each person, over the same stimuli: the default of
        ``people`` is their number, that of ``noise`` what makes simulated people correlate
        with one another as much as these do, :math:`\sigma^2 = (1 - \bar r) / \bar r`.
    comparison : str, callable, or several
        As in :func:`compare`; all see the same simulated data. Default: pearson, spearman and the
        whitened ones.
    noise : sequence of float, optional
        Values of :math:`\sigma`; 0 is none, ``inf`` is noise alone. Default without
        ``brain_like``: 1, 2, 4.
    people : sequence of int, optional
        Numbers of people. Default without ``brain_like``: 5, 10, 20.
    n : int, default=100
        Data sets of each model at each noise and number.
    seed : int, default=0
        Of the simulated noise.
    progress : bool or function, optional
        True draws a bar; a function is told how many data sets are
        simulated.

    Returns
    -------
    Recovery
        ``.table()``: the confusion table; ``.accuracy()``: how often the true model is found.

    Raises
    ------
    InputError
        If there are fewer than two models, or a number is out of range.
    UndefinedError
        If a model is constant, or the people of ``brain_like`` have nothing in common.

    See Also
    --------
    compare : The comparisons.
    infer : Tests models on the data themselves.
    noise_ceiling : How alike people are.

    Notes
    -----
    Time grows with the product of models, noise levels, people, ``n`` and pairs; memory is
    bounded. People do not differ but by noise, and the stimuli are those of the models.

    References
    ----------
    .. [1] Diedrichsen et al. (2021), Comparing representational geometries using whitened
       unbiased-distance-matrix similarity, Neurons Behav. Data Anal. Theory 5(3).
       https://doi.org/10.51628/001c.27664

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(16)]
    >>> layers = ic.RDMs(rng.random((4, 120)), names, {"layer": [f"conv{k}" for k in range(4)]})
    >>> found = ic.recovery(layers, comparison=["pearson"], noise=[0, 2], people=[8])
    >>> found.accuracy()[["comparison", "noise", "rate", "chance"]].round(2)
      comparison  noise  rate  chance
    0    pearson    0.0   1.0    0.25
    1    pearson    2.0   1.0    0.25
    """
    stack = _stack(models)
    several = isinstance(comparison, list | tuple)
    asked = (
        [current(each, COMPARISONS, "comparison") for each in comparison]
        if several
        else [current(comparison, COMPARISONS, "comparison")]
    )
    functions = [choose(each, COMPARISONS, "comparison") for each in asked]
    _check_functions(asked, functions)
    levels, counts = _grid(stack, brain_like, noise, people)
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise InputError(f"recovery: n={n!r} must be a whole number from 1.")
    rng = generator(seed)
    # Of unit spread, so that a level of noise means the same for all models.
    size = stack.values.std(1, keepdims=True)
    truths = stack.values / size
    found = np.empty((len(functions), len(levels), len(counts), stack.n_rdms, stack.n_rdms))
    places = list(np.ndindex(len(levels), len(counts), stack.n_rdms))
    with Job(progress, "recovery", len(places) * int(n)):
        for place in places:
            level, count, true = levels[place[0]], counts[place[1]], truths[place[2]]
            wins = _wins(functions, stack.values, true, (level, count, int(n)), rng)
            found[(slice(None), *place)] = wins / n
    labels = numbered_rows(stack.label_rows, "model")
    tables = {
        "comparison": {"comparison": [named(each) for each in asked]},
        "noise": {"noise": levels},
        "people": {"people": counts},
        "true": labels.renamed({key: f"true_{key}" for key in labels}),
        "model": labels,
    }
    return Recovery(Scores(found, tables, "rate", notes={"seed": seed}), int(n))


def _wins(
    functions: Sequence[Comparison],
    models: np.ndarray,
    true: np.ndarray,
    asked: tuple[float, int, int],
    rng: np.random.Generator,
) -> np.ndarray:
    """How many of n data sets each comparison gives to each model: (n_functions, n_models)."""
    level, count, n = asked
    wins = np.zeros((len(functions), len(models)))
    size = rows_for(24 * len(true) * count, _BUDGET)
    for start in range(0, n, size):
        sets = min(size, n - start)
        data = noisy(true, level, sets * count, rng)
        for k, function in enumerate(functions):
            scores = np.asarray(function(models, data)).reshape(len(models), sets, count).mean(2)
            best = scores >= scores.max(0) - 1e-12
            wins[k] += (best / best.sum(0)).sum(1)
        advance(sets)
    return wins


def _stack(models: Any) -> RDMs:
    if isinstance(models, Mapping):
        odd = [name for name, each in models.items() if getattr(each, "n_rdms", None) != 1]
        if odd:
            raise InputError(
                f"recovery: {listed(odd)} must each be RDMs that hold a single RDM; a set of "
                "several is no model by itself."
            )
        named_ = [
            RDMs(each.values, each.stimuli, {"model": name}, gaps=each.gaps)
            for name, each in models.items()
        ]
        models = RDMs.concat(named_) if named_ else None
    if not isinstance(models, RDMs) or models.n_rdms < 2:
        n = models.n_rdms if isinstance(models, RDMs) else 0
        raise InputError(f"recovery needs RDMs of at least 2 models, not {n}.")
    stack = models.complete("recovery")
    flat = np.flatnonzero(is_constant(stack.values, 1))
    if len(flat):
        raise UndefinedError(
            f"recovery: {len(flat)} model RDMs are constant (rows {listed(flat)}), so that there "
            "is nothing to find.",
            flat.tolist(),
        )
    return stack


def _check_functions(asked: Sequence[Any], functions: Sequence[Comparison]) -> None:
    joint = [named(each) for each, one in zip(asked, functions, strict=True) if one in JOINT]
    if joint:
        raise InputError(
            f"recovery: {listed(joint)} compare several models together and give no single score; "
            "take comparisons of single models, such as 'pearson'."
        )
    if not functions:
        raise InputError("recovery needs at least one comparison.")


def _grid(
    stack: RDMs, brain: RDMs | None, noise: Any, people: Any
) -> tuple[list[float], list[int]]:
    """Levels of noise and numbers of people, as asked for or as in the brain."""
    levels, counts = noise, people
    if brain is not None:
        if not isinstance(brain, RDMs):
            raise InputError(f"recovery: brain_like must be RDMs, not {type(brain).__name__}.")
        check_one_kind(brain, "recovery")
        aligned(stack, brain, who="recovery")
        counts = [brain.n_rdms] if people is None else people
        levels = [_noise_of(brain)] if noise is None else noise
    levels = [float(each) for each in np.atleast_1d(levels if levels is not None else (1, 2, 4))]
    counts = list(np.atleast_1d(counts if counts is not None else (5, 10, 20)))
    if not levels or not all(each >= 0 for each in levels):
        raise InputError(f"recovery: noise={noise!r} must be numbers from 0 (inf: noise alone).")
    if not counts or not all(isinstance(c, int | np.integer) and c >= 1 for c in counts):
        raise InputError(f"recovery: people={people!r} must be whole numbers from 1.")
    return levels, [int(each) for each in counts]


def _noise_of(brain: RDMs) -> float:
    if brain.n_rdms < 2:
        raise InputError(
            "recovery: the noise of brain_like follows from how alike its people are, but it holds "
            "one RDM. Give noise=."
        )
    alike = compare(brain, brain, "pearson").values[pairs_of(brain.n_rdms)].mean()
    if alike <= 0:
        raise UndefinedError(
            f"recovery: the people of brain_like do not correlate with one another (mean r "
            f"{alike:.3f}), so that their noise cannot be told. Give noise=."
        )
    return float(np.sqrt((1 - alike) / alike))
