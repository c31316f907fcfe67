import numpy as np
import pytest
import torch
from torch import nn

import isocortex as ic
from isocortex.networks.training import checkpoints
from isocortex.networks.training.loop import train


def test_a_damaged_checkpoint_is_refused(gratings, tilt, tmp_path, untrained):
    path = tmp_path / "c.pt"
    train(untrained(1, nn.Sigmoid()), gratings, tilt, epochs=1, checkpoint=path)
    torch.load(path, weights_only=True)  # It is still a file of torch.
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ic.FormatError, match="not a whole checkpoint"):
        train(untrained(1, nn.Sigmoid()), gratings, tilt, epochs=2, checkpoint=path)
    for foreign in (b"", b"short", b"x" * 100):
        path.write_bytes(foreign)
        with pytest.raises(ic.FormatError, match="not a whole checkpoint"):
            checkpoints.load(path)
    torch.save({"format": "other"}, path)
    with pytest.raises(ic.FormatError, match="not a whole checkpoint of a training by this vers"):
        checkpoints.load(path)


def test_a_flip_of_any_bit_of_a_checkpoint_is_found(gratings, tilt, tmp_path, rng, untrained):
    path = tmp_path / "c.pt"
    train(untrained(1, nn.Sigmoid()), gratings, tilt, epochs=1, checkpoint=path)
    whole = np.fromfile(path, np.uint8)
    for bit in rng.integers(8 * len(whole), size=300):
        turned = whole.copy()
        turned[bit // 8] ^= 1 << bit % 8
        turned.tofile(path)
        with pytest.raises(ic.FormatError, match="not a whole checkpoint"):
            checkpoints.load(path)


def test_a_checkpoint_that_cannot_be_written(gratings, tilt, tmp_path, untrained):
    (tmp_path / "file").write_text("")
    with pytest.raises(ic.StorageError, match="cannot be written"):
        train(
            untrained(1, nn.Sigmoid()), gratings, tilt, epochs=1, checkpoint=tmp_path / "file" / "c"
        )
