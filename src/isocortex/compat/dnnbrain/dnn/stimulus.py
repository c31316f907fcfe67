"""``Stimulus``: a header and a table, as in a .stim.csv file."""

from pathlib import Path
from typing import Any

import numpy as np

from isocortex.choice import suggestion
from isocortex.compat.dnnbrain.refused import LackingError, RefusedError
from isocortex.formats.dnnbrain.stim import format_stim_csv, parse_stim_csv, stimulus_folder


class Stimulus:
    """Stimuli and what is known of them.

    Parameters
    ----------
    header : dict, optional
        ``type`` and ``path`` are needed to save it.
    data : dict from item to array, shape (n_stimuli,), optional
        With ``stimID``.
    """

    def __init__(self, header: dict | None = None, data: dict | None = None):
        if not isinstance(header, dict | None):
            raise RefusedError(
                f"Stimulus needs a dictionary as header, not {type(header).__name__}."
            )
        self.header: dict[str, str] = dict(header or {})
        self._data: dict[str, np.ndarray] = {}
        self._file = Path()
        if data is not None and "stimID" not in data:
            raise LackingError("Stimulus needs the item 'stimID' in its data.")
        for item, values in (data or {}).items():
            self.set(item, values)

    def load(self, fname: Any) -> None:
        """Read a .stim.csv file."""
        self.header, self._data = parse_stim_csv(fname)
        self._file = Path(fname)

    def save(self, fname: Any) -> None:
        """Write a .stim.csv file."""
        format_stim_csv(self.header, self._data, fname)

    def get(self, item: str) -> np.ndarray:
        """The values of an item, shape (n_stimuli,)."""
        if item not in self._data:
            raise LackingError(
                f"These stimuli have no item {item!r}. {suggestion(item, self._data)}"
                f"They have: {', '.join(self._data) or 'none'}."
            )
        return self._data[item]

    def set(self, item: str, value: Any) -> None:
        """Add or replace an item."""
        value = np.asarray(value)
        others = [len(each) for name, each in self._data.items() if name != item]
        if value.ndim != 1 or any(len(value) != n for n in others):
            raise RefusedError(
                f"{item!r} has shape {value.shape}, but there are {others[0] if others else 'n'} "
                "stimuli; it must be (n_stimuli,)."
            )
        self._data[item] = value

    def delete(self, item: str) -> None:
        """Remove an item."""
        self.get(item)
        del self._data[item]

    def permutate(self, item: str, seed: int = 0) -> "Stimulus":
        """The same stimuli with one item shuffled; ``seed`` says how."""
        values = np.random.default_rng(seed).permutation(self.get(item))
        shuffled = Stimulus(self.header, {**self._data, item: values})
        shuffled._file = self._file
        return shuffled

    @property
    def folder(self) -> Path:
        """Where the images lie: ``path``, from the working folder or else from the file."""
        return stimulus_folder(self.header.get("path", "."), self._file)

    @property
    def items(self) -> list[str]:
        """The names of the items."""
        return list(self._data)

    def __len__(self) -> int:
        return len(self.get("stimID"))

    def __getitem__(self, index: Any) -> "Stimulus":
        rows: Any
        rows, columns = index if isinstance(index, tuple) else (index, slice(None))
        rows = [rows] if isinstance(rows, int | np.integer) else rows  # keeps the axis
        picked = {name: self.get(name)[rows] for name in self._names(columns)}
        part = Stimulus(self.header, {"stimID": self.get("stimID")[rows], **picked})
        part._file = self._file
        return part

    def _names(self, columns: Any) -> list[str]:
        """Items by name, number, slice or a list of these."""
        if isinstance(columns, slice):
            return self.items[columns]
        each = columns if isinstance(columns, list | tuple | np.ndarray) else [columns]
        return [name if isinstance(name, str) else self.items[name] for name in each]
