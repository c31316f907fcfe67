"""The files that nibabel, nilearn, scipy and MNE bring with them: told, and read as there."""

from importlib.util import find_spec
from pathlib import Path

import nibabel
import numpy as np
import pytest

import isocortex as ic
from isocortex.cli._describe import describe_file
from isocortex.files.formats import format_of


def packaged(package, *suffixes):
    """Files of a package whose names end so."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return []
    root = Path(spec.origin).parent
    return sorted(p for p in root.rglob("*") if p.is_file() and p.name.endswith(suffixes))


def known(path):
    try:
        return format_of(path)
    except ic.InputError:
        return None


def name_of(path):
    return "/".join(path.parts[-2:])


IMAGES = [
    path
    for package in ("nibabel", "nilearn")
    for path in packaged(package, ".nii", ".nii.gz", ".gii", ".gii.gz", ".mgz", ".mgh", ".hdr")
]
TABLES = [
    path
    for package in ("nilearn", "mne", "scipy")
    for path in packaged(package, ".csv", ".tsv", ".mat", ".fif", ".fif.gz", ".npz", ".npy", ".nc")
]


@pytest.mark.parametrize("path", IMAGES + TABLES, ids=name_of)
def test_info_tells_what_it_is_or_says_why_not(path):
    if known(path) is None:
        pytest.skip("no reader takes it")
    tables = said = None
    try:
        tables = describe_file(path)
    except ic.IsocortexError as error:
        said = str(error)
    assert all(table.title or table.rows for table in tables) if tables else path.name in said


@pytest.mark.parametrize("path", IMAGES, ids=name_of)
def test_images_have_the_values_of_nibabel(path):
    form = known(path)
    try:
        image = nibabel.load(path)
    except Exception:  # Some are there to be refused; then so do we.
        with pytest.raises(ic.IsocortexError, match=path.name[:6]):
            ic.read(path)
        return
    if refusable(image, form, path):
        with pytest.raises(ic.IsocortexError):
            ic.read(path, nan="drop")
        return
    found = ic.read(path, nan="drop").numpy()
    np.testing.assert_array_equal(found, values_of(image))


def refusable(image, form, path):
    """Meshes, colours and connectomes are no recordings; a header without its image is half."""
    if path.name.endswith(".hdr") and not path.with_suffix(".img").exists():
        return True
    if form.name == "gifti":
        intents = {each.intent for each in image.darrays}
        lengths = {each.data.shape[0] for each in image.darrays}
        return bool(intents & {1008, 1009}) or len(lengths) != 1
    if form.name == "cifti" or not hasattr(image, "affine"):
        return image.ndim != 2
    return image.get_data_dtype().kind not in "biuf" or not np.asarray(image.dataobj).any()


def values_of(image):
    """Rows of what differs from zero in some row."""
    if hasattr(image, "darrays"):
        rows = np.concatenate([e.data.reshape(e.data.shape[0], -1).T for e in image.darrays])
    else:
        data = np.asarray(image.dataobj)
        rows = data if data.ndim == 2 else data.reshape(int(np.prod(data.shape[:3])), -1).T
    finite = np.isfinite(rows).all(0) if rows.dtype.kind == "f" else np.ones(rows.shape[1], bool)
    return rows[:, finite & (np.nan_to_num(rows) != 0).any(0)]
