"""The choice ``Encoding``: how well features predict the units of each neighbourhood."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import named
from isocortex.data.needs import door
from isocortex.data.scores import Scores
from isocortex.display.shown import shown
from isocortex.errors import UndefinedError
from isocortex.mapping.encode import encode
from isocortex.mapping.models.translate import translate
from isocortex.searchlights.analysis import Data, Plain


@door
@shown()
@dataclass(frozen=True, eq=False)
class Encoding:
    """Predict the units of each neighbourhood from features; the mean over units and folds.

    Parameters
    ----------
    features : Responses, Gram, Store, or list of them
        As in :func:`encode`.
    model : estimator
        As in :func:`encode`. Where it predicts each unit by itself, units are encoded once, and
        the map is their mean in each neighbourhood; else it is fitted in each.
    folds : int, splitter, Folds or list of (train, test) rows, optional
        How stimuli are held out, as in :func:`encode`.
    accuracy : str or function, default="pearson"
        Of each unit on held-out stimuli, as in :func:`encode`.

    See Also
    --------
    searchlight : Does it in each neighbourhood.
    encode : The same for one region.
    RSA, Decoding : Other analyses.

    References
    ----------
    .. [1] Naselaris, Kay, Nishimoto & Gallant (2011), Encoding and decoding in fMRI, NeuroImage
       56:400. https://doi.org/10.1016/j.neuroimage.2010.07.073

    Examples
    --------
    >>> import isocortex as ic
    >>> layer = ic.Responses([[1.0, 2.0], [0.5, 0.1], [3.0, 1.0]], ["a", "b", "c"])
    >>> ic.Encoding(layer, ic.Ridge(1.0), folds=3).accuracy
    'pearson'
    """

    features: Any
    model: Any
    folds: Any = None
    accuracy: Any = "pearson"

    def prepare(self, plain: Plain, rows: np.ndarray) -> tuple["EncodingWork", Data]:
        """Ready for one recording: all units encoded, where each is predicted by itself.

        Raises
        ------
        InputError, MisalignedError
            As :func:`encode`.
        """
        separate = bool(translate(self.model).columnwise)
        n_rows = plain.values.shape[1] * plain.n_times
        # Units that are predicted one by one are encoded once, and neighbourhoods take means of
        # scores.
        first = self.scores(plain, np.arange(n_rows) if separate else rows)
        layers = first.tables["layer"]
        of_units = (
            first.values.mean(first.axis("fold")).T if separate else np.empty((0, len(layers)))
        )
        work = EncodingWork(self, layers, separate)
        return work, Data(np.ascontiguousarray(of_units), plain)

    def scores(self, plain: Plain, rows: np.ndarray) -> Scores:
        """What the plain verb gives for some rows: axes (layer, fold, unit)."""
        part, asked = plain.part(rows), (self.features, self.model, self.folds, self.accuracy)
        features, model, folds, accuracy = asked
        return encode(features, part, model, folds=folds, accuracy=accuracy)


@dataclass(frozen=True, eq=False)
class EncodingWork:
    """Encoding of one recording, neighbourhood by neighbourhood."""

    asked: Encoding
    layers: pd.DataFrame
    separate: bool

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables of labels: one axis, the layers."""
        return {"layer": self.layers}

    @property
    def metric(self) -> str:
        """The name of the accuracy, as in ``Scores.metric``."""
        return named(self.asked.accuracy, "score")

    def bytes_for(self, n_rows: int) -> int:
        """The scores of one patch."""
        return 8 * n_rows * len(self.layers)

    def identity(self) -> Any:
        """What a result depends on: features, model and choices."""
        asked = self.asked
        return ("encoding", asked.features, asked.model, asked.folds, asked.accuracy)

    def evaluate(self, data: Data, rows: np.ndarray) -> np.ndarray:
        """Mean scores of the units of each patch, shape (n_patches, n_layers)."""
        if self.separate:
            return np.take(data.gathered, rows, axis=0).mean(1)
        return np.stack([self._plainly(data.plain, each) for each in rows])

    def _plainly(self, plain: Plain, rows: np.ndarray) -> np.ndarray:
        try:
            return self.asked.scores(plain, rows).values.mean((1, 2))
        except UndefinedError:
            return np.full(len(self.layers), np.nan)
