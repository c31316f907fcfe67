"""Neighbourhoods against slow truth and against nilearn, rsatoolbox, mne-rsa and MNE."""

import nibabel as nib
import numpy as np
import pandas as pd
import pytest

import isocortex as ic
from isocortex.searchlights.distance import nearest, within


def oblique(sizes, degrees=30.0, origin=(-37.5, 12.25, 4.0)):
    a = np.radians(degrees)
    turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1.0]])
    tilt = np.array(
        [[1, 0, 0], [0, np.cos(a / 2), -np.sin(a / 2)], [0, np.sin(a / 2), np.cos(a / 2)]]
    )
    affine = np.eye(4)
    affine[:3, :3] = turn @ tilt @ np.diag(sizes)
    affine[:3, 3] = origin
    return affine


AFFINES = {
    "isotropic": np.diag([3.0, 3, 3, 1]),
    "anisotropic": np.diag([3.0, 3, 4, 1]),
    "oblique": oblique([2.0, 2, 4]),
    "left to right, feet first": np.array(
        [[0, -3.0, 0, 80], [-2, 0, 0, 7], [0, 0, -2.5, 9], [0, 0, 0, 1]]
    ),
}


def recorded(affine, shape=(9, 9, 9), mask=None, seed=0):
    betas = np.random.default_rng(seed).normal(size=(*shape, 2))
    return ic.read_nifti(nib.Nifti1Image(betas, affine), mask)


def slow_truth(recording, affine, radius):
    voxels = recording.units[["i", "j", "k"]].to_numpy(float)
    world = nib.affines.apply_affine(affine, voxels)
    away = np.linalg.norm(world[:, None] - world[None], axis=2)
    return away <= radius * (1 + 1e-9)


def dense(near):
    found = np.zeros((len(near), len(near.units)), bool)
    for c in range(len(near)):
        found[c, near.members(c)] = True
    return found


def holes(shape=(9, 9, 9)):
    mask = np.random.default_rng(1).random(shape) < 0.7
    mask[3:5, 4, 2:7] = False
    return mask.astype(np.int8)


@pytest.mark.parametrize("affine", AFFINES.values(), ids=list(AFFINES))
@pytest.mark.parametrize("radius", [4.0, 5.0, 6.0, 7.3])
def test_neighbourhoods_are_balls_in_the_world(affine, radius):
    recording = recorded(affine, (7, 8, 6), holes((7, 8, 6)))
    near = ic.neighbours(recording, radius=radius)
    np.testing.assert_array_equal(dense(near), slow_truth(recording, affine, radius))
    np.testing.assert_array_equal(near.sizes, dense(near).sum(1))
    assert near.indices.dtype == near.sizes.dtype == np.int32


@pytest.mark.parametrize(
    ("sizes", "radius", "inside", "corner"),
    [((3, 3, 3), 6, 33, 11), ((3, 3, 3), 3, 7, 4), ((3, 3, 4), 6, 31, 10), ((1, 1, 1), 3, 123, 29)],
)
def test_counts_of_units_are_those_of_a_ball(sizes, radius, inside, corner):
    near = ic.neighbours(recorded(np.diag([*sizes, 1.0]).astype(float)), radius=radius)
    assert near.sizes.max() == inside
    assert near.sizes[0] == near.sizes.min() == corner


def test_an_oblique_ball_has_39_voxels_not_those_of_the_transposed_affine():
    near = ic.neighbours(recorded(oblique([2.0, 2, 4]), (11, 11, 7)), radius=5.0)
    affine = np.eye(4)
    a = np.radians(30)
    affine[:2, :2] = [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]
    affine = affine @ np.diag([2.0, 2, 4, 1])
    one_turn = ic.neighbours(recorded(affine, (11, 11, 7)), radius=5.0)
    assert near.sizes.max() == one_turn.sizes.max() == 39


@pytest.mark.parametrize("affine", AFFINES.values(), ids=list(AFFINES))
def test_balls_equal_those_of_nilearn(affine):
    from nilearn.maskers.nifti_spheres_masker import apply_mask_and_get_affinity

    mask = holes((6, 7, 6))
    recording = recorded(affine, (6, 7, 6), mask)
    voxels = recording.units[["i", "j", "k"]].to_numpy(float)
    seeds = nib.affines.apply_affine(affine, voxels)
    image = nib.Nifti1Image(mask, affine)
    # r = 6.5 lies between shells, so that rounding decides nothing there.
    _, theirs = apply_mask_and_get_affinity(seeds, None, 6.5, True, image)
    near = ic.neighbours(recording, radius=6.5)
    np.testing.assert_array_equal(dense(near), theirs.toarray().astype(bool))


