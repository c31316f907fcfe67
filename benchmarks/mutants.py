"""Do the tests notice? Random changes of the code, one at a time, and the nearest tests.

    python benchmarks/mutants.py 80 --seed 0 --rooms numerics mapping rsa stats

In a copy of the tree a comparison, an operator, a whole number or a minimum is changed, drawn at
random, and the tests of the file's name are run (or those that tests/test_house.py names for it).
Files whose tests take longer than ``--most`` seconds are passed over. A change that no test notices
is equal in effect, or a test is missing.
"""

import argparse
import ast
import importlib.util
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SWAPS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
NAMES = {"max": "min", "min": "max", "any": "all", "all": "any", "argmax": "argmin", "sum": "max"}


def places(tree):
    """What can be changed: nodes inside functions, annotations and texts excepted."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in (inner for line in function.body for inner in ast.walk(line)):
                whole = isinstance(node, ast.Constant) and type(node.value) is int
                named = isinstance(node, ast.Attribute) and node.attr in NAMES
                swapped = isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in SWAPS
                compared = isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS
                if whole or named or swapped or compared:
                    yield node


def changed(node):
    """The node as another one, in place."""
    if isinstance(node, ast.Constant):
        node.value += 1
    elif isinstance(node, ast.Attribute):
        node.attr = NAMES[node.attr]
    elif isinstance(node, ast.Compare):
        node.ops[0] = SWAPS[type(node.ops[0])]()
    else:
        node.op = SWAPS[type(node.op)]()


def mutant(path, rng):
    """Text with one line changed, the line's number, before and after; nothing where all fits."""
    text = path.read_text()
    tree = ast.parse(text)
    found = list({id(node): node for node in places(tree)}.values())
    if not found:
        return None
    node = rng.choice(found)
    before = ast.get_source_segment(text, node)
    changed(node)
    after = ast.unparse(node)
    lines = text.splitlines(keepends=True)
    start = sum(len(line) for line in lines[: node.lineno - 1])
    end = sum(len(line) for line in lines[: node.end_lineno - 1])
    first = start + len(lines[node.lineno - 1].encode()[: node.col_offset].decode())
    last = end + len(lines[node.end_lineno - 1].encode()[: node.end_col_offset].decode())
    return f"{text[:first]}({after}){text[last:]}", node.lineno, before, after


def nearest_tests(path, covered):
    """The test of the file's name, or the one that is named for it."""
    inside = path.relative_to(ROOT / "src/isocortex")
    own = ROOT / "tests" / inside.parent / f"test_{inside.stem.lstrip('_')}.py"
    other = covered.get(inside.as_posix())
    return own if own.is_file() else ROOT / "tests" / other if other else None


def covered_by():
    spec = importlib.util.spec_from_file_location("house", ROOT / "tests/test_house.py")
    house = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(house)
    return house.COVERED_BY


def outcome(copy, test, timeout):
    """ "killed", "survived" or "timeout" (which counts as noticed)."""
    run = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", str(test)]
    env = {**os.environ, "PYTHONPATH": str(copy / "src"), "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            run, cwd=copy, env=env, capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        return "timeout"
    return "killed" if done.returncode else "survived"


def seconds_of(copy, test, most, known):
    """How long the tests take as things stand; infinite where they fail or take longer."""
    if test not in known:
        begun = time.perf_counter()
        passed = outcome(copy, test, most) == "survived"
        known[test] = time.perf_counter() - begun if passed else float("inf")
    return known[test]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rooms", nargs="+", default=["numerics", "mapping", "rsa", "stats"])
    parser.add_argument("--most", type=float, default=30)
    asked = parser.parse_args()
    rng, covered = random.Random(asked.seed), covered_by()
    files = [p for r in asked.rooms for p in sorted((ROOT / "src/isocortex" / r).rglob("*.py"))]
    weights = [len(path.read_text().splitlines()) for path in files]
    counts, known = {"killed": 0, "survived": 0, "timeout": 0}, {}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "tree")
        for name in ("src", "tests", "pyproject.toml", "docs", "Makefile"):
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name)
            else:
                shutil.copy(source, copy / name)
        while sum(counts.values()) < asked.n:
            path = rng.choices(files, weights)[0]
            test, made = nearest_tests(path, covered), mutant(path, rng)
            if test is None or made is None:
                continue
            test = copy / test.relative_to(ROOT)
            if seconds_of(copy, test, asked.most, known) > asked.most:
                continue
            text, line, before, after = made
            there = copy / path.relative_to(ROOT)
            there.write_text(text)
            found = outcome(copy, test, 3 * asked.most)
            there.write_text(path.read_text())
            counts[found] += 1
            print(f"{found:9} {path.relative_to(ROOT)}:{line}  {before!r} -> {after!r}", flush=True)
    print(counts)


if __name__ == "__main__":
    main()
