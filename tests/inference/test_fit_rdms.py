"""Flexible models scored on other stimuli and people, against slow fits fold by fold."""

import numpy as np
import pytest
from scipy.optimize import nnls
from scipy.stats import pearsonr, spearmanr

import isocortex as ic
from isocortex.numerics.inference.draws import fold_numbers

N = 18
NAMES = [f"image {i}" for i in range(N)]
I, J = np.triu_indices(N, 1)


def made(rng, n_parts=3, n_people=6, noise=0.5):
    parts = rng.random((n_parts, len(I)))
    truth = parts.T @ rng.random(n_parts)
    people = truth + noise * rng.normal(size=(n_people, len(I)))
    brain = ic.RDMs(people, NAMES, {"subject": range(n_people)})
    return ic.RDMs(parts, NAMES, {"feature": list("abcdef")[:n_parts]}), brain


def root_of_inverse(pairs):
    """A matrix whose product with dissimilarities makes their noise white."""
    contrasts = np.zeros((len(pairs), N))
    contrasts[range(len(pairs)), I[pairs]] = 1
    contrasts[range(len(pairs)), J[pairs]] = -1
    return np.linalg.inv(np.linalg.cholesky((contrasts @ contrasts.T) ** 2))


def slow_fit(parts, data, pairs, metric, nonnegative):
    """Least squares on normalized data of the training people, one after the other."""
    x, rows = parts[:, pairs], []
    turn = root_of_inverse(pairs) if metric.startswith("whitened") else np.eye(len(pairs))
    centre = metric != "whitened_cosine"
    x = (x - x.mean(1, keepdims=True) * centre) @ turn.T
    for row in data[:, pairs]:
        y = turn @ (row - row.mean() * centre)
        rows.append(y / np.linalg.norm(y))
    y = np.mean(rows, 0)
    theta = nnls(x.T, y)[0] if nonnegative else np.linalg.lstsq(x.T, y)[0]
    return theta / np.linalg.norm(theta)


def slow_score(a, b, metric, pairs):
    a, b = a[pairs], b[pairs]
    if metric == "pearson":
        return pearsonr(a, b).statistic
    if metric == "spearman":
        return spearmanr(a, b).statistic
    if metric == "whitened_correlation":
        a, b = a - a.mean(), b - b.mean()
    turn = root_of_inverse(pairs)
    a, b = turn @ a, turn @ b
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


@pytest.mark.parametrize("nonnegative", [True, False])
@pytest.mark.parametrize(
    "metric", ["pearson", "spearman", "whitened_correlation", "whitened_cosine"]
)
def test_train_and_test_share_no_stimulus_and_no_person(rng, metric, nonnegative):
    parts, brain = made(rng)
    found = ic.fit_rdms(ic.Weighted(parts, nonnegative), brain, metric, folds=(3, 2), seed=5)
    lots, scores, weights = np.random.default_rng(5), np.zeros((10, 6)), []
    for repetition in range(10):
        stimuli = fold_numbers(np.ones((1, N)), 3, lots)[0]
        people = fold_numbers(np.ones((1, 6)), 2, lots)[0]
        for group in range(2):
            for fold in range(3):
                train = np.flatnonzero((stimuli[I] != fold) & (stimuli[J] != fold))
                test = np.flatnonzero((stimuli[I] == fold) & (stimuli[J] == fold))
                fitted = "pearson" if metric == "spearman" else metric
                theta = slow_fit(
                    parts.values, brain.values[people != group], train, fitted, nonnegative
                )
                weights.append(theta)
                guess = theta @ parts.values
                for who in np.flatnonzero(people == group):
                    scores[repetition, who] += (
                        slow_score(guess, brain.values[who], metric, test) / 3
                    )
    np.testing.assert_allclose(found.fold_weights.values, weights, atol=1e-9)
    np.testing.assert_allclose(found.scores.values, scores.mean(0), atol=1e-9)
    whole = slow_fit(parts.values, brain.values, np.arange(len(I)), fitted, nonnegative)
    np.testing.assert_allclose(found.weights, whole, atol=1e-9)
    np.testing.assert_allclose(found.predicted.values[0], whole @ parts.values, atol=1e-9)
    assert found.notes["fitted"] == fitted
    assert found.notes["scored"] == metric


