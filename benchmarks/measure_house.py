"""How the house is built, in numbers: the table of docs/house.md, for any tree of the package.

    python benchmarks/measure_house.py src /path/to/another/src

Compat is left out where code is counted. *Any at the front door*: parameters of public functions,
classes and methods whose type is ``Any``. *Doors* and *carriers* are seen in a walk: one layer of a
store is encoded, and every function of ours that takes its values, its Gram matrix or something
that holds them is a door; every class of mapping and of numerics that is handed on is a carrier,
but for what the user gave (model, folds, null hypothesis) and products of a matrix.
"""

import ast
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import tokenize
from pathlib import Path

NOT_CARRIERS = {"Ridge", "Folds", "Permutation", "Products"}
CARRYING = ("isocortex.mapping", "isocortex.numerics")
COLUMNS = (
    "files",
    "lines of the median file",
    "lines of the longest file",
    "lines of a body, 90th percentile",
    "comment lines per 100 lines of code",
    "parameters of type `Any` at the front door",
    "doors from store to score: files",
    "doors from store to score: functions",
    "carriers between `encode` and `Scores`",
)
N_STIMULI = 61


def sources(tree):
    return [p for p in sorted((tree / "isocortex").rglob("*.py")) if "compat" not in p.parts]


def bodies(tree):
    """Lines of each function without its docstring."""
    found = []
    for path in sources(tree):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if body:
                    found.append(body[-1].end_lineno - body[0].lineno + 1)
    return found


def comments(tree):
    """Lines with a comment, and lines with code."""
    n_comments, code = 0, 0
    for path in sources(tree):
        text = path.read_text()
        module = ast.parse(text)
        docstrings = {
            line
            for node in ast.walk(module)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if isinstance(node.value.value, str)
            for line in range(node.lineno, node.end_lineno + 1)
        }
        kinds = {}
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            kinds.setdefault(token.start[0], set()).add(token.type)
        n_comments += sum(tokenize.COMMENT in each for each in kinds.values())
        layout = {tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT}
        code += sum(bool(each - layout) for line, each in kinds.items() if line not in docstrings)
    return n_comments, code


def is_any(annotation):
    if isinstance(annotation, ast.BinOp):
        return is_any(annotation.left) or is_any(annotation.right)
    return isinstance(annotation, ast.Name) and annotation.id == "Any"


def any_in(node):
    """Parameters of type Any of a public function, or of the fields and methods of a class."""
    if isinstance(node, ast.ClassDef):
        inner = [each for each in node.body if isinstance(each, ast.FunctionDef | ast.AnnAssign)]
        hidden = {each for each in inner if getattr(each, "name", "").startswith("_")}
        shown = {each for each in hidden if each.name in ("__init__", "__call__")}
        return sum(any_in(each) for each in inner if each not in hidden - shown)
    if isinstance(node, ast.AnnAssign):
        return int(is_any(node.annotation))
    given = node.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return sum(is_any(parameter.annotation) for parameter in every)


def any_at_the_door(tree):
    """Parameters of type Any in what ``__init__.pyi`` names."""
    count = 0
    for node in ast.parse((tree / "isocortex" / "__init__.pyi").read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            path = tree / "isocortex" / (node.module.replace(".", "/") + ".py")
            names = {each.name for each in node.names}
            inside = ast.parse(path.read_text()).body if path.is_file() else []
            public = [each for each in inside if getattr(each, "name", None) in names]
            count += sum(map(any_in, public))
    return count


class Walk:
    """What a profiler sees of a layer's values on their way."""

    def __init__(self, n_units):
        self.widths = (n_units, N_STIMULI)
        self.files, self.doors, self.carriers = {}, {}, {}
        self.looking = False

    def holds(self, x, depth=3):
        """Whether x is the layer's values or its Gram, or has them inside."""
        if type(x).__name__ == "LazyMatrix":
            return True
        if type(x).__name__ == "ndarray":
            return x.ndim == 2 and x.shape[1] in self.widths and len(x) >= 40
        if depth == 0:
            return False
        if isinstance(x, dict):
            inside = list(x.values())[:8]
        elif isinstance(x, list | tuple):
            inside = x[:8]
        elif type(x).__module__.startswith("isocortex"):
            inside = list(getattr(x, "__dict__", {}).values())
        else:
            inside = []
        return any(self.holds(each, depth - 1) for each in inside)

    def note(self, x):
        kind = type(x)
        if kind.__module__.startswith(CARRYING) and kind.__name__ not in NOT_CARRIERS:
            self.carriers.setdefault(kind.__name__)

    def entered(self, frame, module):
        code = frame.f_code
        names = code.co_varnames[: code.co_argcount]
        given = [frame.f_locals[each] for each in names if each in frame.f_locals]
        for each in given:
            self.note(each)
        if any(self.holds(each) for each in given):
            self.files.setdefault(module)
            self.doors.setdefault(f"{module}.{code.co_qualname}")

    def __call__(self, frame, event, result):
        module = frame.f_globals.get("__name__", "")
        if self.looking or not module.startswith("isocortex."):
            return
        self.looking = True  # what is looked at runs code of ours too
        try:
            if event == "return":
                self.note(result)
            elif event == "call":
                self.entered(frame, module)
        finally:
            self.looking = False


def walk():
    """Encode one layer of a store, and say which functions and classes its values pass."""
    import numpy as np
    import torch

    import isocortex as ic

    rng = np.random.default_rng(0)
    images = ic.Stimuli.from_arrays(list(rng.random((N_STIMULI, 8, 8, 3)).astype(np.float32)))
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 7, 4), torch.nn.ReLU())
    network = ic.load_network(module, preprocessing=ic.Preprocessing())
    with tempfile.TemporaryDirectory() as folder:
        layer = ic.extract(network, images, ["1"], f"{folder}/store")["1"]
        brain = ic.Responses(rng.normal(size=(N_STIMULI, 5)), images.names)
        seen = Walk(layer.n_units)
        sys.setprofile(seen)
        try:
            ic.encode(layer, brain, ic.Ridge([0.1, 1.0, 10.0]))
        finally:
            sys.setprofile(None)
    print(json.dumps({name: list(vars(seen)[name]) for name in ("files", "doors", "carriers")}))


def measure(tree):
    lines = [len(path.read_text().splitlines()) for path in sources(tree)]
    n_comments, code = comments(tree)
    environment = {**os.environ, "PYTHONPATH": str(tree.resolve())}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, "--walk"],
        env=environment, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    passed = json.loads(done.stdout.splitlines()[-1])
    row = (
        len(lines),
        int(statistics.median(lines)),
        max(lines),
        int(statistics.quantiles(bodies(tree), n=10)[-1]),
        round(100 * n_comments / code, 1),
        any_at_the_door(tree),
        len(passed["files"]),
        len(passed["doors"]),
        len(passed["carriers"]),
    )
    return dict(zip(COLUMNS, row, strict=True)), passed


def main(trees):
    rows = [measure(Path(tree)) for tree in trees]
    print("| |" + "".join(f" {tree} |" for tree in trees))
    print("|---|" + "---|" * len(trees))
    for column in COLUMNS:
        print(f"| {column} |" + "".join(f" {row[column]} |" for row, _ in rows))
    for tree, (_, passed) in zip(trees, rows, strict=True):
        print(
            f"\n{tree}: carriers {', '.join(passed['carriers'])}\n  " + "\n  ".join(passed["doors"])
        )


if __name__ == "__main__":
    if sys.argv[1:] == ["--walk"]:
        walk()
    else:
        main(sys.argv[1:] or ["src"])
