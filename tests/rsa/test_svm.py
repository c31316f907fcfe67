import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from isocortex.errors import IsocortexWarning
from isocortex.rsa import svm
from isocortex.rsa.svm import LinearSVM


def made(rng, n=40, n_units=6):
    y = np.arange(n) % 2
    return rng.normal(size=(n, n_units)) + 0.8 * y[:, None], y


def test_decisions_are_those_of_scikit_learn_on_standardized_trials(rng):
    x, y = made(rng)
    new = rng.normal(size=(50, 6)) + 0.4
    theirs = make_pipeline(StandardScaler(), SVC(kernel="linear")).fit(x, y)
    np.testing.assert_array_equal(LinearSVM().fit(x, y).predict(new), theirs.predict(new))


@pytest.mark.parametrize("scale", [1e-200, 1e-12, 1.0, 1e12, 1e150])
@pytest.mark.parametrize("offset", [0.0, 1e3])
def test_unit_and_offset_of_measurement_change_nothing(scale, offset, rng):
    x, y = made(rng)
    new = rng.normal(size=(30, 6)) + 0.4
    expected = LinearSVM().fit(x, y).predict(new)
    found = LinearSVM().fit(scale * (x + offset), y).predict(scale * (new + offset))
    np.testing.assert_array_equal(found, expected)


def test_units_that_do_not_vary_in_training_are_not_looked_at(rng):
    x, y = made(rng)
    wide = np.hstack([x, np.full((40, 1), 3.0)])
    new = rng.normal(size=(30, 7))
    expected = LinearSVM().fit(x, y).predict(new[:, :6])
    np.testing.assert_array_equal(LinearSVM().fit(wide, y).predict(new), expected)


def test_a_fit_that_is_stopped_says_so(rng, monkeypatch):
    monkeypatch.setattr(svm, "STEPS", 2)
    x, y = made(rng)
    with pytest.warns(IsocortexWarning, match="stopped after 2 steps before it had converged"):
        LinearSVM().fit(x, y)
