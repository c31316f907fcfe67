"""RDMs that lack pairs, against slow loops over the pairs that both have."""

import warnings
from functools import partial

import numpy as np
import pytest
from scipy.stats import kendalltau, pearsonr, spearmanr

import isocortex as ic
from isocortex.numerics.inference.common_pairs import scaled_with_gaps
from isocortex.numerics.measures.comparison import COMPARISONS

N = 9
NAMES = [f"image {i}" for i in range(N)]
I, J = np.triu_indices(N, 1)


def covariance(pairs):
    """Of dissimilarities of these pairs, from independent noise in each stimulus."""
    contrasts = np.zeros((len(pairs), N))
    contrasts[range(len(pairs)), I[pairs]] = 1
    contrasts[range(len(pairs)), J[pairs]] = -1
    return (contrasts @ contrasts.T) ** 2


def slow(a, b, comparison):
    pairs = np.flatnonzero(np.isfinite(a) & np.isfinite(b))
    a, b = a[pairs], b[pairs]
    if comparison == "whitened_correlation":
        a, b = a - a.mean(), b - b.mean()
    if comparison.startswith("whitened"):
        v = np.linalg.inv(covariance(pairs))
        return a @ v @ b / np.sqrt((a @ v @ a) * (b @ v @ b))
    if comparison == "cosine":
        return a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    by = {"pearson": pearsonr, "spearman": spearmanr, "kendall": kendalltau}[comparison]
    return by(a, b).statistic


