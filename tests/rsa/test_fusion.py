import numpy as np
import pytest
from scipy import stats

import isocortex as ic


@pytest.fixture
def stacks(rng):
    names = [f"s{i}" for i in range(8)]
    region = rng.random((2, 28))
    times = rng.random((3, 28)) + np.array([[0], [1], [0.5]]) * region[0]
    return (
        ic.RDMs(times, names, {"time": [0.0, 0.1, 0.2], "subject": 1}),
        ic.RDMs(region, names, {"region": ["V1", "IT"], "subject": 2}),
        ic.RDMs(rng.random((1, 28)) + region[:1], names, {"layer": "conv1"}),
    )


def test_equals_scipy_with_labels_of_both(stacks):
    times, regions, _ = stacks
    scores = ic.fuse(times, regions.take(np.arange(8)[::-1]))
    expected = stats.spearmanr(times.values[1], regions.values[0])[0]
    got = scores.select(time=0.1, region="V1")
    np.testing.assert_allclose(got.values, [[expected]])
    assert {"subject", "other_subject"} <= set(scores.table().columns)


def test_commonality_is_what_a_regression_says(stacks):
    times, regions, model = stacks
    scores = ic.fuse(times, regions, "pearson", model=model)
    x, y, m = times.values[1], regions.values[1], model.values[0]
    rest = y - np.polyval(np.polyfit(m, y, 1), m)
    expected = np.corrcoef(x, y)[0, 1] ** 2 - np.corrcoef(x, rest)[0, 1] ** 2
    np.testing.assert_allclose(scores.columns["commonality"][1, 1], expected)


def test_says_what_is_wrong(stacks):
    times, regions, model = stacks
    with pytest.raises(ic.InputError, match="need the label 'time'"):
        ic.fuse(regions, times)
    with pytest.raises(ic.InputError, match="must be a single RDM, not 2"):
        ic.fuse(times, regions, model=regions)
    with pytest.raises(ic.InputError, match="'spearman' or 'pearson'"):
        ic.fuse(times, regions, "cosine", model=model)


def test_partial_comparisons_know_which_side_is_the_models(rng):
    names = [f"s{i}" for i in range(8)]
    models = ic.RDMs(rng.random((2, 28)), names, {"model": ["object", "position"]})
    times = ic.RDMs(rng.random((30, 28)), names, {"time": np.arange(30.0)})
    first = ic.compare(models, times, "partial")
    second = ic.compare(times, models, "partial")
    np.testing.assert_allclose(first.values, second.values.T)


def test_regression_says_how_much_is_explained(rng):
    names = [f"s{i}" for i in range(8)]
    models = ic.RDMs(rng.random((2, 28)), names, {"model": ["object", "position"]})
    times = ic.RDMs(rng.random((30, 28)), names, {"time": np.arange(30.0)})
    first, second = (
        ic.compare(*sides, "regression") for sides in ((models, times), (times, models))
    )
    x = np.column_stack([np.ones(28), models.values.T])
    left = times.values[3] - x @ np.linalg.lstsq(x, times.values[3], rcond=None)[0]
    expected = 1 - left @ left / times.values[3].var() / 28
    np.testing.assert_allclose(first.select(time=3.0).table()["r2"], expected)
    np.testing.assert_allclose(second.columns["r2"].T, first.columns["r2"])


@pytest.mark.parametrize("comparison", ["pearson", "spearman"])
@pytest.mark.parametrize(("factor", "offset"), [(1, 0), (3, 1), (1, 1e4), (1e-6, 1e3)])
def test_a_region_that_is_the_model_shares_all_of_it(stacks, comparison, factor, offset):
    times, _, model = stacks
    same = ic.RDMs(factor * model.values + offset, model.stimuli, {"region": "IT"})
    scores = ic.fuse(times, same, comparison, model=model)
    np.testing.assert_allclose(scores.columns["commonality"], scores.values**2, atol=1e-9)


def test_commonality_is_the_sum_of_explained_parts(stacks, rng):
    times, regions, model = stacks
    nearly = ic.RDMs(model.values + 1e-5 * rng.random((1, 28)), model.stimuli, {"region": "nearly"})
    for region in (regions.select(region="IT"), nearly):
        found = ic.fuse(times, region, "pearson", model=model).columns["commonality"][:, 0]
        for t, y in enumerate(times.values):
            r, m = region.values[0], model.values[0]
            alone = np.corrcoef(y, r)[0, 1] ** 2 + np.corrcoef(y, m)[0, 1] ** 2
            x = np.column_stack([np.ones(28), m, r - m if region is nearly else r])
            left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
            np.testing.assert_allclose(found[t], alone - 1 + left @ left / y.var() / 28, atol=1e-8)


def test_nothing_is_shared_with_a_constant(stacks):
    times, regions, model = stacks
    for value in (0.0, 0.1):
        flat = ic.RDMs(np.full((1, 28), value), model.stimuli)
        for comparison in ("pearson", "spearman"):
            with pytest.raises(ic.UndefinedError, match="model's RDM is constant"):
                ic.fuse(times, regions, comparison, model=flat)
