r"""Few models against the distances of many neighbourhoods: Pearson, cosine, and ranks.

Ranks need no full sort of pairs (value, index): the low bits of a double give way to the index,
and one sort of integers orders both. Rows in which two neighbours agree in all other bits may be
ties; they are told, and left to :func:`~isocortex.numerics.arrays.ranks.midranks`.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from isocortex.numerics.arrays.ranks import midranks
from isocortex.numerics.local import compiled

_FEW = 4
"""Models up to which gathering each is cheaper than writing out all ranks."""
_ALL_BITS = np.int64(0x7FFFFFFFFFFFFFFF)

Kind = Literal["pearson", "cosine", "spearman", "rho_a"]


@dataclass(frozen=True, eq=False)
class Models:
    """Model distances made ready for one comparison."""

    rows: np.ndarray
    """Shape (n_models, n_pairs); unit length, centred, or ranks, as the comparison has them."""
    kind: Kind

    @classmethod
    def of(cls, values: np.ndarray, kind: Kind) -> "Models":
        """From distances, shape (n_models, n_pairs), none of which is constant or zero."""
        rows = midranks(values) if kind in ("spearman", "rho_a") else np.array(values, dtype=float)
        if kind == "rho_a":
            return cls(rows, kind)
        if kind != "cosine":
            rows = rows - rows.mean(1, keepdims=True)
        return cls(rows / np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None], kind)

    def compare(self, d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Scores, (n_centres, n_models), and which centres are not resolved.

        Parameters
        ----------
        d : array, shape (n_centres, n_pairs)
            float64; overwritten.
        """
        if self.kind in ("spearman", "rho_a"):
            return self._ranked(d)
        if self.kind == "pearson":
            d -= d.mean(1, keepdims=True)
        lengths = np.sqrt(np.einsum("ij,ij->i", d, d))
        with np.errstate(divide="ignore", invalid="ignore"):
            scores = np.clip((d @ self.rows.T) / lengths[:, None], -1, 1)
        return scores, ~(lengths > 0)

    def _ranked(self, d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        n = d.shape[1]
        centred = self.kind == "spearman"
        sums, tied = _ranked_sums(d, self.rows, -(n - 1) / 2 if centred else 1.0)
        if centred:
            return np.clip(sums / np.sqrt((n**3 - n) / 12), -1, 1), tied
        return 12 * sums / (n**3 - n) - 3 * (n + 1) / (n - 1), tied


def ordered(d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The order of each row, and in which rows two values may be tied.

    Parameters
    ----------
    d : array, shape (n_rows, n_values)
        float64, finite; overwritten.

    Returns
    -------
    order : integer array, shape (n_rows, n_values)
        As :func:`numpy.argsort`, in rows that are not tied.
    tied : boolean array, shape (n_rows,)
        Where two values agree in all but the lowest bits.
    """
    n = d.shape[1]
    bits = max(1, (n - 1).bit_length())
    low = np.int64((1 << bits) - 1)
    d += 0.0  # -0.0 and 0.0 are one number.
    keys = np.ascontiguousarray(d).view(np.int64)
    if (keys < 0).any():
        keys = keys ^ ((keys >> 63) & _ALL_BITS)
    keys = (keys & ~low) | np.arange(n)
    keys.sort(axis=1)
    # Neighbours of which one ends and one begins a step of the high bits may be one as well.
    high = keys >> bits
    tied = (np.diff(high, axis=1) <= 1).any(1)
    keys &= low
    return keys, tied


def _ranked_sums(d: np.ndarray, rows: np.ndarray, first: float) -> tuple[np.ndarray, np.ndarray]:
    """Sums of place times model value, places from ``first``; compiled where it can be."""
    kernel = compiled.kernel()
    if kernel is None or not max(d.max(), -d.min()) < compiled.LARGEST:
        order, tied = ordered(d)
        return _sums(rows, order, np.arange(d.shape[1]) + first), tied
    d += 0.0  # -0.0 and 0.0 are one number.
    d = np.ascontiguousarray(d)
    low = max(1, (d.shape[1] - 1).bit_length())
    single = d.astype(np.float32).view(np.uint32)
    sums, tied = kernel(d, d.view(np.int64), single, rows, low)
    return sums + first * rows.sum(1), tied


def _sums(rows: np.ndarray, order: np.ndarray, places: np.ndarray) -> np.ndarray:
    """For each order the sum of place times model value, shape (n_rows, n_models)."""
    if len(rows) <= _FEW:
        return np.stack([np.take(row, order) @ places for row in rows], axis=1)
    ranks = np.empty(order.shape)
    np.put_along_axis(ranks, order, np.broadcast_to(places, order.shape), 1)
    return ranks @ rows.T
