"""Motion energy against pymoten, filter by filter, and against numbers that were measured."""

import numpy as np
import pytest

from isocortex.numerics.signal import motion_energy as motion
from isocortex.numerics.signal.motion_energy import Size


@pytest.mark.parametrize(("size", "fps", "n"), [((24, 24), 15, 1380), ((20, 36), 24, 2530)])
def test_energies_are_those_of_pymoten(rng, size, fps, n):
    moten = pytest.importorskip("moten")
    frames = rng.uniform(0, 100, (20, *size))
    pyramid = moten.get_default_pyramid(vhsize=size, fps=fps)
    some = np.arange(0, n, 7)
    chosen = [pyramid.filters[i] for i in some]
    right = moten.core.project_stimulus(frames, chosen, dtype="float64")
    found = motion.motion_energy(frames, fps)
    assert found.shape == (20, n)
    assert np.abs(found[:, some] - right).max() < 1e-10
    columns = ("centerh", "centerv", "direction", "spatial_freq", "spatial_env", "temporal_freq")
    theirs = np.stack([pyramid.parameters[each] for each in columns], axis=1)
    assert np.allclose(motion.filters(size[1] / size[0]), theirs)


def test_luminance_is_cie_lightness():
    assert motion.luminance(np.array([255, 255, 255])) == pytest.approx(100)
    assert motion.luminance(np.array([0, 0, 0])) == 0
    # Mid grey of sRGB, and a dark one on the linear part of both curves.
    assert motion.luminance(np.array([119, 119, 119])) == pytest.approx(50.03, abs=0.01)
    dark = np.array([5, 0, 0])
    assert motion.luminance(dark) == pytest.approx(903.3 * 0.212671 * 5 / 255 / 12.92)


def test_frames_are_averaged_by_what_pixels_cover(rng):
    frames = rng.normal(size=(2, 8, 12))
    blocks = frames.reshape(2, 2, 4, 3, 4).mean((2, 4))
    assert np.allclose(motion.averaged(frames, Size(2, 3)), blocks)
    assert np.allclose(motion.averaged(frames, Size(5, 7)).mean((1, 2)), frames.mean((1, 2)))


def test_measured_numbers_of_a_real_film(shared):
    from isocortex.data.recorded.films import Film, head_of_film

    pytest.importorskip("av")
    path = shared / "data/film/bikes.mp4"
    pixels = Film(path, head_of_film(path), 0.0, 4.0).frames().pixels
    frames = motion.averaged(motion.luminance(pixels), Size(68, 160))
    assert frames.mean() == pytest.approx(41.66454, abs=1e-4)
    assert frames[0].sum() == pytest.approx(605685.424, abs=0.1)
    found = motion.motion_energy(frames, 25)
    right = (11.5227, 13.8754, 9.5062, 5.9130, 4.3851, 3.8767)
    assert found[50, [0, 1, 2, 100, 500, -1]] == pytest.approx(right, abs=1e-3)
    assert (found.mean(), found.std()) == pytest.approx((4.41672, 2.31266), abs=1e-4)
    assert found.mean(0)[:3] == pytest.approx((11.0477, 13.9483, 9.7718), abs=1e-3)
