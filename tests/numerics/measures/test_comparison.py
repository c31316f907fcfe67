import tracemalloc

import numpy as np
import pytest
import scipy.stats
from scipy.spatial.distance import squareform

from isocortex.errors import UndefinedError
from isocortex.numerics.measures import comparison
from isocortex.numerics.measures.comparison import COMPARISONS, JOINT, POOLINGS, pooling

# Those that look at one model at a time; the others are tested in test_partial.
PAIRWISE = {name: each for name, each in COMPARISONS.items() if each not in JOINT}
each = pytest.mark.parametrize("name", PAIRWISE)


def slow_tau_a(a, b):
    i, j = np.triu_indices(len(a), 1)
    return float(np.mean(np.sign(a[i] - a[j]) * np.sign(b[i] - b[j])))


def slow_rho_a(a, b, draws=20_000):
    """The mean correlation of ranks over random ways to break the ties."""
    rng = np.random.default_rng(0)

    def ranks(side):
        order = scipy.stats.rankdata(side, "dense") + rng.random((draws, len(side)))
        return order.argsort(1).argsort(1) - (len(side) - 1) / 2

    x, y = ranks(a), ranks(b)
    return float(np.mean((x * y).sum(1) / (x[0] @ x[0])))


def slow_whitened(a, b):
    n = round((1 + np.sqrt(1 + 8 * len(a))) / 2)
    i, j = np.triu_indices(n, 1)
    contrasts = np.zeros((len(a), n))
    contrasts[np.arange(len(a)), i], contrasts[np.arange(len(a)), j] = 1, -1
    v = (contrasts @ contrasts.T) ** 2  # independent noise of equal variance
    inner = lambda x, y: x @ np.linalg.solve(v, y)  # noqa: E731
    return inner(a, b) / np.sqrt(inner(a, a) * inner(b, b))


ORACLES = {
    "pearson": lambda a, b: scipy.stats.pearsonr(a, b).statistic,
    "correlation": lambda a, b: scipy.stats.pearsonr(a, b).statistic,
    "spearman": lambda a, b: scipy.stats.spearmanr(a, b).statistic,
    "kendall": lambda a, b: scipy.stats.kendalltau(a, b).statistic,
    "tau_b": lambda a, b: scipy.stats.kendalltau(a, b).statistic,
    "tau_a": slow_tau_a,
    "rho_a": slow_rho_a,
    "cosine": lambda a, b: a @ b / np.sqrt(a @ a * (b @ b)),
    "whitened_cosine": slow_whitened,
    "whitened_correlation": lambda a, b: slow_whitened(a - a.mean(), b - b.mean()),
}


def stacks(rng, ties):
    models, data = rng.random((3, 28)), rng.random((4, 28))
    return (np.round(models, 1), np.round(data * 4)) if ties else (models, data)


@each
@pytest.mark.parametrize("ties", [False, True])
def test_matches_an_oracle(name, ties, rng):
    models, data = stacks(rng, ties)
    found = COMPARISONS[name](models, data)
    wanted = [[ORACLES[name](a, b) for b in data] for a in models]
    np.testing.assert_allclose(found, wanted, atol=0.005 if name == "rho_a" else 1e-12)


@each
def test_is_one_with_itself_and_bounded(name, rng):
    models, _ = stacks(rng, ties=False)
    found = COMPARISONS[name](models, models)
    np.testing.assert_allclose(np.diag(found), 1, atol=1e-12)
    assert np.abs(found).max() <= 1 + 1e-12


@each
def test_does_not_see_a_common_reordering_of_stimuli(name, rng):
    models, data = stacks(rng, ties=True)
    order = rng.permutation(8)

    def shuffled(rows):
        return np.array([squareform(squareform(row)[np.ix_(order, order)]) for row in rows])

    np.testing.assert_allclose(
        COMPARISONS[name](shuffled(models), shuffled(data)),
        COMPARISONS[name](models, data),
        atol=1e-12,
    )


