"""What an estimator of ours is given: arrays of the ecosystem, before scikit-learn checks them."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import validate_data

from isocortex.arrays import as_numpy, is_lazy
from isocortex.data.door import check_unmasked, is_xarray, numeric
from isocortex.data.frames import check_index, index_names
from isocortex.data.sliced import is_sliced


def given_arrays(X: Any, y: Any, who: str) -> tuple[Any, Any]:
    """``X`` and ``y`` as scikit-learn takes them.

    Raises
    ------
    InputError
        If entries are masked.
    MisalignedError
        If both have an index that names the same rows, in different order.
    """
    check_rows(X, y, who)
    return given_array(X, who), given_array(y, f"{who} y")


def check_rows(X: Any, y: Any, who: str) -> None:
    """Where both have an index, it must not name the same rows in another order.

    Raises
    ------
    MisalignedError
        If it does.
    """
    if isinstance(X, pd.DataFrame):
        check_index(index_names(X.index), y, who, "y")


def given_array(X: Any, who: str) -> Any:
    """Tensors, DataArrays and sets in files as numpy; tables keep their names.

    Raises
    ------
    InputError
        If entries are masked.
    """
    check_unmasked(X, who)
    if is_xarray(X):
        X = X.values
    foreign = hasattr(X, "detach") or is_lazy(X) or is_sliced(X)
    return np.asarray(as_numpy(numeric(X, who))) if foreign else X


def validated(model: Any, *arrays: Any, **options: Any) -> Any:
    """What scikit-learn's ``validate_data`` gives; its own types say text where arrays come."""
    return validate_data(model, *arrays, **options)
