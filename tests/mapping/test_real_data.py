import numpy as np
import pytest
from scipy.io import loadmat
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import isocortex as ic


@pytest.fixture(scope="module")
def digits(shared):
    data = loadmat(shared / "data" / "digits69" / "digit69_28x28.mat")
    voxels = np.concatenate([data["fmriTrn"], data["fmriTest"]])
    pixels = np.concatenate([data["stimTrn"], data["stimTest"]]).astype(float)
    labels = np.concatenate([data["labelTrn"], data["labelTest"]])[:, 0]
    names = [f"digit {i}" for i in range(100)]
    digit = np.where(labels == 1, "six", "nine")
    return (
        ic.Responses(voxels, names, labels={"region": "V1-V3"}),
        ic.Responses(pixels, names),
        digit,
    )


def test_six_is_told_from_nine_by_voxels(digits):
    recording, _, digit = digits
    model = make_pipeline(PCA(50), LogisticRegression())
    assert ic.probe(recording, digit, model).values.mean() > 0.8


def test_images_are_identified_from_voxels(digits):
    recording, pixels, _ = digits
    scores = ic.identification(recording, pixels, ic.Ridge(0.01), folds=5)
    # Digits come in the order of their class: the candidates of a fold are much alike.
    assert scores.values.mean() > 0.8


def test_vision_in_early_cortex_and_meaning_in_late(shared):
    folder = shared / "data" / "objects81"
    data = np.load(folder / "objects81.npz")
    names = [str(name) for name in data["categories"]]
    regions = [str(data["roi_names"][i - 1]) for i in data["roi_index"]]
    recording = ic.Responses(data["betas"].astype(float), names, {"roi": regions})
    spaces = [
        ic.Responses(
            loadmat(folder / f"{name}.mat")[name].astype(float), names, labels={"layer": name}
        )
        for name in ("alexnet", "word2vec")
    ]
    model = ic.Ridge(np.logspace(-3, 5, 17), inner="gcv")
    scores = ic.encode(spaces, recording, model, folds=9)
    mean = {
        (roi, space): scores.select(roi=roi, layer=space).values.mean()
        for roi in ("EVC", "PFS")
        for space in ("alexnet", "word2vec")
    }
    assert mean["EVC", "alexnet"] == pytest.approx(0.54, abs=0.06)
    assert mean["EVC", "word2vec"] == pytest.approx(0.18, abs=0.06)
    assert mean["PFS", "word2vec"] > 2 * mean["PFS", "alexnet"]
