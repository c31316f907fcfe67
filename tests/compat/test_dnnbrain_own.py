"""What DNNBrain's own tests expect of its classes and files, in other words."""

import h5py
import numpy as np
import pytest

import isocortex as ic
from isocortex.compat.dnnbrain.dnn.base import array_statistic, dnn_fe, dnn_mask
from isocortex.compat.dnnbrain.dnn.core import RDM, Activation, Mask, Stimulus
from isocortex.compat.dnnbrain.io import fileio

HEADER = {"type": "video", "path": "clips/a.mp4", "title": "three frames"}
DATA = {"stimID": [1, 3, 5], "acc": [0.2, 0.4, 0.1], "label": [0, 1, 1]}


def test_a_stimulus_file_is_read_as_one_dictionary(tmp_path):
    path = str(tmp_path / "x.stim.csv")
    fileio.StimulusFile(path).write(HEADER["type"], HEADER["path"], DATA, title=HEADER["title"])
    read = fileio.StimulusFile(path).read()
    assert isinstance(read, dict)
    assert {key: read[key] for key in HEADER} == HEADER
    assert {key: column.tolist() for key, column in read["data"].items()} == DATA
    assert list(read["data"]) == list(DATA)


def test_a_stimulus_file_of_images(tmp_path):
    path = tmp_path / "x.stim.csv"
    path.write_text(
        "type=image\npath=/p\n\ndata=stimID,RT,condition\na.JPEG,3.63,cat\n2.JPEG,4,7\n"
    )
    data = fileio.StimulusFile(str(path)).read()["data"]
    assert data["stimID"].tolist() == ["a.JPEG", "2.JPEG"]
    assert data["RT"].tolist() == [3.63, 4.0]
    assert data["condition"].tolist() == ["cat", "7"]


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        (fileio.StimulusFile, "stim.csv"),
        (fileio.ActivationFile, "act.h5"),
        (fileio.MaskFile, "dmask.csv"),
        (fileio.RoiFile, "roi.h5"),
        (fileio.RdmFile, "rdm.h5"),
    ],
)
def test_a_wrong_ending_is_an_assertion_and_a_sentence(kind, ending):
    for error in (AssertionError, ic.FormatError):
        with pytest.raises(error, match=rf"must end in \.{ending}"):
            kind("x.txt")


def test_what_a_stimulus_asserts():
    short = {**DATA, "acc": DATA["acc"][:-1]}
    for error in (AssertionError, ic.InputError):
        with pytest.raises(error, match=r"'acc' has shape \(2,\), but there are 3"):
            Stimulus(data=short)
        with pytest.raises(error, match="a dictionary as header, not str"):
            Stimulus("header")
    lacking = {"acc": DATA["acc"]}
    for error in (KeyError, ic.InputError):
        with pytest.raises(error, match="^Stimulus needs the item 'stimID'"):
            Stimulus(data=lacking)
        with pytest.raises(error, match=r"no item 'accc'. Did you mean 'acc'\?"):
            Stimulus(HEADER, DATA).get("accc")


def test_rows_and_items_of_a_stimulus():
    stimuli = Stimulus(HEADER, DATA)
    for rows, expected in ((1, [3]), (-1, [5]), ([0, 2], [1, 5]), (slice(1, 3), [3, 5])):
        part = stimuli[rows]
        assert part.header == HEADER
        assert part.get("stimID").tolist() == expected
    both = stimuli[[0, 2], ["stimID", "label"]]
    assert both.items == ["stimID", "label"]
    assert both.get("label").tolist() == [0, 1]
    assert len(stimuli) == 3


@pytest.fixture
def layers(rng):
    return {"conv5": rng.normal(size=(5, 3, 13, 13)), "fc3": rng.normal(size=(5, 10, 1, 1))}


def test_activations_under_the_name_that_tests_reach_for(layers, tmp_path):
    activ = Activation()
    activ._activation = layers
    activ.save(str(tmp_path / "a.act.h5"))
    with h5py.File(tmp_path / "a.act.h5") as file:
        assert {name: file[name].shape for name in file} == {n: a.shape for n, a in layers.items()}
    again = Activation()
    again.load(str(tmp_path / "a.act.h5"))
    twice = again.concatenate([again])
    mask = Mask("conv5", [1, 2], [3, 4], [5, 6])
    mask.set("fc3", channels=[1, 2, 3])
    for name, array in layers.items():
        np.testing.assert_array_equal(again._activation[name], array)
        np.testing.assert_array_equal(twice._activation[name], np.concatenate([array, array]))
        own = mask.get(name)
        np.testing.assert_array_equal(
            again.mask(mask)._activation[name], dnn_mask(array, own["chn"], own["row"], own["col"])
        )
        np.testing.assert_array_equal(
            again.pool("max")._activation[name], array_statistic(array, "max", (2, 3), True)
        )
        np.testing.assert_allclose(again.fe("pca", 3)._activation[name], dnn_fe(array, "pca", 3))
        np.testing.assert_array_equal(again[[1, 3]]._activation[name], array[[1, 3]])


@pytest.mark.parametrize(("kind", "axes"), [("bRDM", (3,)), ("dRDM", (2, 3))])
def test_rdms_under_the_name_that_tests_reach_for(kind, axes, rng, tmp_path):
    rdm = RDM()
    rdm.rdm_type = kind
    rdm._rdm_dict = {"1": rng.random(axes), "3": rng.random(axes)}
    rdm.save(str(tmp_path / "r.rdm.h5"))
    assert rdm.keys == ["1", "3"]
    assert rdm.n_item == 3
    again = RDM()
    again.load(str(tmp_path / "r.rdm.h5"))
    assert again.rdm_type == kind
    for key, vectors in rdm._rdm_dict.items():
        np.testing.assert_array_equal(again._rdm_dict[key], vectors)
        np.testing.assert_array_equal(again.get(key, triu=True), vectors)
