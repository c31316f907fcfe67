"""Features in files: those of plain torch, in the folders and keys that Net2Brain has."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import isocortex as ic
from isocortex.compat.net2brain.evaluations.encoding import Linear_Encoding
from isocortex.compat.net2brain.feature_extraction import FeatureExtractor
from isocortex.compat.net2brain.netsets import top_level
from isocortex.compat.net2brain.rdm_creation import LayerRDM, RDMCreator
from isocortex.networks.zoo.torchvision_shim import torchvision

NAMES = ["img1", "img2", "img10", "file"]


class Small(nn.Module):
    """Its activation works in place, so that what came before is overwritten."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 7, stride=8)
        self.relu = nn.ReLU(inplace=True)
        self.pool = nn.AdaptiveAvgPool2d(3)
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(36, 5))

    def forward(self, x):
        return self.head(self.pool(self.relu(self.conv1(x))))


@pytest.fixture
def images(tmp_path, rng):
    folder = tmp_path / "stimuli"
    folder.mkdir()
    for i, name in enumerate(NAMES):
        pixels = rng.integers(0, 256, (40 + 5 * i, 60, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{name}.{'jpg' if i == 1 else 'png'}")
    (folder / "readme.md").write_text("no stimulus")
    return folder


@pytest.fixture
def module():
    torch.manual_seed(0)
    return Small()


def as_there(path):
    """Squashed to 256 x 256, of which the middle 224 are cut; normalized for ImageNet."""
    transforms = torchvision().transforms
    steps = transforms.Compose(
        [
            transforms.Resize((256, 256)),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    with Image.open(path) as image:
        return steps(image.convert("RGB"))[None]


def read(path):
    with np.load(path) as held:
        return dict(held)


def image_of(folder, name):
    return next(folder.glob(f"{name}.*"))


def test_features_are_those_of_torch_before_a_later_layer_changes_them(images, module, tmp_path):
    fx = FeatureExtractor(module, device="cpu")
    fx.extract(str(images), str(tmp_path / "out"), consolidate_per_layer=False)
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(f"{n}.npz" for n in NAMES)
    for name in NAMES:
        found = read(tmp_path / "out" / f"{name}.npz")
        # "head" goes, since its child "head.0" follows, and that has a number before no dot.
        assert list(found) == ["conv1", "relu", "pool", "head.0", "head.1"]
        with torch.no_grad():
            x = as_there(image_of(images, name))
            conv = module.conv1(x)
            truth = {"conv1": conv, "relu": conv.relu(), "head.1": module(x)}
        for layer, expected in truth.items():
            assert found[layer].dtype == np.float32
            np.testing.assert_allclose(found[layer], expected.numpy(), atol=1e-5)
        assert found["conv1"].min() < 0 <= found["relu"].min()


def test_one_file_for_each_layer_from_which_rdms_and_encoding_go_on(images, module, tmp_path):
    fx = FeatureExtractor(module)
    fx.extract(images, tmp_path / "one", ["conv1", "head.1"], consolidate_per_layer=False)
    separate = {name: read(tmp_path / "one" / f"{name}.npz") for name in NAMES}
    fx.consolidate_per_layer()
    assert sorted(p.name for p in (tmp_path / "one").iterdir()) == [
        "consolidated_conv1.npz", "consolidated_head.1.npz",
    ]  # fmt: skip
    together = read(tmp_path / "one" / "consolidated_conv1.npz")
    assert list(together) == ["file", "img1", "img2", "img10"]
    for name, array in together.items():
        np.testing.assert_array_equal(array, separate[name]["conv1"])
    RDMCreator().create_rdms(tmp_path / "one", tmp_path / "rdms")
    rdm = LayerRDM.from_file(tmp_path / "rdms" / "RDM_head_1.npz")
    rows = np.stack([separate[name]["head.1"].ravel() for name in rdm.stimuli_name])
    np.testing.assert_allclose(rdm.data, 1 - np.corrcoef(rows), atol=1e-6)
    np.save(tmp_path / "V1.npy", np.arange(12.0).reshape(4, 3) ** 2)
    table = Linear_Encoding(
        tmp_path / "one", tmp_path / "V1.npy", "m", 2, n_components=1,
        save_path=tmp_path / "scores", stimuli=NAMES,
    )  # fmt: skip
    assert table["Layer"].tolist() == ["conv1", "head.1"]


def test_functions_of_ones_own(images, module, tmp_path):
    seen = []

    def preprocess(image, model_name, device):
        seen.append((image.mode, model_name, device))
        small = np.asarray(image.resize((32, 32)), dtype=np.float32) / 255
        return torch.from_numpy(small).permute(2, 0, 1)[None]

    def run(batch, layers, model):
        assert not model.training
        return {layer: model.get_submodule(layer)(batch) for layer in layers}

    def clean(features):
        return {f"{layer} squared": value**2 for layer, value in features.items()}

    for name, given in {
        "one": {"preprocessor": preprocess},
        "all": {
            "preprocessor": preprocess, "extraction_function": run, "feature_cleaner": clean,
        },
    }.items():  # fmt: skip
        fx = FeatureExtractor(module.train(), **given)
        fx.extract(
            [image_of(images, n) for n in NAMES], tmp_path / name, ["conv1"],
            consolidate_per_layer=False,
        )  # fmt: skip
        assert module.training
    assert seen[0] == ("RGB", module, "cpu")
    for name in NAMES:
        with Image.open(image_of(images, name)) as image, torch.no_grad():
            expected = module.conv1(preprocess(image.convert("RGB"), "", "")).numpy()
        one = read(tmp_path / "one" / f"{name}.npz")
        np.testing.assert_allclose(one["conv1"], expected, atol=1e-6)
        squared = read(tmp_path / "all" / f"{name}.npz")
        np.testing.assert_allclose(squared["conv1 squared"], expected**2, atol=1e-6)


@pytest.mark.parametrize("method", ["pca", "srp"])
def test_fewer_features(images, module, tmp_path, method):
    fx = FeatureExtractor(module)
    how = {"n_components": 2, "max_dim_allowed": 10, "consolidate_per_layer": False}
    fx.extract(images, tmp_path / "few", ["conv1", "head.1"], dim_reduction=method, **how)
    found = read(tmp_path / "few" / "img2.npz")
    assert {layer: array.shape for layer, array in found.items()} == {
        "conv1": (2,), "head.1": (1, 5),
    }  # fmt: skip
    fx.extract(images, tmp_path / "all", ["conv1"], consolidate_per_layer=False)
    fx.reduce_dimensionality(method, n_components=2)
    np.testing.assert_allclose(read(tmp_path / "all" / "img2.npz")["conv1"], found["conv1"])
    if method == "pca":
        rows = [read(tmp_path / "few" / f"{name}.npz")["conv1"] for name in NAMES]
        np.testing.assert_allclose(np.mean(rows, 0), 0, atol=1e-3)


def test_names_of_the_netsets_that_are_here(images, tmp_path):
    fx = FeatureExtractor("Squeezenet1_1", "standard", pretrained=False)
    assert (fx.model_name, fx.netset_name) == ("Squeezenet1_1", "Standard")
    fx.extract([image_of(images, "img1")], tmp_path / "out", "json", consolidate_per_layer=False)
    found = read(tmp_path / "out" / "img1.npz")
    assert list(found) == fx.layers_to_extract
    assert found["features.0"].shape == (1, 64, 111, 111)
    with torch.no_grad():
        first = fx.model.features[0](as_there(image_of(images, "img1")))
    np.testing.assert_allclose(found["features.0"], first.numpy(), atol=1e-4)


@pytest.mark.parametrize(
    ("name", "n_top", "named"),
    [
        ("AlexNet", 21, [f"features.{i}" for i in (0, 3, 6, 8, 10)]),
        ("ResNet18", 10, ["layer1", "layer2", "layer3", "layer4"]),
        ("mobilenet_v2", 21, ["features", *(f"features.{i}" for i in range(19))]),
        ("ShuffleNetV2x05", None, ["conv1", "stage2", "stage3", "stage4", "conv5", "fc"]),
        ("mnasnet05", None, ["layers", *(f"layers.{i}" for i in range(17))]),
    ],
)
def test_layers_that_words_mean(name, n_top, named):
    fx = FeatureExtractor(name, "Standard", pretrained=False)
    assert n_top in (None, len(top_level(fx.get_all_layers())))
    assert fx.layers_to_extract == named


def test_networks_for_segmentation(images, tmp_path):
    fx = FeatureExtractor("lraspp_mobilenet_v3_large", "Pytorch", pretrained=False)
    assert fx.layers_to_extract == [f"backbone.{i}" for i in range(1, 17)]
    layers = ["backbone.1", "backbone.16"]
    fx.extract([image_of(images, "img1")], tmp_path / "out", layers, consolidate_per_layer=False)
    found = read(tmp_path / "out" / "img1.npz")
    assert {layer: array.shape for layer, array in found.items()} == {
        "backbone.1": (1, 16, 112, 112), "backbone.16": (1, 960, 14, 14),
    }  # fmt: skip


def test_says_what_is_wrong(images, module, tmp_path, rng):
    with pytest.raises(ValueError, match="needs the netset of 'alexnet'"):
        FeatureExtractor("alexnet")
    with pytest.raises(ic.InputError, match=r"no netset 'Standart'. Did you mean 'Standard'"):
        FeatureExtractor("AlexNet", "Standart")
    for netset in ("Cornet", "taskonomy", "Huggingface", "Pyvideo", "Yolo", "Unet", "Audio"):
        with pytest.raises(ic.InputError, match=f"(?i)'{netset}' are not made here: .* module"):
            FeatureExtractor("any", netset)
    with pytest.raises(ic.InputError, match="'Clip' has 'RN50'"):
        FeatureExtractor("ViT", "Clip")
    with pytest.raises(ic.InputError, match="device='tpu9'"):
        FeatureExtractor(module, device="tpu9")
    fx = FeatureExtractor(module)
    with pytest.raises(ic.InputError, match="call extract first"):
        fx.consolidate_per_layer()
    with pytest.raises(ic.InputError, match="settings name no layers of 'Small'"):
        fx.extract(images, tmp_path / "out", "json")
    with pytest.raises(
        ic.InputError, match=r"'conv2' is not a layer of Small. Did you mean 'conv1'\?"
    ):
        fx.extract(images, tmp_path / "out", ["conv2"])
    with pytest.raises(ic.InputError, match="dim_reduction"):
        fx.extract(images, tmp_path / "out", dim_reduction="umap")
    with pytest.raises(ic.InputError, match="no argument 'layers'"):
        fx.extract(images, tmp_path / "out", layers=["conv1"])
    Image.fromarray(rng.integers(0, 9, (8, 8, 3), dtype=np.uint8)).save(images / "img1.v2.png")
    with pytest.raises(ic.InputError, match=r"would share the file img1\.npz"):
        fx.extract(images, tmp_path / "out")
    (images / "clip.mp4").write_bytes(b"")
    with pytest.raises(ic.InputError, match=r"takes images, not 'clip\.mp4'"):
        fx.extract(images, tmp_path / "out")
