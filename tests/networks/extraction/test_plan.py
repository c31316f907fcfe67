import pytest
from torch import nn

import isocortex as ic


def test_images_of_different_sizes_need_a_preprocessing(small, stimuli):
    network = ic.load_network(nn.Sequential(nn.Conv2d(3, 2, 3)))
    gray = nn.Sequential(nn.Conv2d(1, 2, 3)).double()
    with pytest.raises(
        ic.InputError, match=r"'img0' and 'img1' have different sizes \(20 x 24 and"
    ):
        ic.extract(network, stimuli, ["0"])
    with pytest.raises(ic.InputError, match=r"'img1' has shape \(1, 21, 24\).*preprocessing="):
        ic.extract(ic.load_network(gray, preprocessing=lambda x: x[None, ..., 0] / 255), stimuli)
    with pytest.raises(ic.InputError, match=r"cannot take stimuli of shape \(3, 20, 24\)"):
        ic.extract(small.module, stimuli.take([0]), ["conv1"])


def test_bad_arguments(small, stimuli, tmp_path):
    with pytest.raises(ic.InputError, match="extract needs Stimuli as stimuli, not a list"):
        ic.extract(small, ["a.png"])
    with pytest.raises(
        ic.InputError,
        match="needs images; there is 1 stimulus of modality 'text'",
    ):
        ic.extract(small, ic.Stimuli(["a"], ["a word"], "text"))
    with pytest.raises(ic.InputError, match="'conv3' is not a layer of Small. Did you mean 'conv"):
        ic.extract(small, stimuli, ["conv3"])
    with pytest.raises(ic.InputError, match="batch_size=0 must be a whole number from 1"):
        ic.extract(small, stimuli, batch_size=0)
    with pytest.raises(ic.InputError, match="device='tpu9' cannot be used"):
        ic.extract(small, stimuli, device="tpu9")
    with pytest.raises(ic.InputError, match="keep='all' is not known"):
        ic.extract(small, stimuli, keep="all")


def test_it_must_fit(small, stimuli, tmp_path, monkeypatch):
    monkeypatch.setattr("isocortex.networks.extraction.outputs.free_bytes", lambda _: 1000)
    with pytest.raises(
        ic.StorageError, match=r"needs .* kB of disk at .*s\.zarr.*but 1 kB are free"
    ):
        ic.extract(small, stimuli, "all", tmp_path / "s.zarr")
    monkeypatch.setattr("isocortex.networks.extraction.outputs.free_bytes", lambda _: 40_000)
    half = ic.extract(small, stimuli, "all", tmp_path / "s.zarr", dtype="float16")
    assert len(half) == 6, "a refused extraction does not stand in the way of a smaller one"
    monkeypatch.setattr("isocortex.networks.extraction.plan.available_bytes", lambda: 1000)
    with pytest.raises(ic.StorageError, match="A batch of 1 needs about .* of memory"):
        ic.extract(small, stimuli, "all")
    monkeypatch.setattr("isocortex.networks.extraction.plan.available_bytes", lambda: 10**9)
    monkeypatch.setattr("isocortex.networks.extraction.outputs.available_bytes", lambda: 1000)
    with pytest.raises(ic.StorageError, match="of memory, but 1 kB are free.*or into=a folder"):
        ic.extract(small, stimuli, "all")


def test_batches_fit_memory_by_themselves(small, stimuli, monkeypatch):
    monkeypatch.setattr("isocortex.networks.extraction.plan.available_bytes", lambda: 4 * 40_000)
    ic.extract(small, stimuli, "all")
    assert max(small.module.passes) < 9
