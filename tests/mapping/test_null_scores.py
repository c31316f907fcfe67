import numpy as np
import pytest
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.linear_model import Lasso, LinearRegression, Ridge
from sklearn.model_selection import GroupKFold
from sklearn.neighbors import KNeighborsRegressor, NearestCentroid
from sklearn.pipeline import make_pipeline

import isocortex as ic
from isocortex.numerics.arrays.from_sums import FROM_SUMS
from isocortex.numerics.chance.exchange import orders_of, swap_units

MODELS = {
    "smoother": ic.PCR(5),
    "one penalty": ic.Ridge(20.0),
    "penalty per target": ic.Ridge([1.0, 30.0, 900.0], inner=3),
    "shared penalty": ic.Ridge([1.0, 30.0, 900.0], per_target=False, inner="gcv"),
    "pls": ic.PLS(2),
    "univariate": ic.Univariate(),
    "after a pca": make_pipeline(PCA(4), KNeighborsRegressor(4)),
    "plain": Ridge(20.0, solver="cholesky", positive=False, fit_intercept=False),
}


@pytest.mark.parametrize("accuracy", FROM_SUMS)
@pytest.mark.parametrize("name", MODELS)
def test_p_equals_refitting_to_permuted_recordings(name, accuracy, pair):
    features, recording = pair
    model = MODELS[name]
    options = {"folds": 4, "accuracy": accuracy}
    found = ic.encode(features, recording, model, permutations=ic.Permutation(7, 3), **options)
    aligned = recording.take([recording.stimuli.index(each) for each in features.stimuli])
    every = np.arange(45)
    orders, _ = orders_of(swap_units(every, every), 7, np.random.default_rng(3))
    draws = [
        ic.encode(features, aligned.replace(values=aligned.values[order]), model, **options)
        .values[0]
        .mean(0)
        for order in orders
    ]
    observed = found.values[0].mean(0)
    expected = (1 + (np.array(draws) >= observed).sum(0)) / 8
    np.testing.assert_allclose(found.columns["p"][0, 0], expected)
    largest = np.max(draws, axis=1)
    np.testing.assert_allclose(
        found.columns["p_max"][0, 0], [(1 + (largest >= t).sum()) / 8 for t in observed]
    )
    np.testing.assert_allclose(
        found.columns["p_fdr"][0, 0], stats.false_discovery_control(expected)
    )
    assert found.notes["seed"] == 3
    assert found.notes["n_permutations"] == 7


def test_a_seed_gives_the_same_and_another_gives_another(pair):
    def p(seed):
        return ic.encode(*pair, ic.PCR(5), permutations=ic.Permutation(99, seed)).columns["p"]

    np.testing.assert_array_equal(p(1), p(1))
    assert not np.array_equal(p(1), p(2))


