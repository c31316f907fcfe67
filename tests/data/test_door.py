"""What users hand in: tables, labelled arrays, masks, odd numbers and odd names."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

import isocortex as ic

xarray = pytest.importorskip("xarray")
NAMES = ["cat", "dog", "egg", "fox", "gnu", "hen"]
X = np.random.default_rng(0).normal(size=(6, 4))
SHUFFLED = [3, 0, 5, 1, 4, 2]


def frame(values=X, names=NAMES):
    return pd.DataFrame(values, index=names, columns=["v1", "v2", "v3", "v4"])


def symmetric(values):
    return np.asarray(values, dtype=float) @ np.asarray(values, dtype=float).T


def squares(values):
    return ic.rdms(ic.Responses(np.asarray(values, dtype=float)), "euclidean").square()[0]


NOUNS = {
    "Responses": lambda values: ic.Responses(values).numpy(),
    "Trials": lambda values: ic.Trials(values, NAMES).values,
    "Scores": lambda values: (
        ic.Scores(
            values, {"a": pd.DataFrame({"a": range(6)}), "b": pd.DataFrame({"b": range(4)})}
        ).values
    ),
    "SelectiveRidge": lambda values: ic.SelectiveRidge(2, 1.0).fit(X, values).predict(X),
    "SelectiveRidge, X": lambda x: ic.SelectiveRidge(2, 1.0).fit(x, X[:, 0]).predict(x),
    "Ridge": lambda values: ic.Ridge(1.0).fit(X, values).predict(X),
}
SQUARE_NOUNS = {
    "RDMs": lambda values: ic.RDMs.from_arrays(values).square()[0],
    "RDMs of pairs": lambda values: ic.RDMs(values, NAMES[:4]).values,
    "Gram": lambda values: ic.Gram(values, np.zeros(6), 4).matrix,
}
KINDS = {
    "DataFrame": pd.DataFrame,
    "named DataFrame": lambda x: pd.DataFrame(x, index=NAMES),
    "nullable DataFrame": lambda x: pd.DataFrame(x).convert_dtypes(),
    "mixed DataFrame": lambda x: pd.DataFrame(x).astype({0: object}),
    "DataArray": lambda x: xarray.DataArray(x, dims=("stimulus", "unit")),
    "list": lambda x: x.tolist(),
    "list of rows": list,
    "tensor": torch.as_tensor,
    "tensor that is learned": lambda x: torch.as_tensor(x).requires_grad_(),
    "list of tensors": lambda x: list(torch.as_tensor(x)),
    "sparse tensor": lambda x: torch.as_tensor(x).to_sparse(),
    "masked array without a mask": np.ma.array,
    "sparse array": sparse.csr_array,
    "sparse matrix": sparse.coo_matrix,
    "big-endian": lambda x: x.astype(">f8"),
    "objects": lambda x: x.astype(object),
    "Fortran": np.asfortranarray,
    "long double": lambda x: x.astype(np.longdouble),
}


ROW_LISTS = {"list of rows", "list of tensors"}
PLAIN = {"Gram": X @ X.T, "RDMs of pairs": np.arange(36.0).reshape(6, 6), "RDMs": squares(X)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("noun", [*NOUNS, *SQUARE_NOUNS])
def test_every_container_of_numbers_is_as_the_plain_array(noun, kind):
    make, plain = {**NOUNS, **SQUARE_NOUNS}[noun], PLAIN.get(noun, X)
    if noun == "Ridge" and kind.startswith("sparse"):
        pytest.skip("scikit-learn refuses these itself")
    found = make(KINDS[kind](plain))
    found = found.detach() if isinstance(found, torch.Tensor) else found
    np.testing.assert_allclose(np.asarray(found, float), make(plain), rtol=1e-12, atol=1e-12)
