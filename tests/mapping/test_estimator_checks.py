"""Our models are estimators by the checks of scikit-learn; a small fit scans no libraries."""

import numpy as np
import pytest
import threadpoolctl
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

import isocortex as ic
from isocortex.numerics.arrays import cores

TOO_FEW = {
    "check_fit2d_1sample": "refuses one sample in words of its own: so many components, so few",
    "check_regressors_train": "two components of ten are no good fit to these data, by intent",
}


@parametrize_with_checks([ic.SelectiveRidge(), ic.OLS(), ic.Ridge([1.0]), ic.Univariate()])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("model", [ic.PLS(2), ic.PCR(2)])
def test_scikit_learns_checks_of_components(model):
    found = check_estimator(model, on_fail=None, on_skip=None)
    failed = {each["check_name"] for each in found if each["status"] == "failed"}
    assert failed <= set(TOO_FEW)
    assert sum(each["status"] == "passed" for each in found) > 50


def test_loaded_libraries_are_looked_for_once(monkeypatch, rng):
    looked = []
    scan = threadpoolctl.ThreadpoolController._load_libraries

    def counted(self):
        looked.append(1)
        scan(self)

    monkeypatch.setattr(threadpoolctl.ThreadpoolController, "_load_libraries", counted)
    cores._libraries.cache_clear()
    x, y = rng.normal(size=(40, 30)), rng.normal(size=(40, 6))
    names = [f"image {i}" for i in range(40)]
    features, voxels = ic.Responses(x, names), ic.Responses(y, names)
    for _ in range(5):
        ic.SelectiveRidge(10).fit(x, y)
        ic.encode(features, voxels, ic.SelectiveRidge(10), folds=4)
        ic.encode(features, voxels, ic.OLS(), folds=4)
        ic.rdms(features, "manhattan")
    trials = ic.Trials(rng.normal(size=(24, 4, 5)), list("abcd") * 6, times=np.arange(5) / 10)
    ic.decoding_rdms(trials)
    ic.generalization(trials, folds=3)
    assert sum(looked) <= 1
