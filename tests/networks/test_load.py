import sys

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import isocortex as ic
from isocortex.networks.zoo.torchvision_shim import torchvision


class Twice(nn.Module):
    """One ReLU that is called twice, and a container that only hands on."""

    def __init__(self, scale=1.0):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True))
        self.conv = nn.Conv2d(4, 5, 3)
        self.relu = nn.ReLU(inplace=True)
        self.drop = nn.Dropout()
        self.fc = nn.Linear(5, 2)
        self.scale = scale

    def forward(self, x):
        x = self.relu(self.conv(self.stem(x)))
        x = self.relu(x * self.scale)
        return self.fc(self.drop(x.mean((2, 3))))


def test_torchvision_can_be_imported():
    assert torchvision().models.alexnet
    assert sys.modules["torchvision"] is torchvision()


def test_layers_stand_in_the_order_of_execution():
    network = ic.load_network(Twice())
    assert network.layers == ("stem.0", "stem.1", "conv", "relu", "relu#2", "fc")
    assert network.name == "Twice"


def test_a_container_that_hands_on_can_be_asked_for(rng):
    network = ic.load_network(Twice())
    batch = rng.normal(size=(2, 3, 8, 8)).astype(np.float32)
    given = network.activations(batch, ["stem", "stem.1", "drop"])
    np.testing.assert_array_equal(given["stem"], given["stem.1"])
    assert list(given) == ["stem.1", "stem", "drop"]


def test_random_weights_follow_their_seed():
    one, same, other = (ic.load_network("squeezenet1_1", None, seed=s) for s in (3, 3, 4))
    key = "features.0.weight"
    first = one.module.state_dict()[key]
    assert torch.equal(first, same.module.state_dict()[key])
    assert not torch.equal(first, other.module.state_dict()[key])


def test_a_seed_leaves_the_global_generator_alone_and_none_uses_it():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    ic.load_network("squeezenet1_1", None, seed=3)
    assert torch.equal(before, torch.get_rng_state())
    from_global = ic.load_network("squeezenet1_1", None, seed=None)
    assert not torch.equal(before, torch.get_rng_state())
    torch.manual_seed(5)
    plain = torchvision().models.squeezenet1_1(weights=None)
    key = "features.0.weight"
    assert torch.equal(from_global.module.state_dict()[key], plain.state_dict()[key])


def test_a_module_stays_as_it_is_unless_weights_are_asked_for():
    module = Twice()
    before = module.fc.weight.clone()
    assert ic.load_network(module).module is module
    fresh = ic.load_network(module, None, seed=9)
    assert fresh.module is not module
    assert not torch.equal(fresh.module.fc.weight, before)
    assert torch.equal(module.fc.weight, before)


def test_weights_come_from_a_file_or_a_folder(tmp_path):
    trained = Twice()
    torch.save(
        {"state_dict": {f"module.{k}": v for k, v in trained.state_dict().items()}},
        tmp_path / "a.pth",
    )
    (tmp_path / "folder").mkdir()
    save_file(trained.state_dict(), tmp_path / "folder" / "model.safetensors")
    for path in (tmp_path / "a.pth", str(tmp_path / "folder")):
        loaded = ic.load_network(Twice(), path)
        assert torch.equal(loaded.module.conv.weight, trained.conv.weight)
        assert not loaded.missing


def test_what_depends_on_missing_weights_is_absent_and_says_why(tmp_path):
    state = {k: v for k, v in Twice().state_dict().items() if not k.startswith("conv.")}
    save_file(state, tmp_path / "part.safetensors")
    network = ic.load_network(Twice(), tmp_path / "part.safetensors")
    assert network.layers == ("stem.0", "stem.1")
    assert network.missing == ("conv.weight", "conv.bias")
    with pytest.raises(ic.InputError, match=r"cannot give 'fc'.*conv\.weight.*last layer.*stem\.1"):
        network.select("fc")
    with pytest.raises(ic.InputError, match="'nothing' is not a layer"):
        network.select("nothing")


