"""What is wrong with scores of people is named: who comes twice, whose times differ."""

import numpy as np
import pytest

import isocortex as ic


def person(rng, name, times, region=None):
    labels = {"subject": name, "time": times} | ({"region": region} if region else {})
    return ic.RDMs(rng.random((len(times), 3)), ["a", "b", "c"], labels)


def stacked(*people):
    return ic.RDMs.concat(people)


TIMES = np.arange(11) / 100


def test_a_person_given_twice_is_named(rng):
    names = ["s01", "s02", "s03", "s02"]
    rdms = stacked(*(person(rng, name, TIMES) for name in names))
    with pytest.raises(ic.InputError, match=r"point; 's02' comes twice at the same point\. Is one"):
        ic.clusters(rdms)
    again = stacked(*(person(rng, name, TIMES) for name in ["s01", "s02"] * 3))
    with pytest.raises(ic.InputError, match="'s01', 's02' come 3 times at the same point"):
        ic.clusters(again)


def test_another_sampling_rate_is_told_with_its_times(rng):
    people = [person(rng, f"s{i}", TIMES) for i in range(5)]
    fine = person(rng, "fast", np.arange(21) / 200)
    said = (
        r"'fast' has 21 times from 0 to 0\.1 s \(it alone has '0\.005', .*5 of 6 subjects have 11"
    )
    with pytest.raises(ic.InputError, match=said):
        ic.clusters(stacked(*people, fine))
    late = person(rng, "late", TIMES[2:])
    with pytest.raises(ic.InputError, match=r"'late' has 9 times .*lacks '0', '0\.01' s\), where"):
        ic.clusters(stacked(*people, late))


def test_a_person_without_a_region_lacks_points(rng):
    people = [
        person(rng, f"s{i}", TIMES, r) for i in range(4) for r in ("V1", "IT") if i or r > "J"
    ]
    with pytest.raises(
        ic.InputError, match="'s0' lacks points that other subjects .* 'region' tell"
    ):
        ic.clusters(stacked(*people))


def test_a_condition_that_one_person_lacks_can_be_left_out_as_the_error_says(rng):
    def recorded(name, conditions):
        values = rng.normal(size=(6 * len(conditions), 4, 5))
        return ic.Trials(values, conditions * 6, labels={"subject": name}, times=TIMES[:5])

    trials = [recorded(f"s{i}", ["a", "b", "c"][: 3 - (i == 2)]) for i in range(6)]
    advice = r"RDMs\.concat\(\[ic\.decoding_rdms\(each\) for each in trials\], join='inner'\)"
    with pytest.raises(ic.MisalignedError, match=f"subject 's2'.*{advice}"):
        ic.decoding_rdms(trials, folds=2)
    rdms = ic.RDMs.concat([ic.decoding_rdms(each, folds=2) for each in trials], join="inner")
    assert ic.clusters(rdms, chance=0.5).series.shape[0] == 1
