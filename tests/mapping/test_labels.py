"""Labels in all forms become a table with a row for each stimulus."""

import numpy as np
import pandas as pd
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

import isocortex as ic
from isocortex.mapping.labels import check_numeric, classes_of, label_table

NAMES = ("a", "b", "c")


@pytest.mark.parametrize(
    "given",
    [
        ["x", "y", "x"],
        ("x", "y", "x"),
        np.array(["x", "y", "x"]),
        {"c": "x", "b": "y", "a": "x"},
        pd.DataFrame({"label": ["x", "y", "x"]}),
    ],
    ids=["list", "tuple", "array", "mapping", "table"],
)
def test_all_forms_give_one_table(given):
    assert label_table(given, NAMES)["label"].tolist() == ["x", "y", "x"]


def test_responses_meet_by_name():
    given = ic.Responses([[3.0], [1.0], [2.0]], ("c", "a", "b"), {"size": ["cm"]})
    table = label_table(given, NAMES)
    assert table.columns.tolist() == ["cm"]
    assert table["cm"].tolist() == [1.0, 2.0, 3.0]


def test_missing_labels_are_named():
    with pytest.raises(ic.InputError, match="missing for 1 stimulus: 'b'"):
        label_table(["x", None, "y"], NAMES)
    with pytest.raises(ic.InputError, match="3 stimuli but 2 labels"):
        label_table(["x", "y"], NAMES)


def test_classes_are_whole_numbers_or_words():
    np.testing.assert_array_equal(classes_of(pd.Series([1.0, 2.0]), "size"), [1, 2])
    with pytest.raises(ic.InputError, match="numbers that are no classes"):
        classes_of(pd.Series([1.5, 2.0]), "size")
    with pytest.raises(ic.InputError, match="one class only, 'x'"):
        classes_of(pd.Series(["x", "x"]), "kind")


def test_a_regressor_needs_numbers():
    table = pd.DataFrame({"size": [1, 2], "kind": ["x", "y"]})
    with pytest.raises(ic.InputError, match="'kind' hold classes, but OLS predicts numbers"):
        check_numeric(table, ic.OLS())


@pytest.mark.parametrize("gap", [None, np.nan, pd.NA, ""])
@pytest.mark.parametrize("form", [list, dict, pd.Series])
def test_a_missing_label_is_no_class_in_any_form(gap, form):
    given = dict(zip(NAMES, ["x", gap, "y"], strict=True))
    labels = list(given.values()) if form is list else form(given)
    with pytest.raises(ic.InputError, match="missing for 1 stimulus: 'b'"):
        label_table(labels, NAMES)


def test_a_series_by_stimulus_labels_every_trial(rng):
    values = rng.normal(size=(24, 3))
    trials = ic.Trials(values, list("abcdef") * 4)
    by_stimulus = pd.Series(list("xyxyxy"), index=list("fedcba"))
    scores = [
        ic.probe(trials, labels, LinearDiscriminantAnalysis(), folds=3).values
        for labels in (by_stimulus, by_stimulus.to_dict())
    ]
    np.testing.assert_array_equal(*scores)


@pytest.mark.parametrize(
    "index",
    [["c", "a", "b"], pd.MultiIndex.from_tuples([("c", 1), ("a", 1), ("b", 2)])],
    ids=["names", "a level"],
)
def test_a_series_meets_by_name_whatever_holds_its_names(index):
    given = pd.Series(["z", "x", "y"], index=index)
    assert label_table(given, NAMES).iloc[:, 0].tolist() == ["x", "y", "z"]


def test_names_that_are_whole_numbers_meet_floats():
    given = pd.Series(["z", "x", "y"], index=[12.0, 10.0, 11.0])
    assert label_table(given, ("10", "11", "12")).iloc[:, 0].tolist() == ["x", "y", "z"]


def test_an_index_of_other_things_says_nothing_about_order():
    given = pd.Series(["x", "y", "z"], index=[7, 3, 5])
    assert label_table(given, NAMES).iloc[:, 0].tolist() == ["x", "y", "z"]


def test_an_index_that_names_some_is_not_taken_by_place():
    with pytest.raises(ic.MisalignedError, match="names 2 of 3 stimuli and lacks 'c'"):
        label_table(pd.Series(["x", "y", "x"], index=["b", "a", "d"]), NAMES)
    with pytest.raises(ic.MisalignedError, match="1 stimulus more than once.*'a'"):
        label_table(pd.Series(list("xyxy"), index=["b", "a", "c", "a"]), NAMES)
    table = pd.DataFrame({"stimulus": ["b", "a", "c"], "kind": ["x", "y", "x"]})
    with pytest.raises(ic.InputError, match=r"'stimulus' of labels names the stimuli.*set_index"):
        label_table(table, NAMES)


def test_labels_of_trials_in_another_order_are_refused(rng):
    names = ["c", "a", "b", "a", "b", "c"] * 4
    trials = ic.Trials(rng.normal(size=(24, 2)), names)
    each = pd.Series(["x" if name == "a" else "y" for name in names], index=names)
    model = LinearDiscriminantAnalysis()
    with pytest.raises(ic.MisalignedError, match="3 stimuli more than once, and not as the rows"):
        ic.probe(trials, each.iloc[::-1].sort_index(), model, folds=3)
    with pytest.raises(ic.InputError, match="labels are missing for 1 stimulus: 'b'"):
        ic.probe(trials, {"a": "x", "b": None, "c": "y"}, model, folds=3)
    label = {"a": ["x"], "b": ["y"], "c": ["y"]}
    with pytest.raises(ic.InputError, match="a label is text or a number, but 'label' holds"):
        ic.probe(ic.average(trials), label, model, folds=3)
