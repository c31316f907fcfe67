"""Stand-ins of data sets: only where the data are not, of their form, told, with a known answer."""

import inspect

import numpy as np
import pytest
from sklearn.svm import SVC

import isocortex as ic
from isocortex.datasets import folders, orientation, simulated

LOADERS = (
    "images92",
    "digits69",
    "haxby_slice",
    "finger7t",
    "objects7_it",
    "objects81",
    "n170_eeg",
    "alice",
)


def _absent(name):
    raise ic.NotFoundError(f"{name} is not here.")


@pytest.fixture
def absent(monkeypatch):
    monkeypatch.setattr(folders, "fetch", _absent)


@pytest.mark.parametrize("name", LOADERS)
def test_where_data_are_absent_a_stand_in_must_be_asked_for(absent, name):
    with pytest.raises(ic.NotFoundError, match=f"{name} is not here"):
        getattr(ic.datasets, name)()
    found = getattr(ic.datasets, name)(or_simulated=True)
    assert "simulated" in repr(found)


@pytest.mark.parametrize("name", LOADERS)
def test_where_data_are_there_they_are_returned(shared, name):
    found = repr(getattr(ic.datasets, name)(or_simulated=True))
    assert "simulated" not in found
    assert found == repr(getattr(ic.datasets, name)())


def test_damaged_data_are_told_and_never_replaced(monkeypatch):
    def damaged(name):
        raise ic.FormatError("its sha256 differs")

    monkeypatch.setattr(folders, "fetch", damaged)
    with pytest.raises(ic.FormatError, match="sha256 differs"):
        ic.datasets.images92(or_simulated=True)


def test_bins_that_do_not_divide_a_second_are_refused_for_stand_ins_too(absent):
    with pytest.raises(ic.InputError, match="do not divide 1 s"):
        ic.datasets.objects7_it(width=0.3, or_simulated=True)


@pytest.mark.parametrize("name", LOADERS)
def test_a_stand_in_is_asked_for_by_name_alone(name):
    parameter = inspect.signature(getattr(ic.datasets, name)).parameters["or_simulated"]
    assert parameter.kind is parameter.KEYWORD_ONLY
    assert parameter.default is False


def test_stand_ins_have_the_form_of_the_data(absent, shared, monkeypatch):
    made = ic.datasets.images92(or_simulated=True)
    monkeypatch.undo()
    monkeypatch.setenv("ISOCORTEX_DATA", str(shared / "data"))
    real = ic.datasets.images92()
    assert list(made.stimuli.table) == list(real.stimuli.table)
    assert list(made.models.labels["model"]) == list(real.models.labels["model"])
    assert set(made.brain.labels["region"]) == set(real.brain.labels["region"])
    assert made.stimuli.names == made.brain.stimuli == made.behaviour.stimuli


def test_the_answer_of_simulated_objects_is_known():
    _, brain, _, models = simulated.objects()
    scores = ic.compare(models, brain, "spearman")
    mean = scores.table().pivot_table("score", "model", "region")
    assert mean["EVC"].idxmax() in ("V1", "RADON")
    assert mean.loc["FaceBodyManmadeNatobj", "IT"] > mean.loc["V1", "IT"] + 0.1
    assert mean.loc["V1", "EVC"] > mean.loc["FaceBodyManmadeNatobj", "EVC"] + 0.1


def test_the_answer_of_simulated_fingers_is_known():
    trials, models = simulated.fingers(("thumb", "index", "middle", "ring", "little"))
    scores = ic.compare(models, ic.rdms(list(trials), "crossnobis"), "pearson")
    mean = scores.values.mean(1)
    assert list(models.labels["model"])[np.argmax(mean)] == "natural statistics"


def test_simulated_categories_are_told_in_the_middle_and_not_outside():
    patterns = ic.run_averages(ic.clean(simulated.volumes()))
    blocks = patterns.take(np.array(patterns.stimuli) != "rest")
    where = blocks.units
    inside = where["i"].between(6, 13) & where["j"].between(4, 10)

    def right(units):
        part = blocks.replace(values=blocks.values[:, units], units=where[units])
        return ic.probe(part, list(part.stimuli), SVC(kernel="linear"), folds=6).values.mean()

    assert right(inside.to_numpy()) > 0.5
    assert right(~inside.to_numpy()) < 0.25


def test_where_fetching_needs_a_package_that_is_absent_the_stand_in_comes_too(monkeypatch):
    def unfetchable(name):
        raise ic.MissingDependencyError("needs pooch")

    monkeypatch.setattr(folders, "fetch", unfetchable)
    assert ic.datasets.images92(or_simulated=True).simulated


def test_the_answer_of_the_simulated_story_is_known(absent):
    story = ic.datasets.alice(or_simulated=True)
    assert [each.labels["subject"] for each in story.listeners if not each.numpy().any()] == ["33"]
    group = sum(each.numpy() for each in story.listeners)

    def told(name):
        series = ic.resample(story.features[name], 372, tr=2.0)
        late = ic.delayed(series, [1, 2, 3, 4]).take(slice(10, None))
        target = story.listeners[0].replace(values=group)
        model = ic.Ridge(np.logspace(0, 6, 7))
        folds = ic.Folds.by_run(target, 6, gap=0)
        return ic.encode(late, target, model, folds=folds).values.mean()

    best, middle, last = map(told, ("GloVe", "hidden state 2", "hidden state 6"))
    assert best > 0.5
    assert best > middle > last + 0.1


def test_the_answer_of_simulated_kinds_is_known(absent):
    data = ic.datasets.objects81(or_simulated=True)
    ridge = ic.Ridge(np.logspace(-1, 5, 7), inner="gcv")
    table = ic.encode(list(data.features), data.brain, ridge, folds=8).table()
    mean = table.pivot_table("score", "region", "layer", observed=True)
    assert mean.loc["EVC", "alexnet"] > 0.4
    assert mean.loc["PFS", "word2vec"] > 0.4
    assert abs(mean.loc["EVC", "word2vec"]) < 0.15
    assert abs(mean.loc["PFS", "alexnet"]) < 0.15


def test_simulated_orientations_lie_on_a_circle(monkeypatch):
    monkeypatch.setattr(orientation, "_find", _absent)
    with pytest.raises(ic.NotFoundError, match="stringer_orientation is not here"):
        ic.load_orientation_responses()
    v1 = ic.load_orientation_responses(bin_width=10, or_simulated=True)
    assert "simulated" in repr(v1)
    assert v1.stimuli == ic.gratings(np.arange(-89.5, 90, 10.0)).names
    square = ic.rdms(v1, "correlation").square()[0]
    turns = np.abs(np.subtract.outer(np.arange(18), np.arange(18))) % 18
    apart = np.minimum(turns, 18 - turns)
    means = [square[apart == k].mean() for k in range(10)]
    assert means == sorted(means)


def test_a_path_that_is_absent_is_never_replaced():
    with pytest.raises(ic.NotFoundError, match="There is no file"):
        ic.load_orientation_responses("mine.npz", or_simulated=True)


def test_weights_that_are_absent_are_random_ones_if_that_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("ISOCORTEX_WEIGHTS", str(tmp_path))
    assert ic.datasets.local_weights("none of that name", missing_ok=True) is None
    with pytest.raises(ic.NotFoundError, match="There are no weights"):
        ic.datasets.local_weights("none of that name")
