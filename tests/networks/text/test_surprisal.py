"""Bits of each word, against a pass of its own for each prefix."""

import numpy as np
import pytest
import torch

import isocortex as ic
from isocortex.networks.text.words import text_of

CONTEXTS = {
    "growing": (ic.Growing(), lambda i: 0),
    "blocks": (ic.Blocks(5), lambda i: max(0, (i // 5 - 1) * 5)),
    "window": (4, lambda i: max(0, i - 4)),
}


def slow(network, words, first_of):
    """By prefix: each token's probability from a pass over what stands before it."""
    text = text_of(words, words, network.preprocessing)
    bits = []
    for i in range(len(words)):
        begin, total = text.start[first_of(i)], 0.0
        # A blank that is a token of its own is read, and paid for, with the word behind it.
        for token in range(text.stop[i - 1] if i > first_of(i) else text.start[i], text.stop[i]):
            before = torch.tensor(text.ids[begin:token][None])
            if not before.shape[1]:
                total = np.nan
                break
            with torch.no_grad():
                logits = network.module.eval()(before).logits[0, -1].double()
            total -= float(torch.log_softmax(logits, 0)[text.ids[token]]) / np.log(2)
        bits.append(total)
    return np.array(bits)


@pytest.mark.parametrize("name", CONTEXTS)
def test_bits_equal_those_by_prefix(gpt2, story, name):
    context, first_of = CONTEXTS[name]
    with pytest.warns(ic.IsocortexWarning, match="nothing stands before 2 of 6. words"):
        found = ic.features.surprisal(gpt2, story, context)
    truth = []
    for run in ("1", "2"):
        words = list(story.table["word"][story.table["run"] == run])
        truth.append(slow(gpt2, words, first_of))
    truth = np.concatenate(truth)
    np.testing.assert_allclose(found.numpy()[:, 0], truth[~np.isnan(truth)], rtol=1e-5)
    assert story.names[0] not in found.stimuli
    assert list(found.table["onset"]) == list(story.table["onset"][~np.isnan(truth)])
    assert found.labels["layer"] == "surprisal"


def test_points_around_a_word_cost_nothing_but_are_read(gpt2, words_of):
    with pytest.warns(ic.IsocortexWarning, match="1 of 3 words"):
        plain = ic.features.surprisal(gpt2, words_of(["her", "book", "was"]))
    with pytest.warns(ic.IsocortexWarning, match="1 of 3 words"):
        pointed = ic.features.surprisal(gpt2, words_of(["her", "book,", "was"]))
    assert plain.numpy()[0, 0] == pytest.approx(pointed.numpy()[0, 0], rel=1e-5)
    assert plain.numpy()[1, 0] != pytest.approx(pointed.numpy()[1, 0], rel=1e-5)


def test_who_cannot_predict_is_told(bert, gpt2, story, gpt2_folder):
    import transformers

    with pytest.raises(ic.InputError, match="reads both ways"):
        ic.features.surprisal(bert, story)
    module = transformers.AutoModel.from_pretrained(gpt2_folder)
    headless = ic.load_network(module, preprocessing=gpt2.preprocessing.tokenizer)
    with pytest.raises(ic.InputError, match="has no head that predicts words"):
        ic.features.surprisal(headless, story)
    with pytest.raises(ic.InputError, match="nothing stands before any word"):
        ic.features.surprisal(gpt2, story, 0)
    sentences = ic.Stimuli.from_sentences(["One.", "Two."])
    with pytest.raises(ic.InputError, match="features.surprisal needs the words of a running text"):
        ic.features.surprisal(gpt2, sentences)
