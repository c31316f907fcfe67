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
