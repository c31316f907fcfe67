from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.covariance import LedoitWolf

import isocortex as ic


@pytest.fixture
def trials(rng):
    values = rng.normal(size=(24, 5, 3)) * np.arange(1, 6)[:, None]
    return ic.Trials(values, ["a", "b", "c"] * 8, times=[0, 1, 2], runs=np.arange(24) // 12)


def residuals(values, stimuli):
    stimuli = np.array(stimuli)
    means = {s: values[stimuli == s].mean(0) for s in set(stimuli)}
    return values - np.stack([means[s] for s in stimuli])


def test_the_degrees_of_freedom_are_trials_less_conditions(trials):
    noise = ic.noise_covariance(trials.at(1), None)
    rows = residuals(trials.values[:, :, 1], trials.stimuli)
    np.testing.assert_allclose(noise.covariance[0, 0], rows.T @ rows / 21)


def test_is_unbiased_with_two_trials_of_many_conditions(rng):
    values = rng.normal(size=(184, 3, 40))
    trials = ic.Trials(values, [f"c{i % 92}" for i in range(184)])
    noise = ic.noise_covariance(trials, None)
    np.testing.assert_allclose(noise.covariance[0, 0], np.eye(3), atol=0.05)


def test_by_time_and_run_has_scikit_learns_shrinkage(trials):
    noise = ic.noise_covariance(trials, by=("run", "time"))
    assert noise.covariance.shape == (3, 2, 5, 5)
    assert noise.runs == (0, 1)
    mine = trials.take(trials.runs == 1)
    rows = residuals(mine.values[:, :, 2], mine.stimuli)
    oracle = LedoitWolf(assume_centered=True).fit(rows)
    np.testing.assert_allclose(noise.shrinkage[2, 1], oracle.shrinkage_)
    np.testing.assert_allclose(noise.covariance[2, 1], oracle.covariance_ * 12 / 9)


def test_one_for_all_times_is_the_mean_over_times(trials):
    each = ic.noise_covariance(trials, None, by="time").covariance
    np.testing.assert_allclose(ic.noise_covariance(trials, None).covariance[0], each.mean(0))


def test_noise_by_run_and_time_goes_into_crossnobis(trials):
    noise = ic.noise_covariance(trials, by=("run", "time"))
    rdms = ic.rdms(trials, "crossnobis", noise=noise)
    mine = trials.at(2)
    one = ic.Noise(noise.covariance[2:3], noise.runs)
    np.testing.assert_allclose(rdms.values[2], ic.rdms(mine, "crossnobis", noise=one).values[0])


def test_takes_residuals_and_names(rng, trials):
    rows = rng.normal(size=(50, 5))
    noise = ic.noise_covariance(rows, "diagonal", dof=40)
    np.testing.assert_allclose(np.diag(noise.covariance[0, 0]), (rows**2).sum(0) / 40)
    by_name = ic.rdms(trials, "mahalanobis", noise="diagonal").values
    given = ic.noise_covariance(trials, "diagonal")
    np.testing.assert_array_equal(by_name, ic.rdms(trials, "mahalanobis", noise=given).values)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shrinkage": "ledoit"}, "Did you mean 'ledoit_wolf'"),
        ({"by": "runs"}, "by='runs' is not known; use run, time"),
    ],
)
def test_says_what_is_wrong(trials, options, message):
    with pytest.raises(ic.InputError, match=message):
        ic.noise_covariance(trials, **options)


def test_says_what_is_missing(rng, trials):
    with pytest.raises(ic.InputError, match="needs trials with runs"):
        ic.noise_covariance(trials.replace(runs=None), by="run")
    with pytest.raises(ic.InputError, match="no condition has a second trial"):
        ic.noise_covariance(trials.take([0, 1, 2]))
    with pytest.raises(ic.InputError, match="NaN or infinite"):
        ic.noise_covariance(np.full((4, 3), np.nan))
    with pytest.raises(ic.InputError, match=r"shape \(n_rows, n_units\), not \(4,\)"):
        ic.noise_covariance(rng.normal(size=4))
    with pytest.raises(ic.InputError, match="2 units have no variance: '0', '2'"):
        ic.Noise(np.diag([0.0, 1.0, 0.0]))
    with pytest.raises(ic.InputError, match="needs a covariance of shape"):
        ic.Noise(np.ones(3))
    with pytest.raises(ic.InputError, match="NaN or infinite"):
        ic.Noise(np.full((2, 2), np.nan))


@pytest.mark.parametrize("diagonal", [True, False])
def test_a_covariance_of_mne_is_of_its_channels_full_or_diagonal(diagonal, rng):
    trials = ic.Trials(
        rng.normal(size=(12, 3)), list("abc") * 4, units={"channel": ["Oz", "Pz", "Cz"]}
    )
    root = rng.normal(size=(9, 3))
    full = np.diag([4.0, 1.0, 9.0]) if diagonal else root.T @ root
    data = full.diagonal() if diagonal else full
    given = SimpleNamespace(ch_names=["Oz", "Pz", "Cz"], data=data)
    found = ic.rdms(trials, "mahalanobis", noise=given)
    expected = ic.rdms(trials, "mahalanobis", noise=full)
    np.testing.assert_allclose(found.values, expected.values)
    order = [2, 0, 1]
    moved = data[order] if diagonal else data[np.ix_(order, order)]
    given = SimpleNamespace(ch_names=["Cz", "Oz", "Pz"], data=moved)
    again = ic.rdms(trials, "mahalanobis", noise=given)
    np.testing.assert_allclose(again.values, expected.values)
    given = SimpleNamespace(ch_names=["Cz", "Oz", "Fz"], data=moved)
    with pytest.raises(ic.InputError, match="lacks 1 of the 3 units of the trials.*Pz"):
        ic.rdms(trials, "mahalanobis", noise=given)
    given = SimpleNamespace(ch_names=["Cz", "Oz", "Oz"], data=moved)
    with pytest.raises(ic.InputError, match="some of these names come twice"):
        ic.rdms(trials, "mahalanobis", noise=given)
