import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.errors import InputError
from isocortex.numerics.chance.sign_flips import t_values

mne = pytest.importorskip("mne")


def course(x, **more):
    """Scores of subjects and times."""
    tables = {
        "subject": pd.DataFrame({"subject": range(x.shape[0])}),
        "time": pd.DataFrame({"time": np.arange(x.shape[1]) / 100}),
    }
    return ic.Scores(x, tables, **more)


def waves(rng, shape):
    """Noise that is smooth in time and rises and falls in all subjects alike."""
    noise = np.cumsum(rng.normal(size=shape), -1) / 3
    return noise + 2 * np.sin(np.arange(shape[-1]) / 4)


@pytest.mark.parametrize(("tail", "theirs"), [("both", 0), ("greater", 1)])
@pytest.mark.parametrize("n_subjects", [7, 9])
def test_equals_mne_on_all_permutations(rng, n_subjects, tail, theirs):
    x = waves(rng, (n_subjects, 60))
    found = ic.clusters(course(x), tail=tail)
    assert found.notes["exact"]
    t, masks, p, _ = mne.stats.permutation_cluster_1samp_test(
        x,
        threshold=found.notes["threshold"],
        tail=theirs,
        n_permutations=10_000,
        out_type="mask",
        verbose=False,
    )
    np.testing.assert_allclose(found.t[0], t)
    ours = [p_ for _, p_ in sorted(zip(found.table["start"], found.table["p"], strict=True))]
    expected = [p_ for _, p_ in sorted(zip([m[0].start for m in masks], p, strict=True))]
    # A permutation that equals the data but for rounding counts here, and there by chance.
    np.testing.assert_allclose(ours, expected, atol=1.01 / 2**n_subjects)


def test_equals_mne_in_time_by_time(rng):
    x = np.cumsum(waves(rng, (8, 14, 14)), 1) / 3
    tables = {
        "subject": pd.DataFrame({"subject": range(8)}),
        "train": pd.DataFrame({"train_time": range(14)}),
        "test": pd.DataFrame({"test_time": range(14)}),
    }
    found = ic.clusters(ic.Scores(x, tables))
    _, masks, p, _ = mne.stats.permutation_cluster_1samp_test(
        x, threshold=found.notes["threshold"], n_permutations=10_000, out_type="mask", verbose=False
    )
    assert sorted(m.sum() for m in masks) == sorted(found.table["n_points"])
    np.testing.assert_allclose(sorted(p), sorted(found.table["p"]))


def test_less_is_greater_upside_down(rng):
    x = waves(rng, (8, 40))
    greater = ic.clusters(course(x), tail="greater").table
    less = ic.clusters(course(-x), tail="less").table
    np.testing.assert_array_equal(greater["p"], less["p"])
    np.testing.assert_allclose(greater["mass"], -less["mass"])


def test_t_values_equal_scipy(rng):
    from scipy import stats

    x = rng.normal(size=(9, 20)) + 0.3
    np.testing.assert_allclose(t_values(x), stats.ttest_1samp(x, 0).statistic)


def test_an_effect_is_found_where_it_is(rng):
    x = rng.normal(size=(12, 60)) / 3 + 0.5
    x[:, 20:40] += 0.4
    found = ic.clusters(course(x), chance=0.5, tail="greater").significant(0.01)
    assert len(found) == 1
    assert abs(found["start"][0] - 0.2) < 0.03
    assert abs(found["stop"][0] - 0.39) < 0.03


def test_the_family_wise_error_is_five_percent(rng):
    n_false, n_runs = 0, 400
    for run in range(n_runs):
        x = rng.normal(size=(12, 40)) + rng.normal(size=(12, 41))[:, 1:]
        x = (x + np.roll(x, 1, 1) + np.roll(x, 2, 1))[:, 2:]
        found = ic.clusters(course(x), n_permutations=200, seed=run)
        n_false += len(found.significant()) > 0
    # Three standard errors of a share of 400.
    assert abs(n_false / n_runs - 0.05) < 3 * np.sqrt(0.05 * 0.95 / n_runs)


