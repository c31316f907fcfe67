"""What an extraction does how often: no clock is needed to see that dear things are done once."""

import numpy as np
import pytest

import isocortex as ic
from isocortex.store.layout import Layout


@pytest.mark.parametrize("keep", ["activations", "grams"])
def test_one_pass_for_each_batch_of_distinct_images(small, stimuli, tmp_path, keep):
    ic.extract(small, stimuli, ["conv1", "fc"], tmp_path / "s.zarr", batch_size=4, keep=keep)
    assert small.module.passes == [4, 4, 1]


def test_a_layer_is_written_from_two_buffers(small, rng, tmp_path, counted):
    counts = counted(Layout, "buffer")
    pixels = rng.integers(0, 256, (30, 14, 14, 3), dtype=np.uint8)
    ic.extract(small, ic.Stimuli.from_arrays(pixels), ["fc"], tmp_path / "s.zarr", batch_size=2)
    assert counts["buffer"] == 2
