"""Every kind of network from every source: equal to passes of single stimuli, or a sentence."""

import numpy as np
import pytest
import torch
from torch import nn

import isocortex as ic
from isocortex.networks.zoo.torchvision_shim import torchvision

# Scripting and quantizing are old ways, and people's networks are old.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

N = 3


def claim(net, shape, singles, *, tolerance=1e-5, refused=0):
    """Each layer of a network equals passes of single stimuli, but for some that are refused."""
    net = net.eval()
    torch.manual_seed(1)
    pixels = torch.randn(N, *shape)
    some = next((each for each in net.parameters() if each.is_floating_point()), None)
    kind = torch.float32 if some is None else some.dtype
    network = ic.load_network(net, preprocessing=ic.Preprocessing())
    stimuli = ic.Stimuli.from_arrays(list(pixels.numpy()))
    layers = network.trace(shape).layers
    good = [each.name for each in layers if not each.mixed and not each.unstable]
    store = ic.extract(network, stimuli, good, batch_size=2)
    right = singles(net, pixels.to(kind), good)
    assert set(right) == set(good)
    for name in good:
        scale = max(1.0, np.abs(right[name]).max())
        np.testing.assert_allclose(
            store[name].numpy() / scale, right[name] / scale, atol=tolerance, err_msg=name
        )
    bad = {each.name: each.mixed or each.unstable for each in layers if each.name not in good}
    assert (len(bad) > 0) == (refused > 0), bad
    if bad:
        with pytest.raises(ic.InputError, match=r"cannot give '"):
            ic.extract(network, stimuli, list(bad))
    return network


TINY = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    "image_size": 32,
    "patch_size": 8,
}
STAGES = {
    "embed_dim": 16,
    "depths": [1, 1],
    "num_heads": [1, 2],
    "image_size": 32,
    "window_size": 4,
}
FOUR = {
    "depths": [1, 1, 1, 1],
    "hidden_sizes": [8, 16, 16, 24],
    "num_attention_heads": [1, 1, 2, 2],
    "num_encoder_blocks": 4,
}
TRANSFORMERS = {
    "ViT": TINY,
    "DeiT": TINY,
    "Beit": TINY,
    "Data2VecVision": TINY,
    "Dinov2": TINY,
    "Dinov2WithRegisters": TINY,
    "DINOv3ViT": TINY,
    "DINOv3ConvNext": {"depths": [1, 1, 1, 1], "hidden_sizes": [8, 16, 16, 24]},
    "CLIPVision": TINY,
    "SiglipVision": TINY,
    "IJepa": TINY,
    "ViTMSN": TINY,
    "Yolos": {**TINY, "image_size": [32, 32], "num_detection_tokens": 4},
    "Swin": STAGES,
    "Swinv2": STAGES,
    "DonutSwin": STAGES,
    "FocalNet": {"embed_dim": 16, "depths": [1, 1], "image_size": 32},
    "Segformer": FOUR,
    "Pvt": {**FOUR, "image_size": 64},
    "PvtV2": {**FOUR, "image_size": 64},
    "PoolFormer": {"depths": [1, 1, 1, 1], "hidden_sizes": [8, 16, 16, 24]},
    "ConvNext": {"depths": [1, 1, 1, 1], "hidden_sizes": [8, 16, 16, 24]},
    "ConvNextV2": {"depths": [1, 1, 1, 1], "hidden_sizes": [8, 16, 16, 24]},
    "ResNet": {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1]},
    "RegNet": {
        "embedding_size": 8,
        "hidden_sizes": [16, 16],
        "depths": [1, 1],
        "groups_width": 8,
    },
    "Bit": {"embedding_size": 32, "hidden_sizes": [32, 32], "depths": [1, 1], "num_groups": 4},
    "MobileNetV2": {"depth_multiplier": 0.35},
    "MobileViT": {"hidden_sizes": [16, 16, 16], "neck_hidden_sizes": [8] * 7, "image_size": 64},
    "Hiera": {
        "embed_dim": 8,
        "image_size": [64, 64],
        "depths": [1, 1, 1],
        "num_heads": [1, 2, 2],
        "num_query_pool": 2,
        "masked_unit_size": [4, 4],
        "query_stride": [2, 2],
    },
    "SwiftFormer": {"depths": [1, 1, 1, 1], "embed_dims": [8, 8, 16, 16]},
    "ViTMAE": TINY,
}
QUICK = {"ViT", "Swin", "ViTMAE", "DINOv3ViT"}


