"""``DnnProbe``: from layers to behaviour or labels."""

from typing import Any

import numpy as np

from isocortex.compat.dnnbrain.dnn.activation import Activation
from isocortex.compat.dnnbrain.dnn.iterate import make_mapper, map_layers
from isocortex.errors import InputError


class DnnProbe:
    """Read labels or behaviour out of layers, cross-validated.

    Parameters
    ----------
    dnn_activ : Activation, optional
    map_type : {"uv", "mv"}, optional
    estimator : str or scikit-learn estimator, optional
        ``"lrc"``, ``"svc"`` for classes, ``"glm"``, ``"lasso"`` for numbers, ``"corr"`` (uv).
    cv : int, default=5
    scoring : str or callable, optional
        Of regressors: ``"correlation"``, ``"r2"`` (default), ``"explained_variance"``.
    """

    def __init__(
        self, dnn_activ: Activation | None = None, map_type: str | None = None,
        estimator: Any = None, cv: int = 5, scoring: Any = None,
    ):  # fmt: skip
        self.dnn_activ, self.mapper = dnn_activ, None
        if map_type is not None:
            self.set_mapper(map_type, estimator, cv, scoring)

    def set_activ(self, dnn_activ: Activation) -> None:
        """What is probed."""
        self.dnn_activ = dnn_activ

    def set_mapper(self, map_type: str, estimator: Any, cv: int = 5, scoring: Any = None) -> None:
        """How it is probed."""
        self.mapper = make_mapper(map_type, estimator, cv, scoring)

    def probe(
        self, beh_data: Any, iter_axis: str | None = None
    ) -> dict[str, dict[str, np.ndarray]]:
        """Probe every layer.

        Parameters
        ----------
        beh_data : array, shape (n_stimuli, n_behaviours)
        iter_axis : {"channel", "row_col"}, optional

        Returns
        -------
        dict from layer to dict
            See :func:`isocortex.compat.dnnbrain.dnn.iterate.map_layers`.
        """
        if self.dnn_activ is None or self.mapper is None:
            raise InputError("DnnProbe needs activations (set_activ) and a mapper (set_mapper).")
        return map_layers(self.dnn_activ, np.asarray(beh_data), self.mapper, iter_axis)
