"""The one rule by which a null distribution becomes a p-value."""

import numpy as np

TIE = 1e-9
"""Two scores nearer than this, relative to their size, are equal: sums in another order differ."""

SIDES = {"two_sided": 0, "greater": 1, "less": -1}
"""Which side of a test counts as extreme."""


def n_reaching(observed: np.ndarray, null: np.ndarray) -> np.ndarray:
    """How many scores of the null are at least as large as the observed one.

    Parameters
    ----------
    observed : array, shape (...)
    null : array, shape (n_permutations, ...)
        A NaN counts as reaching it, so that what is undefined never helps.

    Returns
    -------
    integer array, shape (...)
    """
    observed, null = np.asarray(observed, dtype=np.float64), np.asarray(null)
    return (~(null < just_below(observed, null))).sum(0)


def permutation_p(observed: np.ndarray, null: np.ndarray, tail: str = "greater") -> np.ndarray:
    r"""The p-value of a permutation test.

    .. math:: p = \frac{1 + \#\{b : t_b \ge t\}}{1 + B}

    The data are one of the permutations, so p is never 0; where ``null`` holds every other
    permutation once, this is the exact p. Ties count against the observed score.

    Parameters
    ----------
    observed : array, shape (...)
        NaN where there was no test.
    null : array, shape (n_permutations, ...)
        Scores of the permutations, without the data themselves.
    tail : {"greater", "less", "two_sided"}, default="greater"
        Two-sided: twice the smaller of the other two.

    Returns
    -------
    p : array, shape (...)
        Above 0 and at most 1; NaN where ``observed`` is.

    References
    ----------
    Phipson & Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9:39,
    https://doi.org/10.2202/1544-6115.1585
    """
    observed, null = np.asarray(observed, dtype=np.float64), np.asarray(null)
    side = SIDES[tail]
    sides = [side * observed] if side else [observed, -observed]
    nulls = [side * null] if side else [null, -null]
    counts = [n_reaching(o, b) for o, b in zip(sides, nulls, strict=True)]
    p = (1 + np.min(counts, axis=0)) / (1 + len(null))
    return np.where(np.isnan(observed), np.nan, p if side else np.minimum(2 * p, 1.0))


def just_below(observed: np.ndarray, null: np.ndarray) -> np.ndarray:
    """The limit above which scores of the null, shape (n_permutations, ...), are no smaller."""
    # Equal within the rounding of the largest number, however small the observed one is.
    sizes = np.where(np.isfinite(null), np.abs(null), 0.0).max(0, initial=0.0)
    finite = np.where(np.isinf(observed), 0.0, observed)
    return np.where(np.isinf(observed), observed, finite - TIE * np.maximum(np.abs(finite), sizes))
