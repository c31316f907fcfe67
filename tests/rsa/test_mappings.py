"""A mapping of recordings names the subjects, as in every verb over people."""

import numpy as np
import pytest

import isocortex as ic


@pytest.fixture
def people(rng):
    conditions = ["face", "house", "car"] * 6
    runs = np.repeat([1, 2, 3], 6)
    return {
        name: ic.Trials(rng.normal(size=(18, 5)), conditions, runs=runs) for name in ("ann", "ben")
    }


@pytest.mark.parametrize(
    "verb", [ic.decoding_rdms, ic.rdms, lambda people: ic.rdms(people, "crossnobis")]
)
def test_keys_name_subjects(people, verb):
    assert verb(people).labels["subject"].tolist() == ["ann", "ben"]
    np.testing.assert_array_equal(verb(people).values, verb(list(people.values())).values)


def test_labels_of_their_own_stay(people):
    named = {key: each.replace(labels={"subject": 7}) for key, each in people.items()}
    assert ic.decoding_rdms(named).labels["subject"].tolist() == [7, 7]


def test_accuracies_that_tie_are_told_what_to_take(people):
    tied = ic.RDMs([[0.5] * 3], ["a", "b", "c"], dissimilarity="lda accuracy")
    model = ic.RDMs([[0.1, 0.2, 0.3]], ["a", "b", "c"])
    with pytest.raises(ic.UndefinedError, match="of few trials tie: take distances.*crossnobis"):
        ic.compare(model, tied)