@pytest.fixture(params=["stimuli", "pairs"])
def subjects(request, rng):
    values = rng.random((4, N * (N - 1) // 2))
    for k, row in enumerate(values):
        missing = rng.choice(N, 2, replace=False)
        if request.param == "stimuli" and k:
            row[np.isin(I, missing) | np.isin(J, missing)] = np.nan
        if request.param == "pairs" and k:
            row[rng.choice(len(row), 8, replace=False)] = np.nan
    return ic.RDMs(values, NAMES, {"subject": range(4)}, gaps=True)


@pytest.mark.parametrize(
    "comparison",
    ["pearson", "spearman", "kendall", "cosine", "whitened_cosine", "whitened_correlation"],
)
def test_each_two_rdms_are_compared_over_the_pairs_of_both(subjects, comparison):
    found = ic.compare(subjects, subjects, comparison).values
    right = [[slow(a, b, comparison) for b in subjects.values] for a in subjects.values]
    np.testing.assert_allclose(found, right, atol=1e-12)


def test_several_models_together_go_over_the_pairs_of_all(subjects, rng):
    models = ic.RDMs(rng.random((2, 36)), NAMES, {"layer": ["a", "b"]})
    found = ic.compare(models, subjects, "regression")
    for k, row in enumerate(subjects.values):
        there = np.isfinite(row)
        design = np.column_stack([models.values[:, there].T, np.ones(there.sum())])
        weights, left, *_ = np.linalg.lstsq(design, row[there])
        np.testing.assert_allclose(found.values[:, k], weights[:2], atol=1e-12)
        r2 = 1 - left[0] / ((row[there] - row[there].mean()) ** 2).sum()
        assert found.columns["r2"][0, k] == pytest.approx(r2)


def scaled(row, comparison):
    there = np.isfinite(row)
    out, known = np.full(row.shape, np.nan), row[there]
    if comparison == "spearman":
        out[there] = ((known[:, None] > known).sum(1) + 0.5) * len(row) / there.sum()
        return out
    if comparison != "cosine":
        known = known - known.mean()
    if comparison == "whitened_correlation":
        v = np.linalg.inv(covariance(np.flatnonzero(there)))
        out[there] = known / np.sqrt(known @ v @ known / there.sum())
        return out
    out[there] = known / np.sqrt((known**2).mean())
    return out


@pytest.mark.parametrize("comparison", ["pearson", "cosine", "spearman", "whitened_correlation"])
def test_the_ceiling_takes_means_over_those_who_have_a_pair(subjects, comparison):
    low, up = ic.noise_ceiling(subjects, comparison)
    rows = np.array([scaled(row, comparison) for row in subjects.values])
    bounds = {"low": [], "up": []}
    tied = partial(np.round, decimals=9) if comparison == "spearman" else np.asarray
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for k, row in enumerate(subjects.values):
            others = tied(np.nanmean(np.delete(rows, k, 0), 0))
            bounds["low"].append(slow(others, row, comparison))
            bounds["up"].append(slow(tied(np.nanmean(rows, 0)), row, comparison))
    assert low == pytest.approx(np.mean(bounds["low"]), abs=1e-12)
    assert up == pytest.approx(np.mean(bounds["up"]), abs=1e-12)


@pytest.mark.parametrize("comparison", ["pearson", "cosine", "spearman", "whitened_correlation"])
def test_the_ceiling_of_complete_rdms_is_the_same_by_both_ways(rng, comparison):
    from isocortex.rsa.ceiling import _over_common_pairs

    whole = ic.RDMs(rng.random((4, 36)), NAMES, {"subject": range(4)})
    by_pairs = _over_common_pairs(whole, COMPARISONS[comparison], np.arange(4))
    np.testing.assert_allclose(by_pairs, ic.noise_ceiling(whole, comparison), atol=1e-12)


def test_too_little_overlap_is_told_with_who_has_it(rng):
    values = rng.random((3, 36))
    values[0, 2:] = np.nan
    brain = ic.RDMs(values, NAMES, {"subject": ["ann", "ben", "cem"]}, gaps=True)
    model = ic.RDMs(rng.random((1, 36)), NAMES, {"layer": "conv1"})
    with pytest.raises(
        ic.UndefinedError,
        match=r"compare: 1 pair of RDMs has too few .*layer 'conv1' and subject 'ann' \(2\)",
    ):
        ic.compare(model, brain)
    with pytest.raises(ic.UndefinedError, match=r"noise_ceiling: .*subject 'ann' \(2\)"):
        ic.noise_ceiling(brain)
    flat = values.copy()
    flat[1] = 1.0
    flat[1, 0] = np.nan
    with pytest.raises(ic.UndefinedError, match="constant over the 35 pairs.*subject 'ben'"):
        ic.compare(model, ic.RDMs(flat[1:], NAMES, {"subject": ["ben", "cem"]}, gaps=True))


def test_rows_with_gaps_meet_by_name(subjects, rng):
    models = ic.RDMs(rng.random((2, 36)), NAMES, {"layer": ["a", "b"]})
    shuffled = subjects.take(rng.permutation(N))
    np.testing.assert_allclose(
        ic.compare(models, shuffled, "whitened_cosine").values,
        ic.compare(models, subjects, "whitened_cosine").values,
        atol=1e-12,
    )


def test_rsatoolbox_agrees_where_all_lack_the_same_pairs(rng):
    rsatoolbox = pytest.importorskip("rsatoolbox")
    values = rng.random((3, 36))
    values[:, rng.choice(36, 6, replace=False)] = np.nan
    brain = ic.RDMs(values, NAMES, {"subject": range(3)}, gaps=True)
    for ours, theirs in (("pearson", "corr"), ("cosine", "cosine"), ("spearman", "spearman")):
        right = rsatoolbox.rdm.compare(
            rsatoolbox.rdm.RDMs(values), rsatoolbox.rdm.RDMs(values), theirs
        )
        np.testing.assert_allclose(ic.compare(brain, brain, ours).values, right, atol=1e-10)


def test_a_row_without_whitened_length_is_no_part_of_a_mean(rng):
    rows = rng.random((3, N * (N - 1) // 2))
    rows[1] = 0
    rows[:, [2, 7, 20]] = np.nan
    found = scaled_with_gaps(COMPARISONS["whitened_cosine"], rows)
    assert np.isnan(found[1]).all()
    tiny = scaled_with_gaps(COMPARISONS["whitened_cosine"], 1e-4 * rows)
    np.testing.assert_allclose(tiny, found, rtol=1e-12)
    pairs = np.flatnonzero(np.isfinite(rows[0]))
    for own in found[[0, 2]]:
        assert np.isnan(np.delete(own, pairs)).all()
        length = own[pairs] @ np.linalg.inv(covariance(pairs)) @ own[pairs]
        assert length / len(pairs) == pytest.approx(1.0)
