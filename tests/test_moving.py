"""The page of names side by side: what it calls is there, and takes what it is given."""

import ast
import inspect
import re
from pathlib import Path

import pytest

import isocortex as ic

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "moving.md").read_text()
ROWS = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| `") or " | " in line]
OURS = [row[1].removesuffix(" |") for row in ROWS if not row[0].startswith("| there")]
CODE = [piece for cell in OURS for piece in re.findall(r"`([^`]+)`", cell) if "ic." in piece]
CALLS = [
    (ast.unparse(node.func), node)
    for piece in CODE
    for node in ast.walk(ast.parse(piece, mode="eval"))
    if isinstance(node, ast.Call) and not ast.unparse(node.func).startswith("np.")
]
NAMES = {
    ast.unparse(node)
    for piece in CODE
    for node in ast.walk(ast.parse(piece, mode="eval"))
    if isinstance(node, ast.Attribute) and re.fullmatch(r"ic(\.\w+)+", ast.unparse(node))
}


def found(name):
    """What a dotted name of the page is."""
    here = ic
    for part in name.split(".")[1:]:
        here = getattr(here, part)
    return here


def test_every_package_has_its_table():
    titles = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert titles == [
        "rsatoolbox", "himalaya", "Net2Brain", "DNNBrain", "thingsvision",
        "BHscore, PyFastL2LiR and bdpy",
    ]  # fmt: skip
    assert len(CODE) > 90


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_name_is_there(name):
    assert found(name) is not None


def test_every_call_fits_its_signature():
    checked = 0
    for name, call in CALLS:
        if not re.fullmatch(r"ic(\.\w+)+", name):
            continue  # a method of what a call gives
        given = [None] * len(call.args), {key.arg: None for key in call.keywords}
        inspect.signature(found(name)).bind(*given[0], **given[1])
        checked += 1
    assert checked > 90


def test_methods_and_words_are_there():
    assert {"pairs"} <= set(dir(ic.Inference))
    assert {"to_rsatoolbox"} <= set(dir(ic.RDMs)) & set(dir(ic.Trials))
    methods = {
        name.rpartition(".")[2] for name, _ in CALLS if not re.fullmatch(r"ic(\.\w+)+", name)
    }
    assert methods == {"pairs", "select"}
    assert hasattr(ic.BData, "select")
    assert "layers" in dir(ic.Network)


WORDS = {
    "rdms": ["correlation", "squared_euclidean", "crossnobis"],
    "compare": ["rho_a", "pearson", "spearman", "tau_a", "kendall", "whitened_cosine",
                "whitened_correlation"],
    "similarity": ["cka", "cka_unbiased"],
    "hierarchy": ["bhscore2021"],
    "extract": ["max", "first", "mean"],
    "standardize": ["units", "stimuli"],
    "corrected": ["fdr"],
    "noise_covariance": ["ledoit_wolf"],
}  # fmt: skip


@pytest.mark.parametrize("verb", WORDS)
def test_words_that_the_page_uses_are_those_of_the_verb(verb):
    for word in WORDS[verb]:
        assert f'"{word}"' in PAGE
        assert f'"{word}"' in getattr(ic, verb).__doc__
