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
