"""Epochs of MNE-Python as trials."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import counted, listed, suggestion
from isocortex.data.needs import door
from isocortex.data.trials import Trials
from isocortex.errors import InputError, MissingDependencyError, NotFoundError
from isocortex.formats.fif import check_fif
from isocortex.reading import reader
from isocortex.types import MneEpochs

CONTINUOUS = (".vhdr", ".edf", ".bdf", ".gdf", ".cnt")
"""How names of recordings end that have no epochs yet."""


@door
@reader("a file of epochs of MNE")
def read_epochs(
    source: str | Path | MneEpochs,
    *,
    conditions: Sequence[Any] | None = None,
    by: str | None = None,
    runs: str | None = None,
    picks: str | slice | Sequence[str] | Sequence[int] = "data",
    labels: dict[str, Any] | None = None,
) -> Trials:
    """Trials from MNE epochs, or from a file of them.

    Parameters
    ----------
    source : mne.Epochs or path
        ``-epo.fif`` or ``-epo.fif.gz``, as MNE writes it, or ``.set`` of EEGLAB with epochs.
    conditions : sequence of str or numbers, optional
        Which to take; default all. Of an event name with tags, such as ``face/left``, the
        name or all of its tags.
    by : str, optional
        The column of the metadata that holds the condition, as text or whole numbers; default
        the names of the events.
    runs : str, optional
        The column of the metadata that holds the run.
    picks : str, slice or sequence, default="data"
        Channels, as MNE's ``picks``. ``"data"`` leaves out EOG, and it and other types leave out
        bad channels; one that is named is taken.
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
        If a condition, a column or a channel is not there, no epoch is left, two names stand for
        one event code, or an epoch has no condition or run.

    See Also
    --------
    Trials : What it returns.
    smooth, time_windows : Raise the signal along time.
    decoding_rdms, generalization : Decode conditions over time.

    Examples
    --------
    >>> import numpy as np
    >>> import mne
    >>> import isocortex as ic
    >>> info = mne.create_info(["O1", "Oz", "O2"], sfreq=100.0, ch_types="eeg")
    >>> events = np.array([[i, 0, 1 + i % 2] for i in range(8)])
    >>> volts = 1e-6 * np.random.default_rng(0).normal(size=(8, 3, 20))
    >>> codes = {"face": 1, "house": 2}
    >>> epochs = mne.EpochsArray(volts, info, events, tmin=-0.1, event_id=codes, verbose=False)
    >>> ic.read_epochs(epochs, labels={"subject": 3})
    Trials(8 trials of 2 stimuli x 3 units x 20 times, subject=3)
    """
    epochs = _loaded(_opened(source))
    names = _conditions(epochs, by)
    keep = _chosen(names, conditions)
    picked = _picked(epochs, picks)
    values = picked.get_data(copy=False)[keep]
    units = pd.DataFrame({"channel": picked.ch_names, "type": picked.get_channel_types()})
    run = None if runs is None else _column(epochs, runs)[keep]
    return Trials(values, names[keep], picked.times, run, units, labels)


def _opened(source: Any) -> Any:
    if not isinstance(source, str | Path):
        if all(hasattr(source, name) for name in ("get_data", "event_id", "load_data", "drop_bad")):
            return source
        raise InputError(
            f"read_epochs needs mne.Epochs or the path of a .fif file, not {type(source).__name__}"
            " (spectra and time-frequency maps have another axis: take their arrays)."
        )
    if not Path(source).is_file():
        raise NotFoundError(f"There is no file {str(source)!r}.")
    try:
        import mne
    except ImportError:
        raise MissingDependencyError(
            "read_epochs needs MNE-Python, which is not installed: pip install isocortex[mne]"
        ) from None
    kind = Path(source).suffix.lower()
    if kind in CONTINUOUS:
        raise InputError(
            f"read_epochs: {str(source)!r} is a continuous recording. Cut it by its events: "
            "raw = mne.io.read_raw(path); read_epochs(mne.Epochs(raw, events, event_id))."
        )
    if kind == ".set":
        return mne.read_epochs_eeglab(source, verbose="error")
    check_fif(Path(source))
    return mne.read_epochs(source, verbose="error")


def _loaded(epochs: Any) -> Any:
    """A copy in memory, without the epochs that MNE rejects."""
    import mne

    with mne.utils.use_log_level("error"):
        loaded = epochs.copy()
        try:
            loaded.load_data()
        except (RuntimeError, ValueError, OSError) as error:
            raise InputError(f"read_epochs: MNE cannot load these epochs: {error}") from error
    if not len(loaded):
        raise InputError(
            "read_epochs: no epoch is left; MNE dropped all of them, for the reasons in "
            "epochs.drop_log."
        )
    return loaded


def _picked(epochs: Any, picks: Any) -> Any:
    """The channels; bad ones only where they are called by name."""
    asked = [picks] if isinstance(picks, str | slice) else picks
    by_type = asked is None or all(
        isinstance(each, str) and each not in epochs.ch_names for each in asked
    )
    try:
        return epochs.copy().pick(picks, exclude="bads" if by_type else (), verbose="error")
    except (ValueError, TypeError, IndexError, RuntimeError) as error:
        kinds = dict.fromkeys(epochs.get_channel_types())
        raise InputError(
            f"read_epochs: picks={picks!r} finds no channels that are not bad. These epochs have "
            f"{counted(len(epochs.ch_names), 'channel')} of the types {listed(kinds)}, of them "
            f"{len(epochs.info['bads'])} bad ({error})."
        ) from error


def _conditions(epochs: Any, by: str | None) -> np.ndarray:
    if by is not None:
        return np.array([_spelled(each) for each in _column(epochs, by)], dtype=object)
    names: dict[int, str] = {}
    for name, code in epochs.event_id.items():
        if code in names:
            raise InputError(
                f"read_epochs: the event code {code} has two names, {names[code]!r} and {name!r}, "
                "so that no epoch can be told to be of either. Give each code one name in "
                "event_id."
            )
        names[code] = name
    return np.array([names[code] for code in epochs.events[:, 2]], dtype=object)


def _spelled(value: Any) -> str:
    """A condition as text; whole numbers without a point, whatever column they came in."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _column(epochs: Any, name: str) -> np.ndarray:
    table = epochs.metadata
    if table is None:
        raise InputError(f"These epochs have no metadata, so no column {name!r}.")
    if name not in table.columns:
        raise InputError(
            f"The metadata have no column {name!r}. {suggestion(name, map(str, table.columns))}"
            f"They have: {listed(table.columns, 20)}."
        )
    missing = np.nonzero(table[name].isna().to_numpy())[0]
    if len(missing):
        raise InputError(
            f"read_epochs: the column {name!r} of the metadata has no value for {len(missing)} of "
            f"{len(table)} epochs ({listed(missing)}). Fill it in, or drop these epochs."
        )
    return table[name].to_numpy()


def _chosen(names: np.ndarray, conditions: Sequence[Any] | None) -> np.ndarray:
    """Positions of the epochs that were asked for."""
    if conditions is None:
        return np.arange(len(names))
    wanted = [_spelled(each) for each in np.atleast_1d(np.asarray(conditions, dtype=object))]
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
