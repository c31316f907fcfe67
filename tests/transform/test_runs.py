import numpy as np
import pytest
from nilearn import signal

import isocortex as ic


@pytest.fixture
def trials(rng):
    values = rng.normal(size=(30, 6)).cumsum(0) + 100
    stimuli = [["rest", "face", "house"][i // 5 % 3] for i in range(30)]
    return ic.Trials(values, stimuli, runs=np.repeat([1, 2], 15))


@pytest.mark.parametrize("detrend", [True, False])
@pytest.mark.parametrize("with_confounds", [True, False])
def test_cleaning_is_what_nilearn_does(trials, rng, detrend, with_confounds):
    confounds = rng.normal(size=(30, 2)) if with_confounds else None
    expected = signal.clean(
        trials.values,
        runs=trials.runs,
        detrend=detrend,
        standardize="zscore_sample",
        confounds=confounds,
    )
    cleaned = ic.clean(trials, detrend=detrend, confounds=confounds)
    np.testing.assert_allclose(cleaned.values, expected, atol=1e-10)


def test_cleaning_knows_repeated_confounds(trials, rng):
    one = rng.normal(size=(30, 1))
    twice = np.hstack([one, one, np.ones((30, 1))])
    np.testing.assert_allclose(
        ic.clean(trials, confounds=one).values, ic.clean(trials, confounds=twice).values
    )


def test_without_runs_it_is_one(trials):
    cleaned = ic.clean(trials.replace(runs=None), standardize=False)
    time = np.arange(30)
    np.testing.assert_allclose(time @ cleaned.values, 0, atol=1e-9)
    np.testing.assert_allclose(cleaned.values.mean(0), 0, atol=1e-12)


def test_run_averages_equal_a_loop(trials):
    patterns = ic.run_averages(trials)
    assert patterns.stimuli == ("face", "house", "rest") * 2
    assert patterns.runs.tolist() == [1, 1, 1, 2, 2, 2]
    names = np.array(trials.stimuli)
    for row, (run, name) in enumerate(zip(patterns.runs, patterns.stimuli, strict=True)):
        mean = trials.values[(trials.runs == run) & (names == name)].mean(0)
        np.testing.assert_allclose(patterns.values[row], mean)


def test_faults_are_sentences(trials, rng):
    constant = trials.replace(values=np.where(np.arange(6) == 2, 1.0, trials.values))
    with pytest.raises(ic.UndefinedError, match="1 units are constant in run 1"):
        ic.clean(constant)
    with pytest.raises(ic.InputError, match=r"30 volumes, but confounds have shape \(3, 2\)"):
        ic.clean(trials, confounds=np.zeros((3, 2)))
    with pytest.raises(ic.InputError, match="needs trials with runs"):
        ic.run_averages(trials.replace(runs=None))
    with pytest.raises(ic.InputError, match="without a time axis"):
        ic.clean(ic.Trials(rng.normal(size=(3, 2, 4)), list("abc")))


def test_responses_are_cleaned_by_the_runs_of_their_table(trials):
    names = [f"volume {i}" for i in range(30)]
    series = ic.Responses(trials.values, names, table={"run": np.repeat(["a", "b"], 15)})
    cleaned = ic.clean(series, standardize=False)
    assert cleaned.stimuli == series.stimuli
    assert cleaned.table["run"].tolist() == series.table["run"].tolist()
    expected = ic.clean(trials, standardize=False).values
    np.testing.assert_allclose(cleaned.numpy(), expected, atol=1e-12)
    constant = series.replace(values=np.ones((30, 6)), labels={"subject": 4})
    with pytest.raises(ic.UndefinedError, match="6 units are constant in run 'a' of subject '4'"):
        ic.clean(constant)
