"""Tuning curves: the mean response of each unit at each value of a parameter."""

from typing import Any

import numpy as np

from isocortex.choice import counted
from isocortex.data.label_rows import LabelRows
from isocortex.data.names import positions
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.scores import Scores
from isocortex.data.stimuli import Stimuli
from isocortex.data.tables import unit_rows, with_other_names
from isocortex.data.trials import group_means
from isocortex.errors import InputError
from isocortex.makers.parameters import stimulus_values
from isocortex.types import Rows, Values


@door
def tuning_curves(
    responses: Responses,
    by: str | Values = "orientation",
    *,
    stimuli: Stimuli | None = None,
    bin_width: float | None = None,
    units: Rows | None = None,
) -> Scores:
    """The mean response of each unit at each value of a stimulus parameter.

    Parameters
    ----------
    responses : Responses, shape (n_stimuli, n_units)
        Of a layer or a recording.
    by : str or array, shape (n_stimuli,), default="orientation"
        A column of ``stimuli``, or a parameter in the names of the stimuli (as all made
        stimuli have: ``orientation=-45``), or the values themselves in the order of the rows.
    stimuli : Stimuli, optional
        Where the column stands; met by name.
    bin_width : float, optional
        Average over bins ``[0, w), [w, 2w) ...`` of this width, each called by the mean of the
        values in it; default: one point for each value that occurs.
    units : array of int, optional
        Only these columns.

    Returns
    -------
    Scores, shape (n_values, n_units)
        Axes ``value`` (column ``by``, and ``n_stimuli``) and ``unit``; the column ``sem`` is
        the standard error over the stimuli of a value (NaN for one stimulus).

    Raises
    ------
    InputError
        If the values are unknown, not finite, or not one for each row.

    See Also
    --------
    tuning_index : One number for each unit.
    stimulus_values : The values of a parameter.
    plots.tuning : Draws the curves.

    Examples
    --------
    >>> import isocortex as ic
    >>> population = ic.simulate_responses(ic.gratings([-60, 0, 60]), n_units=5)
    >>> ic.tuning_curves(population, by="orientation").values.shape
    (3, 5)
    """
    if units is not None:
        responses = responses.units_where(np.asarray(units))
    name, values = values_of(responses, by, stimuli, "tuning_curves")
    codes = _bins(values, bin_width)
    measured = responses.numpy().astype(np.float64)
    means, counts = group_means(measured, codes)
    spread, _ = group_means((measured - means[codes]) ** 2, codes)
    at, _ = group_means(values[:, None], codes)
    n = counts[:, None].astype(float)
    # The unbiased variance over n is sum of squares / (n - 1) / n; one stimulus has none.
    sem = np.sqrt(np.divide(spread, n - 1, out=np.full_like(spread, np.nan), where=n > 1))
    points = LabelRows.of_columns(
        {name: at[:, 0].tolist(), "n_stimuli": counts.tolist()}, len(counts)
    )
    return Scores(
        means,
        {"value": points, "unit": with_other_names(numbered_units(responses), points)},
        metric="response",
        columns={"sem": sem},
        notes={"by": name, **responses.labels},
    )


def values_of(
    responses: Responses, by: Any, stimuli: Stimuli | None, who: str
) -> tuple[str, np.ndarray]:
    """The name of a parameter and its value for each row of ``responses``.

    Raises
    ------
    InputError
        If they are unknown, not finite, or not one for each row.
    """
    name = by if isinstance(by, str) else "value"
    if not isinstance(by, str):
        values = np.asarray(by)
    elif stimuli is None:
        values = stimulus_values(responses, by)
    else:
        values = _by_name(responses, stimulus_values(stimuli, by), stimuli, who)
    if values.shape != (responses.n_stimuli,):
        raise InputError(
            f"{who}: by has shape {values.shape}, but there must be one value for each of "
            f"{counted(responses.n_stimuli, 'stimulus')}."
        )
    try:
        values = values.astype(float)
    except (TypeError, ValueError):
        raise InputError(f"{who}: the values of {name!r} must be numbers.") from None
    if not np.isfinite(values).all():
        raise InputError(f"{who}: the values of {name!r} hold NaN or infinite numbers.")
    return name, values


def numbered_units(responses: Responses) -> LabelRows:
    """One row for each unit: its number, what is known of it, and the labels of the whole."""
    number = LabelRows.of_columns({"unit": range(responses.n_units)}, responses.n_units)
    known = unit_rows(responses)
    return number.beside(known.only([key for key in known if key != "unit"]))


def _by_name(responses: Responses, values: np.ndarray, stimuli: Stimuli, who: str) -> np.ndarray:
    return values[positions(stimuli.names, responses.stimuli, f"{who}: stimuli")]


def _bins(values: np.ndarray, width: float | None) -> np.ndarray:
    """Which value (or bin) each stimulus has, counted from 0 in rising order."""
    if width is None:
        keys = values
    elif width > 0:
        keys = np.floor(values / width)
    else:
        raise InputError(f"tuning_curves: bin_width must be positive, not {width:g}.")
    return np.unique(keys, return_inverse=True)[1].ravel()
