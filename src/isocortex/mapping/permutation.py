"""``Permutation``: how often, and what is exchanged under the null hypothesis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isocortex.choice import suggestion
from isocortex.data.needs import door
from isocortex.display.shown import shown
from isocortex.errors import InputError, warn
from isocortex.numerics.chance import exchange
from isocortex.numerics.chance.exchange import Block
from isocortex.seeds import checked_seed, generator

NULLS = ("auto", "rows", "groups", "circular")

WORDS = {
    "rows": "permutations of rows",
    "groups": "permutations of whole groups",
    "circular": "circular shifts",
}

ENOUGH = 20
"""So many different permutations must there be for p to reach .05."""


@door
@shown()
@dataclass(frozen=True)
class Permutation:
    """What is exchanged under the null hypothesis, how often, and the seed.

    Parameters
    ----------
    n : int, default=1000
        How many permutations. Where all different ones are not more, each is used once and p
        is exact.
    seed : int, default=0
        Of the permutations that are drawn; without effect where each different one is used.
    null : {"auto", "rows", "groups", "circular"}, default="auto"
        ``"rows"``: stimuli (trials) change places, within the groups of ``Folds`` where there
        are any; right where these do not depend on one another.
        ``"groups"``: whole groups change places, their rows in order; right where labels or
        features are the same throughout a group (repeats of an object, patient or control).
        Groups of one size only, unless the target is constant in them.
        ``"circular"``: for time series; the recording (or labels) of each run is shifted by a
        random number of rows, its end coming first. Runs are the groups of ``Folds``, one run
        where there are none; rows are in the order of time. Slow drifts must be removed before.
        ``"auto"``: rows, or whole groups where nothing can be exchanged within them; circular
        shifts where rows are known to be a series, by ``Folds.by_run`` or by the column ``time``
        of a table (of what ``resample`` and ``delayed`` give). Rows are then refused.

    Raises
    ------
    InputError
        If a field is not as described.

    See Also
    --------
    encode, decode, probe : take it as ``permutations=``.

    Notes
    -----
    Blocks shorter than many autocorrelation times give too small p-values, and so does a least
    shift, which leaves part of the null out: neither is offered. Scores over series whose
    training rows adjoin their test rows are a little above 0 by chance; the circular null has
    the same bias, so that p stays right.

    References
    ----------
    Winkler et al. (2015), Multi-level block permutation, NeuroImage 123:253,
    https://doi.org/10.1016/j.neuroimage.2015.05.092

    Examples
    --------
    >>> import isocortex as ic
    >>> ic.Permutation(200, seed=3, null="circular")
    Permutation(n=200, seed=3, null='circular')
    """

    n: int = 1000
    seed: int = 0
    null: str = "auto"

    def __post_init__(self) -> None:
        if isinstance(self.n, bool) or not isinstance(self.n, int | np.integer) or self.n < 0:
            raise InputError(f"permutations={self.n!r} must be a whole number from 0.")
        # A seed that is none is refused now, not after the fits.
        checked_seed(self.seed)
        if self.null not in NULLS:
            raise InputError(
                f"Permutation: null={self.null!r} is not known. {suggestion(self.null, NULLS)}"
                f"Known: {', '.join(NULLS)}."
            )


def as_permutation(permutations: Any, n_permutations: int = 0, seed: int = 0) -> Permutation:
    """What a verb was asked for: a number, or an object; or a number and a seed apart.

    Raises
    ------
    InputError
        If the number is given twice, or is not 0 or more.
    """
    if permutations and n_permutations:
        raise InputError(
            f"permutations={permutations!r} and n_permutations={n_permutations!r} say the same "
            "thing; give the first alone."
        )
    if isinstance(permutations, Permutation):
        return permutations
    return Permutation(permutations or n_permutations, seed)


def for_series(asked: Permutation, series: object) -> Permutation:
    """What is exchanged where rows are known to be a series: shifts, and never single rows.

    Parameters
    ----------
    asked : Permutation
    series : object or None
        What is known of the time of rows; None where they are no series.

    Raises
    ------
    InputError
        If rows were asked for.
    """
    if series is None or asked.null in ("groups", "circular") or asked.n == 0:
        return asked
    if asked.null == "rows":
        raise InputError(
            "permutations: rows follow one another in time (their table, or Folds.by_run, says "
            "so), and their order is not exchangeable: of unrelated slow series .26 to .55 would "
            'have p <= .05. Take ic.Permutation(1000, null="circular"), which shifts each run.'
        )
    return replace(asked, null="circular")


@dataclass(frozen=True, eq=False)
class Rows:
    """What a null must know of the rows that it exchanges."""

    target: np.ndarray
    """Shape (n_rows,): codes, equal for rows with equal targets."""
    groups: np.ndarray | None = None
    """Shape (n_rows,): runs, objects, people ..."""
    tests: np.ndarray | None = None
    """Shape (n_rows,): the test set of each row, for labels, which folds may have balanced."""
    folds_know_labels: bool = False
    """Whether other labels would have had other folds."""
    units: np.ndarray | None = None
    """Shape (n_rows,): rows of one stimulus, which stay together."""
    apart: bool = False
    """Whether the groups are training and test set, which never change places."""
    same_features: Callable[[np.ndarray], bool] = lambda _: False
    """Whether the features of some layer do not vary within given groups."""


@dataclass(frozen=True, eq=False)
class Null:
    """Orders of the rows under the null hypothesis, the same for every layer and fold."""

    orders: np.ndarray
    """Shape (n_orders, n_rows)."""
    asked: Permutation
    kind: str
    """What was exchanged: ``"rows"``, ``"groups"`` or ``"circular"``."""
    n_distinct: float
    """How many different permutations there are, the data included."""
    exact: bool
    """Whether ``orders`` are all of them but the data."""
    within: np.ndarray | None = None
    """Shape (n_rows,): the blocks inside of which rows were exchanged."""
    of_features: bool = False
    """Whether features are reordered, and targets stay with the folds that were made for them."""

    @property
    def notes(self) -> dict[str, Any]:
        """What the scores say of it."""
        return {
            "seed": self.asked.seed,
            "n_permutations": len(self.orders),
            "null": self.kind,
            "n_distinct": self.n_distinct,
            "exact": self.exact,
            "least_p": 1 / (1 + len(self.orders)),
        }


@dataclass(frozen=True, eq=False)
class _Candidate:
    kind: str
    blocks: Sequence[Block]
    within: np.ndarray | None
    of_features: bool = False

    @property
    def n_distinct(self) -> float:
        return exchange.n_distinct(self.blocks)


def null_of(asked: Permutation, rows: Rows) -> Null | None:
    """The permutations that a verb asks for, or None for 0.

    Raises
    ------
    InputError
        If nothing can be exchanged.

    Warns
    -----
    IsocortexWarning
        If p cannot reach .05, or groups of one row are exchanged as wholes.
    """
    if asked.n == 0:
        return None
    found = _candidates(asked.null, rows)
    # The first that can reach .05; where none can, the one with most permutations.
    enough = [each for each in found if each.n_distinct >= ENOUGH]
    best = enough[0] if enough else max(found, key=lambda each: each.n_distinct)
    if best.n_distinct < 2:
        raise InputError(_nothing(asked.null, rows))
    rng = generator(asked.seed)
    orders, exact = exchange.orders_of(best.blocks, int(asked.n), rng)
    _say(best, exact, rows)
    return Null(orders, asked, best.kind, best.n_distinct, exact, best.within, best.of_features)


def _candidates(null: str, rows: Rows) -> list[_Candidate]:
    """What might be exchanged, the best first."""
    codes, groups = rows.target, rows.groups
    found = []
    constant = null != "groups" and groups is not None and rows.same_features(groups)
    if null == "circular" and not constant:
        shifts = exchange.shift_runs(codes, groups)
        if rows.folds_know_labels and exchange.n_distinct(shifts) > 1:
            # Features that are shifted against folds differ even where the labels repeat.
            shifts = exchange.shift_runs(np.arange(len(codes)), groups)
        found.append(_Candidate("circular", shifts, groups, rows.folds_know_labels))
    if null in ("auto", "rows") and not constant:
        for within, of_features in _inside(rows, groups):
            units = np.arange(len(codes)) if rows.units is None else rows.units
            swaps = exchange.swap_units(codes, units, within)
            found.append(_Candidate("rows", swaps, within, of_features))
    if null in ("auto", "groups") and groups is not None and not rows.apart:
        within = rows.tests if rows.folds_know_labels else None
        if _whole(groups, within):
            swaps = exchange.swap_units(codes, groups, within)
            found.append(_Candidate("groups", swaps, within))
    return found or [_Candidate(null, [], None)]


def _inside(rows: Rows, groups: np.ndarray | None) -> list[tuple[np.ndarray | None, bool]]:
    """Where rows may be exchanged, and whether the features must move rather than the labels.

    Folds that were balanced for the true labels are not so for labels exchanged between them,
    and accuracies under the null would come out too low: labels stay in their test sets, unless
    nothing follows from that.
    """
    anywhere = (groups, rows.folds_know_labels)
    if rows.tests is None:
        return [anywhere]
    # One number for each test set and group.
    within = rows.tests if groups is None else rows.tests * (int(groups.max()) + 1) + groups
    return [(within, False), anywhere]


def _whole(groups: np.ndarray, within: np.ndarray | None) -> bool:
    """Whether no group is torn apart by the blocks inside of which it is to move."""
    return within is None or len(np.unique(groups)) == len({*zip(groups, within, strict=True)})


def _nothing(null: str, rows: Rows) -> str:
    what = "permutations: nothing can be exchanged, so that every p would be 1."
    if null == "circular":
        return f"{what} The target (or the features) do not vary over the rows of any run."
    if rows.groups is None or rows.apart:
        return f"{what} The target is the same in all {len(rows.target)} rows."
    n_groups = len(np.unique(rows.groups))
    if null == "rows":
        return (
            f"{what} Within the {n_groups} groups of Folds the target does not vary (or each has "
            "one row). Give Permutation(null='groups'), which exchanges whole groups, or Folds "
            "without groups."
        )
    return (
        f"{what} The target (or the features) do not vary within the {n_groups} groups of Folds, "
        "and whole groups cannot change places: they are all alike, or no two have one size. "
        "Give groups of one size, or groups in which the target varies."
    )


def _say(best: _Candidate, exact: bool, rows: Rows) -> None:
    if exact and best.n_distinct < ENOUGH:
        warn(
            f"there are only {best.n_distinct:.0f} different {WORDS[best.kind]}, so that p cannot "
            f"be below {1 / best.n_distinct:.3g}, whatever the data."
        )
    if best.kind == "groups" and rows.groups is not None:
        sizes = np.bincount(rows.groups)
        if sizes.max() == 1:
            warn(
                f"each of the {len(sizes)} groups of Folds has one row, so that nothing can be "
                "exchanged within groups; whole groups change places, which is any row with any "
                "other. Leave the groups out if that is meant."
            )
