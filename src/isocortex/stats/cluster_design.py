"""How subjects may be exchanged: their signs, or their order beside a covariate."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import listed
from isocortex.errors import InputError
from isocortex.numerics.chance.designs import Design, flips, regression
from isocortex.seeds import generator


def design_of(covariate: Any, subjects: np.ndarray, n: int, side: int, seed: int) -> Design:
    """Flips for a mean, orders for the slope of a covariate.

    Parameters
    ----------
    covariate : mapping, Series or DataFrame, or None
    subjects : array
        Their names, in the order of the scores.
    n : int
        At most so many exchanges.
    side : {-1, 0, 1}
    seed : int

    Raises
    ------
    InputError
        If a subject has no covariate, or the covariate no slope of its own.
    """
    rng = generator(seed)
    if covariate is None:
        return flips(len(subjects), n, side, rng)
    table = _of_subjects(covariate, subjects)
    design = regression(table[:, 0], table[:, 1:], n, rng)
    if design.freedom < 1:
        raise InputError(
            f"clusters: {len(subjects)} subjects are too few for {table.shape[1]} covariates and "
            "the constant; at least one more is needed."
        )
    if not design.tested.any():
        raise InputError(
            "clusters: the covariate is the same for all subjects, or follows from the other "
            "covariates, so it has no slope of its own."
        )
    return design


def _of_subjects(covariate: Any, subjects: np.ndarray) -> np.ndarray:
    """The covariates of the subjects, by name, shape (n_subjects, n_covariates)."""
    if isinstance(covariate, pd.DataFrame):
        table = covariate
        if "subject" in table.columns:
            table = table.set_index("subject")
    elif isinstance(covariate, Mapping | pd.Series):
        table = pd.DataFrame({"covariate": pd.Series(covariate)})
    else:
        raise InputError(
            "clusters: covariate must say the number of each subject by name: a mapping, a Series "
            f"or a DataFrame, not {type(covariate).__name__}."
        )
    if table.index.has_duplicates:
        raise InputError("clusters: the covariate has a subject twice.")
    missing = [s for s in subjects if s not in table.index]
    if missing:
        raise InputError(f"clusters: the covariate has no number for {listed(missing)}.")
    try:
        values = table.loc[list(subjects)].to_numpy(dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise InputError(f"clusters: the covariate must be numbers ({problem}).") from None
    if not values.shape[1] or not np.isfinite(values).all():
        raise InputError("clusters: the covariate must be a finite number for every subject.")
    return values
