import pickle

import numpy as np
import pandas as pd
import pytest

import isocortex as ic

RUNS = ["a"] * 25 + ["b"] * 35


@pytest.fixture
def series(rng):
    table = {"run": RUNS, "onset": np.r_[np.arange(25), np.arange(35)] * 2.0}
    return ic.Responses(rng.normal(size=(60, 7)) + 3, units={"i": range(7)}, table=table)


def copies(x, delays):
    """Centred in each run, then moved; what comes in is zero, the mean of the run."""
    found = []
    for delay in delays:
        copy = np.zeros_like(x)
        for start, stop in ((0, 25), (25, 60)):
            part = x[start:stop] - x[start:stop].mean(0)
            moved = np.roll(part, delay, axis=0)
            moved[: max(delay, 0)] = 0
            moved[len(part) + min(delay, 0) :] = 0
            copy[start:stop] = moved
        found.append(copy)
    return np.hstack(found)


def test_copies_stand_side_by_side_and_nothing_crosses_a_run(series):
    late = ic.delayed(series, [1, 2, -1])
    np.testing.assert_allclose(late.numpy(), copies(series.numpy(), [1, 2, -1]), atol=1e-14)
    assert late.units["delay"].tolist() == [1] * 7 + [2] * 7 + [-1] * 7
    assert late.units["i"].tolist() == [*range(7)] * 3
    assert late.labels["delays"] == "1, 2, -1"
    assert list(late.table["run"]) == RUNS


def test_a_run_is_not_filled_from_the_run_before():
    """Two runs, 0 1 2 and 3 4 5: a delay of one row gives no 2 in the second."""
    both = ic.Responses(np.arange(6.0)[:, None], table={"run": list("aaabbb")})
    assert ic.delayed(both, [1]).numpy().ravel().tolist() == [0, -1, 0, 0, -1, 0]


@pytest.mark.parametrize(
    "asked", [{"delays": [1, 2, 3, 4]}, {"hrf": "glover"}, {"delays": [0, 1, 2], "smoothness": 2.0}]
)
def test_the_gram_of_delays_is_that_of_their_columns(series, asked):
    late = ic.delayed(series, **asked)
    z = late.numpy()
    found = ic.gram(late)
    np.testing.assert_allclose(found.matrix, z @ z.T, rtol=0, atol=1e-13 * np.abs(z @ z.T).max())
    np.testing.assert_allclose(found.row_sums, z.sum(1), atol=1e-12)
    of_gram = ic.delayed(ic.gram(series), runs=RUNS, tr=2.0, **asked)
    np.testing.assert_allclose(of_gram.matrix, found.matrix, atol=1e-12)
    part = late.take(slice(5, 50))
    np.testing.assert_allclose(ic.gram(part).matrix, z[5:50] @ z[5:50].T, atol=1e-11)
    np.testing.assert_allclose(part.numpy(), z[5:50], atol=1e-14)
    assert pickle.loads(pickle.dumps(late)).units.equals(late.units)


@pytest.mark.parametrize("n_units", [4, 40])
def test_encode_through_the_gram_equals_the_explicit_columns(rng, n_units):
    x = rng.normal(size=(90, n_units)) + 2
    base = ic.Responses(x, table={"run": ["a"] * 30 + ["b"] * 30 + ["c"] * 30})
    late = ic.delayed(base, [1, 2, 3])
    plain = ic.Responses(late.numpy(), late.stimuli)
    y = ic.Responses(
        late.numpy() @ rng.normal(size=(3 * n_units, 2)) + rng.normal(size=(90, 2)), late.stimuli
    )
    folds = ic.Folds.by_run(base)
    model = ic.Ridge(np.logspace(-1, 3, 5))
    one = ic.encode(late, y, model, folds=folds, keep_model=True)
    other = ic.encode(plain, y, model, folds=folds, keep_model=True)
    np.testing.assert_allclose(one.values, other.values, atol=1e-12)
    weights = [scores.models[0].weights for scores in (one, other)]
    np.testing.assert_allclose(*weights, atol=1e-11)
    np.testing.assert_allclose(
        one.models[0].predict(late).numpy(), other.models[0].predict(plain).numpy(), atol=1e-11
    )


