"""Any noun to a file and back, and what damage to the file does."""

import json
import pickle
import zipfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

import isocortex as ic
from isocortex.files.formats import FORMATS
from isocortex.files.kinds import KINDS


def test_every_noun_comes_back_in_every_bit(noun, tmp_path, assert_same):
    path = ic.save(noun, tmp_path / "noun.npz")
    assert_same(ic.read(path), noun)


def test_every_noun_is_pickled(noun, assert_same):
    assert_same(pickle.loads(pickle.dumps(noun)), noun)


def test_the_same_noun_gives_the_same_bytes(noun, tmp_path):
    first, second = (ic.save(noun, tmp_path / name).read_bytes() for name in ("a.npz", "b.npz"))
    assert first == second


MODELS = {
    "OLS": ic.OLS(),
    "Ridge": ic.Ridge([1.0, 10.0]),
    "PLS": ic.PLS(2),
    "PCR": ic.PCR(2),
    "BandedRidge": ic.BandedRidge([1.0, 10.0], bands=[2, 3]),
    "Stacked": ic.Stacked(ic.Ridge([1.0, 10.0]), bands=[2, 3]),
    "Univariate": ic.Univariate(),
    "SelectiveRidge": ic.SelectiveRidge(3),
    "scikit-learn": LinearRegression(),
    "after a PCA": make_pipeline(PCA(2), LinearRegression()),
}


@pytest.mark.filterwarnings("ignore::isocortex.IsocortexWarning")
@pytest.mark.parametrize("name", sorted(set(MODELS) - {"BandedRidge", "Stacked"}))
def test_models_that_scores_kept_predict_the_same(name, tmp_path, kept_scores, rng):
    scores = kept_scores(MODELS[name])
    again = ic.read(ic.save(scores, tmp_path / "scores.npz"))
    assert repr(again.models[0].model) == repr(scores.models[0].model)
    new = ic.Responses(rng.normal(size=(6, scores.models[0].predict.__self__._n_features() or 5)))
    before, after = (each.models[0].predict(new).numpy() for each in (scores, again))
    np.testing.assert_array_equal(before, after)
    pd.testing.assert_frame_equal(again.table(), scores.table())
    assert again.notes == scores.notes


@pytest.mark.parametrize("name", [*MODELS][:8])
def test_fitted_models_are_saved_by_themselves(name, tmp_path, rng):
    x, y = rng.normal(size=(20, 5)), rng.normal(size=(20, 2))
    model = MODELS[name].fit(x, y)
    again = ic.read(ic.save(model, tmp_path / "model.npz"))
    assert repr(again.get_params()) == repr(model.get_params())
    np.testing.assert_array_equal(again.predict(x), model.predict(x))


def test_a_classifier_comes_back(tmp_path, rng):
    x = rng.normal(size=(20, 3))
    model = LogisticRegression().fit(x, np.where(x[:, 0] > 0, "cat", "dog"))
    again = ic.read(ic.save(model, tmp_path / "model.npz"))
    assert (again.predict(x) == model.predict(x)).all()


def test_a_lazy_layer_is_saved_with_its_values(tmp_path):
    network = ic.load_network("cifar10_resnet20", weights=None)
    store = ic.extract(network, ic.textures(4, size=(32, 32)), ["conv1"], into=tmp_path / "s.zarr")
    again = ic.read(ic.save(store["conv1"], tmp_path / "conv1.npz"))
    np.testing.assert_array_equal(again.values, store["conv1"].numpy())
    assert again.units.equals(store["conv1"].units)
    layers = [pickle.loads(pickle.dumps(store["conv1"]))]
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
        layers.append(pool.submit(_through, store["conv1"]).result())
    for layer in layers:
        assert not isinstance(layer.values, np.ndarray)
        assert layer.units.equals(store["conv1"].units)
        np.testing.assert_array_equal(layer.numpy(), store["conv1"].numpy())
    with pytest.raises(ic.InputError, match="save does not take Store: it is a folder already"):
        ic.save(store, tmp_path / "store.npz")
    assert ic.read(tmp_path / "s.zarr").layers == ("conv1",)


def _through(noun):
    return noun


