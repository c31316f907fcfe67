import hashlib

import numpy as np
import pytest

import isocortex as ic
from isocortex.makers.waves import FREQUENCY

MD5 = {
    0: "c061a6a09b85310294a5850d9eb65328",
    45: "6e53f043c181743e044b10f51545bf4d",
    -45: "f77bf4d76a4e7bbbef03c0011fa890fb",
    25: "1f6c1e2c1a906d3cfbcae451e7da9bfc",
    -25: "09253bc6de3b7ac043ea92300f58ff5b",
}


def slow_grating(angle, patch=False):
    angle = np.deg2rad(angle) + (0.1 if patch else 0)
    picture = np.zeros((48, 64))
    for i in range(48):
        for j in range(64):
            g = np.cos(j / 28 / 0.1 * np.cos(angle) + i / 28 / 0.1 * np.sin(angle))
            inside = np.hypot(j - 48, i - 24) < 640 / 3 / 2 * 0.1
            picture[i, j] = float(g > 0) if inside or not patch else 0.5
    return picture


def test_gratings_are_the_published_pixels():
    stimuli = ic.gratings(list(MD5))
    found = [hashlib.md5(a.astype(np.uint8).tobytes()).hexdigest() for a in stimuli.sources]
    assert found == list(MD5.values())
    first = stimuli.read(0)
    assert first.shape == (48, 64)
    assert first.dtype == np.float32
    assert first.mean() == 0.484375
    row = "1111100000000011111111000000000111111111000000000111111111000000"
    assert "".join(str(int(v)) for v in first[0]) == row


@pytest.mark.parametrize("patch", [False, True])
@pytest.mark.parametrize("angle", [-71.3, 0, 33, 90])
def test_gratings_equal_a_slow_loop(angle, patch):
    picture = ic.gratings([angle], patch=patch).read(0)
    np.testing.assert_array_equal(picture, slow_grating(angle, patch))


def test_vertical_ends_are_one_picture_with_two_names():
    stimuli = ic.gratings([-90, 90])
    np.testing.assert_array_equal(stimuli.read(0), stimuli.read(1))
    assert stimuli.names == ("orientation=-90", "orientation=90")


def test_orientations_outside_the_range_are_wrapped_and_said():
    with pytest.warns(
        ic.IsocortexWarning, match=r"1 of 2 orientations lie outside .* 120 became -60"
    ):
        stimuli = ic.gratings([120, 10])
    assert stimuli.table["orientation"].tolist() == [-60, 10]
    np.testing.assert_array_equal(stimuli.read(0), ic.gratings([-60]).read(0))


def test_repeated_orientations_get_numbers():
    assert ic.gratings([5, 5, 5]).names == (
        "orientation=5",
        "orientation=5 #2",
        "orientation=5 #3",
    )


def test_names_meet_across_float32_and_float64():
    values = np.random.default_rng(0).uniform(-90, 90, 50)
    assert ic.gratings(values).names == ic.gratings(values.astype(np.float32)).names


def test_a_square_wave_is_the_sign_of_the_sinusoid():
    sinus = ic.sinusoids([31]).read(0)
    bars = ic.gratings([31]).read(0)
    np.testing.assert_array_equal(bars, (sinus > 0.5).astype(np.float32))


def test_phase_and_contrast_of_sinusoids():
    stimuli = ic.sinusoids(0, phases=[0, 180], contrasts=[1, 0.5])
    a, b = stimuli.read(0) - 0.5, stimuli.read(1) - 0.5
    np.testing.assert_allclose(b, -a / 2, atol=1e-6)
    assert stimuli.names[1] == "phase=180 contrast=0.5"


def test_frequency_counts_cycles():
    picture = ic.sinusoids(90, spatial_frequencies=4 / 32, size=(32, 32)).read(0)
    spectrum = np.abs(np.fft.rfft(picture.mean(1)))
    assert spectrum[1:].argmax() + 1 == 4


def test_a_gabor_is_a_sinusoid_under_a_gaussian():
    picture = ic.gabors(20, phases=90, sigmas=5, rows=0.25, columns=0.75, size=(41, 61)).read(0)
    rows, columns = np.mgrid[:41, :61]
    y, x = rows - 10, columns - 45
    t = np.deg2rad(20)
    wave = np.cos(2 * np.pi * FREQUENCY * (x * np.cos(t) + y * np.sin(t)) + np.pi / 2)
    slow = 0.5 + 0.5 * np.exp(-(x**2 + y**2) / 50) * wave
    np.testing.assert_allclose(picture, slow, atol=1e-6)


def test_crossed_makes_every_combination():
    columns = ic.crossed(orientations=[0, 45], phases=[0, 90, 180])
    assert columns["orientations"].tolist() == [0, 0, 0, 45, 45, 45]
    assert columns["phases"].tolist() == [0, 90, 180] * 2
    stimuli = ic.sinusoids(**columns)
    assert ic.stimulus_values(stimuli, "phase").tolist() == [0, 90, 180] * 2


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ic.gratings([np.nan]), "NaN"),
        (lambda: ic.gratings(["left"]), "must be numbers"),
        (lambda: ic.gratings([]), "empty"),
        (lambda: ic.gratings([0], size=(0, 5)), "at least"),
        (lambda: ic.gratings([0], size=5), "rows, columns"),
        (lambda: ic.gratings([0], spatial_frequency=0), "must be positive"),
        (lambda: ic.sinusoids([0, 1], phases=[1, 2, 3]), "2 orientation, 3 phase"),
        (lambda: ic.sinusoids(0, contrasts=2), "0 to 1"),
        (lambda: ic.gabors(0, sigmas=-1), "sigmas must be positive"),
        (lambda: ic.crossed(), "at least one parameter"),
    ],
)
def test_bad_input(make, words):
    with pytest.raises(ic.InputError, match=words):
        make()


def test_values_are_read_from_columns_and_names():
    stimuli = ic.gratings([-30, 12.5])
    responses = ic.Responses(np.eye(2), stimuli.names)
    assert ic.stimulus_values(responses).tolist() == [-30, 12.5]
    assert ic.stimulus_values(stimuli).tolist() == [-30, 12.5]
    with pytest.raises(ic.InputError, match="not known for 2 of 2 stimuli"):
        ic.stimulus_values(ic.Responses(np.eye(2), ["cat", "orientation=left"]))
