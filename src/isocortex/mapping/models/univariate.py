"""One unit for each target: the simplest encoding model, as a scikit-learn estimator."""

from typing import Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from isocortex.choice import counted, one_of
from isocortex.mapping.estimator_input import given_array, given_arrays, validated
from isocortex.mapping.models.base import Model
from isocortex.mapping.models.best_units import BestUnits, single_units
from isocortex.mapping.models.sample_weights import checked_weights
from isocortex.mapping.view import View
from isocortex.numerics.linear.weighted import best_units, centred
from isocortex.types import Values


class Univariate(Model, MultiOutputMixin, RegressorMixin, BaseEstimator):
    """Simple regression of each target on its single best unit.

    Parameters
    ----------
    select : {"train", "test"}, default="train"
        Where the best unit is chosen: inside the training stimuli by its absolute correlation
        with the target, or by its mean score on the very test stimuli that are reported,
        which is biased upwards and only for comparison with programs that do so; the scores
        then say so.

    Attributes
    ----------
    unit_ : integer array, shape (n_targets,)
        The units chosen.

    See Also
    --------
    SelectiveRidge : On several units that correlate most.
    OLS, Ridge : On all units.
    encode : Takes it as the model.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> units = rng.normal(size=(50, 6))
    >>> voxels = units[:, [4, 1]] + 0.1 * rng.normal(size=(50, 2))
    >>> ic.Univariate().fit(units, voxels).unit_
    array([4, 1])
    """

    columnwise = True
    unit_: np.ndarray

    def __init__(self, select: Literal["train", "test"] = "train"):
        self.select = select

    def prepare(self, view: View) -> BestUnits:
        """The features, of which each target chooses one by the training stimuli."""
        return BestUnits(*view.features())

    def across_folds(self, source: Any, y: np.ndarray, settings: Any) -> tuple[Any, ...]:
        """Scores, predictions and chosen units of all folds, whose products have parts in common.

        Parameters
        ----------
        source : Source
        y : array, shape (n_rows, n_targets)
        settings : CrossValidation
        """
        return single_units(self.select, source, y, settings)

    def why(self, view: View, n_rows: int) -> str:  # noqa: ARG002
        """Each unit is looked at."""
        return f"{view.name}: {counted(view.n_features, 'feature')} one by one, in closed form"

    def fit(self, X: Values, y: Values, sample_weight: Values | None = None) -> Self:
        """Choose the units and find the slopes.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_features)
        y : array, shape (n_stimuli, n_targets) or (n_stimuli,)
        sample_weight : array, shape (n_stimuli,), optional
            How often each stimulus counts: a whole number is that many copies, 0 leaves it out.

        Returns
        -------
        self
        """
        from isocortex.numerics.linear import univariate

        one_of(self.select, ("train", "test"), "select")
        features, outcome = given_arrays(X, y, "Univariate")
        features, outcome = validated(
            self, features, outcome, multi_output=True, y_numeric=True, dtype=np.float64
        )
        targets, rows = (
            outcome.reshape(len(outcome), -1).astype(np.float64),
            np.arange(len(outcome)),
        )
        weights = checked_weights(sample_weight, len(outcome), "Univariate")
        if weights is None:
            weights = np.ones(len(outcome))
            unit = univariate.best_in_training(features, targets, [(rows, rows)])[0]
        else:
            there = weights > 0
            features, targets, weights = features[there], targets[there], weights[there]
            unit = best_units(features, targets, weights)
        mean_x, columns = centred(features[:, unit], weights)
        mean_y, centred_y = centred(targets, weights)
        below, above = (columns**2).sum(0), (columns * centred_y).sum(0)
        slope = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
        intercept = mean_y - slope * mean_x
        single = outcome.ndim == 1
        self.unit_, self.slope_ = (unit[0], slope[0]) if single else (unit, slope)
        self.intercept_ = intercept[0] if single else intercept
        return self

    def predict(self, X: Values) -> np.ndarray:
        """Predict the targets of new stimuli.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_features)

        Returns
        -------
        array, shape (n_stimuli, n_targets) or (n_stimuli,)
        """
        check_is_fitted(self, "unit_")
        features = given_array(X, "Univariate")
        features = validated(self, features, reset=False, dtype=np.float64)
        return features[:, self.unit_] * self.slope_ + self.intercept_
