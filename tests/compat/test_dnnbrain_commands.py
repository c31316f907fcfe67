import importlib
import shlex
import tomllib
from pathlib import Path

import h5py
import nibabel as nib
import numpy as np
import pytest
from nibabel import cifti2, gifti
from PIL import Image
from scipy.spatial.distance import pdist
from scipy.stats import zscore
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold

import isocortex as ic
from isocortex.compat.dnnbrain.brain.io import (
    extract_brain_activation,
    load_brainimg,
    save_brainimg,
)
from isocortex.compat.dnnbrain.dnn import models
from isocortex.compat.dnnbrain.dnn.core import Activation, Mask, Stimulus
from isocortex.compat.dnnbrain.dnn.models import DNN, NETWORKS, AlexNet
from isocortex.networks.zoo.torchvision_shim import torchvision

AFFINE = np.diag([-3.0, 3, 3.5, 1])


def run(line):
    name, *flags = shlex.split(line)
    return importlib.import_module(f"isocortex.compat.dnnbrain.commands.{name}").main(flags)


@pytest.fixture
def files(tmp_path, rng, monkeypatch):
    """Activations, a recording with a mask of two regions, regions, and stimuli with labels."""
    monkeypatch.chdir(tmp_path)
    activ = Activation()
    activ.set("conv1", rng.normal(size=(18, 4, 2, 3)).astype(np.float32))
    activ.set("fc1", rng.normal(size=(18, 6, 1, 1)))
    activ.save("a.act.h5")
    mask = np.zeros((3, 4, 2), np.int16)
    mask[1, :, 0], mask[2, 1:3, 1] = 1, 12
    volumes = rng.normal(size=(3, 4, 2, 18)).astype(np.float32)
    nib.Nifti1Image(volumes, AFFINE).to_filename("beta.nii.gz")
    nib.Nifti1Image(mask, AFFINE).to_filename("mask.nii.gz")
    assert run("brain_roi -nif beta.nii.gz -mask mask.nii.gz -out r.roi.h5") == 0
    header = {"type": "image", "path": "nowhere"}
    names = [f"{i}.png" for i in range(18)]
    labels = np.tile([7, 3, 5], 6)
    stim = Stimulus(header, {"stimID": names, "label": labels, "RT": rng.random(18)})
    stim.save("s.stim.csv")
    return activ, volumes, mask, labels


def read(path):
    with h5py.File(path) as file:
        return {key: file[key][()] for key in file}


def test_every_command_is_installed():
    text = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text()
    scripts = tomllib.loads(text)["project"]["scripts"]
    old = {name: where for name, where in scripts.items() if ".dnnbrain." in where}
    assert len(old) == 11
    for name, where in old.items():
        module, function = where.split(":")
        assert module.endswith(f".{name}")
        assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize("name", ["dnn_act", "dnn_rsa", "db_encode"])
def test_help_names_the_flags(name, capsys):
    with pytest.raises(SystemExit) as stop:
        run(f"{name} --help")
    assert stop.value.code == 0
    assert "-layer" in capsys.readouterr().out


def test_dnn_mask_and_pool(files):
    activ = files[0]
    assert run("dnn_mask -act a.act.h5 -layer conv1 -chn 3 1 -out b.act.h5") == 0
    np.testing.assert_array_equal(read("b.act.h5")["conv1"], activ.get("conv1")[:, [2, 0]])
    Mask("conv1", columns=[2]).save("m.dmask.csv")
    assert run("dnn_mask -act a.act.h5 -dmask m.dmask.csv -out b.act.h5") == 0
    np.testing.assert_array_equal(read("b.act.h5")["conv1"], activ.get("conv1")[..., [1]])
    assert run("dnn_pool -act a.act.h5 -meth L2 -out p.act.h5") == 0
    pooled = read("p.act.h5")
    assert pooled["conv1"].shape == (18, 4, 1, 1)
    expected = np.linalg.norm(activ.get("conv1").reshape(18, 4, -1), axis=2)
    np.testing.assert_allclose(pooled["conv1"][..., 0, 0], expected, rtol=1e-5)
    np.testing.assert_allclose(pooled["fc1"], np.abs(activ.get("fc1")))
    assert run("dnn_mask -act a.act.h5 -layer conv1 fc1 -chn 2 4 -out b.act.h5") == 0
    assert read("b.act.h5")["fc1"].shape == (18, 1, 1, 1)


