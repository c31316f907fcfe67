"""Whatever is handed to a public verb or plot: a result, or a sentence."""

import inspect
import re
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator

import isocortex as ic

NAMES = [f"image {i}" for i in range(8)]
ABSTRACT = {"LinearModel"}


def nouns(folder):
    """One of each noun, small."""
    rng = np.random.default_rng(0)
    layer = ic.Responses(rng.normal(size=(8, 5)), NAMES, {"i": range(5)}, {"layer": "conv1"})
    series = ic.Trials(
        rng.normal(size=(8, 3, 4)), ["a", "b"] * 4, np.arange(4) / 10, [1, 1, 2, 2] * 2
    )
    single = ic.Trials(rng.normal(size=(12, 3)), ["a", "b"] * 6)
    rdms = ic.RDMs(rng.random((3, 28)), NAMES, {"subject": [1, 2, 3]})
    subjects = {"subject": {"subject": range(8)}}
    scores = ic.Scores(rng.random((2, 8)), {"layer": {"layer": ["a", "b"]}, **subjects}, "spearman")
    course = ic.Scores(rng.random((8, 4)), {**subjects, "time": {"time": np.arange(4) / 10}})
    network = ic.load_network("cifar10_resnet20", weights=None)
    store = ic.extract(network, ic.textures(2, size=(32, 32)), ["conv1"])
    return {
        "Responses": layer,
        "Trials with times": series,
        "Trials": single,
        "RDMs": rdms,
        "Scores": scores,
        "Gram": ic.gram(layer),
        "Estimate": ic.Estimate(0.3, 0.1, 0.5, 0.01, 10, "t"),
        "Clusters": ic.clusters(course, n_permutations=50),
        "Noise": ic.noise_covariance(single),
        "Stimuli": ic.gratings([0, 45, 90]),
        "words": ic.Stimuli.from_words({"word": ["a", "b"], "onset": [0, 1], "offset": [1, 2]}),
        "Network": network,
        "Store": store,
        "BData": ic.BData(np.ones((2, 2)), {}, {}, {}),
        "Folds": ic.Folds(3),
        "Permutation": ic.Permutation(5),
        "model": ic.Ridge([1.0]),
    }


PLAIN = {
    "None": None,
    "a string": "conv1",
    "a number": 3,
    "an array": np.eye(8),
    "a table": pd.DataFrame(np.eye(8)),
    "a list": [1, 2],
    "a list of nothing": [],
    "a mapping": {"a": 1},
    "a function": np.mean,
    "a class": dict,
    "an array without axes": np.array(3.0),
    "a sparse matrix": sparse.csr_array(np.eye(8)),
    "a masked array": np.ma.masked_equal(np.eye(8), 1),
    "complex numbers": np.eye(8) * 1j,
    "a date": np.array(["2020-01-01"], "datetime64[D]"),
    "words in an array": np.array(["a", "b"]),
    "bytes": b"abc",
    "a module of Python": np,
    "a name that no file can have": "x" * 5000,
    "lists of lists": [[1.0], ["a", "b"]],
}


def foreign():
    mne = pytest.importorskip("mne")
    rsatoolbox = pytest.importorskip("rsatoolbox")
    nibabel = pytest.importorskip("nibabel")
    torch = pytest.importorskip("torch")
    xarray = pytest.importorskip("xarray")
    maskers = pytest.importorskip("nilearn.maskers")
    info = mne.create_info(2, 100.0, "eeg")
    events = np.array([[i * 10, 0, 1 + i % 2] for i in range(4)])
    ids = {"a": 1, "b": 2}
    return {
        "epochs of MNE": mne.EpochsArray(
            np.zeros((4, 2, 6)), info, events, event_id=ids, verbose=False
        ),
        "RDMs of rsatoolbox": rsatoolbox.rdm.RDMs(np.random.default_rng(0).random((2, 28))),
        "a masker of nilearn": maskers.NiftiMasker(),
        "a tensor without axes": torch.tensor(1.0),
        "a module of torch": torch.nn.Linear(3, 2),
        "an array of xarray": xarray.DataArray(np.eye(8)),
        "a dataset of xarray": xarray.Dataset({"a": ("x", np.ones(3))}),
        "an image of nibabel": nibabel.Nifti1Image(np.ones((2, 2, 2)), np.eye(4)),
    }


