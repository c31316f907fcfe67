"""The choice ``Decoding``: classes decoded from each neighbourhood, cross-validated."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from isocortex.choice import choose, is_number, listed, named
from isocortex.data.needs import door
from isocortex.display.shown import shown
from isocortex.errors import InputError
from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.folds import split
from isocortex.mapping.labels import classes_of, label_rows, label_table
from isocortex.mapping.models.translate import tells_classes
from isocortex.mapping.probe import probe
from isocortex.numerics.local.discriminant import Design, lda_accuracies
from isocortex.numerics.measures.class_accuracy import CLASS_ACCURACIES, of_predictions
from isocortex.searchlights.analysis import Data, Plain, Recording


@door
@shown()
@dataclass(frozen=True, eq=False)
class Decoding:
    """Tell labels apart from the pattern in each neighbourhood, on held-out rows.

    Parameters
    ----------
    labels : mapping from stimulus name to label, sequence, or Responses
        One kind of label, as in :func:`probe`.
    model : classifier
        As in :func:`probe`. ``LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.5)`` (any
        fixed shrinkage) has a closed form here, with the same decisions, many times faster.
    folds : int, splitter, Folds or list of (train, test) rows, optional
        As in :func:`probe`: Trials with runs leave one run out.
    accuracy : str or function, default="accuracy"
        As in :func:`probe`.

    See Also
    --------
    searchlight : Does it in each neighbourhood.
    probe : The same for one region.
    RSA, Encoding : Other analyses.

    References
    ----------
    .. [1] Kriegeskorte, Goebel & Bandettini (2006), Information-based functional brain mapping,
       PNAS 103:3863. https://doi.org/10.1073/pnas.0600244103

    Examples
    --------
    >>> from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    >>> import isocortex as ic
    >>> lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.5)
    >>> ic.Decoding({"face": "face", "house": "house"}, lda).accuracy
    'accuracy'
    """

    labels: Any
    model: Any
    folds: Any = None
    accuracy: Any = "accuracy"

    def prepare(self, plain: Plain, rows: np.ndarray) -> tuple["DecodingWork", Data]:
        """Ready for one recording, of which one patch is probed first.

        Raises
        ------
        InputError, MisalignedError
            As :func:`probe`; and where labels are numbers or of several kinds.
        """
        if not tells_classes(self.model):
            raise InputError(
                f"Decoding tells classes, but {type(self.model).__name__} is no classifier. For "
                "numbers, give searchlight a function: lambda part: ic.probe(part, ...)."
            )
        measure = choose(self.accuracy, CLASS_ACCURACIES, "accuracy")
        measure = of_predictions(self.accuracy) if callable(self.accuracy) else measure
        part = plain.part(rows)
        # The plain verb refuses what cannot be decoded, before all neighbourhoods are.
        probe(part, self.labels, self.model, folds=self.folds, accuracy=self.accuracy)
        classes, parts = self._classes_and_folds(part)
        n_rows = len(plain.stimuli)
        design = _design(self.model, classes, parts, measure is CLASS_ACCURACIES["accuracy"])
        work = DecodingWork(self, classes, parts, measure, n_rows, design)
        return work, Data(plain.unit_major(plain.values), plain)

    def _classes_and_folds(self, part: Recording) -> tuple[np.ndarray, list[Fold]]:
        given = label_rows(part, self.labels, self.folds, True)
        names = given.nouns[0].stimuli
        table = label_table(given.labels, names)
        if table.shape[1] != 1:
            raise InputError(f"Decoding takes one kind of label, not {listed(table.columns)}.")
        classes = classes_of(table.iloc[:, 0], table.columns[0])
        return classes, split(given.folds, names, classes)


@dataclass(frozen=True, eq=False)
class DecodingWork:
    """Decoding from one recording, neighbourhood by neighbourhood."""

    asked: Decoding
    classes: np.ndarray
    parts: list[Fold]
    measure: Any
    n_rows: int
    design: tuple[Design, float] | None
    """Where the classifier has a closed form: its design and shrinkage."""

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """One number for each centre: the mean over folds."""
        return {}

    @property
    def metric(self) -> str:
        """The name of the accuracy, as in ``Scores.metric``."""
        return named(self.asked.accuracy, "score")

    def bytes_for(self, n_rows: int) -> int:
        """Patterns, and covariances of the classes."""
        n_classes = len(np.unique(self.classes))
        return 8 * (2 * n_rows * self.n_rows + (3 * n_classes + 2) * n_rows**2)

    def identity(self) -> Any:
        """What a result depends on: classes, folds and model."""
        model = self.asked.model
        parts = [(np.asarray(train), np.asarray(test)) for train, test in self.parts]
        return ("decoding", self.classes, parts, type(model), model, self.asked.accuracy)

    def evaluate(self, data: Data, rows: np.ndarray) -> np.ndarray:
        """Mean accuracy over folds of each patch."""
        patterns = np.take(data.gathered, rows, axis=0)  # (n_patches, n_rows, n_trials)
        if self.design is None:
            return np.array([self._fitted(each.T) for each in patterns])
        accuracy, near = lda_accuracies(patterns, *self.design)
        # Near ties hang on scikit-learn's rounding, which a closed form does not share.
        for i in np.nonzero(near)[0]:
            accuracy[i] = self._fitted(np.take(data.gathered, rows[i], axis=0).T)
        return accuracy

    def _fitted(self, x: np.ndarray) -> float:
        from sklearn.base import clone

        scores = []
        for train, test in self.parts:
            fitted: Any = clone(self.asked.model)
            fitted.fit(x[train], self.classes[train])
            scores.append(self.measure(self.classes[test], fitted, x[test]))
        return float(np.mean(scores))


def _design(
    model: Any, classes: np.ndarray, parts: list[Fold], plain: bool
) -> tuple[Design, float] | None:
    """The closed form of scikit-learn's discriminant with a fixed shrinkage, or None."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    if type(model) is not LinearDiscriminantAnalysis or not plain:
        return None
    asked = model.get_params()
    shrinkage = asked["shrinkage"]
    fixed = is_number(shrinkage) and 0 < shrinkage <= 1
    usual = asked["covariance_estimator"] is None and asked["priors"] is None
    # Other solvers decide on a rank by SVD, and other estimators may do anything.
    if asked["solver"] != "lsqr" or not fixed or not usual:
        return None
    codes = np.unique(classes, return_inverse=True)[1]
    return Design(codes, tuple(parts)), float(shrinkage)