def test_spaces_may_have_delays_of_their_own(rng):
    table = {"run": ["a"] * 40 + ["b"] * 40}
    first = ic.Responses(rng.normal(size=(80, 30)), table=table, labels={"layer": "first"})
    second = ic.Responses(rng.normal(size=(80, 50)), table=table, labels={"layer": "second"})
    late = [ic.delayed(first, [1, 2, 3]), ic.delayed(second, [0, 4])]
    plain = [ic.Responses(n.numpy(), n.stimuli, labels=dict(n.labels)) for n in late]
    y = ic.Responses(late[0].numpy()[:, :3] + rng.normal(size=(80, 3)), first.stimuli)
    model = ic.BandedRidge([1.0, 10.0, 100.0])
    folds = ic.Folds.by_run(first, 4, gap=0)
    one, other = (ic.encode(each, y, model, folds=folds) for each in (late, plain))
    np.testing.assert_allclose(one.values, other.values, atol=1e-8)


def test_what_is_delayed_is_marked_as_a_series(rng):
    plain = ic.Responses(rng.normal(size=(20, 2)))
    assert ic.delayed(plain, [1]).table["time"].tolist() == list(range(20))


def test_wrong_delays_are_told_in_sentences(series):
    for wrong in ([1, 1], [0.5, 1.0], [], "abc"):
        with pytest.raises(ic.InputError, match="different whole numbers of rows"):
            ic.delayed(series, wrong)
    with pytest.raises(ic.InputError, match="needs either delays.*or hrf"):
        ic.delayed(series)
    with pytest.raises(ic.InputError, match="needs either delays.*or hrf"):
        ic.delayed(series, [1], hrf="spm")
    with pytest.raises(ic.InputError, match="hrf='smp'.*spm"):
        ic.delayed(series, hrf="smp")
    with pytest.raises(ic.InputError, match="25 rows leaves nothing of run 'a', which has 25"):
        ic.delayed(series, [1, 25])
    with pytest.raises(ic.InputError, match="three or more delays, evenly spaced"):
        ic.delayed(series, [1, 2, 4], smoothness=1.0)
    with pytest.raises(ic.InputError, match="hrf= has none; give one"):
        ic.delayed(series, hrf="spm", smoothness=1.0)
    with pytest.raises(ic.InputError, match="needs the seconds between rows"):
        ic.delayed(ic.Responses(np.eye(5)), hrf="spm")


def test_rows_out_of_order_are_told_in_sentences(series, rng):
    with pytest.raises(ic.InputError, match="rows of run 'a' do not follow one another"):
        ic.delayed(series, [1], runs=["a"] * 20 + ["b"] * 20 + ["a"] * 20)
    with pytest.raises(ic.InputError, match="times must increase|Is a volume missing"):
        ic.delayed(series.take(rng.permutation(25)), [1])
    with pytest.raises(ic.InputError, match="4 s lie between row 9 .*leave some out afterwards"):
        ic.delayed(series.take(np.delete(np.arange(25), 10)), [1])
    with pytest.raises(ic.InputError, match="there are runs for 3 rows, but 60 rows"):
        ic.delayed(series, [1], runs=["a", "a", "b"])
    with pytest.raises(ic.InputError, match="'stimulus 1' has no run"):
        ic.delayed(series, [1], runs=["a", None, *RUNS[2:]])
    slower = series.table.assign(onset=np.r_[np.arange(25) * 2.0, np.arange(35) * 1.5])
    with pytest.raises(ic.InputError, match=r"1.5 s apart in one run and 2 s in another"):
        ic.delayed(series.replace(table=slower), [1])


@pytest.mark.parametrize("kind", [tuple, np.array, pd.Series, range])
def test_delays_may_be_any_row_of_whole_numbers(kind, rng):
    series = ic.Responses(rng.normal(size=(12, 2)))
    wanted = ic.delayed(series, [1, 2, 3])
    found = ic.delayed(series, range(1, 4) if kind is range else kind([1, 2, 3]))
    np.testing.assert_array_equal(found.numpy(), wanted.numpy())
    pd.testing.assert_frame_equal(found.units, wanted.units)


@pytest.mark.parametrize("hrf", ["spm", "glover"])
def test_rows_too_far_apart_for_a_response_are_told(hrf, rng):
    series = ic.Responses(rng.normal(size=(12, 2)))
    with pytest.raises(ic.InputError, match="rows are 29 s apart, and the peak of a response"):
        ic.delayed(series, hrf=hrf, tr=29.0)
    with pytest.raises(ic.InputError, match="delayed: tr is in seconds; 2000 s is too long"):
        ic.delayed(series, hrf=hrf, tr=2000.0)
