from pathlib import Path

import nibabel as nib
import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.formats.nifti import map_image

AFFINE = np.array([[-2.0, 0, 0, 10], [0, 2.5, 0.1, -20], [0, -0.1, 3, 5], [0, 0, 0, 1]])


@pytest.fixture
def volumes(rng):
    return rng.normal(size=(4, 5, 3, 7)).astype(np.float32)


@pytest.fixture
def mask(rng):
    labels = rng.integers(0, 3, size=(4, 5, 3))
    labels[0, 0, 0] = 2
    return labels.astype(np.int16)


def image(data, affine=AFFINE):
    return nib.Nifti1Image(data, affine)


@pytest.mark.parametrize("suffix", [".nii.gz", ".nii", ".mgz"])
def test_rows_are_volumes_and_columns_voxels_in_c_order(volumes, mask, suffix, tmp_path):
    maker = nib.MGHImage if suffix == ".mgz" else nib.Nifti1Image
    path = tmp_path / f"beta.run-1{suffix}"  # a dot in the name is no suffix
    maker(volumes, AFFINE).to_filename(path)
    recording = ic.read_nifti(path, mask=image(mask), stimuli=list("abcdefg"), labels={"s": 1})
    np.testing.assert_array_equal(recording.values, volumes.transpose(3, 0, 1, 2)[:, mask > 0])
    i, j, k = np.nonzero(mask)
    expected = pd.DataFrame({"i": i, "j": j, "k": k, "mask": mask[i, j, k].astype(int)})
    pd.testing.assert_frame_equal(recording.units, expected)
    assert recording.stimuli == tuple("abcdefg")
    assert recording.labels == {"s": 1}


def test_without_a_mask_the_voxels_that_differ_from_zero(volumes):
    volumes[1, 2, 2] = 0
    volumes[0, 0, 0, 1:] = 0
    recording = ic.read_nifti(image(volumes))
    assert recording.n_units == 4 * 5 * 3 - 1
    assert set(recording.units["mask"]) == {1}


def test_scaled_integers_are_read_as_what_they_mean(mask, tmp_path):
    data = np.arange(4 * 5 * 3 * 2, dtype=np.int16).reshape(4, 5, 3, 2)
    scaled = image(data)
    scaled.header.set_slope_inter(0.5, 3)
    scaled.to_filename(tmp_path / "scaled.nii")
    on_disk = nib.load(tmp_path / "scaled.nii")
    recording = ic.read_nifti(tmp_path / "scaled.nii", mask=mask)
    np.testing.assert_allclose(recording.values, on_disk.get_fdata()[mask > 0].T)


def test_a_three_dimensional_image_is_one_row(volumes, mask):
    assert ic.read_nifti(image(volumes[..., 0]), mask=mask, stimuli=["only"]).n_stimuli == 1


def test_a_float_mask_of_whole_numbers_has_integer_labels(volumes, mask):
    units = ic.read_nifti(image(volumes), mask=image(mask.astype(np.float32))).units
    assert units["mask"].dtype.kind == "i"


@pytest.mark.parametrize("suffix", [".nii.gz", ".nii", ".mgz"])
def test_a_map_lands_where_the_mask_was_with_the_affine(volumes, mask, suffix, tmp_path, rng):
    source = image(volumes.astype(np.int16))  # an integer header must not quantize the scores
    recording = ic.read_nifti(source, mask=mask)
    values = rng.normal(size=recording.n_units)
    path = ic.write_nifti(values, tmp_path / "new folder" / f"map{suffix}", like=recording)
    written = nib.load(path)
    assert written.shape == mask.shape
    assert written.get_data_dtype().newbyteorder("=") == np.float32
    np.testing.assert_allclose(written.affine, AFFINE, atol=1e-4)
    np.testing.assert_allclose(written.get_fdata()[mask > 0], values.astype(np.float32))
    assert (written.get_fdata()[mask == 0] == 0).all()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_reading_a_map_again_gives_the_scores(volumes, mask, tmp_path, rng):
    recording = ic.read_nifti(image(volumes), mask=mask)
    values = rng.normal(size=(3, recording.n_units)).astype(np.float32)
    path = ic.write_nifti(values, tmp_path / "maps.nii.gz", like=recording)
    np.testing.assert_array_equal(ic.read_nifti(path, mask=mask).values, values)