def doors():
    rooms = {"": ic, "plots.": ic.plots, "features.": ic.features}
    found = {
        f"{p}{name}": getattr(room, name) for p, room in rooms.items() for name in room.__all__
    }
    return {
        name: each
        for name, each in found.items()
        if inspect.isfunction(each)
        or (isinstance(each, type) and not issubclass(each, Exception) and name not in ABSTRACT)
    }


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """Made once: all nouns, plain things, and objects of other packages."""
    return {**nouns(tmp_path_factory.mktemp("store")), **PLAIN, **foreign()}


def calls(door, given, string):
    """The thing as every argument that must be given, as the first beside text, and alone."""
    needed = [
        each
        for each in inspect.signature(door).parameters.values()
        if each.default is each.empty and each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
    ]
    placed = [each for each in needed if each.kind is not each.KEYWORD_ONLY]
    named = {each.name: string for each in needed if each.kind is each.KEYWORD_ONLY}
    if issubclass(door, BaseEstimator) if isinstance(door, type) else False:
        yield (given,) * len(placed), named
        return
    yield (given,) * max(1, len(placed)), named
    if len(placed) > 1:
        yield (given, *(string,) * (len(placed) - 1)), named
        yield (string, *(given,) * (len(placed) - 1)), named
        yield (given,), {}


@pytest.mark.parametrize("name", sorted(doors()))
def test_every_thing_at_every_door_gives_a_result_or_a_sentence(
    name, everything, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    door, raw = doors()[name], []
    for what, thing in everything.items():
        for args, named in calls(door, thing, "conv1"):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    door(*args, **named)
            except ic.IsocortexError:
                pass
            except Exception as problem:
                raw.append((what, len(args), type(problem).__name__, str(problem)[:80]))
            plt.close("all")
    assert raw == []


WRONG = {
    "average": (lambda d: ic.average(d["RDMs"]), "average needs Trials as trials, not RDMs"),
    "rdms to clusters": (
        lambda d: ic.interval(d["Trials"]),
        "interval needs Scores or RDMs as scores, not",
    ),
    "a way": (
        lambda d: ic.write_rdms(d["Responses"], "x.npz"),
        r"needs RDMs as rdms, not Responses: ic.rdms\(responses\) makes RDMs",
    ),
    "an array": (
        lambda d: ic.noise_ceiling(np.eye(3)),
        r"needs RDMs or Trials as data, not ndarray of numpy: ic.RDMs.from_arrays",
    ),
    "a list": (lambda d: ic.interval([d["Scores"]]), "not a list of Scores"),
    "a class": (lambda d: ic.compare(ic.RDMs, d["RDMs"]), "not the class RDMs"),
    "a plot": (lambda d: ic.plots.rdm(d["Scores"]), r"plots\.rdm needs RDMs as rdms, not Scores"),
    "epochs": (
        lambda d: ic.average(d["epochs of MNE"]),
        r"not EpochsArray of mne: ic.read_epochs\(epochs\) makes Trials",
    ),
    "rsatoolbox": (lambda d: ic.fuse(d["RDMs of rsatoolbox"], d["RDMs"]), "from_rsatoolbox"),
    "missing": (
        lambda _: ic.pseudo_trials(),
        "pseudo_trials: missing a required argument: 'trials'",
    ),
    "unknown": (lambda d: ic.average(d["Trials"], n=3), "average: .*'n'.* It takes 'trials'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_door_says_what_it_needs_and_how_to_get_there(name, everything):
    call, match = WRONG[name]
    with pytest.raises(ic.InputError, match=match):
        call(everything)


def test_closed_choices_are_not_said_to_take_functions(everything):
    single, scores = everything["Trials"], everything["Scores"]
    for call in (
        lambda f: ic.standardize(everything["Responses"], f),
        lambda f: ic.align(single, single, join=f),
        lambda f: ic.decoding_rdms(single, balance=f),
        lambda f: ic.interval(scores, tail=f),
        lambda f: ic.noise_ceiling(single, f),
        lambda f: ic.Univariate(select=f).fit(np.eye(8), np.eye(8)),
    ):
        for choice in ("ncsr", np.mean):
            with pytest.raises(ic.InputError) as told:
                call(choice)
            assert "pass a function" not in str(told.value)


def test_errors_name_the_door_that_was_called(everything):
    with pytest.raises(ic.InputError, match="^noise_ceiling"):
        ic.noise_ceiling(ic.Trials(np.eye(3), ["a", "b", "c"]))
    assert not re.search(r"reliability`", ic.normalize.__doc__ or "")