@each
def test_does_not_see_the_scale_and_leaves_its_input_alone(name, rng):
    models, data = stacks(rng, ties=False)
    for side in (models, data):
        side.flags.writeable = False
    np.testing.assert_allclose(
        COMPARISONS[name](7 * models, data), COMPARISONS[name](models, data), atol=1e-12
    )


@pytest.mark.parametrize("name", ["spearman", "kendall", "tau_a", "rho_a"])
def test_rank_methods_see_the_order_only(name, rng):
    models, data = stacks(rng, ties=False)
    np.testing.assert_allclose(
        COMPARISONS[name](np.exp(5 * models), data), COMPARISONS[name](models, data), atol=1e-12
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "tolerance"),
    [
        ("pearson", "corr", 1e-12),
        ("spearman", "spearman", 1e-12),
        ("kendall", "tau-b", 1e-12),
        ("tau_a", "tau-a", 1e-12),
        ("rho_a", "rho-a", 1e-12),
        ("cosine", "cosine", 1e-12),
        ("whitened_cosine", "cosine_cov", 1e-8),
        ("whitened_correlation", "corr_cov", 1e-8),
    ],
)
@pytest.mark.parametrize("ties", [False, True])
def test_equals_rsatoolbox(ours, theirs, tolerance, ties, rng):
    toolbox = pytest.importorskip("rsatoolbox")
    models, data = stacks(rng, ties)
    wanted = toolbox.rdm.compare(toolbox.rdm.RDMs(models), toolbox.rdm.RDMs(data), method=theirs)
    np.testing.assert_allclose(COMPARISONS[ours](models, data), wanted, atol=tolerance)


@pytest.mark.parametrize("name", ["pearson", "spearman", "kendall", "whitened_correlation"])
def test_a_constant_rdm_is_refused(name, rng):
    models, data = stacks(rng, ties=False)
    data[2] = 0.3
    with pytest.raises(UndefinedError, match="constant") as caught:
        COMPARISONS[name](models, data)
    assert caught.value.rows == (2,)


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("name", ["cosine", "whitened_cosine"])
def test_a_zero_rdm_has_no_cosine(name, side, rng):
    both = stacks(rng, ties=False)
    both[side][1] = 0
    with pytest.raises(UndefinedError, match="all zero"):
        COMPARISONS[name](*both)


def test_tau_a_of_a_constant_is_zero(rng):
    models, data = stacks(rng, ties=False)
    data[2] = 0.3
    np.testing.assert_array_equal(COMPARISONS["tau_a"](models, data)[:, 2], 0)


def test_every_comparison_has_its_pooling():
    assert set(POOLINGS) == set(PAIRWISE.values())


@pytest.mark.parametrize("name", ["pearson", "cosine", "whitened_cosine", "whitened_correlation"])
def test_no_other_prediction_beats_the_pooled_one(name, rng):
    data = rng.random((5, 28)) + rng.random(28)
    function = COMPARISONS[name]
    best = pooling(function)(data).mean(0)
    score = function(best[None], data).mean()
    for _ in range(200):
        other = best + rng.normal(size=28) * np.std(best) * rng.choice([0.01, 0.1, 1])
        assert function(other[None], data).mean() <= score + 1e-12


@pytest.mark.parametrize("n", [2, 3, 20, 61])
def test_row_sums_need_no_index_of_pairs(n, rng):
    condensed = rng.random((3, n * (n - 1) // 2))
    whole = np.array([squareform(row).sum(1) for row in condensed])
    np.testing.assert_allclose(comparison._row_sums(condensed), whole, rtol=1e-14)


def test_a_whitened_comparison_takes_less_memory_than_an_index_of_pairs(rng):
    rows = rng.random((1, 1500 * 1499 // 2))
    tracemalloc.start()
    comparison.whitened_cosine(rows, rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.1 * rows.nbytes
