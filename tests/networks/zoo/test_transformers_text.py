import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors

import isocortex as ic
from isocortex.networks.zoo.torchvision_shim import torchvision
from isocortex.networks.zoo.transformers_text import positions_of

torchvision()  # Before transformers looks for it.

SIZES = {"vocab_size": 40, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2}
WORDS = [f"w{i}" for i in np.random.default_rng(0).integers(0, 30, 25)]


@pytest.fixture(scope="module")
def tokenizer():
    import transformers

    known = {"?": 0, "<": 1, ">": 2} | {f"w{i}": i + 3 for i in range(30)}
    whole = Tokenizer(models.WordLevel(known, unk_token="?"))
    whole.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    ends = [("<", 1), (">", 2)]
    whole.post_processor = processors.TemplateProcessing("< $A >", special_tokens=ends)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=whole, unk_token="?", bos_token="<", eos_token=">", pad_token="?"
    )


def made(name):
    import transformers

    torch.manual_seed(0)
    config = {
        "bert": lambda: transformers.BertConfig(**SIZES, intermediate_size=8),
        "roberta": lambda: transformers.RobertaConfig(
            **SIZES, intermediate_size=8, max_position_embeddings=64, pad_token_id=1
        ),
        "llama": lambda: transformers.LlamaConfig(**SIZES, intermediate_size=8),
        "t5": lambda: transformers.T5Config(
            vocab_size=40, d_model=8, d_kv=4, d_ff=8, num_layers=2, num_heads=2
        ),
    }[name]()
    return transformers.AutoModel.from_config(config).eval()


@pytest.mark.parametrize(
    ("name", "causal", "n_tokens"),
    [("bert", False, 512), ("roberta", False, 62), ("llama", True, 2048), ("t5", False, None)],
)
def test_families_of_text_models(tokenizer, name, causal, n_tokens):
    network = ic.load_network(made(name), preprocessing=tokenizer)
    assert network.causal == causal
    assert positions_of(network.module) == n_tokens
    words = ic.Stimuli.from_words(
        {"word": WORDS, "onset": np.arange(25), "offset": np.arange(25) + 0.5}
    )
    store = ic.extract(network, words, "main", context=4)
    assert len(store) == 3
    ids = torch.tensor(network.preprocessing(" ".join(WORDS[5:10]))[None])
    with torch.no_grad():
        states = network.module(ids, output_hidden_states=True).hidden_states
    for layer, state in zip(store.values(), states, strict=True):
        np.testing.assert_allclose(layer.numpy()[9], state[0, -2].numpy(), rtol=1e-4, atol=1e-5)


def test_weights_that_are_no_safetensors_are_not_read(tokenizer, tmp_path):
    module = made("bert")
    module.config.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    torch.save(module.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(ic.FormatError, match="safetensors"):
        ic.load_network(tmp_path)
    assert ic.load_network(tmp_path, weights=None).weights == "random, seed 0"


def test_a_folder_without_a_tokenizer_is_refused(tmp_path):
    made("bert").save_pretrained(tmp_path)
    with pytest.raises(ic.FormatError, match="no tokenizer"):
        ic.load_network(tmp_path)


def test_a_module_needs_its_tokenizer(tokenizer):
    with pytest.raises(ic.InputError, match="BertModel reads text, and a module has no tokenizer"):
        ic.load_network(made("bert"))
    with pytest.raises(ic.InputError, match="preprocessing= is a fast tokenizer .* not 'imagenet'"):
        ic.load_network(made("bert"), preprocessing="imagenet")
    assert ic.load_network(made("bert"), preprocessing=tokenizer).modality == "text"