@pytest.mark.slow
def test_nouns_go_through_dask(noun, assert_same):
    distributed = pytest.importorskip("distributed")
    with distributed.Client(processes=False, n_workers=1, threads_per_worker=1) as client:
        assert_same(client.submit(_through, noun).result(), noun)


def test_dask_serializes_a_noun_as_it_is(noun, assert_same):
    protocol = pytest.importorskip("distributed.protocol")
    assert_same(protocol.deserialize(*protocol.serialize(noun)), noun)


def test_units_by_a_function_of_the_moment_are_pickled():
    layer = ic.Responses(np.ones((2, 3)), ["a", "b"], lambda: pd.DataFrame({"x": [1, 2, 3]}))
    assert pickle.loads(pickle.dumps(layer)).units["x"].tolist() == [1, 2, 3]


def test_the_file_is_read_without_isocortex(tmp_path):
    """By zipfile, json and numpy alone, as the page on saving says."""
    v1 = ic.Responses([[1.0, 2.0]], ["cat"], {"i": [4, 5]}, {"region": "V1"})
    path = ic.save(v1, tmp_path / "v1.npz")
    with zipfile.ZipFile(path) as archive:
        document = json.loads(archive.read("isocortex.json"))
    assert document["noun"]["kind"] == "Responses"
    assert document["noun"]["parts"]["labels"] == {"region": "V1"}
    assert document["noun"]["parts"]["stimuli"] == {"$": "tuple", "of": ["cat"]}
    with np.load(path, allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["values"], [[1.0, 2.0]])
        np.testing.assert_array_equal(arrays["units/i"], [4, 5])


