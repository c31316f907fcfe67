"""Networks of transformers: images only, nothing of a folder is run, and each says what it is."""

import contextlib
import json

import numpy as np
import pytest
import torch

import isocortex as ic
from isocortex.networks.zoo.torchvision_shim import torchvision

torchvision()
transformers = pytest.importorskip("transformers")

TINY = {
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
}
SEEING = {**TINY, "image_size": 16, "patch_size": 8}

IMAGES = {
    "vit": lambda: transformers.ViTConfig(**SEEING),
    "dinov2": lambda: transformers.Dinov2Config(**SEEING),
    "swin": lambda: transformers.SwinConfig(
        image_size=32, patch_size=4, embed_dim=8, depths=[1, 1], num_heads=[1, 2], window_size=4
    ),
    "convnext": lambda: transformers.ConvNextConfig(
        hidden_sizes=[8, 16], depths=[1, 1], num_stages=2, image_size=32
    ),
    "clip": lambda: transformers.CLIPConfig(vision_config=SEEING, text_config=TINY),
    "siglip": lambda: transformers.SiglipConfig(vision_config=SEEING, text_config=TINY),
    "blip": lambda: transformers.BlipConfig(vision_config=SEEING, text_config=TINY),
}
OTHERS = {
    "bert": ("text", lambda: transformers.BertConfig(**TINY)),
    "gpt2": ("text", lambda: transformers.GPT2Config(n_embd=16, n_layer=1, n_head=2)),
}
RECORDED = {
    "wav2vec2": (
        "audio",
        lambda: transformers.Wav2Vec2Config(
            **TINY, conv_dim=(8,), conv_stride=(4,), conv_kernel=(4,), num_feat_extract_layers=1
        ),
    ),
    "whisper": (
        "audio",
        lambda: transformers.WhisperConfig(
            d_model=16,
            encoder_layers=1,
            decoder_layers=1,
            encoder_attention_heads=2,
            decoder_attention_heads=2,
        ),
    ),
    "videomae": ("video", lambda: transformers.VideoMAEConfig(**SEEING)),
    "timesformer": ("video", lambda: transformers.TimesformerConfig(**SEEING)),
}


REFUSED = {
    "text": "has no tokenizer|and has no tokenizer",
}
"""What is told of networks for other senses; text is read by those that have their tokenizer."""


def model(config):
    torch.manual_seed(0)
    return transformers.AutoModel.from_config(config).eval()


@pytest.mark.parametrize("name", IMAGES)
def test_a_network_for_images_is_one_and_the_same_from_each_source(name, tmp_path):
    module = model(IMAGES[name]())
    module.save_pretrained(tmp_path)
    given, saved = ic.load_network(module), ic.load_network(tmp_path)
    drawn = ic.load_network(IMAGES[name](), weights=None, seed=1)
    assert given.layers == saved.layers == drawn.layers
    assert given.input_shape == saved.input_shape == drawn.input_shape
    batch = np.random.default_rng(0).normal(size=(2, *given.input_shape)).astype(np.float32)
    for layer, values in given.activations(batch).items():
        np.testing.assert_array_equal(values, saved.activations(batch, layer)[layer])
    assert given.weights == "as in the module"
    assert saved.weights == str(tmp_path)
    assert drawn.weights == "random, seed 1"
    assert saved.missing == ()


@pytest.mark.parametrize("name", OTHERS)
def test_a_network_for_other_senses_says_which(name, tmp_path):
    sense, config = OTHERS[name]
    module = model(config())
    module.save_pretrained(tmp_path)
    for source, weights in ((module, "default"), (config(), None), (tmp_path, "default")):
        with pytest.raises(ic.IsocortexError, match=REFUSED[sense]):
            ic.load_network(source, weights)


@pytest.mark.parametrize("name", RECORDED)
def test_a_network_for_sound_or_film_is_one_from_each_source(name, tmp_path):
    sense, config = RECORDED[name]
    module = model(config())
    module.save_pretrained(tmp_path)
    sources = ((module, "default"), (config(), None), (tmp_path, "default"))
    found = [ic.load_network(source, weights) for source, weights in sources]
    assert {each.modality for each in found} == {sense}
    assert len({repr(each.preprocessing) for each in found}) == 1


