"""The choice ``RSA``: models compared with the RDM of each neighbourhood."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import choose, counted, current, named
from isocortex.data.names import check_same
from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.display.shown import shown
from isocortex.errors import InputError, UndefinedError
from isocortex.numerics.local.comparisons import Kind, Models
from isocortex.numerics.measures import comparison as measures
from isocortex.numerics.measures.comparison import COMPARISONS, JOINT, Comparison
from isocortex.rsa.compare import compare, numbered_rows
from isocortex.rsa.rdms import rdms
from isocortex.searchlights.analysis import Data, Plain
from isocortex.searchlights.rdm_blocks import Distances, distances_of

FAST: dict[Any, Kind] = {
    measures.pearson: "pearson",
    measures.cosine: "cosine",
    measures.spearman: "spearman",
    measures.rho_a: "rho_a",
}
"""Comparisons that are made of many neighbourhoods at once."""


@door
@shown()
@dataclass(frozen=True, eq=False)
class RSA:
    """Compare model RDMs with the RDM of each neighbourhood.

    Parameters
    ----------
    models : RDMs
        Over the stimuli or conditions of the recording, in any order.
    dissimilarity : str or function, default="correlation"
        As in :func:`rdms`; of Trials also ``"crossnobis"`` and the other cross-validated ones.
    comparison : str or function, default="spearman"
        As in :func:`compare`.
    noise : Noise, array, str, optional
        Of Trials, as in :func:`rdms`; each neighbourhood has that of its own units.

    See Also
    --------
    searchlight : Does it in each neighbourhood.
    Decoding, Encoding : Other analyses.
    rdms, compare : The same for one region.

    References
    ----------
    .. [1] Kriegeskorte, Goebel & Bandettini (2006), Information-based functional brain mapping,
       PNAS 103:3863. https://doi.org/10.1073/pnas.0600244103

    Examples
    --------
    >>> import isocortex as ic
    >>> models = ic.RDMs.from_arrays([[0.1, 0.5, 0.9]], ["a", "b", "c"])
    >>> ic.RSA(models, "correlation", "pearson").comparison
    'pearson'
    """

    models: RDMs
    dissimilarity: Any = "correlation"
    comparison: Any = "spearman"
    noise: Any = None

    def prepare(self, plain: Plain, rows: np.ndarray) -> tuple["RSAWork", Data]:
        """Ready for one recording, of which one patch is compared by the plain verbs first.

        Raises
        ------
        InputError, MisalignedError
            If models and recording do not have the same conditions, or too few.
        """
        if not isinstance(self.models, RDMs):
            raise InputError(f"RSA needs RDMs as models, not {type(self.models).__name__}.")
        comparison = current(self.comparison, COMPARISONS, "comparison")
        function = choose(comparison, COMPARISONS, "comparison")
        asked = replace(self, comparison=comparison)
        models = self.models
        if models.n_stimuli < 3:
            raise InputError(
                f"searchlight: the models are over {counted(models.n_stimuli, 'condition')}; a "
                "comparison of "
                "RDMs needs at least 3."
            )
        distances, gathered = distances_of(plain, self.dissimilarity, self.noise)
        check_same(models.stimuli, distances.names, "searchlight")
        models = models.reorder(distances.names)
        # A model that is constant is refused by the verb's own words.
        compare(models, _any_rdm(models), comparison)
        gaps = bool(np.isnan(models.values).any())
        kind = None if gaps else FAST.get(function)
        ready = None if kind is None else Models.of(models.values, kind)
        work, data = RSAWork(asked, models, function, ready, distances), Data(gathered, plain)
        work.plainly(data, rows)
        return work, data


@dataclass(frozen=True, eq=False)
class RSAWork:
    """RSA of one recording, neighbourhood by neighbourhood."""

    asked: RSA
    models: RDMs
    function: Comparison
    ready: Models | None
    distances: Distances

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables of labels: one axis, the models."""
        return {"model": numbered_rows(self.models.label_rows, "model").frame()}

    @property
    def metric(self) -> str:
        """The name of the comparison, as in ``Scores.metric``."""
        return named(self.asked.comparison)

    def bytes_for(self, n_rows: int) -> int:
        """Patterns, products and distances of one patch."""
        n = len(self.distances.names)
        return 8 * (n_rows * self.distances.width + 3 * n * n)

    def identity(self) -> Any:
        """Models and choices; of functions of the user's, what they do."""
        return (
            "rsa",
            self.models.values,
            tuple(self.models.stimuli),
            self.asked.dissimilarity,
            self.asked.comparison,
            self.asked.noise,
        )

    def evaluate(self, data: Data, rows: np.ndarray) -> np.ndarray:
        """Scores of all models, shape (n_patches, n_models)."""
        found = self.distances.of_patches(data, rows)
        if found is None:
            return np.stack([self.plainly(data, each) for each in rows])
        d, unresolved = found
        scores = np.full((len(rows), self.models.n_rdms), np.nan)
        sound = np.nonzero(~unresolved)[0]
        if len(sound):
            scores[sound], again = self._compared(d if len(sound) == len(d) else d[sound])
            unresolved[sound[again]] = True
        for i in np.nonzero(unresolved)[0]:
            scores[i] = self.plainly(data, rows[i])
        return scores

    def _compared(self, d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if self.ready is not None:
            return self.ready.compare(d)
        if self.function in JOINT or np.isnan(self.models.values).any():
            return np.zeros((len(d), self.models.n_rdms)), np.ones(len(d), dtype=bool)
        try:
            found = np.asarray(self.function(self.models.values, d)).T
        except UndefinedError:
            return np.zeros((len(d), self.models.n_rdms)), np.ones(len(d), dtype=bool)
        return found, np.zeros(len(d), dtype=bool)

    def plainly(self, data: Data, rows: np.ndarray) -> np.ndarray:
        """The verbs as a user calls them; NaN where the RDM or the comparison is undefined."""
        source = data.plain.part(rows)
        noise = {} if self.asked.noise is None else {"noise": self.asked.noise}
        try:
            made = rdms(source, self.asked.dissimilarity, **noise)
            bare = RDMs(made.values, made.stimuli)
            return compare(self.models, bare, self.asked.comparison).values[:, 0]
        except UndefinedError:
            return np.full(self.models.n_rdms, np.nan)


def _any_rdm(models: RDMs) -> RDMs:
    values = 1 + np.random.default_rng(0).random((1, models.values.shape[1]))
    return RDMs(values, models.stimuli)