def test_what_only_a_pickle_could_keep_is_refused(tmp_path):
    noted = ic.Scores([1.0], {"a": {"a": [1]}}, notes={"metric": {"f": len}})
    with pytest.raises(ic.InputError, match="'f' of 'metric' of 'notes' is of type builtins"):
        ic.save(noted, tmp_path / "x.npz")
    kept = ic.Scores([1.0], {"a": {"a": [1]}}, kept={"models": [SVC()]})
    with pytest.raises(ic.InputError, match=r"sklearn.svm.*SVC, .* scores.replace\(kept=None\)"):
        ic.save(kept, tmp_path / "x.npz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("given", [None, "text", np.zeros(3), pd.DataFrame({"a": [1]}), len])
def test_what_is_no_noun_is_refused(given, tmp_path):
    with pytest.raises(ic.InputError, match="save does not take"):
        ic.save(given, tmp_path / "x.npz")


def test_names_and_paths_that_do_not_fit_are_told(tmp_path):
    estimate = ic.Estimate(1, 0, 2, 0.1, 3, "t")
    with pytest.raises(ic.FormatError, match=r"ends in \.npz"):
        ic.save(estimate, tmp_path / "x.pkl")
    with pytest.raises(ic.InputError, match="save needs a string or a path as path, not None"):
        ic.save(estimate, None)
    with pytest.raises(ic.InputError, match="read needs a string or a path as path, not Estimate"):
        ic.read(estimate)
    with pytest.raises(ic.NotFoundError, match="There is no file or folder"):
        ic.read(tmp_path / "none.npz")


@pytest.fixture
def saved(tmp_path, rng):
    noun = ic.Responses(rng.normal(size=(30, 4)), labels={"region": "V1"}, units={"i": range(4)})
    return ic.save(noun, tmp_path / "v1.npz"), noun


def test_no_changed_bit_goes_unnoticed(saved, assert_same, rng):
    """Either a sentence that names the file, or (in what is no content) the very same noun."""
    path, noun = saved
    whole, told = path.read_bytes(), 0
    refused = 0
    for _ in range(400):
        place, bit = int(rng.integers(len(whole))), int(rng.integers(8))
        damaged = bytearray(whole)
        damaged[place] ^= 1 << bit
        path.write_bytes(damaged)
        try:
            found = ic.read(path)
        except ic.FormatError as error:
            refused += 1
            told += str(path) in str(error)
        else:
            assert_same(found, noun)
    assert told == refused > 300


def test_a_file_that_is_cut_off_is_told(saved, rng):
    path, _ = saved
    whole = path.read_bytes()
    for length in (0, 1, 10, *rng.integers(20, len(whole), 60)):
        path.write_bytes(whole[:length])
        with pytest.raises(ic.FormatError, match=path.name):
            ic.read(path)


def repacked(path, changed):
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in changed(members).items():
            archive.writestr(name, content)


def renamed(members):
    return {{"values.npy": "other.npy"}.get(name, name): each for name, each in members.items()}


def exchanged(members):
    document = members["isocortex.json"].replace(b"V1", b"V2")
    return {**members, "isocortex.json": document}


def huge(members):
    return {**members, "values.npy": b"\x93NUMPY\x01\x00" + bytes(2**24)}


REPACKED = {
    "renamed": renamed,
    "exchanged": exchanged,
    "extra": lambda members: {**members, "more.npy": b""},
    "lost": lambda members: {name: each for name, each in members.items() if "values" not in name},
    "huge": huge,
    "nested": lambda members: {**members, "isocortex.json": b"[" * 100_000},
}


@pytest.mark.parametrize("how", REPACKED)
def test_an_archive_that_was_packed_anew_with_other_content_is_told(how, saved):
    path, _ = saved
    repacked(path, REPACKED[how])
    with pytest.raises(ic.FormatError, match=path.name):
        ic.read(path)


def test_an_archive_that_was_only_compressed_is_read(saved, assert_same):
    path, noun = saved
    repacked(path, lambda members: members)
    assert_same(ic.read(path), noun)


def sealed_again(path, change):
    from isocortex.store.checksum import BLANK, SEAL, sealed
    from isocortex.store.saved.archive import read_archive

    document, arrays = read_archive(path)
    document[SEAL] = BLANK
    change(document)
    text = sealed(json.dumps({SEAL: BLANK, **document}).encode(), arrays.values())
    repacked(path, lambda members: {**members, "isocortex.json": text})


FUTURE = {
    "format": (lambda d: d.update(version=2), "version 2 of the format"),
    "kind": (lambda d: d["noun"].update(kind="Synapses"), "Synapses .* newer isocortex"),
    "noun": (lambda d: d["noun"].update(version=9), "newer isocortex"),
    "node": (lambda d: d["noun"]["parts"].update(labels={"$": "graph"}), "'graph', .* newer"),
    "content": (lambda d: d["noun"]["parts"].update(stimuli=["a"]), "v1.npz.*30 rows"),
    "path": (lambda d: d.update(format="other"), "was not written by ic.save"),
}


@pytest.mark.parametrize("what", FUTURE)
def test_files_of_the_future_and_false_ones_are_told(what, saved):
    change, match = FUTURE[what]
    sealed_again(saved[0], change)
    with pytest.raises(ic.FormatError, match=match):
        ic.read(saved[0])


def test_too_little_memory_is_told_before_it_is_taken(saved, monkeypatch):
    monkeypatch.setattr("isocortex.memory.available_bytes", lambda: 1000)
    monkeypatch.setattr("isocortex.memory._ALWAYS_THERE", 0)
    with pytest.raises(ic.StorageError, match="of memory, but 1 kB are free"):
        ic.read(saved[0])


def test_what_stood_there_stays_where_writing_fails(saved, monkeypatch):
    path, noun = saved
    before = path.read_bytes()
    monkeypatch.setattr("numpy.lib.format.write_array", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ic.save(noun, path)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_rdms_of_both_formats_are_read_by_both_readers(tmp_path, assert_same):
    rdms = ic.RDMs([[0.1, 0.8, 0.9]], ["face", "hand", "car"], {"region": "IT"})
    old, new = ic.write_rdms(rdms, tmp_path / "old.npz"), ic.save(rdms, tmp_path / "new.npz")
    for path in (old, new):
        for reader in (ic.read, ic.read_rdms):
            found = reader(path)
            assert found.labels.equals(rdms.labels)
            np.testing.assert_array_equal(found.values, rdms.values)
    voxels = ic.save(ic.Responses([[1.0]], ["a"]), tmp_path / "v1.npz")
    with pytest.raises(ic.FormatError, match="holds Responses, not RDMs"):
        ic.read_rdms(voxels)


def test_the_space_of_voxels_is_kept(tmp_path, rng):
    nibabel = pytest.importorskip("nibabel")
    image = nibabel.Nifti1Image(rng.normal(size=(2, 3, 2, 4)), np.diag([2.0, 2, 2, 1]))
    voxels = ic.read_nifti(image, np.ones((2, 3, 2)), list("abcd"))
    again = ic.read(ic.save(voxels, tmp_path / "voxels.npz"))
    space = again.units.attrs["space"]
    assert space.header == image.header
    scores = ic.Scores(np.arange(12.0), {"unit": again.units})
    ic.write_nifti(scores, tmp_path / "map.nii", like=again)
    found = ic.read(tmp_path / "map.nii", mask=np.ones((2, 3, 2))).numpy().ravel()
    np.testing.assert_array_equal(found, range(12))


def test_tables_go_to_other_programs(tmp_path):
    x = np.random.default_rng(0).normal(size=(4, 3))
    layers = ic.rdms(
        [ic.Responses(x + i, list("abcd"), labels={"layer": f"conv{i}"}) for i in (1, 2)]
    )
    scores = ic.compare(layers, layers, "pearson")
    found = pd.read_csv(ic.save(scores, tmp_path / "scores.csv"))
    assert found["layer"].tolist() == ["conv1", "conv1", "conv2", "conv2"]
    with pytest.raises(ic.InputError, match=r"Permutation has no table\(\)"):
        ic.save(ic.Permutation(), tmp_path / "x.csv")


def test_tables_go_to_parquet(tmp_path):
    pytest.importorskip("pyarrow")
    x = np.random.default_rng(0).normal(size=(4, 3))
    layers = [ic.Responses(x + i, list("abcd"), labels={"layer": f"c{i}"}) for i in (1, 2)]
    scores = ic.compare(ic.rdms(layers), ic.rdms(layers), "pearson")
    found = pd.read_parquet(ic.save(scores, tmp_path / "scores.parquet"))
    assert found["layer"].cat.categories.tolist() == ["c1", "c2"]
    assert found["score"].tolist() == scores.table()["score"].tolist()
    pd.read_parquet(ic.save(ic.rdms(layers), tmp_path / "rdms.parquet"))


def test_every_class_of_the_front_door_is_saved_or_is_kept_otherwise():
    elsewhere = {"Store", "Network", "Weights", "Preprocessing", "LinearModel", "Smoother"}
    elsewhere |= {"AudioPreprocessing", "VideoPreprocessing"}
    # A study is its file of settings, and its results a folder.
    elsewhere |= {"Study", "StudyPlan", "StudyResult"}
    settings = {"View", "GaborEnergy", "OrientationTuning", "SmoothGrad", "Citation", "Description"}
    settings |= {"Blocks", "Growing"}
    pictures = {"OptimalStimulus", "Occlusion", "ReceptiveField", "Saliency"}
    studies = {"Study", "StudyPlan", "StudyResult"}
    classes = {
        name
        for name in dir(ic)
        if isinstance(getattr(ic, name), type) and not issubclass(getattr(ic, name), Exception)
    }
    assert classes - set(KINDS) <= elsewhere | settings | pictures | studies


def test_formats_have_names_and_endings_of_their_own():
    names = [each.name for each in FORMATS]
    endings = [suffix for each in FORMATS for suffix in each.suffixes]
    assert len(set(names)) == len(names)
    assert len(set(endings)) == len(endings)
    assert all(each.read or each.advice for each in FORMATS)


def test_readers_of_other_formats_take_their_options(tmp_path, rng):
    nibabel = pytest.importorskip("nibabel")
    image = nibabel.Nifti1Image(np.ones((2, 2, 2, 3)), np.eye(4))
    nibabel.save(image, tmp_path / "betas.nii.gz")
    voxels = ic.read(tmp_path / "betas.nii.gz", stimuli=["a", "b", "c"])
    assert voxels.stimuli == ("a", "b", "c")
    with pytest.raises(ic.InputError, match="'nifti', whose reader does not take all of 'colour'"):
        ic.read(tmp_path / "betas.nii.gz", colour=3)
    np.save(tmp_path / "bare.npy", np.ones(3))
    with pytest.raises(ic.FormatError, match="bare array without names"):
        ic.read(tmp_path / "bare.npy")
