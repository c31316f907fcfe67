"""Maps of scores and of clusters on disk: which column, beyond what, and back in the same space."""

import nibabel as nib
import numpy as np
import pytest
from nibabel.cifti2 import BrainModelAxis, Cifti2Image, ScalarAxis
from nibabel.gifti import GiftiDataArray, GiftiImage
from scipy import sparse

import isocortex as ic

AFFINE = np.array([[-2.0, 0, 0.3, 10], [0, 2.5, 0.1, -20], [0.2, -0.1, 3, 5], [0, 0, 0, 1]])


@pytest.fixture
def volume(rng):
    mask = rng.random((4, 5, 3)) < 0.7
    return ic.read_nifti(nib.Nifti1Image(rng.normal(size=(4, 5, 3, 2)), AFFINE), mask.astype(int))


@pytest.fixture
def surface(rng):
    row = GiftiDataArray(rng.normal(size=30).astype(np.float32))
    return ic.read_gifti(GiftiImage(darrays=[row]), np.arange(30) % 4)


@pytest.fixture
def grayordinates(rng):
    axis = BrainModelAxis.from_mask(np.ones(9), "CortexLeft")
    axis += BrainModelAxis.from_mask(np.ones(7), "CortexRight")
    return ic.read_cifti(Cifti2Image(rng.normal(size=(1, 16)), (ScalarAxis(["a"]), axis)))


def maps_of(recording, rng):
    values, p = rng.normal(size=recording.n_units), rng.random(recording.n_units)
    return ic.Scores(values, {"unit": recording.units}, "t", {"p": p, "p_fdr": p / 2})


KINDS = {
    "volume": (ic.write_nifti, ic.read_nifti, "map.nii.gz"),
    "surface": (ic.write_gifti, ic.read_gifti, "map.func.gii"),
    "grayordinates": (ic.write_cifti, ic.read_cifti, "map.dscalar.nii"),
}


def mask_of(recording):
    """The mask that read the recording, as read_* takes it."""
    space = recording.units.attrs["space"]
    labels = recording.units["mask"].to_numpy()
    if hasattr(space, "affine"):
        mask = np.zeros(space.shape, dtype=int)
        mask[tuple(recording.units[name] for name in "ijk")] = labels
        return mask
    column = "vertex" if hasattr(space, "n_vertices") else "grayordinate"
    mask = np.zeros(getattr(space, "n_vertices", 16), dtype=int)
    mask[recording.units[column]] = labels
    return mask


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("column", ["score", "p", "p_fdr"])
def test_a_column_comes_back_in_the_same_space(kind, column, request, rng, tmp_path):
    recording = request.getfixturevalue(kind)
    write, read, name = KINDS[kind]
    scores = maps_of(recording, rng)
    path = write(scores, tmp_path / name, column=column)
    back = read(path, mask_of(recording))
    expected = scores.values if column == "score" else scores.columns[column]
    np.testing.assert_allclose(back.numpy()[0], expected, rtol=1e-6)
    columns = [c for c in recording.units.columns if c != "mask"]
    assert back.units[columns].equals(recording.units[columns])
    ours, theirs = (each.units.attrs["space"] for each in (recording, back))
    if kind == "volume":
        np.testing.assert_allclose(theirs.affine, ours.affine, atol=1e-6)
    assert str(write(scores, tmp_path / name, recording, column=column)) == str(path)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_beyond_is_outside(kind, request, rng, tmp_path):
    recording = request.getfixturevalue(kind)
    write, read, name = KINDS[kind]
    scores = maps_of(recording, rng)
    options = {"threshold": 0.5, "p": {"p_fdr": 0.3}, "outside": -9}
    back = read(write(scores, tmp_path / name, **options), mask_of(recording)).numpy()[0]
    keep = (np.abs(scores.values) >= 0.5) & (scores.columns["p_fdr"] <= 0.3)
    np.testing.assert_allclose(back, np.where(keep, scores.values, -9), rtol=1e-6)
    at_p = read(write(scores, tmp_path / name, p=0.3), mask_of(recording)).numpy()[0]
    np.testing.assert_array_equal(at_p != 0, scores.columns["p"] <= 0.3)


