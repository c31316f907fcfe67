"""CIFTI files of parcels: values of nibabel, and units that meet by their names."""

import nibabel as nib
import numpy as np
import pandas as pd
import pytest
from nibabel import cifti2

import isocortex as ic

NAMES = ["V1", "V2", "hippocampus"]


def parcels(names=NAMES):
    cortex = [
        ({"CIFTI_STRUCTURE_CORTEX_LEFT": np.arange(i, i + 2)}, np.empty((0, 3), int))
        for i in (0, 4)
    ]
    voxels = ({}, np.array([[1, 1, 1], [1, 2, 1], [0, 1, 1]]))
    vertices, places = zip(*cortex, voxels, strict=True)
    return cifti2.ParcelsAxis(
        names, places, vertices, np.eye(4), (3, 4, 5), {"CIFTI_STRUCTURE_CORTEX_LEFT": 30}
    )


def image(values, rows=None, axis=None):
    rows = rows or cifti2.ScalarAxis([f"map {i}" for i in range(len(values))])
    return nib.Cifti2Image(values, header=(rows, axis or parcels()))


@pytest.fixture
def values(rng):
    return rng.normal(size=(4, 3)).astype(np.float32)


def test_parcels_are_units_under_their_names(values, tmp_path):
    image(values).to_filename(tmp_path / "a.pscalar.nii")
    found = ic.read(tmp_path / "a.pscalar.nii")
    np.testing.assert_array_equal(found.numpy(), nib.load(tmp_path / "a.pscalar.nii").get_fdata())
    assert found.stimuli == ("map 0", "map 1", "map 2", "map 3")
    expected = {
        "parcel": NAMES,
        "structure": ["CORTEX_LEFT", "CORTEX_LEFT", ""],
        "n_vertices": [2, 2, 0],
        "n_voxels": [0, 0, 3],
        "mask": [1, 1, 1],
    }
    assert found.units.to_dict("list") == expected


def test_parcels_that_are_zero_stay(values):
    values[:, 1] = 0
    assert ic.read_cifti(image(values)).n_units == 3


def test_series_of_parcels_are_trials(values, tmp_path):
    series = cifti2.SeriesAxis(0, 0.72, 4)
    image(values, series).to_filename(tmp_path / "x.ptseries.nii")
    paths = [tmp_path / "x.ptseries.nii"] * 2
    trials = ic.read_volumes(paths, stimuli=list("abab") * 2)
    np.testing.assert_array_equal(trials.values, np.concatenate([values, values]))
    assert trials.units["parcel"].tolist() == NAMES
    assert trials.runs.tolist() == [1] * 4 + [2] * 4


def test_labels_of_parcels_are_masks_that_meet_by_name(values):
    table = {0: ("???", (0, 0, 0, 0)), 1: ("early", (1, 0, 0, 1)), 2: ("late", (0, 1, 0, 1))}
    other = parcels(["V2", "V1", "hippocampus"])
    mask = image(np.array([[1.0, 2.0, 0.0]]), cifti2.LabelAxis(["labels"], [table]), other)
    found = ic.read_cifti(image(values), mask)
    assert found.units[["parcel", "mask", "region"]].to_numpy().tolist() == [
        ["V1", 2, "late"],
        ["V2", 1, "early"],
    ]
    np.testing.assert_array_equal(found.numpy(), values[:, :2])


def test_maps_of_parcels_are_written_by_name(values, tmp_path):
    recording = ic.read_cifti(image(values), np.array([1, 0, 1]))
    turned = recording.units_where([1, 0])
    path = ic.write_cifti(turned, tmp_path / "map.pscalar.nii", recording)
    written = nib.load(path)
    assert written.header.get_axis(1) == parcels()
    np.testing.assert_array_equal(written.get_fdata(), np.where([1, 0, 1], values, 0))
    scores = ic.Scores(
        values[:1].astype(float),
        {"layer": pd.DataFrame({"layer": ["conv1"]}), "unit": ic.read_cifti(image(values)).units},
    )
    again = ic.read(ic.write_cifti(scores, tmp_path / "scores.pscalar.nii"))
    assert again.stimuli == ("conv1",)
    np.testing.assert_array_equal(again.numpy(), values[:1])


def test_connections_have_a_row_for_each_parcel(rng, tmp_path):
    image(rng.normal(size=(3, 3)), parcels()).to_filename(tmp_path / "x.pconn.nii")
    assert ic.read(tmp_path / "x.pconn.nii").stimuli == tuple(NAMES)


def test_faults_are_sentences(values, tmp_path):
    with pytest.raises(ic.FormatError, match="'V1' name more than one parcel"):
        ic.read_cifti(image(values, axis=parcels(["V1", "V1", "V2"])))
    with pytest.raises(ic.InputError, match="the mask has 5 values .* 3 parcels"):
        ic.read_cifti(image(values), np.ones(5))
    dense = cifti2.BrainModelAxis.from_mask(np.ones(3), "CORTEX_LEFT")
    with pytest.raises(ic.InputError, match="has parcels, but the mask grayordinates"):
        ic.read_cifti(image(values), image(np.ones((1, 3)), axis=dense))
    with pytest.raises(ic.InputError, match="mask has one label for each parcel"):
        ic.read_cifti(image(values, axis=dense), image(np.ones((1, 3))))
    with pytest.raises(ic.InputError, match="no parcels called 'V3'"):
        ic.read_cifti(image(values), image(np.ones((1, 3)), axis=parcels(["V1", "V3", "V2"])))
    recording = ic.read_cifti(image(values))
    with pytest.raises(ic.InputError, match="like has no Grayordinates"):
        ic.write_cifti(recording, tmp_path / "x.dscalar.nii")
    with pytest.raises(ic.InputError, match="no parcels called 'V9'"):
        ic.write_cifti(
            recording.replace(units=pd.DataFrame({"parcel": ["V1", "V2", "V9"]})),
            tmp_path / "x.pscalar.nii",
            recording,
        )
