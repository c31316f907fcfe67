"""The rules of the house that a tool can check; CONTRIBUTING.md says why each is one."""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from isocortex.choice import counted, there_are

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "isocortex"
FILES = sorted(PACKAGE.rglob("*.py"))
OURS = [path for path in FILES if "compat" not in path.parts]

MOST_LINES = 400
LONGER = {
    "networks/inspect/receptive_field.py",  # three methods of one verb
    "plots/normative.py",  # five plots, two thirds of it docstrings
}
"""Files that may be longer, each with its reason."""

MIRRORED = ("numerics", "mapping", "rsa", "bh", "networks")
"""Rooms of which every file has a test of its name, or stands below."""

COVERED_BY = {
    # what both models of bands refuse
    "mapping/models/bands.py": "mapping/test_banded.py",
    # a time, which is right where the plan is
    "networks/extraction/timed.py": "networks/test_describe.py",
    # an old place, which only says where the file is now
    "networks/torchvision_shim.py": "test_renamed.py",
    # what notebooks show, of all nouns alike
    "networks/cards.py": "display/test_shown.py",
    "networks/inspect/cards.py": "display/test_shown.py",
    "networks/training/card.py": "display/test_shown.py",
    # networks: sound and film, of which a whole extraction is held against single passes
    "networks/extraction/timed_layer.py": "networks/extraction/test_recorded.py",
    "networks/inputs/recorded_feed.py": "networks/extraction/test_recorded.py",
    "networks/inputs/whisper.py": "networks/zoo/test_transformers_recorded.py",
    # numerics: one verb's algebra, whose oracle is that verb's slow truth; compiled twins of a
    # NumPy way are held beside it, and parts of one solver by the solver
    "numerics/chance/compiled.py": "numerics/chance/test_tfce.py",
    "numerics/chance/rough_scores.py": "numerics/chance/test_pooled_folds.py",
    "numerics/chance/map_statistics.py": "stats/test_clusters_space.py",
    "numerics/inference/common_pairs.py": "rsa/test_common_pairs.py",
    "numerics/inference/training.py": "inference/test_fit_rdms.py",
    "numerics/linear/selective_groups.py": "numerics/linear/test_selective.py",
    "numerics/linear/selective_systems.py": "numerics/linear/test_selective.py",
    "numerics/local/compiled.py": "numerics/local/test_comparisons.py",
    # networks: the way of text, held row by row against passes of their own
    "networks/extraction/text.py": "networks/text/test_extraction.py",
    # mapping: the loop and what it hands on, which have a meaning in a whole call alone
    "mapping/classify.py": "mapping/test_probe.py",
    "mapping/crossval.py": "mapping/test_encode.py",
    "mapping/fixed_alignment.py": "mapping/test_fixed_sets.py",
    "mapping/kept_models.py": "mapping/test_encode.py",
    # mapping: models, which several files hold fold by fold against scikit-learn
    "mapping/models/base.py": "mapping/test_models.py",
    "mapping/models/known.py": "mapping/test_models.py",
    "mapping/models/linear.py": "mapping/test_solver.py",
    "mapping/models/ridge.py": "mapping/test_penalties.py",
    "mapping/models/selective.py": "mapping/test_selective_ridge.py",
    # rsa: noise and classifiers, held through the distances and accuracies that they give
    "rsa/classifiers.py": "rsa/test_decoding.py",
    "rsa/left_out.py": "rsa/test_crossvalidated.py",
    "rsa/condition_patterns.py": "rsa/test_crossvalidated.py",
    # bh: the pipeline, held from end to end, and against the original's numbers
    "bh/extraction.py": "bh/test_command.py",
    "bh/pooled.py": "bh/test_score.py",
    "bh/resampling.py": "bh/test_score.py",
    "bh/scales.py": "bh/test_encoding.py",
}
"""The test that holds a file without one of its own name."""

SPELLING = re.compile(
    r"\b(standard|normal|penal|factor|initial|symmetr|summar|general|minim|maxim|random|quant)is[aei]",
    re.IGNORECASE,
)
"""Oxford spelling: -ize, but centre, colour, neighbour and analyse."""

JARGON = re.compile(r"\broads?\b|told apart|\bmade data\b|\bup to sampling\b", re.IGNORECASE)
"""Words of our own where the field has one: solver, classified, simulated."""

OLD_NAMES = {
    "src/isocortex/data/old_names.py",
    "src/isocortex/mapping/kept_models.py",
    "tests/data/test_old_names.py",
}
"""Where a word of the release before is understood once more."""

FORBIDDEN = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE = re.compile(r"(?<![\w.])/(work|home|root|Users|mnt)/\w")


