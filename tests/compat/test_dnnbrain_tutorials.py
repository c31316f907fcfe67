"""Two tutorials of DNNBrain, run as they are printed with ``dnnbrain`` replaced."""

import importlib
import os
import shlex
from itertools import islice

import h5py
import nibabel as nib
import numpy as np
import pytest
from matplotlib import pyplot as plt
from PIL import Image, ImageOps
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline

import isocortex as ic
from isocortex.compat.dnnbrain.dnn import models
from isocortex.compat.dnnbrain.dnn.core import Activation, Stimulus

MAP, PROBE = "000_d226d2dce0716304.txt", "001_a9c04e9ea0b94c40.txt"
RELU = [f"conv{i}_relu" for i in range(1, 6)]

# A file, its first line, and the indentation (lost in the text) of each line.
SAVING = "01112111233332333333333"
ZSCORE = (MAP, 6, "0000000111110")
UNIVARIATE = (MAP, 22, "0" * 28 + SAVING)
MULTIVARIATE = (MAP, 77, "0" * 25 + SAVING)
FIGURE = (MAP, 135, "0" * 15 + "1" + "0" * 9 + "111" + "001")
PRINTED = (MAP, 168, "0" * 11 + "111")
PROBING = (PROBE, 8, "0" * 8 + "1" * 18 + "2223223" + "00")
BARS = (PROBE, 44, "0" * 7 + "11" + "0" * 6 + "1222" + "0" * 15)

pytestmark = pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive:UserWarning")


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


class Tutorial:
    """Runs scripts and commands of the text in a folder, one after the other."""

    def __init__(self, folder, n_images, seeds, weights):
        self.folder, self.n_images = folder, n_images
        self.seeds, self.weights = seeds, weights
        self.names = {}

    def script(self, piece):
        file, first, levels = piece
        lines = (self.seeds / file).read_text().splitlines()[first - 1 :]
        pairs = zip(levels, lines[: len(levels)], strict=True)
        text = "\n".join("    " * int(level) + line for level, line in pairs)
        text = text.replace("from dnnbrain.", "from isocortex.compat.dnnbrain.")
        self.names = {}
        exec(compile(text, file, "exec"), self.names)

    def command(self, file, number):
        line = (self.seeds / file).read_text().splitlines()[number - 1]
        name, *flags = shlex.split(line)
        if name == "dnn_act":
            flags += ["-weights", str(self.weights)]
        module = importlib.import_module(f"isocortex.compat.dnnbrain.commands.{name}")
        assert module.main(flags) == 0, line


@pytest.fixture
def tutorial(shared, tmp_path, rng, monkeypatch, request):
    """The 92 images and their mirror images, with labels; of small ones two thirds."""
    if not (shared / "seeds" / MAP).is_file():
        pytest.skip("the texts of the tutorials are absent: no folder 'seeds'")
    monkeypatch.chdir(tmp_path)
    if not request.param:
        monkeypatch.setattr(models.AlexNet, "size", (64, 64))
    folder = tmp_path / "images = 184"
    folder.mkdir()
    names, labels = [], []
    kept = range(1, 93) if request.param else [*range(1, 33), *range(49, 81)]
    for i in kept:
        with Image.open(shared / "data/images92/images" / f"image_{i:02}.jpg") as image:
            image.convert("RGB").save(folder / f"{i:02}.png")
            ImageOps.mirror(image.convert("RGB")).save(folder / f"{i:02} mirrored.png")
        names += [f"{i:02}.png", f"{i:02} mirrored.png"]
        labels += [1 if i <= 48 else 2] * 2  # animate, inanimate
    stim = Stimulus({"type": "image", "path": str(folder)}, {"stimID": names, "label": labels})
    stim.save("all_5000scenes.stim.csv")
    weights = shared / "weights/alexnet_features"
    return Tutorial(tmp_path, len(names), shared / "seeds", weights)


def make_recording(rng):
    """Voxels that follow conv4_relu, in an int16 image with a scale, and a float mask."""
    activ = Activation()
    activ.load("AlexNet_relu.act.h5")
    layer = ic.reduce(activ.responses("conv4_relu"), "pca", 20)
    mask = np.zeros((6, 7, 5))
    mask[1:5, 2:6, 1:4] = 1
    signal = layer.values @ rng.normal(size=(20, int(mask.sum())))
    signal = signal / signal.std(0) + rng.normal(size=signal.shape)
    volumes = np.zeros((*mask.shape, len(signal)))
    volumes[mask > 0] = signal.T
    affine = np.diag([-3.0, 3, 3.5, 1])
    affine[:3, 3] = [20, -80, -10]
    image = nib.Nifti1Image(volumes, affine)
    image.set_data_dtype(np.int16)
    image.to_filename("beta_rh_all_run.nii.gz")
    nib.Nifti1Image(mask.astype(np.float32), affine).to_filename("VTC_mask_rh.nii.gz")
    return affine, mask > 0


