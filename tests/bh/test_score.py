"""The score against the original's formula, and its interval and p-value by simulation."""

from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import isocortex as ic
from isocortex.bh.pooled import pooled
from isocortex.bh.score import _some_subsets


def original(accuracies, p):
    """The published computation, step by step: NaN to zero, n = 50, and its statistic."""
    layers, regions = [], []
    for i, accuracy in enumerate(accuracies, start=1):
        accuracy = np.array(accuracy)
        accuracy[np.isnan(accuracy)] = 0
        largest, best = accuracy.max(0), accuracy.argmax(0)
        with np.errstate(invalid="ignore"):
            t = largest * np.sqrt((50 - 2) * (1 - largest**2))
            kept = (2 * (1 - stats.t.cdf(t, df=48)) < p) & (largest > 0)
        layers += [i] * int(kept.sum())
        regions += list(best[kept])
    if len(set(layers)) < 2 or len(set(regions)) < 2:
        return np.nan
    return stats.spearmanr(layers, regions)[0]


def tables(rng, n_layers=6, n_regions=5, n_units=120, dtype=np.float32):
    """Accuracies with ties, NaN, exact ones, units of NaN and values on the threshold."""
    layers = []
    for i in range(n_layers):
        r = rng.uniform(-0.4, 0.7, (n_regions, n_units)) + 0.15 * (
            np.arange(n_regions)[:, None] == i * n_regions // n_layers
        )
        r = np.round(r, 2)  # many ties
        r[rng.random(r.shape) < 0.05] = np.nan
        r[:, 0] = np.nan
        r[1, 1] = 1.0
        r[:, 2] = 0.304699
        layers.append(r.astype(dtype))
    return layers


QUICK = ic.Resampling(n=0)


@pytest.mark.parametrize("p", [0.05, 0.01, 0.2])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_bhscore2021_equals_the_original(p, dtype, rng):
    for _ in range(8):
        layers = tables(rng, dtype=dtype)
        found = ic.hierarchy(layers, p=p, statistic="bhscore2021", subsets=None, resampling=QUICK)
        assert found.value == pytest.approx(original(layers, p), abs=1e-13)


def test_bhscore2021_with_an_empty_layer_and_r_of_one(rng):
    layers = tables(rng)
    layers[2] = np.full((5, 40), np.nan)
    layers[3] = np.zeros((5, 0))
    layers[4] = np.ones((5, 10))
    found = ic.hierarchy(layers, statistic="bhscore2021", subsets=None, resampling=QUICK)
    assert found.value == pytest.approx(original(layers, 0.05), abs=1e-13)
    assert found.top.to_numpy()[2:5].sum() == 0
    assert ic.hierarchy(layers, subsets=None, resampling=QUICK).top.to_numpy()[4].tolist() == [
        10,
        0,
        0,
        0,
        0,
    ]  # the right test keeps r = 1


def test_bhscore2021_choices_of_layers_equal_the_original(rng):
    layers = tables(rng, n_layers=7)
    scores = [
        original([layers[i] for i in (0, *middle, 6)], 0.05)
        for middle in combinations(range(1, 6), 3)
    ]
    found = ic.hierarchy(layers, statistic="bhscore2021", resampling=QUICK)
    assert found.value == pytest.approx(np.mean(scores), abs=1e-13)


def test_an_undefined_choice_is_nan_as_published_or_passed_over(rng):
    layers = [np.zeros((3, 4))] * 6
    one = np.zeros((3, 8))
    one[1] = 0.6
    layers[0] = layers[5] = one
    two = one.copy()
    two[2, :4] = 0.7
    layers[2] = two
    assert np.isnan(ic.hierarchy(layers, statistic="bhscore2021", resampling=QUICK).value)
    found = ic.hierarchy(layers, resampling=QUICK)
    assert np.isfinite(found.value)
    assert found.notes["n_subsets_undefined"] == 1


def test_nothing_is_written_into_the_accuracies(rng):
    layers = tables(rng)
    for layer in layers:
        layer.flags.writeable = False
    ic.hierarchy(layers, statistic="bhscore2021")


def test_nan_is_dropped_counted_and_said(rng):
    layers = [rng.uniform(0.3, 0.9, (3, 10)) for _ in range(5)]
    clean = ic.hierarchy(layers, resampling=QUICK)
    undefined = [np.column_stack([layer, np.full(3, np.nan)]) for layer in layers]
    found = ic.hierarchy(undefined, resampling=QUICK)
    assert found.value == clean.value
    assert (found.notes["n_nan"], found.notes["n_units_without_accuracy"]) == (15, 5)
    assert "15 NaN accuracies dropped" in found.method


