import shutil

import h5py
import numpy as np
import pytest

from isocortex.bh.decoding import decode_layer, is_trained
from isocortex.bh.encoding import encode_layer
from isocortex.formats.mat.files import read_array, write_array

PARTS = ("made/one", "layer2", "sub-02", "V3")


def test_decoding_equals_the_original(made, step_by_step):
    decode_layer(made.folders, made.settings, *PARTS)
    images, decoded, accuracy, _ = step_by_step(made)
    found = read_array(made.folders.decoding_accuracy(*PARTS), "accuracy")
    assert (found.shape, found.dtype) == ((1, 15), np.float32)
    np.testing.assert_allclose(found[0], accuracy, atol=2e-6)
    folder = made.folders.decoded(*PARTS)
    assert sorted(p.stem for p in folder.iterdir()) == images
    rows = np.vstack([read_array(folder / f"{name}.mat", "feat") for name in images])
    np.testing.assert_allclose(rows, decoded, atol=1e-5)


def test_the_decoder_is_kept_as_bdpy_keeps_it_and_taken_up_again(made):
    decode_layer(made.folders, made.settings, *PARTS)
    model = made.folders.decoder(*PARTS)
    assert is_trained(model)
    assert read_array(model / "W.mat", "W").shape == (12, 15)
    assert (read_array(model / "W.mat", "W") != 0).sum(0).tolist() == [8] * 15
    with h5py.File(model / "W.mat") as file:
        assert "__bdpy_sparse_arrray" in file["W"]
    first = read_array(made.folders.decoding_accuracy(*PARTS), "accuracy")
    for path in (made.folders.decoded(*PARTS), made.folders.decoding_accuracy(*PARTS).parent):
        shutil.rmtree(path)
    shutil.rmtree(made.folders.features("ImageNetTraining", "made/one"))
    decode_layer(made.folders, made.settings, *PARTS)  # from the decoder alone
    again = read_array(made.folders.decoding_accuracy(*PARTS), "accuracy")
    np.testing.assert_array_equal(again, first)


def test_a_decoder_without_its_last_file_is_trained_again(made):
    decode_layer(made.folders, made.settings, *PARTS)
    model = made.folders.decoder(*PARTS)
    (model / "info.yaml").unlink()
    write_array(model / "W.mat", np.zeros((12, 15), "f4"), "W")
    decode_layer(made.folders, made.settings, *PARTS)
    assert (read_array(model / "W.mat", "W") != 0).any()


def spoil(made, columns, kind="Training", value=1.0):
    path = made.folders.recording("sub-02", kind)
    with h5py.File(path, "r+") as file:
        file["dataset"][:, columns] = value


@pytest.mark.parametrize("value", [3.7, np.nan], ids=["constant", "NaN"])
def test_a_dead_voxel_poisons_nothing(value, made):
    decode_layer(made.folders, made.settings, *PARTS)
    clean = read_array(made.folders.decoding_accuracy(*PARTS), "accuracy")
    shutil.rmtree(made.data / "feature_decoders")
    for kind in ("Training", "Test"):
        spoil(made, 2 * 12 + 5, kind, value)  # a voxel of V3
    decode_layer(made.folders, made.settings, *PARTS)
    encode_layer(made.folders, made.settings, *PARTS)
    found = read_array(made.folders.decoding_accuracy(*PARTS), "accuracy")
    assert np.isfinite(found).all()
    assert np.abs(found - clean).mean() < 0.1
    voxels = read_array(made.folders.encoding_accuracy(*PARTS), "accuracy")[0]
    assert np.nonzero(np.isnan(voxels))[0].tolist() == [5]


def test_a_dead_unit_poisons_nothing(made):
    for kind in ("Training", "Test"):
        folder = made.folders.features(f"ImageNet{kind}", "made/one") / "layer2"
        for path in folder.iterdir():
            values = read_array(path, "feat")
            values[0, 4] = 0.25
            write_array(path, values, "feat")
    decode_layer(made.folders, made.settings, *PARTS)
    encode_layer(made.folders, made.settings, *PARTS)
    units = read_array(made.folders.decoding_accuracy(*PARTS), "accuracy")[0]
    assert np.nonzero(np.isnan(units))[0].tolist() == [4]
    assert np.isfinite(read_array(made.folders.encoding_accuracy(*PARTS), "accuracy")).all()
