"""Folds are rows that exist, on one side each."""

import numpy as np
import pytest

import isocortex as ic
from isocortex.mapping.checked_folds import checked_folds


def test_a_mask_and_a_list_are_rows():
    mask = np.arange(6) < 4
    (fold,) = checked_folds([(mask, [4, 5])], 6, "folds")
    np.testing.assert_array_equal(fold[0], [0, 1, 2, 3])
    np.testing.assert_array_equal(fold[1], [4, 5])
    assert fold[0].dtype == fold[1].dtype == np.intp


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (([0, 1], [1, 2]), "fold 0: 1 rows are in both train and test"),
        (([0, 1], [2, 2]), "in test more than once"),
        (([0, 1], [9]), "1 rows do not exist .*rows 0 to 5"),
        (([0, 1], []), "test has no rows"),
        (([0.5, 1], [2]), "rows are integers from 0 to 5"),
        (([True, False], [2]), "not 2 booleans"),
        (([[0, 1]], [2]), "not an array of shape"),
        (([0, 1, 2],), "not a pair"),
    ],
)
def test_what_is_no_fold_is_refused_in_a_sentence(part, words):
    with pytest.raises(ic.InputError, match=words):
        checked_folds([part], 6, "folds")


def test_a_class_that_is_never_learnt_is_named():
    classes = np.array(["a", "a", "b", "b"])
    with pytest.raises(ic.InputError, match="the class 'b' is in none of its 2 training"):
        checked_folds([([0, 1], [2, 3])], 4, "folds", classes)


def test_no_folds_test_nothing():
    with pytest.raises(ic.InputError, match="nothing would be tested"):
        checked_folds([], 4, "folds")