both_sizes = pytest.mark.parametrize(
    "tutorial",
    [
        pytest.param(False, id="images of 64 pixels"),
        pytest.param(True, id="images of 224 pixels", marks=pytest.mark.slow),
    ],
    indirect=True,
)


@both_sizes
def test_map_between_dnn_and_brain(tutorial, rng, capsys, monkeypatch):
    # The script of that time has NumPy's old name for it.
    monkeypatch.setitem(vars(np), "object", object)
    tutorial.command(MAP, 4)
    # -cuda without a GPU is a sentence, then the CPU.
    assert "no GPU is there; using the CPU" in capsys.readouterr().err
    with h5py.File("AlexNet_relu.act.h5") as file:
        assert sorted(file) == RELU
        shapes = [file[layer].shape[:2] for layer in RELU]
    assert shapes == [(tutorial.n_images, n) for n in (64, 192, 384, 256, 256)]
    affine, mask = make_recording(rng)
    tutorial.script(ZSCORE)
    tutorial.script(UNIVARIATE)
    folder = "AlexNet_relu_zscore_PCA-100_glm_VTC-rh_cv-10_correlation"
    means = check_maps(tutorial, folder, affine, mask)
    check_univariate(tutorial, folder, mask)
    assert means["conv4_relu"] > max(means["conv1_relu"], 0.2)
    tutorial.script(MULTIVARIATE)
    folder = "AlexNet_relu_pls-10_VTC-rh_cv-10_correlation"
    check_maps(tutorial, folder, affine, mask)
    check_multivariate(tutorial, folder, mask)
    tutorial.command(MAP, 130)
    tutorial.command(MAP, 132)
    tutorial.command(MAP, 133)
    tutorial.script(FIGURE)
    assert len(plt.gcf().axes) == 12  # six RDMs and their colour bars
    plt.gcf().savefig("figure3.png")
    capsys.readouterr()
    tutorial.script(PRINTED)
    printed = capsys.readouterr().out.split()
    assert printed[2::4] == [f"{layer}:" for layer in RELU]
    values = [float(each) for each in printed[3::4]]
    np.testing.assert_allclose(values, expected_correlations(tutorial.n_images), atol=1e-6)
    assert np.argmax(values) in (2, 3, 4)


def check_maps(tutorial, folder, affine, mask):
    """Every layer has its files, of the shapes that DNNBrain gives them."""
    means = {}
    for layer in RELU:
        place = tutorial.folder / folder / layer
        assert sorted(file.name for file in place.iterdir()) == [
            "model.npy", "score.nii.gz", "score.npy",
        ]  # fmt: skip
        image = nib.load(place / "score.nii.gz")
        scores = np.load(place / "score.npy")
        assert scores.shape == (*mask.shape, 1, 10)
        assert image.get_data_dtype() == np.float32
        np.testing.assert_allclose(image.affine, affine, atol=1e-4)
        found = image.get_fdata().reshape(mask.shape)
        np.testing.assert_allclose(found[mask], scores[mask].mean((1, 2)), atol=1e-6)
        assert (found[~mask] == 0).all()
        means[layer] = found[mask].mean()
    return means


def check_univariate(tutorial, folder, mask):
    """The same as scikit-learn, fold by fold; the model predicts."""
    activ = Activation()
    activ.load("AlexNet_relu_zscore.act.h5")
    x = activ.get("conv5_relu").reshape(tutorial.n_images, -1).astype(np.float64)
    y = nib.load("beta_rh_all_run.nii.gz").get_fdata()[mask].T
    model = make_pipeline(PCA(100, svd_solver="full"), LinearRegression())
    expected = by_folds(model, x, y, 3)
    scores = np.load(tutorial.folder / folder / "conv5_relu" / "score.npy")[mask][:, 0]
    np.testing.assert_allclose(scores.T[:3], expected, atol=1e-6)
    fitted = tutorial.names["encode_dict"]["conv5_relu"]["model"]
    assert fitted.shape == (1, int(mask.sum()))
    assert list(fitted[0, 1:]) == ["m"] * (int(mask.sum()) - 1)
    predicted = model.fit(x, y).predict(x[:5])
    np.testing.assert_allclose(fitted[0, 0].predict(x[:5]), predicted, atol=1e-3)


