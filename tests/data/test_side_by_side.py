"""Feature spaces side by side: rows meet by name, and units say where they are from."""

import numpy as np
import pytest

import isocortex as ic


@pytest.fixture
def spaces(rng):
    table = {"onset": np.arange(12.0), "offset": np.arange(12.0) + 1}
    names = [f"word {i}" for i in range(12)]
    rate = ic.Responses(rng.normal(size=(12, 1)), names, labels={"layer": "rate"}, table=table)
    glove = ic.Responses(rng.normal(size=(12, 3)), names, {"i": [1, 2, 3]}, {"layer": "glove"})
    return rate, glove


def test_rows_meet_by_name_not_by_place(spaces):
    rate, glove = spaces
    mixed = glove.take(np.random.default_rng(1).permutation(12))
    both = ic.Responses.concat([rate, mixed])
    np.testing.assert_array_equal(both.numpy(), np.hstack([rate.numpy(), glove.numpy()]))
    assert both.stimuli == rate.stimuli
    assert both.table["onset"].tolist() == rate.table["onset"].tolist()
    assert both.units["layer"].tolist() == ["rate", "glove", "glove", "glove"]
    assert both.labels["layer"] == "rate + glove"


def test_ridge_of_both_is_ridge_of_their_columns(spaces, rng):
    brain = ic.Responses(rng.normal(size=(12, 2)), spaces[0].stimuli)
    both = ic.Responses.concat(spaces)
    plain = ic.Responses(both.numpy(), both.stimuli)
    asked = {"folds": 3, "accuracy": "r2", "pooled": True}
    one, two = (ic.encode(each, brain, ic.Ridge([1.0, 10.0]), **asked) for each in (both, plain))
    np.testing.assert_allclose(one.values, two.values, atol=1e-12)


def test_what_cannot_be_joined_is_a_sentence(spaces):
    rate, glove = spaces
    with pytest.raises(ic.MisalignedError, match=r"Responses.concat"):
        ic.Responses.concat([rate, glove.take(range(11))])
    with pytest.raises(ic.InputError, match="needs a list of Responses: there is none"):
        ic.Responses.concat([])
    with pytest.raises(ic.InputError, match="needs a list of Responses: not ndarray"):
        ic.Responses.concat([rate, np.eye(12)])
    with pytest.raises(ic.InputError, match="side by side before they are delayed"):
        ic.Responses.concat([ic.delayed(rate, [1, 2]), glove])
