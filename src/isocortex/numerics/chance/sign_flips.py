"""The signs of whole subjects flipped, and t over subjects after that."""

import numpy as np

LARGEST_T = 1e5
"""Where subjects are alike t is infinite or, by rounding alone, some 1e7; both count as this."""


def t_values(x: np.ndarray, signs: np.ndarray | None = None) -> np.ndarray:
    """One-sample t values after the signs of the subjects are flipped.

    The squares do not change, so all permutations are one matrix product.

    Parameters
    ----------
    x : array, shape (n_subjects, n_points)
    signs : array, shape (n_permutations, n_subjects), optional
        Of +1 and -1.

    Returns
    -------
    t : array, shape (n_permutations, n_points), or (n_points,) without signs
        Zero where no subject differs from zero; at most ``LARGEST_T`` in size.
    """
    n = len(x)
    means = (np.ones((1, n)) if signs is None else signs) @ x / n
    # Signs leave squares as they are, so that only means are computed for each flip.
    squares = (x**2).sum(0)
    variance = np.maximum(squares - n * means**2, 0.0) / (n - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = means / np.sqrt(variance / n)
    t = bounded(t)
    return t[0] if signs is None else t


def bounded(t: np.ndarray) -> np.ndarray:
    """t with 0 for 0 / 0, and no larger than can be told from no spread at all."""
    t = np.where(np.isnan(t), 0.0, t)
    return np.clip(t, -LARGEST_T, LARGEST_T, out=t)


def sign_flips(n: int, n_permutations: int, rng: np.random.Generator) -> tuple[np.ndarray, bool]:
    """All sign patterns where they are not more than asked for, otherwise random ones.

    Returns
    -------
    signs : array, shape (n_permutations, n)
        The first is the data as they are.
    exact : bool
        Whether these are all.
    """
    if n < 31 and 2**n <= n_permutations:
        bits = np.arange(2**n)[:, None] >> np.arange(n)
        return 1.0 - 2.0 * (bits & 1), True
    signs = rng.choice([-1.0, 1.0], (n_permutations, n))
    # The data as they are belong to the null.
    signs[0] = 1.0
    return signs, False
