"""One of each noun, with what is hard to keep in it."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

import isocortex as ic
from isocortex.data.label_rows import LabelRows
from isocortex.data.layer_names import Call, LayerName
from isocortex.data.recorded.films import Film, FilmHead

NAMES = [f"bild {i} ä" for i in range(24)]


def responses(rng, n_units=5, names=NAMES):
    units = pd.DataFrame({"channel": np.arange(n_units), "area": list("abcde")[:n_units]})
    values = rng.normal(size=(len(names), n_units)).astype(np.float32)
    layer = LayerName("conv1", [Call("net", 0, ("features.0",))])
    labels = {"layer": layer, "network": "net", "depth": 0.5, "gap": float("nan"), "none": None}
    return ic.Responses(values, names, units, labels)


def trials(rng):
    runs = np.array(["a", "a", "b", "b"] * 3)
    values = rng.normal(size=(12, 3, 4))
    table = {"channel": ["Fz", "Cz", "Pz"]}
    return ic.Trials(values, ["face", "house"] * 6, [-0.1, 0.0, 0.1, 0.2], runs, table)


def rdms(rng):
    values = rng.random((2, 24 * 23 // 2))
    values[1, 3] = np.nan
    day = pd.Timestamp("2026-11-26")
    labels = {"subject": [1, 2], "layer": ["conv1", "conv5"], "day": [day, day]}
    return ic.RDMs(values, NAMES, labels, "correlation", gaps=True)


def scores(rng, model=None):
    features, voxels = responses(rng), responses(rng, 3)
    voxels = voxels.replace(labels={"region": "IT"})
    model = model or ic.Ridge([1.0, 10.0])
    return ic.encode(features, voxels, model, folds=3, keep_model=True, permutations=25)


def clusters(rng):
    tables = {"subject": {"subject": range(8)}, "time": {"time": np.arange(6) / 100}}
    values = rng.normal(0.1, 0.1, (8, 6))
    return ic.clusters(ic.Scores(values, tables, "spearman"), n_permutations=50)


def estimate(_):
    return ic.Estimate(0.3, 0.1, np.inf, 0.01, 12, "t", pd.DataFrame({"V1": [1, 2]}), {"seed": 3})


def stimuli(rng):
    onsets = pd.DataFrame({"onset": pd.Series([(1, 2), (3,), ()])})
    pixels = rng.integers(0, 255, (3, 4, 4, 3), dtype=np.uint8)
    return ic.Stimuli.from_arrays(pixels, ["a", "b", "c"], onsets)


def sounds(rng):
    return ic.Stimuli.from_audio(list(rng.normal(0, 0.1, (2, 800))), rate=800, window=0.5, hop=0.2)


def films(_):
    head = FilmHead(32, 24, Fraction(30000, 1001), 60, 2.002, "mpeg4", ("video mpeg4",), {"a": "b"})
    clips = [Film(Path("film.mp4"), head, onset, 1.0) for onset in (0.0, 1.0)]
    table = {"onset": [0.0, 1.0], "offset": [1.0, 2.0], "run": ["film", "film"]}
    return ic.Stimuli(["a", "b"], clips, "video", pd.DataFrame(table))


def categories(rng):
    areas = pd.Categorical(["V1", "V2", None], ["V2", "V1"], ordered=True)
    return responses(rng, 3).replace(units=pd.DataFrame({"area": areas, "n": [1, 2, 3]}))


def noise(rng):
    return ic.noise_covariance(ic.Trials(rng.normal(size=(20, 3)), ["a", "b"] * 10))


def unnamed(rng):
    return ic.Responses(rng.normal(size=(4, 2)))


def probe(rng):
    features = responses(rng)
    return ic.probe(features, ["cat", "dog"] * 12, LogisticRegression(), folds=3, keep_model=True)


def scores_of_spaces(rng):
    spaces = [
        ic.Responses(rng.normal(size=(24, p)), NAMES[:24], labels={"layer": f"l{p}"})
        for p in (2, 5)
    ]
    recording = ic.Responses(rng.normal(size=(24, 3)), NAMES[:24])
    scores = ic.encode(spaces, recording, ic.BandedRidge([1.0, 10.0]), folds=3, keep_model=True)
    # The spaces themselves come back as Gram matrices, which is tested elsewhere.
    return scores.replace(kept={k: scores.kept[k] for k in ("models", "predicted")})


def rdms_of_people(rng):
    models = ic.RDMs(rng.random((3, 120)), NAMES[:16], {"layer": list("abc")})
    people = models.values.sum(0) + rng.random((6, 120))
    return models, ic.RDMs(people, NAMES[:16], {"subject": range(6)})


def fitted_rdms(rng):
    models, brain = rdms_of_people(rng)
    return ic.fit_rdms(ic.Weighted(models), brain, "pearson")


def partition(rng):
    models, brain = rdms_of_people(rng)
    sets = {"a": models.select(layer="a"), "b and c": models.select(layer=["b", "c"])}
    return ic.partition(sets, brain, n=30)


def recovery(rng):
    models, brain = rdms_of_people(rng)
    return ic.recovery(models, brain, comparison=["pearson", "cosine"], n=3)


NOUNS = {
    "Responses": responses,
    "unnamed Responses": unnamed,
    "Trials": trials,
    "Gram": lambda rng: ic.gram(responses(rng)),
    "RDMs": rdms,
    "Scores": scores,
    "Scores of probe": probe,
    "Scores of feature spaces": scores_of_spaces,
    "FittedRDMs": fitted_rdms,
    "Inference": lambda rng: ic.infer(*rdms_of_people(rng), "pearson", n=30),
    "Partition": partition,
    "Recovery": recovery,
    "Estimate": estimate,
    "Clusters": clusters,
    "Noise": noise,
    "Stimuli": stimuli,
    "Stimuli of sound": sounds,
    "Stimuli of film": films,
    "Stimuli of words": lambda _: ic.Stimuli.from_words(
        {"word": ["so", "it"], "onset": [0.0, 0.5], "offset": [0.4, 0.9], "speaker": ["a", "b"]}
    ),
    "Responses with categories": categories,
    "Ceiling": lambda rng: ic.noise_ceiling(rdms_of_people(rng)[1]),
    "TrainingReport": lambda rng: ic.TrainingReport(rng.random((2, 3)), 0.9, ("cat", "dog")),
    "Folds of scikit-learn": lambda _: ic.Folds(GroupKFold(2), ["a", "b", "a", "b"]),
    "Folds by run": lambda _: ic.Folds.by_run(["1", "1", "2", "2"]),
    "Folds": lambda _: ic.Folds(3, {"a": 1, "b": 2}),
    "Permutation": lambda _: ic.Permutation(20, 3, "circular"),
    "Resampling": lambda _: ic.Resampling(),
}


def same(a, b, at="noun"):
    """Fails with the place where two things differ: classes, fields, types, bits."""
    assert type(a) is type(b), (at, type(a), type(b))
    a, b = (each.frame() if isinstance(each, LabelRows) else each for each in (a, b))
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype, at
        np.testing.assert_array_equal(a, b, err_msg=at)
    elif isinstance(a, pd.DataFrame):
        pd.testing.assert_frame_equal(a, b)
        cells = [[list(t[key]) for key in t] for t in (a, b)]
        same(*cells, f"{at} cells")
    elif isinstance(a, LayerName):
        assert (str(a), a.calls) == (str(b), b.calls), at
    elif isinstance(a, str):
        assert a == b, at
        assert vars(a) == vars(b) if hasattr(a, "__dict__") else True, at
    elif isinstance(a, dict):
        assert list(a) == list(b), at
        [same(a[key], b[key], f"{at}.{key}") for key in a]
    elif isinstance(a, list | tuple):
        assert len(a) == len(b), at
        [same(x, y, f"{at}[{i}]") for i, (x, y) in enumerate(zip(a, b, strict=True))]
    elif hasattr(a, "__dict__"):
        left, right = ({**vars(each)} for each in (a, b))
        for made in ("_unit_table", "_units"):  # The table, or a function that makes it.
            left.pop(made, None), right.pop(made, None)
        if isinstance(a, ic.Responses):
            same(a.units, b.units, f"{at}.units")
        same(left, right, at)
    else:
        assert a == b or (a != a and b != b), at


@pytest.fixture(params=NOUNS)
def noun(request, rng):
    """Each noun in turn."""
    return NOUNS[request.param](rng)


@pytest.fixture
def assert_same():
    """The function that compares two nouns in every bit."""
    return same


@pytest.fixture
def kept_scores(rng):
    """Makes scores with kept models."""
    return lambda model: scores(rng, model)