def test_the_true_weights_come_back_with_their_shares(rng):
    parts, brain = made(rng, noise=0.01)
    table = ic.fit_rdms(ic.Weighted(parts), brain, "pearson").table()
    assert table.share.sum() == pytest.approx(1)
    scale = np.array([1e6, 1.0, 1e-6])
    scaled = ic.RDMs(parts.values * scale[:, None], NAMES, parts.labels)
    again = ic.fit_rdms(ic.Weighted(scaled), brain, "pearson").table()
    np.testing.assert_allclose(again.share, table.share, atol=1e-9)
    np.testing.assert_allclose(again.fitted, table.fitted, atol=1e-9)
    ratio = again.weight * scale / table.weight
    np.testing.assert_allclose(ratio / ratio[0], 1, rtol=1e-6)


def test_parts_are_scored_on_the_same_pairs_as_the_fit(rng):
    parts, brain = made(rng, n_parts=2)
    alone = ic.RDMs(np.repeat(parts.values[:1], 2, 0), NAMES, {"feature": ["a", "again"]})
    found = ic.fit_rdms(ic.Selected(alone), brain, "pearson")
    np.testing.assert_allclose(found.parts.values[0], found.scores.values, atol=1e-12)
    assert found.ceiling[0] < found.ceiling[1]


def unrelated(rng):
    """Five RDMs of real points, and eight people whose common RDM is of others."""
    names = [f"image {i}" for i in range(24)]
    i, j = np.triu_indices(24, 1)
    x = rng.normal(size=(6, 24, 5))
    d = ((x[:, i] - x[:, j]) ** 2).sum(2)
    people = d[5] + 4 * rng.normal(size=(8, 276))
    brain = ic.RDMs(people, names, {"subject": range(8)})
    return ic.RDMs(d[:5], names, {"part": range(5)}), brain


def mean_scores(rng, nonnegative, n_sets):
    """Over sets of data: on other stimuli and people, its standard error, and on the same data."""
    held_out, same = [], []
    for seed in range(n_sets):
        parts, brain = unrelated(rng)
        fitted = ic.fit_rdms(ic.Weighted(parts, nonnegative), brain, "pearson", seed=seed)
        held_out.append(fitted.score)
        same.append(fitted.same_data.values.mean())
    return np.mean(held_out), np.std(held_out) / np.sqrt(n_sets), np.mean(same)


def test_flexible_models_do_not_win_by_their_freedom(rng):
    held_out, error, same = mean_scores(rng, True, 8)
    assert abs(held_out) < 4 * error
    assert same > 0.03


@pytest.mark.slow
@pytest.mark.parametrize(("nonnegative", "least"), [(True, 0.04), (False, 0.07)])
def test_freedom_over_many_sets(rng, nonnegative, least):
    held_out, error, same = mean_scores(rng, nonnegative, 100)
    assert abs(held_out) < 3 * error
    assert error < 0.015
    assert same > least
    over_people = []
    for _ in range(40):
        # Folds of people alone: the stimuli are the same, and so is what is so by chance.
        parts, brain = unrelated(rng)
        some, others = (brain.select(subject=list(who)) for who in (range(4), range(4, 8)))
        guess = ic.fit_rdms(ic.Weighted(parts, nonnegative), some, "pearson").predicted
        if np.ptp(guess.values):
            over_people.append(ic.compare(guess, others, "pearson").values.mean())
    assert np.mean(over_people) > 0.02


def test_people_with_gaps_count_for_what_they_have(rng):
    parts, brain = made(rng, noise=0.1)
    values = brain.values.copy()
    for k in range(1, 6):
        lost = rng.choice(N, 3, replace=False)
        values[k, np.isin(I, lost) | np.isin(J, lost)] = np.nan
    gappy = ic.RDMs(values, NAMES, brain.labels, gaps=True)
    found = ic.fit_rdms(ic.Weighted(parts, False), gappy, "pearson")
    rows, right = [], []
    for row in values:  # stacked least squares: each person's own pairs, mean and scale
        there = np.isfinite(row)
        y = row[there] - row[there].mean()
        rows.append((parts.values[:, there] - parts.values[:, there].mean(1, keepdims=True)).T)
        right.append(y / np.sqrt((y**2).mean()))
    theta = np.linalg.lstsq(np.concatenate(rows), np.concatenate(right))[0]
    np.testing.assert_allclose(found.weights, theta / np.linalg.norm(theta), atol=1e-9)
    whole = ic.fit_rdms(ic.Weighted(parts, False), brain, "pearson")
    assert found.score == pytest.approx(whole.score, abs=0.1)
    assert np.isfinite(ic.fit_rdms(ic.Selected(parts), gappy, "whitened_correlation").score)


