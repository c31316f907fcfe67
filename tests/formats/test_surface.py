import nibabel as nib
import numpy as np
import pandas as pd
import pytest
from nibabel import cifti2, gifti

import isocortex as ic

META = {"AnatomicalStructurePrimary": "CortexRight"}


@pytest.fixture
def rows(rng):
    return rng.normal(size=(4, 30)).astype(np.float32)


def gifti_image(rows, intent="NIFTI_INTENT_NONE"):
    arrays = [gifti.GiftiDataArray(row, intent, "NIFTI_TYPE_FLOAT32") for row in rows]
    return gifti.GiftiImage(darrays=arrays, meta=gifti.GiftiMetaData(META))


def cifti_image(rows, names=None):
    left = cifti2.BrainModelAxis.from_mask(np.arange(25) % 5 > 0, "CORTEX_LEFT")
    voxels = np.zeros((3, 4, 5), bool)
    voxels[1, 1:3, :] = True
    right = cifti2.BrainModelAxis.from_mask(voxels, "thalamus_left", affine=np.eye(4) * 2)
    axis = (left + right)[: rows.shape[1]]
    header = (cifti2.ScalarAxis(names or [f"map {i}" for i in range(len(rows))]), axis)
    return nib.Cifti2Image(rows, header=header)


def test_gifti_round_trip(rows, tmp_path):
    gifti_image(rows).to_filename(tmp_path / "rh.func.gii")
    mask = np.arange(30) % 3
    recording = ic.read_gifti(tmp_path / "rh.func.gii", mask=mask, stimuli=list("abcd"))
    np.testing.assert_array_equal(recording.values, rows[:, mask > 0])
    assert recording.units["vertex"].tolist() == np.nonzero(mask)[0].tolist()
    path = ic.write_gifti(recording, tmp_path / "map.func.gii", like=recording)
    written = nib.load(path)
    assert written.meta["AnatomicalStructurePrimary"] == "CortexRight"
    np.testing.assert_array_equal(written.darrays[2].data, np.where(mask > 0, rows[2], 0))
    assert written.darrays[2].meta["Name"] == "c"
    assert written.darrays[2].data.dtype == np.float32


def test_gifti_masks_may_be_files_and_default_to_what_differs_from_zero(rows, tmp_path):
    rows[:, 3] = 0
    gifti_image((np.arange(30)[None] < 9).astype(np.float32)).to_filename(tmp_path / "m.gii")
    assert ic.read_gifti(gifti_image(rows)).n_units == 29
    assert ic.read_gifti(gifti_image(rows), mask=tmp_path / "m.gii").n_units == 9


def test_cifti_round_trip(rows, tmp_path):
    cifti_image(rows, ["red", "blue", "red 2", "x"]).to_filename(tmp_path / "a.dscalar.nii")
    mask = np.arange(30) > 12
    recording = ic.read_cifti(tmp_path / "a.dscalar.nii", mask=mask)
    assert recording.stimuli == ("red", "blue", "red 2", "x")
    np.testing.assert_array_equal(recording.values, rows[:, mask])
    units = recording.units
    assert set(units["structure"]) == {"CORTEX_LEFT", "THALAMUS_LEFT"}
    assert (units["vertex"][units["structure"] == "THALAMUS_LEFT"] == -1).all()
    scores = ic.Scores(
        rows[:2][:, mask].astype(float),
        {"layer": pd.DataFrame({"layer": ["conv1", "conv2"]}), "unit": units},
    )
    path = ic.write_cifti(scores, tmp_path / "map.dscalar.nii", like=recording)
    written = nib.load(path)
    assert list(written.header.get_axis(0).name) == ["conv1", "conv2"]
    assert written.header.get_axis(1) == cifti_image(rows).header.get_axis(1)
    np.testing.assert_array_equal(written.get_fdata(), np.where(mask, rows[:2], 0))
    assert written.get_data_dtype() == np.float32


