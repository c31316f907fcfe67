"""Clusters over units, and over units and times, against MNE, nilearn and plain loops."""

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import ndimage, sparse, stats
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

import isocortex as ic
from isocortex.formats.space import Volume, with_space


def grid(shape):
    """Face neighbours on a block of voxels, and the table of these."""
    places = np.arange(np.prod(shape)).reshape(shape)
    first, second = [], []
    for axis, n in enumerate(shape):
        first.append(np.take(places, range(n - 1), axis).ravel())
        second.append(np.take(places, range(1, n), axis).ravel())
    ends = np.concatenate(first), np.concatenate(second)
    matrix = sparse.coo_array((np.ones(len(ends[0])), ends), shape=(places.size,) * 2).tocsr()
    units = pd.DataFrame(dict(zip("ijk", np.indices(shape).reshape(len(shape), -1), strict=False)))
    return matrix + matrix.T, units


def maps(x, units, **axes):
    subjects = {"subject": [f"s{i}" for i in range(len(x))]}
    return ic.Scores(x, {"subject": subjects, "unit": units, **axes})


def blobs(rng, n, shape):
    noise = rng.normal(size=(n, *shape))
    return np.stack([ndimage.gaussian_filter(each, 0.8) for each in noise]).reshape(n, -1) * 4


SHAPE = (5, 6, 4)


@pytest.fixture
def case(rng):
    adjacency, units = grid(SHAPE)
    x = blobs(rng, 6, SHAPE)
    x[:, units.eval("i < 2 and j < 3")] += 2
    x[:, units.eval("i > 3 and j > 3")] -= 1.5
    return x, adjacency, units


@pytest.mark.parametrize(("tail", "theirs"), [("both", 0), ("greater", 1), ("less", -1)])
def test_mass_is_mne_s_on_all_flips(case, tail, theirs):
    mne = pytest.importorskip("mne")
    x, adjacency, units = case
    found = ic.clusters(maps(x, units), adjacency, tail=tail, threshold=3.0)
    t, clusters, p, null = mne.stats.permutation_cluster_1samp_test(
        x,
        threshold=3.0 if theirs >= 0 else -3.0,
        tail=theirs,
        n_permutations=10_000,
        adjacency=adjacency,
        out_type="mask",
        verbose=False,
    )
    np.testing.assert_allclose(found.t[0], t)
    ours = {np.flatnonzero(found.which[0] == k).tobytes(): k for k in range(len(found.table))}
    assert set(ours) == {np.flatnonzero(mask).tobytes() for mask in clusters}
    for mask, theirs_p in zip(clusters, p, strict=True):
        row = found.table.loc[ours[np.flatnonzero(mask).tobytes()]]
        assert row["mass"] == pytest.approx(t[mask].sum())
        assert row["p"] == pytest.approx(theirs_p, abs=1.01 / len(null))


def test_size_and_excess_are_nilearn_s(case):
    measures = pytest.importorskip("nilearn.mass_univariate._utils").calculate_cluster_measures
    x, adjacency, units = case
    found = {
        name: ic.clusters(maps(x, units), adjacency, name, threshold=2.5).table
        for name in ("size", "excess")
    }
    t = ic.clusters(maps(x, units), adjacency).t[0].reshape(*SHAPE, 1)
    size, excess = measures(t, 2.5, ndimage.generate_binary_structure(3, 1), two_sided_test=True)
    assert found["size"]["size"][0] == size[0]
    assert abs(found["excess"]["excess"][0]) == pytest.approx(excess[0])


def slow_null(x, statistic):
    """The largest of every flip, one by one."""
    return np.array(
        [
            statistic(stats.ttest_1samp(np.array(s)[:, None] * x, 0).statistic)
            for s in itertools.product([1, -1], repeat=len(x))
        ]
    )


