"""Where sensors are, and which are adjacent: what MNE-Python knows of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import listed
from isocortex.errors import InputError, MissingDependencyError
from isocortex.searchlights.distance import Rows, as_rows


def sensor_places(sensors: Any, units: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Positions in mm, shape (n_channels, 3), and the kind of each as an integer.

    Parameters
    ----------
    sensors : mne.Info, anything with ``.info``, mne montage, or mapping from name to place in m
    units : DataFrame
        With the column ``channel``.

    Raises
    ------
    InputError
        If a channel has no position.
    """
    known = _positions(sensors)
    names = _channels(units)
    places = [known.get(name) for name in names]
    # MNE writes zeros or NaN where no montage was set.
    absent = [
        name
        for name, place in zip(names, places, strict=True)
        if place is None or not np.isfinite(place).all() or not np.any(place)
    ]
    if absent:
        raise InputError(
            f"neighbours: {len(absent)} of {len(names)} channels have no position in sensors=: "
            f"{listed(absent)}. Set a montage first (info.set_montage)."
        )
    # Metres in MNE.
    return 1000 * np.array(places, dtype=np.float64), _kinds(units)


def sensor_adjacency(sensors: Any, units: pd.DataFrame) -> Rows:
    """Each channel with those that MNE calls adjacent to it (``find_ch_adjacency``).

    Raises
    ------
    InputError
        If it knows none of a channel, or ``sensors`` is no mne.Info.
    """
    info = getattr(sensors, "info", sensors)
    if not hasattr(info, "ch_names"):
        raise InputError(
            "neighbours: the adjacency of sensors needs mne.Info (epochs.info); of positions alone "
            "give a radius= in mm, or n_units=."
        )
    try:
        import mne
    except ImportError:
        raise MissingDependencyError(
            "sensors= needs MNE-Python, which is not installed: pip install isocortex[mne]"
        ) from None
    names = _channels(units)
    place = {name: i for i, name in enumerate(names)}
    # A channel is its own neighbour, also where MNE knows no other.
    rows: list[np.ndarray] = [np.array([i]) for i in range(len(names))]
    own = mne.pick_info(info, [info.ch_names.index(n) for n in names if n in info.ch_names])
    absent = sorted(set(names) - set(own.ch_names))
    if absent:
        raise InputError(
            f"neighbours: sensors= has no channels {listed(absent)}; it has "
            f"{listed(info.ch_names, 10)}."
        )
    for kind in dict.fromkeys(own.get_channel_types()):
        try:
            with mne.use_log_level("error"):
                near, found = mne.channels.find_ch_adjacency(own, kind)
        except (ValueError, RuntimeError) as error:
            raise InputError(
                f"neighbours: MNE finds no adjacency of the {kind} channels ({error}). Give a "
                "radius= in mm, or n_units=."
            ) from error
        near = near.tocsr()
        for i, name in enumerate(found):
            members = near.indices[near.indptr[i] : near.indptr[i + 1]]
            rows[place[name]] = np.unique([place[name], *(place[found[j]] for j in members)])
    return as_rows(rows)


def _channels(units: pd.DataFrame) -> list[str]:
    if "channel" not in units.columns:
        raise InputError(
            "neighbours: sensors= is for recordings whose units have the column 'channel', as "
            f"read_epochs gives them; these have {listed(units.columns, 12) or 'none'}."
        )
    return [str(name) for name in units["channel"]]


def _kinds(units: pd.DataFrame) -> np.ndarray:
    if "type" not in units.columns:
        return np.zeros(len(units), dtype=int)
    return np.unique(units["type"].astype(str), return_inverse=True)[1]


def _positions(sensors: Any) -> dict[str, Any]:
    info = getattr(sensors, "info", sensors)
    if isinstance(info, Mapping) and "chs" in info:
        return {channel["ch_name"]: channel["loc"][:3] for channel in info["chs"]}
    if hasattr(sensors, "get_positions"):
        return dict(sensors.get_positions()["ch_pos"])
    if isinstance(sensors, Mapping):
        return {str(name): np.asarray(place, dtype=float) for name, place in sensors.items()}
    raise InputError(
        "neighbours: sensors= needs mne.Info, epochs, a montage, or a mapping from the name of a "
        f"channel to its place in metres; it got {type(sensors).__name__}."
    )
