import numpy as np
import pandas as pd
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


def recording(rng, counts, share, n_units=300):
    """Signal, and trials whose averages have this reliability."""
    counts = np.asarray(counts)
    shown = np.repeat(np.arange(len(counts)), counts)
    signal = np.sqrt(share) * rng.normal(size=(len(counts), n_units))
    sd = np.sqrt((1 - share) / (1 / counts).mean())
    values = signal[shown] + sd * rng.normal(size=(len(shown), n_units)) + 1000
    return signal, ic.Trials(values, [f"{i:03d}" for i in shown])


REPEATS = {"2": [2] * 150, "3": [3] * 150, "5": [5] * 150, "7": [7] * 150, "2-18": [2, 18, 3] * 50}


@pytest.mark.parametrize("method", RELIABILITIES)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("repeats", REPEATS)
def test_is_unbiased_for_any_repeats(rng, repeats, share, method):
    _, trials = recording(rng, REPEATS[repeats], share)
    found = reliability(trials, method, n_splits=12).values
    sampling = 3 * found.std() / len(found) ** 0.5
    assert abs(found.mean() - share) < 0.004 + sampling


@pytest.mark.parametrize("metric", ["pearson", "explained_variance"])
@pytest.mark.parametrize("repeats", ["3", "2-18"])
def test_a_perfect_model_normalizes_to_one(rng, repeats, metric):
    signal, trials = recording(rng, REPEATS[repeats], 0.5)
    measured = ic.average(trials).numpy()
    score = {
        "pearson": [np.corrcoef(a, b)[0, 1] for a, b in zip(signal.T, measured.T, strict=True)],
        "explained_variance": 1 - (measured - signal).var(0) / measured.var(0),
    }[metric]
    ceiling = reliability(trials, n_splits=12)
    scores = ic.Scores(score, {"unit": ceiling.tables["unit"]}, metric)
    share = ic.normalize(scores, ceiling)
    assert share.mean("unit").values == pytest.approx(1, abs=0.02)
    assert share.values.mean() == pytest.approx(1, abs=0.06)


def test_units_below_zero_stay_in_the_means(rng):
    _, trials = recording(rng, REPEATS["3"], 0.05)
    found = reliability(trials, n_splits=12)
    below = found.values <= 0
    assert found.notes["below_zero"] == below.sum() > 50
    assert (found.columns["ceiling"][below] == 0).all()
    scores = ic.Scores(np.full(300, 0.1), {"unit": found.tables["unit"]}, "pearson")
    share = ic.normalize(scores, found)
    assert np.isnan(share.values[below]).all()
    expected = 0.1 * found.columns["ceiling"].sum() / found.values.sum()
    assert share.mean("unit").values == pytest.approx(expected)


def test_the_mean_of_normalized_folds_is_that_of_the_folds(rng):
    table = {"unit": pd.DataFrame({"unit": range(3)}), "fold": pd.DataFrame({"fold": range(2)})}
    scores = ic.Scores(rng.random((3, 2)), table, "pearson")
    share = ic.normalize(scores, np.array([0.5, 0.9, 0.7]))
    np.testing.assert_allclose(share.mean("fold").values, share.values.mean(1))
    both = scores.values.mean() / 0.7
    np.testing.assert_allclose(share.mean("fold").mean("unit").values, both)
    np.testing.assert_allclose(share.mean("unit", "fold").values, both)


def test_a_unit_that_does_not_vary_has_no_reliability(rng):
    _, trials = recording(rng, REPEATS["3"], 0.5, 3)
    values = trials.values.copy()
    values[:, 1] = 0.1
    for method in RELIABILITIES:
        found = reliability(trials.replace(values=values), method)
        assert np.isnan(found.values).tolist() == [False, True, False]
        assert np.isnan(found.columns["ceiling"][1])


def test_what_normalizes_depends_on_what_the_scores_are(made):
    ceiling = reliability(made[1])
    tables = {"unit": ceiling.tables["unit"]}
    limit = ceiling.columns["ceiling"]
    for metric, divisor in (("pearson", limit), ("spearman", limit), ("r2", limit**2)):
        share = ic.normalize(ic.Scores(np.ones(20), tables, metric), ceiling)
        np.testing.assert_allclose(share.values, 1 / divisor)
    own = ic.Scores(np.ones(20), tables, "spearman_fn")
    with pytest.raises(ic.InputError, match="'spearman_fn'.*kind='correlation' or kind='variance'"):
        ic.normalize(own, ceiling)
    np.testing.assert_allclose(ic.normalize(own, ceiling, kind="correlation").values, 1 / limit)
    np.testing.assert_allclose(ic.normalize(own, ceiling, kind="variance").values, 1 / limit**2)
    with pytest.raises(ic.InputError, match="Did you mean 'variance'"):
        ic.normalize(own, ceiling, kind="variances")


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
    with pytest.raises(ic.InputError, match="3 stimuli are too few; at least 4"):
        reliability(ic.Trials(signal[:6], list("aabbcc")))
    with pytest.raises(ic.InputError, match="Did you mean 'ncsnr'"):
        reliability(trials, "ncsr")
    with pytest.raises(ic.InputError, match="time axis"):
        reliability(ic.Trials(np.ones((4, 2, 3)), list("aabb")))
    scores = ic.encode(ic.Responses(signal), ic.Responses(signal[:, :5]), ic.PCR(3), folds=5)
    with pytest.raises(ic.InputError, match="5 units, the ceiling 20"):
        ic.normalize(scores, reliability(trials))
    with pytest.raises(ic.InputError, match="has the axes 'layer'"):
        ic.normalize(scores, scores)
