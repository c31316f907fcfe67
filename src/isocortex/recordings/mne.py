"""Epochs of MNE-Python as trials."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import listed, suggestion
from isocortex.data.trials import Trials
from isocortex.errors import FormatError, InputError, MissingDependencyError, NotFoundError


def read_epochs(
    source: Any,
    *,
    conditions: Sequence[str] | None = None,
    by: str | None = None,
    runs: str | None = None,
    picks: Any = "data",
    labels: dict[str, Any] | None = None,
) -> Trials:
    """Trials from MNE epochs, or from a ``.fif`` file of them.

    Parameters
    ----------
    source : mne.Epochs or path
        ``-epo.fif``, as MNE writes it.
    conditions : sequence of str, optional
        Which to take; default all. Of an event name with tags, such as ``face/left``, the
        name or all of its tags.
    by : str, optional
        The column of the metadata that holds the condition; default the names of the events.
    runs : str, optional
        The column of the metadata that holds the run.
    picks : str or sequence, default="data"
        Channels, as MNE's ``picks``: ``"data"`` leaves out EOG and bad channels.
    labels : dict, optional
        Such as ``{"subject": 3}``.

    Returns
    -------
    Trials, shape (n_trials, n_channels, n_times)
        In SI units (volt, tesla), times in seconds; the table of units has ``channel`` and
        ``type``.

    Raises
    ------
    NotFoundError, FormatError
        If there is no such file, or it does not hold epochs.
    InputError
        If a condition or a column is not there.
    """
    epochs = _opened(source)
    names = _conditions(epochs, by)
    keep = _chosen(names, conditions)
    picked = epochs.copy().pick(picks)
    values = picked.get_data(copy=False)[keep]
    units = pd.DataFrame({"channel": picked.ch_names, "type": picked.get_channel_types()})
    run = None if runs is None else _column(epochs, runs)[keep]
    return Trials(values, names[keep], picked.times, run, units, labels)


def _opened(source: Any) -> Any:
    if not isinstance(source, str | Path):
        if hasattr(source, "get_data") and hasattr(source, "event_id"):
            return source
        raise InputError(
            f"read_epochs needs mne.Epochs or the path of a .fif file, not {type(source).__name__}."
        )
    if not Path(source).is_file():
        raise NotFoundError(f"There is no file {str(source)!r}.")
    try:
        import mne
    except ImportError:
        raise MissingDependencyError(
            "read_epochs needs MNE-Python, which is not installed: pip install isocortex[mne]"
        ) from None
    try:
        return mne.read_epochs(source, verbose="error")
    except (ValueError, OSError, RuntimeError, KeyError, IndexError) as error:
        raise FormatError(f"{str(source)!r} does not hold epochs of MNE: {error}") from error


def _conditions(epochs: Any, by: str | None) -> np.ndarray:
    if by is not None:
        return np.array([str(each) for each in _column(epochs, by)], dtype=object)
    names = {code: name for name, code in epochs.event_id.items()}
    return np.array([names[code] for code in epochs.events[:, 2]], dtype=object)


def _column(epochs: Any, name: str) -> np.ndarray:
    table = epochs.metadata
    if table is None:
        raise InputError(f"These epochs have no metadata, so no column {name!r}.")
    if name not in table.columns:
        raise InputError(
            f"The metadata have no column {name!r}. {suggestion(name, map(str, table.columns))}"
            f"They have: {listed(table.columns, 20)}."
        )
    return table[name].to_numpy()


def _chosen(names: np.ndarray, conditions: Sequence[str] | None) -> np.ndarray:
    """Positions of the epochs that were asked for."""
    if conditions is None:
        return np.arange(len(names))
    wanted = [conditions] if isinstance(conditions, str) else list(conditions)
    tags = [set(name.split("/")) for name in names]
    hits = {
        w: [w == n or set(w.split("/")) <= t for n, t in zip(names, tags, strict=True)]
        for w in wanted
    }
    absent = [w for w, found in hits.items() if not any(found)]
    if absent:
        known = dict.fromkeys(names)
        raise InputError(
            f"No epochs of the condition {listed(absent)}. "
            f"{suggestion(absent[0], [*known, *set().union(*tags)])}"
            f"There are: {listed(known, 20)}."
        )
    return np.nonzero(np.any(list(hits.values()), axis=0))[0]