def test_the_table_of_tops_has_names(rng):
    layers = {f"conv{i}": rng.uniform(0.3, 0.9, (3, 10)) for i in range(5)}
    top = ic.hierarchy(layers).top
    assert list(top.index) == list(layers)
    assert (top.index.name, top.columns.name) == ("layer", "region")
    np.testing.assert_array_equal(top.to_numpy().sum(1), [10] * 5)


def test_the_order_of_units_does_not_matter_and_reversed_layers_change_the_sign(rng):
    layers = tables(rng)
    value = ic.hierarchy(layers, subsets=None, resampling=QUICK).value
    shuffled = [layer[:, rng.permutation(layer.shape[1])] for layer in layers]
    assert ic.hierarchy(shuffled, subsets=None, resampling=QUICK).value == pytest.approx(value)
    backwards = ic.hierarchy(layers[::-1], subsets=None, resampling=QUICK).value
    assert backwards == pytest.approx(-value)


def draw_layers(rng, shares, n_units):
    """Units whose top region is drawn with these shares, in each layer."""
    layers = []
    for share in shares:
        top = rng.choice(len(share), size=n_units, p=share)
        r = np.full((len(share), n_units), 0.1)
        r[top, np.arange(n_units)] = 0.8
        layers.append(r)
    return layers


SHARES = np.array([[5, 2, 1], [4, 3, 1], [3, 3, 3], [1, 3, 4], [1, 2, 5], [1, 1, 6]])
SHARES = SHARES / SHARES.sum(1, keepdims=True)


def clustered(rng, shares, n_clusters, size):
    """Units that come in clusters with one top region: as correlated as units can be."""
    return [np.repeat(layer, size, axis=1) for layer in draw_layers(rng, shares, n_clusters)]


def own_regions(rng, n_layers=8, n_units=200):
    """Every layer has a region of its own, at random: the true score is 0."""
    shares = np.full((n_layers, 5), 0.1)
    shares[np.arange(n_layers), rng.integers(0, 5, n_layers)] += 0.5
    return draw_layers(rng, shares, n_units)


def coverage(make, truth, how, subsets=None, n_runs=200):
    found = [ic.hierarchy(make(), subsets=subsets, resampling=how) for _ in range(n_runs)]
    return np.mean([each.low <= truth <= each.high for each in found])


@pytest.mark.parametrize("subsets", [None, 5])
@pytest.mark.parametrize("n_clusters", [10, 4])
def test_the_interval_covers_where_units_of_a_layer_are_correlated(subsets, n_clusters, rng):
    many = draw_layers(rng, SHARES, 40_000)
    truth = ic.hierarchy(many, subsets=subsets, resampling=QUICK).value
    covered = coverage(
        lambda: clustered(rng, SHARES, n_clusters, 12), truth, ic.Resampling(n=1), subsets, 120
    )
    assert 0.91 <= covered <= 1.0


@pytest.mark.parametrize("over", ["layers", "units"])
def test_the_interval_covers_where_layers_have_regions_of_their_own(over, rng):
    covered = coverage(lambda: own_regions(rng), 0.0, ic.Resampling(over, n=1))
    assert 0.88 <= covered <= 0.98


def test_the_interval_of_independent_units_on_a_trend_covers_and_is_no_wider(rng):
    line = np.linspace([4, 2, 1], [1, 2, 4], 8)
    shares = line / line.sum(1, keepdims=True)
    truth = ic.hierarchy(draw_layers(rng, shares, 40_000), subsets=None, resampling=QUICK).value
    how = ic.Resampling(n=1)
    assert 0.91 <= coverage(lambda: draw_layers(rng, shares, 60), truth, how) <= 0.99
    # Trends that are not straight count as noise: too wide, never too narrow.
    bent = ic.hierarchy(draw_layers(rng, SHARES, 40_000), subsets=None, resampling=QUICK).value
    assert coverage(lambda: draw_layers(rng, SHARES, 60), bent, how, n_runs=60) >= 0.95


@pytest.mark.parametrize("n_people", [5, 16])
def test_the_interval_over_subjects_covers(n_people, rng):
    how = ic.Resampling("subjects", n=1)

    def subject():
        mixed = np.array([rng.dirichlet(20 * share) for share in SHARES])
        return draw_layers(rng, mixed, 25)

    def people(n):
        return [list(layer) for layer in zip(*(subject() for _ in range(n)), strict=True)]

    many = [np.hstack(layer) for layer in people(400)]
    truth = ic.hierarchy(many, subsets=None, resampling=QUICK).value
    assert 0.90 <= coverage(lambda: people(n_people), truth, how, n_runs=80) <= 1.0


