import numpy as np
import pytest

import isocortex as ic
from isocortex.errors import InputError


@pytest.fixture
def stack(rng):
    labels = {"subject": list("aabb"), "time": [0.1, 0.2, 0.1, 0.2], "folds": list("wxyz")}
    return ic.RDMs(rng.random((4, 3)), ["cat", "dog", "car"], labels, "correlation")


def test_the_mean_over_a_label_keeps_the_others(stack):
    found = stack.mean("subject")
    np.testing.assert_allclose(found.values, (stack.values[:2] + stack.values[2:]) / 2)
    assert found.labels.to_dict("list") == {"time": [0.1, 0.2]}
    assert found.dissimilarity == "correlation"
    np.testing.assert_allclose(stack.mean("time").values[1], stack.values[2:].mean(0))
    np.testing.assert_allclose(stack.mean().values[0], stack.values.mean(0))


def test_pairs_that_some_lack_are_averaged_over_those_who_have_them(stack):
    values = stack.values.copy()
    values[0, 1] = np.nan
    found = stack.replace(values=values, gaps=True).mean("subject")
    assert found.values[0, 1] == values[2, 1]
    assert not found.gaps


def test_a_label_that_is_not_there_is_told(stack):
    with pytest.raises(InputError, match="no label 'subjects'. Did you mean 'subject'"):
        stack.mean("subjects")


def test_fields_are_replaced(stack):
    renamed = stack.replace(stimuli=["a", "b", "c"])
    assert renamed.stimuli == ("a", "b", "c")
    assert renamed.labels.equals(stack.labels)
    assert renamed.dissimilarity == "correlation"


def test_times_that_differ_by_rounding_are_one_time(rng):
    labels = {"subject": [1, 1, 2, 2], "time": [0.3, 0.4, 0.1 + 0.2, 0.4]}
    rdms = ic.RDMs(rng.random((4, 3)), list("abc"), labels)
    found = rdms.mean("subject")
    assert found.labels["time"].tolist() == [0.3, 0.4]
    expected = [rdms.values[[0, 2]].mean(0), rdms.values[[1, 3]].mean(0)]
    np.testing.assert_array_equal(found.values, expected)
    untimed = rdms.replace(labels={"subject": [1, 2, 1, 2], "time": [np.nan, np.nan, 0.1, 0.1]})
    assert untimed.mean("subject").n_rdms == 2
