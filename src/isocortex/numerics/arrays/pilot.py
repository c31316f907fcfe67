"""What all rows seem to have in common, from nine of them."""

from functools import lru_cache

import numpy as np

_ROWS = 9
_FAR = 30.0
"""What rows share is taken out where its square is this many times that of a row's rest."""


def middle(block: np.ndarray) -> np.ndarray:
    """A typical number of each column: the middle of nine rows drawn evenly over all.

    It is a number of the column, so that what differs from it by whole numbers, or by nothing,
    does so exactly; and one or two strange rows do not move it.

    Parameters
    ----------
    block : array, shape (n_rows, n_columns)

    Returns
    -------
    array of float64, shape (n_columns,)
        0 where it is not finite.
    """
    found = _of_nine(_pilot(block)).astype(np.float64)
    return np.where(np.isfinite(found), found, 0.0)


def offset(block: np.ndarray) -> np.ndarray:
    """:func:`middle`, where what rows share is large beside what tells them apart; else zeros.

    Rows around zero are left alone: hardly a digit would be saved, and time is. Shape
    (n_columns,).
    """
    pilot = _pilot(block)
    with np.errstate(invalid="ignore", over="ignore"):
        found = _of_nine(pilot)
        few = pilot[:: _ROWS // 2] - found
        # Levels of rows are taken out later, if they are large; they must not hide a pattern.
        few -= few.mean(1, keepdims=True)
        # The middle one of three, so that a strange row does not hide an offset; of two rows
        # none is strange.
        rests = np.einsum("ij,ij->i", few, few)
        rest = _middle_of(rests) if len(block) > 2 else rests.max()
        far = found @ found > _FAR * rest
    return found.astype(np.float64) if far else np.zeros(len(found))


def level(pattern: np.ndarray) -> float:
    """A number that most of a pattern is near to, and that is one of its numbers."""
    return float(np.partition(pattern, len(pattern) // 2)[len(pattern) // 2])


def _middle_of(numbers: np.ndarray) -> np.floating:
    """The median of an odd number of them, which numpy takes ten times as long to find."""
    found = np.sort(numbers)
    return found[-1] if np.isnan(found[-1]) else found[len(found) // 2]


@lru_cache
def _spread(n_rows: int) -> np.ndarray:
    return np.linspace(0, n_rows - 1, _ROWS).round().astype(np.intp)


def _pilot(block: np.ndarray) -> np.ndarray:
    rows = _spread(len(block))
    # float32 is fast and exact enough here; float16 is neither.
    return block[rows].astype(np.promote_types(block.dtype, np.float32), copy=False)


def _of_nine(rows: np.ndarray) -> np.ndarray:
    """The median of three medians of three, without sorting."""
    # Strides of three, so that each three are drawn over all rows as well.
    return _of_three(*(_of_three(*rows[start::3]) for start in range(3)))


def _of_three(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    return np.maximum(np.minimum(a, b), np.minimum(np.maximum(a, b), c))
