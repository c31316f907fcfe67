"""Several feature spaces become one: their units side by side, rows met by name."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from isocortex.data.names import positions
from isocortex.data.responses import Responses
from isocortex.data.series import DELAYS
from isocortex.errors import InputError


def side_by_side(parts: Sequence[Responses], who: str = "Responses.concat") -> Responses:
    """All units of all parts; see :meth:`Responses.concat`."""
    wrong = next((each for each in parts if not isinstance(each, Responses)), None)
    if wrong is not None or not parts:
        what = "there is none" if wrong is None else f"not {type(wrong).__name__}"
        raise InputError(f"{who} needs a list of Responses: {what}.")
    if any(DELAYS in each.labels for each in parts):
        raise InputError(
            f"{who}: put series side by side before they are delayed, so that folds know of the "
            "delays: ic.delayed(ic.Responses.concat([first, second]), [1, 2, 3, 4])."
        )
    first = parts[0]
    values = [each.numpy()[positions(each.stimuli, first.stimuli, who)] for each in parts]
    return Responses(
        np.hstack(values), first.stimuli, _units(parts), _labels(parts), first.__dict__["_table"]
    )


def _units(parts: Sequence[Responses]) -> pd.DataFrame:
    """Units of all parts, with the label ``layer`` that each came with."""
    tables = [
        each.units
        if "layer" not in each.labels or "layer" in each.units
        else each.units.assign(layer=each.labels["layer"])
        for each in parts
    ]
    return pd.concat(tables, ignore_index=True)


def _labels(parts: Sequence[Responses]) -> dict[str, str]:
    keys = dict.fromkeys(key for each in parts for key in each.labels)
    told = {key: [str(p.labels[key]) for p in parts if key in p.labels] for key in keys}
    return {key: " + ".join(dict.fromkeys(each)) for key, each in told.items()}
