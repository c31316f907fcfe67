"""Decoding and encoding of a simulated data set against the original's steps, one by one."""

import json
import shutil

import h5py
import numpy as np
import pytest

import isocortex as ic
from isocortex.bh.decoding import decode_layer, is_trained
from isocortex.bh.encoding import encode_layer
from isocortex.bh.scoring import ScoreOptions, n_test_images, read_encoding, score_network
from isocortex.bh.settings import read_settings
from isocortex.formats.mat.files import read_array, write_array

PARTS = ("made/one", "layer2", "sub-02", "V3")


def loop(x, y, k, alpha):
    """FastL2LiR, target by target."""
    xb = np.column_stack([x, np.ones(len(x))])
    weights = np.zeros((x.shape[1] + 1, y.shape[1]))
    for t in range(y.shape[1]):
        r = [abs(np.corrcoef(x[:, v], y[:, t])[0, 1]) for v in range(x.shape[1])]
        chosen = [*np.argsort(r)[::-1][:k], x.shape[1]]
        own = xb[:, chosen]
        weights[chosen, t] = np.linalg.solve(
            own.T @ own + alpha * np.eye(len(chosen)), own.T @ y[:, t]
        )
    return weights


def trials(made, kind, subject="sub-02", region="V3"):
    data = ic.read_bdata(made.folders.recording(subject, kind))
    return data.select(f"ROI_{region} = 1"), data.labels()


def step_by_step(made, layer="layer2"):
    """As the original does it: decoded features, their accuracy, and that of the voxels."""
    x, seen = trials(made, "Training")
    z, tested = trials(made, "Test")
    train, test = made.features["Training"][layer], made.features["Test"][layer]
    y = train.numpy().astype(float)
    rows = [train.stimuli.index(name) for name in seen]
    images = sorted(set(tested))
    means = np.array([z[np.array(tested) == name].mean(0) for name in images])
    truth = test.numpy()[[test.stimuli.index(name) for name in images]].astype(float)

    def scale(a):
        return a.mean(0), a.std(0, ddof=1)

    (xm, xs), (ym, ys) = scale(x), scale(y)
    w = loop((x - xm) / xs, ((y - ym) / ys)[rows], 8, 100.0)
    decoded = (np.column_stack([(means - xm) / xs, np.ones(len(means))]) @ w) * ys + ym
    v = loop(((y - ym) / ys)[rows], (x - xm) / xs, 8, 100.0)
    encoded = (np.column_stack([(truth - ym) / ys, np.ones(len(truth))]) @ v) * xs + xm
    r = [np.corrcoef(a, b)[0, 1] for a, b in zip(decoded.T, truth.T, strict=True)]
    s = [np.corrcoef(a, b)[0, 1] for a, b in zip(encoded.T, means.T, strict=True)]
    return images, decoded, np.array(r), np.array(s)


def test_decoding_equals_the_original(made):
    decode_layer(made.folders, made.settings, *PARTS)
    images, decoded, accuracy, _ = step_by_step(made)
    found = read_array(made.folders.decoding_accuracy(*PARTS), "accuracy")
    assert (found.shape, found.dtype) == ((1, 15), np.float32)
    np.testing.assert_allclose(found[0], accuracy, atol=2e-6)
    folder = made.folders.decoded(*PARTS)
    assert sorted(p.stem for p in folder.iterdir()) == images
    rows = np.vstack([read_array(folder / f"{name}.mat", "feat") for name in images])
    np.testing.assert_allclose(rows, decoded, atol=1e-5)


def test_encoding_equals_the_original(made):
    encode_layer(made.folders, made.settings, *PARTS)
    found = read_array(made.folders.encoding_accuracy(*PARTS), "accuracy")
    np.testing.assert_allclose(found[0], step_by_step(made)[3], atol=2e-6)


def test_the_decoder_is_kept_as_bdpy_keeps_it_and_taken_up_again(made):
    decode_layer(made.folders, made.settings, *PARTS)
    model = made.folders.decoder(*PARTS)
    assert is_trained(model)
    assert read_array(model / "W.mat", "W").shape == (12, 15)
    assert (read_array(model / "W.mat", "W") != 0).sum(0).tolist() == [8] * 15
    with h5py.File(model / "W.mat") as file:
        assert "__bdpy_sparse_arrray" in file["W"]
    first = read_array(made.folders.decoding_accuracy(*PARTS), "accuracy")
    for path in (made.folders.decoded(*PARTS), made.folders.decoding_accuracy(*PARTS).parent):
        shutil.rmtree(path)
    shutil.rmtree(made.folders.features("ImageNetTraining", "made/one"))
    decode_layer(made.folders, made.settings, *PARTS)  # from the decoder alone
    again = read_array(made.folders.decoding_accuracy(*PARTS), "accuracy")
    np.testing.assert_array_equal(again, first)