def test_each_time_course_is_tested_by_itself(rng):
    first, second = (waves(rng, (6, 30)) for _ in range(2))
    tables = {
        "model": pd.DataFrame({"model": ["object", "position"]}),
        **course(first).tables,
    }
    both = ic.clusters(ic.Scores(np.stack([first, second]), tables))
    alone = ic.clusters(course(second))
    part = both.table[both.table["model"] == "position"]
    np.testing.assert_array_equal(part["p"], alone.table["p"])
    inside = both.which[1][both.which[1] >= 0]
    assert set(inside) == set(part.index)


def six_regions(rng, n_subjects=12):
    x = rng.normal(size=(6, n_subjects, 30))
    x = x + np.roll(x, 1, -1) + np.roll(x, 2, -1)
    tables = {"data": pd.DataFrame({"region": list("abcdef")}), **course(x[0]).tables}
    return ic.Scores(x, tables)


def test_p_max_holds_over_all_time_courses_of_a_call(rng):
    n_false, n_runs = 0, 60
    for _ in range(n_runs):
        found = ic.clusters(six_regions(rng), n_permutations=100)
        n_false += len(found.significant()) > 0
        assert (found.table["p_max"] >= found.table["p"] - 1e-12).all()
    assert n_false / n_runs < 0.05 + 3 * np.sqrt(0.05 * 0.95 / n_runs)
    alone = ic.clusters(six_regions(rng).select(region="a"))
    np.testing.assert_array_equal(alone.table["p"], alone.table["p_max"])


def test_so_few_subjects_that_no_cluster_reaches_a_level_are_said(rng):
    x = rng.normal(size=(5, 30)) + 1e3
    with pytest.warns(ic.errors.IsocortexWarning, match=r"5 subjects have 32 sign flips.*0\.0625"):
        found = ic.clusters(course(x))
    assert found.table["p"].min() == 0.0625
    assert "no p is below 0.0625" in repr(found)
    assert found.notes["least_p"] == 0.0625
    assert ic.clusters(course(x), tail="greater").table["p"].min() == 1 / 32


def test_random_flips_are_seeded_and_noted(rng):
    x = waves(rng, (16, 30))
    first, again = (ic.clusters(course(x), n_permutations=500, seed=4) for _ in range(2))
    pd.testing.assert_frame_equal(first.table, again.table)
    assert first.notes["seed"] == 4
    assert first.notes["n_permutations"] == 500
    assert not first.notes["exact"]
    assert first.table["p"].min() >= 1 / 500


def test_a_score_that_all_subjects_share_is_found(rng):
    x = rng.normal(size=(8, 12))
    x[:, 4] = 0.5
    found = ic.clusters(course(x), tail="greater").table
    assert found["p"][found["mass"] >= 1e5].tolist() == [1 / 256]


def test_nothing_found_is_an_empty_table(rng):
    found = ic.clusters(course(rng.normal(size=(5, 3)) * 1e-3 + [1, -1, 1][0]), threshold=1e9)
    assert len(found.table) == 0
    assert (found.which == -1).all()
    assert "0 with p <= .05" in repr(found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tail": "up"}, "tail='up' is not known"),
        ({"n_permutations": 5}, "at least 20"),
        ({"threshold": -1.0}, "must be above 0"),
    ],
)
def test_says_what_is_wrong(rng, options, message):
    with pytest.raises(ic.InputError, match=message):
        ic.clusters(course(rng.normal(size=(4, 5))), **options)


