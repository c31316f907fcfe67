import numpy as np
import pandas as pd
import pytest
from scipy import stats

import isocortex as ic


@pytest.fixture
def scores(rng):
    data = pd.DataFrame({"subject": list(range(8)) * 2, "region": ["V1"] * 8 + ["IT"] * 8})
    return ic.Scores(
        rng.normal(0.2, 0.1, (3, 16)),
        {"model": pd.DataFrame({"layer": ["a", "b", "c"]}), "data": data},
        "spearman",
    )


def test_the_interval_and_p_are_those_of_the_t_test(scores):
    found = ic.interval(scores, null=0.1)
    assert found.values.shape == (3, 2)
    row = found.table().query("layer == 'b' and region == 'IT'").iloc[0]
    wanted = stats.ttest_1samp(scores.values[1, 8:], 0.1)
    low, high = wanted.confidence_interval(0.95)
    np.testing.assert_allclose(
        row[["score", "low", "high", "p", "n"]].astype(float),
        [scores.values[1, 8:].mean(), low, high, wanted.pvalue, 8],
    )


def test_the_interval_covers_and_p_is_uniform_under_the_null(rng):
    data = pd.DataFrame({"subject": range(9)})
    tables = {"model": pd.DataFrame({"layer": range(2000)}), "data": data}
    found = ic.interval(ic.Scores(rng.normal(size=(2000, 9)), tables), level=0.9)
    covered = np.mean((found.columns["low"] <= 0) & (found.columns["high"] >= 0))
    assert covered == pytest.approx(0.9, abs=0.02)
    assert stats.kstest(found.columns["p"].ravel(), "uniform").pvalue > 0.01


def test_the_difference_is_paired_by_subject_not_by_place(scores, rng):
    wanted = ic.difference(scores, {"layer": "a", "region": "IT"}, {"layer": "b", "region": "V1"})
    order = rng.permutation(16)
    tables = {**scores.tables, "data": scores.tables["data"].iloc[order]}
    moved = scores.replace(values=scores.values[:, order], tables=tables)
    found = ic.difference(moved, {"layer": "a", "region": "IT"}, {"layer": "b", "region": "V1"})
    gaps = scores.values[0, 8:] - scores.values[1, :8]
    test = stats.ttest_1samp(gaps, 0)
    exact = stats.permutation_test(
        (gaps,), lambda x: np.mean(x), permutation_type="samples", n_resamples=np.inf
    )
    for each in (wanted, found):
        assert each.value == pytest.approx(gaps.mean())
        assert (each.low, each.high) == pytest.approx(tuple(test.confidence_interval()))
        assert each.p == pytest.approx(exact.pvalue)
        assert each.n == 8
        assert "all sign flips" in each.method


def test_p_of_the_difference_is_uniform_under_the_null(rng):
    tables = {
        "model": pd.DataFrame({"layer": ["a", "b"]}),
        "data": pd.DataFrame({"subject": range(10)}),
    }
    p = [
        ic.difference(ic.Scores(rng.normal(size=(2, 10)), tables), {"layer": "a"}, {"layer": "b"}).p
        for _ in range(400)
    ]
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.035)
    assert stats.kstest(p, "uniform").pvalue > 0.01


def test_corrections(scores):
    tested = ic.interval(scores, null=0.15)
    p = tested.columns["p"]
    found = ic.corrected(ic.corrected(tested), "holm").columns
    np.testing.assert_allclose(found["p_fdr"].ravel(), stats.false_discovery_control(p.ravel()))
    order = np.argsort(p.ravel())
    slow = np.empty(6)
    for rank, place in enumerate(order):
        slow[place] = min(1, max((6 - k) * p.ravel()[order[k]] for k in range(rank + 1)))
    np.testing.assert_allclose(found["p_holm"].ravel(), slow)


def test_bad_input(scores):
    with pytest.raises(ic.InputError, match="no label 'person'; they have 'layer', 'subject'"):
        ic.interval(scores, "person")
    with pytest.raises(ic.InputError, match="level must lie between 0 and 1, not 95"):
        ic.interval(scores, level=95)
    with pytest.raises(ic.InputError, match="'3' comes alone"):
        ic.interval(scores.select(subject=3))
    with pytest.raises(ic.InputError, match="leaves 16 scores of 8 different subjects"):
        ic.difference(scores, {"layer": "a"}, {"layer": "b"})
    with pytest.raises(ic.InputError, match="no p-values"):
        ic.corrected(scores)