def some_slow(names, quick):
    return [n if n in quick else pytest.param(n, marks=pytest.mark.slow) for n in names]


@pytest.mark.parametrize("name", some_slow(TRANSFORMERS, QUICK))
def test_networks_of_transformers(name, singles):
    torchvision()
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    config = getattr(transformers, f"{name}Config")(**TRANSFORMERS[name])
    net = getattr(transformers, f"{name}Model")(config)
    size = TRANSFORMERS[name].get("image_size", 64)
    size = size[0] if isinstance(size, list) else size
    claim(net, (3, size, size), singles, refused=name == "ViTMAE")


SMALL_SWIN = {
    "img_size": 64,
    "patch_size": 4,
    "window_size": 4,
    "embed_dim": 16,
    "depths": (1, 2),
    "num_heads": (2, 4),
}
SMALL_VIT = {"img_size": 32, "patch_size": 8, "embed_dim": 24, "depth": 2, "num_heads": 2}
AS_THEY_ARE = (
    "test_byobnet",
    "test_coatnet",
    "test_convnext",
    "test_convnext2",
    "test_convnext3",
    "test_efficientnet",
    "test_efficientnet_evos",
    "test_efficientnet_gn",
    "test_efficientnet_ln",
    "test_mambaout",
    "test_maxvit",
    "test_nfnet",
    "test_resnet",
    "test_vit",
    "test_vit2",
    "test_vit3",
    "test_vit4",
    "test_vit_relpos",
    "resnet10t",
    "resnet14t",
    "mobilenetv3_small_050",
    "lcnet_035",
    "tinynet_e",
    "mixnet_s",
    "regnetx_002",
    "regnety_002",
    "ghostnet_050",
    "mnasnet_small",
    "convnext_atto",
    "edgenext_xx_small",
    "mobilevit_xxs",
    "mobilevitv2_050",
    "fastvit_t8",
    "repvit_m0_9",
    "efficientvit_m0",
    "efficientvit_b0",
    "starnet_s1",
    "hardcorenas_a",
    "spnasnet_100",
    "semnasnet_075",
    "dla46x_c",
    "hgnetv2_b0",
    "ese_vovnet19b_dw",
    "rexnet_100",
    "res2next50",
    "densenet121",
)
TIMM = {
    **{name: {} for name in AS_THEY_ARE},
    "swin_tiny_patch4_window7_224": SMALL_SWIN,
    "swinv2_tiny_window8_256": SMALL_SWIN,
    "deit_tiny_patch16_224": SMALL_VIT,
    "deit_tiny_distilled_patch16_224": SMALL_VIT,
    "beit_base_patch16_224": SMALL_VIT,
    "eva02_tiny_patch14_224": SMALL_VIT,
    "cait_xxs24_224": SMALL_VIT,
    "xcit_nano_12_p8_224": SMALL_VIT,
    "mixer_s32_224": {"img_size": 64},
    "resmlp_12_224": {"img_size": 64},
    "gmlp_ti16_224": {"img_size": 64},
    "pvt_v2_b0": {"depths": (1, 1, 1, 1)},
    "twins_svt_small": {"depths": (1, 1, 1, 1)},
    "levit_128s": {},
    "pit_ti_224": {},
    "coat_lite_tiny": {},
    "crossvit_9_240": {},
    "gcvit_xxtiny": {},
    "maxvit_rmlp_pico_rw_256": {},
    "hiera_tiny_224": {"stages": (1, 1, 1, 1), "embed_dim": 24},
    "tnt_s_patch16_224": {"img_size": 32, "depth": 2},
    "visformer_tiny": {},
}
TIMM_QUICK = {"test_vit", "swin_tiny_patch4_window7_224", "test_byobnet"}


@pytest.mark.parametrize("name", some_slow(TIMM, TIMM_QUICK))
def test_networks_of_timm(name, singles):
    torchvision()
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    net = timm.create_model(name, num_classes=10, **TIMM[name])
    size = TIMM[name].get("img_size")
    shape = (3, size, size) if size else net.pretrained_cfg["input_size"]
    claim(net, shape, singles)