def test_the_interval_over_subjects_is_that_of_the_jackknife(rng):
    people = [draw_layers(rng, SHARES, 25) for _ in range(6)]
    layers = [list(layer) for layer in zip(*people, strict=True)]
    found = ic.hierarchy(layers, subsets=None, resampling=ic.Resampling("subjects"))
    without = []
    for left_out in range(6):
        rest = [each for i, each in enumerate(people) if i != left_out]
        pooled_layers = [np.hstack(layer) for layer in zip(*rest, strict=True)]
        without.append(ic.hierarchy(pooled_layers, subsets=None, resampling=QUICK).value)
    error = np.sqrt(5 / 6 * ((without - np.mean(without)) ** 2).sum())
    half = stats.t.ppf(0.975, 5) * error
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half))


def test_p_of_few_layers_is_that_of_all_their_orders(rng):
    layers = draw_layers(rng, SHARES[:5], 40)
    found = ic.hierarchy(layers, subsets=None)
    slow = [
        ic.hierarchy([layers[i] for i in order], subsets=None, resampling=QUICK).value
        for order in permutations(range(5))
    ]
    assert found.p == pytest.approx(np.mean(np.array(slow) >= found.value - 1e-9))
    assert "p of all 120 orders of the layers, at least 0.0083" in found.method
    assert found.notes["least_p"] == pytest.approx(1 / 120)


def test_fewer_than_four_layers_have_no_interval(rng):
    found = ic.hierarchy(draw_layers(rng, SHARES[:3], 40), subsets=None)
    assert np.isnan([found.low, found.high]).all()


def test_choices_of_many_layers_are_drawn_once_with_both_ends():
    rows = _some_subsets(14, 5, seed=0)
    assert rows.shape == (128, 5)
    assert (rows[:, 0] == 0).all()
    assert (rows[:, -1] == 13).all()
    assert (np.diff(rows, axis=1) > 0).all()
    # Every layer between is in 3 of 12 of them.
    np.testing.assert_allclose(np.bincount(rows[:, 1:-1].ravel())[1:] / 128, 0.25, atol=0.12)
    np.testing.assert_array_equal(rows, _some_subsets(14, 5, seed=0))
    assert not np.array_equal(rows, _some_subsets(14, 5, seed=1))


def test_the_interval_and_p_hold_where_choices_are_drawn(rng):
    how = ic.Resampling(n=99)
    found = [ic.hierarchy(own_regions(rng, 14, 60), resampling=how) for _ in range(60)]
    assert np.mean([each.low <= 0 <= each.high for each in found]) >= 0.88
    assert np.mean([each.p <= 0.05 for each in found]) <= 0.14
    assert all(each.low <= each.value <= each.high for each in found)


def test_p_is_uniform_where_layers_are_exchangeable(rng):
    how = ic.Resampling(n=199, seed=3)
    p = []
    for _ in range(300):
        shares = rng.dirichlet([1, 1, 1], size=8)
        p.append(ic.hierarchy(draw_layers(rng, shares, 40), subsets=None, resampling=how).p)
    assert stats.kstest(p, "uniform").pvalue > 0.01
    assert np.mean(np.array(p) <= 0.05) < 0.08


def test_p_and_interval_with_a_sample_of_the_choices(rng):
    shares = np.array([[30 - i, 10, 1 + i] for i in range(25)], dtype=float)
    layers = draw_layers(rng, shares / shares.sum(1, keepdims=True), 80)
    found = ic.hierarchy(layers, resampling=ic.Resampling(n=300))
    assert found.low < found.value < found.high
    assert found.p < 0.01
    again = ic.hierarchy(layers, resampling=ic.Resampling(n=300))
    assert (again.low, again.high, again.p) == (found.low, found.high, found.p)


def test_the_mean_of_decoding_and_encoding(rng):
    decoding = ic.hierarchy(draw_layers(rng, SHARES, 80), subsets=None)
    encoding = ic.hierarchy(draw_layers(rng, SHARES[:5], 80), subsets=None)
    both = ic.mean_score(decoding, encoding)
    assert both.value == (decoding.value + encoding.value) / 2
    assert both.low < both.value < both.high
    errors = [each.notes["spread"].error for each in (decoding, encoding)]
    assert both.notes["spread"].error == pytest.approx(np.mean(errors))
    alone = ic.mean_score(decoding, decoding)
    assert (alone.low, alone.high) == pytest.approx((decoding.low, decoding.high))


def scores_of(rng, subjects):
    layers, regions = ("a", "b", "c"), ("V1", "IT")
    units = pd.DataFrame({"layer": np.repeat(layers, 4), "unit": np.tile(range(4), 3)})
    rows = pd.DataFrame([{"subject": s, "region": r} for s in subjects for r in regions])
    folds = pd.DataFrame({"fold": [0, 1], "n_test": [30, 20]})
    values = rng.uniform(0.2, 0.9, (len(rows), 2, 12))
    return ic.Scores(values, {"region": rows, "fold": folds, "unit": units}, "pearson")


