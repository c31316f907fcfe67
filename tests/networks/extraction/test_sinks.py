import numpy as np
import pytest
import torch

import isocortex as ic


def test_float16_on_request(small, stimuli, tmp_path):
    full = ic.extract(small, stimuli, ["conv1"])["conv1"].numpy()
    half = ic.extract(small, stimuli, ["conv1"], tmp_path / "h.zarr", dtype="float16")["conv1"]
    assert half.values.dtype == np.float16
    np.testing.assert_array_equal(half.numpy(), full.astype(np.float16))
    with torch.no_grad():
        small.module.conv1.bias[0] = 1e6
    with pytest.raises(ic.InputError, match=r"'conv1' reach 1e\+06, but float16 ends at 65504"):
        ic.extract(small, stimuli, ["conv1"], dtype="float16")
    with pytest.raises(ic.InputError, match="dtype='float8' is not known"):
        ic.extract(small, stimuli, ["conv1"], dtype="float8")


def test_nan_activations_name_the_stimuli(small, stimuli):
    with torch.no_grad():
        small.module.conv2.bias[0] = torch.nan
    with pytest.raises(ic.InputError, match="NaN or infinite activations in 'conv2' for 'img0'"):
        ic.extract(small, stimuli, ["conv1", "conv2"])


def test_a_full_disk_is_a_sentence_and_work_is_kept(small, stimuli, tmp_path, monkeypatch):
    from isocortex.networks.extraction import sinks

    real = sinks.write_batch

    def full(folder, layout, batch, buffer):
        if batch == 1:
            raise OSError(28, "No space left on device")
        real(folder, layout, batch, buffer)

    monkeypatch.setattr(sinks, "write_batch", full)
    with pytest.raises(ic.StorageError, match="is full. What was finished is kept"):
        ic.extract(small, stimuli, ["conv1", "fc"], tmp_path / "s.zarr", batch_size=3)
    monkeypatch.undo()
    small.module.passes.clear()
    ic.extract(small, stimuli, ["conv1", "fc"], tmp_path / "s.zarr", batch_size=3)
    assert small.module.passes == [3, 3]