@pytest.mark.parametrize("statistic", ["max", "tfce"])
def test_points_have_the_share_of_all_flips_that_reach_them(rng, statistic):
    adjacency, units = grid((4, 5))
    x = rng.normal(size=(6, 20)) + np.where(units["i"] == 1, 1.0, 0)
    found = ic.clusters(maps(x, units), adjacency, statistic)
    if statistic == "max":
        points = np.abs(found.t[0])
        null = slow_null(x, lambda t: np.abs(t).max())
    else:
        from isocortex.numerics.chance.graph import graph_of
        from isocortex.numerics.chance.tfce import enhanced

        graph = graph_of(adjacency)
        points = np.abs(enhanced(found.t[0], graph, 0.5, 2, 0))
        null = slow_null(x, lambda t: np.abs(enhanced(t, graph, 0.5, 2, 0)).max())
    expected = (null[:, None] >= points * (1 - 1e-9)).mean(0)
    np.testing.assert_allclose(found.p[0], expected)
    assert found.p.min() >= 1 / 32
    inside = found.which[0] >= 0
    np.testing.assert_array_equal(inside, expected <= 0.05)


def test_the_first_row_is_the_largest_and_says_where_it_is(case):
    x, adjacency, units = case
    affine = np.array([[0.0, -3, 0, 10], [2, 0, 0, -20], [0, 0, 4, 5], [0, 0, 0, 1]])
    units = with_space(units, Volume(SHAPE, affine))
    found = ic.clusters(maps(x, units), adjacency, threshold=3.0)
    assert (np.diff(np.abs(found.table["mass"])) <= 0).all()
    for k, row in found.table.iterrows():
        inside = np.flatnonzero(found.which[0] == k)
        assert row["size"] == len(inside)
        peak = inside[np.abs(found.t[0][inside]).argmax()]
        assert row["peak"] == found.t[0][peak]
        assert row[["i", "j", "k"]].tolist() == units.loc[peak].tolist()
        place = affine @ [*units.loc[peak], 1]
        np.testing.assert_allclose(row[["x", "y", "z"]].astype(float), place[:3])
        np.testing.assert_allclose(found.p[0][inside], row["p"])
    assert (found.p[0][found.which[0] < 0] == 1).all()


def test_in_space_and_time_clusters_are_those_of_mne(rng):
    mne = pytest.importorskip("mne")
    ring = sparse.csr_array(np.roll(np.eye(7), 1, 0) + np.roll(np.eye(7), -1, 0))
    x = np.cumsum(rng.normal(size=(6, 7, 12)), -1) / 2
    x[:, 2:4, 5:9] += 3
    times = np.arange(12) / 100
    found = ic.clusters(
        maps(x, {"channel": list("abcdefg")}, time={"time": times}), ring, threshold=2.5
    )
    _, clusters, p, null = mne.stats.spatio_temporal_cluster_1samp_test(
        x.transpose(0, 2, 1), threshold=2.5, n_permutations=10_000, adjacency=ring, verbose=False
    )
    theirs = sorted((len(c[0]), times[c[0].min()], times[c[0].max()]) for c in clusters)
    table = found.table
    ours = zip(table["size"], table["start"], table["stop"], strict=True)
    assert sorted(ours) == theirs
    np.testing.assert_allclose(sorted(table["p"]), sorted(p), atol=1.01 / len(null))
    assert found.t.shape == (1, 7, 12)
    assert found.p.shape == found.t.shape
    peak = table.iloc[0]
    at = np.unravel_index(np.abs(np.where(found.which[0] == 0, found.t[0], 0)).argmax(), (7, 12))
    assert (peak["channel"], peak["peak_time"]) == ("abcdefg"[at[0]], times[at[1]])


def test_a_paired_test_is_that_of_the_differences_met_by_name(case, rng):
    x, adjacency, units = case
    other = rng.normal(size=x.shape)
    expected = ic.clusters(maps(x - other, units), adjacency, threshold=2.5)
    second = maps(other, units)
    people, voxels = rng.permutation(6), rng.permutation(len(units))
    mixed = ic.Scores(
        other[people][:, voxels],
        {
            "subject": second.tables["subject"].iloc[people],
            "unit": units.iloc[voxels],
        },
    )
    for versus in (second, mixed):
        found = ic.clusters(maps(x, units), adjacency, versus=versus, threshold=2.5)
        np.testing.assert_allclose(found.t, expected.t)
        pd.testing.assert_frame_equal(found.table, expected.table)
    with pytest.raises(ic.MisalignedError, match="same subjects, but versus lacks 's0'"):
        ic.clusters(maps(x, units), adjacency, versus=second.select(subject=["s1", "s2"]))
    with pytest.raises(ic.MisalignedError, match="same units"):
        ic.clusters(maps(x, units), adjacency, versus=second.select(i=[0, 1]))


