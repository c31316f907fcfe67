"""Runs and stimuli stay together unless told otherwise, and no leak goes in silence."""

import warnings
from contextlib import nullcontext

import numpy as np
import pytest
from scipy.io import loadmat
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    StratifiedGroupKFold,
    StratifiedKFold,
)
from sklearn.pipeline import make_pipeline

import isocortex as ic
from isocortex.errors import LeakWarning
from isocortex.mapping import leaks

LDA = LinearDiscriminantAnalysis()


def sizes_of(scores):
    return scores.tables["fold"]["n_test"].tolist()


@pytest.fixture
def series(rng):
    """60 stimuli, each once, in 5 runs of 8 to 16."""
    runs = np.repeat([3, 1, 4, 0, 2], [8, 12, 16, 10, 14])
    names = [f"t{i:03d}" for i in range(60)]
    x, y = rng.normal(size=(60, 20)), rng.normal(size=(60, 3))
    return ic.Responses(x, names), ic.Trials(y, names, runs=runs), runs


@pytest.mark.parametrize("verb", ["encode", "decode", "list"])
def test_trials_with_runs_are_left_out_by_run(verb, series):
    features, trials, runs = series
    calls = {
        "encode": lambda **k: ic.encode(features, trials, ic.Ridge(1.0), **k),
        "decode": lambda **k: ic.decode(trials, features, ic.Ridge(1.0), **k),
        "list": lambda **k: ic.encode([features], [trials, trials], ic.Ridge(1.0), **k),
    }
    found = calls[verb]()
    right = calls[verb](folds=ic.Folds(LeaveOneGroupOut(), runs))
    np.testing.assert_array_equal(found.values, right.values)
    assert sorted(sizes_of(found)) == [8, 10, 12, 14, 16]
    assert sizes_of(calls[verb](folds=LeaveOneGroupOut())) == sizes_of(found)
    three = calls[verb](folds=3)
    np.testing.assert_array_equal(
        three.values, calls[verb](folds=ic.Folds(GroupKFold(3), runs)).values
    )
    # Told otherwise.
    assert sizes_of(calls[verb](folds=KFold(6))) == [10] * 6
    with pytest.raises(ic.InputError, match=r"by run, and there are 5 .*KFold\(10\)"):
        calls[verb](folds=10)


def test_identification_goes_by_run_too(series):
    features, trials, runs = series
    found = ic.identification(trials, features, ic.Ridge(1.0))
    right = ic.identification(
        trials, features, ic.Ridge(1.0), folds=ic.Folds(LeaveOneGroupOut(), runs)
    )
    np.testing.assert_array_equal(found.values, right.values)


def test_runs_that_share_stimuli_are_one(rng):
    names = [f"s{i:02d}" for i in range(40)]
    features = ic.Responses(rng.normal(size=(40, 8)), names)
    # Sessions of 20 stimuli, each shown in two runs.
    stimuli = names[:20] * 2 + names[20:] * 2
    trials = ic.Trials(rng.normal(size=(80, 3)), stimuli, runs=np.repeat([1, 2, 3, 4], 20))
    assert sizes_of(ic.encode(features, trials, ic.Ridge(1.0))) == [20, 20]
    # Where all runs have all stimuli, an average has no run: stimuli are left out.
    everywhere = ic.Trials(rng.normal(size=(80, 3)), names * 2, runs=np.repeat([1, 2], 40))
    assert sizes_of(ic.encode(features, everywhere, ic.Ridge(1.0))) == [4] * 10


@pytest.fixture
def images(rng):
    """20 images of two kinds that say nothing of the kind, ten trials each, without runs."""
    patterns = 2 * rng.normal(size=(20, 30))
    names = [f"image {i:02d}" for i in range(20)]
    kind = dict(zip(names, rng.permutation(["a", "b"] * 10), strict=True))
    values = np.tile(patterns, (10, 1)) + rng.normal(size=(200, 30))
    return ic.Trials(values, names * 10), kind


