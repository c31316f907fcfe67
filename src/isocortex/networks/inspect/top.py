"""The stimuli that drive a unit most."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import choose, listed
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.scores import Scores
from isocortex.errors import InputError


@door
def top_stimuli(
    store: Responses | Mapping[str, Responses],
    layer: str | None,
    unit: int | tuple[int, ...],
    n: int = 9,
    *,
    over_space: str | Callable = "max",
) -> Scores:
    """The stimuli that drive a unit or a channel most, best first.

    Parameters
    ----------
    store : Store, mapping of Responses, or Responses
        What the layers did.
    layer : str or None
        Which of the mapping; None for Responses.
    unit : int or tuple
        An int is a channel of a map (or a unit of a layer without space); a tuple
        (channel, row, col) is a single unit.
    n : int, default=9
        How many; fewer if there are fewer stimuli.
    over_space : {"max", "mean"} or callable, default="max"
        How a channel's units become one number; a function of (values, axis).

    Returns
    -------
    Scores, shape (n,)
        Axis ``stimulus`` with the columns ``stimulus``, ``rank`` (from 1) and, for the maximum
        over a map, ``row`` and ``col`` of the unit that it comes from.

    Raises
    ------
    InputError
        If there is no such layer or unit, or ``n`` is less than 1.

    See Also
    --------
    optimal_stimulus : An image made for the unit.
    plots.top_stimuli : Shows them.
    tuning_curves : Responses over a stimulus parameter.

    Examples
    --------
    >>> import isocortex as ic
    >>> voxels = ic.Responses([[0.2, 1.0], [0.9, 0.1], [0.5, 0.4]], ["car", "face", "hand"])
    >>> ic.top_stimuli(voxels, None, unit=0, n=2).table()[["rank", "stimulus", "score"]]
       rank stimulus  score
    0     1     face    0.9
    1     2     hand    0.5
    """
    responses = _responses(store, layer)
    if n < 1:
        raise InputError(f"top_stimuli: n must be at least 1, not {n}.")
    pool = choose(over_space, OVER_SPACE, "over_space")
    columns = _columns(responses, unit)
    values = np.asarray(responses.values[:, columns], dtype=np.float64)
    strength = pool(values, 1)
    # A stable order: of two equal stimuli the earlier one comes first.
    best = np.argsort(-strength, kind="stable")[:n]
    table = pd.DataFrame(
        {
            "stimulus": [responses.stimuli[row] for row in best],
            "rank": np.arange(1, len(best) + 1),
        }
    )
    if over_space == "max" and {"row", "col"} <= set(responses.units.columns):
        at = np.asarray(columns)[values[best].argmax(1)]
        table["row"] = responses.units["row"].to_numpy()[at]
        table["col"] = responses.units["col"].to_numpy()[at]
    notes = {**responses.labels, "unit": unit, "over_space": str(over_space)}
    return Scores(strength[best], {"stimulus": table}, metric="activation", notes=notes)


def _responses(store: Any, layer: str | None) -> Responses:
    if isinstance(store, Responses):
        return store
    if not isinstance(store, Mapping):
        raise InputError(
            f"top_stimuli needs a Store, a mapping of Responses or Responses, not "
            f"{type(store).__name__}."
        )
    try:
        return store[layer]
    except KeyError:
        raise InputError(
            f"top_stimuli: there is no layer {layer!r}; there are {listed(store, 20)}."
        ) from None


def _columns(responses: Responses, unit: int | tuple[int, ...]) -> np.ndarray:
    units = responses.units
    if isinstance(unit, tuple):
        # Channels first, as users say it; then in the order of the layer's axes.
        whole = [c for c in units.columns if units[c].dtype.kind in "iu"]
        names = sorted(whole, key=lambda column: column != "channel")
        if len(names) != len(unit):
            raise InputError(
                f"top_stimuli: a single unit of this layer is ({', '.join(names)}), not {unit}."
            )
        found = (units[names].to_numpy() == np.asarray(unit)).all(1)
    else:
        name = next((c for c in ("channel", "unit") if c in units.columns), None)
        number = np.arange(responses.n_units) if name is None else units[name].to_numpy()
        found = number == unit
    if not found.any():
        raise InputError(
            f"top_stimuli: there is no unit {unit} among the {responses.n_units} of this layer."
        )
    return np.nonzero(found)[0]


OVER_SPACE: Mapping[str, Callable] = {"max": np.max, "mean": np.mean}
