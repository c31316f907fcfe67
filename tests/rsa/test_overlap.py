"""RDMs with gaps need pairs in common."""

import numpy as np
import pytest

import isocortex as ic
from isocortex.rsa.overlap import refuse_little_overlap


def stack(known):
    values = np.where(known, np.arange(10.0), np.nan)
    return ic.RDMs(values, list("vwxyz"), labels={"subject": ["a", "b"]}, gaps=True)


def test_too_few_common_pairs_are_named_with_their_number():
    known = np.zeros((2, 10), dtype=bool)
    known[0, :6] = known[1, 4:] = True
    with pytest.raises(ic.errors.UndefinedError, match=r"2 pairs of RDMs.*\(2\)"):
        refuse_little_overlap(stack(known), stack(known[::-1]), "compare")
    refuse_little_overlap(stack(known | True), stack(known), "compare")


def test_each_two_of_one_stack_are_told_once():
    known = np.zeros((2, 10), dtype=bool)
    known[0, :6] = known[1, 4:] = True
    both = stack(known)
    with pytest.raises(ic.errors.UndefinedError, match="1 pair of RDMs has"):
        refuse_little_overlap(both, both, "compare")