def test_a_paired_test_in_time_alone(rng):
    x, other = rng.normal(size=(2, 7, 12))
    tables = {"subject": {"subject": range(7)}, "time": {"time": np.arange(12) / 10}}
    first, second, both = (ic.Scores(v, tables) for v in (x, other, x - other))
    pd.testing.assert_frame_equal(ic.clusters(first, versus=second).table, ic.clusters(both).table)


def test_a_covariate_is_the_slope_over_subjects_met_by_name(case, rng):
    x, adjacency, units = case
    age = rng.normal(40, 10, 6)
    x = x + age[:, None] * np.where(units["k"] == 1, 0.5, 0)
    by_name = {f"s{i}": age[i] for i in rng.permutation(6)}
    found = ic.clusters(maps(x, units), adjacency, covariate=by_name, threshold=3.0)
    expected = [stats.linregress(age, y) for y in x.T]
    np.testing.assert_allclose(found.t[0], [e.slope / e.stderr for e in expected])
    assert found.notes["exact"]
    assert found.notes["n_permutations"] == 720
    assert found.table["p"].min() <= 0.05
    table = pd.DataFrame({"age": age, "iq": rng.normal(size=6), "subject": sorted(by_name)})
    beside = ic.clusters(maps(x, units), adjacency, covariate=table, threshold=3.0)
    assert not np.allclose(beside.t, found.t)


def test_units_meet_by_name_not_by_place(case, rng):
    x, adjacency, units = case
    expected = ic.clusters(maps(x, units), adjacency, threshold=3.0)
    order = rng.permutation(len(units))
    near = SimpleNamespace(
        adjacency=sparse.csr_array(adjacency)[order][:, order],
        centres=units.iloc[order].reset_index(drop=True),
    )
    found = ic.clusters(maps(x, units), near, threshold=3.0)
    pd.testing.assert_frame_equal(found.table, expected.table)
    half = maps(x, units).select(i=[0, 1, 2])
    assert len(ic.clusters(half, near, threshold=3.0).units) == len(units) * 3 // 5
    few = SimpleNamespace(adjacency=near.adjacency[:50][:, :50], centres=near.centres[:50])
    with pytest.raises(ic.MisalignedError, match="70 of 120 units of the scores are no centres"):
        ic.clusters(maps(x, units), few)
    with pytest.raises(ic.InputError, match="adjacency is of 50 units, but the scores have 120"):
        ic.clusters(maps(x, units), few.adjacency)
    moved = near.centres.copy()
    moved.attrs["space"] = Volume(SHAPE, np.diag([2.0, 2, 2, 1]))
    own = units.copy()
    own.attrs["space"] = Volume(SHAPE, np.diag([3.0, 3, 3, 1]))
    other = SimpleNamespace(adjacency=near.adjacency, centres=moved)
    with pytest.raises(ic.MisalignedError, match="different grids"):
        ic.clusters(maps(x, own), other)


def test_units_that_nobody_has_are_not_tested(case):
    x, adjacency, units = case
    expected = ic.clusters(maps(x[:, 6:], units[6:]), adjacency[6:][:, 6:], threshold=3.0)
    x = x.copy()
    x[:, :6] = np.nan
    found = ic.clusters(maps(x, units), adjacency, threshold=3.0)
    pd.testing.assert_frame_equal(found.table, expected.table)
    assert np.isnan(found.t[0, :6]).all()
    assert np.isnan(found.p[0, :6]).all()
    assert found.notes["n_untested"] == 6
    x[0, 10] = np.nan
    with pytest.raises(ic.InputError, match="1 of 120 units have scores that are NaN.*not for"):
        ic.clusters(maps(x, units), adjacency)