def test_one_person_is_fitted_over_stimuli(rng):
    parts, brain = made(rng, noise=0.05)
    found = ic.fit_rdms(ic.Weighted(parts), brain.select(subject=0), "pearson")
    assert found.score > 0.9
    assert np.isnan(found.ceiling[0])
    assert found.notes["folds"] == (3, 1)


def test_several_rdms_of_a_person_stay_together(rng):
    parts, brain = made(rng, n_people=3, noise=0.0)
    noise = rng.normal(size=(3, len(I)))
    twice = np.concatenate([brain.values + noise, brain.values + noise])
    sessions = ic.RDMs(twice, NAMES, {"subject": [0, 1, 2, 0, 1, 2]})
    folds = ic.fit_rdms(ic.Weighted(parts), sessions, "pearson", folds=(2, 3)).fold_weights
    assert len(folds.values) == 2 * 3 * 10


def test_folds_without_a_prediction_score_0_and_are_counted(rng):
    parts, brain = made(rng)
    against = ic.RDMs(-brain.values, NAMES, brain.labels)
    found = ic.fit_rdms(ic.Weighted(parts), against, "pearson")
    assert found.notes["n_without"] > 0.5 * found.notes["n_folds"]
    assert abs(found.score) < 0.1


def test_dependent_parts_are_named(rng):
    parts, brain = made(rng)
    both = np.concatenate([parts.values, parts.values[:1]])
    twice = ic.RDMs(both, NAMES, {"feature": ["a", "b", "c", "a again"]})
    with pytest.raises(ic.UndefinedError, match="2 of the 4 .* dependent .'a', 'a again'"):
        ic.fit_rdms(ic.Weighted(twice, False), brain)
    assert np.isfinite(ic.fit_rdms(ic.Weighted(twice), brain).score)
    assert np.isfinite(ic.fit_rdms(ic.Weighted(twice, False, alpha=0.1), brain).score)


def test_bad_input(rng):
    parts, brain = made(rng)
    with pytest.raises(ic.InputError, match="not RDMs: RDMs as they are have nothing to fit"):
        ic.fit_rdms(parts, brain)
    with pytest.raises(ic.InputError, match="needs RDMs as brain, not ndarray"):
        ic.fit_rdms(ic.Selected(parts), brain.values)
    with pytest.raises(ic.InputError, match="'partial' is a fit of its own"):
        ic.fit_rdms(ic.Selected(parts), brain, "partial")
    with pytest.raises(ic.InputError, match="two whole numbers"):
        ic.fit_rdms(ic.Selected(parts), brain, folds=3)
    with pytest.raises(ic.InputError, match="9 folds of 18 stimuli are not possible"):
        ic.fit_rdms(ic.Selected(parts), brain, folds=(9, 2))
    with pytest.raises(ic.InputError, match="7 folds of 6 people"):
        ic.fit_rdms(ic.Selected(parts), brain, folds=(2, 7))
    with pytest.raises(ic.InputError, match="2 folds of 5 stimuli are not possible"):
        ic.fit_rdms(ic.Selected(parts.take(range(5))), brain.take(range(5)))
    regions = ic.RDMs(brain.values, NAMES, {"region": ["EVC"] * 3 + ["IT"] * 3})
    with pytest.raises(ic.InputError, match="fit_rdms: the RDMs are of 2 different regions"):
        ic.fit_rdms(ic.Selected(parts), regions)
    with pytest.raises(ic.MisalignedError, match="different stimuli"):
        ic.fit_rdms(ic.Selected(parts.take(range(9))), brain)
