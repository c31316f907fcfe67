r"""Accuracies of predictions from four sums, where the predictions themselves are never formed.

With y measured and p predicted over the n test stimuli, and both without their means, the sums are
:math:`y^\top y`, :math:`y^\top p`, :math:`p^\top p`, and n times the squared difference of the two
means. ``numerics.measures.accuracy`` has the same accuracies from the values, which keep more
digits where predictions are nearly perfect; one test holds each to the other.
"""

from collections.abc import Callable, Mapping

import numpy as np

FromSums = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def pearson(
    yy: np.ndarray,
    yp: np.ndarray,
    pp: np.ndarray,
    offset: np.ndarray,  # noqa: ARG001
) -> np.ndarray:
    """Pearson correlation; NaN where a side has no variance.

    Parameters
    ----------
    yy, yp, pp, offset : arrays that broadcast
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        # Two roots: the product of the squares may be beyond what a number can hold.
        return np.clip(yp / np.sqrt(yy) / np.sqrt(pp), -1, 1)


def r2(yy: np.ndarray, yp: np.ndarray, pp: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Coefficient of determination; NaN or infinite where the target has no variance.

    Parameters
    ----------
    yy, yp, pp, offset : arrays that broadcast
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return 1 - (yy - 2 * yp + pp + offset) / yy


def explained_variance(
    yy: np.ndarray,
    yp: np.ndarray,
    pp: np.ndarray,
    offset: np.ndarray,  # noqa: ARG001
) -> np.ndarray:
    """As :func:`r2`, but a constant offset of the predictions costs nothing.

    Parameters
    ----------
    yy, yp, pp, offset : arrays that broadcast
    """
    return r2(yy, yp, pp, np.zeros(1))


FROM_SUMS: Mapping[str, FromSums] = {
    "pearson": pearson,
    "r2": r2,
    "explained_variance": explained_variance,
}
"""The accuracies that follow from sums; ranks do not."""
