import numpy as np
import pytest
import scipy.io

import isocortex as ic
from isocortex.formats.mat import features
from isocortex.formats.mat.files import write_array


@pytest.fixture
def store(rng):
    names = ["img10", "img2", "img1"]
    return {
        "conv1": ic.Responses(rng.normal(size=(3, 24)).astype("f4"), names),
        "fire2/concat": ic.Responses(rng.normal(size=(3, 5)).astype("f4"), names[::-1]),
    }


def test_what_is_written_is_read(store, tmp_path):
    ic.write_features(store, tmp_path / "net")
    found = ic.read_features(tmp_path / "net")
    assert list(found) == ["conv1", "fire2:concat"]
    assert found.stimuli == ("img1", "img2", "img10")
    for mine, theirs in zip(found.values(), store.values(), strict=True):
        mine, theirs = ic.align(mine, theirs)
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())
    assert found["conv1"].labels == {"network": "net", "layer": "conv1"}


def test_files_of_any_kind_may_be_mixed(rng, tmp_path):
    x = np.where(rng.random((3, 2, 3, 4)) < 0.5, rng.normal(size=(3, 2, 3, 4)), 0).astype("f4")
    (tmp_path / "conv1").mkdir()
    scipy.io.savemat(tmp_path / "conv1" / "a.mat", {"feat": x[:1]})
    write_array(tmp_path / "conv1" / "b.mat", x[1:2], "feat")
    write_array(tmp_path / "conv1" / "c.mat", x[2:], "feat", sparse=True)
    layer = ic.read_features(tmp_path)["conv1"]
    np.testing.assert_array_equal(layer.numpy(), x.reshape(3, -1))
    assert layer.units.iloc[5].tolist() == [0, 1, 1]  # channel, row, col


def test_a_large_layer_is_read_in_columns(store, tmp_path, monkeypatch):
    ic.write_features(store, tmp_path)
    expected = ic.read_features(tmp_path)["conv1"].numpy()
    monkeypatch.setattr(features, "KEEP_BYTES", 10)
    values = ic.read_features(tmp_path)["conv1"].values
    np.testing.assert_array_equal(values[:, 3:9], expected[:, 3:9])
    np.testing.assert_array_equal(values[np.array([2, 0]), 3:9], expected[[2, 0], 3:9])
    np.testing.assert_array_equal(values[1], expected[1])
    np.testing.assert_array_equal(ic.gram(ic.read_features(tmp_path)["conv1"]).matrix.shape, (3, 3))
    assert "whole" not in vars(values)


def test_hidden_files_are_not_images(store, tmp_path):
    ic.write_features(store, tmp_path)
    (tmp_path / "conv1" / ".draft.mat").write_bytes(b"")
    assert ic.read_features(tmp_path)["conv1"].n_stimuli == 3


def test_files_that_are_there_are_left(store, tmp_path):
    ic.write_features(store, tmp_path)
    file = tmp_path / "conv1" / "img1.mat"
    before = file.stat().st_mtime_ns
    ic.write_features(store, tmp_path)
    assert file.stat().st_mtime_ns == before


def test_layers_in_the_order_asked_for(store, tmp_path):
    ic.write_features(store, tmp_path)
    assert list(ic.read_features(tmp_path, ["fire2:concat", "conv1"])) == ["fire2:concat", "conv1"]
    with pytest.raises(ic.NotFoundError, match="no layers 'conv3'.*Did you mean 'conv1'"):
        ic.read_features(tmp_path, ["conv3"])
    with pytest.raises(KeyError, match="no layer 'conv3'"):
        ic.read_features(tmp_path)["conv3"]


def test_what_is_wrong_is_a_sentence(store, tmp_path):
    with pytest.raises(ic.NotFoundError, match="no folder of features"):
        ic.read_features(tmp_path / "none")
    with pytest.raises(ic.InputError, match="has no layers"):
        ic.read_features(tmp_path)
    with pytest.raises(ic.InputError, match="no layers 'conv2'.*Did you mean 'conv1'"):
        ic.write_features(store, tmp_path, layers=["conv2"])
    with pytest.raises(ic.InputError, match=r"'\.\./x' cannot be the name of a file"):
        ic.write_features({"a": ic.Responses([[1.0, 2.0]], ["../x"])}, tmp_path)
    ic.write_features(store, tmp_path)
    (tmp_path / "conv1" / "img1.mat").unlink()
    with pytest.raises(ic.FormatError, match="different images: 'img1'"):
        _ = ic.read_features(tmp_path).stimuli
    write_array(tmp_path / "conv1" / "img1.mat", np.ones((1, 5)), "feat")
    with pytest.raises(ic.FormatError, match=r"has \d+ units, but 'img1.mat' of the same layer"):
        ic.read_features(tmp_path)["conv1"].numpy()
    write_array(tmp_path / "conv1" / "img1.mat", np.full((1, 24), np.nan), "feat")
    with pytest.raises(ic.FormatError, match=r"img1\.mat.* holds NaN"):
        ic.read_features(tmp_path)["conv1"].numpy()
    (tmp_path / "empty").mkdir()
    with pytest.raises(ic.NotFoundError, match=r"empty.* has no \.mat files"):
        _ = ic.read_features(tmp_path)["empty"]


def test_plain_hdf5_keeps_its_order(tmp_path):
    h5py = pytest.importorskip("h5py")
    (tmp_path / "fc").mkdir()
    rows = {"a": np.arange(24.0).reshape(1, 24), "b": np.arange(24.0).reshape(1, 24) + 1}
    for name, row in rows.items():
        with h5py.File(tmp_path / "fc" / f"{name}.mat", "w") as file:
            file["feat"] = row
    layer = ic.read_features(tmp_path)["fc"]
    np.testing.assert_array_equal(layer.numpy(), np.concatenate(list(rows.values())))


def test_square_plain_hdf5_is_not_transposed(tmp_path):
    from isocortex.formats.mat.files import read_array

    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.mat", "w") as file:
        file["feat"] = [[1.0, 2.0], [3.0, 4.0]]
        file["of_matlab"] = [[1.0, 2.0], [3.0, 4.0]]
        file["of_matlab"].attrs["MATLAB_class"] = np.bytes_("double")
    assert read_array(tmp_path / "a.mat", "feat").tolist() == [[1, 2], [3, 4]]
    assert read_array(tmp_path / "a.mat", "of_matlab").tolist() == [[1, 3], [2, 4]]


def test_features_without_a_first_axis_of_one_are_one_stimulus(tmp_path):
    (tmp_path / "conv").mkdir()
    maps = np.arange(24.0).reshape(2, 3, 4)
    for name in "ab":
        scipy.io.savemat(tmp_path / "conv" / f"{name}.mat", {"feat": maps})
    layer = ic.read_features(tmp_path)["conv"]
    np.testing.assert_array_equal(layer.numpy()[1], maps.reshape(-1))
    assert layer.units["row"].max() == 2
