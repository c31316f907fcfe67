import pickle

import numpy as np
import pandas as pd
import pytest

import isocortex as ic


@pytest.fixture
def scores(rng):
    x = ic.Responses(rng.normal(size=(40, 12)), labels={"layer": "conv1"})
    y = ic.Responses(x.values[:, :3], x.stimuli, labels={"region": "V1"})
    return ic.encode(x, y, ic.OLS(), folds=2, keep_model=True)


@pytest.fixture
def fused(rng):
    times = ic.RDMs(rng.random((4, 15)), list("abcdef"), labels={"time": np.arange(4) / 10})
    regions = ic.RDMs(rng.random((2, 15)), times.stimuli, {"region": ["EVC", "IT"]})
    return ic.fuse(times, regions)


def test_the_solver_answers_to_road(scores):
    for asked in (
        lambda: scores.tables["layer"]["road"],
        lambda: scores.table()["road"].iloc[:1],
        lambda: scores.select(road="primal").tables["layer"]["solver"],
    ):
        with pytest.warns(DeprecationWarning, match="'road' of scores.*write 'solver'"):
            assert asked().tolist() == ["primal"]
    with pytest.warns(DeprecationWarning, match="road of a kept model"):
        assert scores.models[0].road == "primal"


def test_the_axes_of_a_fusion_answer_to_those_of_a_comparison(fused):
    assert fused.dims == ("time", "region")
    assert fused.tables["region"]["region"].tolist() == ["EVC", "IT"]
    with pytest.warns(DeprecationWarning, match="'model' of scores.*write 'time'"):
        assert fused.tables["model"]["time"].tolist() == [0.0, 0.1, 0.2, 0.3]
    with pytest.warns(DeprecationWarning, match="'data' of scores"):
        assert fused.mean("data").dims == ("time",)


def test_what_was_never_there_is_refused_as_ever(scores, fused):
    with pytest.raises(KeyError, match="model"):
        scores.tables["model"]
    with pytest.raises(KeyError, match="roads"):
        scores.tables["layer"]["roads"]
    with pytest.raises(ic.InputError, match="no axis 'layer'; it has 'time', 'region'"):
        fused.mean("layer")
    with pytest.raises(ic.InputError, match="no label 'road'"):
        fused.select(road="dual")


def test_tables_are_data_frames_and_what_is_made_of_them_too(scores):
    table = scores.tables["layer"]
    assert isinstance(table, pd.DataFrame)
    assert type(table[["layer", "solver"]]) is type(table.copy()) is pd.DataFrame
    again = pickle.loads(pickle.dumps(scores))
    pd.testing.assert_frame_equal(again.tables["layer"], table)
    own = ic.Scores([1.0], {"layer": {"road": ["a"], "solver": ["dual"]}})
    assert own.tables["layer"]["road"].tolist() == ["a"]
