import nibabel as nib
import numpy as np
import pytest

import isocortex as ic

AFFINE = np.diag([3.0, 3, 3, 1])


@pytest.fixture
def files(rng, tmp_path):
    """Betas of six stimuli, a mask with a hole, and two models."""
    names = [f"img{i}" for i in range(6)]
    models = ic.RDMs(rng.random((2, 15)), names, {"layer": ["conv1", "fc"]})
    mask = np.ones((5, 5, 4), np.int16)
    mask[2, 2, 2] = mask[0, 0, 0] = 0
    nib.save(nib.Nifti1Image(rng.normal(size=(5, 5, 4, 6)), AFFINE), tmp_path / "betas.nii.gz")
    nib.save(nib.Nifti1Image(mask, AFFINE), tmp_path / "mask.nii.gz")
    ic.write_rdms(models, tmp_path / "models.npz")
    return models


def arguments(folder, *more):
    places = {"--recording": "betas.nii.gz", "--mask": "mask.nii.gz", "--models": "models.npz"}
    pairs = [(flag, folder / name) for flag, name in places.items()]
    return ("searchlight", *(each for pair in pairs for each in pair), "--radius", 6, *more)


def test_the_map_is_that_of_the_verb(command, files, tmp_path):
    (tmp_path / "names.txt").write_text("\n".join(reversed(files.stimuli)) + "\n")
    code, out, err = command(
        *arguments(tmp_path, "--into", tmp_path / "map.nii.gz", "--stimuli", tmp_path / "names.txt")
    )
    assert code == 0, err
    assert "Neighbours(98 centres of 98 units" in out
    assert "layer conv1: correlation, spearman from" in out
    names = list(reversed(files.stimuli))
    voxels = ic.read_nifti(tmp_path / "betas.nii.gz", tmp_path / "mask.nii.gz", names)
    near = ic.neighbours(voxels, radius=6.0)
    expected = ic.searchlight(voxels, near, ic.RSA(files))
    written = nib.load(tmp_path / "map.nii.gz").get_fdata()
    i, j, k = (voxels.units[c].to_numpy() for c in "ijk")
    np.testing.assert_allclose(written[i, j, k].T, expected.values, atol=1e-6)


def test_volumes_without_names_are_in_the_order_of_the_models_and_that_is_told(
    command, files, tmp_path
):
    code, out, _ = command(
        *arguments(tmp_path, "--into", tmp_path / "map.nii", "--comparison", "pearson")
    )
    assert code == 0
    assert "in the order of the models' stimuli: img0" in out


def test_trials_with_runs_are_crossnobis(command, files, rng, tmp_path):
    values = rng.normal(size=(5, 5, 4, 18))
    nib.save(nib.Nifti1Image(values, AFFINE), tmp_path / "betas.nii.gz")
    (tmp_path / "names.txt").write_text("\n".join(list(files.stimuli) * 3))
    (tmp_path / "runs.txt").write_text("\n".join("1" * 6 + "2" * 6 + "3" * 6))
    more = ("--stimuli", tmp_path / "names.txt", "--runs", tmp_path / "runs.txt")
    code, out, err = command(*arguments(tmp_path, "--into", tmp_path / "map.nii.gz", *more))
    assert code == 0, err
    assert "layer fc: crossnobis, spearman from" in out


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--into", "map.png"), "must end in .nii.gz, .nii, .mgz or .mgh"),
        (("--into", "map.nii", "--units", 5000), "has 98 units"),
        (("--into", "map.nii", "--comparison", "rank"), "--comparison rank is not known"),
        (("--into", "map.nii", "--stimuli", "none.txt"), "There is no file 'none.txt'"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(command, files, tmp_path, more, words):
    code, _, err = command(*arguments(tmp_path, *more))
    assert code in (1, 2)
    assert words in err
