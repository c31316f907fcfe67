"""The first look at stimuli: each file opened once, faults named before the pass, one warning."""

import builtins
import io
import warnings
from collections import Counter

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import isocortex as ic
from isocortex.networks.inputs import loader, look


@pytest.fixture
def network():
    torch.manual_seed(0)
    scaled = ic.Preprocessing(resize=(8, 8), mean=(0.5,) * 3, std=(0.5,) * 3)
    return ic.load_network(nn.Sequential(nn.Conv2d(3, 2, 3)), preprocessing=scaled)


@pytest.fixture
def opened(monkeypatch):
    """Counts of the files that were opened, by name."""
    counts, real = Counter(), io.open

    def counting(file, *args, **options):
        counts[str(file).rpartition("/")[-1]] += 1
        return real(file, *args, **options)

    monkeypatch.setattr(io, "open", counting)
    monkeypatch.setattr(builtins, "open", counting)
    return counts


def test_each_file_is_opened_once(network, stimuli, opened, monkeypatch):
    once = ic.extract(network, stimuli, ["0"], batch_size=3)["0"].values
    assert {name: opened[name] for name in opened if name.startswith("img")} == {
        f"img{i}.png": 1 for i in range(10)
    }
    opened.clear()
    monkeypatch.setattr(look, "MOST_KEPT", 3000)  # Of 15 kB: some are opened once more.
    np.testing.assert_array_equal(
        ic.extract(network, stimuli, ["0"], batch_size=3)["0"].values, once
    )
    assert {opened[f"img{i}.png"] for i in range(1, 9)} <= {1, 2}


def test_training_opens_each_file_once(network, stimuli, opened):
    network = ic.load_network(
        nn.Sequential(nn.Flatten(), nn.Linear(192, 1), nn.Sigmoid()),
        preprocessing=network.preprocessing,
    )
    ic.train(network, stimuli, [0, 1] * 5, epochs=2)
    assert {count for name, count in opened.items() if name.startswith("img")} == {1}


@pytest.fixture
def odd(tmp_path):
    """A turned, a transparent, a moving and a plain picture."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (6, 4), (9, 9, 9)).save(tmp_path / "turned.jpg", exif=exif)
    Image.new("RGBA", (5, 5), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    frames = [Image.new("L", (5, 5), grey) for grey in (0, 255)]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    Image.new("RGB", (5, 5)).save(tmp_path / "plain.png")
    return tmp_path


def test_one_warning_counts_what_was_done(network, odd):
    with pytest.warns(ic.IsocortexWarning) as caught:
        ic.extract(network, ic.Stimuli.from_folder(odd), ["0"])
    (said,) = [str(each.message) for each in caught]
    assert said.startswith("extract: of 4 images, 1 were turned upright")
    assert "1 are transparent in places and lie on the background (255, 255, 255)" in said
    assert "1 hold several frames, of which the first is taken" in said
    assert caught[0].filename == __file__


def test_nothing_is_said_when_nothing_happened(network, stimuli):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ic.extract(network, stimuli, ["0"])


def test_a_store_of_another_background_is_not_used_again(network, odd, tmp_path_factory):
    into = tmp_path_factory.mktemp("stores") / "s.zarr"

    def extracted(name, background):
        stimuli = ic.Stimuli(["x"], [odd / name], background=background)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ic.IsocortexWarning)
            return ic.extract(network, stimuli, ["0"], into / name)["0"].values

    white = np.asarray(extracted("clear.png", "white"))
    with pytest.raises(ic.InputError, match="stimuli"):
        extracted("clear.png", "black")
    np.testing.assert_array_equal(np.asarray(extracted("clear.png", "white")), white)
    extracted("plain.png", "white")
    extracted("plain.png", "black")  # Of which nothing shows.


@pytest.mark.parametrize("shape", [(1, 9), (3, 9), (9, 3), (9, 1), (3, 3)])
def test_deep_files_of_few_rows_are_not_taken_for_channels(tmp_path, shape):
    grey = np.linspace(0, 255, np.prod(shape)).round().reshape(shape)
    Image.fromarray(grey.astype(np.uint8)).save(tmp_path / "a8.png")
    Image.fromarray((grey * 257).astype(np.uint16)).save(tmp_path / "a16.png")
    stimuli = ic.Stimuli.from_folder(tmp_path)
    for how in (ic.Preprocessing(), ic.Preprocessing(resize=(8, 8), mean=(0.5,) * 3)):
        shallow, deep = (loader.prepared(stimuli, row, how) for row in (0, 1))
        np.testing.assert_allclose(deep, shallow, atol=1.01 / 255)


def test_arrays_of_every_depth_give_the_same_features(network, rng):
    pixels = rng.integers(0, 256, (4, 9, 9, 3), dtype=np.uint8)
    right = ic.extract(network, ic.Stimuli.from_arrays(pixels), ["0"])["0"].values
    for held in (pixels.astype(np.int32), pixels * np.uint16(257), pixels / 255):
        found = ic.extract(network, ic.Stimuli.from_arrays(held), ["0"])["0"].values
        np.testing.assert_allclose(found, right, atol=0.02)


def test_floats_of_another_range(network, rng):
    bright = ic.Stimuli.from_arrays(rng.uniform(0, 255, (2, 3, 9, 9)), ["a", "b"])
    with pytest.raises(ic.InputError, match=r"'a' holds floats from .* divide all stimuli by 255"):
        ic.extract(network, bright, ["0"])
    plain = ic.load_network(nn.Sequential(nn.Conv2d(3, 2, 3)))
    with pytest.warns(ic.IsocortexWarning, match="2 are floats that reach beyond 1"):
        ic.extract(plain, bright, ["0"])
    prepared = ic.Stimuli.from_arrays(rng.normal(size=(2, 3, 9, 9)))
    ic.extract(plain, prepared, ["0"])  # As they are, without a word.


def test_faults_are_named_before_the_pass(network, folder):
    (folder / "img3.png").write_bytes(b"no picture")
    (folder / "img5.png").unlink()
    Image.fromarray(np.full((9, 9), 7.0, np.float32)).save(folder / "img5.tif")
    stimuli = ic.Stimuli.from_folder(folder)
    with pytest.raises(ic.FormatError, match=r"2 of 10 image files cannot be decoded.*img3.*img5"):
        ic.extract(network, stimuli, ["0"])
    (folder / "img4.png").unlink()
    with pytest.raises(ic.NotFoundError, match=r"1 of 10 image files are not there any more.*img4"):
        ic.extract(network, stimuli, ["0"])


def test_pictures_beyond_the_limit_and_beyond_memory(network, stimuli, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ic.FormatError, match="10 of 10 image files.*beyond Pillow's limit"):
        ic.extract(network, stimuli, ["0"])
    monkeypatch.undo()
    with pytest.raises(ic.StorageError, match="too little memory for a batch of 1048576"):
        loader._room(2**20, np.empty((3, 2**10, 2**10), np.float32))


def test_a_preprocessing_that_changes_its_type_is_told(tmp_path):
    Image.new("L", (4, 4)).save(tmp_path / "a.png")
    Image.fromarray(np.full((4, 4), 30000, np.uint16)).save(tmp_path / "b.png")
    stimuli = ic.Stimuli.from_folder(tmp_path)
    first = stimuli.read(0)
    with pytest.raises(ic.InputError, match="'b' is float32 after preprocessing, but .* uint8"):
        list(loader.batches(stimuli, [np.arange(2)], lambda pixels: pixels, first))