def layered_scores(recording, rng):
    values = rng.normal(size=(2, 5, recording.n_units))
    tables = {
        "layer": pd.DataFrame({"layer": ["conv1", "conv2"]}),
        "fold": pd.DataFrame({"fold": range(5)}),
        "unit": recording.units,
    }
    return ic.Scores(values, tables, "pearson")


def test_scores_are_averaged_over_folds_with_a_volume_for_each_layer(volumes, mask, rng):
    recording = ic.read_nifti(image(volumes), mask=mask)
    scores = layered_scores(recording, rng)
    written = map_image(scores, recording)
    expected = scores.values.mean(1).astype(np.float32)
    np.testing.assert_allclose(written.get_fdata()[mask > 0].T, expected)


def test_scores_of_some_voxels_find_their_place_and_nan_stays(volumes, mask, rng):
    recording = ic.read_nifti(image(volumes), mask=mask)
    part = layered_scores(recording, rng).select(mask=2, layer="conv2")
    values = part.values.copy()
    values[0, 0, 0] = np.nan
    part = part.replace(values=values)
    written = map_image(part, recording, outside=-9).get_fdata()
    assert (written[mask != 2] == -9).all()
    values = written[mask == 2]
    assert np.isnan(values[0])
    np.testing.assert_allclose(values[1:], part.values[0].mean(0)[1:].astype(np.float32))


def test_a_part_of_a_recording_still_knows_its_space(volumes, mask):
    recording = ic.read_nifti(image(volumes), mask=mask, stimuli=list("abcdefg"))
    part = recording.take([3, 1]).units_where(recording.units["mask"] == 2)
    written = map_image(part, part)
    assert written.shape == (*mask.shape, 2)


def test_volumes_are_trials_with_runs(volumes, mask):
    labels = ["face", "house", "face", "rest", "face", "house", "rest"]
    trials = ic.read_volumes(image(volumes), mask, stimuli=labels, runs=[1, 1, 1, 1, 2, 2, 2])
    assert trials.conditions == ("face", "house", "rest")
    both = [image(volumes[..., :4]), image(volumes[..., 4:])]
    listed = ic.read_volumes(both, mask, stimuli=labels)
    np.testing.assert_array_equal(listed.values, trials.values)
    assert listed.runs.tolist() == trials.runs.tolist()
    averaged = ic.average(trials)
    assert map_image(averaged, averaged).shape == (*mask.shape, 3)


def test_faults_are_sentences(volumes, mask, tmp_path, rng):
    source = image(volumes)
    with pytest.raises(ic.InputError, match=r"mask has shape \(4, 5, 2\).*resample_to_img"):
        ic.read_nifti(source, mask=mask[..., :2])
    with pytest.raises(ic.InputError, match="different affines"):
        ic.read_nifti(source, mask=image(mask, np.eye(4)))
    with pytest.raises(ic.InputError, match="mask is empty"):
        ic.read_nifti(source, mask=np.zeros_like(mask))
    with pytest.raises(ic.InputError, match="fractions"):
        ic.read_nifti(source, mask=mask * 0.5)
    with pytest.raises(ic.InputError, match="has 7 volumes, but 2 stimuli"):
        ic.read_nifti(source, mask=mask, stimuli=["a", "b"])
    with pytest.raises(ic.InputError, match="must be unique"):
        ic.read_nifti(source, mask=mask, stimuli=list("aaaaaaa"))
    with pytest.raises(ic.NotFoundError, match=r"no image.*nowhere\.nii"):
        ic.read_nifti(tmp_path / "nowhere.nii")
    (tmp_path / "text.nii").write_text("this is no image")
    with pytest.raises(ic.FormatError, match="cannot be read as a brain image"):
        ic.read_nifti(tmp_path / "text.nii")
    with pytest.raises(ic.InputError, match="read_gifti and read_cifti"):
        ic.read_nifti(image(np.ones((2, 2, 2, 2, 3))))
    with pytest.raises(ic.InputError, match="path or a nibabel image"):
        ic.read_nifti(volumes)


