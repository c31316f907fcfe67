import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import isocortex as ic
from isocortex.progress import Progress


@pytest.mark.parametrize("into", [None, "s.zarr"])
def test_stored_activations_equal_a_plain_pass_bit_for_bit(small, stimuli, plain, tmp_path, into):
    store = ic.extract(small, stimuli, "all", into and tmp_path / into, batch_size=5)
    assert list(store) == ["conv1", "relu1", "pool", "conv2", "relu2", "fc"]
    parts = [plain(small, stimuli, rows) for rows in (range(5), range(5, 9))]
    for name, layer in store.items():
        once = np.concatenate([part[name] for part in parts])
        expected = once[[*range(9), 0]]  # The last image equals the first.
        np.testing.assert_array_equal(layer.numpy(), expected)
        assert layer.values.dtype == np.float32
        assert layer.labels == {"network": "Small", "layer": name}
        assert layer.stimuli == stimuli.names
    assert (store["conv1"].numpy() < 0).any(), "the in-place ReLU has changed it"
    assert store.path == (into and tmp_path / into)


def test_identical_images_are_computed_once(small, stimuli, tmp_path):
    store = ic.extract(small, stimuli, "all", tmp_path / "s.zarr", batch_size=4)
    assert small.module.passes == [4, 4, 1]
    values = store["conv2"].values
    np.testing.assert_array_equal(values[9], values[0])
    assert values.shape[0] == 10


def test_a_finished_extraction_is_not_recomputed(small, stimuli, tmp_path):
    ic.extract(small, stimuli, "all", tmp_path / "s.zarr")
    small.module.passes.clear()
    events = []
    again = ic.extract(small, stimuli, "all", tmp_path / "s.zarr", progress=events.append)
    assert small.module.passes == []
    assert events == [Progress("extract Small", 10, 10, "already there")]
    assert len(again) == 6


def test_layers_are_added_to_a_store(small, stimuli, plain, tmp_path):
    ic.extract(small, stimuli, ["conv2"], tmp_path / "s.zarr", batch_size=4)
    small.module.passes.clear()
    added = ic.extract(small, stimuli, ["conv1", "conv2"], tmp_path / "s.zarr")
    assert small.module.passes == [4, 4, 1], "a store keeps the batches it was begun with"
    assert list(added) == ["conv1", "conv2"]
    small.module.passes.clear()
    only = ic.extract(small, stimuli, ["conv1"], tmp_path / "s.zarr")
    assert list(only) == ["conv1"]
    assert small.module.passes == []
    assert list(ic.Store(tmp_path / "s.zarr")) == ["conv1", "conv2"]
    np.testing.assert_array_equal(
        added["conv1"].values[:4], plain(small, stimuli, range(4))["conv1"]
    )


def test_the_pass_ends_with_the_last_layer(small, stimuli):
    called = []
    small.module.fc.register_forward_hook(lambda *_: called.append(1))
    ic.extract(small, stimuli, ["conv1"])
    assert called == []


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ("weights", "weights"),
        ("code", "architecture"),
        ("preprocessing", "preprocessing"),
        ("image", "stimuli"),
        ("order", "stimuli"),
        ("pooling", "pooling"),
        ("dtype", "dtype"),
    ],
)
def test_a_change_is_never_served_from_the_old(small, stimuli, folder, tmp_path, change, part):
    path, options = tmp_path / "s.zarr", {}
    old = ic.extract(small, stimuli, "all", path)["fc"].numpy()
    if change == "weights":
        with torch.no_grad():
            small.module.conv1.weight[0, 0, 0, 0] += 1e-3
    elif change == "code":
        small.module.relu2.inplace = False
    elif change == "preprocessing":
        small = ic.load_network(
            small.module, preprocessing=small.preprocessing.replace(std=(1,) * 3)
        )
    elif change == "image":
        Image.new("RGB", (20, 20), "red").save(folder / "img3.png")
    elif change == "order":
        stimuli = stimuli.take(range(9, -1, -1))
    else:
        options = {change: {"pooling": "mean", "dtype": "float16"}[change]}
    with pytest.raises(ic.InputError, match=f"was made with other {part}.*overwrite=True"):
        ic.extract(small, stimuli, "all", path, **options)
    new = ic.extract(small, stimuli, "all", path, overwrite=True, **options)
    assert new["fc"].stimuli == stimuli.names
    if change not in ("pooling", "code"):
        assert not np.array_equal(new["fc"].numpy(), old)


