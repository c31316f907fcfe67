"""Scores as one long table: the same as cell by cell, without an index of cells."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

import isocortex as ic


def scores(n_units=7):
    rng = np.random.default_rng(0)
    layers = {"layer": ["conv10", "conv2", "fc"], "network": "alexnet", "depth": [1.0, np.nan, 3.0]}
    when = pd.date_range("2026-01-01", periods=2)
    tables = {
        "layer": layers,
        "fold": {"fold": range(2), "when": when},
        "unit": {"unit": range(n_units), "hit": np.arange(n_units) % 2 == 0},
    }
    columns = {"p": rng.random((3, 1, n_units)), "ceiling": rng.random(n_units), "n": 4.0}
    return ic.Scores(rng.random((3, 2, n_units)), tables, columns=columns)


def test_every_cell_has_its_labels_and_numbers_in_the_order_of_the_axes():
    whole = scores()
    table = whole.table()
    rows = []
    for i, j, k in np.ndindex(whole.values.shape):
        row = {}
        for dim, place in zip(whole.dims, (i, j, k), strict=True):
            row |= whole.tables[dim].iloc[place].to_dict()
        row |= {"score": whole.values[i, j, k], "p": whole.columns["p"][i, 0, k]}
        rows.append(row | {"ceiling": whole.columns["ceiling"][k], "n": 4.0})
    assert list(table.columns) == list(rows[0])
    assert table.index.equals(pd.RangeIndex(42))
    for name in table:
        pd.testing.assert_series_equal(
            table[name],
            pd.Series([row[name] for row in rows]),
            check_dtype=False,
            check_names=False,
            check_categorical=False,
        )


def test_labels_keep_their_kind():
    whole, table = scores(), scores().table()
    for axis in whole.tables.values():
        for name in axis:
            assert table[name].dtype == axis[name].dtype, name
    assert table["layer"].cat.categories.tolist() == ["conv2", "conv10", "fc"] or (
        table["layer"].cat.ordered
    )


def test_a_table_is_used_as_tables_are(tmp_path):
    table = scores().table()
    means = table.groupby("layer", observed=True)["score"].mean()
    np.testing.assert_allclose(means["fc"], scores().values[2].mean())
    assert (table["layer"] == "fc").sum() == 14
    weights = pd.DataFrame({"network": ["alexnet"], "weight": [2.0]})
    assert (table.merge(weights)["weight"] == 2).all()
    table.to_csv(tmp_path / "s.csv", index=False)
    assert pd.read_csv(tmp_path / "s.csv")["score"].tolist() == pytest.approx(table["score"])
    table.loc[0, "score"] = 5.0  # It is the user's own.
    assert scores().table()["score"][0] != 5.0


def test_scores_without_axes_and_axes_without_labels_have_tables():
    assert ic.Scores(3.0, {}).table().to_dict("list") == {"score": [3.0]}
    bare = ic.Scores([1.0, 2.0], {"unit": pd.DataFrame(index=range(2))})
    assert bare.table().to_dict("list") == {"score": [1.0, 2.0]}


def test_no_memory_is_taken_but_that_of_the_table():
    large = scores(20_000)
    tracemalloc.start()
    table = large.table()
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(table) == 120_000
    assert most < 1.25 * kept
