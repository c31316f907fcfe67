"""Neurodata Without Borders: the spikes of a session, counted in bins of its trials."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd

from isocortex.choice import listed, one_of, suggestion
from isocortex.data.needs import door
from isocortex.data.trials import Trials
from isocortex.errors import FormatError, InputError
from isocortex.formats.hdf5 import array, child, opened
from isocortex.reading import reader
from isocortex.types import Values


@door
@reader("an NWB file")
def read_nwb(  # noqa: PLR0913
    path: str | Path,
    *,
    condition: str | None = None,
    bins: Values,
    align: str = "start_time",
    runs: str | None = None,
    table: str = "trials",
    labels: Mapping[str, Any] | None = None,
    unobserved: str = "error",
) -> Trials:
    """Count the spikes of each unit in bins of each trial of an NWB file.

    Parameters
    ----------
    path : path
        Of version 2, in HDF5.
    condition : str
        The column of the trials that says what was shown.
    bins : array, shape (n_bins + 1,)
        Edges in s from ``align``; a bin holds its left edge and not its right one.
    align : str, default="start_time"
        The column of times from which bins count.
    runs : str, optional
        The column that says the run.
    table : str, default="trials"
        Of ``/intervals``.
    labels : mapping, optional
        Such as ``{"subject": "M1"}``.
    unobserved : {"error", "drop"}, default="error"
        What to do about trials that reach beyond the intervals in which a unit was observed,
        where no spike does not mean silence: refuse, or leave them out.

    Returns
    -------
    Trials, shape (n_trials, n_units, n_bins), or (n_trials, n_units) of a single bin
        Spike counts; times are the middles of the bins. Units have ``id``, the columns with one
        value for each, and ``location``, if all electrodes of each unit have one.

    Raises
    ------
    NotFoundError
        If there is no such file.
    FormatError
        If it is no NWB file, has no spikes or no such table, is damaged, or data lie elsewhere.
    InputError
        If a column was not named or is not there, bins do not rise, a trial has no time or
        condition, or reaches beyond what was observed.

    See Also
    --------
    Trials : What it returns.
    time_windows, smooth : Raise the signal along time.
    decoding_rdms : Decodes conditions over time.

    References
    ----------
    .. [1] Rübel et al. (2022), The Neurodata Without Borders ecosystem for neurophysiological
       data science, eLife 11:e78362. https://doi.org/10.7554/eLife.78362

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> ic.read_nwb(
    ...     "session.nwb", condition="stimulus", bins=np.arange(0, 0.55, 0.05)
    ... )  # doctest: +SKIP
    """
    edges = _edges(bins)
    one_of(unobserved, ("error", "drop"), "unobserved")
    with opened(path, "an NWB file") as file:
        if _text(file.attrs.get("neurodata_type")) != "NWBFile":
            raise FormatError(f"{str(path)!r} is HDF5, but no NWB file of version 2.")
        trials = child(file, f"intervals/{table}")
        columns = _columns(trials)
        shown = _chosen(columns, condition, "condition", table)
        onsets = _times(columns, align, table)
        run = None if runs is None else _chosen(columns, runs, "runs", table)
        units = child(file, "units")
        spikes = _ragged(units, "spike_times")
        seen = _ragged(units, "obs_intervals") if "obs_intervals" in units else None
        about = _unit_table(file, units, len(spikes))
    kept = _observed(onsets, edges, seen, unobserved)
    counts = counted(spikes, onsets[kept], edges)
    times = (edges[:-1] + edges[1:]) / 2
    if len(times) == 1:
        counts, times = counts[:, :, 0], None
    run = None if run is None else run[kept]
    return Trials(counts, [str(each) for each in shown[kept]], times, run, about, labels)


def counted(spikes: list[np.ndarray], onsets: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Spikes in half-open bins, shape (n_trials, n_units, n_bins)."""
    out = np.empty((len(onsets), len(spikes), len(edges) - 1))
    where = onsets[:, None] + edges
    for place, times in enumerate(spikes):
        out[:, place] = np.diff(np.searchsorted(np.sort(times), where))
    return out


