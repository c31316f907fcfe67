"""Words into hidden states: batches against one window a word, blocks against windows, memory.

``python benchmarks/bench_text.py [batches | blocks | memory]``. ``batches`` needs
``../shared/weights/minilm_l6`` and ``../shared/data/alice``; the causal network is a GPT-2 of
random weights. Memory is that of a process of its own, for a story of ten hours.
"""

import json
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
from common import arguments, in_a_child, pair, peak_megabytes, say_machine, sized

SHARED = Path(__file__).parents[2] / "shared"
N_WORDS, UNITS, LAYERS = sized((100_000, 768, 12), (60, 32, 12))


def alice(n):
    import isocortex as ic

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ic.IsocortexWarning)
        (path,) = (SHARED / "data" / "alice" / "stim").glob("*.TextGrid")
        return ic.Stimuli.from_words(path).take(range(n))


def story(n):
    """Words of a small vocabulary at 2.8 words a second, as in a story that is read aloud."""
    import isocortex as ic

    rng = np.random.default_rng(0)
    words = [f"w{i}" for i in rng.zipf(1.3, n) % 500]
    onset = np.arange(n) * 0.36
    table = {"word": words, "onset": onset, "offset": onset + 0.3}
    return ic.Stimuli([f"word {i:06d}" for i in range(n)], words, "text", table)


def gpt2(units, layers):
    import isocortex as ic
    from isocortex.networks.zoo.torchvision_shim import torchvision

    torchvision()
    import torch
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    torch.manual_seed(0)
    vocabulary = {f"w{i}": i for i in range(500)} | {"?": 500}
    whole = Tokenizer(models.WordLevel(vocabulary, unk_token="?"))
    whole.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=whole, unk_token="?")
    config = transformers.GPT2Config(
        vocab_size=501,
        n_embd=units,
        n_layer=layers,
        n_head=4,
        bos_token_id=0,
        eos_token_id=0,
    )
    return ic.load_network(transformers.GPT2Model(config), preprocessing=tokenizer)


def cheapened(module):
    """Blocks that scale what they are given: their memory is that of real ones, not their time."""
    from transformers.models.gpt2.modeling_gpt2 import GPT2Block

    class Scale(GPT2Block):
        def forward(self, hidden_states, *_, **__):
            return hidden_states * 1.01

    for block in module.h:
        block.__class__ = Scale


def batches():
    """MiniLM, 40 words before each: all hidden states of 300 words."""
    import torch

    import isocortex as ic

    network, words = ic.load_network(SHARED / "weights" / "minilm_l6"), alice(sized(300, 12))
    texts = list(words.table["word"])
    tokenizer, module = network.preprocessing.tokenizer, network.module.eval()

    def one_window_a_word():
        rows = []
        for i in range(len(texts)):
            window = texts[max(0, i - 40) : i + 1]
            found = tokenizer(window, is_split_into_words=True, return_tensors="pt")
            own = [k for k, each in enumerate(found.word_ids()) if each == len(window) - 1]
            with torch.inference_mode():
                states = module(**found, output_hidden_states=True).hidden_states
            rows.append([state[0, own].mean(0).numpy() for state in states])
        return rows

    pair(
        "MiniLM, context of 40, 300 words",
        lambda: ic.extract(network, words, "main", context=40),
        one_window_a_word,
    )


def blocks():
    """A causal network: blocks of 40 against windows of 40 that slide, both ours."""
    import isocortex as ic

    network, words = gpt2(*sized((256, 4), (32, 2))), story(sized(2000, 50))
    pair(
        "GPT-2 of 4 layers, 2000 words, Blocks(40) against 40",
        lambda: ic.extract(network, words, "main", context=ic.Blocks(40)),
        lambda: ic.extract(network, words, "main", context=40),
    )


def child_memory():
    import isocortex as ic

    network, words = gpt2(UNITS, LAYERS), story(N_WORDS)
    cheapened(network.module)
    _ = network.layers
    before = peak_megabytes()
    with tempfile.TemporaryDirectory() as folder:
        store = ic.extract(network, words, "main", f"{folder}/story.zarr", context=ic.Blocks(40))
        shape = [len(store), *store["hidden state 12"].values.shape]
    return {"before": before, "peak": peak_megabytes(), "shape": shape}


def memory():
    """A story of ten hours at twelve layers and the embedding, onto disk."""
    found = in_a_child(__file__, "memory")
    print(
        f"{found['shape'][0]} states x {found['shape'][1]} words x {found['shape'][2]} units: peak "
        f"{found['peak']:.0f} MB, of which {found['before']:.0f} MB before the extraction"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(child_memory()))
    else:
        say_machine()
        for part in arguments() or ["batches", "blocks", "memory"]:
            {"batches": batches, "blocks": blocks, "memory": memory}[part]()
