"""What the tests over subjects have in common: levels, and what is no sample."""

import numpy as np

from isocortex.errors import InputError

CORRELATIONS = ("pearson", "spearman", "correlation", "whitened_correlation")
"""Scores of which Fisher's z is about normal."""
FEWEST_FLIPS = 20


def check_level(level: float, who: str) -> None:
    """The level of an interval must be a share.

    Raises
    ------
    InputError
    """
    if not 0 < level < 1:
        raise InputError(f"{who}: level must lie between 0 and 1, not {level}.")


def check_flips(n_permutations: int, who: str) -> None:
    """So many sign flips must there be for p to reach .05.

    Raises
    ------
    InputError
    """
    whole = isinstance(n_permutations, int | np.integer) and not isinstance(n_permutations, bool)
    if not whole or n_permutations < FEWEST_FLIPS:
        raise InputError(
            f"{who}: n_permutations must be a whole number of at least {FEWEST_FLIPS}, not "
            f"{n_permutations!r}."
        )


def refuse_folds(over: str, who: str) -> None:
    """Folds are no sample: they share their training stimuli.

    Raises
    ------
    InputError
    """
    if over == "fold":
        raise InputError(
            f"{who} over 'fold' would take folds as independent, but they share most of their "
            "training stimuli (and repeated ones their test stimuli): of scores by chance it "
            "would find 15 to 65 of 100 significant. Average them, scores.mean('fold'), and "
            f"make the {who} over subjects; for one subject take permutations= where the scores "
            "come from."
        )


def to_z(r: np.ndarray, metric: str) -> np.ndarray:
    """Fisher's z of correlations.

    Raises
    ------
    InputError
        If the scores are no correlations, or one is 1 or -1.
    """
    if metric not in CORRELATIONS:
        raise InputError(
            f"fisher=True is for correlations ({', '.join(CORRELATIONS)}), but these scores are "
            f"{metric!r}; leave it out."
        )
    if (np.abs(r) >= 1).any():
        raise InputError(
            f"fisher=True: {int((np.abs(r) >= 1).sum())} correlations are 1 or -1, of which z is "
            "infinite; leave it out."
        )
    return np.arctanh(r)
