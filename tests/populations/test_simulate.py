import numpy as np
import pytest

import isocortex as ic
from isocortex.populations.simulate import POPULATIONS

ANGLES = np.arange(-90, 90, 6.0)


def test_orientation_tuning_is_the_stated_formula():
    population = ic.simulate_responses(ic.gratings(ANGLES), n_units=20, noise=0)
    for unit, row in population.units.iterrows():
        kappa = np.log(2) / (1 - np.cos(np.deg2rad(2 * row["width"])))
        curve = [
            0.1 + row["gain"] * np.exp(kappa * (np.cos(np.deg2rad(2 * (a - row["preferred"]))) - 1))
            for a in ANGLES
        ]
        np.testing.assert_allclose(population.numpy()[:, unit], curve, atol=1e-12)


def test_width_is_the_half_width_at_half_height():
    tuning = ic.OrientationTuning(width=25, width_spread=0, gain_spread=0, baseline=0)
    fine = ic.gratings(np.arange(-90, 90, 0.25), size=(2, 2))
    population = ic.simulate_responses(fine, tuning, n_units=5, noise=0)
    widths = ic.tuning_index(population, "width").values
    np.testing.assert_allclose(widths, 50, atol=2.5)


@pytest.mark.parametrize("name", POPULATIONS)
def test_true_preferences_come_out(name):
    population = ic.simulate_responses(ic.gratings(ANGLES), name, n_units=40, noise=0.05, seed=2)
    found = ic.tuning_index(population, "preferred").values
    off = (found - population.units["preferred"] + 90) % 180 - 90
    assert np.median(np.abs(off)) < 6


def test_gabor_energy_does_not_care_for_phase():
    columns = ic.crossed(orientations=[0.0, 45.0], phases=np.arange(0, 360, 45))
    energy = ic.simulate_responses(ic.sinusoids(**columns), "gabor_energy", n_units=30, noise=0)
    by_orientation = energy.numpy().reshape(2, 8, 30)
    over_phase = by_orientation.std(1).mean()
    over_orientation = by_orientation.mean(1).std(0).mean()
    assert over_phase < 0.2 * over_orientation


@pytest.mark.parametrize("name", POPULATIONS)
def test_noise_has_the_stated_size_and_the_seed_rules(name):
    stimuli = ic.gratings(ANGLES)
    clean, noisy, again, other = (
        ic.simulate_responses(stimuli, name, n_units=100, noise=noise, seed=seed).numpy()
        for noise, seed in ((0, 1), (0.5, 1), (0.5, 1), (0.5, 2))
    )
    np.testing.assert_array_equal(noisy, again)
    assert (noisy != other).any()
    expected = 0.5 * np.median(clean.std(0))
    assert (noisy - clean).std() == pytest.approx(expected, rel=0.05)


def test_the_global_generator_is_left_alone():
    np.random.seed(3)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    ic.simulate_responses(ic.gratings(ANGLES))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_colour_pictures_are_made_grey(rng):
    colour = rng.uniform(size=(3, 12, 12, 3))
    a = ic.simulate_responses(ic.Stimuli.from_arrays(colour), "gabor_energy", n_units=4, noise=0)
    grey = ic.Stimuli.from_arrays(colour.mean(-1))
    b = ic.simulate_responses(grey, "gabor_energy", n_units=4, noise=0)
    np.testing.assert_allclose(a.numpy(), b.numpy())


def test_bad_input(rng):
    stimuli = ic.gratings([0.0, 10])
    with pytest.raises(ic.InputError, match="at least 1 unit"):
        ic.simulate_responses(stimuli, n_units=0)
    with pytest.raises(ic.InputError, match="noise of at least 0"):
        ic.simulate_responses(stimuli, noise=-1)
    with pytest.raises(ic.InputError, match="Did you mean 'gabor_energy'"):
        ic.simulate_responses(stimuli, "gabor_energi")
    with pytest.raises(ic.InputError, match="'orientation' is not known"):
        ic.simulate_responses(ic.Stimuli.from_arrays(rng.uniform(size=(2, 3, 3))))
    sizes = ic.Stimuli.from_arrays([np.zeros((3, 3)), np.zeros((4, 4))])
    with pytest.raises(ic.InputError, match="pictures of one size"):
        ic.simulate_responses(sizes, "gabor_energy")
