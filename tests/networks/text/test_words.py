import numpy as np
import pytest

import isocortex as ic
from isocortex.networks.text.words import text_of

WORDS = ["She", "did", "n't", "say", "rabbit-hole", "’ll", "café", "Dinah's", "'tis", "“book”", ","]


def written(tokens, text, word):
    ids = text.ids[text.start[word] : text.stop[word]]
    return tokens.tokenizer.convert_ids_to_tokens(ids.tolist())


def test_each_word_has_its_own_tokens(reader):
    tokens = reader.preprocessing
    text = text_of(WORDS, WORDS, tokens)
    for i, word in enumerate(WORDS):
        mine = tokens.tokenizer.decode(
            text.ids[text.start[i] : text.stop[i]], clean_up_tokenization_spaces=False
        )
        if tokens.tokenizer.unk_token not in written(tokens, text, i):
            assert mine.replace(" ", "").replace("##", "").lower() in (word.lower(), "cafe")
    assert (text.start[1:] >= text.stop[:-1]).all()


def test_words_inside_a_run_have_their_blank_and_clitics_have_none(gpt2):
    tokens = gpt2.preprocessing
    text = text_of(["book", "book", "'ll", "book"], list("abcd"), tokens)
    first, second, clitic, last = (written(tokens, text, i) for i in range(4))
    assert not first[0].startswith("Ġ")
    assert second[0].startswith("Ġ")
    assert not clitic[0].startswith("Ġ")
    assert last == second


def test_a_window_is_cut_from_the_ids_of_the_whole_text(gpt2):
    text = text_of(["her", "book", "was"], list("abc"), gpt2.preprocessing)
    again = gpt2.preprocessing.spans("book was")[0]
    window = text.ids[text.start[1] : text.stop[2]]
    assert not np.array_equal(window, again)


def test_minilm_parts_words_as_it_does_alone(minilm):
    words = [each for each in WORDS if each != "n't"]
    text = text_of(words, words, minilm.preprocessing)
    found = minilm.preprocessing.tokenizer(words, is_split_into_words=True)
    inner = [i for i in found.word_ids() if i is not None]
    np.testing.assert_array_equal(text.ids, found["input_ids"][1:-1])
    for word in range(len(words)):
        assert text.start[word] == inner.index(word)
        assert text.stop[word] - text.start[word] == inner.count(word)


def test_a_word_without_a_token_is_named(bert):
    with pytest.raises(ic.InputError, match="1 of 2 words have no token .*: 'odd'"):
        text_of(["book", "\u200b"], ["one", "odd"], bert.preprocessing)


def test_points_around_a_word_do_not_count(gpt2):
    text = text_of(["“book,”", "she", "…"], list("abc"), gpt2.preprocessing)
    marks = [written(gpt2.preprocessing, text, i) for i in range(3)]
    counted = [text.counted[a:b].tolist() for a, b in zip(text.start, text.stop, strict=True)]
    assert any(counted[0])
    assert not counted[0][-1], marks
    assert all(counted[2])