def test_a_truncated_file_is_named(volumes, tmp_path):
    image(volumes).to_filename(tmp_path / "whole.nii")
    (tmp_path / "cut.nii").write_bytes((tmp_path / "whole.nii").read_bytes()[:900])
    with pytest.raises(ic.FormatError, match="truncated"):
        ic.read_nifti(tmp_path / "cut.nii")


def test_nan_voxels_are_refused_or_left_out(volumes, mask):
    where = np.argwhere(mask > 0)[3]
    volumes[(*where, 2)] = np.nan
    with pytest.raises(ic.InputError, match=r"1 of .* hold NaN.*nan='drop'"):
        ic.read_nifti(image(volumes), mask=mask)
    kept = ic.read_nifti(image(volumes), mask=mask, nan="drop")
    assert kept.n_units == (mask > 0).sum() - 1
    assert not (kept.units[["i", "j", "k"]] == where).all(axis=1).any()
    with pytest.raises(ic.InputError, match="nan='zero' is not known"):
        ic.read_nifti(image(volumes), mask=mask, nan="zero")


def test_faults_in_writing(volumes, mask, tmp_path, rng):
    recording = ic.read_nifti(image(volumes), mask=mask)
    with pytest.raises(ic.InputError, match="there are 3 values for each map"):
        ic.write_nifti(np.zeros(3), tmp_path / "x.nii", like=recording)
    with pytest.raises(ic.InputError, match=r"must end in \.nii\.gz"):
        ic.write_nifti(np.zeros(recording.n_units), tmp_path / "x.img", like=recording)
    with pytest.raises(ic.InputError, match="like has no Volume"):
        ic.write_nifti(np.zeros(2), tmp_path / "x.nii", like=ic.Responses(rng.normal(size=(3, 2))))
    with pytest.raises(ic.InputError, match="it got str"):
        ic.write_nifti(np.zeros(2), tmp_path / "x.nii", like="mask.nii")
    (tmp_path / "file").write_text("")
    with pytest.raises(ic.StorageError, match="cannot be written"):
        ic.write_nifti(np.zeros(recording.n_units), tmp_path / "file" / "x.nii", like=recording)


def test_a_list_of_images_is_read_in_its_order(volumes, mask, tmp_path):
    paths = [tmp_path / f"beta_{place}.nii" for place in range(7)]
    for place, path in enumerate(paths):
        image(volumes[..., place]).to_filename(path)
    together = ic.read_nifti(image(volumes), mask=image(mask))
    one_by_one = ic.read_nifti(paths[::-1], mask=image(mask), stimuli=list("gfedcba"))
    np.testing.assert_array_equal(one_by_one.values[::-1], together.values)
    # Without a mask, a voxel counts that differs from 0 in any of them.
    volumes[1, 2, 2, :6] = 0
    assert ic.read_nifti([image(volumes[..., i]) for i in range(7)]).n_units == 60


def test_axes_of_one_before_the_volumes_change_nothing(volumes, mask):
    recording = ic.read_nifti(image(volumes[:, :, :, None]), mask=image(mask[..., None]))
    np.testing.assert_array_equal(recording.values, ic.read_nifti(image(volumes), mask).values)


def test_labels_that_a_scale_factor_has_rounded_are_whole_numbers(volumes, mask):
    rounded = mask.astype(np.float32) * np.float32(1 - 6e-8)
    assert set(ic.read_nifti(image(volumes), image(rounded)).units["mask"]) == {1, 2}