def test_p_max_holds_over_all_models(case, rng):
    x, adjacency, units = case
    tables = {"model": {"model": ["a", "b"]}, **maps(x, units).tables}
    both = ic.clusters(ic.Scores(np.stack([x, blobs(rng, 6, SHAPE)]), tables), adjacency, "tfce")
    alone = ic.clusters(maps(x, units), adjacency, "tfce")
    np.testing.assert_array_equal(both.p[0], alone.p[0])
    assert (both.p_max >= both.p - 1e-12).all()
    assert both.maps().dims == ("series", "unit")
    assert both.maps().select(model="a").columns["p"].shape == (1, len(units))


@pytest.mark.parametrize("statistic", ["mass", "size", "excess", "max", "tfce"])
def test_what_few_people_never_reach_is_said_before_the_work(case, statistic):
    x, adjacency, units = case
    with pytest.warns(ic.IsocortexWarning, match=r"5 subjects have 32 sign flips.*0\.0625"):
        found = ic.clusters(maps(x[:5], units), adjacency, statistic, threshold=3.0)
    assert np.nanmin(found.p) >= 1 / 16 - 1e-12
    assert len(found.significant()) == 0
    assert "no p is below 0.0625" in repr(found)


def test_exponents_are_an_object(case):
    x, adjacency, units = case
    scores = maps(x, units)
    usual, own = (ic.clusters(scores, adjacency, ic.TFCE(e)) for e in (0.5, 1.0))
    np.testing.assert_array_equal(usual.p, ic.clusters(scores, adjacency, "tfce").p)
    assert (own.table["tfce"][:1] > usual.table["tfce"][:1]).all()
    with pytest.raises(ic.InputError, match="must not be negative"):
        ic.TFCE(-1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"statistic": "tfc"}, "statistic='tfc' is not known. Did you mean 'tfce'"),
        ({"over": "fold"}, "over 'fold'"),
        ({"over": "person"}, "label 'person', the random factor"),
        ({"covariate": [1, 2]}, "number of each subject by name"),
        ({"covariate": {"s1": 1}}, "no number for 's0'"),
        ({"covariate": dict.fromkeys([f"s{i}" for i in range(6)], 3)}, "same for all subjects"),
        ({"adjacency": np.ones((3, 4))}, "must be square"),
        ({"adjacency": "grid"}, "not str"),
        ({"adjacency": sparse.coo_array(([1.0], ([0], [1])), shape=(120, 120))}, "not symmetric"),
    ],
)
def test_says_what_is_wrong(case, options, message):
    x, adjacency, units = case
    with pytest.raises(ic.InputError, match=message):
        ic.clusters(maps(x, units), **{"adjacency": adjacency, **options})


def test_scores_without_space_are_refused(case):
    x, adjacency, _units = case
    with pytest.raises(ic.InputError, match="no axis 'unit'"):
        ic.clusters(
            ic.Scores(x, {"subject": {"subject": range(6)}, "a": {"b": range(120)}}), adjacency
        )
    with pytest.raises(ic.InputError, match="clusters are of time courses"):
        ic.clusters(
            ic.Scores(x[:, 4:13], {"s": {"subject": range(6)}, "t": {"time": range(9)}})
        ).maps()


def test_neighbours_are_taken_themselves_or_as_a_matrix(rng):
    import nibabel

    image = nibabel.Nifti1Image(rng.normal(size=(*SHAPE, 2)), np.diag([3.0, 3, 3, 1]))
    recording = ic.read_nifti(image)
    near = ic.neighbours(recording, radius=3.0)
    adjacency, units = grid(SHAPE)
    x = blobs(rng, 7, SHAPE)
    scores = maps(x, recording.units)
    expected = ic.clusters(maps(x, units), adjacency, "tfce")
    for given in (near, near.adjacency):
        found = ic.clusters(scores, given, "tfce")
        np.testing.assert_array_equal(found.p, expected.p)
        assert {"x", "y", "z"} <= set(found.table.columns)