def test_a_function_as_preprocessing_is_part_of_the_key(small, stimuli, tmp_path):
    def gray(scale):
        return lambda pixels: np.full((3, 14, 14), pixels.mean() * scale, np.float32)

    one, two = (ic.load_network(small.module, preprocessing=gray(s)) for s in (1.0, 0.5))
    ic.extract(one, stimuli, ["conv1"], tmp_path / "s.zarr")
    same = ic.load_network(small.module, preprocessing=gray(1.0))
    ic.extract(same, stimuli, ["conv1"], tmp_path / "s.zarr")
    with pytest.raises(ic.InputError, match="other preprocessing"):
        ic.extract(two, stimuli, ["conv1"], tmp_path / "s.zarr")


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


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_pooling_over_space(small, stimuli, plain, pooling):
    pooled = ic.extract(small, stimuli, ["conv1", "fc"], pooling=pooling)
    maps = plain(small, stimuli, range(9))["conv1"].reshape(9, 4, 144)
    expected = maps.mean(2) if pooling == "mean" else maps.max(2)
    np.testing.assert_allclose(pooled["conv1"].values[:9], expected, rtol=1e-5, atol=1e-6)
    assert list(pooled["conv1"].units) == ["channel"]
    assert pooled["fc"].n_units == 5


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Conv2d(3, 8, 7, 7)
        self.norm = nn.LayerNorm(8)

    def forward(self, x):
        return self.norm(self.embed(x).flatten(2).transpose(1, 2))


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("mean", lambda t: t.mean(1)),
        ("max", lambda t: t.max(1)),
        ("first", lambda t: t[:, 0]),
        ("last", lambda t: t[:, -1]),
    ],
)
def test_pooling_over_tokens(small, stimuli, pooling, expected):
    network = ic.load_network(Tokens(), preprocessing=small.preprocessing)
    whole = ic.extract(network, stimuli, ["norm"])["norm"]
    assert list(whole.units) == ["token", "unit"]
    pooled = ic.extract(network, stimuli, ["norm"], pooling=pooling)["norm"]
    tokens = whole.numpy().reshape(10, 4, 8)
    np.testing.assert_allclose(pooled.numpy(), expected(tokens), rtol=1e-5, atol=1e-6)
    assert list(pooled.units) == ["unit"]


def test_bad_pooling(small, stimuli):
    with pytest.raises(ic.InputError, match="pooling='first' is for sequences.*'conv1' gives maps"):
        ic.extract(small, stimuli, ["conv1"], pooling="first")
    with pytest.raises(ic.InputError, match="pooling='median' is not known"):
        ic.extract(small, stimuli, ["conv1"], pooling="median")


