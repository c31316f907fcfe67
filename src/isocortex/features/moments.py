"""The rows of features of sound and film: moments of stimuli, with their times."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from isocortex.choice import is_number, listed
from isocortex.data.modalities.known import needs_modality
from isocortex.data.recorded.films import Film
from isocortex.data.recorded.sounds import Sound
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.store.frame_rows import frame_names, frame_table


class Moments(NamedTuple):
    """Those of one stimulus: values (n_moments, n_units), and seconds from its onset."""

    values: np.ndarray
    onset: np.ndarray
    offset: np.ndarray


def sounds_of(stimuli: Stimuli, who: str) -> Iterator[Sound]:
    """The sounds of stimuli.

    Raises
    ------
    InputError
        If they are of another modality, or bare arrays without a rate.
    """
    needs_modality(stimuli, "audio", who)
    return _of_kind(stimuli, Sound, who)


def films_of(stimuli: Stimuli, who: str) -> Iterator[Film]:
    """The films of stimuli.

    Raises
    ------
    InputError
        If they are of another modality, or bare arrays without times.
    """
    needs_modality(stimuli, "video", who)
    return _of_kind(stimuli, Film, who)


def _of_kind(stimuli: Stimuli, kind: type, who: str) -> Iterator[Any]:
    pairs = zip(stimuli.names, stimuli.sources, strict=True)
    bare = [name for name, each in pairs if not isinstance(each, kind)]
    if bare:
        raise InputError(
            f"{who} needs to know rate and times, and {listed(bare)} are bare arrays: make them by "
            f"Stimuli.from_{stimuli.modality}."
        )
    return iter(stimuli.sources)


def moments_as_rows(
    stimuli: Stimuli,
    found: Sequence[Moments],
    units: Mapping[str, Any] | pd.DataFrame,
    labels: Mapping[str, Any],
) -> Responses:
    """One row for each moment of each stimulus, with ``onset``, ``offset`` and ``time``."""
    counts = [len(each.values) for each in found]
    stimulus = np.repeat(np.arange(len(found)), counts)
    onset, offset = (
        np.concatenate([getattr(each, k) for each in found]) for k in Moments._fields[1:]
    )
    columns = {"stimulus": stimulus, "onset": onset, "offset": offset}
    frames = pd.DataFrame({**columns, "time": (onset + offset) / 2})
    return Responses(
        np.concatenate([each.values for each in found]),
        frame_names(stimuli.names, stimulus),
        units,
        dict(labels),
        frame_table(frames, stimuli.table),
    )


def positive(value: Any, name: str, who: str) -> float:
    """A number above 0.

    Raises
    ------
    InputError
        If it is none.
    """
    if not is_number(value) or not 0 < value < np.inf:
        raise InputError(f"{who}: {name}={value!r} must be a number above 0.")
    return float(value)
