"""Orders against brute force over all permutations."""

from itertools import permutations

import numpy as np
import pytest

from isocortex.numerics.chance.exchange import (
    codes_of,
    n_distinct,
    orders_of,
    shift_runs,
    swap_units,
)

GROUPS = np.array([0, 0, 1, 1, 1, 0])


def allowed(codes, fits):
    """Every different data set that a permutation with ``fits(order)`` can make."""
    n = len(codes)
    return {tuple(codes[list(o)]) for o in permutations(range(n)) if fits(np.array(o))}


@pytest.mark.parametrize("codes", [np.arange(6), np.array([0, 0, 1, 1, 2, 0]), np.zeros(6, int)])
@pytest.mark.parametrize("groups", [None, GROUPS])
def test_every_exchange_of_rows_comes_once(codes, groups, rng):
    blocks = swap_units(codes, np.arange(6), groups)
    slow = allowed(codes, lambda o: groups is None or (groups[o] == groups).all())
    assert n_distinct(blocks) == len(slow)
    orders, exact = orders_of(blocks, 1000, rng)
    assert exact
    made = [tuple(codes[order]) for order in orders]
    assert set(made) | {tuple(codes)} == slow
    # The data themselves are not among them, and nothing comes twice.
    assert len(made) == len(slow) - 1


def test_whole_groups_keep_their_rows_in_order(rng):
    units = np.repeat(np.arange(4), 3)
    rows = np.arange(12)
    blocks = swap_units(rows, units)
    assert n_distinct(blocks) == 24
    orders, _ = orders_of(blocks, 23, rng)
    blocks_of_three = orders.reshape(23, 4, 3)
    assert (np.diff(blocks_of_three, axis=2) == 1).all()
    assert (blocks_of_three[:, :, 0] % 3 == 0).all()
    assert len({tuple(order) for order in orders}) == 23


def test_groups_of_unequal_size_change_places_where_the_target_is_constant_in_them(rng):
    units = np.repeat(np.arange(5), [1, 2, 3, 2, 4])
    labels = np.repeat([0, 0, 1, 1, 1], [1, 2, 3, 2, 4])
    blocks = swap_units(labels, units)
    assert n_distinct(blocks) == 10
    orders, exact = orders_of(blocks, 100, rng)
    made = labels[orders]
    assert exact
    assert len(np.unique(made, axis=0)) == 9
    for row in made:
        assert all(len(set(row[units == unit])) == 1 for unit in range(5))
    # Of varying targets only the two groups of two can change places.
    assert n_distinct(swap_units(np.arange(12), units)) == 2


def test_random_orders_are_drawn_where_there_are_more(rng):
    orders, exact = orders_of(swap_units(np.arange(6), np.arange(6), GROUPS), 20, rng)
    assert not exact
    assert orders.shape == (20, 6)
    assert (np.sort(orders, axis=1) == np.arange(6)).all()
    assert (GROUPS[orders] == GROUPS).all()


def test_shifts_turn_each_run_in_a_circle(rng):
    runs = np.repeat([0, 1], [3, 4])
    blocks = shift_runs(np.arange(7), runs)
    orders, exact = orders_of(blocks, 11, rng)
    assert exact
    every = {
        (*np.roll([0, 1, 2], i), *np.roll([3, 4, 5, 6], j)) for i in range(3) for j in range(4)
    }
    assert {tuple(order) for order in orders} == every - {tuple(range(7))}
    drawn, exact = orders_of(blocks, 10, np.random.default_rng(1))
    assert not exact
    assert {tuple(order) for order in drawn} <= every


def test_a_series_that_repeats_itself_has_fewer_shifts(rng):
    assert n_distinct(shift_runs(np.array([0, 1, 0, 1, 0, 1]))) == 2
    assert n_distinct(shift_runs(np.array([0, 1, 0, 1, 0]))) == 5
    assert n_distinct(shift_runs(np.zeros(6, int))) == 1
    orders, _ = orders_of(shift_runs(np.array([0, 1, 0, 1, 0, 1])), 99, rng)
    assert len(orders) == 1


def test_many_rows_do_not_overflow():
    many = np.arange(5000)
    assert n_distinct(swap_units(many, many)) == np.inf
    assert n_distinct(swap_units(np.arange(20), np.arange(20))) == pytest.approx(
        2432902008176640000, rel=1e-9
    )


def test_codes_are_equal_for_equal_rows():
    values = np.array([[1.0, 2], [3, 4], [1, 2], [1, 2.5]])
    assert codes_of(values).tolist() == [0, 1, 0, 2]
    assert codes_of(values[:, 0]).tolist() == [0, 1, 0, 0]
