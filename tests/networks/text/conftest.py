from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

import isocortex as ic
from isocortex.networks.zoo.torchvision_shim import torchvision

torchvision()  # Before transformers looks for it.

MINILM = Path(__file__).parents[4] / "shared" / "weights" / "minilm_l6"
ALICE = Path(__file__).parents[4] / "shared" / "data" / "alice" / "stim"

TOLD = """
Alice was beginning to get very tired of sitting by her sister on the bank and of having
nothing to do once or twice she had peeped into the book her sister was reading but it had
no pictures or conversations in it and what is the use of a book thought Alice without
pictures Dinah 'll miss me very much to night I should think she 'd say
"""
STORY = TOLD.split()


def bert_tokenizer():
    whole = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    whole.normalizer = normalizers.BertNormalizer(lowercase=True)
    whole.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=110, special_tokens=specials)
    whole.train_from_iterator([" ".join(STORY[:40])], trainer)
    ends = [("[CLS]", whole.token_to_id("[CLS]")), ("[SEP]", whole.token_to_id("[SEP]"))]
    whole.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", special_tokens=ends)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=whole,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    )


def gpt2_tokenizer():
    whole = Tokenizer(models.BPE())
    whole.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    whole.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=330,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    whole.train_from_iterator([" ".join(STORY[:40])], trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=whole, eos_token="<|endoftext|>", bos_token="<|endoftext|>"
    )


@pytest.fixture(scope="session")
def bert_folder(tmp_path_factory):
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=110,
        hidden_size=12,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=256,
        initializer_range=0.5,
    )
    folder = tmp_path_factory.mktemp("bert")
    transformers.BertModel(config).save_pretrained(folder)
    bert_tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def gpt2_folder(tmp_path_factory):
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=330,
        n_embd=12,
        n_layer=3,
        n_head=2,
        n_positions=400,
        initializer_range=0.5,
        bos_token_id=0,
        eos_token_id=0,
    )
    folder = tmp_path_factory.mktemp("gpt2")
    transformers.GPT2LMHeadModel(config).save_pretrained(folder)
    gpt2_tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def bert(bert_folder):
    return ic.load_network(bert_folder)


@pytest.fixture(scope="session")
def gpt2(gpt2_folder):
    return ic.load_network(gpt2_folder)


@pytest.fixture(params=["bert", "gpt2"])
def reader(request):
    return request.getfixturevalue(request.param)


def timed(words, run=None, **columns):
    n = len(words)
    table = {"word": words, "onset": np.arange(n) * 0.3, "offset": np.arange(n) * 0.3 + 0.25}
    table |= {} if run is None else {"run": run}
    names = [f"word {i:04d} {word}" for i, word in enumerate(words)]
    return ic.Stimuli(names, words, "text", {**table, **columns})


@pytest.fixture(scope="session")
def story():
    """Sixty-odd words in two runs, each with its own clock."""
    run = ["1"] * 30 + ["2"] * (len(STORY) - 30)
    onset = np.concatenate([np.arange(30.0), np.arange(len(STORY) - 30.0)])
    return timed(STORY, run, onset=onset, offset=onset + 0.9)


def in_its_context(network, words, row, first, specials=True):
    """Hidden states of one word by a pass of its own, tokenized as the whole run is.

    Returns
    -------
    list of arrays (n_pieces, n_units), one for each hidden state
    """
    tokenizer, module = network.preprocessing.tokenizer, network.module
    text, spans = "", []
    for word in words:
        text += "" if not text or word.startswith("'") else " "
        spans.append((len(text), len(text) + len(word)))
        text += word
    found = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    pieces = []
    for begin, end in spans:
        mine = []
        for i, (a, b) in enumerate(found["offset_mapping"]):
            while a < b and text[a] == " ":
                a += 1
            if a < b and a < end and b > begin:
                mine.append(i)
        pieces.append(mine)
    ids = found["input_ids"][pieces[first][0] : pieces[row][-1] + 1]
    own = [i - pieces[first][0] for i in pieces[row]]
    if specials and tokenizer.cls_token_id is not None:
        ids = [tokenizer.cls_token_id, *ids, tokenizer.sep_token_id]
        own = [i + 1 for i in own]
    with torch.no_grad():
        states = module.eval()(torch.tensor([ids]), output_hidden_states=True).hidden_states
    return [state[0, own].numpy() for state in states]


@pytest.fixture(scope="session")
def alone():
    return in_its_context


@pytest.fixture(scope="session")
def words_of():
    return timed


@pytest.fixture(scope="session")
def minilm():
    if not MINILM.is_dir():
        pytest.skip("weights/minilm_l6 is not there")
    return ic.load_network(MINILM)


@pytest.fixture(scope="session")
def alice():
    found = sorted(ALICE.glob("*.TextGrid"))
    if not found:
        pytest.skip("data/alice is not there")
    with pytest.warns(ic.IsocortexWarning, match="silence"):
        return ic.Stimuli.from_words(found[0])
