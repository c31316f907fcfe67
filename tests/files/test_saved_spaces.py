"""Recordings of every kind of image are saved with their space, and maps written again."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from nibabel import cifti2

import isocortex as ic


def on_meshes(folder, rng):
    thick = rng.normal(size=(2, 6, 1, 1, 2)).astype(np.float32)
    sides = dict(zip(("left", "right"), thick, strict=True))
    recording = ic.read_surface({k: nib.MGHImage(v, np.eye(4)) for k, v in sides.items()})
    return recording, {"left": folder / "lh.map.mgh", "right": folder / "rh.map.mgh"}


def in_parcels(folder, rng):
    voxels = [np.array([[0, 0, 0], [1, 0, 0]]), np.array([[2, 0, 0]]), np.empty((0, 3), int)]
    vertices = [{}, {}, {"CIFTI_STRUCTURE_CORTEX_LEFT": np.array([1, 4])}]
    size = {"CIFTI_STRUCTURE_CORTEX_LEFT": 9}
    axis = cifti2.ParcelsAxis(["A", "B", "C"], voxels, vertices, np.eye(4), (3, 1, 1), size)
    header = (cifti2.ScalarAxis(["a", "b"]), axis)
    return ic.read_cifti(nib.Cifti2Image(rng.normal(size=(2, 3)), header)), folder / "m.pscalar.nii"


def in_mgh(folder, rng):
    image = nib.MGHImage(rng.normal(size=(3, 4, 2, 2)).astype(np.float32), np.diag([2.0, 2, 2, 1]))
    return ic.read_nifti(image), folder / "map.mgz"


def in_minc(folder, rng):
    packaged = Path(nib.__file__).parent / "tests" / "data" / "minc1_1_scale.mnc"
    if not packaged.is_file():
        pytest.skip("nibabel is installed without its test files")
    return ic.read_nifti(packaged), folder / "map.nii"


@pytest.mark.parametrize("made", [on_meshes, in_parcels, in_mgh, in_minc])
def test_a_recording_is_saved_with_its_space(made, tmp_path, rng):
    recording, path = made(tmp_path, rng)
    again = ic.read(ic.save(recording, tmp_path / "saved.npz"))
    np.testing.assert_array_equal(again.numpy(), recording.numpy())
    assert again.units.equals(recording.units)
    write = {on_meshes: ic.write_surface, in_parcels: ic.write_cifti}.get(made, ic.write_nifti)
    files = write(again.numpy()[0], path, again)
    written = ic.read_surface(files) if isinstance(files, dict) else ic.read(files)
    np.testing.assert_array_equal(written.numpy()[0], recording.numpy()[0].astype(np.float32))