def test_scores_of_decoding_say_what_is_what(rng):
    scores = scores_of(rng, ["s1", "s2"])
    mean = scores.values.mean(1)
    by_hand = [[mean[:2, 4 * i : 4 * i + 4], mean[2:, 4 * i : 4 * i + 4]] for i in range(3)]
    found = ic.hierarchy(scores, subsets=None, resampling=QUICK)
    expected = ic.hierarchy(by_hand, n_stimuli=50, subsets=None, resampling=QUICK)
    assert found.value == expected.value
    assert found.notes["n_stimuli"] == 50
    assert list(found.top.columns) == ["V1", "IT"]
    people = scores_of(rng, [f"s{i}" for i in range(5)])
    over = ic.hierarchy(people, subsets=None, resampling=ic.Resampling("subjects", n=20))
    assert over.low <= over.high


def test_scores_of_encoding_exchange_the_roles(rng):
    voxels = pd.DataFrame({"region": np.repeat(["V1", "V4", "IT"], 5)})
    layers = pd.DataFrame({"layer": ["conv1", "conv2"]})
    values = rng.uniform(0.3, 0.9, (2, 15))
    found = ic.hierarchy(
        ic.Scores(values, {"layer": layers, "unit": voxels}), subsets=None, resampling=QUICK
    )
    assert list(found.top.index) == ["V1", "V4", "IT"]
    expected = ic.hierarchy(
        [values[:, :5], values[:, 5:10], values[:, 10:]], subsets=None, resampling=QUICK
    )
    assert found.value == expected.value


GOOD = [np.full((2, 3), 0.5)] * 5


@pytest.mark.parametrize(
    ("accuracies", "arguments", "words"),
    [
        (GOOD, {"subsets": 6}, "chooses so many of the 5 layers"),
        (GOOD[:4], {}, "subsets=5 chooses so many of the 4 layers.*None for all"),
        (GOOD, {"statistic": "T"}, "Did you mean 't'.*Known: t, bhscore2021"),
        (GOOD, {"p": 0}, "p=0 must be above 0"),
        (GOOD, {"n_stimuli": 2}, "from 3 stimuli on"),
        (GOOD, {"resampling": ic.Resampling("subject")}, "Did you mean 'subjects'"),
        (
            GOOD,
            {"resampling": ic.Resampling("subjects")},
            "at least 5 subjects apart.*but there are 1",
        ),
        ([*GOOD, np.full((3, 3), 0.5)], {}, "layer '5' has accuracies for 3 regions.*for 2"),
        ([*GOOD, np.full((2, 3), 1.5)], {}, "6 accuracies outside -1 to 1, the first is 1.5"),
        ([*GOOD, np.full(3, 0.5)], {}, r"layer '5' needs an array of shape.*\(3,\)"),
        ([*GOOD, [np.full((2, 3), 0.5)] * 2], {}, "layer '5' has 2 subjects"),
        ([np.full((1, 3), 0.5)] * 5, {}, "at least 2 regions"),
        (GOOD[:1], {}, "at least 2 layers"),
        (3.0, {}, "a list, a mapping or Scores, not float"),
        ([["a", "b"]] * 5, {}, "needs an array of shape"),
    ],
)
def test_what_cannot_be_scored_is_a_sentence(accuracies, arguments, words):
    with pytest.raises(ic.InputError, match=words):
        ic.hierarchy(accuracies, **arguments)


def test_scores_without_regions_are_a_sentence(rng):
    scores = scores_of(rng, ["s1"])
    with pytest.raises(ic.InputError, match="no label 'layer'"):
        ic.hierarchy(
            scores.replace(tables={**scores.tables, "unit": pd.DataFrame({"unit": range(12)})})
        )
    missing = scores_of(rng, ["s1", "s2"])
    rows = missing.tables["region"].assign(region=["V1", "IT", "V1", "V1"])
    with pytest.raises(ic.InputError, match="of subject s2 have 'V1', 'V1' as regions"):
        ic.hierarchy(missing.replace(tables={**missing.tables, "region": rows}), subsets=None)
    both = pd.DataFrame({"layer": ["a"] * 12, "region": ["V1"] * 12})
    with pytest.raises(ic.InputError, match="layer and region are labels of one axis"):
        ic.hierarchy(
            ic.Scores(np.ones((12, 2)), {"unit": both, "fold": pd.DataFrame({"fold": [0, 1]})})
        )
    assert pooled(pooled(GOOD)).n_subjects == 1
