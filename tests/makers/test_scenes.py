import numpy as np
import pytest
from scipy import ndimage

import isocortex as ic
from isocortex.makers.outlines import OUTLINES
from isocortex.makers.scenes import BACKGROUNDS


@pytest.mark.parametrize("number", [0, 1, 5, 12])
def test_dots_are_counted_and_apart(number):
    picture = ic.dot_fields([number], radius=3, gap=1.5, seed=4).read(0)
    assert ndimage.label(picture, np.ones((3, 3)))[1] == number
    assert set(np.unique(picture)) <= {0.0, 1.0}


def test_dots_follow_the_seed():
    a, b, c = (ic.dot_fields([6], seed=s).read(0) for s in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_textures_have_the_spectrum(exponent):
    stimuli = ic.textures(40, exponent=exponent, contrast=0.05, size=(64, 64), seed=3)
    pictures = np.stack(stimuli.sources).astype(float)
    power = (np.abs(np.fft.fft2(pictures - 0.5)) ** 2).mean(0)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(64), np.fft.fftfreq(64)))
    keep = (frequency > 0.03) & (frequency < 0.4)
    slope = np.polyfit(np.log(frequency[keep]), np.log(power[keep]), 1)[0]
    assert slope == pytest.approx(-2 * exponent, abs=0.1)
    assert pictures.std() == pytest.approx(0.05, rel=0.02)


def test_textures_stay_between_0_and_1():
    picture = ic.textures(1, contrast=2.0).read(0)
    assert picture.min() == 0
    assert picture.max() == 1


@pytest.mark.parametrize("kind", OUTLINES)
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_every_shape_on_every_background(kind, background):
    stimuli = ic.shapes(kind, background=background, scales=0.4, size=(40, 50))
    picture = stimuli.read(0)
    assert picture.shape == (40, 50)
    assert picture[20, 25] == 1
    assert (picture[0] < 1).all()
    assert stimuli.table["shape"].tolist() == [kind]


def test_a_circle_has_the_area_of_one():
    picture = ic.shapes("circle", background="black", scales=0.4, size=(200, 200)).read(0)
    assert picture.sum() == pytest.approx(np.pi * 80**2, rel=0.01)


def test_rotation_turns_clockwise():
    upright, turned, level = (
        ic.shapes("bar", rotations=angle, background="black", size=(61, 61)).read(0)
        for angle in (0, 30, 90)
    )
    np.testing.assert_allclose(level, upright.T, atol=1)
    assert np.abs(level - upright.T).mean() < 0.02
    # Clockwise: the upper end of the bar leans to the right.
    assert turned[:25, 31:].sum() > turned[:25, :30].sum()


def test_a_background_may_be_a_function():
    picture = ic.shapes("star", background=lambda size, rng: np.full(size, 0.25)).read(0)
    assert picture[0, 0] == 0.25


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ic.dot_fields([500], size=(20, 20)), "500 dots .* do not fit"),
        (lambda: ic.dot_fields([1], radius=50), "do not fit"),
        (lambda: ic.dot_fields([1.5]), "must be whole"),
        (lambda: ic.textures(0), "at least 1"),
        (lambda: ic.shapes("squre"), "Did you mean 'square'"),
        (lambda: ic.shapes("square", background="gray"), "Did you mean 'grey'"),
        (lambda: ic.shapes(["square", "star"], scales=[1, 2, 3]), "2 shape, 3 scale"),
    ],
)
def test_bad_input(make, words):
    with pytest.raises(ic.InputError, match=words):
        make()
