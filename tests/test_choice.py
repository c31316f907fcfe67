import pytest

import isocortex as ic
from isocortex.choice import choose, listed


def test_a_name_or_a_function():
    assert choose("one", {"one": 1}, "number") == 1
    assert choose(len, {}, "number") is len


def test_the_nearest_name_is_offered():
    with pytest.raises(ic.InputError, match="number='onne' is not known. Did you mean 'one'"):
        choose("onne", {"one": 1, "two": 2}, "number")
    with pytest.raises(ic.InputError, match="Did you mean 'tau-a'"):
        choose("TAU-A", {"tau-a": 1}, "comparison")
    with pytest.raises(ic.InputError, match=r"number=\[1\] is not known. Known: one"):
        choose([1], {"one": 1}, "number")


def test_long_lists_are_cut():
    assert listed(range(7)) == "'0', '1', '2', '3', '4' and 2 more"
    assert listed("ab") == "'a', 'b'"
