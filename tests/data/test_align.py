import numpy as np
import pytest

import isocortex as ic


def trials(rng, names, **options):
    return ic.Trials(rng.normal(size=(len(names), 4)), names, **options)


def test_of_trials_every_trial_is_kept_once(rng):
    first, second = trials(rng, "abc" * 10), trials(rng, "dba" * 5)
    a, b = ic.align(first, second, join="inner")
    assert (a.n_trials, b.n_trials) == (20, 10)
    assert a.conditions == b.conditions == ("a", "b")
    np.testing.assert_array_equal(a.values, first.values[np.isin(first.stimuli, ["a", "b"])])
    assert ic.align(first, trials(rng, "cab"))[0] is first


@pytest.mark.parametrize("first", [True, False])
def test_trials_and_responses_meet_by_condition(rng, first):
    many, one = trials(rng, "abcd" * 3), ic.Responses(rng.normal(size=(3, 2)), ["d", "b", "a"])
    pair = (many, one) if first else (one, many)
    aligned = dict(zip(("first", "second"), ic.align(*pair, join="inner"), strict=True))
    found, row = (aligned["first"], aligned["second"])[:: 1 if first else -1]
    assert found.n_trials == 9
    assert row.stimuli == (("a", "b", "d") if first else ("d", "b", "a"))
    with pytest.raises(ic.MisalignedError, match="1 only in the"):
        ic.align(*pair)


def test_noise_of_aligned_trials_is_not_decoded(rng):
    many = ic.align(trials(rng, "abc" * 10), trials(rng, "ab" * 15), join="inner")
    accuracies = ic.decoding_rdms(list(many), folds=5, shrinkage="auto").values
    assert (accuracies < 0.9).all()


def test_a_join_that_would_leave_nothing_is_not_advised(rng):
    pair = trials(rng, "ab"), trials(rng, "cd")
    with pytest.raises(ic.MisalignedError, match="0 in common. Are these the same stimuli"):
        ic.align(*pair)


@pytest.mark.parametrize("verb", [ic.rdms, ic.decoding_rdms])
def test_subjects_that_differ_are_named(rng, verb):
    people = {"anna": "abc", "ben": "abd"}
    many = [trials(rng, names * 4, labels={"subject": who}) for who, names in people.items()]
    with pytest.raises(ic.MisalignedError, match="s: subject 'anna' and subject 'ben'.*'inner'"):
        verb(many)
    with pytest.raises(ic.MisalignedError, match="recording 0 and recording 1"):
        verb([each.replace(labels=None) for each in many])
    stacks = [verb(each.replace(labels=None)) for each in many]
    with pytest.raises(ic.MisalignedError, match="RDMs.concat of .*'outer'"):
        ic.RDMs.concat(stacks)
    assert ic.RDMs.concat(stacks, join="outer").gaps
