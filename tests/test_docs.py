import ast
import inspect
import operator
import re
from pathlib import Path

import numpy as np
import pytest
import torch

import isocortex as ic
from isocortex.cli.compare import compare
from isocortex.cli.rdm import rdm
from isocortex.cli.similarity import similarity
from isocortex.numerics.chance.multiple import CORRECTIONS
from isocortex.numerics.measures.accuracy import ACCURACIES
from isocortex.numerics.measures.comparison import COMPARISONS, JOINT
from isocortex.numerics.measures.dissimilarity import DISSIMILARITIES
from isocortex.numerics.measures.similarity import SIMILARITIES

ROOT = Path(__file__).resolve().parents[1]


def test_every_public_name_has_its_place_on_an_api_page():
    pages = [page.read_text() for page in (ROOT / "docs" / "api").glob("*.rst")]
    listed = set(re.findall(r"^   ([\w.]+)$", "\n".join(pages), re.MULTILINE))
    public = {name for name in ic.__all__ if not inspect.ismodule(getattr(ic, name))}
    public.discard("__version__")
    public |= {f"plots.{name}" for name in ic.plots.__all__}
    public |= {f"datasets.{name}" for name in ic.datasets.__all__}
    public |= {f"features.{name}" for name in ic.features.__all__}
    public.discard("datasets.DATASETS")
    assert sorted(public - listed) == []


def test_the_house_page_names_every_room():
    page = (ROOT / "docs" / "house.md").read_text()
    rooms = {
        each.stem
        for each in (ROOT / "src" / "isocortex").iterdir()
        if each.is_dir() or each.suffix == ".py"
    }
    rooms -= {"__init__", "__main__", "__pycache__"}
    assert sorted(room for room in rooms if f"`{room}" not in page) == []


ALONE = {name for name, each in COMPARISONS.items() if each not in JOINT}
FAMILIES = {
    "rdms": (DISSIMILARITIES, ic.rdms),
    "compare": (COMPARISONS, ic.compare),
    "similarity": (SIMILARITIES, ic.similarity),
    "corrected": (CORRECTIONS, ic.corrected),
    "encode": (ACCURACIES, ic.encode),
    "isocortex rdm": ({*DISSIMILARITIES} - {"pearson", "l1", "l2"}, rdm),
    "isocortex similarity": (SIMILARITIES, similarity),
    "isocortex compare": (ALONE - {"correlation", "tau_b"}, compare),
}
"""What the words of a verb must name; the command line leaves out second names."""


@pytest.mark.parametrize("verb", FAMILIES)
def test_the_words_of_a_verb_name_all_that_it_knows(verb):
    family, function = FAMILIES[verb]
    words = set(re.findall(r"\w+", function.__doc__))
    assert sorted(set(family) - words) == []


PAGES = [each.name for each in (ROOT / "docs").glob("*.md") if "net2brain" not in each.name]


@pytest.mark.parametrize("name", PAGES)
def test_no_code_of_a_page_is_cut_off_at_the_right(name):
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / name).read_text(), re.S | re.M)
    assert [line for code in blocks for line in code.splitlines() if len(line) > 92] == []


def python_of(path):
    return re.findall(r"^```python\n(.*?)^```", path.read_text(), re.DOTALL | re.MULTILINE)


def called(code):
    """The calls of public names in a block: the name, and how it is called."""
    for node in ast.walk(ast.parse(code)):
        name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        if re.fullmatch(r"ic(\.\w+)+", name):
            yield name, node


WITH_CODE = [ROOT / "README.md", *(each for each in (ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize(
    "page", [each for each in WITH_CODE if python_of(each)], ids=lambda p: p.stem
)
def test_every_call_of_a_page_is_one_that_there_is(page):
    for code in python_of(page):
        for name, node in called(code):
            found = operator.attrgetter(name.removeprefix("ic."))(ic)
            starred = any(isinstance(each, ast.Starred) for each in node.args)
            if not starred and all(key.arg for key in node.keywords):
                inspect.signature(found).bind(*node.args, **{key.arg: 0 for key in node.keywords})


@pytest.mark.filterwarnings("error")
def test_the_code_of_the_page_on_own_networks_runs():
    first, *others = python_of(ROOT / "docs" / "own_network.md")
    assert len(first.splitlines()) <= 15
    held = {}
    for code in (first, *others):
        exec(code, held)
    plain = held["module"].eval()(torch.tensor(held["images"], dtype=torch.float32).movedim(3, 1))
    np.testing.assert_allclose(held["mine"]["3"].numpy(), plain.detach(), atol=1e-5)
    assert list(held["store"]["lstm"].units) == ["time", "unit"]
    series = held["reader"].module.eval()(torch.tensor(held["series"]))
    np.testing.assert_allclose(held["store"]["readout"].numpy(), series.detach(), atol=1e-6)
    assert held["untrained"].weights == "random, seed 1"


@pytest.mark.filterwarnings("error")
def test_the_example_of_the_page_on_time_runs():
    page = (ROOT / "docs" / "time.md").read_text()
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)[1]
    assert len(code.splitlines()) <= 15
    held = {}
    exec(code, held)
    assert held["scores"].mean("fold").values.item() > 0.7
    assert 0.6 < held["scores"].columns["share"].mean() * 2 < 0.9


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*296 are silence")
def test_a_story_to_shares_of_variance_takes_fifteen_lines(shared, tmp_path, monkeypatch):
    page = (ROOT / "docs" / "time.md").read_text()
    code = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[1]
    assert len(code.splitlines()) <= 15
    story = ic.datasets.alice()
    people = [ic.clean(each) for each in story.listeners if each.labels["subject"] != "33"]
    monkeypatch.chdir(tmp_path)
    np.savetxt("bold.txt", np.mean([each.numpy() for each in people], axis=0))
    (grid,) = (shared / "data" / "alice" / "stim").glob("*.TextGrid")
    Path("alice.TextGrid").symlink_to(grid)
    Path("glove.npz").symlink_to(shared / "weights" / "glove_50d" / "glove_6b_50d_20k.npz")
    Path("all-MiniLM-L6-v2").symlink_to(shared / "weights" / "minilm_l6")
    held = {"ic": ic, "np": np}
    exec(code, held)
    scores = held["scores"]
    assert scores.notes["spaces"] == ("word_rate", "glove", "hidden state 2")
    np.testing.assert_allclose(scores.columns["share"].sum(-1), scores.values, atol=1e-10)
    assert 0.2 < scores.values.mean() < 0.4
