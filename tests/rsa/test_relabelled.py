"""A p for each single pair of RDMs, from stimuli that change places."""

from itertools import permutations

import numpy as np
import pytest

import isocortex as ic
from isocortex.numerics.measures.comparison import COMPARISONS


def stack(values, **labels):
    n = round((1 + np.sqrt(1 + 8 * values.shape[1])) / 2)
    return ic.RDMs(values, [f"image {i}" for i in range(n)], labels)


def relabelled(row, order):
    n = len(order)
    i, j = np.triu_indices(n, 1)
    square = np.zeros((n, n))
    square[i, j] = square[j, i] = row
    return square[np.ix_(order, order)][i, j]


SINGLE = ["pearson", "spearman", "kendall", "tau_a", "rho_a", "cosine"]
SINGLE += ["whitened_cosine", "whitened_correlation"]


@pytest.mark.parametrize("comparison", SINGLE)
def test_of_few_stimuli_p_counts_all_relabellings(rng, comparison):
    models, brain = rng.random((2, 10)).round(1), rng.random((3, 10)).round(1)
    found = ic.compare(stack(models), stack(brain), comparison, n_permutations=119)
    function = COMPARISONS[comparison]
    every = np.array(
        [
            function(np.array([relabelled(m, order) for m in models]), brain)
            for order in permutations(range(5))
        ]
    )
    np.testing.assert_allclose(
        found.columns["p"], (every >= found.values - 1e-9).mean(0), atol=1e-12
    )
    assert found.notes["exact"]
    assert found.notes["least_p"] == pytest.approx(1 / 120)
    largest = every.max((1, 2))
    family = [[(largest >= v - 1e-9).mean() for v in row] for row in found.values]
    np.testing.assert_allclose(found.columns["p_max"], family, atol=1e-12)


def test_all_relabellings_of_seven_stimuli(rng):
    found = ic.compare(stack(rng.random((1, 21))), stack(rng.random((1, 21))), n_permutations=5039)
    assert found.notes["n_permutations"] == 5039
    assert found.notes["exact"]
    fewer = ic.compare(stack(rng.random((1, 21))), stack(rng.random((1, 21))), n_permutations=99)
    assert not fewer.notes["exact"]


@pytest.mark.parametrize("comparison", ["pearson", "cosine", "spearman", "rho_a"])
def test_moments_are_those_of_all_relabellings(rng, comparison):
    models, brain = rng.random((2, 15)), rng.random((2, 15))
    found = ic.compare(stack(models), stack(brain), comparison, permutations="moments")
    every = np.array(
        [
            COMPARISONS[comparison](np.array([relabelled(m, order) for m in models]), brain)
            for order in permutations(range(6))
        ]
    )
    z = (found.values - every.mean(0)) / every.std(0)
    np.testing.assert_allclose(found.columns["z"], z, atol=1e-9)


@pytest.mark.parametrize("comparison", ["spearman", "whitened_cosine"])
def test_unrelated_rdms_have_p_at_the_nominal_rate(rng, comparison):
    # RDMs of real points: their dissimilarities depend on one another through the stimuli.
    points = rng.normal(size=(2, 60, 10, 3))
    first, second = (
        np.array([((x[:, None] - x) ** 2).sum(2)[np.triu_indices(10, 1)] for x in side])
        for side in points
    )
    p = ic.compare(stack(first), stack(second), comparison, n_permutations=199).columns["p"]
    # 3600 pairs of 120 independent RDMs: the rate has an error of about .006.
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.02)
    assert p.mean() == pytest.approx(0.5, abs=0.06)


def test_relabelled_until_the_answer_is_known(rng):
    truth = rng.random(190)
    models = stack(np.array([truth + 0.3 * rng.random(190), rng.random(190)]), layer=["a", "b"])
    brain = stack(truth[None], subject="m1")
    found = ic.compare(models, brain, permutations="sequential", n_permutations=999)
    table = found.table()
    assert table.p[0] == pytest.approx(0.001)
    assert table.n_relabelled.tolist()[0] == 999
    assert table.p[1] == pytest.approx(20 / table.n_relabelled[1])
    assert "until 20 are as alike, at most 999 times" in found.notes["p"]
    with pytest.raises(ic.InputError, match="'sequential' is for comparisons that are products"):
        ic.compare(models, brain, "kendall", permutations="sequential")
    with pytest.raises(ic.InputError, match="'moments' makes no permutations"):
        ic.compare(models, brain, "pearson", permutations="moments", n_permutations=9)


def test_one_subject_can_be_tested(rng):
    truth = rng.random(190)
    models = stack(np.array([truth + 0.3 * rng.random(190), rng.random(190)]), layer=["a", "b"])
    table = ic.compare(models, stack(truth[None], subject="m1"), n_permutations=999).table()
    assert table.p[0] == pytest.approx(0.001)
    assert table.p[1] > 0.01
    assert {"p_fdr", "p_max"} <= set(table.columns)


def test_the_seed_decides(rng):
    models, brain = stack(rng.random((1, 45))), stack(rng.random((1, 45)))
    asked = [ic.Permutation(99, seed=seed) for seed in (0, 0, 1)]
    p = [ic.compare(models, brain, permutations=each).columns["p"][0, 0] for each in asked]
    assert p[0] == p[1]
    old = ic.compare(models, brain, n_permutations=99, seed=1).columns["p"][0, 0]
    assert old == p[2]


def test_what_is_not_exchanged(rng):
    models, brain = stack(rng.random((2, 45))), stack(rng.random((1, 45)))
    for name in ("partial", "partial_spearman", "regression"):
        with pytest.raises(ic.InputError, match="no test of what one model adds"):
            ic.compare(models, brain, name, n_permutations=9)
    with pytest.raises(ic.InputError, match="null='circular' has no meaning"):
        ic.compare(models, brain, permutations=ic.Permutation(9, null="circular"))
    with pytest.raises(ic.InputError, match="permutations='moment' is not known"):
        ic.compare(models, brain, permutations="moment")
    with pytest.raises(ic.InputError, match="'moments' is exact for"):
        ic.compare(models, brain, "kendall", permutations="moments")
    with pytest.warns(ic.IsocortexWarning, match="only 6 different relabellings of 3 stimuli"):
        ic.compare(stack(rng.random((1, 3))), stack(rng.random((1, 3))), n_permutations=99)


def test_with_gaps_the_stimuli_in_common_change_places(rng):
    values = rng.random((2, 28))
    i, j = np.triu_indices(8, 1)
    lost = (i >= 6) | (j >= 6)
    values[1, lost] = np.nan
    names = [f"image {k}" for k in range(8)]
    model = rng.random((1, 28))
    brain = ic.RDMs(values, names, {"subject": [1, 2]}, gaps=True)
    found = ic.compare(ic.RDMs(model, names), brain, n_permutations=719)
    small = ic.compare(stack(model[:, ~lost]), stack(values[1:, ~lost]), n_permutations=719)
    assert found.columns["p"][0, 1] == small.columns["p"][0, 0]
    values[0, 3] = np.nan
    brain = ic.RDMs(values, names, {"subject": [1, 2]}, gaps=True)
    with pytest.raises(ic.UndefinedError, match="not all pairs of some stimuli"):
        ic.compare(ic.RDMs(model, names), brain, n_permutations=9)
