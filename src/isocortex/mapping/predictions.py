"""Held-out predictions, which know the stimuli that their models were trained on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from isocortex.data.responses import Responses


class Predictions(Responses):
    """Held-out predictions of several folds, as Responses (``scores.predicted``).

    A prediction falls back on the mean of the stimuli that its model was trained on, so that it
    can be compared fairly only with stimuli that were not: :func:`identification` needs to know.

    Parameters
    ----------
    values : array, shape (n_stimuli, n_units)
    stimuli : sequence of str, length n_stimuli
    units : DataFrame
    fold_of : mapping from stimulus name to fold
    trained : sequence of names, one for each fold
        The stimuli that the model of each fold was trained on.
    """

    fold_of: Mapping[str, int]
    trained: Sequence[frozenset[str]]

    def __init__(
        self,
        values: Any,
        stimuli: Iterable[object],
        units: pd.DataFrame,
        fold_of: Mapping[str, int],
        trained: Sequence[frozenset[str]],
    ):
        super().__init__(values, stimuli, units)
        object.__setattr__(self, "fold_of", dict(fold_of))
        object.__setattr__(self, "trained", tuple(trained))

    def replace(self, **changes: Any) -> Responses:
        """The same with other ``values``, ``stimuli``, ``units``, ``labels`` or ``table``.

        Stimuli of other names are no longer predictions of these folds, but plain Responses.
        """
        plain = super().replace(**changes)
        if not all(name in self.fold_of for name in plain.stimuli):
            return plain
        same = Predictions(plain.values, plain.stimuli, plain.units, self.fold_of, self.trained)
        object.__setattr__(same, "labels", plain.labels)
        object.__setattr__(same, "_table", plain.__dict__["_table"])
        return same

    def by_fold(self, candidates: Sequence[str]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Rows of each fold, and which candidates its model was not trained on.

        Parameters
        ----------
        candidates : names

        Returns
        -------
        list of (integer rows of these predictions, integer rows of the candidates)
        """
        # (n_stimuli,): candidates of a prediction are what its own model has not seen.
        fold = np.array([self.fold_of[name] for name in self.stimuli])
        parts = []
        for each in np.unique(fold):
            unseen = [i for i, name in enumerate(candidates) if name not in self.trained[each]]
            parts.append((np.nonzero(fold == each)[0], np.array(unseen, dtype=np.intp)))
        return parts