class Recurrent(nn.Module):
    """Rows of pixels are the time steps."""

    def __init__(self, batch_first):
        super().__init__()
        self.lstm = nn.LSTM(48, 6, 2, batch_first=batch_first)
        self.head = nn.Linear(6, 2)
        self.batch_first = batch_first

    def forward(self, x):
        steps = x.transpose(1, 2).flatten(2)
        out, _ = self.lstm(steps if self.batch_first else steps.transpose(0, 1))
        return self.head(out.mean(1 if self.batch_first else 0))


class Video(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv3d(1, 5, (1, 4, 4), (1, 4, 4)), nn.LayerNorm(5)

    def forward(self, x):
        return self.norm(self.conv(x[:, None]).permute(0, 2, 3, 4, 1))


def small_swin():
    return torchvision().models.SwinTransformer([4, 4], 16, [1, 1], [2, 4], [2, 2], num_classes=3)


def small_vit():
    return torchvision().models.VisionTransformer(16, 4, 2, 2, 16, 32, num_classes=3)


KINDS = {
    "conv": lambda: nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(784, 3)
    ),
    "residual": lambda: ic.load_network("cifar10_resnet20", None).module,
    "hierarchical transformer": small_swin,
    "plain transformer": small_vit,
    "recurrent": lambda: Recurrent(True),
    "recurrent, time first": lambda: Recurrent(False),
    "1-D": lambda: nn.Sequential(nn.Flatten(2), nn.Conv1d(3, 6, 9), nn.ReLU()),
    "3-D": Video,
}
WAYS = {
    "as it is": lambda net: net,
    "DataParallel": nn.DataParallel,
    "bfloat16": lambda net: net.bfloat16(),
    "double": lambda net: net.double(),
    "quantized": lambda net: torch.ao.quantization.quantize_dynamic(net, {nn.Linear}),
    "compiled": torch.compile,
}


@pytest.mark.parametrize("way", some_slow(WAYS, set(WAYS) - {"compiled"}))
@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_networks_in_all_ways_to_bring_them(kind, way, singles):
    torch.manual_seed(0)
    net = WAYS[way](KINDS[kind]().eval())
    if kind == "hierarchical transformer" and way == "quantized":
        with pytest.raises(ic.InputError, match="cannot take stimuli.*TypeError: linear"):
            claim(net, (3, 16, 16), singles)
        return
    # Dynamic quantization scales by the batch: its linear layers and what follows.
    quantized = way == "quantized" and kind not in ("1-D", "3-D")
    tolerance = 0.02 if way == "bfloat16" else 1e-5
    claim(net, (3, 16, 16), singles, tolerance=tolerance, refused=quantized)


@pytest.mark.parametrize("kind", ["conv", "residual", "1-D", "3-D"])
def test_scripted_networks_are_told_that_they_cannot_be_listened_to(kind):
    scripted = torch.jit.trace(KINDS[kind]().eval(), torch.zeros(2, 3, 16, 16))
    with pytest.raises(ic.InputError, match="is a ScriptModule"):
        ic.extract(ic.load_network(scripted, preprocessing=ic.Preprocessing()), _images(), "all")


def _images(shape=(3, 16, 16)):
    pixels = np.random.default_rng(0).random((N, *shape)).astype(np.float32)
    return ic.Stimuli.from_arrays(list(pixels))


CNN = ("channel", "row", "col")
AXES = {
    "channels as many as rows": (nn.Sequential(nn.Conv2d(3, 16, 1)), "0", CNN),
    "norm of a map": (nn.Sequential(nn.Conv2d(3, 16, 1), nn.GroupNorm(4, 16)), "1", CNN),
    "activation of a map": (nn.Sequential(nn.Conv2d(3, 16, 1), nn.GELU()), "1", CNN),
    "flattened map": (nn.Sequential(nn.Conv2d(3, 4, 1), nn.Flatten(2)), "1", ("channel", "token")),
    "conv over a sequence": (KINDS["1-D"](), "1", ("channel", "token")),
    "vector": (nn.Sequential(nn.Flatten(), nn.Linear(768, 16)), "1", ("unit",)),
    "video, channels last": (Video(), "norm", ("frame", "row", "col", "channel")),
    "video": (Video(), "conv", ("channel", "frame", "row", "col")),
    "recurrent": (Recurrent(True), "lstm", ("time", "unit")),
    "recurrent, time first": (Recurrent(False), "lstm", ("time", "unit")),
}


