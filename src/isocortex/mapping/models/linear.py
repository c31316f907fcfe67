"""Ordinary and principal-component regression, and partial least squares.

``encode``, ``decode`` and ``probe`` fit them from the Gram matrix or the features, whichever is
smaller; ``fit`` and ``predict`` here are for arrays and pipelines.
"""

from typing import Any

import numpy as np

from isocortex.choice import counted
from isocortex.errors import InputError
from isocortex.mapping.models.base import LinearModel
from isocortex.mapping.models.prepared import LatentRegression, Smoother
from isocortex.mapping.view import View
from isocortex.numerics.arrays.parallel import WORTH_THREADS
from isocortex.numerics.arrays.reduction import n_components_of_share
from isocortex.numerics.linear import weighted as algebra
from isocortex.numerics.linear.pls import pls


class AxesModel(LinearModel):
    """A model that sees nothing of the features but their principal axes."""

    columnwise = True
    alike = True
    follows_axes = True
    threads_from = WORTH_THREADS

    def _weighted(
        self, X: np.ndarray, y: np.ndarray, weights: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        self.check(self._view(X), y.shape[1])
        mean = weights @ X / weights.sum()
        target_mean, rows = algebra.centred(y, weights)
        axes = algebra.weighted_axes(X, weights)
        alpha = self._weighted_penalty(axes, X, y, weights)
        coefficients = algebra.ridge_weights(self._first(axes), rows, alpha)
        return np.ascontiguousarray(coefficients.T), target_mean - mean @ coefficients

    def _first(self, axes: algebra.WeightedAxes) -> algebra.WeightedAxes:
        """The axes that are used."""
        return axes

    def _weighted_penalty(
        self,
        axes: algebra.WeightedAxes,  # noqa: ARG002
        x: np.ndarray,  # noqa: ARG002
        y: np.ndarray,  # noqa: ARG002
        weights: np.ndarray,  # noqa: ARG002
    ) -> float | np.ndarray:
        """The penalty of each target, or of all."""
        return 0.0


class OLS(AxesModel):
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

    def prepare(self, view: View) -> Smoother:
        """All principal axes, and the filter that gives least squares on them."""
        axes = view.basis()
        return Smoother(axes, 1 / np.sqrt(axes.variances))


class PCR(AxesModel):
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

    References
    ----------
    .. [1] Massy (1965), Principal components regression in exploratory statistical research,
       J. Am. Stat. Assoc. 60:234. https://doi.org/10.1080/01621459.1965.10480787

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> features, voxels = rng.normal(size=(50, 200)), rng.normal(size=(50, 4))
    >>> ic.PCR(10).fit(features, voxels).predict(features).shape
    (50, 4)
    """

    follows_axes = False

    def __init__(self, n_components: int | float):
        self.n_components = n_components

    def validate(self) -> None:
        """Refuse a number of components that is none."""
        if not is_size(self.n_components):
            raise InputError(
                f"PCR(n_components={self.n_components!r}): give a number of components above 0, or "
                "a share of variance between 0 and 1."
            )

    def check(self, view: View, n_targets: int) -> None:  # noqa: ARG002
        """Refuse more components than the training stimuli have."""
        check_components(view, self.n_components)

    def prepare(self, view: View) -> Smoother:
        """The first principal axes, and the filter that gives least squares on them."""
        axes = view.basis(self.n_components)
        return Smoother(axes, 1 / np.sqrt(axes.variances))

    def _first(self, axes: algebra.WeightedAxes) -> algebra.WeightedAxes:
        size = self.n_components
        if isinstance(size, float):
            size = n_components_of_share(axes.singular**2, size)
        return algebra.WeightedAxes(
            axes.mean, axes.left[:, :size], axes.singular[:size], axes.right[:size]
        )


class PLS(LinearModel):
    """Partial least squares of all targets together (PLS2), converged to rounding.

    Parameters
    ----------
    n_components : int
        How many, at least 1 and at most as many as the training stimuli allow.
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

    threads_from = WORTH_THREADS

    def __init__(self, n_components: int, scale: bool = False):
        self.n_components = n_components
        self.scale = scale

    @property
    def ddof(self) -> int | None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Features are scaled as PLSRegression does."""
        return 1 if self.scale else None

    @property
    def alike(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether no target is scaled by itself, which sums of targets would not follow."""
        return not self.scale

    def validate(self) -> None:
        """Refuse a number of components that is none."""
        if not is_size(self.n_components) or isinstance(self.n_components, float):
            raise InputError(f"PLS(n_components={self.n_components!r}) needs a number above 0.")

    def check(self, view: View, n_targets: int) -> None:  # noqa: ARG002
        """Refuse more components than the training stimuli have."""
        check_components(view, self.n_components)

    def prepare(self, view: View) -> LatentRegression:
        """The inner products, from which the components are found with the targets."""
        return LatentRegression(*view.kernels(), self.n_components, self.scale)

    def _weighted(
        self, X: np.ndarray, y: np.ndarray, weights: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        self.check(self._view(X), y.shape[1])
        of_x, of_y = np.ones(X.shape[1]), np.ones(y.shape[1])
        if self.scale:
            of_x, of_y = algebra.deviation(X, weights), algebra.deviation(y, weights)
        mean, target_mean = weights @ X / weights.sum(), weights @ y / weights.sum()
        rows = algebra.centred(X, weights)[1] / of_x
        targets = algebra.centred(y, weights)[1] / of_y
        fit = pls(rows @ rows.T, targets, self.n_components)
        coefficients = (rows.T @ fit.dual) @ fit.loadings * of_y / of_x[:, None]
        return np.ascontiguousarray(coefficients.T), target_mean - mean @ coefficients


def is_size(wanted: Any) -> bool:
    """Whether it is a number of components above 0, or a share of variance between 0 and 1."""
    if isinstance(wanted, float):
        return 0 < wanted < 1
    return isinstance(wanted, int | np.integer) and bool(wanted > 0)


def check_components(view: View, wanted: int | float) -> None:
    """The training stimuli must allow the components that a model asks for.

    Raises
    ------
    InputError
    """
    most = min(view.n_train - 1, view.n_features)
    if not isinstance(wanted, float) and wanted > most:
        raise InputError(
            f"{view.name} asks for {wanted} components, but the smallest training "
            f"set has {counted(view.n_train, 'stimulus')} of {view.n_features} features, which "
            "allow "
            f"at most {most}. Take fewer components or more folds."
        )
