"""One of each noun, with a label that would end a page."""

import nibabel
import numpy as np
import pytest

import isocortex as ic

HOSTILE = "<script>alert('ö & \"x\"')</script>$^{"
NAMES = [HOSTILE, *(f"image {i}" for i in range(19))]
STUDY = """
study = {name = "<script>digits"}
stimuli = {dataset = "digits69"}
network = [{name = "cifar10_resnet20", weights = "random", layers = ["conv1", "linear"]}]
recording = [{name = "fMRI", dataset = "digits69"}]
method = [{name = "RSA", kind = "rsa"}]
"""


def _voxels(rng):
    betas = rng.normal(size=(9, 8, 5, 3))
    return ic.read_nifti(nibabel.Nifti1Image(betas, 3 * np.eye(4)))


def _of_networks():
    network = ic.load_network("cifar10_resnet20", weights=None)
    losses = np.geomspace(2, 0.1, 60).reshape(20, 3)
    picture = ic.textures(1, size=(32, 32)).read(0)
    return {
        "Network": network,
        "Store": ic.extract(network, ic.textures(2, size=(32, 32)), ["conv1", "linear"]),
        "Description": ic.describe(network, 10),
        "Saliency": ic.saliency(network, picture, "linear", unit=3),
        "OptimalStimulus": ic.optimal_stimulus(network, "conv1", unit=2, steps=2),
        "ReceptiveField": ic.receptive_field(network, "conv1"),
        "Occlusion": ic.Occlusion(),
        "TrainingReport": ic.TrainingReport(losses, 0.9, ("a", HOSTILE)),
    }


def _of_data(rng):
    layer = ic.Responses(rng.normal(size=(20, 5)), NAMES, {"i": range(5)}, {"layer": HOSTILE})
    single = ic.Trials(rng.normal(size=(40, 6)), [HOSTILE, "b"] * 20, runs=[1, 1, 2, 2] * 10)
    series = ic.Trials(rng.normal(size=(8, 3, 4)), ["a", "b"] * 4, np.arange(4) / 10)
    pixels = rng.integers(0, 255, (6, 64, 48, 3), dtype=np.uint8)
    words = {"word": ["so", HOSTILE], "onset": [0, 1], "offset": [1, 2]}
    keys = {"ROI_V1": np.array([1.0, np.nan]), HOSTILE: np.ones(2)}
    return {
        "Responses": layer,
        "Responses of voxels": _voxels(rng),
        "Trials": single,
        "Trials with times": series,
        "Gram": ic.gram(layer),
        "Noise": ic.noise_covariance(single),
        "Stimuli": ic.Stimuli.from_arrays(pixels, NAMES[:6]),
        "Stimuli of words": ic.Stimuli.from_words(words),
        "Estimate": ic.Estimate(0.31234567890123456, 0.1, 0.5, 0.0031, 10, HOSTILE),
        "BData": ic.BData(np.ones((2, 2)), keys, {}, {}),
        "Neighbours": ic.neighbours(_voxels(rng), radius=3.0),
    }


def _of_scores(rng):
    subjects = {"subject": {"subject": range(8)}}
    layers = {"layer": {"layer": [f"conv{i}" for i in range(1, 7)]}}
    times = {"time": {"time": np.arange(30) / 100}}
    regions = {"region": {"region": ["V1", "IT", HOSTILE]}}
    profile = np.sin(np.arange(6) / 2)[:, None, None] + rng.normal(0, 0.1, (6, 3, 8))
    course = rng.normal(0.1, 0.1, (8, 30)) + 0.3 * (np.arange(30) > 12)
    pair = {"first": layers["layer"], "second": {"other_layer": layers["layer"]["layer"]}}
    courses = ic.Scores(course, {**subjects, **times}, "spearman")
    units = _voxels(rng).units
    folds = {"fold": {"fold": range(3)}}
    maps = ic.Scores(rng.normal(size=(3, len(units))), {**folds, "unit": units}, "r2")
    return {
        "Scores": ic.Scores(profile, {**layers, **regions, **subjects}, "spearman"),
        "Scores over time": courses,
        "Scores of pairs": ic.Scores(rng.random((6, 6)), pair, "cka"),
        "Scores of voxels": maps,
        "Scores without numbers": ic.Scores(np.full((3, 6), np.nan), {**folds, **layers}),
        "Clusters": ic.clusters(courses, n_permutations=50),
    }


def _of_inference(rng):
    models = ic.RDMs(rng.random((3, 190)), NAMES, {"layer": ["conv1", HOSTILE, "conv5"]})
    people = models.values[0] + models.values[2] / 2 + rng.random((6, 190))
    brain = ic.RDMs(people, NAMES, {"subject": range(6)}, "correlation")
    gaps = np.where(rng.random((2, 190)) < 0.2, np.nan, 1.0)
    sets = {"a": models.select(layer="conv1"), HOSTILE: models.select(layer="conv5")}
    return {
        "RDMs": brain,
        "RDMs with gaps": ic.RDMs(gaps, NAMES, gaps=True),
        "Inference": ic.infer(models, brain, "pearson", n=30),
        "FittedRDMs": ic.fit_rdms(ic.Weighted(models), brain, "pearson"),
        "Partition": ic.partition(sets, brain, n=30),
        "Recovery": ic.recovery(models, brain, comparison=["pearson"], n=3),
        "Weighted": ic.Weighted(models),
    }


def _of_settings():
    return {
        "Folds": ic.Folds(3),
        "Permutation": ic.Permutation(5),
        "Ridge": ic.Ridge([1.0, 10.0]),
        "Citation": ic.citation(),
        "Weights": ic.Weights("teacher.pth", HOSTILE),
        "Betas": ic.Betas(),
    }


def _of_studies(folder):
    study = ic.Study.from_text(STUDY, folder)
    return {"Study": study, "StudyPlan": ic.plan(study), "StudyResult": ic.run(study)}


@pytest.fixture(scope="session")
def nouns(tmp_path_factory):
    rng = np.random.default_rng(0)
    made = _of_data(rng) | _of_scores(rng) | _of_inference(rng) | _of_networks() | _of_settings()
    return made | _of_studies(tmp_path_factory.mktemp("study"))
