"""Every row equals a pass of its own, written here with transformers alone."""

import dataclasses

import numpy as np
import pytest
import torch

import isocortex as ic

CLOSE = {"rtol": 1e-4, "atol": 1e-5}
POOLED = {
    "mean": lambda pieces: pieces.mean(0),
    "first": lambda pieces: pieces[0],
    "last": lambda pieces: pieces[-1],
    "max": lambda pieces: pieces.max(0),
}


def expected(network, stimuli, first_of, alone, pool=POOLED["mean"]):
    """One array for each hidden state, (n_words, n_units); first_of(i) in words of the run."""
    rows = []
    for run in dict.fromkeys(stimuli.table["run"]):
        words = list(stimuli.table["word"][stimuli.table["run"] == run])
        rows += [
            [pool(state) for state in alone(network, words, i, first_of(i))]
            for i in range(len(words))
        ]
    return [np.stack(state) for state in zip(*rows, strict=True)]


CONTEXTS = {
    "none": (0, lambda i: i),
    "three": (3, lambda i: max(0, i - 3)),
    "long": (100, lambda i: 0),
}


@pytest.mark.parametrize("name", CONTEXTS)
def test_windows_equal_single_passes(reader, story, alone, name):
    context, first_of = CONTEXTS[name]
    store = ic.extract(reader, story, "main", context=context)
    truth = expected(reader, story, first_of, alone)
    assert len(store) == len(truth)
    for layer, values in zip(store.values(), truth, strict=True):
        np.testing.assert_allclose(layer.numpy(), values, **CLOSE)


@pytest.mark.parametrize("pooling", POOLED)
def test_poolings_equal_single_passes(reader, story, alone, pooling):
    store = ic.extract(reader, story, ["hidden state 2"], context=4, pooling=pooling)
    truth = expected(reader, story, lambda i: max(0, i - 4), alone, POOLED[pooling])[2]
    np.testing.assert_allclose(store["hidden state 2"].numpy(), truth, **CLOSE)


def test_a_pooling_of_ones_own(bert, story):
    def total(output, over):
        return output.sum(over)

    one, two = (ic.extract(bert, story, "hidden state 1", pooling=each) for each in (total, "mean"))
    ratio = one["hidden state 1"].numpy() / two["hidden state 1"].numpy()
    np.testing.assert_allclose(ratio, np.round(ratio), atol=1e-3)


