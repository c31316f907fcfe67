import itertools

import numpy as np
import pandas as pd
import pytest

import isocortex as ic

toolbox = pytest.importorskip("rsatoolbox")
# rsatoolbox writes NaN into an array of integers.
pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered in cast")


def made(rng, n_conditions=5, n_runs=4, n_units=6, n_times=2, counts=False):
    condition = np.tile(np.arange(n_conditions), n_runs)
    runs = np.repeat(np.arange(n_runs), n_conditions)
    pattern = rng.normal(size=(n_conditions, n_units, 1))
    values = rng.normal(size=(len(condition), n_units, n_times)) + pattern[condition]
    if counts:
        values = rng.poisson(np.exp(values)).astype(float)
    return ic.Trials(values, [f"c{i}" for i in condition], times=np.arange(n_times), runs=runs)


def theirs(trials, t, method, **options):
    descriptors = {"condition": list(trials.stimuli), "run": list(trials.runs)}
    data = toolbox.data.Dataset(trials.values[:, :, t], obs_descriptors=descriptors)
    rdms = toolbox.rdm.calc_rdm(data, method, descriptor="condition", **options)
    rdms.sort_by(condition="alpha")
    return rdms.dissimilarities[0]


def covariance(rng, n_units=6):
    return np.cov(rng.normal(size=(n_units, 30)) * np.arange(1, n_units + 1)[:, None])


def within_runs(trials, precision_of, t=0):
    """The definition, in loops: differences within runs, over pairs of runs that hold both."""
    x, stimuli = np.asarray(trials.values)[:, :, t], np.array(trials.stimuli)
    out = []
    for i, j in itertools.combinations(trials.conditions, 2):
        differences = []
        for run in np.unique(trials.runs):
            a, b = (x[(stimuli == c) & (trials.runs == run)] for c in (i, j))
            if len(a) and len(b):
                weight = len(a) * len(b) / (len(a) + len(b))
                differences.append((run, weight, a.mean(0) - b.mean(0)))
        above = below = 0.0
        for (one, v, d), (two, w, e) in itertools.permutations(differences, 2):
            above += v * w * (d @ precision_of(one, two) @ e)
            below += v * w
        out.append(above / below / x.shape[1])
    return np.array(out)


