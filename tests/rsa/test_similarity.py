import numpy as np
import pytest

import isocortex as ic

NAMES = [f"img{i}" for i in range(9)]


def net(rng, name, n=2, units=4):
    return [
        ic.Responses(rng.normal(size=(9, units)), NAMES, labels={"network": name, "layer": f"l{i}"})
        for i in range(n)
    ]


def test_every_pair_with_the_labels_of_both(rng):
    first, second = net(rng, "a"), net(rng, "b", 3)
    scores = ic.similarity(first, second, "cka")
    table = scores.table()
    assert list(table.columns) == ["network", "layer", "other_network", "other_layer", "score"]
    x, y = (side.values - side.values.mean(0) for side in (first[1], second[2]))
    wanted = np.sum((x.T @ y) ** 2) / np.linalg.norm(x.T @ x) / np.linalg.norm(y.T @ y)
    assert scores.values[1, 2] == pytest.approx(wanted)


@pytest.mark.parametrize("measure", ["cka", "cka_unbiased", "procrustes", "cca", "rv"])
def test_rows_meet_by_name_and_grams_serve_as_well(measure, rng):
    (first,), (second,) = net(rng, "a", 1), net(rng, "b", 1)
    wanted = ic.similarity(first, second, measure).values
    moved = ic.gram(second.take(rng.permutation(9)))
    np.testing.assert_allclose(ic.similarity(first, moved, measure).values, wanted, atol=1e-9)


def test_bad_input(rng):
    first = net(rng, "a", 1)
    with pytest.raises(ic.InputError, match="Did you mean 'procrustes'"):
        ic.similarity(first, first, "procrustis")
    with pytest.raises(ic.UndefinedError, match="reduce it first"):
        ic.similarity(net(rng, "a", 1, units=20), first, "cca")
    with pytest.raises(ic.MisalignedError, match="different stimuli"):
        ic.similarity(first, first[0].take(range(5)))
