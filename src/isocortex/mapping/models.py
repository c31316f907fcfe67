"""The linear models of the house, as scikit-learn estimators.

``encode``, ``decode`` and ``probe`` know them (and their like in scikit-learn) and fit them
from the Gram matrix; ``fit`` and ``predict`` here are for arrays and pipelines.
"""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from isocortex.mapping.given import given_array, given_arrays
from isocortex.mapping.weighted import checked_weights


class LinearModel(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """What the linear models share: weights from the fast road, predictions from weights.

    Attributes
    ----------
    coef_ : array, shape (n_targets, n_features) or (n_features,)
    intercept_ : array, shape (n_targets,), or float
    n_features_in_ : int
    """

    coef_: np.ndarray
    intercept_: Any

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the weights.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_features)
        y : array, shape (n_stimuli, n_targets) or (n_stimuli,)
        sample_weight : array, shape (n_stimuli,), optional
            How often each stimulus counts: a whole number is that many copies, 0 leaves it out.
            A penalty is chosen by errors that count likewise, on folds of the stimuli as given.

        Returns
        -------
        self
        """
        X, y = given_arrays(X, y, type(self).__name__)
        X, y = validate_data(self, X, y, multi_output=True, y_numeric=True, dtype=np.float64)
        targets = y.reshape(len(y), -1).astype(np.float64, copy=False)
        weights = checked_weights(sample_weight, len(X), type(self).__name__)
        if weights is None:
            coefficients, intercept = self._weights(X, targets)
        else:
            there = weights > 0
            coefficients, intercept = self._weighted(X[there], targets[there], weights[there])
        self.coef_ = coefficients[0] if y.ndim == 1 else coefficients
        self.intercept_ = float(intercept[0]) if y.ndim == 1 else intercept
        return self

    def _weights(self, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weights, shape (n_targets, n_features), and intercepts, shape (n_targets,)."""
        from isocortex.mapping.weights import fit_arrays

        return fit_arrays(self, X, y)

    def _weighted(
        self, X: np.ndarray, y: np.ndarray, weights: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The same of weighted stimuli."""
        from isocortex.mapping.weights import fit_weighted_arrays

        return fit_weighted_arrays(self, X, y, weights)

    def predict(self, X: Any) -> np.ndarray:
        """Predict the targets of new stimuli.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_features)

        Returns
        -------
        array, shape (n_stimuli, n_targets) or (n_stimuli,)
        """
        check_is_fitted(self, "coef_")
        X = given_array(X, type(self).__name__)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        return X @ self.coef_.T + self.intercept_


class OLS(LinearModel):
    r"""Ordinary least squares with an intercept; of minimum norm where features abound.

    .. math:: \min_w \|y - X w - b\|^2

    See Also
    --------
    Ridge : With a penalty.
    PCR, PLS : On a few components.
    encode, decode : Take it as the model.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> features = rng.normal(size=(50, 3))
    >>> voxels = features @ [[2.0], [0.0], [-1.0]] + 4.0
    >>> model = ic.OLS().fit(features, voxels)
    >>> model.predict([[1.0, 0.0, 0.0]]).round(6)
    array([[6.]])
    """


class PCR(LinearModel):
    r"""Least squares on the first principal components of the training features.

    Parameters
    ----------
    n_components : int or float
        How many, or (between 0 and 1) the share of variance that they must hold.

    See Also
    --------
    PLS : Components that covary with the targets.
    Ridge : Shrinks small components instead.
    reduce : Components of all stimuli, without cross-validation.

    Notes
    -----
    The same predictions as ``make_pipeline(PCA(n_components), LinearRegression())`` with exact
    components, by :math:`\hat Y_e = \bar y_t + \tilde K_{et} U_c \Lambda_c^{-1} U_c^\top
    \tilde Y_t`.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> features, voxels = rng.normal(size=(50, 200)), rng.normal(size=(50, 4))
    >>> ic.PCR(10).fit(features, voxels).predict(features).shape
    (50, 4)
    """

    def __init__(self, n_components: int | float):
        self.n_components = n_components


class Ridge(LinearModel):
    r"""Ridge regression, with its penalty chosen inside the training stimuli.

    .. math:: \min_w \|y - X w - b\|^2 + \alpha \|w\|^2

    Parameters
    ----------
    alphas : float, sequence of float, or array of shape (1, n_targets)
        One penalty, those to choose from, or a fixed one for each target; above 0.
    per_target : bool, default=True
        A penalty for each target, or one for all.
    inner : int, scikit-learn splitter, "loo" or "gcv", default=5
        What the choice rests on: the squared error on inner folds (an int: unshuffled, of
        whole groups where the outer ``folds`` keep groups whole and two or more are left),
        on each stimulus left out in turn, or generalized cross-validation; the last two
        cost no more than a fit. A splitter gets the groups of ``Folds(splitter, groups)``.

    Attributes
    ----------
    alpha_ : array, shape (n_targets,)
        The penalties that were chosen.

    See Also
    --------
    BandedRidge : A penalty for each band of features.
    SelectiveRidge : On the units that correlate most.
    OLS, PCR, PLS : Without a penalty, or on components.
    encode, decode : Take it as the model.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> features = rng.normal(size=(50, 200))
    >>> voxels = features[:, :2] + 0.1 * rng.normal(size=(50, 2))
    >>> model = ic.Ridge([0.1, 1.0, 10.0], inner="loo").fit(features, voxels)
    >>> model.alpha_.shape, model.predict(features).shape
    ((2,), (50, 2))
    """

    alpha_: np.ndarray

    def __init__(self, alphas: Any, per_target: bool = True, inner: Any = 5):
        self.alphas = alphas
        self.per_target = per_target
        self.inner = inner


class PLS(LinearModel):
    """Partial least squares of all targets together (PLS2), converged to rounding.

    Parameters
    ----------
    n_components : int
    scale : bool, default=False
        Bring features and targets to unit variance first, by the training stimuli.

    See Also
    --------
    PCR : Components of the features alone.
    Ridge : A penalty instead of components.
    encode, decode : Take it as the model.

    Notes
    -----
    What ``sklearn.cross_decomposition.PLSRegression(n_components, scale=scale)`` tends to as
    its tolerance goes to 0; with its default tolerance predictions differ in the fifth digit.

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> features = rng.normal(size=(50, 200))
    >>> voxels = features[:, :2] + 0.1 * rng.normal(size=(50, 2))
    >>> ic.PLS(5).fit(features, voxels).predict(features).shape
    (50, 2)
    """

    def __init__(self, n_components: int, scale: bool = False):
        self.n_components = n_components
        self.scale = scale
