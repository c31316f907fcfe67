"""Stand-ins of data sets: only where the data are not, of their form, told, with a known answer."""

import inspect

import numpy as np
import pytest
from sklearn.svm import SVC

import isocortex as ic
from isocortex.datasets import folders, simulated

LOADERS = ("images92", "digits69", "haxby_slice", "finger7t", "objects7_it", "n170_eeg")


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


def test_weights_that_are_absent_are_random_ones_if_that_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("ISOCORTEX_WEIGHTS", str(tmp_path))
    assert ic.datasets.local_weights("none of that name", missing_ok=True) is None
    with pytest.raises(ic.NotFoundError, match="There are no weights"):
        ic.datasets.local_weights("none of that name")
