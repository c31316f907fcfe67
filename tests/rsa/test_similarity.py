import numpy as np
import pytest

import isocortex as ic
from isocortex.numerics.measures.similarity import SIMILARITIES

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


@pytest.mark.parametrize("measure", SIMILARITIES)
@pytest.mark.parametrize("sizes", [(1e-200, 1.0), (1e180, 1e-200), (1e300, 1e300)])
def test_the_unit_of_measurement_does_not_matter(measure, sizes, rng):
    a, b = rng.normal(size=(20, 4)), rng.normal(size=(20, 6))
    expected = ic.similarity(ic.Responses(a), ic.Responses(b), measure).values
    pair = [ic.Responses(each * size) for each, size in zip((a, b), sizes, strict=True)]
    np.testing.assert_allclose(ic.similarity(*pair, measure).values, expected, rtol=1e-9)


@pytest.mark.parametrize("size", [1e3, 1e4, 1e6])
def test_procrustes_keeps_what_a_unit_of_huge_variance_leaves(size, rng):
    a, b = rng.normal(size=(20, 15)), rng.normal(size=(20, 9))
    a[:, 0] *= size
    x, y = a - a.mean(0), b - b.mean(0)
    expected = np.linalg.norm(x.T @ y, "nuc") / np.linalg.norm(x) / np.linalg.norm(y)
    found = ic.similarity(ic.Responses(a), ic.Responses(b), "procrustes").values
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_cca_says_which_dimensions_it_cannot_tell_from_rounding(rng):
    a, b = rng.normal(size=(20, 5)), ic.Responses(rng.normal(size=(20, 3)))
    a[:, 0] *= 1e6
    with pytest.warns(ic.IsocortexWarning, match="up to 4 dimensions of 1 of 2 representations"):
        ic.similarity(ic.Responses(a), b, "cca")
    copies = np.hstack([a[:, 1:], a[:, 1:]]).astype("float32")
    ic.similarity(ic.Responses(copies), b, "cca")
