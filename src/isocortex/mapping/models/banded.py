"""Banded ridge: several feature spaces in one model, each with a penalty of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from isocortex.errors import InputError
from isocortex.mapping.checked_folds import Fold
from isocortex.mapping.folds import inner_folds
from isocortex.mapping.models.base import LinearModel
from isocortex.mapping.models.prepared import Outcome, at_the_edge
from isocortex.mapping.models.ridge import checked_alphas
from isocortex.mapping.view import View
from isocortex.numerics.linear import banded as algebra
from isocortex.seeds import generator
from isocortex.types import InnerFolds, Values


class BandedRidge(LinearModel):
    r"""Ridge with a penalty for each band of features, chosen for each target.

    .. math:: \min_w \|y - \sum_b X_b w_b - c\|^2 + \sum_b \tfrac{\alpha}{\gamma_b} \|w_b\|^2,
              \quad \gamma \ge 0, \; \sum_b \gamma_b = 1

    In ``encode`` and ``decode`` the bands are the layers or regions that are given as a list:
    one model for all of them. Elsewhere ``bands`` says how the columns are parted.

    Parameters
    ----------
    alphas : float or sequence of float
        The penalties to choose from.
    bands : sequence of int, optional
        The number of columns of each band, for ``fit``.
    mixtures : int or array, shape (n_mixtures, n_bands), default=30
        How many shares :math:`\gamma` to try (each band alone, all alike, and random ones), or
        the shares themselves.
    inner : int or scikit-learn splitter, default=5
        The choice rests on the squared error on inner folds.
    seed : int, default=0
        Of the random shares.

    Attributes
    ----------
    alpha_ : array, shape (n_targets,)
    shares_ : array, shape (n_targets, n_bands)

    See Also
    --------
    Ridge : One penalty for all features.
    encode, decode : Layers in a list are its bands.

    References
    ----------
    Nunez-Elizalde, Huth & Gallant (2019), Voxelwise encoding models with non-spherical
    multivariate normal priors, NeuroImage 197:482,
    https://doi.org/10.1016/j.neuroimage.2019.04.012

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> features = rng.normal(size=(60, 15))
    >>> voxels = features[:, :5] @ rng.normal(size=(5, 2)) + 0.1 * rng.normal(size=(60, 2))
    >>> model = ic.BandedRidge([0.1, 1.0, 10.0], bands=[5, 10], mixtures=10)
    >>> shares = model.fit(features, voxels).shares_  # of each voxel: of each band
    >>> shares.shape, bool((shares[:, 0] > shares[:, 1]).all())
    ((2, 2), True)
    """

    columnwise = True
    joint = True
    parallel = True
    alpha_: np.ndarray
    shares_: np.ndarray

    def __init__(
        self,
        alphas: Values,
        bands: Sequence[Any] | None = None,
        mixtures: int | Values = 30,
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
        widths = [X.shape[1]] if self.bands is None else [int(width) for width in self.bands]
        if sum(widths) != X.shape[1]:
            raise InputError(
                f"BandedRidge: bands={widths} add up to {sum(widths)} columns, but X has "
                f"{X.shape[1]}."
            )
        mean = X.mean(0)
        # One Gram for each band, (n_stimuli, n_stimuli); its share scales it in the mixture.
        parts = np.split(X - mean, np.cumsum(widths)[:-1], axis=1)
        inner = inner_folds(self.inner, len(X), None, False)
        prepared = self._prepared([part @ part.T for part in parts], [], inner)
        choice, centred = prepared.choice(y), y - y.mean(0)
        dual = algebra.dual_weights(prepared.within, centred, prepared.mixtures, choice)
        self.shares_, self.alpha_ = prepared.mixtures[choice.mixture], choice.alpha
        weights = np.concatenate(
            [self.shares_[:, [b]] * (part.T @ dual).T for b, part in enumerate(parts)], axis=1
        )
        return weights, y.mean(0) - weights @ mean

    def _prepared(
        self, within: Sequence[np.ndarray], across: Sequence[np.ndarray], inner: Sequence[Fold]
    ) -> "PreparedBands":
        mixtures = _mixtures(self, len(within))
        return PreparedBands(within, across, mixtures, checked_alphas(self.alphas), inner)


@dataclass(frozen=True, eq=False)
class PreparedBands:
    """The Gram of each band in one fold."""

    within: Sequence[np.ndarray]
    across: Sequence[np.ndarray]
    mixtures: np.ndarray
    alphas: np.ndarray
    inner: Sequence[Fold]

    def choice(self, y: np.ndarray) -> algebra.Choice:
        """The mixture and penalty of each target."""
        return algebra.choose_bands(self.within, y, self.mixtures, self.alphas, self.inner)

    def predict(self, y: np.ndarray) -> np.ndarray:
        """Predictions for the test stimuli."""
        return y.mean(0) + self._at(self.across, y, self.choice(y))

    def outcome(self, y: np.ndarray, size: bool) -> Outcome:
        """Predictions, the size of the fit, the penalties and the shares of the bands."""
        choice = self.choice(y)
        shares = self.mixtures[choice.mixture].T
        chosen = {f"share_{b}": share for b, share in enumerate(shares)}
        # A mixture of the bands has at most the trace of the largest.
        largest = np.array([max(np.trace(gram) for gram in self.within)])
        edges = at_the_edge(choice.alpha, self.alphas, largest)
        # Training stimuli with the others, since the axes of each mixture are what costs.
        n_train = len(y) if size else 0
        both = [
            np.concatenate([own[:n_train], other])
            for own, other in zip(self.within, self.across, strict=True)
        ]
        found = self._at(both, y, choice)
        variance = found[:n_train].var(0) if size else None
        predicted = y.mean(0) + found[n_train:]
        return Outcome(predicted, variance, {"alpha": choice.alpha, **chosen}, edges)

    def _at(
        self, across: Sequence[np.ndarray], y: np.ndarray, choice: algebra.Choice
    ) -> np.ndarray:
        centred = y - y.mean(0)
        return algebra.predict_bands(self.within, across, centred, self.mixtures, choice)


def _mixtures(model: BandedRidge, n_bands: int) -> np.ndarray:
    if isinstance(model.mixtures, int | np.integer):
        rng = generator(model.seed)
        return algebra.random_mixtures(int(model.mixtures), n_bands, rng)
    shares = np.asarray(model.mixtures, dtype=np.float64)
    if shares.ndim != 2 or shares.shape[1] != n_bands or not (shares >= 0).all():
        raise InputError(
            f"BandedRidge: mixtures of shape {shares.shape} do not give a share from 0 to each of "
            f"{n_bands} bands."
        )
    return shares
