"""Labels without a table are those of the table, whatever is asked of them."""

import pickle

import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.data.label_rows import LabelRows, joined_rows
from isocortex.data.layer_names import in_order, label_column
from isocortex.data.tables import rows_where

COLUMNS = {
    "layer": ["conv1", "b", "conv1", "a"],
    "network": ["alexnet", "resnet", "resnet", "alexnet"],
    "subject": [1, 2, 1, 3],
    "time": [0.1, 0.2, 0.1 + 0.2, 0.4],
    "seen": [True, False, True, True],
    "note": ["x", None, "y", 3],
}


def eager():
    return in_order(pd.DataFrame({key: label_column(each) for key, each in COLUMNS.items()}))


def same(table, wanted):
    pd.testing.assert_frame_equal(table, wanted)
    for key in wanted.columns:
        if isinstance(wanted[key].dtype, pd.CategoricalDtype):
            assert list(table[key].cat.categories) == list(wanted[key].cat.categories)


def test_the_table_is_made_once_and_is_that_of_the_columns():
    rows = LabelRows.of_columns(COLUMNS, 4)
    same(rows.frame(), eager())
    assert rows.frame() is rows.frame()


@pytest.mark.parametrize("kept", [[0, 1, 2], [3, 1], [2], []])
def test_parts_keep_the_order_that_layers_have_in_the_whole(kept):
    keep = np.isin(range(4), kept)
    part = LabelRows.of_columns(COLUMNS, 4).where(keep)
    same(part.frame(), in_order(eager().loc[keep].reset_index(drop=True)))
    again = np.arange(part.n_rows) > 0
    same(part.where(again).frame(), in_order(part.frame().loc[again].reset_index(drop=True)))


def test_columns_under_other_names_are_those_of_the_table():
    rows = LabelRows.of_columns(COLUMNS, 4).renamed({"layer": "other_layer"})
    same(rows.frame(), eager().rename(columns={"layer": "other_layer"}))
    assert "layer" not in rows
    assert next(iter(rows)) == "other_layer"


WANTED = [
    {"layer": "conv1"},
    {"layer": ["a", "b"]},
    {"subject": 1},
    {"subject": [2, 3], "network": "alexnet"},
    {"subject": 1.0},
    {"subject": np.int64(2)},
    {"time": 0.3},
    {"seen": True},
    {"note": 3},
    {"subject": True},
]


@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_rows_are_found_alike_with_and_without_a_table(wanted):
    rows = LabelRows.of_columns(COLUMNS, 4)
    assert (rows_where(rows, wanted, "x") == rows_where(eager(), wanted, "x")).all()


@pytest.mark.parametrize("wanted", [{"layer": "conv2"}, {"region": "V1"}, {"subject": "1"}])
def test_what_is_not_there_is_said_alike(wanted):
    said = []
    for labels in (LabelRows.of_columns(COLUMNS, 4), eager()):
        with pytest.raises(ic.InputError) as told:
            rows_where(labels, wanted, "x")
        said.append(str(told.value))
    assert said[0] == said[1]


def test_a_table_that_is_changed_later_changes_no_labels():
    table = pd.DataFrame({"subject": [1, 2]})
    rdms = ic.RDMs([[0.1], [0.2]], ["a", "b"], table)
    table.loc[0, "subject"] = 5
    assert rdms.labels["subject"].tolist() == [1, 2]
    own = rdms.labels
    own["subject"] = 7
    assert rdms.labels["subject"].tolist() == [1, 2]


def test_lists_that_are_changed_later_change_no_labels():
    subjects = [1, 2]
    scores = ic.Scores([0.1, 0.2], {"subject": {"subject": subjects}})
    subjects[0] = 5
    assert scores.tables["subject"]["subject"].tolist() == [1, 2]


def test_pickles_hold_the_table():
    rdms = ic.RDMs([[0.1], [0.2]], ["a", "b"], {"layer": ["conv1", "conv2"]})
    same(pickle.loads(pickle.dumps(rdms)).labels, rdms.labels)
    same(
        pickle.loads(pickle.dumps(rdms)).select(layer="conv2").labels,
        rdms.labels[1:2].pipe(lambda part: in_order(part.reset_index(drop=True))),
    )


def test_labels_that_make_no_table_are_refused_when_the_noun_is_made():
    with pytest.raises(ic.InputError, match="2 entries, but 1 are needed"):
        ic.RDMs([[0.1]], ["a", "b"], {"subject": [1, 2]})
    with pytest.raises(ic.InputError, match="the table has 2 rows, but 1 are needed"):
        ic.RDMs([[0.1]], ["a", "b"], pd.DataFrame({"subject": [1, 2]}))


def test_entries_and_texts_are_those_of_the_table():
    rows = LabelRows.of_columns(
        {**COLUMNS, "numbers": np.arange(4) / 3, "mixed": [1, 1.0, 2, 3]}, 4
    )
    for key in rows:
        table = LabelRows.of_columns({key: rows.known(key)}, 4).frame()
        assert [str(each) for each in rows.entries(key)] == [str(each) for each in table[key]]
        assert rows.texts(key) == table[key].astype(str).tolist() or key == "note"
        assert len(rows.distinct(key)) == table[key].nunique(dropna=False)


def test_rows_at_places_some_columns_and_rows_below_one_another_are_those_of_pandas():
    rows, table = LabelRows.of_columns(COLUMNS, 4), eager()
    same(rows.at([3, 0, 0]).frame(), in_order(table.iloc[[3, 0, 0]].reset_index(drop=True)))
    same(rows.only(["subject", "layer"]).frame(), table[["layer", "subject"]])
    other = LabelRows.of_columns({"layer": ["c", "conv1"], "session": ["x", "y"]}, 2)
    wanted = in_order(pd.concat([table, other.frame()], ignore_index=True))
    both = joined_rows([rows, other])
    same(both.frame(), wanted)
    assert both.entries("layer") == [*COLUMNS["layer"], "c", "conv1"]
    assert both.known("session") is None
