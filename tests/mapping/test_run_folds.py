import warnings

import numpy as np
import pytest
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isocortex as ic
from isocortex.mapping.folds import split
from isocortex.mapping.run_folds import SeriesRows, series_rows, with_gap

RUNS = ["a"] * 30 + ["b"] * 20 + ["c"] * 10


def names(n=60):
    return tuple(f"v{i}" for i in range(n))


def parts(runs=RUNS, *args, n=60, **options):
    return split(ic.Folds.by_run(runs, *args, **options), names(n))


def test_each_run_is_tested_once_by_the_others():
    found = parts(gap=8)
    assert [test.tolist() for _, test in found] == [
        [*range(30)],
        [*range(30, 50)],
        [*range(50, 60)],
    ]
    assert [len(train) for train, _ in found] == [30, 40, 50]


def test_fewer_folds_than_runs_test_neighbouring_runs_together():
    found = parts(RUNS, 2)
    assert [len(test) for _, test in found] == [50, 10]


def test_one_run_is_cut_into_blocks_and_rows_within_the_gap_do_not_train():
    for gap in (0, 1, 7):
        found = parts(["s"] * 60, 4, gap=gap)
        assert len(found) == 4
        for train, test in found:
            assert test.tolist() == [*range(test[0], test[0] + 15)]
            away = np.abs(train[:, None] - test).min(1)
            assert away.min() == gap + 1
            assert len(train) == sum(np.abs(np.arange(60)[:, None] - test).min(1) > gap)


def test_more_folds_than_runs_cut_the_longest_and_never_span_two():
    found = parts(RUNS, 6, gap=2)
    assert [len(test) for _, test in found] == [10, 10, 10, 10, 10, 10]
    whole = np.array(RUNS)
    for train, test in found:
        assert len(set(whole[test])) == 1
        mine = train[whole[train] == whole[test[0]]]
        assert (np.abs(mine[:, None] - test).min(1) > 2).all()
        others = np.nonzero(whole != whole[test[0]])[0]
        assert set(others) <= set(train.tolist())


def test_trimmed_ends_are_neither_tested_nor_trained_on():
    for train, test in parts(["s"] * 60, 4, gap=0, trim=5):
        assert len(test) == 5
        assert len(train) == 45
    found = parts(RUNS, gap=0, trim=2)
    assert [len(test) for _, test in found] == [26, 16, 6]


def test_rows_meet_runs_by_name_in_whatever_order(rng):
    known = dict(zip(names(), RUNS, strict=True))
    folds = ic.Folds.by_run(known, 6, gap=3)
    order = rng.permutation(60)
    straight = split(folds, names())
    turned = split(folds, tuple(names()[i] for i in order))
    for (train, test), (other_train, other_test) in zip(straight, turned, strict=True):
        assert set(train) == set(order[other_train])
        assert set(test) == set(order[other_test])


def test_rows_that_were_left_out_still_count_in_the_gap():
    known = dict.fromkeys(names(), "s")
    kept = tuple(name for i, name in enumerate(names()) if i % 2 == 0)
    for train, test in split(ic.Folds.by_run(known, 3, gap=4), kept):
        assert (np.abs(train[:, None] - test).min(1) * 2).min() > 4


def test_by_default_the_gap_is_the_longest_delay_and_eight_more(rng):
    base = ic.Responses(rng.normal(size=(200, 3)))
    late = [ic.delayed(base, [1, -6]), ic.delayed(base, [2])]
    found = split(with_gap(ic.Folds.by_run(base, 4), late), base.stimuli)
    train, test = found[1]
    assert np.abs(train[:, None] - test).min() == 15
    given = with_gap(ic.Folds.by_run(base, 4, gap=2), late)
    assert given.splitter.gap == 2


@pytest.mark.parametrize(
    ("options", "longest"),
    [({"delays": [1, 4]}, 4), ({"delays": [0, 1, 2], "smoothness": 2.0}, 2), ({"hrf": "spm"}, 16)],
)
def test_the_gap_is_known_however_delayed_rows_were_kept(options, longest, rng, tmp_path):
    base = ic.Responses(rng.normal(size=(120, 3)), table={"onset": np.arange(120) * 2.0})
    late = ic.delayed(base, **options)
    of = {
        "made": late.replace(values=late.numpy()),
        "taken": late.take(slice(5, None)),
        "standardized": ic.standardize(late, axis="stimuli"),
        "read": ic.read(ic.save(late, tmp_path / "late.npz")),
        "products": ic.gram(late),
        "delayed products": ic.delayed(
            ic.gram(base), runs=["run"] * 120, tr=2.0 if "hrf" in options else None, **options
        ),
    }
    for kept, noun in of.items():
        assert with_gap(ic.Folds.by_run(noun_rows(noun), 4), [noun]).splitter.gap == 8 + longest, (
            kept
        )
    twice = ic.delayed(late, [0, 3])
    assert with_gap(ic.Folds.by_run(twice, 4), [twice]).splitter.gap == 8 + longest + 3


def noun_rows(noun):
    return dict.fromkeys(noun.stimuli, "run")


def test_folds_show_their_groups_in_a_line():
    shown = repr(ic.Folds.by_run(["a"] * 900 + ["b"] * 800, gap=4))
    assert shown == "Folds(RunFolds(n_folds=None, gap=4, trim=0), groups: 2 over 1700 rows)"
    assert repr(ic.Folds(5)) == "Folds(5)"