def test_says_what_is_missing(rng):
    scores = course(rng.normal(size=(4, 5)))
    with pytest.raises(ic.InputError, match="labels 'subject' and 'time'"):
        ic.clusters(ic.Scores(np.ones(3), {"time": pd.DataFrame({"time": range(3)})}))
    with pytest.raises(ic.InputError, match="there is only '0'"):
        ic.clusters(scores.select(subject=0))
    with pytest.raises(ic.InputError, match="NaN"):
        ic.clusters(course(np.full((3, 4), np.nan)))
    twice = {"model": pd.DataFrame({"score_of": [1, 1]}), **scores.tables}
    with pytest.raises(ic.InputError, match="come twice at the same point"):
        ic.clusters(ic.Scores(np.ones((2, 4, 5)), twice))


def test_from_trials_to_clusters_of_likeness_to_layers(rng):
    names = [f"image_{i}" for i in range(8)]
    features = rng.normal(size=(8, 30))
    layers = [
        ic.Responses(features, names, labels={"layer": "conv1"}),
        ic.Responses(rng.normal(size=(8, 30)), names[::-1], labels={"layer": "conv2"}),
    ]
    many = []
    for subject in range(7):
        values = rng.normal(size=(80, 12, 16))
        channels = features @ rng.normal(size=(30, 12)) / 6
        values[:, :, 8:] += np.tile(channels, (10, 1))[:, :, None]
        times = np.arange(-8, 8) / 50
        many.append(ic.Trials(values, names * 10, times, labels={"subject": subject}))
    rdms = ic.decoding_rdms(many, folds=5)
    scores = ic.compare(rdms, ic.rdms(layers, "squared_euclidean"), "spearman")
    found = ic.clusters(scores, tail="greater").significant()
    ours = found[found["layer"] == "conv1"].reset_index(drop=True)
    assert len(ours) == 1
    assert abs(ours["start"][0]) < 0.03
    low, up = np.transpose([ic.noise_ceiling(rdms.select(time=float(t))) for t in many[0].times])
    ax = ic.plots.timecourse(scores, ceiling=(low, up), clusters=ic.clusters(scores))
    assert [text.get_text() for text in ax.get_legend().get_texts()][-2:] == [
        "noise ceiling",
        "cluster, p ≤ .05\nover 2 series",
    ]


def test_people_may_have_different_numbers_of_trials(rng):
    times = np.arange(6) / 100

    def recorded(person):
        conditions = np.repeat(["face", "house"], rng.integers(8, 14, 2))
        values = rng.normal(size=(len(conditions), 4, 6))
        return ic.Trials(values, conditions, labels={"subject": person}, times=times)

    rdms = ic.decoding_rdms([recorded(f"s{i}") for i in range(6)], folds=3)
    assert len(ic.clusters(rdms, chance=0.5).series) == 1


def test_what_tells_series_apart_is_named_where_they_are_unequal(rng):
    people = pd.DataFrame({"subject": range(5), "group": list("aaabb")})
    times = pd.DataFrame({"time": np.arange(8) / 100})
    scores = ic.Scores(rng.normal(size=(5, 8)), {"subject": people, "time": times})
    with pytest.raises(InputError, match="of those that the labels 'group' tell apart"):
        ic.clusters(scores)


def test_which_p_clusters_are_counted_by_is_said_where_there_are_two():
    rng = np.random.default_rng(0)
    people = {"subject": range(9)}
    times = {"time": np.arange(12) / 100}
    layers = {"layer": list("abcdefgh")}
    values = rng.normal(size=(8, 9, 12))
    values[0, :, 3:7] += 2
    values[1, :, 3:6] += 0.7
    scores = ic.Scores(values, {"layer": layers, "subject": people, "time": times})
    found = ic.clusters(scores)
    n_all, n_own = (int((found.table[name] <= 0.05).sum()) for name in ("p_max", "p"))
    assert n_own > n_all == len(found.significant()) > 0
    said = f"{n_all} with p_max <= .05 over all 8 series, {n_own} with p <= .05 within their series"
    assert said in repr(found)
    assert "with p <= .05)" in repr(ic.clusters(scores.select(layer="a")))
