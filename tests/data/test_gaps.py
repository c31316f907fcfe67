import itertools

import numpy as np
import pandas as pd
import pytest

import isocortex as ic

NAMES = list("abcdef")
SEEN = ([0, 1, 2, 3, 4], [1, 2, 3, 4, 5], [0, 2, 3, 4, 5])


@pytest.fixture
def subjects(rng):
    """RDMs of three subjects who saw five of six stimuli each, and a full one with NaN."""
    full = rng.random((3, 6, 6))
    full = full + full.transpose(0, 2, 1)
    full[:, range(6), range(6)] = 0
    with_nan = np.full((3, 6, 6), np.nan)
    parts = []
    for k, seen in enumerate(SEEN):
        with_nan[k][np.ix_(seen, seen)] = full[k][np.ix_(seen, seen)]
        names = [NAMES[i] for i in seen]
        parts.append(ic.RDMs.from_arrays(full[k][np.ix_(seen, seen)], names, {"subject": f"s{k}"}))
    return parts, with_nan


def test_the_mean_goes_over_those_who_saw_a_pair(subjects):
    parts, with_nan = subjects
    for order in itertools.permutations(range(3)):
        stack = ic.RDMs.concat([parts[i] for i in order], join="outer")
        mean = stack.mean()
        assert stack.gaps
        assert not mean.gaps
        np.testing.assert_allclose(mean.reorder(NAMES).square()[0], np.nanmean(with_nan, 0))
    told = ic.RDMs.from_arrays(with_nan, NAMES, gaps=True)
    np.testing.assert_array_equal(told.values, stack.reorder(NAMES).values[np.argsort(order)])


def test_a_pair_that_nobody_saw_stays_a_gap(subjects):
    parts, _ = subjects
    mean = ic.RDMs.concat(parts[:2], join="outer").mean()
    assert np.isnan(mean.square()[0, 0, 5])
    assert np.isnan(mean.values).sum() == 1


def test_what_all_saw_is_complete(subjects):
    parts, with_nan = subjects
    stack = ic.RDMs.concat(parts, join="inner")
    assert stack.stimuli == ("c", "d", "e")
    np.testing.assert_array_equal(stack.square(), with_nan[:, 2:5, 2:5])
    outer = ic.RDMs.concat(parts, join="outer")
    assert not outer.take([2, 3, 4]).gaps
    assert outer.take([0, 5]).gaps
    assert not outer.select(subject="s0").take(range(5)).gaps


def test_verbs_that_need_all_pairs_refuse_gaps(subjects, rng):
    parts, _ = subjects
    stack = ic.RDMs.concat(parts, join="outer")
    model = ic.RDMs(rng.random((1, 15)), NAMES, {"layer": "l1"})
    times = ic.RDMs(rng.random((2, 15)), NAMES, {"time": [0, 1]})
    for regions, third in ((stack, model), (model, stack.select(subject="s0"))):
        with pytest.raises(ic.UndefinedError, match="fuse: . of . RDMs lack pairs .subject 's0'"):
            ic.fuse(times, regions, model=third)
    assert ic.compare(model, stack.mean()).values.shape == (1, 1)


def test_gaps_have_to_be_told(rng):
    values = rng.random((2, 3))
    values[1, 2] = np.nan
    with pytest.raises(ic.InputError, match="1 of 2 RDMs hold NaN.*gaps=True"):
        ic.RDMs(values, "abc")
    values[1, 2] = np.inf
    with pytest.raises(ic.InputError, match="infinite"):
        ic.RDMs(values, "abc", gaps=True)


def test_nothing_cannot_be_joined():
    with pytest.raises(ic.InputError, match="needs at least one stack"):
        ic.RDMs.concat([])
    with pytest.raises(ic.InputError, match="needs at least one part"):
        ic.Scores.concat([], "unit")
    pair = [ic.RDMs([[1.0]], names) for names in ("ab", "cd")]
    with pytest.raises(ic.MisalignedError, match="only 0 stimuli in common to the 2 stacks"):
        ic.RDMs.concat(pair, join="inner")


def test_times_that_differ_by_rounding_are_one_time(rng):
    stacks = [
        ic.RDMs(rng.random((3, 3)), "abc", {"time": times, "subject": i})
        for i, times in enumerate(
            ([0.0, 0.1, 0.3], [5e-17, 0.1, 0.1 + 0.2], [0.0, 0.1, 0.3 - 6e-17])
        )
    ]
    stack = ic.RDMs.concat(stacks)
    assert sorted(stack.labels["time"].unique()) == [0.0, 0.1, 0.3]
    assert stack.select(time=0.3).n_rdms == stack.select(time=0).n_rdms == 3
    assert ic.RDMs.concat([stacks[1]]).select(time=[0.3]).n_rdms == 1
    other = ic.RDMs(rng.random((2, 3)), "abc", {"alpha": [1e-10, 1e-12]})
    assert other.select(alpha=1e-12).n_rdms == 1
    text = ic.RDMs(rng.random((2, 3)), "abc", pd.DataFrame({"time": ["a", "b"]}))
    assert ic.RDMs.concat([text, text]).select(time="a").n_rdms == 2
