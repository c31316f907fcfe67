import numpy as np
import pytest

import isocortex as ic
from isocortex.networks.text.contexts import Window
from isocortex.networks.text.reading import reading_of, runs_of


@pytest.mark.parametrize("context", [Window(0), Window(3), ic.Blocks(4), ic.Growing()])
def test_equal_hashes_are_equal_tokens(gpt2, words_of, context):
    said = ["the", "cat", "sat", "on", "the", "cat"] * 3
    stimuli = words_of(said, ["1"] * 6 + ["2"] * 12)
    reading = reading_of(stimuli, gpt2.preprocessing, context)
    plain = [
        (*reading.texts[t].ids[a:b].tolist(), -1, first, last)
        for t, a, b, first, last in zip(
            reading.text, reading.begin, reading.end, reading.first, reading.last, strict=True
        )
    ]
    hashes = reading.digests()
    for i in range(len(said)):
        assert [hashes[i] == each for each in hashes] == [plain[i] == each for each in plain]


def test_rows_of_runs_that_alternate_meet_by_name(words_of):
    stimuli = words_of(list("abcd"), ["1", "2", "1", "2"], onset=[0, 0, 1, 1], offset=[1, 1, 2, 2])
    assert [rows.tolist() for rows in runs_of(stimuli)] == [[0, 2], [1, 3]]


def test_a_sentence_that_is_too_long_is_named(bert):
    sentences = ic.Stimuli.from_sentences(["Short.", "her book " * 200])
    with pytest.raises(ic.InputError, match=r"has \d+ tokens with special ones, .* reads 256"):
        reading_of(sentences, bert.preprocessing, None)


def test_the_context_that_is_advised_fits(bert, words_of):
    long = words_of(["beginning", "her"] * 200, ["1"] * 400)
    with pytest.raises(ic.InputError, match="about") as caught:
        reading_of(long, bert.preprocessing, Window(200))
    advised = int(str(caught.value).split("about ")[1].split()[0])
    found = reading_of(long, bert.preprocessing, Window(advised))
    assert (found.end - found.begin).max() + 2 <= 256
    assert np.array_equal(found.text, np.zeros(400))
