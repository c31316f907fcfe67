import ast
import importlib
import re
from pathlib import Path

import numpy as np
import pytest

import isocortex as ic
from isocortex.choice import choose, current, listed, one_of

PACKAGE = Path(ic.__file__).parent


def calls_with_tables():
    """Every call of choose and one_of in the package: its place, and the names that are known.

    Without the files and scripts of other packages, whose names are theirs.
    """
    found = []
    ours = [path for path in PACKAGE.rglob("*.py") if not {"compat", "dnnbrain"} & set(path.parts)]
    for path in sorted(ours):
        module = path.relative_to(PACKAGE.parent).with_suffix("").as_posix().replace("/", ".")
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(getattr(node, "func", None), "id", "")
            if name in ("choose", "one_of") and path.name != "choice.py":
                if "known" in ast.unparse(node.args[1]):  # put together where it is used
                    continue
                place = f"{path.relative_to(PACKAGE)}:{node.lineno}"
                found.append(pytest.param(name, module, ast.unparse(node.args[1]), id=place))
    return found


@pytest.mark.parametrize(("name", "module", "table"), calls_with_tables())
def test_every_choice_is_written_in_snake_case_and_known_by_its_old_spelling(name, module, table):
    at = eval(table, vars(importlib.import_module(module)))
    known = dict(at) if hasattr(at, "keys") else {each: each for each in at}
    assert known
    assert [each for each in known if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", each)] == []
    for each in known:
        wanted = known[each] if name == "choose" else each
        take = choose if name == "choose" else one_of
        assert take(each, known, "choice") == wanted
        for old in {each.replace("_", "-"), each.replace("_", " ")} - {each}:
            with pytest.warns(
                DeprecationWarning, match=f"choice={old!r} goes with the next release"
            ):
                assert take(old, known, "choice") == wanted


def test_there_are_many_choices():
    assert len(calls_with_tables()) > 30


def test_a_name_or_a_function():
    assert choose("one", {"one": 1}, "number") == 1
    assert choose(len, {}, "number") is len


def test_the_nearest_name_is_offered():
    with pytest.raises(ic.InputError, match="number='onne' is not known. Did you mean 'one'"):
        choose("onne", {"one": 1, "two": 2}, "number")
    with pytest.raises(ic.InputError, match="Did you mean 'tau_a'"):
        choose("TAU-A", {"tau_a": 1}, "comparison")
    with pytest.raises(ic.InputError, match=r"number=\[1\] is not known. Known: one"):
        choose([1], {"one": 1}, "number")


def test_a_closed_set_offers_no_function():
    assert one_of("one", ("one", "two"), "number") == "one"
    with pytest.raises(ic.InputError, match=r"Known: one, two\.$"):
        one_of("three", ("one", "two"), "number")
    with pytest.raises(ic.InputError, match="number must be one of one, two, not a function"):
        one_of(len, ("one", "two"), "number")
    with pytest.raises(ic.InputError, match=r"number=\[1\] is not known"):
        one_of([1], {"one": 1}, "number")


def test_what_is_no_name_stays_as_it_is():
    assert current(len, {"one": 1}, "number") is len
    assert current("unheard-of", {"one": 1}, "number") == "unheard-of"


def doors(rng):
    """Verbs with a choice that was written otherwise in 0.1: the call, the old name, the new."""
    rdms = ic.RDMs.from_arrays(rng.random((2, 15)), list("abcdef"))
    trials = ic.Trials(rng.normal(size=(24, 3)), list("ab") * 12, runs=np.repeat([1, 2, 3], 8))
    subjects = {"layer": ["a", "b"]}, {"subject": range(8)}
    axes = dict(zip(("layer", "subject"), subjects, strict=True))
    scores = ic.Scores(rng.normal(size=(2, 8)), axes, "spearman")
    pair = {"layer": "a"}, {"layer": "b"}
    return {
        "compare": (lambda name: ic.compare(rdms, rdms, name).table(), "tau-a", "tau_a"),
        "ceiling": (lambda name: ic.noise_ceiling(rdms, name), "rho-a", "rho_a"),
        "folds": (
            lambda name: ic.decoding_rdms(trials, folds=name).values,
            "leave-one-run-out",
            "leave_one_run_out",
        ),
        "noise": (
            lambda name: ic.rdms(trials, "crossnobis", noise=name).values,
            "ledoit-wolf",
            "ledoit_wolf",
        ),
        "covariance": (
            lambda name: ic.noise_covariance(trials, name).method,
            "ledoit-wolf",
            "ledoit_wolf",
        ),
        "test": (lambda name: ic.difference(scores, *pair, test=name), "sign-flip", "sign_flip"),
        "tail": (lambda name: ic.difference(scores, *pair, tail=name), "two-sided", "two_sided"),
        "interval": (lambda name: ic.interval(scores, tail=name).table(), "two-sided", "two_sided"),
    }


@pytest.mark.parametrize("door", doors(np.random.default_rng(0)))
def test_old_spellings_do_the_same_at_the_door_and_say_so(door, rng):
    call, old, new = doors(rng)[door]
    now = call(new)
    with pytest.warns(
        DeprecationWarning, match=f"{old!r} goes with the next release; write .*{new!r}"
    ):
        before = call(old)
    np.testing.assert_equal(repr(before), repr(now))


def test_the_warning_points_to_the_users_line():
    with pytest.warns(DeprecationWarning, match="as_they_are") as told:
        ic.load_network("cifar10_resnet20", weights=None, preprocessing="as they are")
    assert told[0].filename == __file__


def test_long_lists_are_cut():
    assert listed(range(7)) == "'0', '1', '2', '3', '4' and 2 more"
    assert listed("ab") == "'a', 'b'"
