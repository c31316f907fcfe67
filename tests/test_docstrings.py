import dataclasses
import inspect

import pytest

pytest.importorskip("numpydoc", reason="numpydoc reads the docstrings: pip install isocortex[dev]")
from numpydoc.docscrape import ClassDoc
from numpydoc.validate import validate

import isocortex as ic

RULES = {
    "GL03": "no double blank lines",
    "GL08": "a docstring",
    "SS03": "a summary that ends in a period",
    "PR01": "every parameter documented",
    "PR02": "no parameter that is not there",
    "PR03": "in the order of the signature",
    "PR04": "with its type",
    "PR07": "and a description",
    "RT01": "what is returned",
    "RT02": "as a type, without a name",
    "SA01": "names to see also",
    "EX01": "an example",
}
"""Checks of numpydoc that each public name passes."""

RESULTS = {
    "Citation",
    "Description",
    "FittedRDMs",
    "Inference",
    "OptimalStimulus",
    "Partition",
    "ReceptiveField",
    "Recovery",
    "Saliency",
    "StudyPlan",
    "datasets.Alice",
    "datasets.Dataset",
    "datasets.Digits",
    "datasets.Fingers",
    "datasets.Images92",
    "datasets.Objects81",
}
"""Made by verbs alone: their fields are Attributes, since nobody gives them as Parameters."""


def public():
    """Everything that has a page of the API: functions, classes, and the rooms of some."""
    top = [name for name in ic.__all__ if not inspect.ismodule(getattr(ic, name))]
    rooms = (ic.plots, ic.datasets, ic.features)
    inner = [f"{room.__name__.split('.')[-1]}.{name}" for room in rooms for name in room.__all__]
    return sorted({*top, *inner} - {"__version__", "datasets.DATASETS"})


def noun(name):
    found = ic
    for part in name.split("."):
        found = getattr(found, part)
    return found


def fields(kind):
    """What users see of a dataclass: its own caches are not theirs to give or to read."""
    return [each.name for each in dataclasses.fields(kind) if not each.name.startswith("_")]


def faults(name):
    """Of a dataclass with caches numpydoc would have these documented as well."""
    found = {code: text for code, text in validate(f"isocortex.{name}")["errors"] if code in RULES}
    if "PR01" in found and dataclasses.is_dataclass(noun(name)):
        section = "Attributes" if name in RESULTS else "Parameters"
        if [each.name for each in ClassDoc(noun(name))[section]] == fields(noun(name)):
            del found["PR01"]
    return [f"{name}: {code} {text}" for code, text in found.items()]


def test_every_public_name_is_documented_as_numpydoc_asks():
    names = public()
    assert len(names) > 200
    assert [fault for name in names for fault in faults(name)] == []


@pytest.mark.parametrize("name", sorted(RESULTS))
def test_fields_of_results_are_attributes_with_type_and_description(name):
    listed = ClassDoc(noun(name))["Attributes"]
    assert [each.name for each in listed] == fields(noun(name))
    assert [each.name for each in listed if not (each.type and each.desc)] == []


def test_faults_are_found(monkeypatch):
    def half(first, second):
        """Twice, and nothing

        Parameters
        ----------
        second : int
        """

    monkeypatch.setattr(ic, "half", half, raising=False)
    codes = {fault.split()[1] for fault in faults("half")}
    assert {"PR01", "PR07", "SS03", "SA01", "EX01"} <= codes