def test_a_decoder_without_its_last_file_is_trained_again(made):
    decode_layer(made.folders, made.settings, *PARTS)
    model = made.folders.decoder(*PARTS)
    (model / "info.yaml").unlink()
    write_array(model / "W.mat", np.zeros((12, 15), "f4"), "W")
    decode_layer(made.folders, made.settings, *PARTS)
    assert (read_array(model / "W.mat", "W") != 0).any()


def spoil(made, columns, kind="Training", value=1.0):
    path = made.folders.recording("sub-02", kind)
    with h5py.File(path, "r+") as file:
        file["dataset"][:, columns] = value


@pytest.mark.parametrize("value", [3.7, np.nan], ids=["constant", "NaN"])
def test_a_dead_voxel_poisons_nothing(value, made):
    decode_layer(made.folders, made.settings, *PARTS)
    clean = read_array(made.folders.decoding_accuracy(*PARTS), "accuracy")
    shutil.rmtree(made.data / "feature_decoders")
    for kind in ("Training", "Test"):
        spoil(made, 2 * 12 + 5, kind, value)  # a voxel of V3
    decode_layer(made.folders, made.settings, *PARTS)
    encode_layer(made.folders, made.settings, *PARTS)
    found = read_array(made.folders.decoding_accuracy(*PARTS), "accuracy")
    assert np.isfinite(found).all()
    assert np.abs(found - clean).mean() < 0.1
    voxels = read_array(made.folders.encoding_accuracy(*PARTS), "accuracy")[0]
    assert np.nonzero(np.isnan(voxels))[0].tolist() == [5]


def test_a_dead_unit_poisons_nothing(made):
    for kind in ("Training", "Test"):
        folder = made.folders.features(f"ImageNet{kind}", "made/one") / "layer2"
        for path in folder.iterdir():
            values = read_array(path, "feat")
            values[0, 4] = 0.25
            write_array(path, values, "feat")
    decode_layer(made.folders, made.settings, *PARTS)
    encode_layer(made.folders, made.settings, *PARTS)
    units = read_array(made.folders.decoding_accuracy(*PARTS), "accuracy")[0]
    assert np.nonzero(np.isnan(units))[0].tolist() == [4]
    assert np.isfinite(read_array(made.folders.encoding_accuracy(*PARTS), "accuracy")).all()


def test_images_are_joined_by_name_never_by_rank(made):
    decode_layer(made.folders, made.settings, *PARTS)
    first = read_array(made.folders.decoding_accuracy(*PARTS), "accuracy")
    shutil.rmtree(made.data / "feature_decoders")
    for kind in ("Training", "Test"):  # an image more, which sorts before all others
        folder = made.folders.features(f"ImageNet{kind}", "made/one") / "layer2"
        some = sorted(folder.iterdir())[0]
        mean = np.mean([read_array(p, "feat") for p in folder.iterdir()], axis=0)
        write_array(
            folder / "aaa.mat",
            mean.astype("f4") if kind == "Training" else read_array(some, "feat"),
            "feat",
        )
    decode_layer(made.folders, made.settings, *PARTS)
    again = read_array(made.folders.decoding_accuracy(*PARTS), "accuracy")
    np.testing.assert_allclose(again, first, atol=2e-3)  # the standard deviation is of 31 images


def rename_images(made, kind, new, subject):
    path = made.folders.recording(subject, kind)
    with h5py.File(path, "r+") as file:
        for number, name in list(file["vmap/stimulus_name"].items()):
            text = name[()].decode()
            del file[f"vmap/stimulus_name/{number}"]
            file[f"vmap/stimulus_name/{number}"] = new(text)


def test_images_without_features_are_a_sentence(made):
    for subject in made.settings.subjects:
        rename_images(made, "Training", lambda n: "other" if n == "n3_x" else n, subject)
    with pytest.raises(ic.MisalignedError, match="no rows for 1 of 30 stimuli: 'other'|'other'"):
        encode_layer(made.folders, made.settings, *PARTS)
    for subject in made.settings.subjects:
        rename_images(made, "Training", lambda name: f"{name}.JPEG", subject)
    with pytest.raises(ic.MisalignedError, match="no image of the recording has features.*by name"):
        decode_layer(made.folders, made.settings, *PARTS)


