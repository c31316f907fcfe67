"""Stimuli are of one of four modalities, and verbs say which one they need."""

import numpy as np
import pytest

import isocortex as ic
from isocortex.data.modalities.known import MODALITIES

SOURCES = {
    "image": np.zeros((4, 4, 3), np.uint8),
    "text": "a word",
    "audio": np.zeros(160, np.float32),
    "video": np.zeros((2, 4, 4, 3), np.uint8),
}
OTHERS = sorted(set(MODALITIES) - {"image"})


def one(modality):
    return ic.Stimuli(["a"], [SOURCES[modality]], modality)


@pytest.mark.parametrize("modality", MODALITIES)
def test_each_modality_reads_its_sources_and_tells_them_from_each_other(modality):
    source = SOURCES[modality]
    stimuli = one(modality)
    np.testing.assert_array_equal(stimuli.read(0), source)
    other = "other" if modality == "text" else source + 1
    two = ic.Stimuli(["a", "b", "c"], [source, other, source], modality)
    first, second, third = map(two.digest, range(3))
    assert first == third != second
    assert not stimuli.is_file(0)
    assert two.take([2, 1]).modality == modality


def test_an_unknown_modality_is_a_sentence():
    with pytest.raises(ic.InputError, match=r"modality='images' is not known. Did you mean"):
        ic.Stimuli(["a"], ["a"], "images")


def test_sources_are_of_their_modality():
    with pytest.raises(ic.InputError, match=r"1 of 2 are no strings: 'b'"):
        ic.Stimuli(["a", "b"], ["word", 3], "text")
    with pytest.raises(ic.InputError, match=r"1 of 1 are empty: 'a'"):
        ic.Stimuli(["a"], [" "], "text")
    with pytest.raises(ic.InputError, match=r"'audio' .* 1 of 1 are not: 'a'. Stimuli.from_audio"):
        ic.Stimuli(["a"], ["speech.wav"], "audio")


VERBS = {
    "extract": lambda s, n: ic.extract(n, s, ["conv1"]),
    "train": lambda s, n: ic.train(n, s, [1]),
    "saliency": lambda s, n: ic.saliency(n, s, "conv1", 0),
    "receptive_field": lambda s, n: ic.receptive_field(n, "conv1", "gradient", images=s),
    "plots.stimuli": lambda s, n: ic.plots.stimuli(s),
    "plots.top_stimuli": lambda s, n: ic.plots.top_stimuli(
        ic.top_stimuli(ic.Responses([[1.0]], ["a"]), None, unit=0, n=1), s
    ),
    "simulate_responses": lambda s, n: ic.simulate_responses(s, ic.GaborEnergy(), n_units=3),
}


@pytest.fixture(scope="module")
def network():
    return ic.load_network("cifar10_resnet20", weights=None)


@pytest.mark.parametrize("modality", OTHERS)
@pytest.mark.parametrize("verb", VERBS)
def test_verbs_of_images_say_what_they_need(verb, modality, network):
    with pytest.raises(
        ic.InputError, match=rf"needs images; there is 1 stimulus of modality '{modality}'"
    ):
        VERBS[verb](one(modality), network)


def test_running_text_is_told_from_sentences():
    story = {"word": ["a", "b"], "onset": [0.0, 1.0], "offset": [1.0, 2.0]}
    words = ic.Stimuli.from_words(story)
    assert words.is_running
    assert words.take([1]).is_running
    assert not ic.Stimuli.from_sentences(["a b"]).is_running
    assert not one("image").is_running


@pytest.mark.parametrize(
    ("modality", "said"),
    [("image", "image"), ("text", "text"), ("audio", "sound"), ("video", "clip")],
)
def test_stimuli_say_in_english_what_they_are(modality, said):
    assert repr(one(modality)) == f"Stimuli(1 {said})"
    two = ic.Stimuli(["a", "b"], [SOURCES[modality]] * 2, modality)
    assert repr(two) == f"Stimuli(2 {said}s)"


def test_words_are_called_words():
    told = {"word": ["a", "b"], "onset": [0.0, 1.0], "offset": [0.5, 1.5]}
    assert repr(ic.Stimuli.from_words(told)).startswith("Stimuli(2 words, table: word, onset")
