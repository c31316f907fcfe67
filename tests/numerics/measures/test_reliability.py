import numpy as np
import pytest

from isocortex.numerics.measures import reliability


def made(rng, n_stimuli=300, repeats=6, noise=2.0, n_units=40):
    signal = rng.normal(size=(n_stimuli, n_units))
    stimuli = np.repeat(np.arange(n_stimuli), repeats)
    return signal[stimuli] + noise * rng.normal(size=(len(stimuli), n_units)), stimuli


def test_variances_are_recovered(rng):
    values, stimuli = made(rng)
    noise, averages, inverse = reliability.noise_and_averages(values, stimuli)
    assert noise.mean() == pytest.approx(4.0, rel=0.03)
    assert averages.mean() == pytest.approx(1.0 + 4 / 6, rel=0.05)
    assert inverse == pytest.approx(1 / 6)


def test_split_half_is_the_correlation_of_half_means(rng):
    values, stimuli = made(rng, 50, 2, n_units=3)
    found = reliability.split_half(values, stimuli, 1, np.random.default_rng(0))
    draws = np.random.default_rng(0)
    first, second = reliability._halves(stimuli, 1, draws)
    first, second = first @ values, second @ values
    assert {tuple(sorted(pair)) for pair in zip(first[:, 0], second[:, 0], strict=True)} == {
        tuple(sorted(pair)) for pair in values[:, 0].reshape(50, 2)
    }
    slow = [np.corrcoef(first[:, u], second[:, u])[0, 1] for u in range(3)]
    np.testing.assert_allclose(found, slow)


def test_spearman_brown_gives_the_reliability_of_the_average(rng):
    values, stimuli = made(rng, 400, 8)
    half = reliability.split_half(values, stimuli, 20, rng)
    assert reliability.spearman_brown(half).mean() == pytest.approx(1 / (1 + 4 / 8), abs=0.01)


def test_unequal_repeats_are_halved_each(rng):
    stimuli = np.repeat(np.arange(4), [2, 3, 4, 5])
    first, second = reliability._halves(stimuli, 1, rng)
    for half in (first.toarray(), second.toarray()):
        np.testing.assert_allclose(half.sum(1), 1)
        assert (half > 0).sum(1).tolist() == [1, 1, 2, 2]
        assert (stimuli[None, :].repeat(4, 0)[half > 0] == np.repeat(range(4), [1, 1, 2, 2])).all()
    assert not ((first.toarray() > 0) & (second.toarray() > 0)).any()


@pytest.mark.parametrize(
    ("counts", "factor"),
    [([2, 2], 2), ([3, 3], 3), ([5, 5], 2.5), ([7], 7 / 3), ([2, 3], (1 + 1) / (1 / 2 + 1 / 3))],
)
def test_spearman_and_brown_raise_what_was_halved(counts, factor):
    assert reliability.halving_factor(np.array(counts)) == pytest.approx(factor)


def test_the_correction_is_that_of_one_over_a_variance(rng):
    variances = rng.normal(size=(10, 200_000)).var(0, ddof=1)
    assert (1 / variances).mean() == pytest.approx(9 / 7, rel=0.01)
    assert reliability.unbiased(1 - 1 / variances, 10).mean() == pytest.approx(0, abs=0.01)
