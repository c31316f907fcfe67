"""Both sides of a mapping over the same rows."""

import numpy as np
import pytest

import isocortex as ic
from isocortex.mapping.alignment import join, rows_of, source_labels, target_values


def test_rows_meet_by_name(rng):
    x, y = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    order = rng.permutation(6)
    first = ic.Responses(x, [f"s{i}" for i in range(6)])
    second = ic.Responses(y[order], [f"s{i}" for i in order])
    joined = join(first, second, "encode")
    assert joined.names == first.stimuli
    np.testing.assert_array_equal(joined.y, y)
    np.testing.assert_array_equal(joined.sources[0].values(), x)
    np.testing.assert_array_equal(rows_of(second, first.stimuli), np.argsort(order))


def test_several_recordings_stand_side_by_side(rng):
    one = ic.Responses(rng.normal(size=(5, 2)), labels={"region": "V1"})
    two = ic.Responses(rng.normal(size=(5, 3)), labels={"region": "V4"})
    joined = join(one, [one, two], "encode")
    np.testing.assert_array_equal(joined.y, np.hstack([one.values, two.values]))
    assert joined.units["region"].tolist() == ["V1"] * 2 + ["V4"] * 3


def test_trials_are_averaged(rng):
    values = rng.normal(size=(8, 2))
    trials = ic.Trials(values, list("abcdabcd"))
    joined = join(ic.Responses(rng.normal(size=(4, 3)), list("abcd")), trials, "encode")
    np.testing.assert_allclose(joined.y, (values[:4] + values[4:]) / 2, atol=1e-15)


def test_layers_without_a_name_are_numbered(rng):
    nouns = [ic.Responses(rng.normal(size=(4, 2))) for _ in range(2)]
    assert source_labels(nouns, "layer")["layer"].tolist() == ["0", "1"]


def test_a_gram_has_no_units_to_predict(rng):
    kernel = ic.gram(ic.Responses(rng.normal(size=(4, 2))))
    with pytest.raises(ic.InputError, match="encode: what is predicted must be Responses"):
        target_values(kernel, "encode")
