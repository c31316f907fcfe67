"""``BrainEncoder`` and ``BrainDecoder``: between layers or behaviour and the brain."""

from typing import Any

import numpy as np

from isocortex.compat.dnnbrain.dnn.activation import Activation
from isocortex.compat.dnnbrain.dnn.iterate import make_mapper, map_layers
from isocortex.errors import InputError


class _BrainModel:
    """Responses of the brain and a mapper; what the two directions share."""

    def __init__(
        self, brain_activ: Any = None, map_type: str | None = None, estimator: Any = None,
        cv: int = 5, scoring: Any = None,
    ):  # fmt: skip
        self.brain_activ = None if brain_activ is None else np.asarray(brain_activ)
        self.mapper: Any = None
        if map_type is not None:
            self.set_mapper(map_type, estimator, cv, scoring)

    def set_activ(self, brain_activ: Any) -> None:
        """Responses of the brain, shape (n_volumes, n_measurements)."""
        self.brain_activ = np.asarray(brain_activ)

    def set_mapper(self, map_type: str, estimator: Any, cv: int = 5, scoring: Any = None) -> None:
        """``"uv"`` or ``"mv"``, and the estimator."""
        self.mapper = make_mapper(map_type, estimator, cv, scoring)

    def _brain(self) -> np.ndarray:
        if self.brain_activ is None or self.mapper is None:
            raise InputError(
                f"{type(self).__name__} needs responses of the brain (set_activ) and a mapper "
                "(set_mapper)."
            )
        if self.brain_activ.ndim != 2:
            raise InputError(
                "Responses of the brain must be (n_volumes, n_measurements), not "
                f"{self.brain_activ.shape}; take the voxels of a mask: image[:, mask]."
            )
        return self.brain_activ


class BrainEncoder(_BrainModel):
    """Predict the brain from layers or behaviour, cross-validated.

    Parameters
    ----------
    brain_activ : array, shape (n_volumes, n_measurements), optional
    map_type : {"uv", "mv"}, optional
    estimator : str or scikit-learn regressor, optional
        ``"glm"``, ``"lasso"``, ``"corr"`` (uv), or your own.
    cv : int, default=5
    scoring : {"correlation", "r2", "explained_variance"} or callable, optional
        Default r2.
    """

    def encode_dnn(
        self, dnn_activ: Activation, iter_axis: str | None = None
    ) -> dict[str, dict[str, np.ndarray]]:
        """Predict each measurement from each layer.

        Parameters
        ----------
        dnn_activ : Activation
        iter_axis : {"channel", "row_col"}, optional

        Returns
        -------
        dict from layer to dict
            See :func:`isocortex.compat.dnnbrain.dnn.iterate.map_layers`.
        """
        return map_layers(dnn_activ, self._brain(), self.mapper, iter_axis)

    def encode_behavior(self, beh_data: Any) -> dict[str, np.ndarray]:
        """Predict each measurement from behaviour (n_volumes, n_behaviours)."""
        return self.mapper.map(np.asarray(beh_data), self._brain())


class BrainDecoder(_BrainModel):
    """Predict layers or behaviour from the brain, cross-validated.

    Parameters
    ----------
    brain_activ, map_type, estimator, cv, scoring
        As of :class:`BrainEncoder`.
    """

    def decode_dnn(self, dnn_activ: Activation) -> dict[str, dict[str, np.ndarray]]:
        """Predict each unit of each layer.

        Returns
        -------
        dict from layer to dict
            ``score`` (n_channels, n_rows, n_columns[, n_folds]), ``model`` and ``location``
            (n_channels, n_rows, n_columns), which counts measurements from 0.
        """
        brain, found = self._brain(), {}
        for layer in dnn_activ.layers:
            shape = dnn_activ.shape(layer)
            targets = np.asarray(dnn_activ.responses(layer).values)
            mapped = self.mapper.map(brain, targets)
            found[layer] = {
                key: value.reshape(*shape[1:], *value.shape[1:]) for key, value in mapped.items()
            }
        return found

    def decode_behavior(self, beh_data: Any) -> dict[str, np.ndarray]:
        """Predict behaviour or classes, shape (n_volumes, n_behaviours)."""
        return self.mapper.map(self._brain(), np.asarray(beh_data))