def test_subjects_who_saw_different_images_are_a_sentence(made):
    path = made.folders.recording("sub-02", "Test")
    data = ic.read_bdata(path)
    keep = np.array(data.labels()) != "t3"
    ic.write_bdata(ic.BData(data.dataset[keep], data.metadata, {}, data.vmap), path)
    for work in (decode_layer, encode_layer):
        with pytest.raises(
            ic.MisalignedError,
            match="sub-02 and sub-01 saw different test images: only sub-01 't3'",
        ):
            work(made.folders, made.settings, *PARTS)
    work(made.folders, made.settings, "made/one", "layer2", "sub-03", "V3")


def test_a_recording_without_the_region_or_names_is_a_sentence(made):
    path = made.folders.recording("sub-02", "Test")
    settings = read_settings(made.path)
    data = ic.read_bdata(path)
    metadata = {key: row for key, row in data.metadata.items() if key != "ROI_V3"}
    ic.write_bdata(ic.BData(data.dataset, metadata, {}, data.vmap), path)
    with pytest.raises(ic.InputError, match="no region 'V3'.*Did you mean 'ROI_V.'.*ROI_HVC"):
        decode_layer(made.folders, settings, *PARTS)
    metadata = {**data.metadata, "ROI_V3": np.zeros_like(data.metadata["ROI_V3"])}
    ic.write_bdata(ic.BData(data.dataset, metadata, {}, data.vmap), path)
    with pytest.raises(ic.InputError, match="region 'V3'.*has no voxels"):
        decode_layer(made.folders, settings, *PARTS)
    ic.write_bdata(ic.BData(data.dataset, data.metadata, {}, {}), path)
    with pytest.raises(ic.InputError, match="no names for 'stimulus_name'.*never by rank"):
        decode_layer(made.folders, settings, *PARTS)
    path.unlink()
    with pytest.raises(ic.NotFoundError, match="no test recording of 'sub-02'"):
        decode_layer(made.folders, settings, *PARTS)


def test_layers_that_differ_between_the_sets_are_a_sentence(made):
    folder = made.folders.features("ImageNetTest", "made/one") / "layer2"
    for path in folder.iterdir():
        write_array(path, np.zeros((1, 9), "f4"), "feat")
    with pytest.raises(ic.MisalignedError, match="15 units for the training images but 9"):
        encode_layer(made.folders, made.settings, *PARTS)
    with pytest.raises(ic.FormatError, match="gives 15 units, but the layer has 9"):
        decode_layer(made.folders, made.settings, *PARTS)


def accuracies(made, network="made/one", skip=()):
    """Accuracy files whose hierarchy is perfect."""
    rng = np.random.default_rng(0)
    by_folder = {each.folder: each for each in made.settings.networks}
    for i, layer in enumerate(by_folder[network].layers):
        for subject in made.settings.subjects:
            for j, roi in enumerate(made.settings.rois):
                near = 0.6 * (min(i, 4) == j)
                for of in (made.folders.decoding_accuracy, made.folders.encoding_accuracy):
                    if of.__name__ not in skip:
                        write_array(
                            of(network, layer, subject, roi),
                            rng.uniform(0, 0.3, (1, 20)).astype("f4") + near,
                            "accuracy",
                        )


QUICK = ScoreOptions(resampling=ic.Resampling(n=20))


def test_a_perfect_hierarchy_is_scored(made):
    accuracies(made)
    score = score_network(made.folders, made.settings, made.settings.networks[0], QUICK)
    assert score.decoding.value > 0.95
    assert score.encoding.value > 0.9
    assert score.mean.value == (score.decoding.value + score.encoding.value) / 2
    assert score.decoding.notes["n_stimuli"] == 14  # counted in the test set
    assert score.decoding.n == 6 * 3 * 20


def test_encoding_under_bhscore2021_takes_the_published_voxels(made):
    rng = np.random.default_rng(0)
    network = made.settings.networks[0]
    r = rng.uniform(size=(6, 1500)).astype("f4")
    for i, layer in enumerate(network.layers):
        for subject in made.settings.subjects:
            for roi in made.settings.rois:
                path = made.folders.encoding_accuracy(network.folder, layer, subject, roi)
                write_array(path, r[[i]], "accuracy")
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    expected = np.random.choice(r[2], 1000, replace=False)  # noqa: NPY002
    np.random.set_state(state)  # noqa: NPY002
    found = read_encoding(made.folders, made.settings, network, "bhscore2021")
    np.testing.assert_array_equal(found.parts[0][0][2], expected)
    assert read_encoding(made.folders, made.settings, network).parts[0][0].shape == (6, 1500)