def test_faults_are_sentences(rows, tmp_path):
    mesh = gifti_image(rows[:1], "NIFTI_INTENT_POINTSET")
    with pytest.raises(ic.FormatError, match="holds a mesh"):
        ic.read_gifti(mesh)
    with pytest.raises(ic.FormatError, match="no data arrays"):
        ic.read_gifti(gifti.GiftiImage())
    with pytest.raises(ic.InputError, match="the mask has 7 values"):
        ic.read_gifti(gifti_image(rows), mask=np.ones(7))
    with pytest.raises(ic.InputError, match="mask is empty"):
        ic.read_cifti(cifti_image(rows), mask=np.zeros(30))
    with pytest.raises(ic.FormatError, match="not a CIFTI file.* read_gifti reads it"):
        ic.read_cifti(gifti_image(rows))
    recording = ic.read_cifti(cifti_image(rows))
    with pytest.raises(ic.InputError, match=r"must end in \.dscalar\.nii"):
        ic.write_cifti(recording, tmp_path / "x.nii", like=recording)
    with pytest.raises(ic.InputError, match="like has no Surface"):
        ic.write_gifti(recording, tmp_path / "x.gii", like=recording)
    rows[1, 4] = np.nan
    with pytest.raises(ic.InputError, match="1 of 30"):
        ic.read_gifti(gifti_image(rows))
    assert ic.read_gifti(gifti_image(rows), nan="drop").n_units == 29


def cortex(n, structure="CORTEX_LEFT", mesh=None):
    inside = np.zeros(mesh or n, bool)
    inside[:n] = True
    return cifti2.BrainModelAxis.from_mask(inside, structure)


def labelled(labels, axis):
    return nib.Cifti2Image(
        np.asarray(labels, np.float32)[None], header=(cifti2.ScalarAxis(["labels"]), axis)
    )


def test_labels_of_the_cortex_meet_data_of_all_grayordinates_by_vertex(rows):
    image = cifti_image(rows)
    axis = image.header.get_axis(1)
    full = cortex(25)  # The whole mesh, with a medial wall that the data lack.
    labels = np.where(np.arange(25) % 5 > 0, np.arange(25) // 5 + 1, 0)
    recording = ic.read_cifti(image, mask=labelled(labels, full))
    assert recording.units["structure"].unique().tolist() == ["CORTEX_LEFT"]
    np.testing.assert_array_equal(recording.units["mask"], labels[axis.vertex[:20]])
    np.testing.assert_array_equal(recording.values, rows[:, :20])


def test_labels_that_cannot_meet_are_refused_or_told(rows):
    with pytest.warns(ic.IsocortexWarning, match="5 labelled grayordinates .* have no data"):
        assert (
            ic.read_cifti(cifti_image(rows), mask=labelled(np.ones(25), cortex(25))).n_units == 20
        )
    with pytest.raises(ic.InputError, match="30 vertices in CORTEX_LEFT, the image 25"):
        ic.read_cifti(cifti_image(rows), mask=labelled(np.ones(25), cortex(25, mesh=30)))
    with pytest.raises(ic.InputError, match="none of the mask's 9 labelled"):
        ic.read_cifti(cifti_image(rows), mask=labelled(np.ones(9), cortex(9, "CORTEX_RIGHT")))


def test_repeats_on_surfaces_are_trials(rows, tmp_path):
    names = ["a", "b", "a", "b"]
    trials = ic.read_volumes([gifti_image(rows), gifti_image(rows[::-1])], stimuli=names * 2)
    assert trials.runs.tolist() == [1] * 4 + [2] * 4
    np.testing.assert_array_equal(trials.values, np.concatenate([rows, rows[::-1]]))
    assert trials.units["vertex"].tolist() == list(range(30))
    cifti_image(rows).to_filename(tmp_path / "x.dscalar.nii")
    trials = ic.read_volumes(tmp_path / "x.dscalar.nii", stimuli=names)
    np.testing.assert_array_equal(trials.values, rows)
    assert trials.units["structure"].iloc[-1] == "THALAMUS_LEFT"
