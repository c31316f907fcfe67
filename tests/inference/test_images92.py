"""Numbers of 92 images that were found by other means: models, behaviour of 16 people, IT of 4."""

import numpy as np
import pytest

import isocortex as ic
from isocortex.inference.contrasts import spread
from isocortex.inference.models import models_of
from isocortex.inference.people import people_of
from isocortex.inference.samples import Task, drawn, sampled
from isocortex.numerics.inference.ceilings import sample_ceilings
from isocortex.numerics.inference.products import similarities

BOTH = ("subject", "stimulus")
NAMES = [f"image {i}" for i in range(92)]


@pytest.fixture(scope="module")
def read(shared):
    from scipy.io import loadmat

    def of(file, key):
        found = loadmat(shared / "data/images92" / file)[key]
        squares = np.array([each["RDM"] for each in found.ravel()], dtype=float)
        return squares.reshape(*found.shape, 92, 92)

    return of


@pytest.fixture(scope="module")
def models(read):
    """Animacy, face and body, monkey IT, EVA, HMAX, V1, silhouette, RADON."""
    return ic.RDMs.from_arrays(read("92_modelRDMs.mat", "Models").reshape(-1, 92, 92), NAMES)


@pytest.fixture(scope="module")
def behaviour(read):
    squares = read("92_behavRDMs.mat", "rdms_behav_92").reshape(-1, 92, 92)
    return ic.RDMs.from_arrays(squares, NAMES)


@pytest.fixture(scope="module")
def it(read):
    """Of four people, each the mean of two sessions."""
    squares = read("92_brainRDMs.mat", "RDMs")[0]
    return ic.RDMs.from_arrays(squares.mean(1), NAMES, {"subject": range(4)})


def task_of(models, brain):
    return Task(models_of(models, brain), brain.values, people_of(brain), 92, "pearson")


def test_the_behaviour_of_16_people(models, behaviour):
    found = ic.infer(models, behaviour, "pearson")
    np.testing.assert_allclose(
        found.score, [0.378, 0.377, 0.324, 0.045, 0.150, 0.070, 0.118, -0.018], atol=6e-4
    )
    np.testing.assert_allclose(found.ceiling, [0.5718, 0.6346], atol=6e-5)
    errors = np.sqrt(found.spread.of_scores[:8])
    expected = [0.044, 0.041, 0.038, 0.025, 0.038, 0.026, 0.040, 0.025]
    np.testing.assert_allclose(errors, expected, rtol=0.1)
    np.testing.assert_allclose(found.p[[3, 5, 7]], [0.049, 0.009, 0.75], atol=0.02)
    whitened = ic.infer(models, behaviour, "whitened_cosine", n=50)
    np.testing.assert_allclose(whitened.ceiling, [0.6559, 0.7038], atol=6e-5)


def test_draws_of_the_legacy_generator_give_rsatoolboxs_errors_in_all_digits(models, behaviour):
    """Its eval_bootstrap after ``numpy.random.seed(0)``: 300 draws of people, then of stimuli."""
    legacy = np.random.RandomState(0)
    people, stimuli = np.zeros((300, 16), dtype=int), np.zeros((300, 92), dtype=int)
    for u, w in zip(people, stimuli, strict=True):
        np.add.at(u, legacy.randint(0, 16, 16), 1)
        np.add.at(w, legacy.randint(0, 92, 92), 1)
    both = sampled(task_of(models, behaviour), BOTH, stimuli, people).by_factor["both"][:, 0]
    errors = np.sqrt(both.var(0, ddof=1) * 16 / 15)
    expected = [0.04707547, 0.04335745, 0.03979246, 0.02800595]
    np.testing.assert_allclose(errors[:4], expected, atol=5e-9)
    everybody = np.arange(16)
    alike = similarities(behaviour.values, stimuli, "pearson", everybody, everybody)
    ends = [each.mean() for each in sample_ceilings(alike, people)]
    np.testing.assert_allclose(ends, [0.54774509, 0.6432971], atol=5e-9)
    assert both[:, 8].mean() == pytest.approx(ends[0], abs=1e-12)


def test_it_of_four_people(models, it):
    found = ic.infer(models, it, "pearson", over="stimulus", n=200)
    np.testing.assert_allclose(
        found.score, [0.387, 0.282, 0.334, 0.259, 0.152, 0.025, 0.116, 0.037], atol=6e-4
    )
    np.testing.assert_allclose(found.ceiling, [0.3944, 0.6804], atol=6e-5)
    whitened = ic.infer(models, it, "whitened_cosine", over="stimulus", n=50)
    np.testing.assert_allclose(
        whitened.score, [0.405, 0.355, 0.650, 0.635, 0.372, 0.494, 0.355, 0.213], atol=6e-4
    )
    np.testing.assert_allclose(whitened.ceiling, [0.6652, 0.8177], atol=6e-5)
    with pytest.raises(ic.InputError, match="at least 5 of them, but there are 4"):
        ic.infer(models, it, "pearson")


def test_two_factor_errors_of_four_people(models, it, rng):
    """Fewer people than ``infer`` takes; the products do not mind."""
    task = task_of(models, it)
    found = spread(sampled(task, BOTH, *drawn(task, BOTH, 1000, rng)), 4, 92, "published")
    expected = [0.077, 0.055, 0.050, 0.062, 0.057, 0.063, 0.058, 0.042]
    np.testing.assert_allclose(np.sqrt(found.of_scores[:8]), expected, rtol=0.12)
