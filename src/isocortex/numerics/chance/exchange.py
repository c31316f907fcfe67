"""What may take each other's place under a null hypothesis: rows, whole groups, shifts in time.

An exchange is a list of blocks; what happens in one block has nothing to do with the others. An
order is an integer array: row i of the new data is row ``order[i]`` of the old. Two orders are
the same permutation where they give the same data, so blocks know the codes of their rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import exp, inf, lgamma
from typing import Protocol

import numpy as np

from isocortex.numerics.chance.series import runs_of


class Block(Protocol):
    """Rows that are exchanged among each other."""

    @property
    def rows(self) -> np.ndarray:
        """The rows that change places, integers of shape (n_rows,)."""
        ...

    @property
    def n_distinct(self) -> float:
        """How many different data sets the exchange can make, the data themselves included."""
        ...

    def every(self) -> Iterator[np.ndarray]:
        """One order of ``rows`` for each of them."""
        ...

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Random orders of ``rows``, shape (n, n_rows)."""
        ...


@dataclass(frozen=True, eq=False)
class Swap:
    """Units that change places: single rows, or several rows that stay together."""

    rows: np.ndarray
    """All rows of the block: those of the first unit, of the second, ..."""
    sources: np.ndarray
    """Shape (n_units, longest): the rows that each unit puts into the place of another."""
    lengths: np.ndarray
    """Shape (n_units,)."""
    codes: np.ndarray
    """Shape (n_units,): equal for units with equal data."""

    @property
    def n_distinct(self) -> float:
        """How many different orders there are: a multinomial coefficient."""
        counts = np.unique(self.codes, return_counts=True)[1]
        log = lgamma(len(self.codes) + 1) - sum(lgamma(count + 1) for count in counts)
        return float(np.rint(exp(log))) if log < 36 else inf if log > 700 else exp(log)

    def every(self) -> Iterator[np.ndarray]:
        """Each arrangement of the codes once."""
        holders = {code: np.flatnonzero(self.codes == code) for code in np.unique(self.codes)}
        for arranged in _arrangements(sorted(self.codes.tolist())):
            order = np.empty(len(arranged), dtype=np.intp)
            arranged = np.array(arranged)
            for code, units in holders.items():
                order[arranged == code] = units
            yield self._of_units(order[None])[0]

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """The rows with their units in random orders, shape (n, n_rows)."""
        return self._of_units(rng.permuted(np.tile(np.arange(len(self.codes)), (n, 1)), axis=1))

    def _of_units(self, orders: np.ndarray) -> np.ndarray:
        # (n_orders, n_units, longest): what each place receives, cut to its own length.
        inside = np.arange(self.sources.shape[1]) < self.lengths[:, None]
        return self.sources[orders][:, inside]


@dataclass(frozen=True, eq=False)
class Shift:
    """A run that is turned in a circle: its last rows come first."""

    rows: np.ndarray
    codes: np.ndarray
    """Shape (n_rows,): equal for rows with equal data."""

    @property
    def n_distinct(self) -> float:
        """The period of the series: its length, unless it repeats itself."""
        n = len(self.codes)
        for period in range(1, n // 2 + 1):
            if n % period == 0 and (np.roll(self.codes, period) == self.codes).all():
                return float(period)
        return float(n)

    def every(self) -> Iterator[np.ndarray]:
        """Every shift within the period."""
        return (np.roll(self.rows, shift) for shift in range(int(self.n_distinct)))

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Random shifts, all equally likely."""
        length = len(self.rows)
        shifts = rng.integers(0, length, n)
        return self.rows[(np.arange(length) - shifts[:, None]) % length]


def swap_units(
    codes: np.ndarray, units: np.ndarray, groups: np.ndarray | None = None
) -> list[Swap]:
    """Units, single rows or several, among those of one group; their rows keep their order.

    Where the data are constant within each unit its length does not matter; otherwise units of
    one length change places.

    Parameters
    ----------
    codes : integer array, shape (n_rows,)
    units : integer array, shape (n_rows,)
        Which rows stay together.
    groups : integer array, shape (n_rows,), optional
    """
    members = runs_of(len(codes), units)
    constant = all((codes[rows] == codes[rows[0]]).all() for rows in members)
    kinds: dict[tuple[int, int], list[np.ndarray]] = {}
    for rows in members:
        group = 0 if groups is None else int(groups[rows[0]])
        kinds.setdefault((group, 0 if constant else len(rows)), []).append(rows)
    return [_swap(each, codes) for each in kinds.values()]


def shift_runs(codes: np.ndarray, groups: np.ndarray | None = None) -> list[Shift]:
    """Circular shifts, of each run by itself.

    Parameters
    ----------
    codes : integer array, shape (n_rows,)
    groups : integer array, shape (n_rows,), optional
        The run of each row.
    """
    return [Shift(rows, codes[rows]) for rows in runs_of(len(codes), groups)]


def n_distinct(blocks: Sequence[Block]) -> float:
    """How many different data sets an exchange can make, the data themselves included."""
    total = 1.0
    for block in blocks:
        total *= block.n_distinct
    return total


def orders_of(blocks: Sequence[Block], n: int, rng: np.random.Generator) -> tuple[np.ndarray, bool]:
    """All other orders where they are not more than asked for, else random ones.

    Returns
    -------
    orders : integer array, shape (n_orders, n_rows)
        Random ones may come twice, or be the data.
    exact : bool
        Whether these are all, each once, without the data.
    """
    rows = np.concatenate([block.rows for block in blocks])
    exact = n_distinct(blocks) - 1 <= n
    if exact:
        every = product(*(list(block.every()) for block in blocks))
        moved = np.array([np.concatenate(each) for each in every])
    else:
        moved = np.concatenate([block.draw(n, rng) for block in blocks], axis=1)
    orders = np.empty_like(moved)
    orders[:, rows] = moved
    if exact:
        orders = orders[(orders != np.arange(len(rows))).any(1)]
    return orders, exact


def codes_of(values: np.ndarray) -> np.ndarray:
    """A number for each row, equal for equal rows."""
    seen: dict[bytes, int] = {}
    rows = np.ascontiguousarray(values).reshape(len(values), -1)
    return np.array([seen.setdefault(row.tobytes(), len(seen)) for row in rows], dtype=np.intp)


def _swap(units: Sequence[np.ndarray] | np.ndarray, codes: np.ndarray) -> Swap:
    lengths = np.array([len(rows) for rows in units])
    longest = int(lengths.max())
    alike = bool((lengths == longest).all())
    # A shorter unit that fills a longer place repeats its rows, which are then all alike.
    sources = np.array(units if alike else [np.resize(rows, longest) for rows in units])
    words = [tuple(codes[rows if alike else rows[:1]].tolist()) for rows in units]
    numbers = {word: i for i, word in enumerate(dict.fromkeys(words))}
    own = np.array([numbers[word] for word in words])
    return Swap(np.concatenate(list(units)), sources, lengths, own)


def _arrangements(codes: list[int]) -> Iterator[list[int]]:
    """All different arrangements of sorted codes, in the order of a dictionary."""
    codes = list(codes)
    while True:
        yield list(codes)
        i = len(codes) - 2
        while i >= 0 and codes[i] >= codes[i + 1]:
            i -= 1
        if i < 0:
            return
        j = len(codes) - 1
        while codes[j] <= codes[i]:
            j -= 1
        codes[i], codes[j] = codes[j], codes[i]
        codes[i + 1 :] = reversed(codes[i + 1 :])