def test_dnn_fe(files):
    assert run("dnn_fe -act a.act.h5 -meth pca 5 -out b.act.h5") == 0
    assert {key: array.shape for key, array in read("b.act.h5").items()} == {
        "conv1": (18, 5, 1, 1), "fc1": (18, 5, 1, 1),
    }  # fmt: skip
    assert run("dnn_fe -act a.act.h5 -layer conv1 -meth hist 4 -axis chn -out b.act.h5") == 0
    assert read("b.act.h5")["conv1"].shape == (18, 4, 2, 3)
    assert run("dnn_fe -act a.act.h5 -layer conv1 -meth psd 3 -axis row_col -out b.act.h5") == 0
    assert read("b.act.h5")["conv1"].shape == (18, 4, 3, 1)
    assert run("dnn_fe -act a.act.h5 -meth pca 0.9 -out b.act.h5") == 0
    assert read("b.act.h5")["fc1"].shape[1] < 6


@pytest.mark.parametrize(
    "metric", ["correlation", "euclidean", "cosine", "sqeuclidean", "cityblock", "chebyshev"]
)
def test_dnn_rsa(files, metric):
    activ, _, _, labels = files
    x = activ.get("conv1").reshape(18, -1).astype(float)
    assert run(f"dnn_rsa -act a.act.h5 -metric {metric} -out d.rdm.h5") == 0
    np.testing.assert_allclose(read("d.rdm.h5")["conv1"], pdist(x, metric)[None], rtol=1e-5)
    flags = "-zscore -cate s.stim.csv -layer conv1"
    assert run(f"dnn_rsa -act a.act.h5 {flags} -metric {metric} -out d.rdm.h5") == 0
    z = zscore(x, axis=1)
    means = np.stack([z[labels == label].mean(0) for label in (3, 5, 7)])
    np.testing.assert_allclose(read("d.rdm.h5")["conv1"][0], pdist(means, metric), rtol=1e-5)


