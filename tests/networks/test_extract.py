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


def test_a_finished_extraction_is_not_recomputed(small, stimuli, tmp_path):
    ic.extract(small, stimuli, "all", tmp_path / "s.zarr")
    small.module.passes.clear()
    events = []
    again = ic.extract(small, stimuli, "all", tmp_path / "s.zarr", progress=events.append)
    assert small.module.passes == []
    assert events[1:] == [Progress("extract Small", 10, 10, "already there")]
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


def test_progress_is_told_batch_by_batch(small, stimuli):
    events = []
    ic.extract(small, stimuli, ["conv1"], batch_size=4, progress=events.append)
    # Two of the ten are the same image, and computed once: 4, 8 and 9 of 9.
    assert [(e.what, e.done, e.total) for e in events] == [
        ("extract Small", done, 10) for done in (0, 4, 8, 10)
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


def test_a_read_only_folder_is_a_sentence(small, stimuli, monkeypatch):
    with pytest.raises(ic.StorageError, match="cannot be written to"):
        ic.extract(small, stimuli, ["conv1"], "/proc/none/s.zarr")


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
