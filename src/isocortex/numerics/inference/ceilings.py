"""How well the best model could do, in each sample."""

import numpy as np


def sample_ceilings(
    similarity: np.ndarray, counts: np.ndarray, sizes: np.ndarray | float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    r"""The bounds of a perfect model's score in each sample of people.

    With K how alike people are and u how often each was drawn, :math:`k = K u` and
    :math:`t = u^\top K u`: the upper bound is the mean of :math:`k_i / \sqrt t` over the people
    drawn, the lower that of :math:`(k_i - u_i) / \sqrt{t - 2 u_i k_i + u_i^2}`, in which all copies
    of the person are left out.

    Parameters
    ----------
    similarity : array, shape (n_samples, n_people, n_people)
        Such as cosines, with a diagonal of 1; sums over the rows of those who have several.
    counts : array, shape (n_samples, n_people)
    sizes : array, shape (n_people,), default=1
        How many rows each has.

    Returns
    -------
    lower, upper : array, shape (n_samples,)
        Both are 1 where one person was drawn alone.
    """
    own = np.einsum("nii->ni", similarity)
    # k: each person with the sum of the sample; t: that sum with itself, (n_samples, 1).
    k = np.einsum("nij,nj->ni", similarity, counts)
    t = (counts * k).sum(1, keepdims=True)
    # The sum without any copy of the person.
    others = t - 2 * counts * k + counts**2 * own
    drawn = counts > 0
    n = drawn.sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        upper = np.where(drawn, k / np.sqrt(t) / sizes, 0.0).sum(1) / n
        lower = np.where(drawn, (k - counts * own) / np.sqrt(others) / sizes, 0.0).sum(1) / n
    # Who makes up the whole sample is predicted by himself.
    alone = n == 1
    return np.where(alone, 1.0, lower), np.where(alone, 1.0, upper)
