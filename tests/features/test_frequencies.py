"""Frequencies are those of wordfreq."""

import numpy as np
import pytest

import isocortex as ic

wordfreq = pytest.importorskip("wordfreq")

SAID = ["the", "Rabbit", "null", "zxqvvw", "the", "'ll", "…"]
WORDS = ic.Stimuli.from_words({"word": SAID, "onset": range(7), "offset": range(1, 8)})


def test_frequencies_equal_those_of_wordfreq():
    with pytest.warns(ic.IsocortexWarning, match="lacks 2 of 7 words, .* They are 0; unknown="):
        found = ic.features.log_frequency(WORDS)
    expected = [wordfreq.zipf_frequency(each, "en") for each in SAID]
    np.testing.assert_array_equal(found.numpy().ravel(), expected)
    rate = wordfreq.word_frequency("rabbit", "en")
    np.testing.assert_allclose(found.numpy()[1, 0], np.log10(rate * 1e9), atol=0.005)
    assert dict(found.labels) == {
        "layer": "log_frequency",
        "language": "en",
        "scale": "Zipf",
        "unknown": "2 as zero",
    }
    german = ic.features.log_frequency(WORDS, "de", unknown="zero").numpy()
    assert german[0, 0] == wordfreq.zipf_frequency("the", "de") < found.numpy()[0, 0]


def test_unknown_words_are_a_choice():
    mean = ic.features.log_frequency(WORDS, unknown="mean").numpy().ravel()
    known = [wordfreq.zipf_frequency(each, "en") for each in SAID if each not in ("zxqvvw", "…")]
    np.testing.assert_allclose(mean[[3, 6]], np.mean(known))
    with pytest.raises(ic.InputError, match=r"lacks 2 of 7 words, 2 different ones: 'zxqvvw', '…'"):
        ic.features.log_frequency(WORDS, unknown="refuse")
    with pytest.raises(ic.InputError, match="unknown='keep' is not known"):
        ic.features.log_frequency(WORDS, unknown="keep")


def test_an_unknown_language_is_a_sentence():
    with pytest.raises(ic.InputError, match="no list of words of language='english'.*'de'"):
        ic.features.log_frequency(WORDS, "english")
