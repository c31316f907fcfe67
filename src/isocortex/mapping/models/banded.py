"""Banded ridge: several feature spaces in one model, each with a penalty of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from isocortex.errors import InputError
from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.folds import inner_folds
from isocortex.mapping.models.bands import widths_of_bands
from isocortex.mapping.models.base import LinearModel
from isocortex.mapping.models.prepared import Outcome, at_the_edge, nothing_predicted
from isocortex.mapping.models.ridge import checked_alphas
from isocortex.mapping.view import View
from isocortex.numerics.linear import banded as algebra
from isocortex.numerics.linear.band_mixtures import (
    designed_mixtures,
    random_mixtures,
    unit_scales,
)
from isocortex.seeds import generator
from isocortex.types import InnerFolds, Values


class BandedRidge(LinearModel):
    r"""Ridge with a penalty for each band of features, chosen for each target.

    .. math:: \min_w \|y - \sum_b X_b w_b - c\|^2 + \sum_b \tfrac{\alpha}{\gamma_b} \|w_b\|^2,
              \quad \gamma \ge 0, \; \sum_b \gamma_b = 1

    In ``encode`` and ``decode`` the bands are the layers or regions that are given as a list, the
    feature spaces: one model for all of them. Elsewhere ``bands`` says how the columns are parted.

    Parameters
    ----------
    alphas : float or sequence of float
        The penalties to choose from. Each band is first scaled so that its Gram matrix has a mean
        diagonal of 1 over the training stimuli: then a share means the same for a band of 4 and of
        4000 columns, and penalties from 1e-3 to 1e5 suit most data.
    bands : sequence of int, optional
        For ``fit``: the number of columns of each band, which stand side by side. These are no
        labels of columns, as the ``groups`` of himalaya are: of sorted ones,
        ``bands=numpy.bincount(groups)``.
    mixtures : int or array, shape (n_mixtures, n_bands), optional
        By default a designed set: each band alone, all alike, each pair at .1, .5 and .9, all but
        one; then, for each target, shares and penalty are refined by Gauss-Newton steps from the
        best of these, between the least and the largest of ``alphas``. No draw is random.
        A number: so many shares :math:`\gamma` (each band alone, all alike, and random ones); or
        the shares themselves. Neither is then refined, nor are bands scaled.
    inner : int or scikit-learn splitter, default=5
        The choice rests on the squared error on inner folds. An int: neighbouring stimuli, or
        whole groups (runs) where the outer folds keep them whole.
    seed : int, default=0
        Of the random shares.

    Attributes
    ----------
    alpha_ : array, shape (n_targets,)
    shares_ : array, shape (n_targets, n_bands)
        :math:`\gamma`: how large the prior of each band is. What it explains is another thing, see
        :func:`partition`.
    loss_ : array, shape (n_targets,)
        The mean squared error on inner folds.

    See Also
    --------
    Ridge : One penalty for all features.
    Stacked : One ridge for each space, and a weighted mean of their predictions.
    encode, decode : Layers in a list are its bands.
    partition : What each band explains.
    plots.shares : Draws it.

    Notes
    -----
    With :math:`w_b = \gamma_b / \alpha` the model is ridge of penalty 1 on
    :math:`\sum_b w_b K_b`. For each target the dual weights at its best eight mixtures span
    directions in which the loss on inner folds is a function of a few small matrices; there its
    minimum over :math:`\log w` is found. It is then computed as it is, and kept where it is below
    that of every designed mixture.

    Under a permutation of the targets everything is chosen anew, mixtures and penalties too.

    References
    ----------
    .. [1] Nunez-Elizalde, Huth & Gallant (2019), Voxelwise encoding models with non-spherical
       multivariate normal priors, NeuroImage 197:482,
       https://doi.org/10.1016/j.neuroimage.2019.04.012
    .. [2] Dupre la Tour, Eickenberg, Nunez-Elizalde & Gallant (2022), Feature-space selection with
       banded ridge regression, NeuroImage 264:119728,
       https://doi.org/10.1016/j.neuroimage.2022.119728

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> features = rng.normal(size=(60, 15))
    >>> voxels = features[:, :5] @ rng.normal(size=(5, 2)) + 0.1 * rng.normal(size=(60, 2))
    >>> model = ic.BandedRidge([0.01, 0.1, 1.0, 10.0], bands=[5, 10])
    >>> shares = model.fit(features, voxels).shares_  # of each voxel: of each band
    >>> shares.shape, bool((shares[:, 0] > shares[:, 1]).all())
    ((2, 2), True)
    """

    columnwise = True
    joint = True
    parallel = True
    alpha_: np.ndarray
    shares_: np.ndarray
    loss_: np.ndarray

    def __init__(
        self,
        alphas: Values,
        bands: Sequence[Any] | None = None,
        mixtures: int | Values | None = None,
        inner: InnerFolds = 5,
        seed: int = 0,
    ):
        self.alphas: Any = alphas
        self.bands: Any = bands
        self.mixtures: Any = mixtures
        self.inner: Any = inner
        self.seed = seed

    def validate(self) -> None:
        """Refuse penalties that are none."""
        checked_alphas(self.alphas)

    def check(self, view: View, n_targets: int) -> None:  # noqa: ARG002
        """Refuse shares of another number of bands, and inner folds that do not fit."""
        _mixtures(self, len(view.sources))
        view.inner_folds(self.inner)

    def why(self, view: View, n_rows: int) -> str:  # noqa: ARG002
        """All bands are one model."""
        return f"{view.name}: {len(view.sources)} bands, through a mixture of their Gram matrices"

    def prepare(self, view: View) -> "PreparedBands":
        """The Gram of each band, centred on the training stimuli."""
        within, across = zip(*view.bands(), strict=True)
        return self._prepared(within, across, view.inner_folds(self.inner))

    def fit(self, X: Values, y: Values) -> Self:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Find the weights, without weights of stimuli.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_features)
        y : array, shape (n_stimuli, n_targets) or (n_stimuli,)

        Returns
        -------
        self
        """
        return super().fit(X, y)

    def _weights(self, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        widths = widths_of_bands(self.bands, X.shape[1], "BandedRidge")
        mean = X.mean(0)
        # One Gram for each band, (n_stimuli, n_stimuli); its share scales it in the mixture.
        parts = np.split(X - mean, np.cumsum(widths)[:-1], axis=1)
        inner = inner_folds(self.inner, len(X), None, False)
        prepared = self._prepared([part @ part.T for part in parts], [], inner)
        chosen, duals = prepared.duals(y)
        self.shares_, self.alpha_, self.loss_ = (chosen[k] for k in ("mixture", "alpha", "loss"))
        weights = np.concatenate(
            [(part.T @ dual).T for part, dual in zip(parts, duals, strict=True)], axis=1
        )
        return weights, y.mean(0) - weights @ mean

    def _prepared(
        self, within: Sequence[np.ndarray], across: Sequence[np.ndarray], inner: Sequence[Fold]
    ) -> "PreparedBands":
        scales = unit_scales(within) if self.mixtures is None else np.ones(len(within))
        mixtures = _mixtures(self, len(within))
        if self.mixtures is None:
            # Where a band does not vary over these stimuli, alone it is no model.
            varies = np.array([gram.any() for gram in within])
            mixtures = mixtures[(mixtures @ varies > 0) | (not varies.any())]
        return PreparedBands(
            [gram / scale for gram, scale in zip(within, scales, strict=True)],
            [gram / scale for gram, scale in zip(across, scales, strict=False)],
            mixtures,
            checked_alphas(self.alphas),
            inner,
            self.mixtures is None,
            scales,
        )


@dataclass(frozen=True, eq=False)
class PreparedBands:
    """The Gram of each band in one fold."""

    within: Sequence[np.ndarray]
    across: Sequence[np.ndarray]
    mixtures: np.ndarray
    alphas: np.ndarray
    inner: Sequence[Fold]
    refined: bool
    """Whether the mixtures are but where the search starts."""
    scales: np.ndarray
    """What the Gram of each band was divided by."""

    def choice(self, y: np.ndarray) -> algebra.Choice:
        """The mixture and penalty of each target."""
        search = algebra.refine_bands if self.refined else algebra.choose_bands
        return search(self.within, y, self.mixtures, self.alphas, self.inner)

    def predict(self, y: np.ndarray) -> np.ndarray:
        """Predictions for the test stimuli."""
        return y.mean(0) + self._added(y, self.choice(y).weights).sum(0)

    def parts(self, y: np.ndarray, chosen: Mapping[str, np.ndarray]) -> np.ndarray:
        """What each band adds to the training mean; shape (n_bands, n_test, n_targets)."""
        return self._added(y, chosen["mixture"] / chosen["alpha"][:, None])

    def _added(self, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
        dual = algebra.dual_weights(self.within, y - y.mean(0), weights)
        return algebra.predict_bands(self.across, dual, weights)

    def duals(self, y: np.ndarray) -> tuple[Mapping[str, np.ndarray], np.ndarray]:
        """What was chosen, and weights on the training stimuli of each band as it is.

        Shape (n_bands, n_train, n_targets).
        """
        choice = self.choice(y)
        dual = algebra.dual_weights(self.within, y - y.mean(0), choice.weights)
        of_bands = (choice.weights.T / self.scales[:, None])[:, None] * dual
        return {"mixture": choice.shares, "alpha": choice.alpha, "loss": choice.loss}, of_bands

    def outcome(self, y: np.ndarray, size: bool) -> Outcome:
        """Predictions of all bands and of each, the size of the fit, penalties and mixtures."""
        choice = self.choice(y)
        dual = algebra.dual_weights(self.within, y - y.mean(0), choice.weights)
        parts = algebra.predict_bands(self.across, dual, choice.weights)
        # A mixture of the bands has at most the trace of the largest.
        largest = np.array([max(np.trace(gram) for gram in self.within)])
        nothing = nothing_predicted(choice.loss[None], algebra.mean_losses(y, self.inner), True)
        edges = at_the_edge(choice.alpha, self.alphas, largest, nothing)
        variance = None
        if size:
            variance = algebra.predict_bands(self.within, dual, choice.weights).sum(0).var(0)
        chosen = {"alpha": choice.alpha, "mixture": choice.shares}
        return Outcome(y.mean(0) + parts.sum(0), variance, chosen, edges, parts)


def _mixtures(model: BandedRidge, n_bands: int) -> np.ndarray:
    if model.mixtures is None:
        return designed_mixtures(n_bands)
    if isinstance(model.mixtures, int | np.integer):
        return random_mixtures(int(model.mixtures), n_bands, generator(model.seed))
    shares = np.asarray(model.mixtures, dtype=np.float64)
    if shares.ndim != 2 or shares.shape[1] != n_bands or not (shares >= 0).all():
        raise InputError(
            f"BandedRidge: mixtures of shape {shares.shape} do not give a share from 0 to each of "
            f"{n_bands} bands."
        )
    return shares
