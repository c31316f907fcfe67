"""Delays within runs: of rows, and of inner products of rows, without the rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

BLOCK = 32
"""Rows of inner products that are shifted while they are in a processor's cache."""


@dataclass(frozen=True)
class Filter:
    """One of several copies of the rows: a sum of delayed ones."""

    delays: tuple[int, ...]
    """In rows; what is below 0 looks ahead."""
    weights: tuple[float, ...]

    @property
    def is_shift(self) -> bool:
        """Whether it is a delay, and nothing else."""
        return len(self.delays) == 1

    def matrix(self, spans: Sequence[slice], n_rows: int) -> sparse.csr_array:
        """As a map of rows, shape (n_rows, n_rows), that no edge of a run is crossed by."""
        rows, columns, weights = [], [], []
        for delay, weight in zip(self.delays, self.weights, strict=True):
            for span in spans:
                to = np.arange(*_into(span, delay))
                rows.append(to)
                columns.append(to - delay)
                weights.append(np.full(len(to), weight))
        where = np.concatenate(rows), np.concatenate(columns)
        return sparse.csr_array((np.concatenate(weights), where), shape=(n_rows, n_rows))


def shifts(delays: Sequence[int]) -> list[Filter]:
    """A copy of the rows for each delay."""
    return [Filter((delay,), (1.0,)) for delay in delays]


def convolution(kernel: np.ndarray) -> list[Filter]:
    """One copy: the rows convolved with a kernel that begins at a delay of 0."""
    return [Filter(tuple(range(len(kernel))), tuple(map(float, kernel)))]


def smooth(delays: Sequence[int], strength: float) -> list[Filter]:
    r"""Copies for delays, whose weights are wished to be smooth over delays.

    A penalty :math:`w^\top (I + \lambda D^\top D) w` on weights of the delays, with second
    differences D, is a plain one of copies that are mixed by the root of its inverse,
    :math:`\Sigma^{1/2}`.

    Parameters
    ----------
    delays : sequence of int
        One after another.
    strength : float
        :math:`\lambda`.
    """
    n = len(delays)
    second = np.diff(np.eye(n), 2, axis=0)
    size, axes = np.linalg.eigh(np.eye(n) + strength * second.T @ second)
    root = axes / np.sqrt(size) @ axes.T
    return [Filter(tuple(delays), tuple(row)) for row in root.tolist()]


def centred(x: np.ndarray, spans: Sequence[slice]) -> np.ndarray:
    """Rows less their mean over the run, float64; a copy."""
    found = np.array(x, dtype=np.float64)
    for span in spans:
        found[span] -= found[span].mean(0)
    return found


def delayed_gram(
    matrix: np.ndarray, spans: Sequence[slice], filters: Sequence[Filter]
) -> np.ndarray:
    r"""Inner products of delayed rows, of those of the rows.

    .. math:: K_Z = \sum_j A_j C K C A_j^\top

    where C takes the mean of each run out and :math:`A_j` is a filter within runs.

    Parameters
    ----------
    matrix : array, shape (n_rows, n_rows)
        Symmetric.
    spans : sequence of slice
        The rows of each run, one run after another.
    filters : sequence of Filter

    Returns
    -------
    array, shape (n_rows, n_rows)
    """
    plain = [each.delays[0] for each in filters if each.is_shift and each.weights[0] == 1]
    mixed = [each for each in filters if not (each.is_shift and each.weights[0] == 1)]
    found = _shifted(matrix, spans, plain) if plain else np.zeros(matrix.shape)
    if mixed:
        middle = centred(centred(matrix, spans).T, spans)
        for each in mixed:
            a = each.matrix(spans, len(matrix))
            # A K A' by two products from the left, since K is symmetric.
            found += a @ np.ascontiguousarray((a @ middle).T)
    return found


def _shifted(matrix: np.ndarray, spans: Sequence[slice], delays: Sequence[int]) -> np.ndarray:
    """The sum over delays, in a matrix where zeros lie between the runs.

    What leaves a run, or comes into one from beyond its edge, moves through those zeros.
    """
    ahead, back = max(0, -min(delays)), max(0, *delays)
    gap = ahead + back
    # Where each run begins once there are zeros before the first, between all, and behind.
    starts = [span.start + gap * (i + 1) for i, span in enumerate(spans)]
    size = len(matrix) + gap * (len(spans) + 1)
    padded = np.zeros((size, size))
    places = [
        slice(at, at + span.stop - span.start) for at, span in zip(starts, spans, strict=True)
    ]
    for span, place in zip(spans, places, strict=True):
        rows = matrix[span] - matrix[span].mean(0)
        for other, there in zip(spans, places, strict=True):
            block = rows[:, other]
            padded[place, there] = block - block.mean(1)[:, None]
    found = np.empty(matrix.shape)
    inner = np.empty((BLOCK, size))
    for span, place in zip(spans, places, strict=True):
        for at in range(place.start, place.stop, BLOCK):
            stop = min(at + BLOCK, place.stop)
            part = inner[: stop - at]
            part[:] = 0.0
            for delay in delays:
                to, of = max(delay, 0), max(-delay, 0)
                part[:, to : size - of] += padded[at - delay : stop - delay, of : size - to]
            row = span.start + at - place.start
            for other, there in zip(spans, places, strict=True):
                found[row : row + stop - at, other] = part[:, there]
    return found


def _into(span: slice, delay: int) -> tuple[int, int]:
    """The rows of a run that a delay fills."""
    return span.start + max(delay, 0), max(span.stop + min(delay, 0), span.start + max(delay, 0))
