"""Every kind of network from every source: equal to passes of single stimuli, or a sentence."""

import numpy as np
import pytest
import torch

import isocortex as ic
from isocortex.networks.torchvision_shim import torchvision

# Scripting and quantising are old ways, and people's networks are old.
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
    bad = [each.name for each in layers if each.name not in good]
    assert (len(bad) > 0) == (refused > 0), bad
    if bad:
        with pytest.raises(ic.InputError, match=r"cannot give '"):
            ic.extract(network, stimuli, bad)
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
    "mixer_s32_224": {"img_size": 32, "patch_size": 8, "embed_dim": 24, "num_blocks": 2},
    "resmlp_12_224": {"img_size": 32, "patch_size": 8, "embed_dim": 24, "num_blocks": 2},
    "gmlp_ti16_224": {"img_size": 32, "patch_size": 8, "embed_dim": 24, "num_blocks": 2},
    "poolformer_s12": {"layers": (1, 1, 1, 1), "embed_dims": (8, 8, 16, 16)},
    "pvt_v2_b0": {"depths": (1, 1, 1, 1)},
    "twins_svt_small": {"depths": (1, 1, 1, 1)},
    "levit_128s": {},
    "pit_ti_224": {},
    "coat_lite_tiny": {},
    "crossvit_9_240": {},
    "gcvit_xxtiny": {},
    "maxvit_rmlp_pico_rw_256": {},
    "focalnet_tiny_srf": {"depths": (1, 1, 1, 1), "embed_dim": 16},
    "davit_tiny": {"depths": (1, 1, 1, 1), "embed_dims": (16, 16, 32, 32)},
    "hiera_tiny_224": {"stages": (1, 1, 1, 1), "embed_dim": 24},
    "tnt_s_patch16_224": {"img_size": 32, "depth": 2},
    "visformer_tiny": {},
    "volo_d1_224": {"img_size": 64, "layers": (1, 1, 1, 1)},
}
TIMM_QUICK = {"test_vit", "swin_tiny_patch4_window7_224", "gmlp_ti16_224"}


@pytest.mark.parametrize("name", some_slow(TIMM, TIMM_QUICK))
def test_networks_of_timm(name, singles):
    torchvision()
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    net = timm.create_model(name, num_classes=10, **TIMM[name])
    size = TIMM[name].get("img_size")
    shape = (3, size, size) if size else net.pretrained_cfg["input_size"]
    claim(net, shape, singles)
