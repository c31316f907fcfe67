"""A short run of ``benchmarks/fuzz.py``, which damages a file of each kind a thousand times."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

fuzz = pytest.importorskip("fuzz")

QUICK = ("rdms.npz", "bold.nii.gz", "map.func.gii", "subject.h5", "subject.mat", "face.png")


def _without_a_fault(name, mutations, seed=7):
    counts = fuzz.fuzz(name, mutations, seed)
    assert sum(counts.values()) == mutations
    assert counts["refused"] > mutations // 4
    assert {kind: counts[kind] for kind in fuzz.BAD} == dict.fromkeys(fuzz.BAD, 0)


@pytest.mark.parametrize("name", QUICK)
def test_damage_is_refused_or_harmless(name):
    _without_a_fault(name, 40)


@pytest.mark.slow
@pytest.mark.parametrize("name", fuzz.SEEDS)
def test_damage_of_every_kind_is_refused_or_harmless(name):
    _without_a_fault(name, 100)


def test_every_format_that_makes_a_noun_has_a_seed():
    from isocortex.files.formats import FORMATS, format_of

    names = {
        name for name in fuzz.SEEDS if not name.endswith(("settings.json", ".ckpt", ".vec", ".txt"))
    }
    held = {
        max((s for f in FORMATS for s in f.suffixes if n.lower().endswith(s)), key=len)
        for n in names
    }
    kinds = {f.name for f in FORMATS if set(f.suffixes) & held}
    assert {f.name for f in FORMATS} == kinds
    assert callable(format_of)
