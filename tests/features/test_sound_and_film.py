"""Envelope, mel bands and motion energy: rows with times, and what they are of."""

import numpy as np
import pytest
from scipy.signal import hilbert

import isocortex as ic
from isocortex.errors import InputError, IsocortexWarning
from isocortex.numerics.signal import motion_energy as motion
from isocortex.numerics.signal.sound import mel_filters


def test_an_envelope_is_the_mean_size_of_the_analytic_signal_in_each_bin(rng):
    samples = rng.normal(size=1030)
    sounds = ic.Stimuli.from_audio([samples, samples[:500]], 100, start=[0, 50])
    found = ic.features.envelope(sounds, rate=10)
    slow = np.abs(hilbert(samples))[:1030].reshape(103, 10).mean(1)
    assert np.allclose(found.numpy()[:103, 0], slow)
    assert found.n_stimuli == 103 + 50
    assert found.table["onset"].tolist() == pytest.approx(
        [*(np.arange(103) / 10), *(50 + np.arange(50) / 10)]
    )
    assert np.allclose(found.table["time"] - found.table["onset"], 0.05)
    assert found.table["run"].iloc[-1] == "sound 1"


def test_mel_bands_are_log_power_under_a_hann_window(rng):
    samples = rng.normal(size=2000)
    found = ic.features.mel_spectrogram(ic.Stimuli.from_audio(samples, 8000), 20, low=50)
    assert found.values.shape == ((2000 - 200) // 80 + 1, 20)
    window = np.hanning(201)[:-1]
    filters = mel_filters(8000, 200, 20, 50, 4000)
    for i in (0, 11):
        power = np.abs(np.fft.rfft(samples[80 * i : 80 * i + 200] * window)) ** 2
        assert np.allclose(found.numpy()[i], np.log10(filters @ power))
    assert np.allclose(found.table["time"], 0.0125 + 0.01 * np.arange(found.n_stimuli))
    assert found.units["frequency"].is_monotonic_increasing


def test_motion_energy_has_a_row_for_each_frame(film):
    films = ic.Stimuli.from_video(film, start=4)
    found = ic.features.motion_energy(films, size=(24, 36))
    frames = motion.averaged(motion.luminance(films.read(0)), motion.Size(24, 36))
    assert np.allclose(found.numpy(), motion.motion_energy(frames, 10))
    assert np.allclose(found.table["onset"], 4 + np.arange(20) / 10)
    assert found.units["temporal_frequency"].isin([0, 2, 4]).all()
    assert found.stimuli[3] == "steps frame 03"


def test_a_rate_that_is_no_whole_number_is_rounded_and_said(tmp_path, write_film, grey_steps):
    from fractions import Fraction

    path = write_film(tmp_path / "ntsc.mp4", grey_steps(8), rate=Fraction(30000, 1001))
    with pytest.warns(IsocortexWarning, match=r"29.97 frames in a second are taken as 30"):
        ic.features.motion_energy(ic.Stimuli.from_video(path))


def test_what_does_not_fit_is_a_sentence(film, tmp_path, write_film, grey_steps):
    tone = ic.Stimuli.from_audio(np.zeros(100), 100)
    other = ic.Stimuli.from_audio([np.zeros(100)], 200)
    both = ic.Stimuli(["a", "b"], [*tone.sources, *other.sources], "audio")
    features = ic.features
    with pytest.raises(InputError, match="motion_energy needs video; there is 1 stimulus"):
        features.motion_energy(tone)
    with pytest.raises(InputError, match="rate=200 needs a sample in every bin"):
        features.envelope(tone, rate=200)
    with pytest.raises(InputError, match="rate=-1 must be a number above 0"):
        features.envelope(tone, rate=-1)
    with pytest.raises(InputError, match="sounds of one rate; these have 100, 200 Hz"):
        features.mel_spectrogram(both)
    with pytest.raises(InputError, match="bands hold no frequency of a window of 20 samples"):
        features.mel_spectrogram(tone, window=0.2, hop=0.1)
    with pytest.raises(InputError, match="must lie between 0 and half the sampling rate"):
        features.mel_spectrogram(tone, 2, window=0.5, high=80)
    with pytest.raises(InputError, match="'a' are bare arrays: make them by Stimuli.from_audio"):
        features.envelope(ic.Stimuli(["a"], [np.zeros(9)], "audio"))
    path = write_film(tmp_path / "uneven.mp4", grey_steps(6), pts=[0, 1, 2, 6, 7, 12])
    told = pytest.raises(InputError, match="filters need frames that are evenly shown")
    with pytest.warns(IsocortexWarning, match="are taken as 7"), told:
        features.motion_energy(ic.Stimuli.from_video(path))
    with pytest.raises(InputError, match=r"size=\(3,\) must be \(height, width\)"):
        features.motion_energy(ic.Stimuli.from_video(film), size=(3,))