def unequal(rng):
    """Runs with none to three trials of each condition."""
    trials = made(rng, n_runs=12, n_times=2)
    return trials.replace(runs=np.asarray(trials.runs) // 3).take(np.sort(rng.permutation(60)[:44]))


def without(trials, name, run):
    return trials.take((np.array(trials.stimuli) != name) | (trials.runs != run))


@pytest.mark.parametrize("whiten", [False, True])
@pytest.mark.parametrize("name", ["crossnobis", "mahalanobis"])
def test_equals_rsatoolbox(rng, name, whiten):
    trials, noise = made(rng), covariance(rng)
    rdms = ic.rdms(trials, name, noise=noise if whiten else None)
    options = {"noise": np.linalg.inv(noise)} if whiten else {}
    options |= {"cv_descriptor": "run"} if name == "crossnobis" else {}
    for t in range(2):
        np.testing.assert_allclose(rdms.values[t], theirs(trials, t, name, **options), atol=1e-12)
    assert rdms.labels["time"].tolist() == [0.0, 1.0]


def test_a_noise_covariance_for_each_run_equals_rsatoolbox(rng):
    trials = made(rng)
    covariances = [covariance(rng) for _ in range(4)]
    noise = ic.Noise(np.array(covariances)[None], runs=(0, 1, 2, 3))
    rdms = ic.rdms(trials, "crossnobis", noise=noise)
    options = {"noise": [np.linalg.inv(c) for c in covariances], "cv_descriptor": "run"}
    np.testing.assert_allclose(rdms.values[1], theirs(trials, 1, "crossnobis", **options))


@pytest.mark.parametrize("offset", [0, 1e4, 1e6])
def test_unequal_runs_meet_in_differences_within_runs(rng, offset):
    # rsatoolbox averages inner products with other weights for each of g_ii, g_ij and g_jj, so that
    # what all trials of a run share does not cancel there; the loop is the truth.
    trials, noise = without(unequal(rng), "c1", 2), covariance(rng)
    precision = np.linalg.inv(noise)
    runs = rng.normal(size=(4, 6, 1)) * offset
    shifted = trials.replace(values=trials.values + runs[trials.runs] + 3 * offset)
    tolerance = {0: 1e-12, 1e4: 1e-9, 1e6: 1e-7}[offset]
    plain, whitened = (
        within_runs(trials, lambda a, b: np.eye(6)),
        within_runs(trials, lambda a, b: precision),
    )
    np.testing.assert_allclose(ic.rdms(shifted, "crossnobis").values[0], plain, atol=tolerance)
    got = ic.rdms(shifted, "crossnobis", noise=noise).values[0]
    np.testing.assert_allclose(got, whitened, atol=tolerance)


def test_a_noise_for_each_run_takes_unequal_runs(rng):
    trials = without(unequal(rng), "c1", 2)
    covariances = [covariance(rng) for _ in range(4)]
    noise = ic.Noise(np.array(covariances)[None], runs=(0, 1, 2, 3))

    def precision(a, b):
        return np.linalg.inv((covariances[a] + covariances[b]) / 2)

    got = ic.rdms(trials, "crossnobis", noise=noise).values[0]
    np.testing.assert_allclose(got, within_runs(trials, precision))


@pytest.mark.parametrize("shares", [[1, 1, 1, 1], [1, 2, 3, 1]])
def test_runs_of_other_lengths_but_equal_shares_need_no_loop(rng, shares):
    names = [f"c{i}" for share in shares for _ in range(share) for i in range(4)]
    runs = np.repeat(range(4), [4 * share for share in shares])
    trials = ic.Trials(rng.normal(size=(len(names), 5, 1)), names, runs=runs)
    expected = within_runs(trials, lambda a, b: np.eye(5))
    np.testing.assert_allclose(ic.rdms(trials, "crossnobis").values[0], expected)


@pytest.mark.parametrize("noise", [None, "ledoit_wolf", "diagonal"])
def test_distances_without_noise_in_the_data_are_exact_whatever_the_counts(rng, noise):
    pattern = rng.normal(size=(5, 6, 1)) * 3
    trials = without(unequal(rng), "c0", 1)
    place = [int(name[1:]) for name in trials.stimuli]
    runs = 100 * rng.normal(size=(4, 6, 1))
    jitter = 0 if noise is None else 1e-6 * rng.normal(size=(trials.n_trials, 6, 1))
    values = pattern[place] + runs[trials.runs] + jitter
    trials = (
        trials.replace(values=values, times=None)
        if values.ndim == 2
        else ic.Trials(values, trials.stimuli, runs=trials.runs)
    )
    got = ic.rdms(trials, "crossnobis", noise=noise).values[0]
    squares = [
        ((pattern[i] - pattern[j]) ** 2).mean() for i, j in itertools.combinations(range(5), 2)
    ]
    if noise is None:
        np.testing.assert_allclose(got, squares)
    else:
        assert np.corrcoef(got, squares)[0, 1] > 0.6


def test_without_runs_every_pair_of_trials_counts_once(rng):
    trials = made(rng).replace(runs=None)
    x, stimuli = trials.values[:, :, 0], np.array(trials.stimuli)
    expected = []
    for i, j in itertools.combinations(trials.conditions, 2):
        a, b = x[stimuli == i], x[stimuli == j]
        u = [v @ w for side in (a, b) for v, w in itertools.permutations(side, 2)]
        expected.append((2 * np.mean(u) - 2 * np.mean(a @ b.T)) / 6)
    for offset in (0, 1e5):
        moved = trials.replace(values=trials.values + offset)
        np.testing.assert_allclose(ic.rdms(moved, "crossnobis").values[0], expected, atol=1e-8)


@pytest.mark.parametrize("noise", ["ledoit_wolf", "diagonal"])
@pytest.mark.parametrize("name", ["crossnobis", "crossvalidated_correlation"])
def test_a_noise_that_is_named_leaves_the_run_out(rng, name, noise):
    trials = unequal(rng)
    moved = trials.replace(values=trials.values + 50 * rng.normal(size=(4, 6, 1))[trials.runs])
    if name == "crossnobis":
        first, second = (ic.rdms(each, name, noise=noise).values for each in (trials, moved))
        np.testing.assert_allclose(first, second, atol=1e-9)
    louder = trials.replace(values=trials.values * [[[10.0]]] ** (trials.runs == 3)[:, None, None])
    assert not np.allclose(ic.rdms(louder, name, noise=noise).values, ic.rdms(trials, name).values)


def test_the_noise_of_other_runs_is_that_of_a_slow_fit(rng):
    trials = without(unequal(rng), "c1", 2)
    stimuli, names = np.array(trials.stimuli), trials.conditions
    inverse = []
    for run in range(4):
        others = trials.runs != run
        design = np.column_stack(
            [stimuli[others] == c for c in names] + [trials.runs[others] == r for r in range(4)]
        ).astype(float)
        left = [
            x - design @ np.linalg.lstsq(design, x, rcond=None)[0]
            for x in np.moveaxis(trials.values[others], 2, 0)
        ]
        dof = 2 * (others.sum() - np.linalg.matrix_rank(design))
        inverse.append(
            np.linalg.inv(ic.noise_covariance(np.concatenate(left), dof=dof).covariance[0, 0])
        )

    def precision(a, b):
        return (inverse[a] + inverse[b]) / 2

    got = ic.rdms(trials, "crossnobis", noise="ledoit_wolf").values[0]
    np.testing.assert_allclose(got, within_runs(trials, precision))


NULLS = [
    (5, 8, 100, 1, 30, True),
    (4, 4, 12, 1, 120, True),
    (8, 10, 50, 1, 15, True),
    (4, 2, 12, 3, 100, True),
    (4, 6, 12, 1, 80, False),
]


@pytest.mark.parametrize(("n_conditions", "n_runs", "n_units", "m", "n", "runs"), NULLS)
def test_noise_from_the_same_trials_leaves_the_mean_at_zero(
    rng, n_conditions, n_runs, n_units, m, n, runs
):
    names = [f"c{i}" for i in range(n_conditions)] * (n_runs * m)
    run = np.repeat(np.arange(n_runs), n_conditions * m) if runs else None
    means = []
    for _ in range(n):
        x = rng.standard_gamma(1.0, size=(len(names), n_units))  # skewed, and not around zero
        rdms = ic.rdms(ic.Trials(x, names, runs=run), "crossnobis", noise="ledoit_wolf")
        means.append(rdms.values.mean())
    assert abs(np.mean(means)) < 4 * np.std(means) / n**0.5


def test_too_few_runs_for_their_noise_is_said(rng):
    trials = made(rng, n_runs=2)
    with pytest.raises(
        ic.InputError, match="from the trials of the other runs.*at least three runs"
    ):
        ic.rdms(trials, "crossnobis", noise="ledoit_wolf")
    assert ic.rdms(trials, "crossnobis", noise=ic.noise_covariance(trials)).n_rdms == 2


def test_poisson_equals_rsatoolbox_and_its_cross_validation_a_loop(rng):
    trials = made(rng, counts=True)
    rdms = ic.rdms(trials, "poisson")
    np.testing.assert_allclose(rdms.values[0], theirs(trials, 0, "poisson"))
    stimuli, x = np.array(trials.stimuli), trials.values[:, :, 0]
    expected = np.zeros(10)
    for run in range(4):  # rsatoolbox returns the last of these only
        held = trials.runs == run
        rate = {
            out: np.stack([x[(held == out) & (stimuli == c)].mean(0) for c in trials.conditions])
            for out in (True, False)
        }
        train, test = ((rate[out] + 0.1) / 1.1 for out in (False, True))
        expected += [
            (train[i] - train[j]) @ (np.log(test[i]) - np.log(test[j])) / 6 / 4
            for i in range(5)
            for j in range(i + 1, 5)
        ]
    got = ic.rdms(trials, "crossvalidated_poisson").values[0]
    np.testing.assert_allclose(got, expected)


def test_crossvalidated_correlation_is_that_of_signal_without_noise(rng):
    pattern = rng.normal(size=(5, 30))
    trials = ic.Trials(np.tile(pattern, (3, 1)), [f"c{i}" for i in range(5)] * 3, runs=RUNS)
    expected = 1 - np.corrcoef(pattern)[np.triu_indices(5, 1)]
    got = ic.rdms(trials, "crossvalidated_correlation").values[0]
    np.testing.assert_allclose(got, expected, atol=1e-12)


RUNS = np.repeat([0, 1, 2], 5)


def test_crossvalidated_poisson_takes_unequal_runs(rng):
    trials = made(rng, n_runs=12, counts=True)
    trials = trials.replace(runs=trials.runs // 3).take(np.sort(rng.permutation(60)[:44]))
    x, stimuli, expected = trials.values[:, :, 0], np.array(trials.stimuli), []
    for i, j in itertools.combinations(trials.conditions, 2):
        runs = []
        for run in range(4):
            a, b = (x[(stimuli == c) & (trials.runs == run)] for c in (i, j))
            if len(a) and len(b):
                p, q = ((each.mean(0) + 0.1) / 1.1 for each in (a, b))
                runs.append((len(a) * len(b) / (len(a) + len(b)), p - q, np.log(p) - np.log(q)))
        pairs = list(itertools.permutations(runs, 2))
        above = sum(v * w * (rate @ log) for (v, rate, _), (w, _, log) in pairs)
        expected.append(above / 6 / sum(v * w for (v, _, _), (w, _, _) in pairs))
    got = ic.rdms(trials, "crossvalidated_poisson").values[0]
    np.testing.assert_allclose(got, expected)


@pytest.mark.parametrize("whiten", [False, True])
@pytest.mark.parametrize("runs", [False, True])
def test_crossvalidated_correlation_is_that_of_a_loop(rng, whiten, runs):
    trials = unequal(rng)
    noise = covariance(rng) if whiten else None
    root = np.linalg.inv(np.linalg.cholesky(noise)) if whiten else np.eye(6)
    x, stimuli = trials.values[:, :, 0] @ root.T, np.array(trials.stimuli)
    x = x - x.mean(1, keepdims=True)
    run = trials.runs if runs else np.arange(len(x))
    apart = run[:, None] != run
    products, names = x @ x.T, trials.conditions
    g, lengths = np.zeros((5, 5)), np.zeros(5)
    for i, j in itertools.product(range(5), repeat=2):
        pair = np.ix_(stimuli == names[i], stimuli == names[j])
        g[i, j] = products[pair][apart[pair]].mean()
        lengths[i] = (x[stimuli == names[i]].mean(0) ** 2).sum()
    v = np.maximum(np.diag(g), 0.1 * lengths)
    expected = 1 - np.clip(g / np.sqrt(np.outer(v, v)), -1, 1)[np.triu_indices(5, 1)]
    trials = trials if runs else trials.replace(runs=None)
    got = ic.rdms(trials, "crossvalidated_correlation", noise=noise).values[0]
    np.testing.assert_allclose(got, expected, atol=1e-10)


@pytest.mark.parametrize("name", ["mahalanobis", "squared_euclidean"])
@pytest.mark.parametrize("offset", [1e4, 1e6])
def test_distances_of_means_keep_their_digits_at_an_offset(rng, name, offset):
    trials = unequal(rng)
    moved = trials.replace(values=trials.values + offset)
    first, second = (ic.rdms(each, name).values for each in (trials, moved))
    np.testing.assert_allclose(second, first, rtol=1e-13 * offset)


@pytest.mark.parametrize("name", ["correlation", "euclidean", "squared_euclidean", "manhattan"])
def test_plain_distances_are_those_of_the_average(rng, name):
    trials = made(rng)
    expected = ic.rdms(ic.average(trials.at(1)), name).values[0]
    np.testing.assert_allclose(ic.rdms(trials, name).values[1], expected, atol=1e-12)


def test_noise_has_mean_zero_and_both_signs(rng):
    values = rng.normal(size=(64, 10, 80))
    trials = ic.Trials(values, [f"c{i % 8}" for i in range(64)], runs=np.arange(64) // 8)
    d = ic.rdms(trials, "crossnobis").values
    assert abs(d.mean()) < 4 * d.mean(1).std() / np.sqrt(80)
    assert 0.4 < (d < 0).mean() < 0.6
    assert ic.rdms(trials, "mahalanobis").values.min() > 0
    r = ic.rdms(trials, "crossvalidated_correlation").values
    assert abs(r.mean() - 1) < 0.05


def test_follows_the_order_of_conditions(rng):
    trials = made(rng)
    order = rng.permutation(20)
    first, second = (ic.rdms(each, "crossnobis") for each in (trials, trials.take(order)))
    np.testing.assert_allclose(first.values, second.values)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("crossnobi", "Did you mean 'crossnobis'"),
        ("poisson", "need counts or rates, but 6 units have negative values"),
    ],
)
def test_says_what_is_wrong(rng, name, message):
    with pytest.raises(ic.InputError, match=message):
        ic.rdms(made(rng), name)


def test_says_which_runs_lack_what(rng):
    trials = made(rng)
    first_only = trials.take((np.array(trials.stimuli) != "c1") | (trials.runs == 0))
    with pytest.raises(ic.InputError, match="at least 2 runs; 'c1' occur in one only"):
        ic.rdms(first_only, "crossnobis")
    once = trials.replace(runs=None).take(np.arange(6))
    with pytest.raises(ic.InputError, match="'c1', 'c2', 'c3', 'c4' have a single trial"):
        ic.rdms(once, "crossnobis")
    noise = ic.Noise(np.array([np.eye(6)] * 4)[None], runs=(0, 1, 2, 3))
    with pytest.raises(ic.InputError, match="for each run is for 'crossnobis' only"):
        ic.rdms(trials, "mahalanobis", noise=noise)
    with pytest.raises(ic.InputError, match="of the runs 0|of the runs '0'"):
        ic.rdms(trials.replace(runs=trials.runs + 7), "crossnobis", noise=noise)


def test_says_why_a_noise_covariance_does_not_do(rng):
    trials = made(rng)
    with pytest.raises(ic.InputError, match="singular.*Shrink it"):
        ic.rdms(trials, "crossnobis", noise=np.ones((6, 6)))
    with pytest.raises(ic.InputError, match="has 5 units, the trials 6"):
        ic.rdms(trials, "crossnobis", noise=np.eye(5))
    with pytest.raises(ic.InputError, match="noise= is for 'crossnobis'"):
        ic.rdms(trials, "correlation", noise=np.eye(6))
    with pytest.raises(ic.InputError, match="applies to Trials"):
        ic.rdms(ic.average(trials.at(0)), "euclidean", noise=np.eye(6))


def test_a_list_of_subjects_gives_one_stack(rng):
    many = [made(rng).replace(labels={"subject": s}) for s in (1, 2)]
    rdms = ic.rdms(many, "crossnobis", noise="ledoit_wolf")
    assert rdms.labels["subject"].tolist() == [1, 1, 2, 2]
    alone = ic.rdms(many[1], "crossnobis", noise="ledoit_wolf")
    np.testing.assert_array_equal(rdms.values[2:], alone.values)


def test_conditions_that_never_share_two_runs_are_named(rng):
    trials = made(rng)
    odd = np.isin(trials.stimuli, ["c0", "c1"]) == (trials.runs % 2 == 0)
    with pytest.raises(ic.UndefinedError, match="6 of 10 pairs.*'c0 and c2'.*coarser runs"):
        ic.rdms(trials.take(odd), "crossnobis")
    with pytest.raises(ic.UndefinedError, match="fewer than 2 runs in common"):
        ic.rdms(trials.replace(runs=np.arange(20)).take(np.arange(20)), "crossnobis")


@pytest.mark.parametrize("name", ["poisson", "squared_euclidean", "crossnobis", "mahalanobis"])
def test_a_flat_unit_is_data_where_nothing_is_divided_by_its_variance(rng, name):
    trials = made(rng, counts=True)
    values = trials.values.copy()
    values[:, 2] = 0
    got = ic.rdms(trials.replace(values=values), name).values
    others = ic.rdms(trials.replace(values=np.delete(values, 2, 1), units=None), name).values
    scale = 1 if name == "squared_euclidean" else 5 / 6
    np.testing.assert_allclose(got, others * scale, atol=1e-12)
    with pytest.raises(ic.InputError, match="1 of 6 units are flat"):
        ic.rdms(trials.replace(values=values), "crossnobis", noise="diagonal")


def named_units(rng):
    channels = pd.DataFrame({"channel": [f"E{i}" for i in range(6)]})
    return made(rng).replace(units=channels), covariance(rng)


def test_the_units_of_noise_and_trials_meet_by_name(rng):
    trials, matrix = named_units(rng)
    expected = ic.rdms(trials, "crossnobis", noise=matrix).values
    order = rng.permutation(6)
    shuffled = ic.Noise(matrix[np.ix_(order, order)], units=trials.units.iloc[order])
    np.testing.assert_allclose(ic.rdms(trials, "crossnobis", noise=shuffled).values, expected)
    some = trials.replace(values=trials.values[:, :4], units=trials.units[:4])
    expected = ic.rdms(some, "crossnobis", noise=matrix[:4, :4]).values
    np.testing.assert_allclose(ic.rdms(some, "crossnobis", noise=shuffled).values, expected)
    assert ic.noise_covariance(trials).units["channel"].tolist() == trials.units["channel"].tolist()


def test_units_that_do_not_meet_are_named(rng):
    trials, matrix = named_units(rng)
    other = ic.Noise(matrix, units={"channel": ["E0", "E1", "E2", "E3", "E4", "Oz"]})
    with pytest.raises(ic.InputError, match="lacks 1 of the 6 units.*by 'channel': 'E5'"):
        ic.rdms(trials, "crossnobis", noise=other)
    twice = ic.Noise(matrix, units={"channel": ["E0", "E1", "E2", "E3", "E4", "E4"]})
    with pytest.raises(ic.InputError, match="some of these names come twice"):
        ic.rdms(trials, "crossnobis", noise=twice)


def test_a_covariance_of_mne_meets_the_channels(rng):
    mne = pytest.importorskip("mne")
    trials, matrix = named_units(rng)
    names = list(trials.units["channel"])
    given = mne.Covariance(matrix[::-1, ::-1], names[::-1], [], [], nfree=10)
    expected = ic.rdms(trials, "crossnobis", noise=matrix).values
    np.testing.assert_allclose(ic.rdms(trials, "crossnobis", noise=given).values, expected)


def test_what_is_no_covariance_is_refused_for_what_it_is(rng):
    trials, matrix = made(rng), covariance(rng)
    with pytest.raises(ic.InputError, match=r"not symmetric: entry \(\d, \d\).*fill in the other"):
        ic.rdms(trials, "crossnobis", noise=np.triu(matrix))
    with pytest.raises(ic.InputError, match="indefinite.*smallest eigenvalue -"):
        ic.rdms(trials, "mahalanobis", noise=np.where(np.eye(6), 1.0, -0.9))
    with pytest.raises(ic.InputError, match="singular.*Shrink it"):
        ic.rdms(trials, "crossnobis", noise=np.ones((6, 6)))
    rounded = matrix.astype(np.float32)
    assert ic.rdms(trials, "crossnobis", noise=rounded).n_rdms == 2


def test_haxby_with_missing_patterns_keeps_its_geometry(shared):
    trials = ic.run_averages(ic.datasets.haxby_slice())
    trials = trials.take(np.array(trials.stimuli) != "rest")
    full = ic.rdms(trials, "crossnobis").values[0]
    rng = np.random.default_rng(0)
    alike = {}
    for n_missing in (1, 5, 20):
        drawn = [trials.take(np.sort(rng.permutation(96)[n_missing:])) for _ in range(60)]
        some = [ic.rdms(each, "crossnobis").values[0] for each in drawn]
        alike[n_missing] = np.mean([np.corrcoef(full, each)[0, 1] for each in some])
    # Raw BOLD: inner products averaged over all pairs of trials gave .50, .23 and -.03.
    assert alike[1] == pytest.approx(1.00, abs=0.02)
    assert alike[5] == pytest.approx(0.96, abs=0.03)
    assert alike[20] == pytest.approx(0.70, abs=0.06)


@pytest.mark.parametrize("verb", [ic.rdms, ic.decoding_rdms])
def test_subjects_come_in_any_container(rng, verb):
    many = [made(rng).replace(labels={"subject": s}) for s in (1, 2)]
    options = ["crossnobis"] if verb is ic.rdms else []
    expected = verb(many, *options).values
    for source in (tuple(many), iter(many), (each for each in many), dict(enumerate(many))):
        np.testing.assert_array_equal(verb(source, *options).values, expected)
