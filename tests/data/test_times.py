"""Times that agree to a thousandth of a sample are one time; the nearest is taken, and said."""

import numpy as np
import pytest

import isocortex as ic

NAMES = ["a", "b", "c"]
TIMES = np.arange(-2, 5) / 128  # as MNE has them


def movie(subject, shift=0.0):
    values = np.arange(21.0).reshape(7, 3) + subject
    return ic.RDMs(values, NAMES, {"subject": [subject] * 7, "time": TIMES + shift})


@pytest.mark.parametrize("shift", [1e-17, 5e-10, 5e-6, -7e-6])
def test_subjects_whose_times_differ_by_rounding_join(shift):
    joined = ic.RDMs.concat([movie(1), movie(2, shift), movie(3, -shift)])
    assert joined.labels["time"].nunique() == 7
    assert joined.select(time=TIMES[3]).n_rdms == 3


def test_scores_join_as_well():
    tables = [{"subject": {"subject": [s]}, "time": {"time": TIMES + s * 1e-9}} for s in (1, 2)]
    parts = [ic.Scores(np.zeros((1, 7)), each) for each in tables]
    assert ic.Scores.concat(parts, "subject").values.shape == (2, 7)


def test_other_times_stay_apart():
    joined = ic.RDMs.concat([movie(1), movie(2, 1e-4)])
    assert joined.labels["time"].nunique() == 14


def test_the_nearest_time_is_taken_and_said():
    with pytest.warns(ic.IsocortexWarning, match=r"time=0.017; the nearest is 0.015625, 1.3"):
        found = movie(1).select(time=0.017)
    assert found.labels["time"].tolist() == [TIMES[4]]


def test_a_time_outside_by_more_than_half_a_sample_is_refused():
    with pytest.raises(ic.InputError, match=r"no row has time=0.1. The nearest is 0.03125"):
        movie(1).select(time=0.1)


def test_numbers_that_are_no_times_are_not_taken_for_one_another():
    scores = ic.Scores([1.0, 2.0], {"dose": {"dose": [0.1, 0.2]}})
    with pytest.raises(ic.InputError, match=r"no row has dose=0.17"):
        scores.select(dose=0.17)


@pytest.fixture
def decoded(rng):
    """Eight subjects, six times, of which the last three are above chance."""
    accuracies = 0.5 + rng.normal(0, 0.03, (48, 3)) + 0.3 * (np.arange(48) % 6 >= 3)[:, None]
    labels = {"subject": np.repeat(range(8), 6), "time": np.tile(np.arange(6) / 10, 8)}
    return ic.RDMs(accuracies, NAMES, labels, "lda accuracy")


def test_statistics_take_the_movie_that_decoding_gives(decoded):
    scores = ic.Scores(
        decoded.values.mean(1).reshape(8, 6),
        {"subject": {"subject": range(8)}, "time": {"time": np.arange(6) / 10}},
    )
    found, truth = (ic.clusters(x, chance=0.5, n_permutations=200) for x in (decoded, scores))
    np.testing.assert_allclose(found.t, truth.t)
    assert found.table["p"].tolist() == truth.table["p"].tolist()
    means = ic.interval(decoded, null=0.5)
    np.testing.assert_allclose(means.values, ic.interval(scores, null=0.5).values.ravel())
    gap = ic.difference(decoded, {"time": 0.4}, {"time": 0.1})
    assert gap.value == pytest.approx((scores.values[:, 4] - scores.values[:, 1]).mean())
    lines = ic.plots.timecourse(decoded, chance=0.5).lines
    assert any(np.allclose(line.get_ydata(), means.values.ravel()) for line in lines[1:])


def test_accuracies_are_not_tested_against_zero(decoded):
    with pytest.raises(ic.InputError, match=r"clusters: .* say what chance is: chance=0.5"):
        ic.clusters(decoded)
    with pytest.raises(ic.InputError, match=r"interval: .* say what chance is: null=0.5"):
        ic.interval(decoded)
    with pytest.raises(ic.InputError, match="no labels"):
        ic.clusters(ic.RDMs(np.ones((2, 3)), NAMES))