def uniform(p, n_permutations, bins=8):
    """The probability of such p-values if each of 1/(n+1), 2/(n+1) ... 1 is as likely."""
    rank = np.round(np.asarray(p) * (n_permutations + 1)).astype(int) - 1
    return stats.chisquare(np.bincount(rank * bins // (n_permutations + 1), minlength=bins)).pvalue


def simulated(rng, model, n_runs=150, n_targets=4, **options):
    """P-values of noise targets in many data sets, shape (n_runs, n_targets)."""
    found = []
    for _ in range(n_runs):
        features = ic.Responses(rng.normal(size=(30, 40)))
        noise = ic.Responses(rng.normal(size=(30, n_targets)))
        scores = ic.encode(features, noise, model, folds=3, permutations=39, **options)
        found.append([scores.columns[c].ravel() for c in ("p", "p_fdr", "p_max")])
    return np.array(found).transpose(1, 0, 2)


@pytest.mark.parametrize(
    ("name", "n_runs"), [("smoother", 150), ("penalty per target", 150), ("univariate", 80)]
)
def test_p_values_of_noise_are_uniform(name, n_runs, rng):
    p, q, corrected = simulated(rng, MODELS[name], n_runs)
    # Targets of one data set share its features; one of them gives independent draws.
    assert uniform(p[:, 0], 39) > 0.01
    for level in (0.05, 0.1, 0.25):
        sd = np.sqrt(level * (1 - level) / len(p))
        assert abs((p <= level + 1e-9).mean() - level) < 3 * sd
        # Of noise every discovery is false: any at all counts for both corrections.
        assert (q <= level + 1e-9).any(1).mean() < level + 3 * sd
        assert (corrected <= level + 1e-9).any(1).mean() < level + 3 * sd


def test_the_false_discovery_rate_holds_beside_true_effects(rng):
    rates = []
    for _ in range(60):
        x = rng.normal(size=(40, 20))
        y = rng.normal(size=(40, 20))
        y[:, :8] += 3 * x[:, :8]
        features, recording = ic.Responses(x), ic.Responses(y)
        scores = ic.encode(features, recording, ic.Ridge(5.0), folds=4, permutations=199)
        found = scores.columns["p_fdr"][0, 0] <= 0.2
        rates.append(found[8:].sum() / max(found.sum(), 1))
        assert found[:8].mean() > 0.5
    assert np.mean(rates) < 0.2


def test_permutations_within_groups_keep_what_groups_share(rng):
    # A difference between runs predicts nothing within them: only grouped permutation knows.
    runs = np.repeat(np.arange(4), 12)
    found = []
    for _ in range(60):
        x = rng.normal(size=(48, 10)) + 3 * rng.normal(size=(4, 10))[runs]
        y = x[:, :1] * 0 + rng.normal(size=(48, 1))
        folds = ic.Folds(GroupKFold(4), runs)
        scores = ic.encode(
            ic.Responses(x), ic.Responses(y), ic.Ridge(5.0), folds=folds, permutations=39
        )
        found.append(scores.columns["p"].item())
    assert uniform(found, 39, 4) > 0.01


def test_p_values_of_a_noise_probe_are_uniform(rng):
    found = []
    for _ in range(60):
        features = ic.Responses(rng.normal(size=(24, 30)))
        scores = ic.probe(features, np.arange(24) % 2, NearestCentroid(), folds=2, permutations=9)
        found.append(scores.columns["p"].item())
    # Accuracies are coarse, and ties count against us.
    for level in (0.1, 0.2, 0.5):
        assert np.mean(np.array(found) <= level + 1e-9) < level + 3 * np.sqrt(level / 60)


def test_a_constant_unit_has_no_p(pair):
    features, recording = pair
    values = recording.values.copy()
    values[:, 2] = 1.0
    with pytest.warns(UserWarning, match="constant"):
        scores = ic.encode(features, recording.replace(values=values), ic.PCR(5), permutations=19)
    for column in scores.columns.values():
        assert np.isnan(column[0, 0, 2])
        assert np.isfinite(np.delete(column[0, 0], 2)).all()


def test_max_is_over_all_layers(rng):
    x = rng.normal(size=(40, 60))
    layers = [ic.Responses(x), ic.Responses(x[:, ::-1] ** 3)]
    recording = ic.Responses(rng.normal(size=(40, 5)))
    both = ic.encode(layers, recording, ic.PCR(3), permutations=49)
    each = [ic.encode(layer, recording, ic.PCR(3), permutations=49) for layer in layers]
    for i, alone in enumerate(each):
        np.testing.assert_array_equal(both.columns["p"][i], alone.columns["p"][0])
        assert (both.columns["p_max"][i] >= alone.columns["p_max"][0]).all()


def test_linear_regression_of_scikit_learn_takes_the_same_solver(pair):
    first = ic.encode(*pair, LinearRegression(), permutations=9).columns["p"]
    np.testing.assert_array_equal(first, ic.encode(*pair, ic.OLS(), permutations=9).columns["p"])


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize("accuracy", ["pearson", "spearman"])
@pytest.mark.parametrize("model", [Lasso(0.6), LinearRegression(positive=True)], ids=["lasso", "+"])
@pytest.mark.filterwarnings("ignore:.*predictions of:isocortex.errors.IsocortexWarning")
def test_a_perfect_result_of_a_sparse_model_has_the_least_p(model, accuracy, pooled, rng):
    # After most permutations the model finds nothing, and predictions are constant.
    x = rng.normal(size=(40, 2))
    y = x @ [[1.0, 0.0], [0.0, 1.0]]
    options = {"folds": 2, "permutations": 39, "accuracy": accuracy, "pooled": pooled}
    found = ic.encode(ic.Responses(x), ic.Responses(y), model, **options)
    assert found.columns["p"] == pytest.approx(1 / 40)
    assert found.columns["p_max"] == pytest.approx(1 / 40)


@pytest.mark.filterwarnings("ignore:.*predictions of:isocortex.errors.IsocortexWarning")
def test_p_of_a_sparse_model_is_right_under_the_null(rng):
    reached = 0
    for seed in range(24):
        x, y = ic.Responses(rng.normal(size=(20, 1))), ic.Responses(rng.normal(size=(20, 20)))
        options = {"folds": 2, "permutations": ic.Permutation(19, seed)}
        found = ic.encode(x, y, LinearRegression(positive=True), **options)
        reached += (found.columns["p"] <= 0.05).sum()
    # NaN, where the model finds nothing in the data themselves, counts as no discovery.
    assert reached <= 480 * 0.05 + 3 * np.sqrt(480 * 0.05)


def test_a_function_without_a_value_after_permutations_is_told(rng):
    x = rng.normal(size=(30, 1))

    def correlation(measured, predicted):
        with np.errstate(invalid="ignore", divide="ignore"):
            m, p = measured - measured.mean(0), predicted - predicted.mean(0)
            return (m * p).sum(0) / np.sqrt((m**2).sum(0) * (p**2).sum(0))

    options = {"folds": 2, "permutations": 19, "accuracy": correlation}
    with pytest.warns(ic.errors.IsocortexWarning, match=r"\d+% of the scores .* are NaN and count"):
        ic.encode(ic.Responses(x), ic.Responses(x), Lasso(0.5), **options)