def test_nilearn_adds_voxels_at_truncated_millimetres_and_we_do_not():
    from nilearn.maskers.nifti_spheres_masker import apply_mask_and_get_affinity

    affine = np.eye(4)
    affine[:3, 3] = -4.5
    mask = np.ones((9, 9, 9), np.int8)
    voxels = np.argwhere(mask).astype(float)
    seeds = nib.affines.apply_affine(affine, voxels)
    _, theirs = apply_mask_and_get_affinity(seeds, None, 0.9, True, nib.Nifti1Image(mask, affine))
    indptr, _ = within(seeds, 0.9)
    np.testing.assert_array_equal(np.diff(indptr), 1)
    assert (np.asarray(theirs.sum(1)).ravel() != 1).sum() == 217


def test_rsatoolbox_leaves_out_what_lies_at_the_radius_itself(capsys):
    from rsatoolbox.util.searchlight import get_volume_searchlight

    mask = np.ones((7, 7, 7))
    centres, theirs = get_volume_searchlight(mask, radius=2, threshold=1.0)
    capsys.readouterr()
    inner = np.ravel_multi_index((3, 3, 3), mask.shape)
    # Theirs are distances in voxels below 2: 27; ours of 3 mm voxels, at most 6 mm: 33.
    assert len(theirs[list(centres).index(inner)]) == 27
    ours = ic.neighbours(recorded(np.diag([3.0, 3, 3, 1]), mask.shape), radius=6.0)
    assert ours.sizes[inner] == 33
    # Where no voxel lies at the radius, all balls are the same.
    radius = 2.1
    ours = ic.neighbours(recorded(np.eye(4), mask.shape), radius=radius)
    centres, theirs = get_volume_searchlight(mask, radius=radius, threshold=0.0)
    capsys.readouterr()
    for centre, members in zip(centres, theirs, strict=True):
        np.testing.assert_array_equal(np.sort(members), ours.members(centre))


def test_mne_rsa_lets_rounding_decide_at_the_radius():
    from mne_rsa.searchlight import searchlight
    from scipy.spatial.distance import cdist

    points = np.argwhere(np.ones((5, 5, 5))) * 0.003 + 0.07
    away = cdist(points, points)
    ours = ic.neighbours(recorded(np.diag([3.0, 3, 3, 1]), (5, 5, 5)), radius=3.0)
    middle = 62

    def theirs(radius):
        patches = searchlight((1, len(points)), dist=away, spatial_radius=radius)
        return [len(np.unique(np.asarray(patch[-1]))) for patch in patches]

    assert ours.sizes[middle] == 7
    assert theirs(0.0031)[middle] == 7
    assert theirs(0.003)[middle] < 7
    np.testing.assert_array_equal(theirs(0.0031), ours.sizes)


def test_the_nearest_units_are_so_many_and_ties_go_to_the_first():
    recording = recorded(AFFINES["oblique"], (6, 6, 5), holes((6, 6, 5)))
    near = ic.neighbours(recording, n_units=20)
    assert set(near.sizes) == {20}
    voxels = recording.units[["i", "j", "k"]].to_numpy(float)
    world = nib.affines.apply_affine(AFFINES["oblique"], voxels)
    for c in (0, 17, len(near) - 1):
        away = np.linalg.norm(world - world[c], axis=1).round(9)
        order = np.lexsort([np.arange(len(away)), away])[:20]
        np.testing.assert_array_equal(near.members(c), np.sort(order))
        assert c in near.members(c)


def test_units_with_millimetres_need_no_image():
    places = np.random.default_rng(0).normal(size=(30, 3))
    noun = ic.Responses(np.ones((2, 30)), units=dict(zip("xyz", places.T, strict=True)))
    near = ic.neighbours(noun, radius=1.5)
    away = np.linalg.norm(places[:, None] - places, axis=2)
    np.testing.assert_array_equal(dense(near), away <= 1.5)


def test_adjacency_is_symmetric_without_the_centre():
    recording = recorded(np.diag([3.0, 3, 3, 1]), (5, 5, 5), holes((5, 5, 5)))
    near = ic.neighbours(recording, radius=3.0)
    adjacency = near.adjacency
    assert adjacency.dtype == bool
    np.testing.assert_array_equal(adjacency.toarray(), dense(near) & ~np.eye(len(near), dtype=bool))
    nearest_ones = ic.neighbours(recording, n_units=9).adjacency.toarray()
    np.testing.assert_array_equal(nearest_ones, nearest_ones.T)


