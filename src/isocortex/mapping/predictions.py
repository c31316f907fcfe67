"""Held-out predictions, which know the stimuli that their models were trained on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from isocortex.data.names import Names
from isocortex.data.responses import Responses
from isocortex.mapping.checked_folds import Fold


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
    spaces : mapping from feature space to Predictions, optional
        Of a model of several feature spaces: what each adds to the mean of the training stimuli.
        With that mean they add up to the values.
    """

    fold_of: Mapping[str, int]
    trained: Sequence[frozenset[str]]
    spaces: Mapping[str, "Predictions"]

    def __init__(
        self,
        values: Any,
        stimuli: Iterable[object],
        units: pd.DataFrame,
        fold_of: Mapping[str, int],
        trained: Sequence[frozenset[str]],
        spaces: Mapping[str, "Predictions"] | None = None,
    ):
        super().__init__(values, stimuli, units)
        object.__setattr__(self, "fold_of", dict(fold_of))
        object.__setattr__(self, "trained", tuple(trained))
        object.__setattr__(self, "spaces", dict(spaces or {}))

    def replace(self, **changes: Any) -> Responses:
        """The same with other ``values``, ``stimuli``, ``units``, ``labels`` or ``table``.

        Stimuli of other names are no longer predictions of these folds, but plain Responses.
        """
        plain = super().replace(**changes)
        if not all(name in self.fold_of for name in plain.stimuli):
            return plain
        # What spaces add belongs to these values of these stimuli.
        spaces = self.spaces if changes.keys() <= {"labels", "table"} else None
        same = Predictions(
            plain.values, plain.stimuli, plain.units, self.fold_of, self.trained, spaces
        )
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


def joined_predictions(
    predicted: Sequence[np.ndarray], names: Names, folds: Sequence[Fold], units: pd.DataFrame
) -> Predictions | None:
    """Predictions of all folds, where every stimulus that was tested was so exactly once.

    Parameters
    ----------
    predicted : sequence of arrays, shape (n_test, n_targets)
    names : the stimulus of each joint row
    folds : sequence of (train, test)
    units : DataFrame, one row for each target
    """
    rows = np.concatenate([test for _, test in folds])
    tested = [names[i] for i in rows]
    if not predicted or len(set(tested)) < len(tested):
        return None
    order = np.argsort(rows)
    fold_of = {names[i]: f for f, (_, test) in enumerate(folds) for i in test}
    trained = [frozenset(names[i] for i in train) for train, _ in folds]
    values = np.concatenate(predicted)[order]
    return Predictions(values, [tested[i] for i in order], units, fold_of, trained)
