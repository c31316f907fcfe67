"""Settings of others: names stay in the data folder, and types are what they should be."""

import json

import pytest

import isocortex as ic
from isocortex.bh.settings import read_settings

SOUND = {
    "subjects": ["sub-01"],
    "rois": {"V1": "ROI_V1 = 1"},
    "dnns": {"A": {"dir": "caffe/A", "layers": ["conv1"]}},
}
OUT = ("../x", "x/../../y", "/abs", "..", "a/b", "C:\\x", "a\\b", "")


def _refused(tmp_path, change, said):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({**SOUND, **change}), encoding="utf-8")
    with pytest.raises(ic.FormatError, match=said):
        read_settings(path)


@pytest.mark.parametrize("name", OUT)
def test_names_never_leave_the_data_folder(tmp_path, name):
    said = r"settings\.json.*leaves the data folder"
    for change in (
        {"subjects": ["sub-01", name]},
        {"rois": {name: "ROI_V1 = 1"}},
        {"rois": ["V1", name]},
        {"train": name},
        {"test": name},
        {"dnns": {"A": {"dir": "a", "layers": [name]}}},
    ):
        _refused(tmp_path, change, said)
    if name not in ("a/b", ""):
        _refused(tmp_path, {"dnns": {"A": {"dir": name, "layers": ["a"]}}}, said)


@pytest.mark.parametrize(
    "change",
    [
        {"subjects": "sub-01"},
        {"subjects": 5},
        {"rois": 3},
        {"rois": {"V1": 1}},
        {"dnns": ["A"]},
        {"dnns": {"A": {"dir": 5, "layers": ["a"]}}},
        {"dnns": {"A": {"dir": "a", "layers": "conv1"}}},
        {"dnns": {"A": {"dir": "a", "layers": ["a"], "weights": 5}}},
        {"n_features": "many"},
        {"n_features": 0},
        {"n_features": True},
        {"n_features_encoding": 0},
        {"n_features_encoding": 2.5},
        {"n_features_encoding": None},
        {"alpha": None},
        {"alpha": "big"},
        {"train": 1},
    ],
)
def test_types_are_checked(tmp_path, change):
    _refused(tmp_path, change, r"settings\.json.*must be")
