"""One unit for each target: the simplest encoding model, as a scikit-learn estimator."""

from typing import Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from isocortex.choice import one_of
from isocortex.mapping.estimator_input import given_array, given_arrays
from isocortex.mapping.models.base import Model
from isocortex.mapping.models.best_units import BestUnits, single_units
from isocortex.mapping.models.sample_weights import checked_weights
from isocortex.mapping.view import View
from isocortex.numerics.linear.weighted import best_units, centred


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

    def why(self, name: str, solver: str, source: Any, n_rows: int) -> str:  # noqa: ARG002
        """Each unit is looked at."""
        return f"{name}: {source.n_features} features one by one, in closed form"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
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
        X, y = given_arrays(X, y, "Univariate")
        X, y = validate_data(self, X, y, multi_output=True, y_numeric=True, dtype=np.float64)
        targets, rows = y.reshape(len(y), -1).astype(np.float64), np.arange(len(y))
        weights = checked_weights(sample_weight, len(y), "Univariate")
        if weights is None:
            weights = np.ones(len(y))
            unit = univariate.best_in_training(X, targets, [(rows, rows)])[0]
        else:
            there = weights > 0
            X, targets, weights = X[there], targets[there], weights[there]
            unit = best_units(X, targets, weights)
        mean_x, columns = centred(X[:, unit], weights)
        mean_y, centred_y = centred(targets, weights)
        below, above = (columns**2).sum(0), (columns * centred_y).sum(0)
        slope = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
        intercept = mean_y - slope * mean_x
        single = y.ndim == 1
        self.unit_, self.slope_ = (unit[0], slope[0]) if single else (unit, slope)
        self.intercept_ = intercept[0] if single else intercept
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the targets of new stimuli.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_features)

        Returns
        -------
        array, shape (n_stimuli, n_targets) or (n_stimuli,)
        """
        check_is_fitted(self, "unit_")
        X = given_array(X, "Univariate")
        X = validate_data(self, X, reset=False, dtype=np.float64)
        return X[:, self.unit_] * self.slope_ + self.intercept_
