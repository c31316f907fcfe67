import numpy as np
import pytest
from scipy.stats import chi2

from isocortex.numerics.arrays.copies import is_discrete, near_copies, slowness


def centred_gram(rows):
    rows = rows - rows.mean(0)
    return rows @ rows.T


def test_noise_has_no_copies_and_a_planted_one_is_found(rng):
    for _ in range(20):
        rows = rng.normal(size=(60, 40))
        assert len(near_copies(centred_gram(rows))) == 0
        rows[7] = rows[31] + 0.01 * rng.normal(size=40)
        np.testing.assert_array_equal(near_copies(centred_gram(rows)), [[7, 31]])


@pytest.mark.parametrize("rows", [np.ones((10, 3)), np.eye(3)], ids=["all alike", "three rows"])
def test_where_nothing_can_be_said_there_are_no_copies(rows):
    assert near_copies(centred_gram(rows)).shape == (0, 2)


def test_in_few_dimensions_rows_are_near_by_chance(rng):
    rows = rng.normal(size=(200, 1))
    rows[3] = rows[5]
    assert len(near_copies(centred_gram(rows))) == 0


def test_ratings_are_discrete_and_measurements_are_not(rng):
    assert is_discrete(rng.integers(0, 5, size=(40, 3)))
    assert not is_discrete(rng.normal(size=(40, 3)))
    assert not is_discrete(np.arange(40.0)[:, None])


def test_the_autocorrelation_is_that_of_its_definition(rng):
    rows = rng.normal(size=(50, 6)).cumsum(0)
    centred = rows - rows.mean(0)
    correlation, ratio = slowness(centred_gram(rows))
    slow = np.mean([a @ b for a, b in zip(centred[1:], centred[:-1], strict=True)])
    assert correlation == pytest.approx(slow / np.mean((centred**2).sum(1)))
    one, three = (np.median(((rows[k:] - rows[:-k]) ** 2).sum(1)) for k in (1, 3))
    assert ratio == pytest.approx(one / three)
    assert ratio < 0.5


def test_rows_in_any_order_are_not_slow(rng):
    correlation, ratio = slowness(centred_gram(rng.normal(size=(200, 30))))
    assert abs(correlation) < 0.05
    assert ratio == pytest.approx(1, abs=0.1)
    assert slowness(centred_gram(rng.normal(size=(7, 3)))) == (0.0, 1.0)


def test_the_limit_is_the_largest_that_chance_does_not_reach(rng):
    """In 7 even dimensions 1770 pairs allow a hundredth of the typical distance, in 5 less."""
    found = {}
    for p in (7, 5):
        rows = rng.normal(size=(60, p))
        rows[7] = rows[31]
        rows[7, 0] += np.sqrt(5e-3 * 2 * p)
        rows = np.linalg.svd(rows - rows.mean(0), full_matrices=False)[0]
        share = ((rows[7] - rows[31]) ** 2).sum() / np.median(
            [((a - b) ** 2).sum() for i, a in enumerate(rows) for b in rows[:i]]
        )
        assert 1e-3 < share < 1e-2
        assert (1770 * chi2.cdf(1e-2 * p, p) < 0.01) == (p == 7)
        found[p] = near_copies(rows @ rows.T).tolist()
    assert found == {7: [[7, 31]], 5: []}


def test_rows_that_are_mostly_alike_are_no_copies(rng):
    rows = np.ones((12, 30))
    rows[:2] = rng.normal(size=(2, 30))
    assert len(near_copies(centred_gram(rows))) == 0
