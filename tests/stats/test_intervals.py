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
    exact = stats.permutation_test(
        (gaps,), lambda x: np.mean(x), permutation_type="samples", n_resamples=np.inf
    )
    for each in (wanted, found):
        assert each.value == pytest.approx(gaps.mean())
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


def paired(gaps):
    tables = {
        "model": pd.DataFrame({"layer": ["a", "b"]}),
        "data": pd.DataFrame({"subject": range(len(gaps))}),
    }
    return ic.Scores(np.stack([gaps, np.zeros(len(gaps))]), tables, "pearson")


def against(gaps, **options):
    return ic.difference(paired(gaps), {"layer": "a"}, {"layer": "b"}, **options)


@pytest.mark.parametrize("tail", ["two_sided", "greater", "less"])
def test_t_of_the_difference_is_that_of_scipy(tail, rng):
    gaps = rng.normal(0.3, 1, 7)
    found = against(gaps, test="t", tail=tail)
    test = stats.ttest_1samp(gaps, 0, alternative=tail.replace("_", "-"))
    assert found.p == pytest.approx(test.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(test.confidence_interval()))
    one = ic.interval(paired(gaps).select(layer="a"), tail=tail)
    assert one.columns["p"].item() == pytest.approx(test.pvalue)
    ends = one.columns["low"].item(), one.columns["high"].item()
    assert ends == pytest.approx((found.low, found.high))


@pytest.mark.parametrize("tail", ["two_sided", "greater", "less"])
@pytest.mark.parametrize("n_permutations", [10_000, 200])
def test_the_interval_of_flips_holds_what_the_flips_do_not_reject(tail, n_permutations, rng):
    gaps = rng.normal(0.4, 1, 9)
    options = {"tail": tail, "n_permutations": n_permutations}
    found = against(gaps, **options)
    slow = [at for at in np.linspace(-2, 2, 81) if against(gaps - at, **options).p > 0.05]
    inside = [at for at in np.linspace(-2, 2, 81) if found.low <= at <= found.high]
    np.testing.assert_allclose(inside, slow)


def test_few_subjects_are_said_not_to_reach_a_level():
    with pytest.warns(ic.errors.IsocortexWarning, match="5 subjects have 32 sign flips.*0.0625"):
        found = against(np.arange(5) + 1e3)
    assert (found.low, found.high, found.p) == (-np.inf, np.inf, 0.0625)
    assert "which allow no p below 0.0625" in found.method
    assert found.notes["least_p"] == 0.0625
    # One side of five, and two sides of six, do reach it.
    assert against(np.arange(5) + 1e3, tail="greater").p == 1 / 32
    assert against(np.arange(6) + 1e3).p == 1 / 32
    assert against(np.arange(5) + 1e3, test="t").p < 1e-6


def test_fisher_z_is_for_correlations(rng):
    r = paired(np.tanh(rng.normal(0.5, 0.3, 9))).select(layer="a")
    found = ic.interval(r, fisher=True, null=0.1)
    z = np.arctanh(r.values[0])
    test = stats.ttest_1samp(z, np.arctanh(0.1))
    row = found.table().iloc[0]
    low, high = np.tanh(test.confidence_interval())
    np.testing.assert_allclose(
        row[["score", "low", "high", "p"]].astype(float),
        [np.tanh(z.mean()), low, high, test.pvalue],
    )
    assert "Fisher z" in found.notes["interval"]
    with pytest.raises(ic.InputError, match="for correlations.*these scores are 'accuracy'"):
        ic.interval(r.replace(metric="accuracy"), fisher=True)
    with pytest.raises(ic.InputError, match="1 correlations are 1 or -1"):
        ic.interval(r.replace(values=np.r_[1.0, r.values[0, 1:]][None]), fisher=True)


@pytest.mark.parametrize("splitter", [5, "repeated"])
def test_folds_are_no_sample(splitter, rng):
    from sklearn.model_selection import RepeatedKFold

    folds = RepeatedKFold(n_splits=5, n_repeats=2) if splitter == "repeated" else splitter
    features = ic.Responses(rng.normal(size=(50, 10)))
    recording = ic.Responses(rng.normal(size=(50, 1)))
    scores = ic.encode(features, recording, ic.Ridge(1.0), folds=folds)
    with pytest.raises(ic.InputError, match="folds as independent.*over subjects"):
        ic.interval(scores, over="fold")
    with pytest.raises(ic.InputError, match="folds as independent"):
        ic.difference(scores, {}, {}, over="fold")


def test_bad_input(scores):
    with pytest.raises(ic.InputError, match="tail='both' is not known.*two_sided"):
        ic.interval(scores, tail="both")
    with pytest.raises(ic.InputError, match="test='T' is not known. Did you mean 't'"):
        ic.difference(scores, {}, {}, test="T")
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