@pytest.mark.parametrize("case", AXES)
def test_axes_follow_from_modules_not_from_sizes(case):
    net, layer, axes = AXES[case]
    network = ic.load_network(net.eval(), preprocessing=ic.Preprocessing())
    store = ic.extract(network, _images(), [layer])
    assert network.layer(layer, (3, 16, 16)).axes == axes
    assert tuple(store[layer].units.columns) == axes


@pytest.mark.parametrize("size", [(16, 16), (16, 24)])
def test_maps_with_channels_last_are_pooled_over_space(size):
    torch.manual_seed(0)
    net = small_swin().eval()
    network = ic.load_network(net, preprocessing=ic.Preprocessing())
    stimuli = _images((3, *size))
    pooled = ic.extract(network, stimuli, ["features.1", "norm", "features.0.0"], pooling="mean")
    x = torch.from_numpy(np.stack(stimuli.sources))
    right = net.features[:2](x).mean((1, 2)).detach()
    np.testing.assert_allclose(pooled["features.1"].numpy(), right, atol=1e-5)
    assert [each.n_units for each in pooled.values()] == [16, 16, 32]
    assert list(pooled["norm"].units) == ["channel"]


class Unknown(nn.Module):
    """Channels, rows and columns in a way that only its author knows."""

    def __init__(self):
        super().__init__()
        self.conv, self.mix = nn.Conv2d(3, 4, 4, 4), nn.Identity()

    def forward(self, x):
        return self.mix(torch.einsum("nchw->nwch", self.conv(x)) * 2.0)


def test_pooling_over_unknown_axes_is_refused_and_axes_can_be_said(tmp_path):
    net = Unknown().eval()
    network, stimuli = ic.load_network(net, preprocessing=ic.Preprocessing()), _images()
    whole = ic.extract(network, stimuli, ["mix"])["mix"]
    assert list(whole.units) == ["axis 0", "axis 1", "axis 2"]
    with pytest.raises(ic.InputError, match=r"pooling= needs to know.*'mix'.*axes=\{'mix': "):
        ic.extract(network, stimuli, ["conv", "mix"], pooling="mean")
    axes = ("col", "channel", "row")
    for said in (axes, {"mix": axes}, {"m*": axes}):
        pooled = ic.extract(network, stimuli, ["mix"], pooling="max", axes=said)["mix"]
        x = torch.from_numpy(np.stack(stimuli.sources))
        right = (net.conv(x) * 2).amax((2, 3)).detach()
        np.testing.assert_allclose(pooled.numpy(), right, atol=1e-5)
        assert list(pooled.units) == ["channel"]
    path = tmp_path / "s.zarr"
    ic.extract(network, stimuli, ["mix"], path, pooling="max", axes=axes)
    with pytest.raises(ic.InputError, match="other pooling"):
        ic.extract(network, stimuli, ["mix"], path, pooling="max", axes=("col", "row", "channel"))


@pytest.mark.parametrize(
    ("axes", "match"),
    [
        ({"other": ("unit",)}, "names 'other', which is none of the layers"),
        ({"mix": ("token", "unit")}, r"'mix'.*shape \(4, 4, 4\): there must be 3 different"),
        ({"mix": ("row", "row", "unit")}, "3 different names"),
        ({"mix": "rcu"}, "must be a tuple of names"),
    ],
)
def test_axes_that_do_not_fit(axes, match):
    network = ic.load_network(Unknown().eval(), preprocessing=ic.Preprocessing())
    with pytest.raises(ic.InputError, match=match):
        ic.extract(network, _images(), ["mix"], axes=axes)


def test_a_masked_autoencoder_has_a_way_out(singles):
    torchvision()
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)

    class Whole(nn.Module):
        def __init__(self):
            super().__init__()
            self.mae = transformers.ViTMAEModel(transformers.ViTMAEConfig(**TINY, mask_ratio=0.0))

        def forward(self, x):
            return self.mae(x, noise=torch.arange(16.0).expand(len(x), -1))

    network = claim(Whole(), (3, 32, 32), singles)
    assert network.layer("mae.layers.1", (3, 32, 32)).shape == (17, 32)
