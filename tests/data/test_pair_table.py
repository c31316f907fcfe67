"""Long tables of pairs become RDMs."""

import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.errors import InputError


@pytest.fixture
def stack(rng):
    labels = {"subject": list("uuvv"), "time": [0.1, 0.2, 0.1, 0.2]}
    return ic.RDMs(rng.random((4, 10)), list("abcde"), labels, "euclidean")


def test_what_table_gives_comes_back(stack, rng):
    shuffled = stack.table().sample(frac=1, random_state=3)
    turned = rng.random(len(shuffled)) < 0.5
    ends = shuffled[["stimulus", "other"]].to_numpy()
    shuffled[["stimulus", "other"]] = np.where(turned[:, None], ends[:, ::-1], ends)
    found = ic.RDMs.from_table(shuffled, dissimilarity="euclidean")
    for (subject, time), rows in stack.labels.groupby(["subject", "time"]):
        own = found.select(subject=subject, time=time).reorder(stack.stimuli)
        np.testing.assert_array_equal(own.values[0], stack.values[rows.index[0]])
    assert found.dissimilarity == "euclidean"


def test_names_are_in_natural_order_and_labels_may_be_none():
    table = pd.DataFrame({"a": ["img10", "img2", "img1"], "b": ["img2", "img1", "img10"]})
    found = ic.RDMs.from_table(table.assign(rating=[3, 1, 2]), "rating", ("a", "b"))
    assert found.stimuli == ("img1", "img2", "img10")
    assert found.values.tolist() == [[1, 2, 3]]


def test_pairs_that_are_missing_are_gaps_if_one_says_so(stack):
    table = stack.table().drop(index=[3, 17])
    with pytest.raises(InputError, match=r"2 of 40 pairs are not in the table.*gaps=True"):
        ic.RDMs.from_table(table)
    found = ic.RDMs.from_table(table, gaps=True)
    assert np.isnan(found.values).sum(1).tolist() == [1, 1, 0, 0]


def test_tables_of_no_pairs_are_sentences(stack):
    table = stack.table()
    with pytest.raises(InputError, match="'a' and 'b' come 2 times of the same 'subject'"):
        ic.RDMs.from_table(table.drop(columns="time"))
    with pytest.raises(InputError, match="'a' stand beside themselves"):
        ic.RDMs.from_table(table.assign(other=table["other"].where(table.index > 0, "a")))
    with pytest.raises(InputError, match="no column 'rating'.*has 'subject'"):
        ic.RDMs.from_table(table, "rating")
    with pytest.raises(InputError, match="'subject' holds no numbers"):
        ic.RDMs.from_table(table, "subject")
    with pytest.raises(InputError, match="stimuli must be two columns"):
        ic.RDMs.from_table(table, stimuli=("other", "other"))


@pytest.mark.parametrize("side", [np.triu, np.tril])
@pytest.mark.parametrize("gaps", [False, True])
def test_a_triangle_knows_all_pairs(stack, side, gaps):
    squares = stack.square()
    known = side(np.ones((5, 5), dtype=bool))
    found = ic.RDMs.from_arrays(np.where(known, squares, np.nan), stack.stimuli, gaps=gaps)
    np.testing.assert_array_equal(found.values, stack.values)
    assert not found.gaps


def test_rdms_of_gaps_alone_have_no_ceiling(stack):
    values = np.vstack([stack.values, np.full(10, np.nan)])
    rdms = ic.RDMs(values, stack.stimuli, {"subject": range(5)}, gaps=True)
    with pytest.raises(ic.UndefinedError, match=r"1 of 5 RDMs are gaps .*subject '4'"):
        ic.noise_ceiling(rdms)


@pytest.mark.parametrize("column", ["Unnamed: 0", "stimulus", "index", "ID"])
def test_a_column_that_names_rows_is_no_unit(column):
    frame = pd.DataFrame({column: [100, 101, 102], "v1": [0.1, 0.2, 0.3]})
    with pytest.raises(InputError, match=f"'{column}' names the rows.*set_index"):
        ic.Responses(frame)
    assert ic.Responses(frame.set_index(column)).stimuli == ("100", "101", "102")


def test_numbers_and_texts_that_look_alike_are_told_apart():
    rdms = ic.RDMs([[1.0], [2.0]], ["a", "b"], {"subject": [1, 2], "kind": ["1", "2"]})
    with pytest.raises(InputError, match="which are numbers: subject=1"):
        rdms.select(subject="1")
    with pytest.raises(InputError, match="which are texts: kind='1'"):
        rdms.select(kind=1)


def test_what_is_no_table_of_pairs_is_a_sentence(stack):
    table = stack.table()
    for column in ("stimulus", "dissimilarity", "subject"):
        twice = pd.concat([table, table[[column]]], axis=1)
        with pytest.raises(InputError, match=f"from_table: .* more than one column '{column}'"):
            ic.RDMs.from_table(twice)
    with pytest.raises(InputError, match="the table has no rows"):
        ic.RDMs.from_table(table.iloc[:0])
    with pytest.raises(InputError, match=r"needs a DataFrame, .* not the string 'x\.csv'"):
        ic.RDMs.from_table("x.csv")
    with pytest.raises(InputError, match=r"a column has one name, not \['dissimilarity'\]"):
        ic.RDMs.from_table(table, ["dissimilarity"])
    with pytest.raises(InputError, match="two columns beside the numbers"):
        ic.RDMs.from_table(table, "dissimilarity", ("stimulus", "dissimilarity"))
    found = ic.RDMs.from_table(table.astype({"dissimilarity": object}))
    np.testing.assert_array_equal(np.sort(found.values, None), np.sort(stack.values, None))


@pytest.mark.parametrize("side", [np.triu, np.tril])
def test_a_triangle_with_zeros_is_told_what_to_do(stack, side):
    triangles = side(stack.square())
    with pytest.raises(InputError, match=r"of a triangle with zeros .* matrix \+ matrix\.T"):
        ic.RDMs.from_arrays(triangles, stack.stimuli)
