"""Samples as counts, and folds of them."""

import numpy as np
import pytest

from isocortex.numerics.inference.draws import default_folds, draws, fold_numbers


def test_a_sample_has_as_many_as_there_are_and_two_thirds_of_them(rng):
    counts = draws(2000, 30, rng)
    assert counts.shape == (2000, 30)
    assert (counts.sum(1) == 30).all()
    assert (counts > 0).mean() == pytest.approx(1 - (1 - 1 / 30) ** 30, abs=0.005)


def test_copies_never_part_and_folds_are_of_nearly_one_size(rng):
    counts = draws(200, 17, rng)
    fold = fold_numbers(counts, 4, rng)
    assert ((fold == -1) == (counts == 0)).all()
    sizes = np.array([np.bincount(row[row >= 0], minlength=4) for row in fold])
    assert np.ptp(sizes, axis=1).max() <= 1


def test_every_thing_is_in_every_fold_equally_often(rng):
    fold = fold_numbers(np.ones((6000, 6)), 3, rng)
    shares = [(fold == f).mean(0) for f in range(3)]
    np.testing.assert_allclose(shares, 1 / 3, atol=0.03)


def test_samples_have_folds_of_what_is_distinct_in_them():
    assert default_folds(40, 20) == (5, 5)
    assert default_folds(24, 12) == (4, 4)
    assert default_folds(24, 12, bootstrap=True) == (3, 3)
    assert default_folds(11, 5) == (2, 2)
