"""Maps of nilearn and rsatoolbox, where their neighbourhoods are right."""

import contextlib
import io

import nibabel as nib
import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import LeaveOneGroupOut

import isocortex as ic


@pytest.mark.filterwarnings("ignore:Use a custom estimator:UserWarning")
def test_decoding_is_the_map_of_nilearn():
    from nilearn.decoding import SearchLight

    rng = np.random.default_rng(0)
    labels, runs = np.tile(["face", "house"], 12), np.repeat([1, 2, 3, 4], 6)
    values = rng.normal(size=(5, 5, 4, 24))
    values[2:, 2:, :, ::2] += 0.8
    image = nib.Nifti1Image(values, np.diag([3.0, 3, 3, 1]))
    mask = nib.Nifti1Image((rng.random((5, 5, 4)) < 0.8).astype(np.int8), image.affine)
    trials = ic.read_volumes(image, mask, stimuli=labels, runs=runs)
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.5)
    # Between two shells, so that no voxel lies at the radius itself.
    near = ic.neighbours(trials, radius=4.5)
    ours = ic.searchlight(trials, near, ic.Decoding(labels, model))
    theirs = SearchLight(mask, radius=4.5, estimator=model, cv=LeaveOneGroupOut(), n_jobs=1)
    with contextlib.redirect_stdout(io.StringIO()):
        theirs.fit(image, labels, groups=runs)
    i, j, k = (near.units[c].to_numpy() for c in "ijk")
    np.testing.assert_allclose(ours.values, theirs.scores_[i, j, k], atol=1e-12)


def test_rsa_is_the_map_of_rsatoolbox(capsys):
    from rsatoolbox.inference import eval_fixed
    from rsatoolbox.model import ModelFixed
    from rsatoolbox.util.searchlight import (
        evaluate_models_searchlight,
        get_searchlight_RDMs,
        get_volume_searchlight,
    )

    rng = np.random.default_rng(0)
    names = [f"s{i}" for i in range(8)]
    image = nib.Nifti1Image(rng.normal(size=(6, 6, 6, 8)), np.diag([2.0, 2, 2, 1]))
    voxels = ic.read_nifti(image, stimuli=names)
    models = ic.RDMs(rng.random((2, 28)), names)
    mask = np.ones((6, 6, 6))
    centres, members = get_volume_searchlight(mask, radius=1.5, threshold=1.0)
    made = get_searchlight_RDMs(voxels.numpy(), centres, members, np.arange(8), "correlation")
    fixed = [ModelFixed(f"m{i}", row) for i, row in enumerate(models.values)]
    found = evaluate_models_searchlight(made, fixed, eval_fixed, method="spearman", n_jobs=1)
    capsys.readouterr()
    near = ic.neighbours(voxels, radius=3.0).at(np.asarray(centres))
    ours = ic.searchlight(voxels, near, ic.RSA(models, "correlation", "spearman"))
    theirs = np.array([each.evaluations.ravel() for each in found]).T
    np.testing.assert_allclose(ours.values, theirs, atol=1e-10)
