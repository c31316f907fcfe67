"""Which stimulus was it? Decoded features are compared with those of all candidates."""

from dataclasses import dataclass
from math import comb

import numpy as np
from scipy import linalg

from isocortex.numerics.arrays.parallel import rows_for
from isocortex.numerics.arrays.products import Products
from isocortex.numerics.arrays.rank import least_variance

_BLOCK = 2**22
"""Bytes of similarities at a time: those of 10 000 stimuli with as many would be 0.8 GB."""
_PRODUCT = 2**24
"""The same of bare products, which are quicker by many rows."""
_FEW = 2**18
"""Similarities up to which all correlations are made at once."""
_SAFE = (1e-70, 1e70)
"""Lengths between these have products that are in range, and so have their squares."""


@dataclass(frozen=True, eq=False)
class Coordinates:
    """At most n + 2 coordinates with the inner products of all units."""

    values: np.ndarray
    """Of the stimuli, less what they have in common, shape (n_stimuli, n_axes)."""
    common: np.ndarray
    """Of that, less its level, shape (n_axes,)."""
    ones: np.ndarray
    """Of the direction, of length one, along which all units are equal."""

    def over_units(self, values: np.ndarray) -> np.ndarray:
        """Stimuli as a correlation over units sees them: whole, less their mean over units."""
        whole = values + self.common
        return whole - np.outer(whole @ self.ones, self.ones)


def coordinates(k: Products) -> Coordinates:
    """Few coordinates for each stimulus in which a model decodes as it would all units.

    A model that treats all units alike gives the same inner products of decoded and true
    features whether it decodes the units or these coordinates.

    Parameters
    ----------
    k : Products
        Of the stimuli. What they have in common is a direction of its own, so that it costs no
        digits.
    """
    n, p = len(k.sums), k.n_units
    whole = np.empty((n + 2, n + 2))
    whole[:n, :n] = k.shifted
    whole[n, :n] = whole[:n, n] = k.along
    whole[n + 1, :n] = whole[:n, n + 1] = k.sums / p**0.5
    whole[n, n], whole[n + 1, n + 1] = k.rest_square, 1.0
    whole[n, n + 1] = whole[n + 1, n] = k.rest_sum / p**0.5
    variances, vectors = linalg.eigh(whole, driver="evd")
    keep = variances > least_variance(variances[-1], n + 2)
    found = vectors[:, keep] * np.sqrt(variances[keep])
    return Coordinates(found[:n], found[n], found[n + 1])


def correlations(decoded: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Correlation of decoded and true features that have no mean over units any more.

    Parameters
    ----------
    decoded : array, shape (n_decoded, n_columns)
    true : array, shape (n_candidates, n_columns)

    Returns
    -------
    array, shape (n_decoded, n_candidates)
        From -1 to 1; NaN where one does not vary over units.
    """
    products = decoded @ true.T
    left = np.einsum("ij,ij->i", decoded, decoded)
    right = np.einsum("ij,ij->i", true, true)
    scale = np.sqrt(np.outer(left, right))
    answer = np.full(products.shape, np.nan)
    np.divide(products, scale, out=answer, where=scale > 0)
    return np.clip(answer, -1, 1)


def shares(decoded: np.ndarray, true: np.ndarray, own: np.ndarray, n_way: int) -> np.ndarray:
    """:func:`share_identified` by correlation, some rows at a time; shape (n_decoded,).

    Parameters
    ----------
    decoded, true : arrays
        As :func:`correlations` takes them.
    own, n_way
        As :func:`share_identified` takes them.
    """
    if len(decoded) * len(true) < _FEW:
        return share_identified(correlations(decoded, true), own, n_way)
    beaten, sure = _beaten(decoded, true, own)
    found = _shares_of(beaten, len(true) - 1, n_way)
    left = np.nonzero(~sure)[0]
    size = rows_for(8 * len(true), _BLOCK)
    for start in range(0, len(left), size):
        rows = left[start : start + size]
        found[rows] = share_identified(correlations(decoded[rows], true), own[rows], n_way)
    return found


def _beaten(
    decoded: np.ndarray, true: np.ndarray, own: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How many candidates are less similar than the true one, by products alone.

    What has a length of its own in a row of correlations is the candidates only, which are
    scaled once. Rows in which a candidate is as near to the true one as rounding reaches, or in
    which something is not defined, are not sure.
    """
    lengths, norms = (np.sqrt(np.einsum("ij,ij->i", each, each)) for each in (decoded, true))
    low, high = _SAFE
    beaten, sure = np.zeros(len(decoded)), (low < lengths) & (lengths < high)
    if not ((norms == 0) | (low < norms) & (norms < high)).all():
        return beaten, np.zeros(len(decoded), dtype=bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = true / norms[:, None]
    margin = 4 * np.finfo(np.float64).eps * (true.shape[1] + 2) * lengths
    size = min(len(decoded), rows_for(8 * len(true), _PRODUCT))
    room = np.empty((size, len(true)))
    for start in range(0, len(decoded), size):
        some = decoded[start : start + size]
        np.matmul(some, scaled.T, out=room[: len(some)])
        for row, similar in enumerate(room[: len(some)], start):
            at = similar[own[row]]
            beaten[row] = np.count_nonzero(similar < at - margin[row])
            # Nothing but the true one itself is as near as that.
            sure[row] &= np.count_nonzero(similar <= at + margin[row]) == beaten[row] + 1
    return beaten, sure


def share_identified(similarity: np.ndarray, own: np.ndarray, n_way: int) -> np.ndarray:
    r"""The probability that the true stimulus wins against n - 1 others drawn at random.

    Exact, not by drawing: with w of the m other candidates less similar than the true one, it
    is :math:`\binom{w}{n-1} / \binom{m}{n-1}`. A tie counts half of a win.

    Parameters
    ----------
    similarity : array, shape (n_decoded, n_candidates)
    own : integer array, shape (n_decoded,)
        The candidate that is the true one.
    n_way : int
        From 2 to the number of candidates.

    Returns
    -------
    array, shape (n_decoded,)
        From 0 to 1, chance 1 / n_way; NaN where the similarity to the true one is.
    """
    true = similarity[np.arange(len(similarity)), own][:, None]
    # The true one is never below itself, and equal to itself once.
    beaten = (similarity < true).sum(1) + 0.5 * ((similarity == true).sum(1) - 1)
    unknown = np.isnan(true[:, 0])
    beaten[unknown] = 0
    found = _shares_of(beaten, similarity.shape[1] - 1, n_way)
    found[unknown] = np.nan
    return found


def _shares_of(beaten: np.ndarray, others: int, n_way: int) -> np.ndarray:
    counts = beaten.tolist()
    known = {each: _wins(each, others, n_way) for each in set(counts)}
    return np.array([known[each] for each in counts])


def _wins(beaten: float, others: int, n_way: int) -> float:
    low, drawn = int(np.floor(beaten)), n_way - 1
    share = comb(low, drawn) / comb(others, drawn)
    if beaten == low:
        return share
    return (share + comb(low + 1, drawn) / comb(others, drawn)) / 2