def test_what_is_no_volume_of_numbers_is_a_sentence(volumes):
    colours = np.zeros((4, 5, 3), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    with pytest.raises(ic.FormatError, match="the image holds colours, but a recording"):
        ic.read_nifti(image(colours))
    with pytest.raises(ic.FormatError, match="holds numbers of type complex64"):
        ic.read_nifti(image(volumes.astype(np.complex64)))
    surface = nib.gifti.GiftiImage()
    with pytest.raises(ic.InputError, match="is a GiftiImage; it must be .* there are read_gifti"):
        ic.read_nifti(surface)
    with pytest.raises(ic.InputError, match="an empty list of images"):
        ic.read_nifti([])
    moved = image(volumes[..., 0], AFFINE + np.eye(4))
    with pytest.raises(ic.InputError, match=r"image 1 of the list \(from 0\).* on one grid"):
        ic.read_nifti([image(volumes[..., 0]), moved])


def test_a_masker_of_nilearn_is_its_mask():
    from nilearn.maskers import NiftiMasker

    mask = np.zeros((4, 5, 3), np.uint8)
    mask[1] = 1
    image = nib.Nifti1Image(np.arange(120.0).reshape(4, 5, 3, 2) + 1, np.eye(4))
    masker = NiftiMasker(mask_img=nib.Nifti1Image(mask, np.eye(4)))
    for each in (masker, NiftiMasker(mask_img=nib.Nifti1Image(mask, np.eye(4))).fit()):
        found = ic.read_nifti(image, each).numpy()
        np.testing.assert_array_equal(found, np.asarray(image.dataobj)[mask > 0].T)
    with pytest.raises(ic.InputError, match="NiftiMasker has no mask yet; fit it first"):
        ic.read_nifti(image, NiftiMasker())


def test_maskers_of_regions_are_their_labels_and_maps_are_refused():
    from nilearn.maskers import NiftiLabelsMasker, NiftiMapsMasker

    image = nib.Nifti1Image(np.arange(120.0).reshape(4, 5, 3, 2) + 1, np.eye(4))
    labels = nib.Nifti1Image(np.arange(60, dtype=np.int16).reshape(4, 5, 3) % 3, np.eye(4))
    for masker in (NiftiLabelsMasker(labels), NiftiLabelsMasker(labels).fit()):
        assert ic.read_nifti(image, masker).units["mask"].tolist() == [1, 2] * 20
    with pytest.raises(ic.InputError, match="NiftiMapsMasker has weights of overlapping maps"):
        ic.read_nifti(image, NiftiMapsMasker(image))


@pytest.mark.parametrize("column", [pd.Series, np.array, pd.Index, tuple])
def test_paths_of_betas_may_stand_in_a_column(column, volumes, tmp_path):
    paths = [tmp_path / f"{i}.nii.gz" for i in range(3)]
    for i, path in enumerate(paths):
        image(volumes[..., i]).to_filename(path)
    found = ic.read_nifti(column([str(each) for each in paths]))
    np.testing.assert_array_equal(found.numpy(), ic.read_nifti(paths).numpy())


def test_masks_may_be_lists_of_numbers(volumes):
    inside = np.zeros(volumes.shape[:3], int)
    inside[1] = 1
    assert ic.read_nifti(image(volumes), inside.tolist()).n_units == inside.sum()


def test_the_wrong_reader_names_the_right_one(tmp_path):
    path = tmp_path / "x.nii"
    nib.Nifti1Image(np.ones((4, 5, 3)), np.eye(4)).to_filename(path)
    with pytest.raises(ic.FormatError, match="no GIFTI file .*read_nifti reads it"):
        ic.read_gifti(path)
    with pytest.raises(ic.FormatError, match="not a CIFTI file .*read_nifti reads it"):
        ic.read_cifti(path)


def test_minc_takes_no_numbers_from_other_files(tmp_path):
    import h5py

    packaged = Path(nib.__file__).parent / "tests" / "data" / "minc2_1_scale.mnc"
    if not packaged.is_file():
        pytest.skip("nibabel is installed without its test files")
    copy = tmp_path / "scan.mnc"
    copy.write_bytes(packaged.read_bytes())
    (tmp_path / "other.mnc").write_bytes(packaged.read_bytes())
    assert ic.read_nifti(copy).n_stimuli == 1
    with h5py.File(copy, "a") as file:
        del file["minc-2.0/image/0/image"]
        file["minc-2.0/image/0/image"] = h5py.ExternalLink("other.mnc", "minc-2.0/image/0/image")
    with pytest.raises(ic.FormatError, match=r"scan\.mnc.* other file"):
        ic.read_nifti(copy)


def test_minc_in_four_dimensions_is_refused():
    packaged = Path(nib.__file__).parent / "tests" / "data" / "minc1_4d.mnc"
    if not packaged.is_file():
        pytest.skip("nibabel is installed without its test files")
    with pytest.raises(ic.FormatError, match="volumes along the first axis"):
        ic.read_nifti(packaged)