def test_some_centres_keep_all_units():
    affine = AFFINES["anisotropic"]
    recording = recorded(affine, (6, 6, 6), holes((6, 6, 6)))
    near = ic.neighbours(recording, radius=4.0)
    mask = np.zeros((6, 6, 6), np.int8)
    mask[2:4, 2:5, 1:5] = 1
    some = near.at(nib.Nifti1Image(mask, affine))
    rows = np.nonzero(mask[tuple(recording.units[["i", "j", "k"]].to_numpy().T)])[0]
    assert len(some) == len(rows) == some.adjacency.shape[0]
    assert some.notes["outside"] == mask.sum() - len(rows)
    for c, row in enumerate(rows):
        np.testing.assert_array_equal(some.members(c), near.members(row))
    pd.testing.assert_frame_equal(near.at(rows).centres, some.centres)
    np.testing.assert_array_equal(
        some.adjacency.toarray(), near.adjacency.toarray()[np.ix_(rows, rows)]
    )


def test_a_mask_in_another_space_is_refused_with_both_affines():
    near = ic.neighbours(recorded(np.diag([3.0, 3, 3, 1]), (5, 5, 5)), radius=3.0)
    other = nib.Nifti1Image(np.ones((5, 5, 5), np.int8), np.diag([2.0, 3, 3, 1]))
    with pytest.raises(ic.InputError, match=r"different affines.*\[2\.0, 0\.0.*\[3\.0, 0\.0"):
        near.at(other)


def test_parcels_are_neighbourhoods_and_touch():
    mask = np.zeros((6, 4, 4), np.int8)
    mask[:2], mask[2:4, :2], mask[5] = 1, 2, 7
    recording = recorded(np.eye(4), (6, 4, 4), mask)
    near = ic.neighbours(recording, labels="mask")
    assert near.centres["mask"].tolist() == [1, 2, 7]
    np.testing.assert_array_equal(near.sizes, [32, 16, 16])
    np.testing.assert_array_equal(
        near.adjacency.toarray(), [[False, True, False], [True, False, False], [False] * 3]
    )


def sheet(n=7, spacing=2.0, offset=0.0):
    """A flat grid of triangles, with both diagonals missing but one."""
    points = np.array([[i * spacing, j * spacing, offset] for i in range(n) for j in range(n)])
    faces = []
    for i in range(n - 1):
        for j in range(n - 1):
            a, b, c, d = i * n + j, i * n + j + 1, (i + 1) * n + j, (i + 1) * n + j + 1
            faces += [[a, b, d], [a, d, c]]
    return points, np.array(faces)


def dijkstra_truth(points, faces):
    from scipy.sparse import lil_matrix
    from scipy.sparse.csgraph import floyd_warshall

    graph = lil_matrix((len(points), len(points)))
    for face in faces:
        for a, b in ((0, 1), (1, 2), (2, 0)):
            length = np.linalg.norm(points[face[a]] - points[face[b]])
            graph[face[a], face[b]] = graph[face[b], face[a]] = length
    return floyd_warshall(graph.tocsr())


def on_vertices(vertices, n_vertices, hemisphere="CortexLeft"):
    rows = np.zeros((2, n_vertices), np.float32)
    rows[:, vertices] = 1
    arrays = [nib.gifti.GiftiDataArray(row) for row in rows]
    meta = nib.gifti.GiftiMetaData({"AnatomicalStructurePrimary": hemisphere})
    return ic.read_gifti(nib.gifti.GiftiImage(darrays=arrays, meta=meta))


def test_distances_on_a_mesh_run_along_its_edges(tmp_path):
    points, faces = sheet()
    vertices = np.array([v for v in range(49) if v not in (10, 24, 25)])
    recording = on_vertices(vertices, 49)
    away = dijkstra_truth(points, faces)[np.ix_(vertices, vertices)]
    near = ic.neighbours(recording, radius=4.0, mesh=(points, faces))
    np.testing.assert_array_equal(dense(near), away <= 4.0 * (1 + 1e-9))
    gifti = nib.gifti.GiftiImage(
        darrays=[
            nib.gifti.GiftiDataArray(points.astype("f4"), "NIFTI_INTENT_POINTSET"),
            nib.gifti.GiftiDataArray(faces.astype("i4"), "NIFTI_INTENT_TRIANGLE"),
        ]
    )
    nib.save(gifti, tmp_path / "lh.surf.gii")
    again = ic.neighbours(recording, radius=4.0, mesh=tmp_path / "lh.surf.gii")
    np.testing.assert_array_equal(dense(again), dense(near))
    ten = ic.neighbours(recording, n_units=10, mesh=(points, faces))
    assert set(ten.sizes) == {10}
    order = np.lexsort([np.arange(len(away)), away[5].round(9)])[:10]
    np.testing.assert_array_equal(ten.members(5), np.sort(order))


