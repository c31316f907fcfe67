import numpy as np
import pytest
import torch
from PIL import Image

import isocortex as ic
from isocortex.networks.inputs.preprocessing import AS_THEY_ARE, IMAGENET
from isocortex.networks.zoo.torchvision_shim import torchvision


@pytest.fixture
def pixels(rng):
    return rng.integers(0, 256, (301, 260, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    "name", ["alexnet", "resnet50", "efficientnet_b1", "swin_t", "inception_v3"]
)
@pytest.mark.parametrize("size", [(301, 260), (180, 400), (37, 20)])
def test_it_equals_torchvision(name, size, rng):
    from isocortex.networks.zoo.torchvision import _preprocessing

    pixels = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
    theirs = torchvision().models.get_model_weights(name).DEFAULT.transforms()
    expected = theirs(Image.fromarray(pixels)).numpy()
    np.testing.assert_allclose(_preprocessing(theirs)(pixels), expected, atol=1e-6)


@pytest.mark.parametrize(
    "name", ["tf_efficientnet_lite0", "vit_tiny_patch16_224", "beit_base_patch16_224"]
)
def test_it_equals_timm(name, pixels):
    timm = pytest.importorskip("timm")
    from isocortex.networks.zoo.timm import timm_preprocessing

    with torch.device("meta"):
        module = timm.create_model(name)
    theirs = timm.data.create_transform(**timm.data.resolve_model_data_config(module))
    expected = theirs(Image.fromarray(pixels)).numpy()
    np.testing.assert_allclose(timm_preprocessing(module)(pixels), expected, atol=1e-6)


@pytest.mark.parametrize(
    "config",
    [
        {"size": {"height": 48, "width": 40}, "image_mean": [0.5] * 3, "image_std": [0.5] * 3},
        {
            "size": {"shortest_edge": 64},
            "crop_size": {"height": 56, "width": 56},
            "do_center_crop": True,
            "resample": 3,
            "image_mean": [0.4] * 3,
            "image_std": [0.3] * 3,
        },
    ],
)
def test_it_equals_transformers(config, pixels):
    transformers = pytest.importorskip("transformers")
    from isocortex.networks.zoo.transformers import transformers_preprocessing

    kind = "CLIPImageProcessor" if "crop_size" in config else "ViTImageProcessor"
    processor = getattr(transformers, f"{kind}Pil", None) or getattr(transformers, kind)
    expected = processor(**config)(Image.fromarray(pixels), return_tensors="np")["pixel_values"][0]
    ours = transformers_preprocessing(None, config)(pixels)
    # Their quicker processors resize by other means than Pillow, to within a grey level or two.
    np.testing.assert_allclose(ours, expected, atol=0.05)
    assert np.abs(ours - expected).mean() < 0.01


def test_pixels_as_they_are(pixels):
    np.testing.assert_array_equal(AS_THEY_ARE(pixels), pixels.transpose(2, 0, 1) / np.float32(255))
    floats = np.linspace(-3, 3, 3 * 4 * 5, dtype=np.float32).reshape(3, 4, 5)
    np.testing.assert_array_equal(AS_THEY_ARE(floats), floats)
    np.testing.assert_array_equal(AS_THEY_ARE(floats[0]), floats[:1])
    np.testing.assert_array_equal(AS_THEY_ARE(floats.transpose(1, 2, 0)), floats)
    assert AS_THEY_ARE.input_shape is None


def test_grey_and_colour():
    grey = np.arange(64, dtype=np.uint8).reshape(8, 8)
    three = ic.Preprocessing(mean=(0.1, 0.2, 0.3))(grey)
    np.testing.assert_allclose(three[1], grey / 255 - 0.2, atol=1e-6)
    one = ic.Preprocessing(mean=(0.0,))
    colour = np.stack([grey, grey[::-1], grey.T], -1)
    expected = np.asarray(Image.fromarray(colour).convert("L")) / 255
    np.testing.assert_allclose(one(colour)[0], expected, atol=1.01 / 255)
    with pytest.raises(
        ic.InputError, match="An image has 2 channels, but the preprocessing is for 3"
    ):
        IMAGENET(np.zeros((2, 300, 300), np.float32))


def test_floats_are_resized_like_pixels(pixels):
    squash = ic.Preprocessing(resize=(32, 32))
    np.testing.assert_allclose(squash(pixels / 255.0), squash(pixels), atol=1.01 / 255)


def test_it_leaves_its_input_alone(pixels):
    pixels.flags.writeable = False
    before = pixels.copy()
    IMAGENET(pixels)
    floats = np.ones((3, 5, 5), np.float32)
    floats.flags.writeable = False
    ic.Preprocessing(mean=(0.5,) * 3)(floats)
    np.testing.assert_array_equal(pixels, before)


def test_shapes_and_mistakes():
    assert IMAGENET.input_shape == (3, 224, 224)
    assert IMAGENET.replace(crop=None).input_shape is None
    assert ic.Preprocessing(resize=(20, 30), mean=(0,)).input_shape == (1, 20, 30)
    with pytest.raises(ic.InputError, match="interpolation='cubic' is not known. Did you mean"):
        ic.Preprocessing(interpolation="cubic")
    with pytest.raises(ic.InputError, match="mean has 3 entries and std 1"):
        ic.Preprocessing(mean=(0, 0, 0), std=(1,))
    with pytest.raises(ic.InputError, match="preprocessing='imagnet' is not known. Did you mean"):
        ic.load_network("alexnet", None, preprocessing="imagnet")
