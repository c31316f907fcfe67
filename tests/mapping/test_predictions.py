"""Held-out predictions know what their models had seen."""

import numpy as np
import pandas as pd

from isocortex.mapping.predictions import Predictions

NAMES = ("a", "b", "c", "d")


def predictions(rng):
    trained = [frozenset("cd"), frozenset("ab")]
    fold_of = {"a": 0, "b": 0, "c": 1, "d": 1}
    return Predictions(
        rng.normal(size=(4, 2)), NAMES, pd.DataFrame(index=range(2)), fold_of, trained
    )


def test_candidates_are_what_the_model_of_the_fold_has_not_seen(rng):
    found = predictions(rng)
    parts = found.by_fold(["d", "a", "x", "b"])
    (rows, unseen), (others, unseen_there) = parts
    np.testing.assert_array_equal(rows, [0, 1])
    np.testing.assert_array_equal(unseen, [1, 2, 3])
    np.testing.assert_array_equal(others, [2, 3])
    np.testing.assert_array_equal(unseen_there, [0, 2])


def test_a_selection_keeps_the_folds_and_other_names_lose_them(rng):
    found = predictions(rng)
    kept = found.replace(values=found.values[:2], stimuli=NAMES[:2])
    assert isinstance(kept, Predictions)
    assert kept.trained == found.trained
    assert not isinstance(found.replace(stimuli=("w", "x", "y", "z")), Predictions)
