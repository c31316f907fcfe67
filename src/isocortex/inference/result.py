"""What was inferred of several models: scores, ceilings, intervals and p-values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from isocortex.choice import counted, one_of
from isocortex.data.frozen import frozen_fields
from isocortex.data.needs import door
from isocortex.display.shown import shown
from isocortex.errors import InputError
from isocortex.inference.cards import of_inference
from isocortex.inference.contrasts import Spread, interval, max_p_of_pairs, t_of
from isocortex.numerics.chance.multiple import fdr


@door
@shown(of_inference)
@frozen_fields
@dataclass(frozen=True, eq=False)
class Inference:
    """How well models explain brains, and which better than which, as :func:`infer` found it.

    Scores and ceilings are those of the data themselves; samples give their variances only.

    Attributes
    ----------
    models : tuple of str
        The name of each model.
    score : array, shape (n_models,)
        Of each model, the mean over people.
    ceiling : (float, float)
        Between which a perfect model would be; NaN where there is one person.
    comparison : str
        By which RDMs were compared.
    method : str
        How intervals and p-values were made.
    n : int
        How many samples or permutations there were.
    dropped : int
        How many samples were undefined, and left out.
    p : array, shape (n_models,)
        Of each score against no relation, one-sided.
    spread : Spread or None
        Variances of scores and differences; None where permutations have none.
    samples : array, shape (n_kept, n_models), or None
        Scores in the samples that were kept.
    notes : mapping
        What else is known of it: the seed, how many people and stimuli there were.

    See Also
    --------
    infer : Makes it.
    plots.models : Draws it.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"image {i}" for i in range(20)]
    >>> truth = rng.random(190)
    >>> models = ic.RDMs([truth, rng.random(190)], names, {"layer": ["conv5", "pixels"]})
    >>> subjects = {"subject": range(6)}
    >>> brain = ic.RDMs(truth + rng.random((6, 190)), names, subjects)
    >>> result = ic.infer(models, brain, "pearson")
    >>> result.table()[["model", "score", "p"]].round(3)
        model  score     p
    0   conv5  0.718  0.00
    1  pixels  0.096  0.17
    >>> result.pairs()[["first", "second", "difference"]].round(3)
       first  second  difference
    0  conv5  pixels       0.622
    """

    models: tuple[str, ...]
    score: np.ndarray
    ceiling: tuple[float, float]
    comparison: str
    method: str
    n: int
    dropped: int
    p: np.ndarray = field(repr=False)
    spread: Spread | None = field(repr=False)
    samples: np.ndarray | None = field(repr=False)
    notes: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def table(self) -> pd.DataFrame:
        """One row for each model.

        Returns
        -------
        DataFrame
            ``model``; ``score``; ``ceiling_low`` and ``ceiling_high``; ``low`` and ``high``,
            the ends of the 95 % interval; ``p`` (one-sided: above 0); ``p_ceiling`` (one-sided:
            below the lower ceiling); ``n``, how many samples; ``dropped``, how many of them were
            undefined; ``method``. NaN is what the method cannot say.
        """
        low, high, p_ceiling = self._limits()
        return pd.DataFrame(
            {
                "model": list(self.models),
                "score": self.score,
                "ceiling_low": self.ceiling[0],
                "ceiling_high": self.ceiling[1],
                "low": low,
                "high": high,
                "p": self.p,
                "p_ceiling": p_ceiling,
                "n": self.n,
                "dropped": self.dropped,
                "method": self.method,
            }
        )

    def pairs(self, correction: str = "fdr") -> pd.DataFrame:
        """One row for each two models.

        Parameters
        ----------
        correction : {"fdr", "max"}, default="fdr"
            For the number of pairs: the false discovery rate (Benjamini and Hochberg), or the
            family-wise error by the largest difference in each sample.

        Returns
        -------
        DataFrame
            ``first``, ``second``; ``difference``, first less second; ``low`` and ``high``;
            ``p``, two-sided; ``p_corrected``.

        Raises
        ------
        InputError
            If stimuli were exchanged: this says that a model is related to the brain or not, and
            cannot compare two.
        """
        correction = one_of(correction, ("fdr", "max"), "correction")
        if self.spread is None or self.samples is None:
            raise InputError(
                "pairs: exchanging stimuli (method='permutation') tests whether a model is related "
                "to the brain at all, and cannot compare two models. Infer with "
                "method='bootstrap'."
            )
        places = np.array(list(combinations(range(len(self.models)), 2)), dtype=np.intp)
        first, second = places.reshape(-1, 2).T
        difference = self.score[first] - self.score[second]
        variance = self.spread.of_differences[first, second]
        df = self.spread.df_of_differences[first, second]
        t = t_of(difference, variance)
        low, high = interval(difference, variance, df)
        p = 2 * stats.t.sf(np.abs(t), df)
        names = np.array(self.models, dtype=object)
        return pd.DataFrame(
            {
                "first": names[first],
                "second": names[second],
                "difference": difference,
                "low": low,
                "high": high,
                "p": p,
                "p_corrected": fdr(p) if correction == "fdr" else max_p_of_pairs(self.samples, t),
            }
        )

    def _limits(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of the intervals, and p of the lower ceiling."""
        n = len(self.models)
        none = np.full(n, np.nan)
        if self.spread is None:
            return none, none, none
        variance, df = self.spread.of_scores[:n], self.spread.df_of_scores[:n]
        low, high = interval(self.score, variance, df)
        # The lower ceiling is one more column, where there are several people.
        if len(self.spread.of_scores) == n:
            return low, high, none
        # One-sided: is the score below the ceiling?
        below = t_of(self.score - self.ceiling[0], self.spread.of_differences[:n, n])
        return low, high, stats.t.cdf(below, self.spread.df_of_differences[:n, n])

    def __repr__(self) -> str:
        order = np.argsort(-self.score, kind="stable")
        best = self.table().iloc[order[0]]
        said = f"{best['model']} scores highest, {best['score']:.3f}"
        if self.spread is not None:
            said += f" (95 % interval {best['low']:.3f} to {best['high']:.3f})"
        ends = f"; noise ceiling {self.ceiling[0]:.3f} to {self.ceiling[1]:.3f}"
        ceiling = "" if np.isnan(self.ceiling[0]) else ends
        drawn = "" if self.spread is None else f", {counted(self.n, 'sample')}"
        seed = f", seed {self.notes['seed']}" if "seed" in self.notes else ""
        dropped = f" ({self.dropped} of {self.n} samples dropped)" if self.dropped else ""
        return (
            f"Inference on {counted(len(self.models), 'model')} by {self.comparison}: {said}"
            f"{ceiling}. "
            f"Method: {self.method}{drawn}{seed}{dropped}."
        )
