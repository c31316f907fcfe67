"""The decoder of the Kamitani laboratory: for each target its own best units, then ridge."""

from typing import Any, Self

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.exceptions import NotFittedError
from sklearn.utils import Tags
from sklearn.utils.validation import validate_data

from isocortex.arrays import Array, as_numpy, column_blocks, is_lazy
from isocortex.choice import counted
from isocortex.data.arguments import ArgumentsError
from isocortex.data.door import given, is_xarray, numeric
from isocortex.errors import InputError
from isocortex.mapping.estimator_input import check_rows
from isocortex.mapping.models.base import Model
from isocortex.mapping.models.prepared import Estimator
from isocortex.mapping.models.sample_weights import checked_weights
from isocortex.mapping.view import View
from isocortex.numerics.linear.selective import selective_ridge


class NotFittedInputError(InputError, NotFittedError):
    """A model is asked to predict before it was fitted; scikit-learn's tools know it too."""


class SelectiveRidge(Model, MultiOutputMixin, RegressorMixin, BaseEstimator):
    r"""Ridge regression on the units that correlate most with each target.

    For each target :math:`y` the ``n_features`` units with the largest :math:`|r|` are chosen;
    on these, with a column of ones, :math:`(\tilde X^\top \tilde X + \alpha I)^{-1}
    \tilde X^\top y`. The bias is penalized like the weights, as in FastL2LiR, so standardize
    units and targets first where their means are far from zero.

    Parameters
    ----------
    n_features : int or None, default=500
        How many units each target gets; None, or more than there are: all of them.
    alpha : float, default=100.0
        The penalty, from 0; in squared units of ``X``.

    Attributes
    ----------
    coef_ : scipy.sparse.csr_array, shape (n_targets, n_units)
        Targets of more than one axis are flattened in C order.
    intercept_ : array, of the shape of one target
    selected_ : integer array, shape (n_targets, n_features)
        The units of each target, rising. Of equal correlations the first wins.
    n_features_in_ : int

    Raises
    ------
    InputError
        If numbers of samples differ, values are not finite, or a parameter is out of range.
    UndefinedError
        If ``alpha=0`` and the units are linearly dependent.

    See Also
    --------
    Ridge : On all units.
    Univariate : On the single best unit.
    decode : Takes it as the model.

    Notes
    -----
    A column that is constant correlates with nothing and is chosen last. FastL2LiR does so with
    every column whose variance is below 1e-8, which depends on the unit of measurement.

    References
    ----------
    .. [1] Horikawa & Kamitani (2017), Generic decoding of seen and imagined objects using
       hierarchical visual features, Nat. Commun. 8:15037. https://doi.org/10.1038/ncomms15037

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> voxels, units = rng.normal(size=(60, 200)), rng.normal(size=(60, 3))
    >>> import isocortex as ic
    >>> ic.SelectiveRidge(n_features=50).fit(voxels, units).selected_.shape
    (3, 50)
    """

    columnwise = True

    def __init__(self, n_features: int | None = 500, alpha: float = 100.0):
        self.n_features = n_features
        self.alpha = alpha

    def prepare(self, view: View) -> Estimator:
        """The features as they are, of which each target chooses its own."""
        return Estimator(self, *view.features(), view.train_groups)

    def fit(self, X: Array, y: Array, sample_weight: Array | None = None) -> Self:
        """Choose and fit.

        Parameters
        ----------
        X : array, shape (n_samples, n_units)
            In memory (numpy, torch, pandas, sparse …) or lazy; a lazy one is read in blocks of
            columns, twice. A DataFrame's columns are asked for again when predicting.
        y : array, shape (n_samples,) or (n_samples, ...)
        sample_weight : array, shape (n_samples,), optional
            How often each sample counts: the mean over repeats with their number gives the same
            weights as the repeats one by one. A weight of 0 leaves a sample out.

        Returns
        -------
        self
        """
        self._check_parameters()
        if y is None:
            raise InputError("SelectiveRidge requires y to be passed, but the target y is None.")
        check_rows(X, y, "SelectiveRidge")
        x = _matrix(X)
        y = np.asarray(as_numpy(numeric(_plain(y), "SelectiveRidge: y")), dtype=np.float64)
        y = _finite(y, "y")
        if y.ndim == 0 or len(y) != x.shape[0]:
            raise InputError(
                f"SelectiveRidge: X has {counted(x.shape[0], 'sample')} but y has shape {y.shape}; "
                "the first "
                "axis of both is samples."
            )
        if len(y) < 2:
            raise InputError(f"SelectiveRidge needs at least 2 samples, not n_samples = {len(y)}.")
        flat = y.reshape(len(y), -1)
        times = checked_weights(sample_weight, len(y), "SelectiveRidge")
        # What counts 0 times is no sample, and must not sway the choice of units either.
        if times is not None and (times == 0).any():
            there = times > 0
            x, flat, times = as_numpy(x[:])[there], flat[there], times[there]
        fitted = selective_ridge(x, flat, self.n_features, self.alpha, times)
        n_targets, k = fitted.columns.shape
        # k weights in each row, their columns rising: CSR as it is.
        rows = np.arange(0, n_targets * k + 1, k)
        self.coef_ = sparse.csr_array(
            (fitted.weights.ravel(), fitted.columns.ravel(), rows), shape=(n_targets, x.shape[1])
        )
        self.intercept_ = fitted.intercept.reshape(y.shape[1:])
        self.selected_ = fitted.columns
        # Notes the names of features; the numbers were checked above, lazily where X is.
        validate_data(self, X, skip_check_array=True)
        self.n_features_in_ = int(x.shape[1])
        return self

    def predict(self, X: Array) -> np.ndarray:
        """Predicted targets, shape (n_samples, ...) as in ``fit``.

        Raises
        ------
        InputError
            If it is not fitted, or ``X`` has other units.
        """
        if not hasattr(self, "coef_"):
            raise NotFittedInputError(
                "SelectiveRidge is not fitted yet: call fit(X, y) before predict(X)."
            )
        x = _matrix(X)
        if x.shape[1] != self.n_features_in_:
            # In the words that scikit-learn's own checks look for, also where there is one.
            told = f"X has {x.shape[1]} "
            raise InputError(
                f"{told}features, but SelectiveRidge is expecting "
                f"{self.n_features_in_} features as input: it was fitted on {self.n_features_in_} "
                f"units, but X has {x.shape[1]}."
            )
        validate_data(self, X, skip_check_array=True, reset=False)
        out = np.tile(self.intercept_.reshape(-1), (x.shape[0], 1))
        # By columns, as the blocks of a lazy X come.
        columns = self.coef_.tocsc()
        for where, block in column_blocks(x):
            part = columns[:, where.start : where.stop]
            out += (part @ np.asarray(as_numpy(block), dtype=np.float64).T).T
        return out.reshape(x.shape[0], *np.shape(self.intercept_))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _check_parameters(self) -> None:
        k, alpha = self.n_features, self.alpha
        if k is not None and (isinstance(k, bool) or int(k) != k or k < 1):
            raise InputError(
                f"SelectiveRidge: n_features={k!r} must be a whole number from 1, or None for all."
            )
        if not np.isfinite(alpha) or alpha < 0:
            raise InputError(f"SelectiveRidge: alpha={alpha!r} must be a finite number from 0.")