def test_dnn_rsa_of_channels_and_positions(files):
    x = files[0].get("conv1").astype(float)
    assert run("dnn_rsa -act a.act.h5 -layer conv1 -iteraxis channel -out d.rdm.h5") == 0
    expected = np.stack([pdist(x[:, i].reshape(18, -1)) for i in range(4)])
    np.testing.assert_allclose(read("d.rdm.h5")["conv1"], expected, rtol=1e-5)
    assert run("dnn_rsa -act a.act.h5 -layer conv1 -iteraxis row_col -out d.rdm.h5") == 0
    expected = np.stack([pdist(x[:, :, i // 3, i % 3]) for i in range(6)])
    np.testing.assert_allclose(read("d.rdm.h5")["conv1"], expected, rtol=1e-5)


def test_brain_rsa_and_roi(files):
    _, volumes, mask, _ = files
    assert (
        run("brain_rsa -nif beta.nii.gz -bmask mask.nii.gz -metric correlation -out b.rdm.h5") == 0
    )
    found = read("b.rdm.h5")
    assert sorted(found) == ["1", "12"]
    np.testing.assert_allclose(found["1"], pdist(volumes[mask == 1].T, "correlation"), rtol=1e-5)
    assert run("brain_rsa -nif beta.nii.gz -bmask mask.nii.gz -roi 12 -out b.rdm.h5") == 0
    assert sorted(read("b.rdm.h5")) == ["12"]
    assert run("brain_roi -nif beta.nii.gz -mask mask.nii.gz -method max -out x.roi.h5") == 0
    with h5py.File("x.roi.h5") as file:
        assert list(file.attrs["roi"]) == ["1", "12"]
        np.testing.assert_allclose(file["data"][:, 1], volumes[mask == 12].max(0))


def folds_of(x, y):
    scores = []
    for train, test in KFold(3).split(x):
        predicted = LinearRegression().fit(x[train], y[train]).predict(x[test])
        left = ((y[test] - predicted) - (y[test] - predicted).mean(0)) ** 2
        whole = (y[test] - y[test].mean(0)) ** 2
        scores.append(1 - left.sum(0) / whole.sum(0))
    return np.array(scores).T


def test_db_encode_gives_arrays_and_a_map(files):
    activ, volumes, mask, _ = files
    line = "db_encode -anal mv -act a.act.h5 -layer fc1 -resp beta.nii.gz -bmask mask.nii.gz"
    assert run(f"{line} -model glm -out out") == 0
    scores = np.load("out/fc1/score.npy")
    assert scores.shape == (3, 4, 2, 1, 3)
    expected = folds_of(activ.get("fc1").reshape(18, -1), volumes[mask > 0].T)
    np.testing.assert_allclose(scores[mask > 0][:, 0], expected, atol=1e-6)
    image = nib.load("out/fc1/score.nii.gz")
    found = image.get_fdata().reshape(mask.shape)
    np.testing.assert_allclose(found[mask > 0], expected.mean(1), atol=1e-5)
    np.testing.assert_array_equal(image.affine, AFFINE)
    assert Path("out/fc1/model.npy").stat().st_size > 0
    line = "db_encode -anal uv -act a.act.h5 -layer conv1 -iteraxis channel -resp r.roi.h5"
    assert run(f"{line} -roi 12 -model glm -scoring correlation -cv 4 -out out") == 0
    assert np.load("out/conv1/channel/score.npy").shape == (4, 1, 4)
    assert np.load("out/conv1/channel/location.npy").shape == (4, 1, 3)


def test_surfaces_and_grayordinates_are_encoded_too(files, rng):
    rows = rng.normal(size=(18, 9)).astype(np.float32)
    inside = np.arange(9) % 3 > 0
    gifti.GiftiImage(darrays=[gifti.GiftiDataArray(row) for row in rows]).to_filename("b.func.gii")
    gifti.GiftiImage(darrays=[gifti.GiftiDataArray(inside.astype(np.float32))]).to_filename(
        "m.func.gii"
    )
    axis = cifti2.BrainModelAxis.from_mask(np.ones(9, bool), "CORTEX_LEFT")
    names = cifti2.ScalarAxis([f"{i}" for i in range(18)])
    cifti2.Cifti2Image(rows, header=(names, axis)).to_filename("b.dscalar.nii")
    line = "db_encode -anal mv -act a.act.h5 -layer fc1 -model glm -out o"
    expected = folds_of(files[0].get("fc1").reshape(18, -1), rows)
    assert run(f"{line} -resp b.func.gii -bmask m.func.gii") == 0
    scores = np.load("o/fc1/score.npy")
    assert scores.shape == (9, 1, 1, 1, 3)
    np.testing.assert_allclose(scores[inside, 0, 0, 0], expected[inside], atol=1e-6)
    written = nib.load("o/fc1/score.func.gii").darrays[0].data
    np.testing.assert_allclose(written[inside], expected[inside].mean(1), atol=1e-5)
    assert run(f"{line} -resp b.dscalar.nii") == 0
    written = nib.load("o/fc1/score.dscalar.nii").get_fdata()
    np.testing.assert_allclose(written[0], expected.mean(1), atol=1e-5)


def test_db_decode_probe_and_corr(files):
    line = "db_decode -anal mv -act a.act.h5 -layer conv1 -resp r.roi.h5 -model glm -out out"
    assert run(line) == 0
    assert np.load("out/conv1/score.npy").shape == (4, 2, 3, 3)
    assert (
        run("dnn_probe -anal mv -act a.act.h5 -stim s.stim.csv -beh label -model lrc -out p") == 0
    )
    assert np.load("p/fc1/score.npy").shape == (1, 1, 3)
    line = "dnn_probe -anal mv -act a.act.h5 -stim s.stim.csv -beh RT -model glm -out p"
    assert run(line) == 0  # without -scoring, which was an error once
    assert run("db_corr -act a.act.h5 -layer fc1 -resp r.roi.h5 -out c") == 0
    assert Path("c/fc1/score.csv").read_text().splitlines()[0] == "1,12"
    line = "db_corr -act a.act.h5 -layer conv1 -iteraxis row_col -resp beta.nii.gz"
    assert run(f"{line} -bmask mask.nii.gz -out c") == 0
    assert nib.load("c/conv1/row_col/score.nii.gz").shape == (3, 4, 2, 6)
    assert np.load("c/conv1/row_col/location.npy").shape == (3, 4, 2, 6, 3)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("dnn_mask -act a.act.h5 -layer conv2 -out b.act.h5", "no layer 'conv2'. Did you mean"),
        ("dnn_mask -act a.act.h5 -chn 1 -out b.act.h5", "-chn needs -layer"),
        ("dnn_mask -act b.act.h5 -out c.act.h5", "There is no file 'b.act.h5'"),
        ("dnn_mask -act a.act.h5 -layer conv1 -chn 9 -out b.act.h5", "numbers go from 1 to 4"),
        ("dnn_fe -act a.act.h5 -meth ica 3 -out b.act.h5", "'ica' is not known"),
        ("dnn_rsa -act a.act.h5 -metric taxi -out d.rdm.h5", "'taxi' is not a distance of scipy"),
        ("brain_rsa -nif beta.nii.gz -bmask mask.nii.gz -roi 2 -out b.rdm.h5", "-roi 2 is not in"),
        (
            "db_encode -anal mv -act a.act.h5 -resp r.roi.h5 -bmask m -model glm -out o",
            "-bmask is for images",
        ),
        (
            "db_encode -anal mv -act a.act.h5 -resp beta.nii.gz -roi V1 -model glm -out o",
            r"-roi is for .roi.h5 files",
        ),
        ("db_corr -act a.act.h5 -resp x.csv -out o", "must be an image or a .roi.h5 file"),
        (
            "dnn_probe -anal mv -act a.act.h5 -stim s.stim.csv -beh RT -model corr -out o",
            "-model corr is for -anal uv",
        ),
        (
            "dnn_probe -anal mv -act a.act.h5 -stim s.stim.csv -beh age -model glm -out o",
            "no item 'age'",
        ),
        ("dnn_act -net Alexnet -stim s.stim.csv -out a.act.h5", "Did you mean 'AlexNet'"),
        ("dnn_act -net AlexNet -stim s.stim.csv -out a.h5", "must end in .act.h5"),
        (
            "dnn_act -net AlexNet -weights none -layer conv1 -stim s.stim.csv -out b.act.h5",
            "18 of 18 images are not there",
        ),
    ],
)
def test_faults_are_sentences_on_stderr(files, line, words, capsys):
    assert run(line) == 1
    assert words in capsys.readouterr().err


def test_constant_channels_do_not_stop_correlations(files, capsys):
    activ = files[0]
    x = activ.get("conv1").copy()
    x[:, 2] = 0
    Activation("conv1", x).save("z.act.h5")
    assert run("db_corr -act z.act.h5 -iteraxis channel -resp r.roi.h5 -out c") == 0
    assert Path("c/conv1/channel/score.csv").read_text().splitlines()[3] == "nan,nan"


@pytest.mark.filterwarnings("default::UserWarning")
def test_constant_voxels_are_counted_in_a_sentence(files, capsys):
    _, volumes, mask, _ = files
    volumes[tuple(np.argwhere(mask == 1)[0])] = 3
    nib.Nifti1Image(volumes, AFFINE).to_filename("beta.nii.gz")
    line = "db_encode -anal mv -act a.act.h5 -layer fc1 -resp beta.nii.gz -bmask mask.nii.gz"
    assert run(f"{line} -model glm -out out") == 0
    words = capsys.readouterr().err
    assert words.startswith("db_encode: ")
    assert "1 of 6" in words
    scores = np.load("out/fc1/score.npy")
    assert np.isnan(scores[tuple(np.argwhere(mask == 1)[0])]).all()


# ---- images as arrays -------------------------------------------------------------------


def test_volumes_come_first(files):
    _, volumes, mask, _ = files
    data, header = load_brainimg("beta.nii.gz")
    np.testing.assert_array_equal(data, volumes.transpose(3, 0, 1, 2))
    found, _ = load_brainimg("mask.nii.gz", ismask=True)
    np.testing.assert_array_equal(found, mask)
    for name in ("out.nii.gz", "out.nii", "out.mgz"):
        save_brainimg(name, data[:2], header if name != "out.mgz" else _mgh_header(data))
        again, _ = load_brainimg(name)
        np.testing.assert_allclose(again, data[:2], rtol=1e-6)
    np.testing.assert_array_equal(nib.load("out.nii").affine, AFFINE)
    with pytest.raises(ic.InputError, match="has 18 volumes; a mask has one"):
        load_brainimg("beta.nii.gz", ismask=True)
    with pytest.raises(ic.InputError, match="no image that is known"):
        load_brainimg("beta.txt")
    with pytest.raises(ic.InputError, match="needs \\(n_volumes, x, y, z\\)"):
        save_brainimg("x.nii", data[0], header)


def _mgh_header(data):
    return nib.MGHImage(data.transpose(1, 2, 3, 0), AFFINE).header


def test_an_integer_header_does_not_round_the_scores(files, rng):
    nib.Nifti1Image(np.zeros((3, 4, 2), np.int16), AFFINE).to_filename("int.nii.gz")
    _, header = load_brainimg("int.nii.gz")
    scores = rng.normal(size=(1, 3, 4, 2)).astype(np.float32)
    save_brainimg("scores.nii.gz", scores, header)
    np.testing.assert_array_equal(load_brainimg("scores.nii.gz")[0], scores)


def test_surface_masks_fit_surface_data(tmp_path, rng):
    rows = rng.normal(size=(3, 20)).astype(np.float32)
    arrays = [gifti.GiftiDataArray(row) for row in rows]
    gifti.GiftiImage(darrays=arrays).to_filename(tmp_path / "a.func.gii")
    gifti.GiftiImage(darrays=[gifti.GiftiDataArray((rows[0] > 0).astype(np.float32))]).to_filename(
        tmp_path / "m.func.gii"
    )
    data, header = load_brainimg(tmp_path / "a.func.gii")
    mask, _ = load_brainimg(tmp_path / "m.func.gii", ismask=True)
    assert data[:, mask.astype(bool)].shape == (3, (rows[0] > 0).sum())
    save_brainimg(tmp_path / "b.func.gii", data, header)
    np.testing.assert_array_equal(load_brainimg(tmp_path / "b.func.gii")[0], data)


def test_responses_of_regions(files):
    _, volumes, mask, _ = files
    data = volumes.transpose(3, 0, 1, 2)
    first, second = extract_brain_activation(data, mask, [1, 12], "std")
    np.testing.assert_allclose(first, volumes[mask == 1].std(0), rtol=1e-5)
    (voxels,) = extract_brain_activation(data, mask, [12], "voxel")
    assert voxels.shape == (18, 2)
    assert second.shape == (18,)
    with pytest.raises(ic.InputError, match="has the label 5"):
        extract_brain_activation(data, mask, [5])
    with pytest.raises(ic.InputError, match=r"mask has shape \(2, 4, 2\)"):
        extract_brain_activation(data, mask[:2], [1])


# ---- networks ---------------------------------------------------------------------------


@pytest.fixture
def images(tmp_path, rng):
    names = []
    for i in range(5):
        names.append(f"{i}.png")
        Image.fromarray(rng.integers(0, 255, (30, 40, 3), np.uint8)).save(tmp_path / names[-1])
    return Stimulus({"type": "image", "path": str(tmp_path)}, {"stimID": [*names, names[0]]})


class SmallAlexNet(AlexNet):
    size = (64, 64)


@pytest.fixture(scope="module")
def alexnet():
    return SmallAlexNet(pretrained=False)


class Small(DNN):
    """A network of one's own, with torchvision's way of preprocessing."""

    def __init__(self):
        from torch import nn

        transforms = torchvision().transforms
        super().__init__()
        self.model = nn.Sequential(
            nn.Conv2d(3, 4, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 6)
        )
        self.layer2loc = {"first": ("0",), "second": ("1",), "fc": ("4",)}
        self.img_size = (20, 20)
        self.test_transform = transforms.Compose(
            [transforms.Resize(self.img_size), transforms.ToTensor()]
        )


def test_activations_equal_a_plain_forward_pass(alexnet, images):
    import torch

    mask = Mask("conv1", channels=[3, 1])
    mask.set("conv1_relu")
    mask.set("fc1")
    activ = alexnet.compute_activation(images, mask)
    assert activ.layers == ["conv1", "conv1_relu", "fc1"]
    assert activ.shape("fc1") == (6, 4096, 1, 1)
    np.testing.assert_array_equal(activ.get("conv1")[5], activ.get("conv1")[0])
    pixels = np.stack([np.asarray(Image.open(images.folder / n)) for n in images.get("stimID")])
    batch = np.stack([alexnet.test_transform(each) for each in pixels])
    with torch.no_grad():
        conv = alexnet.layer2module("conv1")(torch.as_tensor(batch)).numpy()
    np.testing.assert_allclose(activ.get("conv1"), conv[:, [2, 0]], atol=1e-5)
    np.testing.assert_allclose(activ.get("conv1_relu"), np.maximum(conv, 0), atol=1e-5)
    again = alexnet.compute_activation(pixels.transpose(0, 3, 1, 2), Mask("fc1"))
    np.testing.assert_allclose(again.get("fc1"), activ.get("fc1"), atol=1e-5)


@pytest.mark.parametrize("method", ["max", "median", "L1"])
def test_pooling_while_extracting(images, method):
    net, mask = Small(), Mask("second", channels=[4, 2])
    mask.set("fc")
    whole, pooled = (net.compute_activation(images, mask, how) for how in (None, method))
    for layer in ("second", "fc"):
        expected = whole.pool(method).get(layer)
        np.testing.assert_allclose(pooled.get(layer), expected, rtol=1e-4, atol=1e-5)
    part = Mask("second", rows=[1, 2])
    pooled = net.compute_activation(images, part, method)
    expected = net.compute_activation(images, part).pool(method)
    np.testing.assert_array_equal(pooled.get("second"), expected.get("second"))


def test_layers_and_kernels(alexnet, images):
    assert alexnet.layers[:4] == ["conv1", "conv1_relu", "conv1_maxpool", "conv2"]
    assert alexnet.layers[-1] == "fc3"
    assert alexnet.get_kernel("conv1", [2, 4]).shape == (2, 3, 11, 11)
    with pytest.raises(ic.InputError, match="no layer 'conv9'"):
        alexnet.get_kernel("conv9")
    with pytest.raises(ic.InputError, match="uint8 of shape"):
        alexnet.compute_activation(np.zeros((2, 8, 8, 3)), Mask("conv1"))
    images.header["type"] = "video"
    with pytest.raises(ic.InputError, match="type 'video' are not extracted"):
        alexnet.compute_activation(images, Mask("conv1"))


def test_silenced_channels_are_silent_and_weights_are_saved(images, tmp_path):
    net = Small()
    before = net.compute_activation(images, Mask("first")).get("first")
    net.ablate("first", [2, 4])
    after = net.compute_activation(images, Mask("first")).get("first")
    assert (after[:, [1, 3]] == 0).all()  # the bias went as well
    np.testing.assert_array_equal(after[:, [0, 2]], before[:, [0, 2]])
    net.save(tmp_path / "mine.pth")
    again = ic.load_network(Small().model, weights=tmp_path / "mine.pth")
    np.testing.assert_array_equal(again.module[0].weight.detach().numpy(), net.get_kernel("first"))


def test_a_network_of_one_s_own(images):
    activ = Small().compute_activation(images, Mask("second"))
    assert activ.shape("second") == (6, 4, 16, 16)
    with pytest.raises(ic.InputError, match="needs its model and layer2loc"):
        DNN().network()


def test_corrected_names_and_transforms():
    import torch

    vgg19_bn = torchvision().models.vgg19_bn
    from isocortex.compat.dnnbrain.dnn.vgg_face import vgg_face
    from isocortex.networks.aliases import aliases_of

    assert set(NETWORKS) >= {"AlexNet", "Vgg11", "Resnet152", "InceptionV3"}
    with torch.device("meta"):
        vgg, face = vgg19_bn(), vgg_face()
    names = aliases_of(vgg)
    kinds = [type(vgg.get_submodule(names[n])).__name__ for n in ("conv1_bn", "conv1_relu")]
    assert kinds == ["BatchNorm2d", "ReLU"]
    assert len(names) == 58
    parts = [name for name, _ in face.named_children()]
    assert parts[:5] == ["conv1_1", "relu1_1", "conv1_2", "relu1_2", "pool1"]
    assert [face.get_submodule(n).out_features for n in ("fc6", "fc7", "fc8")] == [4096, 4096, 2622]
    pixels = np.full((224, 224, 3), 200, np.uint8)
    means = [129.186279296875, 104.76238250732422, 93.59396362304688]
    transform = models.VggFace.__new__(models.VggFace)._transform()
    np.testing.assert_allclose(transform(pixels)[:, 0, 0], 200 - np.array(means), rtol=1e-4)
    with pytest.raises(ic.InputError, match="cannot be downloaded"):
        models.VggFace()
