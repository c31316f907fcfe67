"""How samples and frames are prepared: as torchvision does it, and by hand."""

import numpy as np
import pytest
import torch

import isocortex as ic
from isocortex.errors import InputError
from isocortex.networks.zoo.torchvision_shim import torchvision


def test_frames_are_prepared_as_torchvision_does_it(rng):
    pixels = rng.integers(0, 256, (3, 60, 90, 3), dtype=np.uint8)
    transforms = torchvision().models.video.R3D_18_Weights.DEFAULT.transforms()
    right = transforms(torch.tensor(pixels).permute(0, 3, 1, 2)).numpy()
    network = ic.load_network("r3d_18", weights=None)
    assert network.modality == "video"
    assert np.array_equal(network.preprocessing(pixels), right)
    assert "resize=(128, 171), crop=(112, 112)" in repr(network.preprocessing)
    assert network.preprocessing.input_shape == (3, 16, 112, 112)


def test_the_shorter_side_is_meant_by_one_number():
    frames = np.zeros((2, 40, 80, 3), np.uint8)
    assert ic.VideoPreprocessing(resize=20)(frames).shape == (3, 2, 20, 40)
    first = ic.VideoPreprocessing(resize=20, frames_first=True)
    assert first(frames).shape == (2, 3, 20, 40)


def test_frames_are_those_that_are_shown_in_the_middle_of_each_part():
    times = np.array([0, 0.1, 0.2, 0.7, 0.8, 0.9])
    chosen = ic.VideoPreprocessing(frames=4).chosen(times, 0.0, 1.0)
    assert chosen.tolist() == [1, 2, 2, 4]
    assert ic.VideoPreprocessing().chosen(times, 0.0, 1.0).tolist() == [0, 1, 2, 3, 4, 5]


def test_what_cannot_be_is_a_sentence():
    with pytest.raises(InputError, match="frames=0 must be a whole number above 0"):
        ic.VideoPreprocessing(frames=0)
    with pytest.raises(InputError, match="rate=1.5 must be a whole number above 0"):
        ic.AudioPreprocessing(1.5)
    with pytest.raises(InputError, match="cannot be cropped to 30 x 30; give VideoPreprocessing"):
        ic.VideoPreprocessing(crop=30)(np.zeros((1, 20, 20, 3), np.uint8))