def test_weights_that_do_not_fit_name_the_keys(tmp_path):
    state = Twice().state_dict()
    save_file({**state, "extra.weight": torch.zeros(2)}, tmp_path / "more.safetensors")
    with pytest.raises(ic.InputError, match=r"1 names that the network lacks \('extra\.weight'\)"):
        ic.load_network(Twice(), tmp_path / "more.safetensors")
    save_file({**state, "fc.weight": torch.zeros(3, 3)}, tmp_path / "shape.safetensors")
    with pytest.raises(ic.InputError, match=r"fc\.weight \(3, 3\) instead of \(2, 5\)"):
        ic.load_network(Twice(), tmp_path / "shape.safetensors")


def test_weights_that_cannot_be_read(tmp_path):
    with pytest.raises(ic.NotFoundError, match="no weights at"):
        ic.load_network("alexnet", tmp_path / "nowhere")
    with pytest.raises(ic.NotFoundError, match="has no weights"):
        ic.load_network("alexnet", tmp_path)
    (tmp_path / "bad.pth").write_bytes(b"not a checkpoint")
    with pytest.raises(ic.FormatError, match=r"bad\.pth.*cannot be read as weights"):
        ic.load_network("alexnet", tmp_path / "bad.pth")
    (tmp_path / "cut.safetensors").write_bytes(b"\x20\0\0\0\0\0\0\0{")
    with pytest.raises(ic.FormatError, match="is not a safetensors file, or is truncated"):
        ic.load_network("alexnet", tmp_path / "cut.safetensors")
    (tmp_path / "worse.pth").write_bytes(b"")
    (tmp_path / "cut.safetensors").unlink()
    with pytest.raises(ic.InputError, match="has 2 files of weights"):
        ic.load_network("alexnet", tmp_path)


def test_a_pickled_module_is_not_executed(tmp_path):
    torch.save(Twice(), tmp_path / "whole.pth")
    with pytest.raises(ic.FormatError, match="state_dict of plain tensors"):
        ic.load_network("alexnet", tmp_path / "whole.pth")


def test_unknown_networks():
    with pytest.raises(ic.InputError, match="'alexnt' is not a network.*Did you mean 'alexnet'"):
        ic.load_network("alexnt")
    with pytest.raises(ic.InputError, match="needs a name, a folder or a torch.nn.Module, not int"):
        ic.load_network(3)


def test_default_weights_without_a_network(monkeypatch):
    from urllib.error import URLError

    from torch import hub

    def offline(*_args, **_kwargs):
        raise URLError("no route")

    monkeypatch.setattr(hub, "load_state_dict_from_url", offline)
    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", offline)
    with pytest.raises(ic.NotFoundError, match="could not be fetched.*Are you offline"):
        ic.load_network("squeezenet1_1")
    with pytest.raises(ic.NotFoundError, match="no weights that could be downloaded"):
        ic.load_network("cifar10_resnet20")


def test_layers_can_be_restricted():
    network = ic.load_network("alexnet", None, layers=["conv1", "conv2_relu"])
    assert network.layers == ("conv1", "conv2_relu")
    assert list(network.select("all")) == ["conv1", "conv2_relu"]
    with pytest.raises(ic.InputError, match="'conv9' is not a layer"):
        ic.load_network("alexnet", None, layers=["conv9"])


def test_a_module_whose_input_cannot_be_guessed():
    class Odd(nn.Module):
        def forward(self, x):
            raise RuntimeError("never")

    with pytest.raises(ic.InputError, match="shape of this module's input could not be found"):
        _ = ic.load_network(Odd()).layers


def test_modes_of_modules_come_back():
    module = Twice().train()
    module.drop.eval()
    _ = ic.load_network(module).layers
    assert module.training
    assert not module.drop.training
    assert not module.conv._forward_hooks


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("deit_tiny_patch16_224", 64),
        ("coatnet_pico_rw_224", 96),
        ("crossvit_tiny_240", 96),
        ("mixer_s32_224", 96),
        ("resnet10t", None),
    ],
)
def test_a_module_of_timm_takes_pictures_of_the_size_it_was_built_for(name, size):
    torchvision()
    timm = pytest.importorskip("timm")
    asked = {} if size is None else {"img_size": size}
    network = ic.load_network(timm.create_model(name, pretrained=False, **asked).eval())
    pixels = np.random.default_rng(0).integers(0, 256, (70, 60, 3), dtype=np.uint8)
    assert network.preprocessing(pixels).shape[1:] == 2 * (size or 176,)
    if name.startswith("deit"):
        store = ic.extract(network, ic.Stimuli.from_arrays([pixels]), "norm")
        assert store["norm"].numpy().shape == (1, 17 * 192)


