"""A user's own function of the stimuli, in a study as a network of one layer."""

import functools
from collections.abc import Callable
from typing import Any

from isocortex.choice import counted
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError
from isocortex.networks.network import Network
from isocortex.study.features import SUFFIX
from isocortex.study.looks import Look, LookedAt

FUNCTION = "function"
"""The label of what a function gave: its name."""


def values_of(function: Callable[..., Any], stimuli: Stimuli) -> Responses:
    """What a function gives for stimuli, with their times.

    Raises
    ------
    InputError
        If it is no Responses, or its rows are not the stimuli.
    """
    inner = function.func if isinstance(function, functools.partial) else function
    name = getattr(inner, "__name__", type(inner).__name__)
    found = function(stimuli)
    if not isinstance(found, Responses):
        raise InputError(
            f"score: the function {name} gives {type(found).__name__}; it must give Responses, "
            "with a row for each stimulus."
        )
    if list(found.stimuli) != list(stimuli.names):
        raise InputError(
            f"score: the function {name} gives {counted(found.n_stimuli, 'row')} that are not the "
            f"{counted(len(stimuli), 'stimulus')} in their order; name them by stimuli.names."
        )
    labels = {**found.labels, FUNCTION: name}
    table = found.table if len(found.table.columns) else stimuli.table
    return found.replace(labels=labels, table=table)


def called(given: Network | Responses) -> str:
    """The name of a network, or of the function that gave values."""
    return given.name if isinstance(given, Network) else str(given.labels[FUNCTION])


def look_at_values(values: Responses) -> Look:
    """As if a network had shown them."""
    layer = LookedAt(called(values), called(values), 0.0, values.n_units)
    return Look({"function": called(values)}, (layer,), 0.0, SUFFIX)