def test_code_in_a_folder_is_never_run_and_nobody_is_asked(tmp_path, monkeypatch):
    mark = tmp_path / "ran"
    (tmp_path / "evil.py").write_text(f"open({str(mark)!r}, 'w')\nclass C: ...\nclass M: ...\n")
    places = {"AutoConfig": "evil.C", "AutoModel": "evil.M", "AutoImageProcessor": "evil.C"}
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("a question was asked"))
    for kind in ("unheard_of", "vit"):
        config = {"model_type": kind, "auto_map": places, **SEEING}
        (tmp_path / "config.json").write_text(json.dumps(config))
        (tmp_path / "preprocessor_config.json").write_text(json.dumps({"auto_map": places}))
        for weights in (None, "default"):
            with contextlib.suppress(ic.FormatError):
                ic.load_network(str(tmp_path), weights)
            assert not mark.exists()
    config["model_type"] = "unheard_of"
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ic.FormatError, match="Python code that comes with it, which isocortex"):
        ic.load_network(str(tmp_path))


@pytest.mark.parametrize("key", ["_attn_implementation", "attn_implementation"])
def test_an_attention_that_would_be_fetched_and_run_is_refused(key, tmp_path):
    model(IMAGES["vit"]()).save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, key: "somebody/kernels"}))
    with pytest.raises(ic.FormatError, match="'somebody/kernels' to be fetched and run"):
        ic.load_network(str(tmp_path))


class Harm:
    def __reduce__(self):
        return print, ("harm was done",)


@pytest.mark.parametrize("damage", ["pickle", "cut", "key", "text", "list"])
def test_a_damaged_or_harmful_folder_is_a_sentence(damage, tmp_path, capsys):
    model(IMAGES["vit"]()).save_pretrained(tmp_path)
    weights, config = tmp_path / "model.safetensors", tmp_path / "config.json"
    if damage == "pickle":
        weights.unlink()
        torch.save({"a": torch.ones(1), "x": Harm()}, tmp_path / "pytorch_model.bin")
    elif damage == "cut":
        weights.write_bytes(weights.read_bytes()[:300])
    elif damage == "key":
        config.write_text(json.dumps({"model_type": "vit", "hidden_act": "no such function"}))
    else:
        config.write_text("not json" if damage == "text" else "[1, 2]")
    with pytest.raises(ic.FormatError, match="cannot be read by transformers") as error:
        ic.load_network(str(tmp_path))
    assert "\x1b" not in str(error.value)
    assert "harm" not in capsys.readouterr().out


def test_how_a_processor_of_images_and_text_was_saved_is_read(tmp_path):
    model(IMAGES["clip"]()).save_pretrained(tmp_path)
    steps = {"do_resize": True, "size": {"height": 16, "width": 16}, "image_mean": [0.1, 0.2, 0.3]}
    (tmp_path / "processor_config.json").write_text(json.dumps({"image_processor": steps}))
    assert ic.load_network(tmp_path).preprocessing.mean == (0.1, 0.2, 0.3)


def test_what_a_folder_lacks_of_the_half_that_sees_is_known_by_its_own_name(tmp_path):
    module = model(IMAGES["clip"]())
    state = {k: v for k, v in module.state_dict().items() if "post_layernorm" not in k}
    module.save_pretrained(tmp_path, state_dict=state)
    network = ic.load_network(tmp_path)
    assert network.missing == ("post_layernorm.bias", "post_layernorm.weight")
    assert "post_layernorm" not in network.layers


def test_nothing_is_printed_and_no_unsafe_way_out_is_told(tmp_path, capfd):
    model(IMAGES["vit"]()).save_pretrained(tmp_path)
    capfd.readouterr()
    ic.load_network(tmp_path)
    assert capfd.readouterr() == ("", "")
    (tmp_path / "model.safetensors").unlink()
    torch.save({"x": Harm()}, tmp_path / "pytorch_model.bin")
    with pytest.raises(ic.FormatError, match="not plain tensors, or are damaged; nothing in them"):
        ic.load_network(tmp_path)


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
