"""Ridge regression, with its penalty chosen inside the training stimuli."""

from collections.abc import Callable
from typing import Any

import numpy as np

from isocortex.errors import InputError
from isocortex.mapping.folds import inner_folds
from isocortex.mapping.models.linear import AxesModel
from isocortex.mapping.models.prepared import ChosenRidge, Smoother
from isocortex.mapping.view import View
from isocortex.numerics.arrays.parallel import WORTH_A_SHARE, WORTH_THREADS
from isocortex.numerics.linear import ridge
from isocortex.numerics.linear import weighted as algebra
from isocortex.numerics.linear.basis import Basis
from isocortex.types import InnerFolds, Values

CLOSED = {"loo": ridge.leave_one_out_losses, "gcv": ridge.generalized_losses}
"""Choices of a penalty that cost no more than a fit."""


class Ridge(AxesModel):
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
    Stacked : One for each of several feature spaces.
    SelectiveRidge : On the units that correlate most.
    OLS, PCR, PLS : Without a penalty, or on components.
    encode, decode : Take it as the model.

    References
    ----------
    .. [1] Hoerl & Kennard (1970), Ridge regression: biased estimation for nonorthogonal
       problems, Technometrics 12:55. https://doi.org/10.1080/00401706.1970.10488634

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

    def __init__(self, alphas: Values, per_target: bool = True, inner: InnerFolds = 5):
        self.alphas: Any = alphas
        self.per_target = per_target
        self.inner: Any = inner

    @property
    def fixed(self) -> np.ndarray | None:
        """A fixed penalty for each target, shape (n_targets,), where that was asked for."""
        shape = _shape(self.alphas)
        if len(shape) == 2 and shape[0] == 1:
            return checked_alphas(self.alphas[0])
        return None

    @property
    def chooses(self) -> bool:
        """Whether there is a penalty to choose."""
        return self.fixed is None and bool(np.prod(_shape(self.alphas)) > 1)

    @property
    def threads_from(self) -> float:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Small folds gain where a penalty is chosen; a single fit is bound by memory."""
        return WORTH_A_SHARE if self.chooses else WORTH_THREADS

    @property
    def columnwise(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether each target has a penalty of its own, or none is chosen."""
        return self.per_target or not self.chooses

    @property
    def alike(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether all targets have one penalty."""
        one = bool(np.prod(_shape(self.alphas)) == 1)
        return one or (self.chooses and not self.per_target)

    @property
    def follows_axes(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether no inner folds have axes of their own."""
        return not self.chooses or (isinstance(self.inner, str) and self.inner in CLOSED)

    def validate(self) -> None:
        """Refuse penalties, and ways to choose one, that are none."""
        if isinstance(self.inner, str) and self.inner not in CLOSED:
            raise InputError(
                f"Ridge(inner={self.inner!r}) is not known; take 'loo', 'gcv', a number of folds "
                "or a scikit-learn splitter."
            )
        if self.fixed is None:
            checked_alphas(self.alphas)

    def check(self, view: View, n_targets: int) -> None:
        """Refuse inner folds that do not fit, and penalties that are not one for each target."""
        fixed = self.fixed
        if fixed is not None and len(fixed) != n_targets:
            raise InputError(
                f"Ridge has a penalty for each of {len(fixed)} targets, but there are {n_targets}."
            )
        if self.chooses and not isinstance(self.inner, str):
            view.inner_folds(self.inner)

    def prepare(self, view: View) -> Smoother | ChosenRidge:
        """The principal axes, and how a penalty is chosen on them."""
        axes, fixed = view.basis(), self.fixed
        if fixed is not None:
            return ChosenRidge(axes, fixed, None, True)
        alphas = checked_alphas(self.alphas)
        if len(alphas) == 1:
            return Smoother(axes, ridge.shrinkage(axes.variances, alphas[0])[:, 0], alphas[0])
        losses, of_mean = self._losses(view, axes, alphas)
        return ChosenRidge(axes, alphas, losses, self.per_target, of_mean)

    def _losses(
        self, view: View, axes: Basis, alphas: np.ndarray
    ) -> tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]:
        """From centred targets to losses, shape (n_alphas, n_targets), and to those of the mean."""
        # Without any axes the mean is predicted.
        one = np.ones(1)
        if isinstance(self.inner, str):
            losses = CLOSED[self.inner]
            return (
                lambda y: losses(axes, y, alphas),
                lambda y: losses(axes.first(0), y, one)[0],
            )
        folds = view.inner_bases(self.inner)
        bare = [(train, test, basis.first(0)) for train, test, basis in folds]
        return (
            lambda y: self._fold_losses(folds, y, alphas),
            lambda y: self._fold_losses(bare, y, one)[0],
        )

    _fold_losses = staticmethod(ridge.fold_losses)

    def _weighted_penalty(
        self, axes: algebra.WeightedAxes, x: np.ndarray, y: np.ndarray, weights: np.ndarray
    ) -> np.ndarray:
        alpha = self.fixed
        if alpha is None:
            alphas = checked_alphas(self.alphas)
            losses = self._weighted_losses(axes, x, y, weights, alphas)
            alpha = ridge.best_alphas(losses, alphas, self.per_target)
        self.alpha_ = alpha
        return alpha

    def _weighted_losses(
        self,
        axes: algebra.WeightedAxes,
        x: np.ndarray,
        y: np.ndarray,
        weights: np.ndarray,
        alphas: np.ndarray,
    ) -> np.ndarray:
        if len(alphas) == 1:
            return np.zeros((1, y.shape[1]))
        if isinstance(self.inner, str):
            rows = algebra.centred(y, weights)[1]
            return algebra.CLOSED[self.inner](axes, rows, weights, alphas)
        folds = inner_folds(self.inner, len(x), None, False)
        return algebra.on_folds(x, y, weights, alphas, folds)


def _shape(alphas: Any) -> tuple[int, ...]:
    try:
        return np.shape(alphas)
    except ValueError:  # Rows of unequal length, which validate refuses.
        return (0,)


def checked_alphas(alphas: Any) -> np.ndarray:
    """The penalties as an array, shape (n_alphas,).

    Raises
    ------
    InputError
        If there are none, or one is not a number above 0.
    """
    try:
        found = np.atleast_1d(np.asarray(alphas, dtype=np.float64))
    except (TypeError, ValueError):
        found = np.empty(0)
    if found.ndim != 1 or not len(found) or not (np.isfinite(found) & (found > 0)).all():
        raise InputError(
            f"Ridge needs one or more penalties above 0, not alphas={alphas!r}. For no penalty, "
            "take OLS(); for a fixed one for each target, an array of shape (1, n_targets)."
        )
    return found
