"""Estimators take what the ecosystem has."""

import numpy as np
import pandas as pd
import pytest
import torch

import isocortex as ic
from isocortex.mapping.estimator_input import given_array, given_arrays


def test_tensors_become_arrays_and_tables_keep_their_names(rng):
    x = rng.normal(size=(5, 3))
    found = given_array(torch.tensor(x, requires_grad=True), "OLS")
    np.testing.assert_array_equal(found, x)
    table = pd.DataFrame(x, columns=["a", "b", "c"])
    assert given_array(table, "OLS") is table


def test_tables_whose_rows_have_other_names_are_refused(rng):
    x = pd.DataFrame(rng.normal(size=(4, 2)), index=list("abcd"))
    y = pd.DataFrame(rng.normal(size=(4, 1)), index=list("dcba"))
    with pytest.raises((ic.InputError, ic.MisalignedError)):
        given_arrays(x, y, "OLS")
    same = given_arrays(x, y.loc[list("abcd")], "OLS")
    assert same[0] is x


def test_masked_numbers_are_refused():
    masked = np.ma.masked_array(np.ones((3, 2)), mask=[[1, 0], [0, 0], [0, 0]])
    with pytest.raises(ic.InputError, match="mask"):
        given_array(masked, "OLS")
