import shutil

import h5py
import numpy as np
import pytest

import isocortex as ic
from isocortex.bh.decoding import decode_layer
from isocortex.bh.encoding import encode_layer
from isocortex.bh.settings import read_settings
from isocortex.formats.mat.files import read_array, write_array

PARTS = ("made/one", "layer2", "sub-02", "V3")


def test_images_are_joined_by_name_never_by_rank(made):
    decode_layer(made.folders, made.settings, *PARTS)
    first = read_array(made.folders.decoding_accuracy(*PARTS), "accuracy")
    shutil.rmtree(made.data / "feature_decoders")
    for kind in ("Training", "Test"):  # an image more, which sorts before all others
        folder = made.folders.features(f"ImageNet{kind}", "made/one") / "layer2"
        some = sorted(folder.iterdir())[0]
        mean = np.mean([read_array(p, "feat") for p in folder.iterdir()], axis=0)
        write_array(
            folder / "aaa.mat",
            mean.astype("f4") if kind == "Training" else read_array(some, "feat"),
            "feat",
        )
    decode_layer(made.folders, made.settings, *PARTS)
    again = read_array(made.folders.decoding_accuracy(*PARTS), "accuracy")
    np.testing.assert_allclose(again, first, atol=2e-3)  # the standard deviation is of 31 images


def rename_images(made, kind, new, subject):
    path = made.folders.recording(subject, kind)
    with h5py.File(path, "r+") as file:
        for number, name in list(file["vmap/stimulus_name"].items()):
            text = name[()].decode()
            del file[f"vmap/stimulus_name/{number}"]
            file[f"vmap/stimulus_name/{number}"] = new(text)


def test_images_without_features_are_a_sentence(made):
    for subject in made.settings.subjects:
        rename_images(made, "Training", lambda n: "other" if n == "n3_x" else n, subject)
    with pytest.raises(ic.MisalignedError, match="no rows for 1 of 30 stimuli: 'other'|'other'"):
        encode_layer(made.folders, made.settings, *PARTS)
    for subject in made.settings.subjects:
        rename_images(made, "Training", lambda name: f"{name}.JPEG", subject)
    with pytest.raises(ic.MisalignedError, match="no image of the recording has features.*by name"):
        decode_layer(made.folders, made.settings, *PARTS)


def test_subjects_who_saw_different_images_are_a_sentence(made):
    path = made.folders.recording("sub-02", "Test")
    data = ic.read_bdata(path)
    keep = np.array(data.labels()) != "t3"
    ic.write_bdata(ic.BData(data.dataset[keep], data.metadata, {}, data.vmap), path)
    for work in (decode_layer, encode_layer):
        with pytest.raises(
            ic.MisalignedError,
            match="sub-02 and sub-01 saw different test images: only sub-01 't3'",
        ):
            work(made.folders, made.settings, *PARTS)
    work(made.folders, made.settings, "made/one", "layer2", "sub-03", "V3")


def test_a_recording_without_the_region_or_names_is_a_sentence(made):
    path = made.folders.recording("sub-02", "Test")
    settings = read_settings(made.path)
    data = ic.read_bdata(path)
    metadata = {key: row for key, row in data.metadata.items() if key != "ROI_V3"}
    ic.write_bdata(ic.BData(data.dataset, metadata, {}, data.vmap), path)
    with pytest.raises(ic.InputError, match="no region 'V3'.*Did you mean 'ROI_V.'.*ROI_HVC"):
        decode_layer(made.folders, settings, *PARTS)
    metadata = {**data.metadata, "ROI_V3": np.zeros_like(data.metadata["ROI_V3"])}
    ic.write_bdata(ic.BData(data.dataset, metadata, {}, data.vmap), path)
    with pytest.raises(ic.InputError, match="region 'V3'.*has no voxels"):
        decode_layer(made.folders, settings, *PARTS)
    ic.write_bdata(ic.BData(data.dataset, data.metadata, {}, {}), path)
    with pytest.raises(ic.InputError, match="no names for 'stimulus_name'.*never by rank"):
        decode_layer(made.folders, settings, *PARTS)
    path.unlink()
    with pytest.raises(ic.NotFoundError, match="no test recording of 'sub-02'"):
        decode_layer(made.folders, settings, *PARTS)


def test_layers_that_differ_between_the_sets_are_a_sentence(made):
    folder = made.folders.features("ImageNetTest", "made/one") / "layer2"
    for path in folder.iterdir():
        write_array(path, np.zeros((1, 9), "f4"), "feat")
    with pytest.raises(ic.MisalignedError, match="15 units for the training images but 9"):
        encode_layer(made.folders, made.settings, *PARTS)
    with pytest.raises(ic.FormatError, match="gives 15 units, but the layer has 9"):
        decode_layer(made.folders, made.settings, *PARTS)
