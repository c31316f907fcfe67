import json

import numpy as np
import pytest

import isocortex as ic
from isocortex.bh.scoring import ScoreOptions, n_test_images, read_encoding, score_network
from isocortex.bh.settings import read_settings
from isocortex.formats.mat.files import write_array


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
