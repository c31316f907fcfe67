"""Folds of few stimuli found together: what each fold by itself gives, whatever asks for it."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import LeaveOneOut, RepeatedKFold, ShuffleSplit
from sklearn.pipeline import make_pipeline

import isocortex as ic
from isocortex.mapping import crossval, small_views

pytestmark = pytest.mark.filterwarnings("ignore::isocortex.errors.SmallFoldsWarning")

N = 21
THREE = [1.0, 10.0, 100.0]
MODELS = {
    "OLS": lambda: ic.OLS(),
    "PCR": lambda: ic.PCR(3),
    "PCR by share": lambda: ic.PCR(0.8),
    "PLS": lambda: ic.PLS(2),
    "Ridge": lambda: ic.Ridge(2.0),
    "a penalty for each target": lambda: ic.Ridge(np.arange(1.0, 7.0)[None]),
    "three penalties": lambda: ic.Ridge(THREE),
    "penalties that are equal": lambda: ic.Ridge([5.0, 5.0, 1.0, 1.0], per_target=False),
    "twenty": lambda: ic.Ridge(np.logspace(-2, 4, 20)),
    "left out one by one": lambda: ic.Ridge(THREE, inner="loo"),
    "random inner folds": lambda: ic.Ridge(THREE, inner=ShuffleSplit(4, random_state=1)),
    "many inner folds": lambda: ic.Ridge(THREE, inner=LeaveOneOut()),
    "after PCA": lambda: make_pipeline(PCA(4), RidgeCV(THREE)),
    "by r2": lambda: RidgeCV(THREE, cv=3),
}
FOLDS = {"of two sizes": 5, "repeated": RepeatedKFold(n_splits=3, n_repeats=2, random_state=0)}


def features(rng, kind):
    x = rng.normal(size=(N, 40))
    if kind == "offset":
        return x + 1e5
    if kind == "duplicates":
        x[1:4] = x[0]
    if kind == "constant in a fold":
        x[4:] = x[4]
    return x


def both_ways(monkeypatch, call):
    seen = []

    def counted(*given):
        seen.append(small_views.small_views(*given))
        return seen[-1]

    monkeypatch.setattr(crossval, "small_views", counted)
    found = call()
    assert any(seen), "no folds were found together"
    monkeypatch.setattr(crossval, "small_views", lambda *_: [])
    return found, call()


@pytest.mark.filterwarnings("ignore::isocortex.errors.IsocortexWarning")
@pytest.mark.parametrize("kind", ["plain", "offset", "duplicates", "constant in a fold"])
@pytest.mark.parametrize("name", MODELS)
def test_scores_and_choices_are_those_of_folds_one_by_one(name, kind, rng, monkeypatch):
    names = [f"image {i}" for i in range(N)]
    layer = ic.Responses(features(rng, kind), names)
    region = ic.Responses(rng.normal(size=(N, 6)), names)
    for folds in FOLDS.values():
        found, alone = both_ways(
            monkeypatch, lambda folds=folds: ic.encode(layer, region, MODELS[name](), folds=folds)
        )
        np.testing.assert_allclose(found.values, alone.values, rtol=1e-11, atol=1e-12)
        if "alpha" in alone.columns:
            np.testing.assert_array_equal(found.columns["alpha"], alone.columns["alpha"])


def test_permutations_and_pooled_scores_are_the_same(rng, monkeypatch):
    names = [f"image {i}" for i in range(N)]
    layer = ic.gram(ic.Responses(rng.normal(size=(N, 40)), names))
    region = ic.Responses(rng.normal(size=(N, 6)), names)
    for pooled in (False, True):
        options = {"pooled": pooled, "permutations": ic.Permutation(20, 0)}
        found, alone = both_ways(
            monkeypatch,
            lambda options=options: ic.encode(layer, region, ic.Ridge(THREE), folds=5, **options),
        )
        np.testing.assert_allclose(found.values, alone.values, rtol=1e-12, atol=1e-13)
        np.testing.assert_array_equal(found.columns["p"], alone.columns["p"])


def test_inner_folds_that_are_too_many_are_found_fold_by_fold(rng, monkeypatch):
    monkeypatch.setattr(small_views, "_VALUES", 5 * N * N)
    names = [f"image {i}" for i in range(N)]
    layer, region = (ic.Responses(rng.normal(size=(N, p)), names) for p in (40, 6))
    found, alone = both_ways(
        monkeypatch, lambda: ic.encode(layer, region, ic.Ridge(THREE), folds=5)
    )
    np.testing.assert_allclose(found.values, alone.values, rtol=1e-12, atol=1e-13)
    np.testing.assert_array_equal(found.columns["alpha"], alone.columns["alpha"])
