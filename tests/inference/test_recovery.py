"""Which comparison finds the true model: against what must be, and a simulation of its own."""

import numpy as np
import pytest
from scipy.stats import binom

import isocortex as ic

N = 12
NAMES = [f"image {i}" for i in range(N)]
ALL = ["pearson", "spearman", "kendall", "rho_a", "cosine", "whitened_cosine"]


@pytest.fixture
def models(rng):
    x = rng.normal(size=(4, N, 5))
    i, j = np.triu_indices(N, 1)
    return ic.RDMs(((x[:, i] - x[:, j]) ** 2).sum(2), NAMES, {"layer": list("abcd")})


def test_without_noise_every_model_is_found(models):
    found = ic.recovery(models, comparison=ALL, noise=[0], people=[3], n=2)
    assert (found.accuracy().rate == 1).all()
    np.testing.assert_array_equal(found.confusion.values[0, 0, 0], np.eye(4))


def test_in_noise_alone_it_is_chance(models):
    found = ic.recovery(models, comparison="pearson", noise=[np.inf], people=[4], n=300, seed=2)
    accuracy = found.accuracy()
    low, high = binom.interval(0.999, 1200, 0.25)
    assert low / 1200 <= accuracy.rate[0] <= high / 1200
    np.testing.assert_allclose(found.confusion.values.sum(-1), 1)
    assert accuracy.chance[0] == 0.25


def test_rates_are_those_of_a_simulation_from_patterns_of_noise(models, rng):
    found = ic.recovery(models, comparison="pearson", noise=[6.0], people=[5], n=150).accuracy()
    i, j = np.triu_indices(N, 1)
    contrasts = np.zeros((len(i), N))
    contrasts[range(len(i)), i] = 1
    contrasts[range(len(i)), j] = -1
    root = np.linalg.cholesky((contrasts @ contrasts.T) ** 2 / 4)
    right = 0
    for true, row in enumerate(models.values):
        noise = rng.standard_normal((150, 5, len(i))) @ root.T
        data = row / row.std() + 6 * noise
        r = [[[np.corrcoef(m, d)[0, 1] for m in models.values] for d in some] for some in data]
        right += (np.mean(r, 1).argmax(1) == true).mean() / 4
    error = np.sqrt(right * (1 - right) / 600)
    assert 0.3 < right < 0.95
    assert found.rate[0] == pytest.approx(right, abs=4 * error * np.sqrt(2))


def test_less_noise_and_more_people_help(models):
    table = ic.recovery(
        models, comparison="pearson", noise=[3.0, 12.0], people=[2, 12], n=60
    ).accuracy()
    rate = table.set_index(["noise", "people"]).rate
    assert rate[3.0, 12] > rate[12.0, 12] > 0.25
    assert rate[12.0, 12] > rate[12.0, 2]


def test_a_measured_brain_sets_noise_and_number(models, rng):
    noise = rng.standard_normal((40, 66))
    truth = models.values[0] / models.values[0].std()
    brain = ic.RDMs(truth + 2 * noise, NAMES, {"subject": range(40)})
    found = ic.recovery(models, brain_like=brain.take(rng.permutation(N)), n=2)
    assert found.confusion.tables["people"].people.tolist() == [40]
    assert found.confusion.tables["noise"].noise[0] == pytest.approx(2, abs=0.3)
    assert found.table().comparison.unique().tolist() == [
        "pearson",
        "spearman",
        "whitened_cosine",
        "whitened_correlation",
    ]


def test_equal_models_share(models):
    twice = ic.RDMs(models.values[[0, 0]], NAMES, {"layer": ["a", "copy"]})
    found = ic.recovery(twice, comparison="pearson", noise=[1.0], people=[3], n=10)
    np.testing.assert_allclose(found.confusion.values, 0.5)


def test_the_seed_decides(models):
    asked = {"comparison": "pearson", "noise": [8.0], "people": [3], "n": 20}
    tables = [ic.recovery(models, **asked, seed=seed).table() for seed in (0, 0, 1)]
    assert tables[0].equals(tables[1])
    assert not tables[0].equals(tables[2])
    members = {name: models.select(layer=name) for name in "abcd"}
    named = ic.recovery(members, **asked).table()
    np.testing.assert_array_equal(named.rate, tables[0].rate)
    assert named.columns.tolist()[3:5] == ["true_model", "model"]


def test_bad_input(models, rng):
    with pytest.raises(ic.InputError, match="at least 2 models, not 1"):
        ic.recovery(models.select(layer="a"))
    with pytest.raises(ic.InputError, match="'x' must each be RDMs that hold a single RDM"):
        ic.recovery({"x": models})
    with pytest.raises(ic.InputError, match="'partial' compare several models together"):
        ic.recovery(models, comparison=["partial"])
    with pytest.raises(ic.InputError, match="noise=.* must be numbers from 0"):
        ic.recovery(models, noise=[-1])
    with pytest.raises(ic.InputError, match="people=.* must be whole numbers from 1"):
        ic.recovery(models, people=[0])
    with pytest.raises(ic.InputError, match="n=0 must be"):
        ic.recovery(models, n=0)
    with pytest.raises(ic.InputError, match="holds one RDM. Give noise="):
        ic.recovery(models, models.select(layer="a"))
    contrary = np.stack([rng.random(66), rng.random(66)])
    contrary[1] = -contrary[0]
    with pytest.raises(ic.UndefinedError, match="do not correlate with one another .mean r -1.000"):
        ic.recovery(models, ic.RDMs(contrary, NAMES, {"subject": [1, 2]}))
    with pytest.raises(ic.MisalignedError, match="different stimuli"):
        ic.recovery(models, ic.RDMs(rng.random((2, 66)), "abcdefghijkl", {"subject": [1, 2]}))
    flat = ic.RDMs(np.ones((2, 66)), NAMES)
    with pytest.raises(ic.UndefinedError, match="2 model RDMs are constant"):
        ic.recovery(flat)
