import numpy as np
import pytest
import torch

import isocortex as ic


def test_identical_images_are_computed_once(small, stimuli, tmp_path):
    store = ic.extract(small, stimuli, "all", tmp_path / "s.zarr", batch_size=4)
    assert small.module.passes == [4, 4, 1]
    values = store["conv2"].values
    np.testing.assert_array_equal(values[9], values[0])
    assert values.shape[0] == 10


def test_only_grams(small, stimuli, tmp_path):
    full = ic.extract(small, stimuli, "all")
    for into in (None, tmp_path / "g.zarr"):
        grams = ic.extract(small, stimuli, "all", into, keep="grams")
        for name, layer in full.items():
            kept = grams[name]
            assert isinstance(kept, ic.Gram)
            x = layer.numpy().astype(np.float64)
            np.testing.assert_allclose(kept.matrix, x @ x.T, rtol=1e-6, atol=1e-6)
            np.testing.assert_allclose(kept.row_sums, x.sum(1), rtol=1e-6, atol=1e-5)
            assert (kept.n_units, dict(kept.labels)) == (layer.n_units, dict(layer.labels))
    small.module.passes.clear()
    ic.extract(small, stimuli, "all", tmp_path / "g.zarr", keep="grams")
    assert small.module.passes == []
    assert not list((tmp_path / "g.zarr").glob("layers/*/c"))


def test_only_grams_of_what_is_not_finite(small, stimuli):
    with torch.no_grad():
        small.module.conv1.bias[0] = 1e6
    with pytest.raises(ic.InputError, match="infinite activations, or beyond float16, in 'conv1'"):
        ic.extract(small, stimuli, ["conv1"], keep="grams", dtype="float16")


def test_only_grams_by_way_of_the_disk(small, stimuli, tmp_path, monkeypatch):
    memory = ic.extract(small, stimuli, "all", keep="grams")
    monkeypatch.setattr("isocortex.networks.extraction.outputs.available_bytes", lambda: 5000)
    disk = ic.extract(small, stimuli, "all", tmp_path / "g.zarr", keep="grams", batch_size=4)
    for name, kept in disk.items():
        np.testing.assert_allclose(kept.matrix, memory[name].matrix, rtol=1e-6, atol=1e-6)
    assert not list((tmp_path / "g.zarr").glob("layers/*/c"))


def test_grams_and_activations_in_one_store(small, stimuli, tmp_path):
    path = tmp_path / "s.zarr"
    ic.extract(small, stimuli, ["conv1"], path)
    both = ic.extract(small, stimuli, ["conv1", "conv2"], path, keep="grams")
    assert isinstance(both["conv1"], ic.Responses), "what is there is not thrown away"
    assert both["conv1"].values.kept_gram() is not None
    assert isinstance(both["conv2"], ic.Gram)
    assert isinstance(ic.extract(small, stimuli, ["conv2"], path)["conv2"], ic.Responses)
    assert ic.Store(path)["conv2"].values.kept_gram() is not None