@pytest.mark.parametrize("folds", [None, 5])
def test_labels_by_stimulus_keep_its_trials_together(folds, images):
    trials, kind = images
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = ic.probe(trials, kind, LDA, folds=folds)
    labels = [kind[name] for name in trials.stimuli]
    by_image = StratifiedGroupKFold(folds or 10)
    right = ic.probe(trials, labels, LDA, folds=ic.Folds(by_image, list(trials.stimuli)))
    np.testing.assert_array_equal(found.values, right.values)
    assert found.values.mean() < 0.75
    ratings = ic.Responses(np.arange(20.0)[:, None], list(kind))
    numbers = ic.probe(trials, ratings, ic.Ridge(1.0), folds=folds)
    assert set(sizes_of(numbers)) == {200 // (folds or 10)}


@pytest.mark.parametrize("with_runs", [False, True])
def test_stimuli_on_both_sides_are_told_with_their_number(with_runs, images):
    trials, kind = images
    if with_runs:
        trials = trials.replace(runs=np.repeat(np.arange(10), 20))
    labels = [kind[name] for name in trials.stimuli]
    for given, folds in ((labels, None), (kind, StratifiedKFold(5)), (kind, LeaveOneGroupOut())):
        if folds and "Group" in repr(folds) and not with_runs:
            continue
        with pytest.warns(LeakWarning, match="200 of 200 test trials are of a stimulus") as caught:
            found = ic.probe(trials, given, LDA, folds=folds)
        assert len(caught) == 1
        assert found.values.mean() > 0.85


def test_stimuli_that_are_told_apart_are_no_leak(images):
    trials, _ = images
    trials = trials.replace(runs=np.repeat(np.arange(10), 20))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for labels in (trials.stimuli, {name: name.upper() for name in trials.stimuli}):
            found = ic.probe(trials, labels, LDA)
            assert sizes_of(found) == [20] * 10
        # What changes from trial to trial is not learnt from the stimulus.
        ic.probe(trials, np.tile(["left", "right"], 100)[np.argsort(np.arange(200) % 7)], LDA)


def test_stimuli_and_runs_that_go_together_stay_whole(images):
    trials, kind = images
    block = np.array([int(name[-2:]) // 4 for name in trials.stimuli])
    found = ic.probe(trials.replace(runs=block), kind, LDA)
    assert sizes_of(found) == [40] * 5


def test_a_class_of_one_stimulus_cannot_stay_whole(images):
    trials, kind = images
    first, *_ = kind
    odd = {**kind, first: "odd"}
    with pytest.raises(ic.InputError, match="class 'odd' has one stimulus only"):
        ic.probe(trials, odd, LDA)
    with pytest.raises(ic.InputError, match="folds=12.*choose 2 to 10"):
        ic.probe(trials, kind, LDA, folds=12)


@pytest.mark.parametrize("side", ["features", "targets"])
@pytest.mark.parametrize("size", [0.0, 1e-6, 0.05])
@pytest.mark.parametrize("gram", [False, True])
def test_near_copies_are_told_with_their_number(side, size, gram, rng):
    x, y = rng.normal(size=(60, 100)) + 30, rng.normal(size=(60, 40)) - 9
    for values, name in ((x, "features"), (y, "targets")):
        if name == side:
            values[45:51] = values[:6] + size * rng.normal(size=(6, values.shape[1]))
    features = ic.Responses(x, "by position")
    source = ic.gram(features) if gram else features
    words = rf"12 test stimuli have a near-copy .* by their {side}.*'stimulus 0' of 'stimulus 45'"
    with pytest.warns(LeakWarning, match=words) as caught:
        ic.encode(source, ic.Responses(y, "by position"), ic.Ridge(1.0), pooled=True)
    assert len(caught) == 1
    kept = np.r_[np.arange(45), np.arange(6), np.arange(51, 60)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ic.encode(
            source,
            ic.Responses(y, "by position"),
            ic.Ridge(1.0),
            folds=ic.Folds(GroupKFold(5), kept),
        )
    with pytest.warns(LeakWarning, match="6 test stimuli have a near-copy"):
        ic.encode(
            source,
            ic.Responses(y, "by position"),
            ic.Ridge(1.0),
            folds=ic.FixedSets(train=[f"stimulus {i}" for i in range(45)]),
        )


def slow(rng, n, p, rho=0.9):
    values = rng.normal(size=(n, p))
    for t in range(1, n):
        values[t] = rho * values[t - 1] + np.sqrt(1 - rho**2) * values[t]
    return ic.Responses(values, "by position")


def test_slow_series_under_shuffled_folds_are_told(rng):
    x, y = slow(rng, 120, 30), slow(rng, 120, 20)
    shuffled = KFold(6, shuffle=True, random_state=0)
    words = r"lag 1: 0\.[789]\d? of what predicts, 0\.[789]\d? of what is predicted.* \d\d% of"
    with pytest.warns(LeakWarning, match=words):
        ic.encode(x, y, ic.Ridge(10.0), folds=shuffled)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ic.encode(x, y, ic.Ridge(10.0), folds=6)
        white = ic.Responses(rng.normal(size=(120, 20)))
        ic.encode(x, white, ic.Ridge(10.0), folds=shuffled)
        ic.encode(white, y, ic.Ridge(10.0), folds=shuffled)
    blocks = np.repeat(np.tile(["a", "b"], 10), 6)
    with pytest.warns(LeakWarning, match="follow one another slowly"):
        ic.probe(x, blocks, LDA, folds=StratifiedKFold(6, shuffle=True, random_state=0))


def sets_of(shared):
    data = loadmat(shared / "data" / "digits69" / "digit69_28x28.mat")
    pixels = np.concatenate([data["stimTrn"], data["stimTest"]]).astype(float)
    voxels = np.concatenate([data["fmriTrn"], data["fmriTest"]])
    yield pixels, voxels
    folder = shared / "data" / "objects81"
    betas = np.load(folder / "objects81.npz")["betas"].astype(float)
    for name in ("alexnet", "word2vec"):
        yield loadmat(folder / f"{name}.mat")[name].astype(float), betas


@pytest.mark.parametrize("folds", [10, KFold(10, shuffle=True, random_state=0)])
def test_ordinary_recordings_raise_no_alarm(folds, shared):
    for x, y in sets_of(shared):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", LeakWarning)
            ic.encode(
                ic.Responses(x, "by position"),
                ic.Responses(y, "by position"),
                ic.Ridge(10.0),
                folds=folds,
            )
            ic.decode(
                ic.Responses(y, "by position"),
                ic.Responses(x[:, ::7], "by position"),
                ic.Ridge(10.0),
                folds=folds,
            )


@pytest.mark.parametrize("p", [1, 2, 5, 40])
def test_ordinary_numbers_raise_no_alarm(p, rng):
    group = np.repeat(np.arange(8), 12)
    designs = [
        rng.normal(size=(96, p)),
        rng.exponential(size=(96, p)) ** 2,
        np.maximum(rng.normal(size=(96, p)), 0),
        rng.integers(0, 5, size=(96, p)).astype(float),
        np.eye(8)[group][:, : p + 1] + 0.0,
        # Sorted by category.
        2 * rng.normal(size=(8, p))[group] + rng.normal(size=(96, p)),
    ]
    y = 2 * rng.normal(size=(8, 9))[group] + rng.normal(size=(96, 9))
    shuffled = KFold(8, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", LeakWarning)
        for x in designs:
            ic.encode(
                ic.Responses(x, "by position"),
                ic.Responses(y, "by position"),
                ic.OLS(),
                folds=shuffled,
            )
            ic.encode(
                ic.Responses(y, "by position"),
                ic.Responses(x, "by position"),
                ic.Ridge(1.0),
                folds=shuffled,
                pooled=True,
            )
        model = make_pipeline(PCA(2), LogisticRegression())
        ic.probe(ic.Responses(y, "by position"), group // 4, model, folds=4)


def test_products_by_which_copies_are_found_have_the_threads_they_gain_from(rng, monkeypatch):
    asked = []
    monkeypatch.setattr(leaks, "threads_for", lambda *size: asked.append(size) or nullcontext())
    folds = [(np.arange(20), np.arange(20, 30))]
    assert (
        leaks.leaks_of_targets(folds, [f"s{i}" for i in range(30)], rng.normal(size=(30, 7))) == []
    )
    assert asked == [(30, 7)]
