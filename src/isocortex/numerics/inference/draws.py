"""Samples with replacement as counts, and folds in which copies never part."""

import numpy as np

_STIMULI = ((12, 2), (24, 3), (40, 4))
_PEOPLE = ((6, 2), (12, 3), (20, 4))
_MOST = 5


def draws(n: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """How often each of ``size`` things is drawn when as many are drawn with replacement.

    Returns
    -------
    integer array, shape (n, size)
        Each row adds up to ``size``.
    """
    return rng.multinomial(size, np.full(size, 1 / size), size=n)


def fold_numbers(counts: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """A random fold for each distinct thing of each sample.

    Parameters
    ----------
    counts : array, shape (n_samples, size)
        How often each was drawn; copies are in one fold.
    k : int
        Of folds, whose sizes differ by one at most.

    Returns
    -------
    integer array, shape (n_samples, size)
        From 0 to k - 1, and -1 for what was not drawn.
    """
    counts = np.asarray(counts)
    # What was not drawn is sorted last, and takes no place in a fold.
    keys = np.where(counts > 0, rng.random(counts.shape), 2.0)
    places = np.argsort(np.argsort(keys, 1), 1)
    return np.where(counts > 0, places % k, -1)


def default_folds(n_stimuli: int, n_people: int, bootstrap: bool = False) -> tuple[int, int]:
    """Folds of stimuli and of people: more of them, the more there are.

    A sample with replacement has about 1 - 1/e of either, which is what ``bootstrap`` counts.
    """
    # A bootstrap sample holds about 1 - 1/e of the things.
    share = 1 - np.exp(-1) if bootstrap else 1.0
    return _number(n_stimuli * share, _STIMULI), _number(n_people * share, _PEOPLE)


def _number(n: float, steps: tuple[tuple[int, int], ...]) -> int:
    return next((k for below, k in steps if n < below), _MOST)
