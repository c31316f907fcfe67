import json
import shutil

import pytest

import isocortex as ic
from isocortex.bh.settings import read_settings


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"rois": []}, ic.FormatError, "has no 'rois'; it needs subjects, rois and dnns"),
        ({"dnns": {"A": {"dir": "x"}}}, ic.FormatError, "'A' needs 'dir' and 'layers'"),
        ({"dnns": {"A": {"dir": "x/y", "layers": ["a", "a"]}}}, ic.FormatError, "a layer twice"),
        ({"dnns": {"A": {"dir": "../y", "layers": ["a"]}}}, ic.FormatError, "leaves the data"),
        ({"dnns": {"A": {"dir": "y", "layers": ["a/b"]}}}, ic.FormatError, "is written ':'"),
    ],
)
def test_wrong_settings_are_a_sentence(change, error, words, made):
    made.path.write_text(json.dumps({**made.raw, **change}))
    with pytest.raises(error, match=words):
        read_settings(made.path)


def test_settings_that_are_no_settings_are_a_sentence(made):
    with pytest.raises(ic.NotFoundError, match="no settings file"):
        read_settings(made.data / "none.json")
    made.path.write_text("{subjects: ")
    with pytest.raises(ic.FormatError, match="is not JSON"):
        read_settings(made.path)
    with pytest.raises(ic.InputError, match="no network 'made/on'.*Did you mean 'made/one'"):
        made.settings.only("made/on")
    shutil.copy(made.folders.recording("sub-01", "Test"), made.data / "fmri" / "sub-01_Test.h5")
    with pytest.raises(ic.InputError, match="Several files could be the test recording"):
        made.folders.recording("sub-01", "Test")
