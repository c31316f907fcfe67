"""Features of single words: rows and tables are those of the words."""

import numpy as np
import pandas as pd
import pytest

import isocortex as ic

STORY = pd.DataFrame(
    {
        "word": ["Alice's", "rabbit-hole", "été", "…", "42"],
        "onset": [0.0, 0.5, 1.5, 2.0, 3.0],
        "offset": [0.5, 1.25, 2.0, 2.5, 3.125],
    }
)
WORDS = ic.Stimuli.from_words(STORY)


@pytest.mark.parametrize("feature", [ic.features.word_rate, ic.features.word_length])
def test_names_and_table_are_those_of_the_words(feature):
    found = feature(WORDS)
    assert found.stimuli == WORDS.names
    pd.testing.assert_frame_equal(pd.DataFrame(found.table), WORDS.table)
    again = feature(found.take([3, 0]))
    assert again.stimuli == (WORDS.names[3], WORDS.names[0])
    np.testing.assert_array_equal(again.numpy(), found.numpy()[[3, 0]])


def test_the_rate_is_one_for_each_word():
    rate = ic.features.word_rate(WORDS)
    np.testing.assert_array_equal(rate.numpy(), np.ones((5, 1)))
    assert rate.units["feature"].tolist() == ["word rate"]
    assert rate.labels["layer"] == "word_rate"


def test_length_in_letters_and_in_seconds():
    letters = ic.features.word_length(WORDS)
    np.testing.assert_array_equal(letters.numpy().ravel(), [6, 10, 3, 0, 2])
    seconds = ic.features.word_length(WORDS, "seconds")
    np.testing.assert_array_equal(seconds.numpy().ravel(), [0.5, 0.75, 0.5, 0.5, 0.125])
    assert dict(seconds.labels) == {"layer": "word_length", "measure": "seconds"}


def test_what_has_no_words_is_a_sentence():
    layer = ic.Responses([[1.0], [2.0]], ["a", "b"])
    with pytest.raises(ic.InputError, match=r"features.word_rate needs the words"):
        ic.features.word_rate(layer)
    with pytest.raises(ic.InputError, match="needs the words of a running text, .* are sentences"):
        ic.features.word_rate(ic.Stimuli.from_sentences(["a b", "c"]))
    with pytest.raises(ic.InputError, match="features.word_length needs text; .* 'image'"):
        ic.features.word_length(ic.gratings([0, 45]))
    with pytest.raises(ic.InputError, match="needs Stimuli or Responses as words, not a list"):
        ic.features.word_rate(["a"])
    with pytest.raises(ic.InputError, match="measure='syllables' is not known"):
        ic.features.word_length(WORDS, "syllables")
    without = ic.Responses([[1.0], [2.0]], ["a", "b"], table={"word": ["a", "b"]})
    with pytest.raises(ic.InputError, match="in seconds needs columns 'onset' and 'offset'"):
        ic.features.word_length(without, "seconds")
