"""Spectra, mel bands and envelopes against slow truth."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.signal import hilbert, stft

from isocortex.numerics.signal import sound


def test_power_spectra_are_those_of_scipy(rng):
    samples = rng.normal(size=1000)
    found = sound.power_spectra(samples, 100, 40)
    window = np.hanning(101)[:-1]
    _, _, slow = stft(samples, window=window, nperseg=100, noverlap=60, boundary=None, padded=False)
    assert found.shape == (23, 51)
    assert np.allclose(found, (np.abs(slow).T * window.sum()) ** 2)


def test_mel_scale_is_slaneys_and_its_own_inverse():
    hertz = np.array([0, 500, 1000, 6400, 8000.0])
    assert sound.mel_of_hz(hertz) == pytest.approx(
        [0, 7.5, 15, 42, 42 + 27 * np.log(1.25) / np.log(6.4)]
    )
    assert np.allclose(sound.hz_of_mel(sound.mel_of_hz(hertz)), hertz)


def test_mel_filters_are_triangles_of_one_area():
    filters = sound.mel_filters(16000, 4096, 20, 0.0, 8000.0)
    assert np.allclose(filters.sum(1) * 16000 / 4096, 1, atol=0.01)
    edges = sound.hz_of_mel(np.linspace(0, sound.mel_of_hz(8000), 22))
    for i in (0, 7, 19):
        slow = np.interp(np.arange(2049) * 16000 / 4096, edges[i : i + 3], [0, 1, 0])
        assert np.allclose(filters[i], slow * 2 / (edges[i + 2] - edges[i]))
    assert np.allclose(sound.mel_centres(20, 0.0, 8000.0), edges[1:-1])


@pytest.mark.parametrize("n", [1000, 1001])
def test_envelope_is_the_mean_size_of_the_analytic_signal(rng, n):
    samples = rng.normal(size=n)
    edges = np.array([0, 10, 300, 990])
    slow = [np.abs(hilbert(samples))[a:b].mean() for a, b in pairwise(edges)]
    assert np.allclose(sound.envelope(samples, edges), slow)
