"""Overlays and annotations of FreeSurfer, one hemisphere and both; nibabel is the oracle."""

import nibabel as nib
import numpy as np
import pandas as pd
import pytest
from nibabel import freesurfer

import isocortex as ic
from isocortex.cli._describe import describe_file
from isocortex.formats.freesurfer import read_annotation, read_overlay

REGIONS = ["unknown", "V1", "fusiform", "medial_wall"]
COLOURS = np.array([[25, 5, 25, 0], [9, 8, 7, 0], [200, 20, 220, 0], [1, 2, 3, 0]])


@pytest.fixture
def thick(rng):
    return rng.normal(2.5, 0.4, size=30).astype(np.float32)


@pytest.fixture
def labels():
    return np.r_[np.zeros(5, int), np.ones(10, int), np.full(8, 2), np.full(4, 3), np.full(3, -1)]


@pytest.fixture
def folder(tmp_path, thick, labels):
    """Both hemispheres; the right one is the left one with the other sign."""
    for side, sign in (("lh", 1), ("rh", -1)):
        freesurfer.write_morph_data(tmp_path / f"{side}.thickness", sign * thick)
        freesurfer.write_annot(
            tmp_path / f"{side}.aparc.annot", labels, COLOURS, REGIONS, fill_ctab=True
        )
    return tmp_path


def both(folder, name):
    return {"left": folder / f"lh.{name}", "right": folder / f"rh.{name}"}


def test_an_overlay_has_the_numbers_of_nibabel(folder, thick):
    found = ic.read(folder / "lh.thickness")
    np.testing.assert_array_equal(found.numpy()[0], thick)
    np.testing.assert_array_equal(
        found.numpy()[0], freesurfer.read_morph_data(folder / "lh.thickness")
    )
    assert found.units.to_dict("list") == {
        "hemisphere": ["left"] * 30,
        "vertex": list(range(30)),
        "mask": [1] * 30,
    }


def test_overlays_before_1999_are_read(tmp_path, thick):
    hundredths = np.round(100 * thick).astype(">i2")
    raw = (30).to_bytes(3, "big") + (56).to_bytes(3, "big") + hundredths.tobytes()
    (tmp_path / "lh.curv").write_bytes(raw)
    expected = freesurfer.read_morph_data(tmp_path / "lh.curv")
    np.testing.assert_allclose(read_overlay(tmp_path / "lh.curv"), expected, rtol=1e-6)


@pytest.mark.parametrize("kind", ["mgh", "mgz"])
def test_mgh_on_a_mesh_are_rows_of_vertices(tmp_path, rng, kind):
    betas = rng.normal(size=(30, 1, 1, 4)).astype(np.float32)
    path = tmp_path / f"rh.betas.{kind}"
    nib.save(nib.MGHImage(betas, np.eye(4)), path)
    found = ic.read(path, stimuli=list("abcd"))
    np.testing.assert_array_equal(found.numpy(), betas[:, 0, 0].T)
    assert set(found.units["hemisphere"]) == {"right"}
    trials = ic.read_volumes([path, path], stimuli=list("abab") * 2)
    np.testing.assert_array_equal(trials.values[4:], betas[:, 0, 0].T)


def test_annotations_are_those_of_nibabel(folder):
    found = read_annotation(folder / "lh.aparc.annot")
    expected, _, names = freesurfer.read_annot(folder / "lh.aparc.annot")
    np.testing.assert_array_equal(found.labels, expected)
    assert list(found.names) == [name.decode() for name in names]


def test_older_annotations_are_those_of_nibabel(tmp_path, labels):
    codes = COLOURS[:, 0] + (COLOURS[:, 1] << 8) + (COLOURS[:, 2] << 16)
    pairs = np.column_stack([np.arange(30), np.where(labels < 0, 0, codes[labels])])

    def text(name):
        return np.array([len(name) + 1], ">i4").tobytes() + name.encode() + b"\0"

    raw = np.array([30, *pairs.ravel(), 1, 4], ">i4").tobytes() + text("table.txt")
    for name, colour in zip(REGIONS, COLOURS, strict=True):
        raw += text(name) + colour.astype(">i4").tobytes()
    (tmp_path / "lh.old.annot").write_bytes(raw)
    found = read_annotation(tmp_path / "lh.old.annot")
    expected, _, names = freesurfer.read_annot(tmp_path / "lh.old.annot")
    np.testing.assert_array_equal(found.labels, expected)
    assert [name.encode() for name in found.names] == [name.rstrip(b"\0") for name in names]


