"""A noise covariance meets the trials by the names of their units, and can be inverted."""

import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.rsa.metric import noise_of, regular


@pytest.fixture
def trials(rng):
    return ic.Trials(rng.normal(size=(8, 3)), list("aabbccdd"), units={"channel": ["x", "y", "z"]})


@pytest.fixture
def covariance(rng):
    rows = rng.normal(size=(30, 3))
    return rows.T @ rows / 30


def test_units_meet_by_name(trials, covariance):
    order = [2, 0, 1]
    units = pd.DataFrame({"channel": np.array(["x", "y", "z"])[order]})
    turned = ic.Noise(covariance[np.ix_(order, order)], units=units)
    found = noise_of(trials, turned).covariance.reshape(3, 3)
    np.testing.assert_array_equal(found, covariance)


def test_arrays_are_taken_as_they_are_and_other_sizes_refused(trials, covariance):
    np.testing.assert_array_equal(noise_of(trials, covariance).covariance[0, 0], covariance)
    with pytest.raises(ic.InputError, match="has 2 units, the trials 3"):
        noise_of(trials, covariance[:2, :2])


def test_units_that_are_missing_are_named(trials, covariance):
    noise = ic.Noise(covariance, units=pd.DataFrame({"channel": ["x", "y", "w"]}))
    with pytest.raises(ic.InputError, match="lacks 1 of the 3 units.*z"):
        noise_of(trials, noise)


def test_other_scales_are_no_dependence_and_sums_are(covariance):
    scales = np.diag([1e-9, 1.0, 1e9])
    assert regular(scales @ covariance @ scales) is not None
    with pytest.raises(ic.InputError, match="singular"):
        regular(np.ones((3, 3)))
