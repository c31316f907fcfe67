"""The verb ``regions``: one number for each region of a mask."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import numpy as np
import pandas as pd

from isocortex.choice import choose, listed
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.trials import Trials
from isocortex.errors import InputError

Noun = TypeVar("Noun", Responses, Trials)
Statistic = Callable[[np.ndarray], np.ndarray]


def mean(values: np.ndarray) -> np.ndarray:
    """The average over the units of a region."""
    return values.mean(1)


def largest(values: np.ndarray) -> np.ndarray:
    """The maximum over the units of a region."""
    return values.max(1)


def std(values: np.ndarray) -> np.ndarray:
    """The standard deviation (over n) between the units of a region."""
    return values.std(1)


STATISTICS: Mapping[str, Statistic] = {"mean": mean, "max": largest, "std": std}


@door
def regions(recording: Noun, method: str | Statistic = "mean", *, by: str = "mask") -> Noun:
    """Summarize the units of each region.

    Parameters
    ----------
    recording : Responses or Trials, shape (n_stimuli, n_units, ...)
        Such as :func:`isocortex.read_nifti` returns.
    method : {"mean", "max", "std"} or callable, default="mean"
        Over the units of a region. A function takes (n_stimuli, n_units, ...) and returns
        (n_stimuli, ...).
    by : str, default="mask"
        The column of the table of units that holds the regions.

    Returns
    -------
    Responses or Trials, shape (n_stimuli, n_regions, ...)
        Units have the columns ``region`` (in ascending order) and ``n_units``.

    Raises
    ------
    InputError
        If there is no such column, or the method is unknown.

    See Also
    --------
    read_nifti : Voxels with the label of their region.
    average : Over trials instead of units.
    write_roi_h5 : Keeps the result for DNNBrain.

    Examples
    --------
    >>> import isocortex as ic
    >>> voxels = ic.Responses([[1.0, 3.0, 5.0], [2.0, 4.0, 0.0]], units={"mask": [1, 1, 2]})
    >>> means = ic.regions(voxels)
    >>> means.numpy()
    array([[2., 5.],
           [3., 0.]])
    >>> means.units
       region  n_units
    0       1        2
    1       2        1
    """
    statistic = choose(method, STATISTICS, "method")
    if by not in recording.units.columns:
        raise InputError(
            f"regions: the units have no column {by!r}; they have "
            f"{listed(recording.units.columns, 20) or 'none'}."
        )
    labels = recording.units[by].to_numpy()
    names = np.unique(labels)
    values = np.asarray(recording.values)
    parts = [statistic(values[:, labels == name]) for name in names]
    units = pd.DataFrame({"region": names, "n_units": [(labels == name).sum() for name in names]})
    return recording.replace(values=np.stack(parts, axis=1), units=units)