def _edges(bins: Any) -> np.ndarray:
    edges = np.asarray(bins, dtype=np.float64)
    if edges.ndim != 1 or len(edges) < 2 or not np.isfinite(edges).all():
        raise InputError("read_nwb: bins are at least two edges in s: np.arange(0, 0.55, 0.05).")
    if not (np.diff(edges) > 0).all():
        raise InputError("read_nwb: the edges of bins must rise.")
    return edges


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _columns(group: Any) -> dict[str, np.ndarray]:
    """The columns with one value for each row; ragged ones have an index beside them."""
    n_rows = len(array(group, "id"))
    names = [name for name in group if f"{name}_index" not in group and name[-6:] != "_index"]
    nodes = {name: child(group, name) for name in names if name != "id"}
    flat = [k for k, node in nodes.items() if isinstance(node, h5py.Dataset) and node.ndim == 1]
    found = {name: array(group, name) for name in flat}
    return {name: values for name, values in found.items() if len(values) == n_rows}


def _chosen(
    columns: Mapping[str, np.ndarray], name: str | None, what: str, table: str
) -> np.ndarray:
    if name is None or name not in columns:
        said = "say which column tells the condition" if name is None else f"no column {name!r}"
        hint = "" if name is None else suggestion(name, columns)
        raise InputError(
            f"read_nwb: {said} ({what}=). {hint}The table {table!r} has: {listed(columns, 30)}."
        )
    values = columns[name]
    missing = np.nonzero(pd.isna(values) | (values.astype(str) == ""))[0]
    if len(missing):
        raise InputError(
            f"read_nwb: the column {name!r} has no value in {len(missing)} of {len(values)} "
            f"trials ({listed(missing)})."
        )
    return values


def _times(columns: Mapping[str, np.ndarray], name: str, table: str) -> np.ndarray:
    values = _chosen(columns, name, "align", table)
    if values.dtype.kind not in "fiu":
        raise InputError(f"read_nwb: the column {name!r} holds no times in s.")
    return values.astype(np.float64)


def _ragged(group: Any, name: str) -> list[np.ndarray]:
    """The values of each row; an index holds where each ends, in whichever integers."""
    values, ends = array(group, name), array(group, f"{name}_index").astype(np.int64)
    rising = len(ends) == 0 or (ends[0] >= 0 and (np.diff(ends) >= 0).all())
    if not rising or (len(ends) and ends[-1] != len(values)):
        raise FormatError(
            f"{group.file.filename!r}: {name}_index does not fit the {len(values)} values of "
            f"{name}."
        )
    return np.split(values, ends[:-1])


def _unit_table(file: Any, units: Any, n_units: int) -> pd.DataFrame:
    about = {"id": array(units, "id"), **_columns(units)}
    table = pd.DataFrame({k: v for k, v in about.items() if len(v) == n_units})
    electrodes = file.get("general/extracellular_ephys/electrodes")
    if "electrodes" in units and "electrodes_index" in units and electrodes is not None:
        where = array(electrodes, "location")
        own = [set(where[rows.astype(np.int64)].tolist()) for rows in _ragged(units, "electrodes")]
        if all(len(each) == 1 for each in own):
            table["location"] = [next(iter(each)) for each in own]
    return table


def _observed(
    onsets: np.ndarray, edges: np.ndarray, seen: list[np.ndarray] | None, unobserved: str
) -> np.ndarray:
    """Positions of the trials whose bins lie in an interval of observation of every unit."""
    if seen is None:
        return np.arange(len(onsets))
    first, last = onsets + edges[0], onsets + edges[-1]
    inside = np.array(
        [
            ((first[:, None] >= own[:, 0]) & (last[:, None] <= own[:, 1])).any(1)
            for own in (each.reshape(-1, 2) for each in seen)
        ]
    )
    fits = inside.all(0)
    if unobserved == "error" and not fits.all():
        raise InputError(
            f"read_nwb: {int((~fits).sum())} of {len(onsets)} trials reach beyond the intervals in "
            f"which {int((~inside.all(1)).sum())} of {len(seen)} units were observed. Take "
            "narrower bins, or leave these trials out: unobserved='drop'."
        )
    if not fits.any():
        raise InputError("read_nwb: in no trial were all units observed.")
    return np.nonzero(fits)[0]
