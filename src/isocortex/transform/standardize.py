"""The verb ``standardize``: mean 0 and standard deviation 1 along an axis."""

from typing import TypeVar

import numpy as np

from isocortex.arrays import is_lazy
from isocortex.choice import counted, listed, one_of
from isocortex.data.gram import Gram
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.errors import InputError, UndefinedError
from isocortex.numerics.arrays.moments import Scaled, moments, standardized_gram

Noun = TypeVar("Noun", Responses, Gram)
AXES = {"units": 1, "stimuli": 0}


@door
def standardize(responses: Noun, axis: str = "units") -> Noun:
    r"""Bring responses to mean 0 and standard deviation 1 (over n) along an axis.

    .. math:: z = (x - \bar x) / \sigma

    Parameters
    ----------
    responses : Responses, shape (n_stimuli, n_units), or Gram
        A layer on disk stays there; its numbers are scaled as they are read.
    axis : {"units", "stimuli"}, default="units"
        What mean and deviation are taken over. ``"units"``: each stimulus' pattern over the
        units, which removes how strongly a stimulus drives the layer as a whole.
        ``"stimuli"``: each unit over all stimuli. Inside cross-validation, put a
        ``StandardScaler`` into the model instead, so that it sees the training stimuli alone.

    Returns
    -------
    Responses or Gram
        What was given. From a Gram only ``axis="units"`` follows.

    Raises
    ------
    UndefinedError
        If a stimulus or unit is constant, since it has no deviation.
    InputError
        If ``axis`` is unknown, or ``"stimuli"`` of a Gram.

    See Also
    --------
    clean : Standardizes each run of a time series.
    reduce : Fewer numbers for each stimulus.
    encode : Takes a ``StandardScaler`` inside its model.

    Examples
    --------
    >>> import isocortex as ic
    >>> voxels = ic.Responses([[1.0, 10.0], [2.0, 20.0], [3.0, 60.0]])
    >>> ic.standardize(voxels, axis="stimuli").numpy().round(2)
    array([[-1.22, -0.93],
           [ 0.  , -0.46],
           [ 1.22,  1.39]])
    """
    if axis not in AXES:
        one_of(axis, AXES, "axis")
    if isinstance(responses, Gram):
        return _of_gram(responses, axis)
    values, along = responses.values, AXES[axis]
    if not is_lazy(values):
        values = responses.numpy()
    mean, deviation, constant = moments(values, along)
    if along == 1:
        _refuse_constant_stimuli(constant, responses.stimuli)
    elif constant.any():
        raise UndefinedError(
            f"standardize: {int(constant.sum())} of {len(constant)} units are constant over the "
            f"stimuli, the first at {int(np.argmax(constant))}. Leave them out: "
            "responses.units_where(responses.numpy().std(0) > 0)."
        )
    scaled = Scaled(values, mean, deviation, along)
    return responses.replace(values=scaled if is_lazy(values) else scaled[:, :])


def _of_gram(gram: Gram, axis: str) -> Gram:
    if axis != "units":
        raise InputError(
            "standardize: each unit over the stimuli does not follow from a Gram; give the "
            "Responses."
        )
    matrix, sums, constant = standardized_gram(gram.products)
    _refuse_constant_stimuli(constant, gram.stimuli)
    return Gram(matrix, sums, gram.n_units, gram.stimuli, gram.labels)


def _refuse_constant_stimuli(constant: np.ndarray, names: tuple[str, ...]) -> None:
    if constant.any():
        which = listed(name for name, bad in zip(names, constant, strict=True) if bad)
        raise UndefinedError(
            f"standardize: the response to {counted(int(constant.sum()), 'stimulus')} is constant "
            "over the "
            f"units ({which}); it has no deviation. Leave them out with take()."
        )
