"""``Activation``: what layers do, as arrays (n_stimuli, n_channels, n_rows, n_columns)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from isocortex.choice import suggestion
from isocortex.compat.dnnbrain.dnn.features import dnn_fe, pool
from isocortex.compat.dnnbrain.dnn.mask import Mask
from isocortex.data.responses import Responses
from isocortex.data.units import unit_table
from isocortex.errors import InputError, MisalignedError
from isocortex.formats.dnnbrain.act import read_act_h5, write_act_h5


class Activation:
    """Activations of layers, from a file or set one by one.

    Those of a file are read when they are first asked for; models and RDMs read them in
    blocks, so that a file may be larger than the memory.

    Parameters
    ----------
    layer : str, optional
    value : array, shape (n_stimuli, n_channels, n_rows, n_columns), optional
    """

    def __init__(self, layer: str | None = None, value: Any = None):
        self._layers: dict[str, np.ndarray | Responses] = {}
        if layer is not None:
            self.set(layer, value)

    def load(self, fname: Any, dmask: Mask | None = None) -> None:
        """Read an .act.h5 file, or what a mask selects of it."""
        found = read_act_h5(fname, None if dmask is None else dmask.layers)
        self._layers = {**found}
        if dmask is not None:
            self._layers = {**self.mask(dmask)._layers}

    def save(self, fname: Any) -> None:
        """Write an .act.h5 file."""
        write_act_h5({layer: self.responses(layer) for layer in self._layers}, fname)

    def get(self, layer: str) -> np.ndarray:
        """The array of a layer itself, shape (n_stimuli, n_channels, n_rows, n_columns)."""
        kept = self._kept(layer)
        if isinstance(kept, Responses):
            kept = np.asarray(kept.values).reshape(kept.values.stored)
            self._layers[layer] = kept
        return kept

    def set(self, layer: str, value: Any) -> None:
        """Add or replace a layer."""
        value = np.asarray(value)
        if value.ndim != 4 or value.dtype.kind not in "fiub":
            raise InputError(
                f"The activation of {layer!r} must be numbers of shape (n_stimuli, n_channels, "
                f"n_rows, n_columns), not {value.dtype} of {value.shape}."
            )
        self._layers[layer] = value

    def delete(self, layer: str) -> None:
        """Remove a layer."""
        self._kept(layer)
        del self._layers[layer]

    @property
    def _activation(self) -> dict[str, np.ndarray]:
        """Under its old name, which scripts and DNNBrain's own tests reach for."""
        return {layer: self.get(layer) for layer in self._layers}

    @_activation.setter
    def _activation(self, layers: Mapping[str, Any]) -> None:
        self._layers = {}
        for layer, value in layers.items():
            self.set(layer, value)

    @property
    def layers(self) -> list[str]:
        """The names of the layers."""
        return list(self._layers)

    def shape(self, layer: str) -> tuple[int, ...]:
        """(n_stimuli, n_channels, n_rows, n_columns) of a layer, without reading it."""
        kept = self._kept(layer)
        shape = kept.values.stored if isinstance(kept, Responses) else kept.shape
        return (*shape, *(1,) * (4 - len(shape)))

    def responses(self, layer: str) -> Responses:
        """A layer as the noun of all verbs; on disk if it was not asked for yet."""
        kept = self._kept(layer)
        if isinstance(kept, Responses):
            return kept
        shape = kept.shape
        flat = kept.reshape(shape[0], -1)
        return Responses(flat, None, lambda: unit_table(shape[1:]), {"layer": layer})

    def concatenate(self, acts: "Sequence[Activation]") -> "Activation":
        """Stimuli of several activations one after the other; the layers must be the same."""
        together = [self, *acts]
        for other in acts:
            if set(other.layers) != set(self.layers):
                raise MisalignedError(
                    f"concatenate: the layers differ: {self.layers} and {other.layers}."
                )
        return _made(
            {each: np.concatenate([a.get(each) for a in together]) for each in self.layers}
        )

    def mask(self, dmask: Mask) -> "Activation":
        """The layers, channels, rows and columns that a mask selects."""
        return _made({each: dmask.units(each).apply(self.get(each)) for each in dmask.layers})

    def pool(self, method: str) -> "Activation":
        """One number for each channel, shape (n_stimuli, n_channels, 1, 1).

        Parameters
        ----------
        method : {"max", "mean", "median", "L1", "L2"}
        """
        return _made({each: pool(self.get(each), method) for each in self.layers})

    def fe(self, method: str, n_feat: int | float, axis: str | None = None) -> "Activation":
        """Fewer features; see :func:`isocortex.reduce`.

        Parameters
        ----------
        method : {"pca", "hist", "psd", "srp"}
        n_feat : int or float
        axis : {"chn", "row_col"}, optional
        """
        return _made({e: dnn_fe(self.responses(e), method, n_feat, axis) for e in self.layers})

    def convolve_hrf(
        self, onsets: Any, durations: Any, n_vol: int, tr: float, ops: int = 100
    ) -> "Activation":
        """Time courses of the activations, convolved with a haemodynamic response.

        Parameters
        ----------
        onsets, durations : array, shape (n_stimuli,)
            In seconds.
        n_vol : int
        tr : float
            Seconds between volumes.
        ops : int, default=100
            Samples in a second.
        """
        from isocortex.compat.dnnbrain.brain.algo import convolve_hrf

        convolved = {}
        for layer in self.layers:
            flat = np.asarray(self.responses(layer).values)
            course = convolve_hrf(flat, onsets, durations, n_vol, tr, ops)
            convolved[layer] = course.reshape(n_vol, *self.shape(layer)[1:])
        return _made(convolved)

    def __getitem__(self, index: Any) -> "Activation":
        rows: Any = [index] if isinstance(index, int | np.integer) else index
        return _made({layer: self.get(layer)[rows] for layer in self.layers})

    def __add__(self, other: "Activation") -> "Activation":
        return self._with(other, np.add)

    def __sub__(self, other: "Activation") -> "Activation":
        return self._with(other, np.subtract)

    def __mul__(self, other: "Activation") -> "Activation":
        return self._with(other, np.multiply)

    def __truediv__(self, other: "Activation") -> "Activation":
        return self._with(other, np.divide)

    def _with(self, other: "Activation", do: Callable) -> "Activation":
        if set(self.layers) != set(other.layers):
            raise MisalignedError(f"The layers differ: {self.layers} and {other.layers}.")
        for layer in self.layers:
            if self.shape(layer) != other.shape(layer):
                raise MisalignedError(
                    f"{layer!r} has shape {self.shape(layer)} here and {other.shape(layer)} there."
                )
        return _made({each: do(self.get(each), other.get(each)) for each in self.layers})

    def _kept(self, layer: str) -> np.ndarray | Responses:
        if layer not in self._layers:
            raise InputError(
                f"There is no layer {layer!r}. {suggestion(layer, self._layers)}"
                f"There are: {', '.join(self._layers) or 'none'}."
            )
        return self._layers[layer]


def _made(layers: dict[str, np.ndarray]) -> Activation:
    made = Activation()
    for layer, value in layers.items():
        made.set(layer, value)
    return made
