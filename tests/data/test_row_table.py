import copy
import pickle

import numpy as np
import pandas as pd
import pytest

import isocortex as ic

ROWS = {"word": ["she", "did", "not"], "run": ["a", "a", "b"], "onset": [0.0, 0.4, 0.9]}


@pytest.fixture
def words():
    return ic.Responses(np.eye(3), list("xyz"), {"i": [1, 2, 3]}, table=ROWS)


def same(table, rows=(0, 1, 2)):
    wanted = pd.DataFrame(ROWS).iloc[list(rows)].reset_index(drop=True)
    pd.testing.assert_frame_equal(pd.DataFrame(table), wanted)


def test_the_table_follows_its_rows_whatever_is_done_with_them(words, tmp_path):
    same(words.table)
    same(words.take([2, 0]).table, [2, 0])
    same(words.take(np.array([True, False, True])).table, [0, 2])
    same(words.units_where([0]).table)
    same(words.replace(values=np.ones((3, 2)), units=None).table)
    same(words.replace(stimuli=list("uvw")).table)
    same(pickle.loads(pickle.dumps(words)).table)
    same(pickle.loads(pickle.dumps(words.table)))
    same(copy.deepcopy(words).table)
    same(ic.align(words, words.take([1, 2, 0]))[1].table)
    same(ic.align(words.take([1, 0]), words, join="inner")[1].table, [1, 0])
    same(ic.standardize(words, axis="stimuli").table)
    same(ic.reduce(words, "pca", 1).table)
    same(ic.read(ic.save(words, tmp_path / "words.npz")).table)


def test_without_a_table_there_is_one_of_no_columns(tmp_path):
    plain = ic.Responses(np.eye(3), list("xyz"))
    assert plain.table.shape == (3, 0)
    assert plain.take([1]).table.shape == (1, 0)
    assert ic.read(ic.save(plain, tmp_path / "plain.npz")).table.shape == (3, 0)


def test_nobody_writes_to_the_table_of_a_noun(words):
    table = words.table
    table["onset"] = 7.0
    table["new"] = 1
    same(words.table)


def test_a_table_of_pandas_is_a_plain_one_when_it_is_worked_on(words):
    assert type(words.table.query("run == 'a'")) is pd.DataFrame
    assert ic.Responses(words.table[["onset"]]).n_units == 1
    assert ic.Responses(ic.Responses(np.eye(2), table={"a": [1, 2]}).table).n_units == 1


def test_levels_and_coordinates_of_rows_become_the_table(words):
    pytest.importorskip("xarray")
    back = ic.Responses(words.to_xarray())
    same(back.table)
    assert back.stimuli == words.stimuli
    index = pd.MultiIndex.from_arrays([list("xy"), ["a", "b"]], names=["stimulus", "run"])
    assert list(ic.Responses(pd.DataFrame(np.eye(2), index)).table["run"]) == ["a", "b"]
    assert ic.Responses(pd.DataFrame(np.eye(2), list("xy"))).table.shape == (2, 0)


def test_columns_of_one_name_on_both_sides_stay_apart_in_xarray():
    pytest.importorskip("xarray")
    noun = ic.Responses(np.eye(2), units={"time": [5, 6]}, table={"time": [0.0, 1.0]})
    array = noun.to_xarray()
    assert list(array["stimulus_time"].values) == [0.0, 1.0]
    assert list(array["time"].values) == [5, 6]


def test_a_table_that_does_not_fit_is_refused(words):
    with pytest.raises(ic.InputError, match="Responses table: 'run' has 2 entries, but 3"):
        ic.Responses(np.eye(3), table={"run": [1, 2]})
    with pytest.raises(ic.InputError, match="Responses table: the table has 3 rows, but 2"):
        words.replace(values=np.eye(2), stimuli=list("xy"), units=None)
    turned = pd.DataFrame(ROWS, index=list("xyz")).iloc[::-1]
    with pytest.raises(ic.MisalignedError, match="table names the rows in another order"):
        ic.Responses(np.eye(3), list("xyz"), table=turned)


def test_the_long_form_answers_to_its_old_name_once_more(words):
    with pytest.warns(DeprecationWarning, match=r"write responses\.long_table\(\)"):
        long = words.table()
    pd.testing.assert_frame_equal(long, words.long_table())