def test_annotations_are_regions_of_both_hemispheres(folder, thick, labels):
    found = ic.read_surface(both(folder, "thickness"), both(folder, "aparc.annot"))
    inside = (labels == 1) | (labels == 2)
    np.testing.assert_array_equal(found.numpy()[0], np.r_[thick[inside], -thick[inside]])
    assert found.units["hemisphere"].tolist() == ["left"] * 18 + ["right"] * 18
    assert found.units["vertex"].tolist() == 2 * np.nonzero(inside)[0].tolist()
    assert found.units["region"].tolist() == 2 * (["V1"] * 10 + ["fusiform"] * 8)
    left = ic.read_surface(folder / "lh.thickness", folder / "lh.aparc.annot")
    means = ic.regions(left, by="region")
    assert means.units["region"].tolist() == ["V1", "fusiform"]
    np.testing.assert_allclose(means.numpy()[0], [thick[5:15].mean(), thick[15:23].mean()], 1e-6)


def test_an_annotation_can_be_read_alone(folder, labels):
    found = ic.read(folder / "lh.aparc.annot")
    np.testing.assert_array_equal(found.numpy()[0], labels[(labels == 1) | (labels == 2)])


def test_maps_go_back_to_the_same_vertices(folder, thick, tmp_path):
    masks = {side: np.arange(30) % 3 for side in ("left", "right")}
    found = ic.read_surface(both(folder, "thickness"), masks, ["sub-01"])
    expected = np.where(np.arange(30) % 3, thick, 0)
    for name in ("map.mgh", "map.mgz", "map.func.gii", "map"):
        paths = {"left": tmp_path / f"lh.{name}", "right": tmp_path / f"rh.{name}"}
        assert ic.write_surface(found, paths) == paths
        again = ic.read_surface(paths, masks)
        np.testing.assert_array_equal(again.numpy(), found.numpy())
        pd.testing.assert_frame_equal(again.units, found.units)
    np.testing.assert_array_equal(freesurfer.read_morph_data(tmp_path / "rh.map"), -expected)
    np.testing.assert_array_equal(nib.load(tmp_path / "lh.map.mgz").dataobj[:, 0, 0], expected)
    gii = nib.load(tmp_path / "rh.map.func.gii")
    assert gii.darrays[0].meta["AnatomicalStructurePrimary"] == "CortexRight"


def test_scores_of_one_hemisphere_and_of_some_vertices(folder, thick, tmp_path):
    found = ic.read_surface(both(folder, "thickness"))
    scores = ic.Scores(found.numpy()[0].astype(float), {"unit": found.units}, "r")
    kept = scores.select(hemisphere="right")
    paths = {"left": tmp_path / "lh.r.mgh", "right": tmp_path / "rh.r.mgh"}
    ic.write_surface(kept, paths, found, threshold=2.5)
    right = np.where(thick >= 2.5, -thick, 0)
    written = ic.read_surface(paths, {side: np.ones(30) for side in paths}).numpy()[0]
    np.testing.assert_array_equal(written, np.r_[np.zeros(30), right])


def test_surface_images_of_nilearn_are_read(rng):
    surface = pytest.importorskip("nilearn.surface")
    square = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], float)
    mesh = surface.PolyMesh(*(surface.InMemoryMesh(square, np.array([[0, 1, 2], [1, 2, 3]])),) * 2)
    parts = {side: rng.normal(size=(4, 3)) for side in ("left", "right")}
    found = ic.read_surface(surface.SurfaceImage(mesh, parts))
    np.testing.assert_array_equal(found.numpy(), np.r_[parts["left"], parts["right"]].T)
    trials = ic.read_volumes(surface.SurfaceImage(mesh, parts), stimuli=["a", "b", "a"])
    assert trials.n_units == 8


