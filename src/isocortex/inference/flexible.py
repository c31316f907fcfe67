"""Flexible models: several model RDMs from which one prediction is fitted to the data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.display.shown import shown
from isocortex.errors import InputError
from isocortex.numerics.inference import flexible


@door
@shown()
@dataclass(frozen=True, eq=False)
class Weighted:
    r"""A weighted sum of model RDMs, fitted to the data.

    Weights maximize the mean comparison with the training people,
    :math:`\theta \propto (A + \alpha I)^{-1} b`, where A are the products of the model RDMs (each
    of unit norm) in the metric of the comparison, and b their mean products with the normalized
    RDMs of the people.

    Parameters
    ----------
    rdms : RDMs
        The models whose sum is fitted, one for each layer, feature …
    nonnegative : bool, default=True
        Whether weights must not be negative: right where the models are squared distances in
        parts of a feature space, which a brain may stretch but not subtract.
    alpha : float, default=0
        Ridge penalty, in models of unit norm, whatever their scale.

    Raises
    ------
    InputError
        If there are fewer than two RDMs, or alpha is below 0.

    See Also
    --------
    Selected, Interpolated : Other ways to be flexible.
    fit_rdms : Fits it, and scores it on other stimuli and people.
    infer : Tests it beside other models.

    References
    ----------
    .. [1] Khaligh-Razavi & Kriegeskorte (2014), PLoS Comput. Biol. 10:e1003915,
       https://doi.org/10.1371/journal.pcbi.1003915
    .. [2] Schütt et al. (2023), eLife 12:e82566, https://doi.org/10.7554/eLife.82566

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(20)]
    >>> layers = ic.RDMs(rng.random((3, 190)), names, {"layer": ["conv1", "conv3", "conv5"]})
    >>> ic.Weighted(layers, alpha=0.1)
    Weighted(RDMs(3 over 20 stimuli, labels: layer), nonnegative=True, alpha=0.1)
    """

    rdms: RDMs
    nonnegative: bool = True
    alpha: float = 0.0

    def __post_init__(self) -> None:
        _check_rdms(self.rdms, "Weighted")
        if not isinstance(self.nonnegative, bool | np.bool_):
            raise InputError(f"Weighted: nonnegative={self.nonnegative!r} must be True or False.")
        number = isinstance(self.alpha, int | float | np.number)
        if not number or isinstance(self.alpha, bool) or not 0 <= self.alpha < np.inf:
            raise InputError(f"Weighted: alpha={self.alpha!r} must be a finite number from 0.")

    def fit(self, gram: np.ndarray, cross: np.ndarray) -> np.ndarray:
        """Weights for A (..., n_models, n_models) and b (..., n_models); all 0 if undefined."""
        return _stacked(self._weights, gram, cross)

    def _weights(self, gram: np.ndarray, cross: np.ndarray) -> np.ndarray:
        return flexible.weighted(gram, cross, self.nonnegative, float(self.alpha))

    def __repr__(self) -> str:
        return f"Weighted({self.rdms!r}, nonnegative={self.nonnegative}, alpha={self.alpha:g})"


@door
@shown()
@dataclass(frozen=True, eq=False)
class Selected:
    """The one model RDM of several that is most like the data of the training people.

    Parameters
    ----------
    rdms : RDMs
        Such as all layers of a network.

    Raises
    ------
    InputError
        If there are fewer than two RDMs.

    See Also
    --------
    Weighted, Interpolated : Other ways to be flexible.
    fit_rdms : Fits it, and scores it on other stimuli and people.
    infer : Tests it beside other models.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> names = [f"image {i}" for i in range(20)]
    >>> layers = ic.RDMs(np.random.default_rng(0).random((3, 190)), names, {"layer": [1, 2, 3]})
    >>> ic.Selected(layers)
    Selected(RDMs(3 over 20 stimuli, labels: layer))
    """

    rdms: RDMs

    def __post_init__(self) -> None:
        _check_rdms(self.rdms, "Selected")

    def fit(self, gram: np.ndarray, cross: np.ndarray) -> np.ndarray:
        """Weights for A (..., n_models, n_models) and b (..., n_models): one 1, else 0."""
        return _stacked(flexible.selected, gram, cross)

    def __repr__(self) -> str:
        return f"Selected({self.rdms!r})"


@door
@shown()
@dataclass(frozen=True, eq=False)
class Interpolated:
    """A point on the line from one model RDM to the next, such as along a model's parameter.

    Parameters
    ----------
    rdms : RDMs
        In the order of the parameter: the sum is of two neighbours, with weights g and 1 - g.

    Raises
    ------
    InputError
        If there are fewer than two RDMs.

    See Also
    --------
    Weighted, Selected : Other ways to be flexible.
    fit_rdms : Fits it, and scores it on other stimuli and people.
    infer : Tests it beside other models.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> names = [f"image {i}" for i in range(20)]
    >>> blurred = ic.RDMs(np.random.default_rng(0).random((3, 190)), names, {"sd": [1, 2, 4]})
    >>> ic.Interpolated(blurred)
    Interpolated(RDMs(3 over 20 stimuli, labels: sd))
    """

    rdms: RDMs

    def __post_init__(self) -> None:
        _check_rdms(self.rdms, "Interpolated")

    def fit(self, gram: np.ndarray, cross: np.ndarray) -> np.ndarray:
        """Weights for A (..., n_models, n_models) and b (..., n_models), of sum 1."""
        return _stacked(flexible.interpolated, gram, cross)

    def __repr__(self) -> str:
        return f"Interpolated({self.rdms!r})"


Flexible = Weighted | Selected | Interpolated


def _stacked(
    solve: Callable[[np.ndarray, np.ndarray], np.ndarray], gram: np.ndarray, cross: np.ndarray
) -> np.ndarray:
    """Solve for any number of axes before those of the models."""
    n = cross.shape[-1]
    return solve(gram.reshape(-1, n, n), cross.reshape(-1, n)).reshape(cross.shape)


def _check_rdms(rdms: Any, who: str) -> None:
    if not isinstance(rdms, RDMs):
        raise InputError(
            f"{who} needs RDMs, one for each model to choose from, not {type(rdms).__name__}."
        )
    if rdms.n_rdms < 2:
        raise InputError(
            f"{who} needs at least 2 RDMs, not {rdms.n_rdms}; a single RDM has nothing to fit."
        )