def short(path):
    return path.relative_to(PACKAGE).as_posix()


@cache
def tree(path):
    return ast.parse(path.read_text())


def named(node):
    """The dotted name of what is called or raised, or nothing."""
    node = node.func if isinstance(node, ast.Call) else node
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def calls(path):
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]


def raised(path):
    nodes = [n for n in ast.walk(tree(path)) if isinstance(n, ast.Raise) and n.exc is not None]
    return [(named(node.exc), node.lineno) for node in nodes]


def test_no_file_is_long():
    lengths = {short(path): len(path.read_text().splitlines()) for path in FILES}
    long = {name for name, length in lengths.items() if length > MOST_LINES}
    assert sorted(long - LONGER) == []


def has_its_test(path):
    """In the folder of tests that mirrors its own; mapping/ has one for its models too."""
    folder = ROOT / "tests" / path.relative_to(PACKAGE).parent
    folders = {folder, folder.parent if folder.name == "models" else folder}
    return any((each / f"test_{path.stem.lstrip('_')}.py").is_file() for each in folders)


@pytest.mark.parametrize("room", MIRRORED)
def test_every_file_has_a_test_of_its_name_or_is_told_which_one_covers_it(room):
    files = [path for path in (PACKAGE / room).rglob("*.py") if path.stem != "__init__"]
    without = {short(path) for path in files if not has_its_test(path)}
    listed = {name for name in COVERED_BY if name.split("/")[0] == room}
    assert sorted(without - listed) == [], "no test of their name, and not listed in COVERED_BY"
    assert sorted(listed - without) == [], "listed, and gone or tested under their own name"


def test_what_covers_others_is_there():
    assert [test for test in COVERED_BY.values() if not (ROOT / "tests" / test).is_file()] == []


def lines_with(*patterns):
    """Lines of code and docs, this file excepted, that hold one of the patterns."""
    return [
        f"{path.relative_to(ROOT)}:{n}"
        for folder in ("src", "tests", "docs", "examples", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".py", ".pyi", ".md", ".rst") and path != Path(__file__)
        if not {"_build", "auto_examples", "generated"} & set(path.parts)
        for n, line in enumerate(path.read_text().splitlines(), 1)
        if any(pattern.search(line) for pattern in patterns)
    ]


UNCOUNTED = re.compile(
    r"\b(has|have|for|with|gives|holds|over|only|are of|there are) "
    r"\{(len\([\w.\[\]]+\)|(?:[\w.]+\.)?n_\w+|[\w.]+\.shape\[-?\d\]|int\([\w.]+\.sum\(\)\))\} "
    r"(stimuli|subjects|units|layers|models|voxels|runs|trials|conditions|images|people|regions|"
    r"labels|names|volumes|rows|columns|features|times|values|channels|networks|files|words)\b"
)
"""What would say "has 1 units": numbers of things are told by ``counted`` and ``there_are``."""


def test_numbers_of_things_are_english_where_there_is_one():
    faults = [
        f"{short(path)}:{n}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if "compat" not in path.parts
        for n, line in enumerate(path.read_text().splitlines(), 1)
        if UNCOUNTED.search(line)
    ]
    assert faults == []


@pytest.mark.parametrize("one", ["stimulus", "person", "entry", "class", "matrix", "layer", "axis"])
def test_one_of_a_thing_is_not_many(one):
    assert counted(1, one) == f"1 {one}"
    many = {"stimulus": "stimuli", "person": "people", "entry": "entries", "class": "classes"}
    many |= {"matrix": "matrices", "layer": "layers", "axis": "axes"}
    assert counted(2, one) == f"2 {many[one]}"
    assert (there_are(1, one), there_are(0, one)) == (
        f"there is 1 {one}",
        f"there are 0 {many[one]}",
    )


def test_nothing_is_left_for_later():
    assert lines_with(FORBIDDEN, MACHINE) == []


def test_words_are_those_of_the_field_and_spelled_one_way():
    found = lines_with(SPELLING, JARGON)
    assert [line for line in found if line.rsplit(":", 1)[0] not in OLD_NAMES] == []


def test_no_function_is_a_stub():
    found = [short(p) for p in FILES for name, _ in raised(p) if name == "NotImplementedError"]
    assert found == []


def test_what_is_raised_for_users_is_an_error_of_ours():
    """Others are caught and put in a sentence in the same file, or are what Python asks for."""
    plain = {"Exception", "RuntimeError", "AssertionError"}
    found = [f"{short(p)}:{line}" for p in OURS for name, line in raised(p) if name in plain]
    assert found == []


