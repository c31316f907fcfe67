"""Alice: words with their times, and those who heard them."""

import numpy as np
import pytest

import isocortex as ic


def test_words_and_volumes_are_on_one_clock(shared):
    story = ic.datasets.alice()
    assert len(story.words) == 2127
    assert story.words.is_running
    assert story.words.table["onset"].iloc[0] == pytest.approx(20.059, abs=1e-3)
    assert [each.values.shape for each in story.listeners] == [(362, 6)] * 28
    assert story.listeners[0].table["onset"].iloc[0] == 20.0
    (path,) = (shared / "data" / "alice" / "stim").glob("*.TextGrid")
    with pytest.warns(ic.IsocortexWarning, match="296 are silence"):
        read = ic.Stimuli.from_words(path)
    assert story.words.table["word"].tolist() == read.table["word"].tolist()
    np.testing.assert_array_equal(story.words.table["offset"], read.table["offset"])


def test_who_is_constant_is_named_before_anything_is_made_of_it(shared):
    constant = [each for each in ic.datasets.alice().listeners if not each.numpy().std(0).any()]
    assert [each.labels["subject"] for each in constant] == ["33"]
    with pytest.raises(ic.UndefinedError, match="6 units are constant in run '1' of subject '33'"):
        ic.clean(constant[0])
