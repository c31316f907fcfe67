"""Whether words and volumes can be of one recording."""

from collections.abc import Mapping

import numpy as np

from isocortex.choice import listed
from isocortex.data.names import Names
from isocortex.data.series import Runs
from isocortex.errors import InputError, warn
from isocortex.numerics.series.resampling import Bins

MILLISECONDS = 10
"""So many times longer than its run is a word's time that is not in seconds."""

FILLS, PAUSE = 0.8, 30.0
"""Words that end before that part of all runs, and so many seconds before their ends, are told."""


def check_runs(runs: Runs, bins: Mapping[str, Bins]) -> None:
    """Words and volumes have the same runs."""
    words, volumes = set(runs.names), set(bins)
    if words == volumes:
        return
    sides = [
        f"{listed(sorted(only))} only in the {what}"
        for only, what in ((words - volumes, "words"), (volumes - words, "volumes"))
        if only
    ]
    raise InputError(
        f"resample: words and volumes have different runs: {'; '.join(sides)}. Runs meet by name "
        "(column 'run' of both tables, or the keys of times)."
    )


def check_inside(
    moments: np.ndarray, rows: Mapping[str, np.ndarray], bins: Mapping[str, Bins], names: Names
) -> None:
    """All words lie within the volumes of their run, in seconds."""
    for run, mine in rows.items():
        start, end = bins[run].starts[0], bins[run].starts[-1] + bins[run].tr
        outside = mine[(moments[mine] < start) | (moments[mine] > end)]
        if not len(outside):
            continue
        first = int(outside[0])
        largest = float(np.abs(moments[mine]).max())
        hint = (
            f"Are volumes {bins[run].tr:g} s apart, and is each run the one of its name? If so, "
            "take the words of the recording alone (words.take), or say how many volumes there "
            f"were from the start of run {run!r}, and leave some out afterwards."
        )
        if largest > MILLISECONDS * (end - start):
            hint = "Are these milliseconds? Times are in seconds: divide by 1000."
        raise InputError(
            f"resample: {len(outside)} of {len(mine)} words of run {run!r} lie outside its volumes "
            f"({start:g} to {end:g} s), such as {names[first]!r} at {moments[first]:g} s. {hint}"
        )


def tell_silence(
    ends: np.ndarray, rows: Mapping[str, np.ndarray], bins: Mapping[str, Bins]
) -> None:
    """Words of no run last as long as its volumes: the step between these may be another."""
    lasts = {run: float(ends[mine].max()) for run, mine in rows.items()}
    spans = {run: each.starts[-1] + each.tr for run, each in bins.items()}
    if any(lasts[run] > FILLS * spans[run] or spans[run] - lasts[run] < PAUSE for run in lasts):
        return
    run = next(iter(lasts))
    part = lasts[run] / spans[run]
    warn(
        f"resample: the words of run {run!r} end at {lasts[run]:.0f} s, {part:.0%} of its volumes "
        f"({spans[run]:.0f} s{', and other runs alike' * (len(lasts) > 1)}). Are "
        f"volumes {bins[run].tr:g} s apart?"
    )


def check_varies(nothing: bool | np.bool_) -> None:
    """Something is left of features without their mean over words."""
    if nothing:
        raise InputError(
            "resample: centre=True leaves nothing of features that are the same for every word, as "
            "word_rate is, whose sum is the number of words. Resample it without."
        )