def test_clusters_are_written_by_themselves(volume, rng, tmp_path):
    n = volume.n_units
    near = sparse.diags_array([np.ones(n - 1), np.ones(n - 1)], offsets=[-1, 1])
    x = rng.normal(size=(7, n))
    x[:, 3:9] += 3
    scores = ic.Scores(x, {"subject": {"subject": range(7)}, "unit": volume.units})
    found = ic.clusters(scores, near, threshold=3.0)
    paths = {
        column: ic.write_nifti(found, tmp_path / f"{column}.nii.gz", column=column)
        for column in ("score", "p", "cluster")
    }
    at = tuple(volume.units[name] for name in "ijk")
    read = {column: nib.load(path).get_fdata()[at] for column, path in paths.items()}
    np.testing.assert_allclose(read["score"], found.t[0], rtol=1e-6)
    np.testing.assert_allclose(read["p"], found.p[0], rtol=1e-6)
    np.testing.assert_array_equal(read["cluster"] == 1, found.which[0] == 0)
    table = found.table
    assert np.allclose(
        AFFINE[:3] @ [*table.loc[0, ["i", "j", "k"]], 1],
        table.loc[0, ["x", "y", "z"]].astype(float),
        atol=1e-3,
    )
    kept = nib.load(ic.write_nifti(found, tmp_path / "kept.nii", p=0.05)).get_fdata()[at]
    np.testing.assert_array_equal(kept != 0, found.p[0] <= 0.05)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"column": "q"}, "no column 'q'.*'score', 'p', 'p_fdr'"),
        ({"p": 5}, "between 0 and 1, not 5"),
        ({"p": {"p_fd": 0.05}}, "no column 'p_fd'. Did you mean 'p_fdr'"),
        ({"threshold": -1}, "0 or above"),
    ],
)
def test_says_what_is_wrong_and_writes_nothing(volume, rng, tmp_path, options, message):
    with pytest.raises(ic.InputError, match=message):
        ic.write_nifti(maps_of(volume, rng), tmp_path / "m.nii", **options)
    assert list(tmp_path.iterdir()) == []


def test_arrays_have_a_threshold_but_no_columns(volume, tmp_path):
    values = volume.numpy()[0]
    with pytest.raises(ic.InputError, match="column= and p= need Scores or Clusters"):
        ic.write_nifti(values, tmp_path / "m.nii", volume, p=0.05)
    with pytest.raises(ic.InputError, match="needs like=recording"):
        ic.write_nifti(values, tmp_path / "m.nii")
    for given in (values, volume.take([0])):
        path = ic.write_nifti(given, tmp_path / "m.nii", volume, threshold=1.0)
        assert np.count_nonzero(nib.load(path).get_fdata()) == (np.abs(values) >= 1).sum()


def test_maps_that_lost_their_space_are_told(volume, rng, tmp_path):
    scores = ic.Scores(rng.normal(size=5), {"unit": {"i": range(5), "j": range(5), "k": range(5)}})
    with pytest.raises(ic.InputError, match="like has no Volume.*Give the recording"):
        ic.write_nifti(scores, tmp_path / "m.nii")


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_significant_where_nothing_was_tested(kind, request, rng, tmp_path):
    write, _, name = KINDS[kind]
    recording = request.getfixturevalue(kind)
    maps = maps_of(recording, rng)

    def written(**asked):
        image = nib.load(write(maps, tmp_path / name, recording, **asked))
        data = image.darrays[0].data if hasattr(image, "darrays") else image.get_fdata()
        return np.ravel(data)

    p = maps.columns["p"]
    assert (written(column="p") < 0.3).sum() == (p < 0.3).sum()
    kept = np.abs(maps.values) >= 1
    assert (written(column="p", threshold=1.0) < 0.3).sum() == (kept & (p < 0.3)).sum()
    assert (written(column="p_fdr", p=0.5) < 1).sum() == (p <= 0.5).sum()
    assert (written(p=0.5) != 0).sum() == (p <= 0.5).sum()
    if kind != "grayordinates":
        assert (written(column="p", outside=-1) == -1).sum() > 0


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"threshold": "2"}, "threshold must be 0 or above|needs a number"),
        ({"threshold": np.nan}, "threshold must be 0 or above"),
        ({"p": "0.05"}, "level of p lies between 0 and 1, not '0.05'|needs"),
        ({"p": 0}, "level of p lies between"),
        ({"column": ["p"]}, "column=.* must be a name|needs a string"),
        ({"column": "P"}, "no column 'P'. Did you mean 'p'"),
    ],
)
def test_what_no_map_has_is_a_sentence(volume, rng, tmp_path, asked, words):
    with pytest.raises(ic.InputError, match=words):
        ic.write_nifti(maps_of(volume, rng), tmp_path / "map.nii", **asked)


def test_a_map_is_numbers(volume, tmp_path):
    with pytest.raises(ic.InputError, match="a map is numbers"):
        ic.write_nifti(["high"] * volume.n_units, tmp_path / "map.nii", like=volume)
