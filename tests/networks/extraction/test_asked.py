import numpy as np
import pandas as pd
import pytest

import isocortex as ic

TABLE = pd.DataFrame(
    {"onset": [0.1, np.nan, 1 / 3], "run": ["a", "a", "b"], "kind": [(1, 2), (), (3,)]}
)


@pytest.fixture
def pictures(rng):
    arrays = rng.integers(0, 256, (3, 14, 14, 3), dtype=np.uint8)
    return ic.Stimuli.from_arrays(arrays, ["x", "y", "z"], TABLE)


@pytest.mark.parametrize("on_disk", [False, True])
def test_a_store_knows_what_is_known_of_its_stimuli(small, pictures, tmp_path, on_disk):
    into = tmp_path / "s.zarr" if on_disk else None
    store = ic.extract(small, pictures, ["conv1", "fc"], into)
    store = ic.Store(into) if on_disk else store
    pd.testing.assert_frame_equal(pd.DataFrame(store["fc"].table), TABLE)


def test_another_table_is_told_without_computing_anew(small, pictures, tmp_path):
    ic.extract(small, pictures, ["fc"], tmp_path / "s.zarr")
    small.module.passes.clear()
    later = ic.Stimuli(pictures.names, pictures.sources, table={"onset": [5.0, 6.0, 7.0]})
    store = ic.extract(small, later, ["fc"], tmp_path / "s.zarr")
    assert small.module.passes == []
    assert list(ic.Store(tmp_path / "s.zarr")["fc"].table["onset"]) == [5.0, 6.0, 7.0]
    assert list(store["fc"].table.columns) == ["onset"]
    assert not len(store.verify())


def test_stimuli_without_a_table_have_none(small, stimuli, tmp_path):
    store = ic.extract(small, stimuli, ["fc"], tmp_path / "s.zarr")
    assert list(store["fc"].table.columns) == []