BLOCKS = {
    "blocks": (ic.Blocks(7), lambda i: max(0, i // 7 - 1) * 7),
    "blocks of one": (ic.Blocks(1), lambda i: max(0, i - 1)),
    "growing": (ic.Growing(), lambda i: 0),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_shared_passes_equal_single_ones(gpt2, story, alone, name):
    context, first_of = BLOCKS[name]
    truth = expected(gpt2, story, first_of, alone)
    for each in (context, dataclasses.replace(context, cache=False)):
        store = ic.extract(gpt2, story, "main", context=each)
        for layer, values in zip(store.values(), truth, strict=True):
            np.testing.assert_allclose(layer.numpy(), values, **CLOSE)


@pytest.mark.parametrize("name", BLOCKS)
def test_a_network_that_reads_both_ways_shares_no_pass(bert, story, alone, name):
    context, first_of = BLOCKS[name]
    with pytest.raises(ic.InputError, match="reads both ways: in a pass that words share"):
        ic.extract(bert, story, "main", context=context)
    store = ic.extract(bert, story, "main", context=dataclasses.replace(context, cache=False))
    truth = expected(bert, story, first_of, alone)
    np.testing.assert_allclose(store["hidden state 2"].numpy(), truth[2], **CLOSE)


@pytest.mark.parametrize("batch_size", [5, 64])
def test_batches_equal_single_passes(reader, story, batch_size):
    one = ic.extract(reader, story, "main", context=6, batch_size=1)
    some = ic.extract(reader, story, "main", context=6, batch_size=batch_size)
    for layer in one:
        np.testing.assert_allclose(some[layer].numpy(), one[layer].numpy(), **CLOSE)


def test_runs_see_nothing_of_each_other(reader, story, words_of):
    second = story.take(np.nonzero((story.table["run"] == "2").to_numpy())[0])
    whole, part = (ic.extract(reader, each, "main", context=9) for each in (story, second))
    for layer in whole:
        np.testing.assert_allclose(
            whole[layer].numpy()[-len(second) :], part[layer].numpy(), **CLOSE
        )


def test_the_same_words_in_the_same_context_are_read_once(bert, words_of):
    twice = words_of(["the", "cat", "sat"] * 2, ["1"] * 3 + ["2"] * 3)
    seen = []
    hook = bert.module.register_forward_pre_hook(
        lambda _m, _a, kwargs: seen.append(len(kwargs["input_ids"])), with_kwargs=True
    )
    values = ic.extract(bert, twice, "hidden state 1")["hidden state 1"].numpy()
    hook.remove()
    assert sum(seen) == 3
    np.testing.assert_array_equal(values[:3], values[3:])


def test_sentences_stand_alone_with_all_their_tokens(reader):
    sentences = ic.Stimuli.from_sentences(["She sat by the bank.", "A book", "Alice"])
    store = ic.extract(reader, sentences, "main")
    for pooling, pool in POOLED.items():
        store = ic.extract(reader, sentences, "main", pooling=pooling)
        for row, text in enumerate(sentences.sources):
            ids = torch.tensor([reader.preprocessing.tokenizer(text)["input_ids"]])
            with torch.no_grad():
                states = reader.module.eval()(ids, output_hidden_states=True).hidden_states
            for layer, state in zip(store.values(), states, strict=True):
                np.testing.assert_allclose(layer.numpy()[row], pool(state[0].numpy()), **CLOSE)


def test_the_store_goes_on_after_it_was_stopped(gpt2, story, tmp_path, monkeypatch):
    monkeypatch.setattr("isocortex.networks.extraction.text.ROWS", 10)
    whole = ic.extract(gpt2, story, "main", context=ic.Growing())

    class StopError(Exception):
        pass

    def stop(event):
        if event.done > 20:
            raise StopError

    path = tmp_path / "gpt2.zarr"
    with pytest.raises(StopError):
        ic.extract(gpt2, story, "main", path, context=ic.Growing(), progress=stop)
    notes = []
    store = ic.extract(
        gpt2, story, "main", path, context=ic.Growing(), progress=lambda e: notes.append(e.note)
    )
    assert any("30 were there" in note for note in notes)
    for layer in whole:
        np.testing.assert_allclose(store[layer].numpy(), whole[layer].numpy(), **CLOSE)
    assert list(store["h.1"].table["word"]) == list(story.table["word"])
    assert ic.extract(gpt2, story, "main", path, context=ic.Growing()).layers == store.layers


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"context": 4}, "context"),
        ({"pooling": "last"}, "pooling"),
        ({"dtype": "float16"}, "dtype"),
    ],
)
def test_what_decides_the_numbers_decides_the_store(bert, story, tmp_path, change, what):
    usual = {"context": 3, "pooling": "mean", "dtype": "float32"}
    ic.extract(bert, story, "main", tmp_path / "s.zarr", **usual)
    with pytest.raises(ic.InputError, match=f"was made with other {what}"):
        ic.extract(bert, story, "main", tmp_path / "s.zarr", **{**usual, **change})


def test_words_and_tokenizer_decide_the_store(bert, story, bert_folder, tmp_path, words_of):
    ic.extract(bert, story, "main", tmp_path / "s.zarr", context=3)
    changed = ["Rabbit", *story.sources[1:]]
    other = ic.Stimuli(story.names, changed, "text", {**story.table, "word": changed})
    with pytest.raises(ic.InputError, match="was made with other stimuli"):
        ic.extract(bert, other, "main", tmp_path / "s.zarr", context=3)
    tokenizer = bert.preprocessing.tokenizer
    whole = tokenizer.backend_tokenizer.to_str().replace('"lowercase":true', '"lowercase":false')
    cased = type(tokenizer)(
        tokenizer_object=type(tokenizer.backend_tokenizer).from_str(whole),
        cls_token="[CLS]",
        sep_token="[SEP]",
        pad_token="[PAD]",
        unk_token="[UNK]",
    )
    reader = ic.load_network(bert.module, preprocessing=cased, name=bert.name)
    with pytest.raises(ic.InputError, match="was made with other tokenizer"):
        ic.extract(reader, story, "main", tmp_path / "s.zarr", context=3)


