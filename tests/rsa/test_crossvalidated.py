import numpy as np
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


def sloppy(trials, precision, t=0):
    """Every pair of trials from different runs once, in loops."""
    names, x = trials.conditions, trials.values[:, :, t]
    g = np.zeros((len(names), len(names)))
    for i, a in enumerate(names):
        for j, b in enumerate(names):
            found = [
                x[m] @ precision @ x[n]
                for m in range(len(x))
                for n in range(len(x))
                if trials.stimuli[m] == a
                and trials.stimuli[n] == b
                and trials.runs[m] != trials.runs[n]
            ]
            g[i, j] = np.mean(found)
    rows, columns = np.triu_indices(len(names), 1)
    d = np.diag(g)[rows] + np.diag(g)[columns] - g[rows, columns] - g[columns, rows]
    return d / x.shape[1]


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


def test_unbalanced_crossnobis_equals_rsatoolbox_and_a_loop(rng):
    trials, noise = made(rng), covariance(rng)
    trials = trials.take(np.sort(rng.permutation(20)[:16]))
    precision = np.linalg.inv(noise)
    rdms = ic.rdms(trials, "crossnobis", noise=noise)
    np.testing.assert_allclose(rdms.values[0], sloppy(trials, precision))
    descriptors = {"condition": list(trials.stimuli), "run": list(trials.runs)}
    data = toolbox.data.Dataset(trials.values[:, :, 0], obs_descriptors=descriptors)
    oracle = toolbox.rdm.calc_rdm_unbalanced(
        data, "crossnobis", "condition", noise=precision, cv_descriptor="run", weighting="number"
    )
    oracle.sort_by(condition="alpha")
    np.testing.assert_allclose(rdms.values[0], oracle.dissimilarities[0])


def test_without_runs_every_trial_is_a_partition(rng):
    trials = made(rng)
    alone = trials.replace(runs=np.arange(20))
    expected = ic.rdms(alone, "crossnobis").values
    np.testing.assert_allclose(ic.rdms(trials.replace(runs=None), "crossnobis").values, expected)


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
    lacking = trials.take(np.arange(19))
    with pytest.raises(ic.InputError, match="missing: 'c4 in run 3'"):
        ic.rdms(lacking, "crossnobis", noise=noise)
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
    rdms = ic.rdms(many, "crossnobis", noise="ledoit-wolf")
    assert rdms.labels["subject"].tolist() == [1, 1, 2, 2]
    alone = ic.rdms(many[1], "crossnobis", noise="ledoit-wolf")
    np.testing.assert_array_equal(rdms.values[2:], alone.values)


def test_names_flat_units(rng):
    trials = made(rng)
    values = trials.values.copy()
    values[:, 2] = 0
    with pytest.raises(ic.InputError, match="1 of 6 units are flat"):
        ic.rdms(trials.replace(values=values), "crossnobis")
