"""A model that makes the folds of a layer ready once, for all recordings of it."""

import copy
from collections.abc import Callable
from typing import Any

from isocortex.mapping.view import View
from isocortex.memory import available_bytes

SHARE = 0.1
"""Of the memory that is free: so much of it may hold folds that were made ready."""
_INNER = 5


def ready_once(model: Any, n_stimuli: int, n_folds: int) -> Any:
    """The same model, which factorizes each fold of the stimuli of one layer a single time.

    What it keeps grows with the square of the stimuli; where that is much, the model is given
    back as it is. The numbers are the same to the last digit, and so are the warnings.

    Parameters
    ----------
    model : Model
        Of this package, with ``prepare``.
    n_stimuli : int
    n_folds : int
    """
    n_bytes = 8 * n_stimuli**2 * n_folds * (1 + _INNER)
    if n_bytes > SHARE * available_bytes():
        return model
    found = copy.copy(model)
    found.prepare = _kept(model.prepare)
    return found


def _kept(prepare: Callable[[View], Any]) -> Callable[[View], Any]:
    ready: dict[Any, Any] = {}

    def once(view: View) -> Any:
        rows = [each.rows[part].tobytes() for each in view.sources for part in view.fold]
        key = (view.solver, *(each.noun for each in view.sources), *rows)
        if key not in ready:
            ready[key] = prepare(view)
        return ready[key]

    return once