def test_grams_follow_from_words(bert, story):
    grams = ic.extract(bert, story, "hidden state 1", keep="grams")
    values = ic.extract(bert, story, "hidden state 1")["hidden state 1"].numpy().astype(float)
    centred = values - values.mean(0)
    found = grams["hidden state 1"]
    np.testing.assert_allclose(
        ic.rdms(found, "euclidean").values[0, 0], np.linalg.norm(centred[0] - centred[1]), rtol=1e-4
    )


def test_bad_input_is_told(bert, gpt2, story, words_of):
    with pytest.raises(
        ic.InputError, match="400 words takes up to 4.. tokens .* reads 256 at once"
    ):
        ic.extract(bert, story, context=400)
    long = words_of(["beginning"] * 300, ["1"] * 300)
    with pytest.raises(
        ic.InputError, match=r"Growing.* takes .* reads 400 at once. Use context=Blocks"
    ):
        ic.extract(gpt2, long, context=ic.Growing())
    with pytest.raises(ic.InputError, match="a whole number of words from 0, not -1"):
        ic.extract(bert, story, context=-1)
    with pytest.raises(ic.InputError, match="'word 0002 beginning' begins before 'word 0003 to'"):
        ic.extract(bert, story.take([3, 2, 1]))
    with pytest.raises(ic.InputError, match="context= is for the words of a running text"):
        ic.extract(bert, ic.Stimuli.from_sentences(["One.", "Two."]), context=3)
    with pytest.raises(ic.InputError, match="axes= is for images.*; these stimuli are text"):
        ic.extract(bert, story.take([0, 1, 2]), axes=("unit",))
    pixels = ic.Stimuli.from_arrays(np.zeros((2, 8, 8, 3), np.uint8))
    with pytest.raises(ic.InputError, match="needs text; there are 2 stimuli of modality 'image'"):
        ic.extract(bert, pixels)


def test_alice_in_minilm_equals_single_passes(minilm, alice):
    few = alice.take(range(90))
    words = list(few.table["word"])
    store = ic.extract(minilm, few, "main", context=40)
    tokenizer, module = minilm.preprocessing.tokenizer, minilm.module
    for row in [0, 1, 39, 40, 41, 77, 89]:
        window = words[max(0, row - 40) : row + 1]
        found = tokenizer(window, is_split_into_words=True, return_tensors="pt")
        own = [i for i, word in enumerate(found.word_ids()) if word == len(window) - 1]
        with torch.no_grad():
            states = module.eval()(**found, output_hidden_states=True).hidden_states
        for layer, state in zip(store.values(), states, strict=True):
            np.testing.assert_allclose(layer.numpy()[row], state[0, own].mean(0), **CLOSE)


def test_memory_does_not_grow_with_the_story(gpt2, words_of, tmp_path, monkeypatch, rng):
    """Written as it goes: what Python holds follows the rows of a file, not those of a story."""
    import tracemalloc

    import transformers

    monkeypatch.setattr("isocortex.networks.extraction.text.ROWS", 64)
    config = transformers.GPT2Config(
        vocab_size=330, n_embd=512, n_layer=1, n_head=2, n_inner=8, bos_token_id=0, eos_token_id=0
    )
    wide = ic.load_network(
        transformers.GPT2Model(config), preprocessing=gpt2.preprocessing.tokenizer
    )
    said = rng.choice(["her", "book", "was", "very", "tired", "bank", "of", "to"], 1200).tolist()
    peaks = []
    for n in (200, 1200):
        words = words_of(said[:n], ["1"] * n)
        tracemalloc.start()
        ic.extract(wide, words, "main", tmp_path / f"{n}.zarr", context=ic.Blocks(8))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    rows = 1000 * 2 * 512 * 4
    # Names, hashes and places of the further words, but not their rows.
    assert peaks[1] - peaks[0] < rows / 2