def test_one_name_is_no_list_of_runs():
    with pytest.raises(ic.InputError, match="runs='story' must be the run of each row"):
        ic.Folds.by_run("story")


def test_inner_folds_are_blocks_with_the_gap_or_whole_runs():
    codes, places = np.repeat([0, 1, 2], 20), np.tile(np.arange(20), 3)
    rows = SeriesRows(codes, places, gap=2)
    blocks = rows.inner(5, np.arange(40), whole=False)
    assert sum(len(test) for _, test in blocks) == 40
    for train, test in blocks:
        assert (np.diff(test) == 1).all()
        assert len(np.unique(codes[test])) == 1
        mine = train[codes[train] == codes[test[0]]]
        assert (np.abs(mine[:, None] - test).min(1) > 2).all()
    runs = rows.inner(5, np.arange(40), whole=True)
    assert [test.tolist() for _, test in runs] == [[*range(20)], [*range(20, 40)]]


def test_a_gap_that_leaves_nothing_is_told_in_a_sentence():
    with pytest.raises(ic.InputError, match="fold 0: a gap of 40 rows and trim=0 leave 0 rows to"):
        parts(["s"] * 60, 3, gap=40)
    with pytest.raises(ic.InputError, match="trim=10 leave 40 rows to train and 0 to test"):
        parts(["s"] * 60, 3, gap=0, trim=10)
    with pytest.raises(ic.InputError, match="61 folds do not fit 60 rows"):
        parts(["s"] * 60, 61)
    for wrong in ({"n_folds": 1}, {"gap": -1}, {"trim": 0.5}, {"gap": True}):
        with pytest.raises(ic.InputError, match="must be a number from"):
            ic.Folds.by_run(RUNS, **wrong)
    with pytest.raises(ic.InputError, match="runs for 60 rows, but 50 rows"):
        parts(n=50)


def slow_series(rng, n=120, n_units=4):
    x = rng.normal(size=(n, n_units))
    for i in range(1, n):
        x[i] += 0.9 * x[i - 1]
    return x


@pytest.fixture
def story(rng):
    base = ic.Responses(slow_series(rng), table={"run": "s"})
    y = ic.Responses(slow_series(rng, n_units=2), base.stimuli)
    return ic.delayed(base, [1, 2]), y


@pytest.mark.parametrize(
    ("model", "how"),
    [
        (ic.Ridge([1.0, 10.0], inner="loo"), "leave-one-out"),
        (ic.Ridge([1.0, 10.0], inner="gcv"), "generalized cross-validation"),
        (ic.Ridge([1.0, 10.0], inner=KFold(5, shuffle=True, random_state=0)), "KFold .shuffled"),
        (make_pipeline(StandardScaler(), ic.Ridge([1.0, 10.0], inner="loo")), "leave-one-out"),
        (RidgeCV([1.0, 10.0]), "leave-one-out"),
    ],
)
def test_penalties_that_part_neighbours_in_time_are_warned_of(story, model, how):
    late, y = story
    with pytest.warns(ic.IsocortexWarning, match=f"chosen by {how}.*too small a penalty"):
        ic.encode(late, y, model, folds=ic.Folds.by_run(late, 4))


def test_blocks_and_stimuli_that_are_no_series_are_not_warned_of(story, rng):
    late, y = story
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "a penalty|.*edge", ic.IsocortexWarning)
        ic.encode(late, y, ic.Ridge([1.0, 10.0, 100.0]), folds=ic.Folds.by_run(late, 4))
        x, z = (ic.Responses(rng.normal(size=(40, 3)), names(40)) for _ in range(2))
        ic.encode(x, z, ic.Ridge([1.0, 10.0, 100.0], inner="loo"), folds=4)


def test_rows_of_a_series_are_shifted_and_not_permuted(story):
    late, y = story
    model, folds = ic.Ridge(10.0), ic.Folds.by_run(late, 4)
    with pytest.raises(ic.InputError, match="not exchangeable.*null=.circular."):
        ic.encode(late, y, model, folds=folds, permutations=ic.Permutation(99, null="rows"))
    found = ic.encode(late, y, model, folds=folds, permutations=999)
    assert found.notes["null"] == "circular"
    assert found.notes["n_permutations"] == 119
    by_table = ic.encode(late, y, model, folds=4, permutations=999)
    assert by_table.notes["null"] == "circular"
    plain = late.replace(values=late.numpy(), table={"run": ["s"] * 120})
    with pytest.warns(ic.IsocortexWarning, match="follow one another"):
        ic.encode(plain, y, model, folds=4, permutations=99)


def test_a_table_of_times_gives_the_runs_of_rows(rng):
    base = ic.Responses(rng.normal(size=(20, 2)), table={"run": ["a"] * 12 + ["b"] * 8})
    late = ic.delayed(base, [1])
    known = series_rows(ic.Folds(4), late.stimuli, [late])
    assert known is not None
    assert known.codes.tolist() == [0] * 12 + [1] * 8
    assert series_rows(ic.Folds(4), base.stimuli, [base]) is None


def test_folds_by_run_are_saved_and_read(tmp_path):
    folds = ic.Folds.by_run(RUNS, 4, gap=3, trim=1)
    again = ic.read(ic.save(folds, tmp_path / "folds.npz"))
    for one, other in zip(split(folds, names()), split(again, names()), strict=True):
        assert [each.tolist() for each in one] == [each.tolist() for each in other]
