"""The files that nibabel, nilearn, scipy and MNE bring with them: told, and read as there."""

import sys
import warnings
from functools import cache
from pathlib import Path

import pytest

import isocortex as ic
from isocortex.cli._describe import describe_file

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

packaged = pytest.importorskip("packaged")

# Kinds of which some files are no recordings: meshes and colours, MINC in four dimensions,
# points of a head, icons, bare arrays, the vectors of a DICOM header, sounds that end too early.
NO_RECORDING = {"gifti", "volumes", "epochs", "images", "npy", "netcdf", "weights", "sound"}
# What libraries refuse and we read: HDF5 as MATLAB 7.3, a name that is not ASCII.
ONLY_HERE = {"testhdf5_7.4_GLNX86.mat", "bad_miutf8_array_name.mat"}
# Rows of numbers without a header, of which two are the same.
ONLY_THERE = {"Artemis123_mneLoc.csv"}
# Text that is not UTF-8, which is refused here and mended there; one blank that stands for no text.
OTHERWISE = {"broken_utf8.mat", "nasty_duplicate_fieldnames.mat"}
LEAST = {"nibabel": 25, "nilearn": 30, "scipy": 100, "mne": 50}

FILES = [
    pytest.param(path, kind, id="/".join((package, *path.parts[-2:])))
    for package in packaged.PACKAGES
    for path, kind in packaged.packaged(package)
]


@cache
def verdict(path, kind):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Some are damaged, of which the libraries warn.
        return packaged.verdict(path, kind)


@pytest.mark.parametrize(("path", "kind"), FILES)
def test_values_are_those_of_the_library_or_a_sentence_says_why_not(path, kind):
    found = verdict(path, kind)
    allowed = {"equal", "refused by both"}
    allowed |= {"no recording"} if kind in NO_RECORDING else set()
    allowed |= {"read here only"} if path.name in ONLY_HERE else set()
    allowed |= {"different"} if path.name in OTHERWISE else set()
    allowed |= {"refused here"} if path.name in ONLY_THERE else set()
    assert found in allowed


@pytest.mark.parametrize("package", packaged.PACKAGES)
def test_most_of_what_a_package_brings_is_read(package):
    files = list(packaged.packaged(package))
    if len(files) < LEAST[package]:
        pytest.skip(f"{package} is installed without its test files")
    verdicts = [verdict(path, kind) for path, kind in files]
    assert verdicts.count("equal") >= LEAST[package]


def test_info_names_what_it_cannot_tell(tmp_path):
    path = tmp_path / "x.PAR"
    path.write_text("no header")
    with pytest.raises(ic.FormatError, match=r"x\.PAR"):
        describe_file(path)