def test_the_library_prints_nothing_but_in_its_commands():
    """Nor but by ``progress=True``, which asks for it."""
    rooms = {"cli", "compat"}
    found = [
        short(path)
        for path in FILES
        if path.relative_to(PACKAGE).parts[0] not in rooms
        for call in calls(path)
        if named(call) in ("print", "sys.stdout.write", "sys.stderr.write")
        and short(path) != "progress/bars.py"
    ]
    assert found == []


def test_warnings_find_the_line_of_the_user_by_one_rule():
    """A fixed number of frames is wrong as soon as a decorator stands between."""
    found = {short(path) for path in OURS if "stacklevel=" in path.read_text(encoding="utf8")}
    assert found <= {"errors.py", "deprecated.py"}


def test_every_warning_has_a_category_of_ours():
    from isocortex import errors

    known = {name for name in dir(errors) if name.endswith("Warning")} | {"DeprecationWarning"}
    known |= {"kind"}  # what errors.warn was given
    found = []
    for path in OURS:
        for call in calls(path):
            if named(call) == "warnings.warn":
                given = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "category")]
                if not given or named(given[0]).split(".")[-1] not in known:
                    found.append(f"{short(path)}:{call.lineno}")
    assert found == []


def test_no_random_number_is_without_a_seed():
    found = [
        f"{short(path)}:{call.lineno}"
        for path in OURS
        for call in calls(path)
        if named(call).endswith("default_rng") and not call.args and not call.keywords
    ]
    assert found == []


def test_nothing_is_pickled_or_evaluated():
    banned = {"eval", "exec", "pickle.load", "pickle.loads", "joblib.load", "input"}
    found = [f"{short(p)}:{c.lineno}" for p in FILES for c in calls(p) if named(c) in banned]
    assert found == []


def test_every_function_says_its_types():
    """Of what it takes and gives, where it is public; compat keeps the signatures of others."""
    found = [
        f"{short(path)}:{node.lineno} {node.name}"
        for path in OURS
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if any(
            each.annotation is None
            for each in [*node.args.args, *node.args.kwonlyargs, *node.args.posonlyargs]
            if each.arg not in ("self", "cls")
        )
    ]
    assert found == []


def test_tools_have_one_version_everywhere():
    pinned = dict(
        line.split("==")
        for line in (ROOT / "constraints-dev.txt").read_text().split()
        if "==" in line
    )
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    assert f"rev: v{pinned['ruff']}" in hooks
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(pinned) <= {
        re.split("[>=<]", each)[0] for each in extras["optional-dependencies"]["dev"]
    }


def test_contributing_names_commands_and_files_that_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert sorted(set(re.findall(r"`make ([a-z-]+)", text)) - set(targets)) == []
    paths = re.findall(r"`((?:src|tests|docs|examples|benchmarks)/[\w/.]+)`", text)
    assert len(paths) > 20
    assert sorted({path for path in paths if not (ROOT / path).exists()}) == []


def test_short_docstrings_say_something():
    """Sentences of fewer than five words say what a reader has guessed from the name."""
    found = [
        f"{short(path)}:{node.lineno} {text!r}"
        for path in OURS
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        if (text := ast.get_docstring(node)) and len(text.split()) < 5 and "shape" not in text
        if not re.fullmatch(r"\(.*\)\.", text)
    ]
    assert found == []


MOST_ANY = 25
"""Arguments of public functions and methods of which the type says nothing; it only goes down."""


def test_types_at_the_front_door_say_something():
    found = []
    for line in (PACKAGE / "__init__.pyi").read_text().splitlines():
        match = re.match(r"from \.([\w.]+) import (\w+) as", line)
        path = PACKAGE / f"{match[1].replace('.', '/')}.py" if match else None
        if path is None or not path.is_file():
            continue
        for node in tree(path).body:
            if getattr(node, "name", None) == match[2]:
                functions = [n for n in ast.walk(node) if isinstance(n, ast.FunctionDef)]
                found += [
                    f"{match[2]}.{function.name}({each.arg})"
                    for function in functions
                    if function.name == "__init__" or not function.name.startswith("_")
                    for each in [*function.args.args, *function.args.kwonlyargs]
                    if each.annotation is not None and ast.unparse(each.annotation) == "Any"
                ]
    assert len(found) <= MOST_ANY, sorted(found)


ONCE = {r"1 \+ 8 \*": "arrays.py"}
"""Arithmetic that one place has, with a test; the others ask it."""


@pytest.mark.parametrize("pattern", ONCE)
def test_what_is_a_rule_stands_once(pattern):
    found = [short(path) for path in OURS if re.search(pattern, path.read_text())]
    assert found == [ONCE[pattern]]
