import io

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from scipy.spatial.distance import pdist
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

import isocortex as ic
from isocortex.compat.net2brain.preprocess.rdm import eeg_rdm
from isocortex.compat.net2brain.rdm.dist_utils import (
    dist,
    standardize,
    to_condensed,
    to_distance_matrix,
)
from isocortex.compat.net2brain.rdm_creation import LayerRDM, RDMCreator

NAMES = [f"image_{i}" for i in range(1, 13)]
ORACLES = {"l2": "euclidean", "l1": "cityblock", "cosine": "cosine", "pearson": "correlation"}


@pytest.fixture
def features(rng):
    return {
        "features.0": rng.normal(size=(12, 1, 4, 3, 3)).astype(np.float32),
        "fc": rng.normal(size=(12, 1, 7)).astype(np.float32),
    }


@pytest.fixture
def separate(features, tmp_path):
    folder = tmp_path / "features"
    folder.mkdir()
    for i, name in enumerate(NAMES):
        np.savez(folder / f"{name}.npz", **{layer: x[i] for layer, x in features.items()})
    (folder / ".DS_Store").write_bytes(b"stray")
    return folder


def test_the_page_of_the_seed_runs(separate, tmp_path):
    creator = RDMCreator(verbose=True, device="cpu")
    save_path = creator.create_rdms(
        feature_path=separate, save_path=tmp_path / "rdms", save_format="npz"
    )
    assert creator.distance_functions() == [
        "l2",
        "euclidean",
        "l1",
        "manhattan",
        "cosine",
        "pearson",
        "correlation",
    ]

    def custom_cosine(x):
        x_norm = F.normalize(x, p=2, dim=1)
        return 1 - (x_norm @ x_norm.T)

    custom = creator.create_rdms(
        feature_path=separate,
        save_path=tmp_path / "custom",
        save_format="npz",
        distance=custom_cosine,
    )
    creator.create_rdms(separate, tmp_path / "cosine", distance="cosine")
    first = LayerRDM.from_file(custom / "RDM_fc.npz")
    second = LayerRDM.from_file(tmp_path / "cosine" / "RDM_fc.npz")
    np.testing.assert_allclose(first.data, second.data, atol=1e-6)
    assert first.meta == {"distance": "custom_cosine"}
    rdm = LayerRDM.from_file(save_path / "RDM_features_0.npz")
    ax = rdm.plot(indices=[0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    assert ax.get_title() == "Layer=features.0"
    assert ax.images[0].get_array().shape == (10, 10)


@pytest.mark.parametrize("save_format", ["npz", "pt"])
@pytest.mark.parametrize("distance", ORACLES)
def test_rdms_are_condensed_in_natural_order(separate, features, tmp_path, distance, save_format):
    folder = RDMCreator().create_rdms(separate, tmp_path / "r", save_format, distance)
    rdm = LayerRDM.from_file(folder / f"RDM_features_0.{save_format}")
    expected = pdist(features["features.0"].reshape(12, -1).astype(float), ORACLES[distance])
    np.testing.assert_allclose(rdm.to_vector(), expected)
    assert rdm.stimuli_name == tuple(NAMES)
    assert rdm.layer_name == "features.0"
    assert rdm.meta == {"distance": distance}
    assert rdm.data.shape == (12, 12)
    assert len(rdm) == 12


def test_consolidated_files_give_the_same(separate, features, tmp_path):
    folder = tmp_path / "together"
    folder.mkdir()
    for layer, x in features.items():
        shuffled = dict(reversed(list(zip(NAMES, x, strict=True))))
        np.savez_compressed(folder / f"consolidated_{layer}.npz", **shuffled)
    creator = RDMCreator()
    first, second = (
        LayerRDM.from_file(creator.create_rdms(path, tmp_path / path.name / "r") / "RDM_fc.npz")
        for path in (separate, folder)
    )
    np.testing.assert_array_equal(first.to_vector(), second.to_vector())
    assert first.stimuli_name == second.stimuli_name == tuple(NAMES)


@pytest.mark.parametrize("shape", [(), (1,)])
@pytest.mark.parametrize("pooling", ["mean", "max", "first", "last"])
def test_sequences_of_any_length_are_pooled(rng, tmp_path, pooling, shape):
    folder = tmp_path / "text"
    folder.mkdir()
    arrays = {f"s{i}": rng.normal(size=(*shape, 3 + i, 5)) for i in range(4)}
    for name, x in arrays.items():
        np.savez(folder / f"{name}.npz", block=x)
    with pytest.raises(ic.InputError, match="different sizes.*Choose pooling"):
        RDMCreator().create_rdms(folder, tmp_path / "r")
    saved = RDMCreator().create_rdms(folder, tmp_path / "r", distance="l2", pooling=pooling)
    take = {
        "mean": lambda x: x.mean(0),
        "max": lambda x: x.max(0),
        "first": lambda x: x[0],
        "last": lambda x: x[-1],
    }[pooling]
    rows = [take(x.reshape(-1, 5)) for x in arrays.values()]
    rdm = LayerRDM.from_file(saved / "RDM_block.npz")
    np.testing.assert_allclose(rdm.to_vector(), pdist(rows))
    assert rdm.meta["pooling"] == pooling


def test_standardizing_chunks_and_reduction(separate, features, tmp_path):
    creator = RDMCreator()
    x = features["fc"].reshape(12, -1).astype(float)
    z = (x - x.mean(0)) / (x.std(0) + 1e-7)
    options = {"distance": "l2", "standardize_on_dim": 0, "chunk_size": 5}
    folder = creator.create_rdms(separate, tmp_path / "z", **options)
    np.testing.assert_allclose(LayerRDM.from_file(folder / "RDM_fc.npz").to_vector(), pdist(z))
    # PCA with all components keeps Euclidean distances.
    folder = creator.create_rdms(separate, tmp_path / "p", distance="l2", dim_reduction="pca")
    rdm = LayerRDM.from_file(folder / "RDM_features_0.npz")
    expected = pdist(features["features.0"].reshape(12, -1).astype(float))
    np.testing.assert_allclose(rdm.to_vector(), expected)
    folder = creator.create_rdms(
        separate, tmp_path / "s", dim_reduction="srp", n_components=5, max_dim_allowed=10
    )
    assert LayerRDM.from_file(folder / "RDM_features_0.npz").data.shape == (12, 12)


def test_files_of_the_original_are_read_without_unpickling(tmp_path, rng):
    values = rng.random(10).astype(np.float32)
    meta = {"distance": "pearson", "multi_timepoint_rdms": None, "pooling": "pearson"}
    new = tmp_path / "RDM_a_b.npz"
    np.savez(
        new,
        rdm=values,
        stimuli_name=np.array(list("vwxyz")),
        layer_name="a.b",
        meta=np.array(meta, dtype=object),
    )
    rdm = LayerRDM.from_file(new)
    np.testing.assert_allclose(rdm.to_vector(), values)
    assert rdm.layer_name == "a.b"
    assert rdm.meta == meta
    np.savez(tmp_path / "layer1.npz", rdm.data)
    old = LayerRDM.from_file(tmp_path / "layer1.npz")
    assert old.layer_name == "layer1"
    np.testing.assert_allclose(old.to_vector(), values)
    tuple_names = {
        "rdm": torch.from_numpy(values),
        "stimuli_name": tuple("vwxyz"),
        "layer_name": "a.b",
        "meta": meta,
    }
    torch.save(tuple_names, tmp_path / "RDM_a_b.pt")
    assert LayerRDM.from_file(tmp_path / "RDM_a_b.pt").meta == meta


class Runs:
    """Unpickling one of these would call print."""

    def __reduce__(self):
        return (print, ("unpickled",))


def test_objects_in_files_are_refused_and_not_run(tmp_path, rng, capsys):
    values, names = rng.random(3), np.array(list("abc"))
    bad = np.empty((), dtype=object)
    bad[()] = {"distance": Runs()}
    np.savez(tmp_path / "m.npz", rdm=values, stimuli_name=names, layer_name="l", meta=bad)
    with pytest.raises(ic.FormatError, match="holds a Python object .*print"):
        LayerRDM.from_file(tmp_path / "m.npz")
    np.savez(tmp_path / "s.npz", rdm=values, stimuli_name=names.astype(object), layer_name="l")
    with pytest.raises(ic.FormatError, match="holds Python objects, which are not read"):
        LayerRDM.from_file(tmp_path / "s.npz")
    torch.save({"rdm": torch.ones(3), "meta": Runs()}, tmp_path / "o.pt")
    with pytest.raises(ic.FormatError, match="Python objects, which are never unpickled"):
        LayerRDM.from_file(tmp_path / "o.pt")
    folder = tmp_path / "f"
    folder.mkdir()
    np.savez(folder / "a.npz", fc=bad.reshape(1))
    with pytest.raises(ic.FormatError, match="holds Python objects, which are not read"):
        RDMCreator().create_rdms(folder, tmp_path / "r")
    assert "unpickled" not in capsys.readouterr().out


def test_the_way_back(tmp_path, rng):
    rdm = LayerRDM(torch.from_numpy(rng.random(6)), "a.b", list("wxyz"), {"distance": "l2"})
    for file_format in ("npz", "pt"):
        back = LayerRDM.from_file(rdm.save(tmp_path, file_format))
        np.testing.assert_array_equal(back.to_vector(), rdm.to_vector())
        assert back.meta == rdm.meta
    assert repr(rdm) == "LayerRDM(layer_name='a.b', num_stimuli=4)"
    with np.load(tmp_path / "RDM_a_b.npz", allow_pickle=True) as theirs:
        assert theirs["meta"].item() == {"distance": "l2"}


def test_says_what_is_wrong(separate, tmp_path, rng):
    creator = RDMCreator()
    with pytest.raises(ic.InputError, match="Did you mean 'pearson'"):
        creator.create_rdms(separate, tmp_path / "r", distance="person")
    with pytest.raises(ic.InputError, match="save_format='csv' is not known"):
        creator.create_rdms(separate, tmp_path / "r", save_format="csv")
    with pytest.raises(ic.InputError, match="pooling is for sequences"):
        creator.create_rdms(separate, tmp_path / "r", pooling="mean")
    with pytest.raises(ic.InputError, match="multi_timepoint_rdms is not supported"):
        creator.create_rdms(separate, tmp_path / "r", multi_timepoint_rdms="clip")
    with pytest.raises(ic.InputError, match="returned shape"):
        creator.create_rdms(separate, tmp_path / "r", distance=lambda x: x)
    assert not (tmp_path / "r").exists()
    (tmp_path / "empty").mkdir()
    with pytest.raises(ic.NotFoundError, match="holds no .npz files"):
        creator.create_rdms(tmp_path / "empty", tmp_path)
    with pytest.raises(ic.NotFoundError, match="There is no folder"):
        creator.create_rdms(tmp_path / "absent")
    with pytest.raises(ic.NotFoundError, match="There is no file"):
        LayerRDM.from_file(tmp_path / "RDM_x.npz")
    (tmp_path / "RDM_y.npz").write_bytes(b"nothing")
    with pytest.raises(ic.FormatError, match="is not an? .*Net2Brain"):
        LayerRDM.from_file(tmp_path / "RDM_y.npz")
    (tmp_path / "RDM_y.pt").write_bytes(b"nothing")
    with pytest.raises(ic.FormatError, match="damaged, or holds Python objects"):
        LayerRDM.from_file(tmp_path / "RDM_y.pt")
    with pytest.raises(ic.FormatError, match="3 stimuli in its RDM but 2 names"):
        LayerRDM(rng.random(3), "l", ["a", "b"])
    with pytest.raises(ic.FormatError, match="square or condensed"):
        LayerRDM(rng.random(4), "l")
    with pytest.raises(ic.InputError, match=r"reads .npz and .pt"):
        LayerRDM.from_file("rdm.csv")


@pytest.mark.parametrize("name", ORACLES)
def test_dist_equals_scipy_in_batches_and_between_sets(rng, name):
    from scipy.spatial.distance import cdist, squareform

    x, y = rng.normal(size=(2, 6, 8)), rng.normal(size=(2, 4, 8))
    oracle = ORACLES[name]
    np.testing.assert_allclose(dist(x[0], metric=name), squareform(pdist(x[0], oracle)))
    both = dist(torch.from_numpy(x), torch.from_numpy(y), metric=name)
    assert both.shape == (2, 6, 4)
    np.testing.assert_allclose(both[1], cdist(x[1], y[1], oracle))
    assert dist(x.astype(np.float32), metric=name).dtype == torch.float32


def test_small_helpers_of_dist_utils(rng):
    square = dist(rng.normal(size=(5, 3)))
    np.testing.assert_array_equal(to_distance_matrix(to_condensed(square)), square)
    batch = torch.stack([square, 2 * square])
    np.testing.assert_array_equal(to_distance_matrix(to_condensed(batch, True)), batch)
    z = standardize(rng.normal(size=(9, 4))).numpy()
    np.testing.assert_allclose(z.std(0), 1, 1e-5)
    with pytest.raises(ic.InputError, match="not symmetric"):
        to_condensed(torch.arange(9.0).reshape(3, 3), check_symmetric=True)
    with pytest.raises(ic.InputError, match="needs a tensor of shape"):
        dist(np.ones(3))


def test_eeg_rdm_is_the_pseudo_code_of_the_page(rng):
    eeg, labels = rng.normal(size=(20, 4, 3)), np.array([10, 2, 7] * 6 + [2, 2])
    eeg += 0.5 * (labels[:, None, None] == 2)
    rdm = eeg_rdm(eeg, labels)
    expected = np.zeros((3, 3, 3))
    by_name = {i: eeg[labels == name][:6] for i, name in enumerate((2, 7, 10))}
    for t in range(3):
        for i in range(3):
            for j in range(i + 1, 3):
                for k in range(6):
                    train = [np.delete(by_name[c][:, :, t], k, 0) for c in (i, j)]
                    test = [by_name[c][k, :, t] for c in (i, j)]
                    model = LinearDiscriminantAnalysis().fit(
                        np.concatenate(train), np.repeat([i, j], 5)
                    )
                    expected[i, j, t] += (model.predict(test) == [i, j]).mean() / 6
                expected[j, i, t] = expected[i, j, t]
    np.testing.assert_allclose(rdm, expected)
    with pytest.raises(ic.InputError, match="eeg_rdm needs eeg of shape"):
        eeg_rdm(eeg, labels[:3])


def test_a_pickle_stream_of_text_alone_is_understood():
    from isocortex.formats.net2brain.meta import _dictionary

    for protocol in (3, 4, 5):
        stream = io.BytesIO()
        meta = {"distance": "l2", "n": 3, "none": None, "again": "l2", "flag": True}
        __import__("pickle").dump(np.array(meta, dtype=object), stream, protocol=protocol)
        assert _dictionary(stream.getvalue(), "file") == meta