def check_multivariate(tutorial, folder, mask):
    activ = Activation()
    activ.load("AlexNet_relu.act.h5")
    x = activ.get("conv5_relu").reshape(tutorial.n_images, -1).astype(np.float64)
    y = nib.load("beta_rh_all_run.nii.gz").get_fdata()[mask].T
    expected = by_folds(PLSRegression(10, tol=1e-7, max_iter=10000), x, y, 1)
    scores = np.load(tutorial.folder / folder / "conv5_relu" / "score.npy")[mask][:, 0]
    # scikit-learn stops before it has converged.
    np.testing.assert_allclose(scores.T[:1], expected, atol=5e-3)


def by_folds(model, x, y, n_folds=10):
    """Correlations of the first folds of ten."""
    scores = []
    for train, test in islice(KFold(10).split(x), n_folds):
        predicted = model.fit(x[train], y[train]).predict(x[test])
        pairs = zip(predicted.T, y[test].T, strict=True)
        scores.append([np.corrcoef(p, m)[0, 1] for p, m in pairs])
    return np.array(scores)


def expected_correlations(n_images):
    """The last numbers once more, from the files of activations, by numpy alone."""
    volumes = nib.load("beta_rh_all_run.nii.gz").get_fdata()
    mask = nib.load("VTC_mask_rh.nii.gz").get_fdata() > 0
    upper = np.triu_indices(n_images, 1)
    brain = 1 - np.corrcoef(volumes[mask].T)[upper]
    found = []
    with h5py.File("AlexNet_relu_zscore_PCA-100.act.h5") as file:
        assert file["conv1_relu"].shape == (n_images, 100, 1, 1)
        for layer in RELU:
            layer_rdm = 1 - np.corrcoef(file[layer][:, :, 0, 0])[upper]
            found.append(np.corrcoef(brain, layer_rdm)[0, 1])
    return found


@both_sizes
@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
def test_probe_dnn(tutorial, request):
    # The weights at hand end with conv5, and this text asks for fc1 and fc2: random weights
    # for all at 64 pixels; real convolutions below random fully connected layers at 224.
    if models.AlexNet.size == (64, 64):
        tutorial.weights = "none"
    else:
        tutorial.weights = with_random_end(tutorial)
    tutorial.command(PROBE, 5)
    tutorial.command(PROBE, 6)
    tutorial.script(PROBING)
    tutorial.script(BARS)
    assert [bar.get_height() for bar in plt.gca().patches] == pytest.approx(
        tutorial.names["ys"].ravel().tolist()
    )
    plt.gcf().savefig("figure1.png")
    scores = np.load("AlexNet_PCA-100_lrc_label_cv-10/conv5/score.npy")
    assert scores.shape == (1, 1, 10)
    activ, stim = Activation(), Stimulus()
    activ.load("AlexNet.act.h5")
    stim.load("all_5000scenes.stim.csv")
    x = activ.get("conv5").reshape(tutorial.n_images, -1).astype(np.float64)
    model = make_pipeline(PCA(100, svd_solver="full"), LogisticRegression())
    folds = StratifiedKFold(10)
    expected = cross_val_score(model, x, stim.get("label"), cv=folds)
    np.testing.assert_allclose(scores[0, 0], expected, atol=0.11)  # a stimulus on the border
    assert abs(scores.mean() - expected.mean()) < 0.02
    assert activ.get("fc2").shape == (tutorial.n_images, 4096, 1, 1)


def with_random_end(tutorial):
    """A file of weights with real convolutions and random fully connected layers."""
    import torch
    from safetensors.torch import load_file

    network = ic.load_network("alexnet", weights=None)
    state = network.module.state_dict()
    state.update(load_file(tutorial.weights / "model.safetensors"))
    torch.save(state, "alexnet.pth")
    return os.path.abspath("alexnet.pth")  # noqa: PTH100


@pytest.mark.parametrize("tutorial", [False], indirect=True)
def test_layers_without_weights_are_a_sentence(tutorial, capsys):
    from isocortex.compat.dnnbrain.commands import dnn_act

    flags = shlex.split("-net AlexNet -layer fc1 -stim all_5000scenes.stim.csv -out a.act.h5")
    assert dnn_act.main([*flags, "-weights", str(tutorial.weights)]) == 1
    words = capsys.readouterr().err
    assert "dnn_act: AlexNet cannot give 'fc1': it depends on weights" in words
    assert "'conv5_maxpool'" in words
