"""``ROI``: a table of the responses of regions, as in a .roi.h5 file."""

from collections.abc import Callable
from typing import Any

import numpy as np

from isocortex.errors import InputError, MisalignedError
from isocortex.formats.dnnbrain.roi import format_roi_h5, parse_roi_h5


class ROI:
    """Responses of regions.

    Parameters
    ----------
    rois : str or sequence of str, optional
    value : array, shape (n_volumes, n_rois), optional
    """

    def __init__(self, rois: Any = None, value: Any = None):
        self.rois: list[str] = []
        self.data: np.ndarray = np.empty((0, 0))
        if rois is not None:
            self.set(rois, value)

    def load(self, fname: Any, rois: Any = None) -> None:
        """Read a .roi.h5 file, or some regions of it."""
        self.rois, self.data = parse_roi_h5(fname)
        if rois is not None:
            names = _names(rois)
            self.rois, self.data = names, self.get(names)

    def save(self, fname: Any) -> None:
        """Write a .roi.h5 file."""
        format_roi_h5(self.rois, self.data, fname)

    def get(self, rois: Any) -> np.ndarray:
        """The responses of regions, shape (n_volumes, n_rois)."""
        return self.data[:, [self._place(name) for name in _names(rois)]]

    def set(self, rois: Any, value: Any, index: int | None = None) -> None:
        """Insert regions (n_volumes, n_rois), at the end or before ``index``."""
        names, value = _names(rois), np.asarray(value, dtype=np.float64)
        value = value[:, None] if value.ndim == 1 else value
        if value.ndim != 2 or value.shape[1] != len(names):
            raise InputError(
                f"{len(names)} regions need (n_volumes, {len(names)}), not {value.shape}."
            )
        if self.rois and len(value) != len(self.data):
            raise MisalignedError(f"There are {len(self.data)} volumes here, {len(value)} are new.")
        twice = set(names) & set(self.rois)
        if twice:
            raise InputError(f"There is a region {sorted(twice)[0]!r} already; delete it first.")
        place = len(self.rois) if index is None else index
        here = self.data if self.rois else np.empty((len(value), 0))
        self.rois = [*self.rois[:place], *names, *self.rois[place:]]
        self.data = np.concatenate([here[:, :place], value, here[:, place:]], axis=1)

    def delete(self, rois: Any) -> None:
        """Remove regions."""
        places = [self._place(name) for name in _names(rois)]
        self.data = np.delete(self.data, places, axis=1)
        self.rois = [name for i, name in enumerate(self.rois) if i not in places]

    def __getitem__(self, index: Any) -> "ROI":
        rows: Any
        rows, columns = index if isinstance(index, tuple) else (index, slice(None))
        rows = [rows] if isinstance(rows, int | np.integer) else rows
        if isinstance(columns, str) or (
            isinstance(columns, list) and all(isinstance(each, str) for each in columns)
        ):
            columns = [self._place(name) for name in _names(columns)]
        names = np.atleast_1d(np.array(self.rois, dtype=object)[columns])
        return ROI(list(names), self.data[rows].reshape(-1, len(self.rois))[:, columns])

    def __add__(self, other: "ROI") -> "ROI":
        return self._with(other, np.add)

    def __sub__(self, other: "ROI") -> "ROI":
        return self._with(other, np.subtract)

    def __mul__(self, other: "ROI") -> "ROI":
        return self._with(other, np.multiply)

    def __truediv__(self, other: "ROI") -> "ROI":
        return self._with(other, np.divide)

    def _with(self, other: "ROI", do: Callable) -> "ROI":
        if self.rois != other.rois or self.data.shape != other.data.shape:
            raise MisalignedError("The two have different regions or numbers of volumes.")
        return ROI(self.rois, do(self.data, other.data))

    def _place(self, name: str) -> int:
        if name not in self.rois:
            raise InputError(f"There is no region {name!r}; there are {', '.join(self.rois)}.")
        return self.rois.index(name)


def _names(rois: Any) -> list[str]:
    return [rois] if isinstance(rois, str) else [str(each) for each in rois]
