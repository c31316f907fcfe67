"""A flexible model after its fit: weights, predictions, and scores on other stimuli and people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from isocortex.data.frozen import frozen_fields
from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.data.scores import Scores
from isocortex.display.shown import shown
from isocortex.inference.cards import of_fitted
from isocortex.inference.flexible import Flexible


@door
@shown(of_fitted)
@frozen_fields
@dataclass(frozen=True, eq=False, repr=False)
class FittedRDMs:
    """What :func:`fit_rdms` returns.

    Attributes
    ----------
    model : Weighted, Selected or Interpolated
        What was fitted.
    weights : array, shape (n_parts,)
        Of the parts as they are, fitted to all stimuli and people; of length 1 (Weighted) or sum 1.
    shares : array, shape (n_parts,)
        Of each part in the fit, :math:`\\theta_k b_k / \\theta^\\top b`, whatever its scale: they
        add up to 1, and one may be negative where parts suppress one another.
    scores : Scores
        Of the fitted model on stimuli and people that it was not fitted to: axis (data).
    parts : Scores
        Of each part alone, nothing fitted, on the same stimuli: axes (model, data).
    same_data : Scores
        Of the fit to all on all: too high by its freedom; axis (data).
    fold_weights : Scores
        The weights in each fold: axes (fold, model).
    predicted : RDMs
        The RDM that the weights give, on all stimuli; its scale means nothing.
    ceiling : (float, float)
        The noise ceiling of the same folds; NaN for one person.
    notes : mapping
        The comparisons that were fitted and scored, folds, seed, folds without a prediction.

    See Also
    --------
    fit_rdms : Makes it.
    Weighted, Selected, Interpolated : What was fitted.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(20)]
    >>> layers = ic.RDMs(rng.random((2, 190)), names, {"layer": ["conv1", "conv5"]})
    >>> people = layers.values[0] + 2 * layers.values[1] + 0.3 * rng.random((6, 190))
    >>> brain = ic.RDMs(people, names, {"subject": range(6)})
    >>> fitted = ic.fit_rdms(ic.Weighted(layers), brain, "pearson")
    >>> fitted.table()[["layer", "weight", "share"]].round(2)
       layer  weight  share
    0  conv1    0.44   0.23
    1  conv5    0.90   0.77
    """

    model: Flexible
    weights: np.ndarray
    shares: np.ndarray
    scores: Scores
    parts: Scores
    same_data: Scores
    fold_weights: Scores
    predicted: RDMs
    ceiling: tuple[float, float]
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """The mean over people, cross-validated over stimuli and people together."""
        return float(np.nanmean(self.scores.values))

    def table(self) -> pd.DataFrame:
        """One row for each part, after its labels.

        Returns
        -------
        DataFrame
            ``weight``; ``share``; ``weight_sd``, over folds; ``score``, of the part alone, on the
            stimuli and people that the folds leave out; then, the same in all rows, ``fitted``,
            the score of the fitted model, and ``same_data``, what it would have been without
            cross-validation.
        """
        return self.parts.tables["model"].assign(
            weight=self.weights,
            share=self.shares,
            weight_sd=self.fold_weights.values.std(0, ddof=1),
            score=np.nanmean(self.parts.values, 1),
            fitted=self.score,
            same_data=float(np.nanmean(self.same_data.values)),
        )

    def __repr__(self) -> str:
        low, up = self.ceiling
        ends = "" if np.isnan(low) else f"; noise ceiling {low:.3f} to {up:.3f}"
        return (
            f"FittedRDMs({type(self.model).__name__} of {len(self.weights)}, "
            f"{self.scores.metric}: {self.score:.3f} on other stimuli and people "
            f"(same data {np.nanmean(self.same_data.values):.3f}){ends})"
        )
