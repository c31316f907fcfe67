import numpy as np
import pytest
from scipy.stats import rankdata

from isocortex.numerics.inference import reranked
from isocortex.numerics.inference.products import METRICS, Stack, similarities

C = 9
PAIRS = np.triu_indices(C, 1)


def copies(counts):
    return np.repeat(np.arange(len(counts)), counts)


def sampled(square, counts):
    """All pairs of a sample, copy by copy, without those of a stimulus with itself."""
    drawn = copies(counts)
    i, j = np.triu_indices(len(drawn), 1)
    keep = drawn[i] != drawn[j]
    return square[drawn[i], drawn[j]][keep], i[keep], j[keep]


def covariance(i, j, n):
    """Of differences between stimuli with independent noise of equal variance."""
    contrasts = np.zeros((len(i), n))
    contrasts[range(len(i)), i], contrasts[range(len(i)), j] = 1, -1
    return (contrasts @ contrasts.T) ** 2


def slowly(a, b, counts, metric):
    a, i, j = sampled(a, counts)
    b, _, _ = sampled(b, counts)
    keep = ~(np.isnan(a) | np.isnan(b))
    a, b, i, j = a[keep], b[keep], i[keep], j[keep]
    if len(set(a)) < 3 or len(set(b)) < 3:
        return np.nan
    if metric == "rho_a":
        k = len(a)
        return 12 * rankdata(a) @ rankdata(b) / (k**3 - k) - 3 * (k + 1) / (k - 1)
    if metric == "spearman":
        a, b = rankdata(a), rankdata(b)
    if metric not in ("cosine", "whitened_cosine"):
        a, b = a - a.mean(), b - b.mean()
    v = np.eye(len(a))
    if metric.startswith("whitened"):
        v = covariance(i, j, counts.sum())
    left, right = np.linalg.solve(v, a), np.linalg.solve(v, b)
    return a @ right / np.sqrt((a @ left) * (b @ right))


def squares(rows):
    out = np.zeros((len(rows), C, C))
    out[:, PAIRS[0], PAIRS[1]] = out[:, PAIRS[1], PAIRS[0]] = rows
    return out


def truth(rows, counts, metric, first, second):
    square = squares(rows)
    return np.array(
        [[[slowly(square[a], square[b], c, metric) for b in second] for a in first] for c in counts]
    )


@pytest.fixture
def counts(rng):
    drawn = rng.multinomial(C, np.full(C, 1 / C), size=12)
    # One stimulus as half of the sample and more, and samples of three distinct ones.
    return np.concatenate([drawn, [[6, 1, 1, 1, 0, 0, 0, 0, 0], [4, 4, 1, 0, 0, 0, 0, 0, 0]]])


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("offset", [0.0, 1e5])
def test_a_sample_is_a_weight_and_equals_its_copies_one_by_one(rng, counts, metric, offset):
    rows = rng.random((5, 36)) + offset
    rows[4] = np.round(3 * rows[4] + rng.random(36))
    first, second = [0, 1, 4], [2, 3, 4]
    found = similarities(rows, counts, metric, first, second)
    # A number near 1e5 has a spacing of 1.5e-11.
    atol = 1e-11 if offset == 0 else 2e-8
    np.testing.assert_allclose(found, truth(rows, counts, metric, first, second), atol=atol)


@pytest.mark.parametrize("metric", METRICS)
def test_a_missing_stimulus_is_left_out_of_the_pairs_that_lack_it(rng, counts, metric):
    rows = squares(rng.random((4, 36)))
    rows[1, 2] = rows[1, :, 2] = np.nan
    rows[3, :, [4, 5]] = rows[3, [4, 5]] = np.nan
    rows = rows[:, PAIRS[0], PAIRS[1]]
    found = similarities(rows, counts[:12], metric, [0, 1], [2, 3])
    assert np.mean(~np.isnan(found)) > 0.9
    expected = truth(rows, counts[:12], metric, [0, 1], [2, 3])
    np.testing.assert_allclose(found, expected, atol=1e-11)


@pytest.mark.parametrize("metric", METRICS)
def test_single_pairs_may_be_missing_in_any_pattern(rng, counts, metric):
    rows = rng.random((4, 36))
    rows[0, [3, 17, 20]] = np.nan
    rows[2, [5, 17, 30]] = np.nan
    found = similarities(rows, counts[:12], metric, [0, 1], [2, 3])
    np.testing.assert_allclose(found, truth(rows, counts[:12], metric, [0, 1], [2, 3]), atol=1e-11)


@pytest.mark.parametrize("metric", METRICS)
def test_scales_do_not_matter_however_far_from_one(rng, counts, metric):
    rows = rng.random((4, 36))
    sizes = np.array([[1e-200], [1.0], [1e150], [1e-3]])
    found = similarities(rows * sizes, counts, metric, [0, 1], [2, 3])
    np.testing.assert_allclose(
        found, similarities(rows, counts, metric, [0, 1], [2, 3]), atol=1e-11
    )


@pytest.mark.parametrize("metric", METRICS)
def test_fewer_than_three_distinct_stimuli_are_undefined(rng, metric):
    found = similarities(rng.random((2, 36)), np.array([[8, 1] + [0] * 7]), metric, [0], [1])
    assert np.isnan(found).all()


@pytest.mark.parametrize("metric", METRICS)
def test_blocks_change_nothing(rng, counts, metric, monkeypatch):
    rows = rng.random((6, 36))
    whole = similarities(rows, counts, metric, range(4), [4, 5])
    monkeypatch.setattr("isocortex.numerics.inference.products._BUDGET", 2000)
    np.testing.assert_allclose(
        similarities(rows, counts, metric, range(4), [4, 5]), whole, atol=1e-13
    )


def test_constant_rows_have_no_correlation_in_any_sample(rng, counts):
    rows = np.stack([np.full(36, 0.1) + 1e-17, rng.random(36)])
    for metric in ("pearson", "spearman", "whitened_correlation"):
        assert np.isnan(similarities(rows, counts, metric, [0], [1])).all()


def test_the_compiled_ranks_are_those_of_arrays(rng, counts):
    pytest.importorskip("numba", reason="the extra [fast] is not installed")
    rows = np.round(rng.random((3, 36)), 1)
    pairs = counts[:, PAIRS[0]] * counts[:, PAIRS[1]].astype(float)
    orders, chosen = reranked.Orders(rows), np.array([2, 0])
    np.testing.assert_array_equal(
        reranked._by_loop(orders, chosen, pairs), reranked._by_array(orders, chosen, pairs)
    )


@pytest.mark.parametrize("metric", ["spearman", "rho_a"])
def test_ranks_need_no_compiler(rng, counts, metric, monkeypatch):
    monkeypatch.setattr(reranked, "_compiled", lambda: None)
    rows = np.round(rng.random((3, 36)), 1)
    found = similarities(rows, counts, metric, [0, 1], [2])
    np.testing.assert_allclose(found, truth(rows, counts, metric, [0, 1], [2]), atol=1e-12)


def test_products_are_those_of_weighted_rows(rng, counts):
    rows = rng.random((3, 36))
    stack = Stack(rows, "cosine")
    found = stack.products(counts, [0], [1, 2])
    pairs = counts[:, PAIRS[0]] * counts[:, PAIRS[1]]
    np.testing.assert_allclose(
        found.cross[:, 0, 1] * stack.scale[0] * stack.scale[2], pairs @ (rows[0] * rows[2])
    )