def test_a_mesh_alone_joins_what_an_edge_joins():
    points, faces = sheet()
    vertices = np.array([v for v in range(49) if v not in (10, 24, 25)])
    near = ic.neighbours(on_vertices(vertices, 49), mesh=(points, faces))
    edges = np.zeros((49, 49), bool)
    for a, b, c in faces:
        for u, v in ((a, b), (b, c), (c, a)):
            edges[u, v] = edges[v, u] = True
    np.testing.assert_array_equal(near.adjacency.toarray(), edges[np.ix_(vertices, vertices)])
    assert "joined by an edge" in repr(near)


def test_voxels_beside_a_mesh_are_joined_by_their_faces():
    points, faces = sheet(5)
    left = nib.cifti2.BrainModelAxis.from_mask(np.ones(25), "CortexLeft")
    box = np.ones((3, 3, 3), bool)
    inside = nib.cifti2.BrainModelAxis.from_mask(box, "ThalamusLeft", affine=oblique([2.0, 2, 5]))
    maps = nib.cifti2.ScalarAxis(["a", "b"])
    image = nib.Cifti2Image(np.ones((2, 52)), (maps, left + inside))
    near = ic.neighbours(ic.read_cifti(image), mesh={"left": (points, faces)})
    voxels = np.argwhere(box)
    touching = np.abs(voxels[:, None] - voxels).sum(-1) == 1
    np.testing.assert_array_equal(near.adjacency.toarray()[25:, 25:], touching)


def test_a_graph_of_scikit_learn_has_the_order_of_the_voxels():
    from sklearn.feature_extraction.image import grid_to_graph

    mask = holes((6, 5, 4))
    voxels = recorded(AFFINES["anisotropic"], (6, 5, 4), mask).units[["i", "j", "k"]].to_numpy()
    graph = grid_to_graph(*mask.shape, mask=mask.astype(bool)).toarray() != 0
    touching = np.abs(voxels[:, None] - voxels).sum(-1) <= 1
    np.testing.assert_array_equal(graph, touching)


def test_hemispheres_are_infinitely_far_and_voxels_beside_them_are_straight():
    points, faces = sheet(5)
    left = nib.cifti2.BrainModelAxis.from_mask(np.ones(25), "CortexLeft")
    right = nib.cifti2.BrainModelAxis.from_mask(np.ones(25), "CortexRight")
    box = np.ones((3, 3, 3), bool)
    inside = nib.cifti2.BrainModelAxis.from_mask(
        box, "ThalamusLeft", affine=np.diag([2.0, 2, 2, 1])
    )
    axis = left + right + inside
    maps = nib.cifti2.ScalarAxis(["a", "b"])
    image = nib.Cifti2Image(np.ones((2, len(axis))), (maps, axis))
    recording = ic.read_cifti(image)
    both = {"left": (points, faces), "right": (points + np.array([9.0, 0, 0]), faces)}
    near = ic.neighbours(recording, radius=4.0, mesh=both)
    one = dijkstra_truth(points, faces) <= 4.0
    found = dense(near)
    np.testing.assert_array_equal(found[:25, :25], one)
    np.testing.assert_array_equal(found[25:50, 25:50], one)
    assert not found[:25, 25:].any()
    assert not found[25:50, 50:].any()
    voxels = np.argwhere(box) * 2.0
    away = np.linalg.norm(voxels[:, None] - voxels, axis=2)
    np.testing.assert_array_equal(found[50:, 50:], away <= 4.0)
    with pytest.raises(ic.InputError, match="50 of 77 grayordinates are vertices"):
        ic.neighbours(recording, radius=4.0)


