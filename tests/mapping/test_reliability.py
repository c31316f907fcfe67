import numpy as np
import pytest

import isocortex as ic
from isocortex.mapping.reliability import RELIABILITIES, reliability

NOISE = 1.5


@pytest.fixture
def made(rng):
    signal = rng.normal(size=(200, 20))
    values = signal[:, None] + NOISE * rng.normal(size=(200, 4, 20))
    names = np.repeat([f"image {i}" for i in range(200)], 4)
    trials = ic.Trials(
        values.reshape(800, 20), names, units={"voxel": range(20)}, labels={"region": "V1"}
    )
    return signal, trials


@pytest.mark.parametrize("method", RELIABILITIES)
def test_the_share_of_signal_is_recovered(method, made):
    found = reliability(made[1], method)
    expected = 1 / (1 + NOISE**2 / 4)
    assert found.values.mean() == pytest.approx(expected, abs=0.03)
    np.testing.assert_allclose(found.columns["ceiling"], np.sqrt(found.values))
    assert found.tables["unit"].columns.tolist() == ["voxel", "region"]


@pytest.mark.parametrize("method", RELIABILITIES)
def test_the_ceiling_is_what_the_signal_itself_reaches(method, made):
    signal, trials = made
    average = ic.average(trials)
    place = [int(name.split()[1]) for name in average.stimuli]
    reached = [np.corrcoef(signal[place, u], average.values[:, u])[0, 1] for u in range(20)]
    assert np.mean(reached) == pytest.approx(
        reliability(trials, method).columns["ceiling"].mean(), abs=0.02
    )


def test_ncsnr_is_the_ratio_of_standard_deviations(made):
    assert reliability(made[1], "ncsnr").columns["ncsnr"].mean() == pytest.approx(
        1 / NOISE, abs=0.05
    )


def test_noise_has_no_reliability(rng):
    trials = ic.Trials(rng.normal(size=(400, 60)), np.repeat(np.arange(100), 4))
    assert abs(reliability(trials, n_splits=20).values.mean()) < 0.06


def test_a_seed_gives_the_same(made):
    first = reliability(made[1], n_splits=3, seed=5)
    np.testing.assert_array_equal(first.values, reliability(made[1], n_splits=3, seed=5).values)
    assert first.notes["seed"] == 5


def test_normalized_raw_and_ceiling_stand_side_by_side(made):
    signal, trials = made
    average = ic.average(trials)
    features = ic.Responses(signal, [f"image {i}" for i in range(200)])
    scores = ic.encode(features, average, ic.OLS(), folds=5)
    ceiling = reliability(trials)
    found = ic.normalize(scores, ceiling)
    np.testing.assert_allclose(found.values, scores.values / ceiling.columns["ceiling"])
    table = found.table()
    np.testing.assert_allclose(table["score"], table["raw"] / table["ceiling"])
    assert found.values.mean() == pytest.approx(1, abs=0.08)
    explained = ic.normalize(
        ic.encode(features, average, ic.OLS(), folds=5, accuracy="r2"), ceiling
    )
    assert explained.values.mean() == pytest.approx(1, abs=0.2)
    by_array = ic.normalize(scores, np.r_[np.zeros(1), np.ones(19)])
    assert np.isnan(by_array.values[..., 0]).all()
    np.testing.assert_array_equal(by_array.values[..., 1:], scores.values[..., 1:])


def test_bad_input_is_answered_with_a_sentence(made):
    signal, trials = made
    with pytest.raises(ic.InputError, match="1 of 3 stimuli were shown once only: 'c'"):
        reliability(ic.Trials(signal[:5], ["a", "a", "b", "b", "c"]))
    with pytest.raises(ic.InputError, match="needs Trials with repeats"):
        reliability(ic.average(trials))
    with pytest.raises(ic.InputError, match="Did you mean 'ncsnr'"):
        reliability(trials, "ncsr")
    with pytest.raises(ic.InputError, match="time axis"):
        reliability(ic.Trials(np.ones((4, 2, 3)), list("aabb")))
    scores = ic.encode(ic.Responses(signal), ic.Responses(signal[:, :5]), ic.PCR(3), folds=5)
    with pytest.raises(ic.InputError, match="5 units, the ceiling 20"):
        ic.normalize(scores, reliability(trials))
    with pytest.raises(ic.InputError, match="has the axes 'layer'"):
        ic.normalize(scores, scores)