def test_networks_of_timm_bring_their_preprocessing_and_layers():
    network = ic.load_network("tf_efficientnet_lite0", None)
    assert network.preprocessing == ic.Preprocessing(
        256, (224, 224), (0.5,) * 3, (0.5,) * 3, "bicubic"
    )
    assert "blocks.1.0" in network.select("main")


def test_networks_of_transformers_bring_theirs(tmp_path):
    transformers = pytest.importorskip("transformers")
    config = transformers.ViTConfig(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=32,
        patch_size=8,
    )
    network = ic.load_network(config, None, seed=2)
    assert network.input_shape == (3, 32, 32)
    blocks = [name for name in network.select("main") if name.split(".")[-1].isdigit()]
    assert len(blocks) == 2
    assert network.layer(blocks[0]).axes == ("token", "unit")
    assert network.layer(blocks[0]).shape == (17, 16)

    network.module.save_pretrained(tmp_path)
    again = ic.load_network(str(tmp_path))
    batch = np.random.default_rng(0).normal(size=(2, 3, 32, 32)).astype(np.float32)
    for name, values in network.activations(batch, blocks).items():
        np.testing.assert_array_equal(values, again.activations(batch, name)[name])
    with pytest.raises(ic.InputError, match="A configuration has no weights"):
        ic.load_network(config)


def test_what_a_checkpoint_of_transformers_lacks_is_absent(tmp_path):
    transformers = pytest.importorskip("transformers")
    config = transformers.ViTConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=16,
        patch_size=8,
    )
    transformers.ViTForImageClassification(config).save_pretrained(tmp_path)
    network = ic.load_network(str(tmp_path))
    assert network.missing == ("pooler.dense.bias", "pooler.dense.weight")
    assert "layernorm" in network.layers
    assert not any("pooler" in name for name in network.layers)


def test_the_seeing_half_of_a_model_for_images_and_text():
    transformers = pytest.importorskip("transformers")
    tiny = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1}
    tiny["num_attention_heads"] = 2
    config = transformers.CLIPConfig(
        vision_config={**tiny, "image_size": 16, "patch_size": 8}, text_config=tiny
    )
    network = ic.load_network(config, None)
    assert network.input_shape == (3, 16, 16)
    assert any(name.endswith("layers.0") for name in network.layers)


def test_names_of_old_densenet_files(tmp_path):
    module = torchvision().models.densenet._DenseLayer(4, 2, 2, 0.0)
    block = nn.ModuleDict({"denselayer1": module})
    old = {
        key.replace("norm1", "norm.1").replace("norm2", "norm.2").replace("conv1", "conv.1"): value
        for key, value in block.state_dict().items()
    }
    torch.save(old, tmp_path / "old.pth")
    fresh = nn.ModuleDict({"denselayer1": torchvision().models.densenet._DenseLayer(4, 2, 2, 0.0)})
    assert ic.load_network(fresh, tmp_path / "old.pth").missing == ()


@pytest.mark.parametrize(
    ("name", "n_missing"),
    [
        ("alexnet_features", 6),
        ("squeezenet1_1", 0),
        ("tf_efficientnet_lite0", 0),
        ("cifar10_resnet20", 0),
    ],
)
def test_real_weights_load(shared, name, n_missing):
    network = ic.load_network(name.removesuffix("_features"), shared / "weights" / name)
    assert len(network.missing) == n_missing
    assert all(
        np.isfinite(v).all()
        for v in network.activations(
            np.zeros((1, *network.input_shape), np.float32), "all"
        ).values()
    )


def test_a_library_that_is_not_installed_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(
        ic.InputError, match=r"timm is not installed: pip install 'isocortex\[timm\]'"
    ):
        ic.load_network("tf_efficientnet_lite0", weights=None)