def _plain(table: Any) -> Any:
    """The numbers of a table of pandas or a DataArray."""
    if isinstance(table, pd.DataFrame | pd.Series) or is_xarray(table):
        return given(table, "SelectiveRidge", ()).values
    return table


def _matrix(X: Any) -> Array:
    try:
        x = numeric(_plain(X), "SelectiveRidge: X")
    except InputError as problem:
        if getattr(getattr(X, "dtype", None), "kind", "") != "O":
            raise
        # The type and the words by which scikit-learn's tools know it.
        raise ArgumentsError(
            f"{problem} Each argument must be no string, but a real number."
        ) from None
    x = x if is_lazy(x) else as_numpy(x)
    if len(x.shape) != 2:
        raise InputError(
            f"SelectiveRidge needs X of shape (n_samples, n_units), not {tuple(x.shape)}. Reshape "
            "your data: X.reshape(1, -1) for one sample, X.reshape(-1, 1) for one unit."
        )
    if x.shape[1] == 0:
        raise InputError(
            f"SelectiveRidge: X has no units: 0 feature(s) (shape={tuple(x.shape)}) while a "
            "minimum of 1 is required."
        )
    return x if is_lazy(x) else _finite(x, "X")


def _finite(values: np.ndarray, name: str) -> np.ndarray:
    flat = values.reshape(len(values), -1)
    # Sums are finite only if all parts are, and need no mask as large as X.
    with np.errstate(invalid="ignore", over="ignore"):
        bad = ~np.isfinite(flat.sum(0))
    if bad.any() and not np.isfinite(flat).all():
        bad = ~np.isfinite(flat).all(0)
        raise InputError(
            f"SelectiveRidge: {int(bad.sum())} of {flat.shape[1]} columns of {name} hold NaN or "
            f"infinite numbers, the first is column {np.nonzero(bad)[0][0]}. Drop them first: one "
            "of them would spoil every target."
        )
    return values