def test_a_real_slice_tells_faces_from_houses_where_it_should(shared):
    trials = ic.clean(ic.datasets.haxby_slice())
    two = trials.take(np.isin(trials.stimuli, ["face", "house"]))
    near, faces = (ic.neighbours(two, radius=r) for r in (7.6, 3.8))
    lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.5)
    decoding = ic.Decoding({"face": "face", "house": "house"}, lda)
    pairs = [two.take(np.isin(two.runs, [run, run + 6])) for run in range(1, 7)]
    accuracy = np.stack([ic.searchlight(pair, near, decoding).values for pair in pairs])
    scores = ic.Scores(accuracy, {"pair": {"pair": range(6)}, "unit": near.centres}, "accuracy")
    found = ic.clusters(scores, faces, over="pair", chance=0.5, tail="greater")
    best = found.table.iloc[0]
    assert best["p"] == 1 / 64
    assert best["size"] > 100
    assert accuracy.mean(0).max() > 0.9
    assert accuracy.mean(0)[found.which[0] == 0].mean() > 0.7


@pytest.mark.parametrize("statistic", ["mass", "max"])
def test_a_covariate_that_says_nothing_is_found_five_times_in_a_hundred(rng, statistic):
    adjacency, units = grid((4, 4))
    found = 0
    for _ in range(100):
        # Scores follow another covariate, which the tested one follows too.
        other = rng.normal(size=6)
        x = rng.normal(size=(6, 16)) + 2 * other[:, None]
        table = pd.DataFrame({"tested": other + rng.normal(size=6), "other": other})
        table["subject"] = [f"s{i}" for i in range(6)]
        test = ic.clusters(
            maps(x, units), adjacency, statistic, covariate=table, n_permutations=120, seed=found
        )
        found += len(test.significant()) > 0
    assert found <= 5 + 3 * np.sqrt(100 * 0.05 * 0.95)


def test_infinite_scores_and_what_is_no_number_are_sentences():
    values = np.random.default_rng(0).normal(size=(6, 4))
    tables = {"subject": {"subject": range(6)}, "unit": {"vertex": range(4)}}
    row = np.eye(4, k=1) + np.eye(4, k=-1)
    scores = ic.Scores(values, tables, "r")
    values = values.copy()
    values[2, 1] = np.inf
    with pytest.raises(ic.InputError, match="1 scores are infinite"):
        ic.clusters(ic.Scores(values, tables, "r"), row, "tfce")
    for asked, words in (
        ({"chance": np.nan}, "chance=nan must be one number"),
        ({"threshold": -1.0}, "threshold must be above 0"),
        ({"threshold": True}, "threshold must be above 0"),
        ({"over": ["subject"]}, "over=|needs a string"),
    ):
        with pytest.raises(ic.InputError, match=words):
            ic.clusters(scores, row, **asked)


@pytest.mark.parametrize("statistic", ["mass", "size", "max"])
def test_coarse_accuracies_that_all_subjects_share_are_tested_like_any(rng, statistic):
    adjacency, units = grid((4, 3, 2))
    x = rng.integers(-2, 5, (6, 24)) / 12
    x[:, 5] = 0.1
    with pytest.warns(ic.IsocortexWarning, match="1 of 24 units have the same score .* 1e\\+05"):
        found = ic.clusters(maps(x, units), adjacency, statistic=statistic, threshold=2.5)

    def largest(rows):
        spread = rows.std(0, ddof=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.sqrt(6) * rows.mean(0) / np.where(spread < 1e-12, 0.0, spread)
        t = np.clip(np.nan_to_num(t, nan=0.0, posinf=np.inf, neginf=-np.inf), -1e5, 1e5)
        sizes = [0.0]
        for side in (t, -t):
            inside = np.flatnonzero(side > 2.5)
            part = adjacency.tocsr()[inside][:, inside]
            label = sparse.csgraph.connected_components(part, directed=False)[1]
            sizes += list(np.bincount(label, side[inside] if statistic == "mass" else None))
        return np.abs(t).max() if statistic == "max" else max(sizes)

    null = [largest(x * np.array(signs)[:, None]) for signs in itertools.product([1, -1], repeat=6)]
    expected = np.mean(np.array(null) >= null[0] * (1 - 1e-9))
    assert np.nanmin(found.table["p"] if statistic != "max" else found.p) == pytest.approx(expected)
