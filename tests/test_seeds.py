"""Every verb that draws takes a seed or a generator, and nothing that differs from call to call."""

import numpy as np
import pandas as pd
import pytest

import isocortex as ic

BAD = [None, -1, 1.5, True, "seven", np.random.RandomState(0)]


def subjects(rng):
    tables = {
        "model": pd.DataFrame({"layer": [0, 1]}),
        "data": pd.DataFrame({"subject": range(20)}),
    }
    return ic.Scores(rng.normal(size=(2, 20)), tables)


def courses(rng):
    tables = {
        "data": pd.DataFrame({"subject": range(20)}),
        "time": pd.DataFrame({"time": range(5)}),
    }
    return ic.Scores(rng.normal(size=(20, 5)), tables)


def trials(rng):
    return ic.Trials(rng.normal(size=(24, 3)), [f"s{i % 8}" for i in range(24)])


VERBS = {
    "encode": lambda rng, seed: ic.encode(
        ic.Responses(rng.normal(size=(30, 4))),
        ic.Responses(rng.normal(size=(30, 2))),
        ic.Ridge(1.0),
        folds=3,
        permutations=ic.Permutation(5, seed),
    ).columns["p"],
    "difference": lambda rng, seed: (
        ic.difference(subjects(rng), {"layer": 0}, {"layer": 1}, n_permutations=50, seed=seed).p
    ),
    "clusters": lambda rng, seed: ic.clusters(courses(rng), n_permutations=50, seed=seed).t,
    "hierarchy": lambda rng, seed: (
        ic.hierarchy(
            [rng.uniform(0.3, 0.9, (3, 10)) for _ in range(7)], resampling=ic.Resampling(seed=seed)
        ).p
    ),
    "noise_ceiling": lambda rng, seed: ic.noise_ceiling(trials(rng), seed=seed).values,
    "pseudo_trials": lambda rng, seed: ic.pseudo_trials(trials(rng), 2, seed=seed).values,
}


@pytest.mark.parametrize("verb", VERBS)
def test_seeds_give_the_same_numbers_whatever_numpy_has_drawn_before(verb):
    np.random.seed(1)  # noqa: NPY002
    first = VERBS[verb](np.random.default_rng(0), 3)
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    again = VERBS[verb](np.random.default_rng(0), np.int64(3))
    given = VERBS[verb](np.random.default_rng(0), np.random.default_rng(3))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first, given)
    np.random.seed(1)  # noqa: NPY002
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("seed", BAD, ids=lambda seed: type(seed).__name__)
def test_other_seeds_are_refused(verb, seed, rng):
    with pytest.raises(ic.InputError, match=r"seed=.* must be a whole number from 0"):
        VERBS[verb](rng, seed)
