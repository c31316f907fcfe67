"""Noise ceilings of RDMs, against their definition."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.stats import pearsonr, rankdata, spearmanr

import isocortex as ic
from isocortex.rsa.ceiling import check_one_kind, person_of, rdm_ceiling

EIGHT = list("abcdefgh")


def scaled(rows, comparison):
    if comparison == "spearman":
        return np.array([rankdata(row) for row in rows])  # whose equal means stay equal
    rows = rows - rows.mean(1, keepdims=True)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize(("comparison", "slow"), [("pearson", pearsonr), ("spearman", spearmanr)])
def test_the_bounds_are_the_means_with_and_without_oneself(rng, comparison, slow):
    values = rng.random(28) + rng.random((5, 28))
    z = scaled(values, comparison)
    low = [slow(np.delete(z, i, 0).mean(0), values[i])[0] for i in range(5)]
    high = [slow(z.mean(0), values[i])[0] for i in range(5)]
    found = rdm_ceiling(ic.RDMs(values, EIGHT, labels={"subject": range(5)}), comparison)
    assert found.low == pytest.approx(np.mean(low))
    assert found.high == pytest.approx(np.mean(high))


def test_all_rdms_of_a_subject_are_left_out_together(rng):
    values = rng.random(28) + rng.random((4, 28))
    people = ["a", "a", "b", "c"]
    z = scaled(values, "pearson")
    low = []
    for who in "abc":
        own = np.array(people) == who
        low.append(np.mean([pearsonr(z[~own].mean(0), row)[0] for row in values[own]]))
    found = rdm_ceiling(ic.RDMs(values, EIGHT, labels={"subject": people}), "pearson")
    assert found.low == pytest.approx(np.mean(low))


def test_people_are_told_by_their_label(rng):
    stack = ic.RDMs(rng.random((3, 10)), EIGHT[:5])
    np.testing.assert_array_equal(person_of(stack), [0, 1, 2])
    named = ic.RDMs(rng.random((3, 10)), EIGHT[:5], labels={"subject": ["y", "x", "y"]})
    np.testing.assert_array_equal(person_of(named), [1, 0, 1])
    mixed = ic.RDMs(rng.random((2, 10)), EIGHT[:5], labels={"region": ["V1", "V4"]})
    with pytest.raises(ic.InputError, match="2 different regions.*region='V1'"):
        check_one_kind(mixed, "infer")


@pytest.mark.parametrize("comparison", ["pearson", "spearman"])
def test_over_time_there_is_a_ceiling_at_each_time_in_order(rng, comparison, tmp_path):
    times = [0.2, -0.1, 0.0, 0.1]
    rows = [(person, time) for time in times for person in "abcde"]
    labels = {"subject": [who for who, _ in rows], "time": [time for _, time in rows]}
    rdms = ic.RDMs(rng.random(28) + rng.random((20, 28)), EIGHT, labels=labels)
    found = ic.noise_ceiling(rdms, comparison)
    by_hand = [rdm_ceiling(rdms.select(time=time), comparison) for time in sorted(times)]
    np.testing.assert_array_equal(found.low, [each.low for each in by_hand])
    np.testing.assert_array_equal(found.high, [each.high for each in by_hand])
    one = ic.noise_ceiling(rdms.select(time=0.0), comparison)
    assert one == by_hand[1]
    assert isinstance(one.low, float)
    again = ic.read(ic.save(found, tmp_path / "ceiling.npz"))
    np.testing.assert_array_equal(again.high, found.high)
    ax = ic.plots.timecourse(ic.compare(ic.RDMs(rng.random((1, 28)), EIGHT), rdms), ceiling=found)
    assert ax.collections
    plt.close(ax.figure)
    both = rdms.replace(labels=rdms.labels.assign(region=["V1", "IT"] * 10))
    with pytest.raises(ic.InputError, match="2 different regions"):
        ic.noise_ceiling(both)