def test_fsaverage5_of_nilearn_has_both_hemispheres():
    from nilearn.datasets import load_fsaverage

    meshes = load_fsaverage("fsaverage5")["pial"]
    recording = on_vertices(np.arange(0, 10242, 23), 10242, "CortexRight")
    near = ic.neighbours(recording, radius=20.0, mesh=meshes)
    alone = ic.neighbours(recording, radius=20.0, mesh=meshes.parts["right"])
    np.testing.assert_array_equal(near.indices, alone.indices)
    both = ic.Responses(np.ones((2, 20484)), units={"vertex": np.arange(20484)})
    some = ic.neighbours(both.units_where(np.arange(0, 20484, 31)), radius=20.0, mesh=meshes)
    first = (some.units["vertex"] < 10242).to_numpy()
    assert not some.adjacency.toarray()[np.ix_(first, ~first)].any()


@pytest.fixture
def montage():
    mne = pytest.importorskip("mne")
    names = ["O1", "Oz", "O2", "P3", "Pz", "P4", "Cz", "C3", "C4", "Fz", "F3", "F4"]
    around = np.random.default_rng(3).normal(size=(12, 3))
    around[:, 2] = np.abs(around[:, 2])
    around *= 0.095 / np.linalg.norm(around, axis=1, keepdims=True)
    return mne.channels.make_dig_montage(dict(zip(names, around, strict=True)), coord_frame="head")


@pytest.fixture
def info(montage):
    import mne

    made = mne.create_info(montage.ch_names, 100.0, "eeg")
    with mne.use_log_level("error"):
        made.set_montage(montage)
    return made


def test_sensors_are_adjacent_as_mne_says_or_near_in_mm(info, montage):
    import mne

    names = list(reversed(info.ch_names))  # rows meet by name
    trials = ic.Trials(np.ones((2, 12)), ["a", "b"], units={"channel": names})
    near = ic.neighbours(trials, sensors=info)
    theirs, order = mne.channels.find_ch_adjacency(info, "eeg")
    theirs = pd.DataFrame(theirs.toarray() > 0, order, order).loc[names, names].to_numpy()
    np.testing.assert_array_equal(dense(near), theirs | np.eye(12, dtype=bool))
    places = np.array([info["chs"][info.ch_names.index(n)]["loc"][:3] for n in names]) * 1000
    away = np.linalg.norm(places[:, None] - places, axis=2)
    np.testing.assert_array_equal(
        dense(ic.neighbours(trials, radius=60.0, sensors=info)), away <= 60
    )
    assert set(ic.neighbours(trials, n_units=4, sensors=montage).sizes) == {4}


def no_places():
    return ic.Responses(np.ones((2, 5)))


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: ic.neighbours(no_places(), radius=6.0), "no coordinates"),
        (lambda: ic.neighbours(recorded(np.eye(4), (3, 3, 3))), "how far"),
        (lambda: ic.neighbours(recorded(np.eye(4), (3, 3, 3)), radius=-1.0), "above 0"),
        (lambda: ic.neighbours(recorded(np.eye(4), (3, 3, 3)), radius=2.0, n_units=3), "not both"),
        (lambda: ic.neighbours(recorded(np.eye(4), (3, 3, 3)), n_units=300), "27 units"),
        (lambda: ic.neighbours(recorded(np.eye(4), (3, 3, 3)), labels="masc"), "mean 'mask'"),
        (lambda: ic.neighbours([recorded(np.eye(4), (3, 3, 3))], radius=2.0), "one of them"),
        (
            lambda: ic.neighbours(recorded(3 * np.eye(4), (3, 3, 3)), radius=2.0),
            "27 of 27 neighbourhoods hold their centre only.*3 x 3 x 3 mm",
        ),
        (
            lambda: ic.neighbours(on_vertices([1, 2, 3], 30), radius=5.0, mesh=sheet()),
            "30 vertices, but mesh= has 49",
        ),
        (lambda: ic.neighbours(no_places(), radius=5.0, mesh=sheet()), "recordings of vertices"),
        (lambda: ic.neighbours(no_places(), sensors={"O1": [0, 0, 0.1]}, radius=3), "'channel'"),
    ],
)
def test_what_cannot_be_searched_is_a_sentence(ask, words):
    with pytest.raises(ic.InputError, match=words):
        ask()


def test_channels_without_a_place_are_named(info):
    trials = ic.Trials(np.ones((2, 2)), ["a", "b"], units={"channel": ["O1", "Q9"]})
    with pytest.raises(ic.InputError, match="1 of 2 channels have no position.*'Q9'"):
        ic.neighbours(trials, sensors=info, radius=30.0)


def test_equal_distances_are_equal_whatever_the_origin():
    points = np.argwhere(np.ones((5, 5, 5))) * 0.1 + 123.4
    assert np.diff(within(points, 0.1)[0]).max() == 7
    assert set(np.diff(nearest(points, 7)[0])) == {7}