def test_stimuli_that_stand_on_another_axis(small, stimuli):
    class Sequence(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.folded, self.head = nn.Identity(), nn.Tanh(), nn.Linear(3, 2)

        def forward(self, x):
            rows = self.first(x.mean(3).permute(2, 0, 1).contiguous() * 2)
            windows = self.folded(x.reshape(2 * len(x), 3, -1)[:, :, :3])
            return self.head(rows.mean(0) + windows.mean(1)[: len(x)])

    network = ic.load_network(Sequence(), preprocessing=small.preprocessing)
    store = ic.extract(network, stimuli, ["first", "folded"], batch_size=4)
    images = np.stack([small.preprocessing(stimuli.read(i)) for i in range(10)])
    expected = images.mean(3).transpose(0, 2, 1) * 2
    np.testing.assert_allclose(
        store["first"].numpy(), expected.reshape(10, -1), rtol=1e-5, atol=1e-6
    )
    expected = np.tanh(images.reshape(10, 2, 3, -1)[..., :3])
    np.testing.assert_allclose(
        store["folded"].numpy(), expected.reshape(10, -1), rtol=1e-5, atol=1e-6
    )


def test_hooks_are_gone_and_modes_back_even_after_an_error(small, stimuli):
    small.module.train()
    small.module.relu2.register_forward_hook(lambda *_: 1 / 0)
    with pytest.raises(ic.InputError, match="ZeroDivisionError: division by zero"):
        ic.extract(small, stimuli, ["conv1", "fc"])
    assert small.module.training
    assert not small.module.conv1._forward_hooks
    assert not small.module.fc._forward_hooks


def test_progress_is_told_batch_by_batch(small, stimuli):
    events = []
    ic.extract(small, stimuli, ["conv1"], batch_size=4, progress=events.append)
    assert [(e.what, e.done, e.total) for e in events] == [
        ("extract Small", 4, 9),
        ("extract Small", 8, 9),
        ("extract Small", 9, 9),
    ]


def test_a_broken_image_is_named_before_work_starts(small, stimuli, folder, tmp_path):
    (folder / "img4.png").write_bytes(b"this is no image")
    with pytest.raises(ic.FormatError, match=r"1 of 10 image files cannot be decoded.*img4\.png"):
        ic.extract(small, stimuli, ["conv1"], tmp_path / "s.zarr")
    assert not (tmp_path / "s.zarr").exists()
    (folder / "img4.png").unlink()
    with pytest.raises(ic.NotFoundError, match=r"img4\.png"):
        ic.extract(small, stimuli, ["conv1"], tmp_path / "s.zarr")


def test_an_image_that_breaks_later_is_named_and_the_rest_is_kept(small, stimuli, folder, tmp_path):
    whole = (folder / "img6.png").read_bytes()
    (folder / "img6.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ic.FormatError, match=r"img6\.png.*cannot be decoded"):
        ic.extract(small, stimuli, ["conv1"], tmp_path / "s.zarr", batch_size=2)
    files = list((tmp_path / "s.zarr").glob("layers/conv1/c/*/0"))
    assert 1 <= len(files) <= 3
    with pytest.raises(ic.FormatError, match="of 5 batches of 'conv1': its extraction was stopped"):
        ic.Store(tmp_path / "s.zarr")["conv1"]


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
    with pytest.raises(ic.InputError, match="extract needs Stimuli, not list"):
        ic.extract(small, ["a.png"])
    with pytest.raises(ic.InputError, match="needs images; there are 1 stimuli of modality 'text'"):
        ic.extract(small, ic.Stimuli(["a"], ["a word"], "text"))
    with pytest.raises(ic.InputError, match="'conv3' is not a layer of Small. Did you mean 'conv"):
        ic.extract(small, stimuli, ["conv3"])
    with pytest.raises(ic.InputError, match="batch_size=0 must be a whole number from 1"):
        ic.extract(small, stimuli, batch_size=0)
    with pytest.raises(ic.InputError, match="device='tpu9' cannot be used"):
        ic.extract(small, stimuli, device="tpu9")
    with pytest.raises(ic.InputError, match="keep='all' is not known"):
        ic.extract(small, stimuli, keep="all")


def test_foreign_folders_are_refused_and_never_deleted(small, stimuli, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    for overwrite in (False, True):
        with pytest.raises(ic.FormatError, match="is not a store of isocortex"):
            ic.extract(small, stimuli, ["conv1"], tmp_path / "mine", overwrite=overwrite)
    with pytest.raises(ic.FormatError, match="is a file; a store is a folder"):
        ic.extract(small, stimuli, ["conv1"], tmp_path / "mine" / "thesis.txt")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
    (tmp_path / "empty").mkdir()
    assert len(ic.extract(small, stimuli, ["conv1"], tmp_path / "empty")) == 1


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


def test_a_read_only_folder_is_a_sentence(small, stimuli, monkeypatch):
    with pytest.raises(ic.StorageError, match="cannot be written to"):
        ic.extract(small, stimuli, ["conv1"], "/proc/none/s.zarr")


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


def test_a_module_is_a_network_too(stimuli):
    module = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(inplace=True))
    assert ic.extract(module, stimuli.take([0]), ["0"])["0"].n_units == 2 * 18 * 22


def test_layers_are_found_by_classic_and_module_names(tmp_path, rng):
    images = rng.integers(0, 256, (2, 70, 70, 3), dtype=np.uint8)
    stimuli = ic.Stimuli.from_arrays(images, ["a", "b"])
    network = ic.load_network("alexnet", None, preprocessing=ic.Preprocessing(resize=(64, 64)))
    store = ic.extract(network, stimuli, ["conv1_relu", "features.3"], tmp_path / "a.zarr")
    assert list(store) == ["conv1_relu", "features.3"]
    assert store["features.1"].labels["layer"] == "conv1_relu"
    assert store["conv2"].labels["layer"] == "features.3"
    assert "conv2" in store
    assert "conv3" not in store
    with pytest.raises(ic.InputError, match="'conv5' is not in the store.*It holds: 'conv1_relu'"):
        store["conv5"]
    renamed = ic.extract(network, stimuli, ["conv2"], tmp_path / "a.zarr")
    assert renamed["conv2"].labels["layer"] == "conv2"
    shutil.rmtree(tmp_path / "a.zarr")