def test_neighbours_and_figures_take_both_hemispheres(rng, tmp_path):
    triangles = (np.eye(3), np.array([[0, 1, 2]]))
    values = rng.normal(size=(3, 1, 1, 4)).astype(np.float32)
    image = nib.MGHImage(values, np.eye(4))
    found = ic.read_surface({"left": image, "right": image})
    near = ic.neighbours(found, mesh={"left": triangles, "right": triangles}, n_units=3)
    assert sorted(near.members(5).tolist()) == [3, 4, 5]


def test_info_tells_what_it_is(folder):
    (facts,) = describe_file(folder / "rh.thickness")
    assert dict(facts.rows)["vertices"] == 30
    assert dict(facts.rows)["hemisphere"] == "right"
    head, table = describe_file(folder / "lh.aparc.annot")
    assert "regions" in head.title
    assert list(table.rows) == [("unknown", 5), ("V1", 10), ("fusiform", 8), ("medial_wall", 4)]


def test_overlays_of_any_name_are_known_by_what_they_hold(folder, thick):
    (folder / "lh.myelin").write_bytes((folder / "lh.thickness").read_bytes())
    np.testing.assert_array_equal(ic.read(folder / "lh.myelin").numpy()[0], thick)
    faces = np.array([[0, 1, 2]])
    freesurfer.write_geometry(folder / "lh.pial", np.eye(3), faces)
    with pytest.raises(ic.FormatError, match="holds a mesh"):
        ic.read(folder / "lh.pial")


def test_faults_are_sentences(folder, thick, tmp_path):
    turned = {"left": folder / "rh.thickness", "right": folder / "lh.thickness"}
    with pytest.raises(ic.InputError, match="called 'left' is of the right hemisphere"):
        ic.read_surface(turned)
    with pytest.raises(ic.InputError, match="these are of the left and right .*'right': ..."):
        ic.read_surface(list(both(folder, "thickness").values()))
    with pytest.raises(ic.InputError, match="the mask is of the right hemisphere"):
        ic.read_surface(folder / "lh.thickness", folder / "rh.aparc.annot")
    with pytest.raises(ic.InputError, match="give a mask of each hemisphere"):
        ic.read_surface(both(folder, "thickness"), np.ones(30))
    with pytest.raises(ic.InputError, match="hemispheres are called 'left' and 'right'"):
        ic.read_surface({"sub-01": folder / "lh.thickness"})
    with pytest.raises(ic.InputError, match="different numbers of rows"):
        ic.read_surface({**both(folder, "thickness"), "left": [folder / "lh.thickness"] * 2})
    with pytest.raises(ic.FormatError, match=r"shape \(2, 3, 4\).* read_nifti reads it"):
        ic.read_surface(nib.Nifti1Image(np.ones((2, 3, 4)), np.eye(4)))
    with pytest.raises(ic.NotFoundError, match=r"lh\.none"):
        ic.read_surface(folder / "lh.none")
    found = ic.read_surface(both(folder, "thickness"))
    with pytest.raises(ic.InputError, match="give a file for each"):
        ic.write_surface(found, tmp_path / "lh.x.mgh")
    with pytest.raises(ic.InputError, match="'left', but the recording has left and right"):
        ic.write_surface(found, {"left": tmp_path / "lh.x.mgh"})
    one = ic.read_surface([folder / "lh.thickness"] * 2)
    with pytest.raises(ic.InputError, match="holds one map, but there are 2"):
        ic.write_surface(one, tmp_path / "lh.x")
    with pytest.raises(ic.InputError, match=r"must end in \.gii"):
        ic.write_surface(one, tmp_path / "x.nii.gz")


@pytest.mark.parametrize("name", ["lh.thickness", "lh.aparc.annot"])
def test_truncated_and_swollen_files_are_refused(folder, name):
    raw = (folder / name).read_bytes()
    for damaged in (raw[:-3], raw[:40], raw[:2], b"", raw[:4] + b"\x7f\xff\xff\xff" + raw[8:]):
        (folder / name).write_bytes(damaged)
        with pytest.raises(ic.FormatError, match=name):
            ic.read(folder / name)
