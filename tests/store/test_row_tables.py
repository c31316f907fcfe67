import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.store.row_tables import packed, unpacked

COLUMNS = {
    "floats": [1 / 3, np.nan, np.inf],
    "whole": np.array([1, 2, 3], dtype=np.int16),
    "words": ["a", "null", "Café"],
    "true": [True, False, True],
    "several": [(0, 4), (2,), ()],
    "kinds": pd.Categorical.from_codes([0, 1, 0], pd.Index(["b", "a"], dtype=object)),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_comes_back_to_the_bit(name):
    table = pd.DataFrame({name: COLUMNS[name]})
    held = json.loads(json.dumps(packed(table), allow_nan=False))
    pd.testing.assert_frame_equal(unpacked(held, Path("s.zarr")), table)


def test_no_columns_are_no_table():
    assert packed(pd.DataFrame(index=range(3))) is None
    assert unpacked(None, Path("s.zarr")) is None


def test_what_json_cannot_hold_is_told():
    with pytest.raises(ic.InputError, match="extract: 'thing' of 'table' of 'stimuli'"):
        packed(pd.DataFrame({"thing": [object()]}))
