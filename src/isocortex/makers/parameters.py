"""Parameters of stimuli that are drawn: checked, brought to one length, and written into the names.

A stimulus that is drawn from parameters is called by those that vary, such as
``orientation=-45 phase=90``. So the responses of a recording and of a network to the same
parameters meet by name, and the values can be read back from any noun.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import listed
from isocortex.data.align import HasStimuli
from isocortex.data.needs import door
from isocortex.data.stimuli import Stimuli
from isocortex.errors import InputError, warn


@door
def crossed(**parameters: Iterable[Any]) -> dict[str, np.ndarray]:
    """Every combination of some parameters, as columns of equal length.

    Parameters
    ----------
    **parameters : sequence
        The values of each parameter.

    Returns
    -------
    dict from name to array, shape (n_combinations,)
        The last parameter varies fastest.

    Raises
    ------
    InputError
        If there is no parameter.

    See Also
    --------
    sinusoids, gabors, shapes : Take the columns as arguments.
    stimulus_values : The way back, from names to numbers.

    Examples
    --------
    >>> import isocortex as ic
    >>> stimuli = ic.sinusoids(**ic.crossed(orientations=[0, 45], phases=[0, 90, 180]))
    >>> len(stimuli), stimuli.names[1]
    (6, 'orientation=0 phase=90')
    """
    if not parameters:
        raise InputError("crossed needs at least one parameter, such as orientations=[0, 45].")
    columns = [list(np.atleast_1d(np.asarray(values))) for values in parameters.values()]
    rows = list(product(*columns))
    return {name: np.array([row[i] for row in rows]) for i, name in enumerate(parameters)}


@door
def stimulus_values(source: Stimuli | HasStimuli, by: str = "orientation") -> np.ndarray:
    """What a parameter was for each stimulus.

    Parameters
    ----------
    source : Stimuli, Responses, Gram or RDMs
        Stimuli with a column ``by``; or any noun whose stimuli are called by their
        parameters, as all stimuli made here are (``orientation=-45``).
    by : str, default="orientation"
        The name of the parameter, or of the column.

    Returns
    -------
    array, shape (n_stimuli,)
        In the order of the noun's rows.

    Raises
    ------
    InputError
        If there is neither such a column nor such a parameter in every name.

    See Also
    --------
    crossed : Every combination of parameters.
    tuning_curves : Responses over such a parameter.

    Examples
    --------
    >>> import isocortex as ic
    >>> stimuli = ic.sinusoids(**ic.crossed(orientations=[0, 45], contrasts=[0.5, 1.0]))
    >>> ic.stimulus_values(stimuli, "orientation")
    array([ 0.,  0., 45., 45.])
    >>> ic.stimulus_values(ic.simulate_responses(stimuli, n_units=3), "contrast")
    array([0.5, 1. , 0.5, 1. ])
    """
    table = getattr(source, "table", None)
    if isinstance(table, pd.DataFrame) and by in table.columns:
        return table[by].to_numpy()
    names = source.names if isinstance(source, Stimuli) else source.stimuli
    found = [_written(name, by) for name in names]
    missing = [name for name, value in zip(names, found, strict=True) if value is None]
    if missing:
        raise InputError(
            f"{by!r} is not known for {len(missing)} of {len(names)} stimuli, such as "
            f"{listed(missing, 2)}. Give the values themselves, one for each stimulus, or use "
            f"stimuli that are called by them, such as '{by}=1.5'."
        )
    return np.array(found, dtype=float)


def _written(name: str, by: str) -> str | None:
    found = re.search(rf"(?:^|\s){re.escape(by)}=(\S+)", name)
    if not found:
        return None
    try:
        float(found[1])
    except ValueError:
        return None
    return found[1]


def columns_of(who: str, **parameters: Any) -> dict[str, np.ndarray]:
    """Numbers as columns of equal length; a single number is repeated.

    Raises
    ------
    InputError
        If one is not made of finite numbers, or two have different lengths.
    """
    columns = {name: _numbers(who, name, values) for name, values in parameters.items()}
    lengths = {name: len(column) for name, column in columns.items() if len(column) != 1}
    if len(set(lengths.values())) > 1:
        sizes = ", ".join(f"{length} {name}" for name, length in lengths.items())
        raise InputError(
            f"{who}: parameters go together row by row, but there are {sizes}. Give lists of "
            "one length, or every combination with crossed(...)."
        )
    n = max(lengths.values(), default=1)
    return {name: np.broadcast_to(column, n) for name, column in columns.items()}


def _numbers(who: str, name: str, values: Any) -> np.ndarray:
    try:
        given = np.asarray(values)
        if given.dtype.kind in "mM":
            raise TypeError
        column = np.atleast_1d(np.asarray(given, dtype=float)).ravel()
    except (TypeError, ValueError):
        raise InputError(f"{who}: {name} must be numbers, not {values!r}.") from None
    if not len(column):
        raise InputError(f"{who}: {name} is empty; give at least one number.")
    if not np.isfinite(column).all():
        raise InputError(f"{who}: {name} holds NaN or infinite numbers.")
    return column


def wrapped(orientations: np.ndarray, who: str) -> np.ndarray:
    """Orientations from -90 to 90 degrees; those outside are wrapped, with a warning."""
    outside = np.abs(orientations) > 90
    if not outside.any():
        return orientations
    first = orientations[outside][0]
    inside = (orientations + 90) % 180 - 90
    warn(
        f"{who}: {int(outside.sum())} of {len(orientations)} orientations lie outside -90 to 90 "
        f"degrees and were wrapped by 180 (the first: {first:g} became "
        f"{inside[outside][0]:g})."
    )
    return np.where(outside, inside, orientations)


def checked_size(size: Any, who: str) -> tuple[int, int]:
    """Rows and columns, both positive.

    Raises
    ------
    InputError
        If it is not two whole numbers of at least 1.
    """
    try:
        rows, columns = (int(each) for each in size)
    except (TypeError, ValueError):
        raise InputError(f"{who}: size must be (rows, columns), not {size!r}.") from None
    if rows < 1 or columns < 1:
        raise InputError(f"{who}: size must be at least (1, 1), not {(rows, columns)}.")
    return rows, columns


def made(pictures: list[np.ndarray], table: Mapping[str, Any]) -> Stimuli:
    """Stimuli called by those parameters that vary (by the first, if none does)."""
    frame = pd.DataFrame({name: list(column) for name, column in table.items()})
    varying = [name for name, column in table.items() if len(set(column)) > 1] or list(table)[:1]
    names: list[str] = []
    seen: dict[str, int] = {}
    for row in frame[varying].itertuples(index=False):
        name = " ".join(f"{key}={_short(value)}" for key, value in zip(varying, row, strict=True))
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} #{seen[name]}")
    return Stimuli.from_arrays([np.float32(each) for each in pictures], names, frame)


def named(by: str, values: Iterable[float]) -> list[str]:
    """The names that stimuli of these parameter values have: ``orientation=-45`` …"""
    return [f"{by}={_short(value)}" for value in values]


def _short(value: Any) -> str:
    if isinstance(value, int | float | np.number):
        # Eight figures are what a float32 recording and a float64 list have in common.
        return f"{float(np.float32(value)) + 0.0:.8g}" if float(value) != 0 else "0"
    return str(value).replace(" ", "_")