def test_accuracies_in_the_folders_of_the_original_are_found(made):
    accuracies(made)
    expected = score_network(made.folders, made.settings, made.settings.networks[0], QUICK)
    (made.data / "decoding_accuracy").rename(made.data / "decoding_accuracy_shared")
    old = made.data / "encoded_fmri" / "ImageNetTest"
    old.mkdir(parents=True)
    (made.data / "encoding_accuracy" / "ImageNetTest").rename(old / "profile_correlation")
    found = score_network(made.folders, made.settings, made.settings.networks[0], QUICK)
    assert found.mean.value == expected.mean.value


def test_one_kind_of_accuracies_is_enough(made):
    accuracies(made, skip=("encoding_accuracy",))
    score = score_network(made.folders, made.settings, made.settings.networks[0], QUICK)
    assert score.encoding is None
    assert score.mean is None
    assert "no encoding accuracies" in score.notes[0]
    with pytest.raises(ic.NotFoundError, match="no accuracies of 'made/two'.*decode"):
        score_network(made.folders, made.settings, made.settings.networks[1], QUICK)


def test_accuracy_files_that_do_not_fit_are_a_sentence(made):
    accuracies(made)
    network = made.settings.networks[0]
    path = made.folders.decoding_accuracy(network.folder, "layer1", "sub-03", "V4")
    write_array(path, np.zeros((1, 7), "f4"), "accuracy")
    with pytest.raises(ic.FormatError, match=r"layer1, sub-03.*\[20, 20, 20, 7, 20\]"):
        score_network(made.folders, made.settings, network, QUICK)
    write_array(path, np.zeros((4, 5), "f4"), "accuracy")
    with pytest.raises(ic.FormatError, match=r"accuracies of shape \(4, 5\)"):
        score_network(made.folders, made.settings, network, QUICK)
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(ic.FormatError, match="truncated"):
        score_network(made.folders, made.settings, network, QUICK)
    path.unlink()
    path.with_name("accuracy.mat.failed.txt").write_text("job\nthe region was not there\n")
    with pytest.raises(ic.NotFoundError, match="bh decode first. It failed: the region was not"):
        score_network(made.folders, made.settings, network, QUICK)


def test_few_layers_are_all_used_and_said(made):
    raw = json.loads(made.path.read_text())
    raw["dnns"]["One"]["layers"] = ["layer0", "layer2", "layer4"]
    made.path.write_text(json.dumps(raw))
    made.settings = read_settings(made.path)
    accuracies(made)
    score = score_network(made.folders, made.settings, made.settings.networks[0], QUICK)
    assert "3 layers are fewer than 5, all used" in score.notes[0]
    assert n_test_images(made.folders, made.settings, made.settings.networks[0]) == 14


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"rois": []}, ic.FormatError, "has no 'rois'; it needs subjects, rois and dnns"),
        ({"dnns": {"A": {"dir": "x"}}}, ic.FormatError, "'A' needs 'dir' and 'layers'"),
        ({"dnns": {"A": {"dir": "x/y", "layers": ["a", "a"]}}}, ic.FormatError, "a layer twice"),
        ({"dnns": {"A": {"dir": "../y", "layers": ["a"]}}}, ic.FormatError, "leaves the data"),
        ({"dnns": {"A": {"dir": "y", "layers": ["a/b"]}}}, ic.FormatError, "is written ':'"),
    ],
)
def test_wrong_settings_are_a_sentence(change, error, words, made):
    made.path.write_text(json.dumps({**made.raw, **change}))
    with pytest.raises(error, match=words):
        read_settings(made.path)


def test_settings_that_are_no_settings_are_a_sentence(made):
    with pytest.raises(ic.NotFoundError, match="no settings file"):
        read_settings(made.data / "none.json")
    made.path.write_text("{subjects: ")
    with pytest.raises(ic.FormatError, match="is not JSON"):
        read_settings(made.path)
    with pytest.raises(ic.InputError, match="no network 'made/on'.*Did you mean 'made/one'"):
        made.settings.only("made/on")
    shutil.copy(made.folders.recording("sub-01", "Test"), made.data / "fmri" / "sub-01_Test.h5")
    with pytest.raises(ic.InputError, match="Several files could be the test recording"):
        made.folders.recording("sub-01", "Test")
