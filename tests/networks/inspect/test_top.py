import numpy as np
import pytest

import isocortex as ic


def test_top_stimuli_equal_a_sort(plain, rng):
    stimuli = ic.Stimuli.from_arrays(rng.uniform(size=(12, 40, 48, 3)).astype(np.float32))
    batch = np.stack([a.transpose(2, 0, 1) for a in stimuli.sources])
    maps = plain.activations(batch, "b")["b"]
    units = {
        "channel": np.repeat(np.arange(maps.shape[1]), maps[0, 0].size),
        "row": np.tile(np.repeat(np.arange(maps.shape[2]), maps.shape[3]), maps.shape[1]),
        "col": np.tile(np.arange(maps.shape[3]), maps.shape[1] * maps.shape[2]),
    }
    layer = ic.Responses(maps.reshape(12, -1), stimuli.names, units, {"layer": "b"})
    top = ic.top_stimuli({"b": layer}, "b", 2, n=4)
    strongest = maps[:, 2].max((1, 2))
    order = np.argsort(-strongest)[:4]
    assert list(top.tables["stimulus"]["stimulus"]) == [stimuli.names[i] for i in order]
    np.testing.assert_allclose(top.values, strongest[order])
    first = top.tables["stimulus"].iloc[0]
    assert maps[order[0], 2, first["row"], first["col"]] == pytest.approx(strongest[order[0]])
    mean = ic.top_stimuli(layer, None, 2, n=3, over_space="mean")
    np.testing.assert_allclose(mean.values, np.sort(maps[:, 2].mean((1, 2)))[::-1][:3], rtol=1e-5)
    single = ic.top_stimuli(layer, None, (2, 1, 3), n=99)
    np.testing.assert_allclose(single.values, np.sort(maps[:, 2, 1, 3])[::-1])


def test_top_stimuli_of_a_store_of_alexnet(alexnet, tmp_path, shared):
    stimuli = ic.Stimuli.from_folder(shared / "data" / "images92" / "images").take(range(0, 24, 2))
    store = ic.extract(alexnet, stimuli, layers=["conv5"], into=tmp_path / "a.zarr")
    top = ic.top_stimuli(store, "conv5", 7, n=3)
    assert set(top.tables["stimulus"].columns) == {"stimulus", "rank", "row", "col"}
    assert (np.diff(top.values) <= 0).all()


def test_bad_top_stimuli(rng):
    layer = ic.Responses(rng.normal(size=(5, 4)))
    with pytest.raises(ic.InputError, match="there is no layer 'x'; there are 'y'"):
        ic.top_stimuli({"y": layer}, "x", 0)
    with pytest.raises(ic.InputError, match="no unit 9 among the 4"):
        ic.top_stimuli(layer, None, 9)
    with pytest.raises(ic.InputError, match="n must be at least 1"):
        ic.top_stimuli(layer, None, 0, n=0)
    with pytest.raises(ic.InputError, match="needs .* as store, not a list of int"):
        ic.top_stimuli([1, 2], "x", 0)
    with pytest.raises(ic.InputError, match="Did you mean 'max'"):
        ic.top_stimuli(layer, None, 0, over_space="mac")
