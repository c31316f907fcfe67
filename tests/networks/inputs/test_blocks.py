"""Small pictures prepared together have the bits that each has alone."""

import numpy as np
import pytest

import isocortex as ic
from isocortex.networks.inputs import blocks, loader

HOW = {
    "plain": ic.Preprocessing(),
    "normalized": ic.Preprocessing(mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.4)),
    "of their size": ic.Preprocessing(resize=(9, 8), mean=(0.5,) * 3),
    "shorter side": ic.Preprocessing(resize=8, std=(0.5,) * 3),
    "cropped": ic.Preprocessing(crop=(5, 4), std=(0.3,) * 3),
    "padded": ic.Preprocessing(crop=(11, 7), mean=(0.1,) * 3),
}

PIXELS = {
    "uint8": lambda rng: rng.integers(0, 256, (6, 9, 8, 3), dtype=np.uint8),
    "float32": lambda rng: rng.random((6, 9, 8, 3), dtype=np.float32),
    "float64": lambda rng: rng.random((6, 9, 8, 3)),
    "float16": lambda rng: rng.random((6, 9, 8, 3)).astype(np.float16),
    "channels first": lambda rng: rng.random((6, 3, 9, 8)),
    "eight bits, channels first": lambda rng: rng.integers(0, 256, (6, 3, 9, 8), dtype=np.uint8),
}


@pytest.mark.parametrize("pixels", PIXELS)
@pytest.mark.parametrize("how", HOW)
def test_pictures_prepared_together_have_the_bits_of_each_alone(pixels, how, rng):
    given = list(PIXELS[pixels](rng))
    right = np.stack([HOW[how](each) for each in given])
    block, found = blocks.as_block(given, HOW[how]), np.empty_like(right)
    assert block is not None
    assert blocks.prepare_block(block, HOW[how], found)
    np.testing.assert_array_equal(found, right)
    assert found.dtype == right.dtype


OTHERS = {
    "resized": lambda rng: rng.integers(0, 256, (4, 9, 9, 3), dtype=np.uint8),
    "grey": lambda rng: rng.integers(0, 256, (4, 8, 8), dtype=np.uint8),
    "grey with an axis": lambda rng: rng.random((4, 1, 8, 8)),
    "grey and opacity": lambda rng: rng.integers(0, 256, (4, 8, 8, 2), dtype=np.uint8),
    "transparent": lambda rng: rng.integers(0, 256, (4, 8, 8, 4), dtype=np.uint8),
    "black and white": lambda rng: rng.random((4, 8, 8, 3)) > 0.5,
    "sixteen bits": lambda rng: rng.integers(256, 65536, (4, 8, 8, 3), dtype=np.uint16),
    "three by three": lambda rng: rng.random((4, 3, 3, 3)),
    "of several sizes": lambda rng: [rng.random((n, 8, 3)) for n in (8, 9, 10)],
    "of several types": lambda rng: [
        rng.random((8, 8, 3), dtype=np.float32),
        rng.integers(0, 256, (8, 8, 3), dtype=np.uint8),
    ],
}


@pytest.mark.parametrize("pixels", OTHERS)
@pytest.mark.filterwarnings("ignore:.*transparent in places")
def test_all_others_are_prepared_one_by_one_and_stay_what_they_were(pixels, rng):
    stimuli = ic.Stimuli.from_arrays(OTHERS[pixels](rng))
    how = ic.Preprocessing(resize=(8, 8), mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.4))
    right = [loader.prepared(stimuli, row, how) for row in range(len(stimuli))]
    (found,) = loader.batches(stimuli, [np.arange(len(stimuli))], how, right[0])
    np.testing.assert_array_equal(found, right)


def test_small_arrays_are_not_prepared_one_by_one(rng, counted):
    counts = counted(loader, "prepared")
    pixels = ic.Stimuli.from_arrays(rng.integers(0, 256, (300, 8, 8, 3), dtype=np.uint8))
    sets = [np.arange(200, 300), np.arange(0, 200, 3)]
    like = np.empty((3, 8, 8), np.float32)
    found = list(loader.batches(pixels, sets, ic.Preprocessing(), like))
    assert counts["prepared"] == 0
    assert [len(each) for each in found] == [100, 67]
    np.testing.assert_array_equal(found[1][5], pixels.read(15).transpose(2, 0, 1) / np.float32(255))
