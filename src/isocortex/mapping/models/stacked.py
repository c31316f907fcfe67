"""Stacking: a model of each feature space, and of what they predict the best weighted mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isocortex.data.responses import Responses
from isocortex.errors import InputError
from isocortex.mapping.feature_source import Bands, Source
from isocortex.mapping.models.bands import widths_of_bands
from isocortex.mapping.models.base import LinearModel, Model
from isocortex.mapping.models.prepared import Outcome
from isocortex.mapping.models.translate import translate
from isocortex.mapping.view import View
from isocortex.numerics.linear.stacking import MOST, stacked_weights
from isocortex.types import HasPrepare, InnerFolds, Regressor


class Stacked(LinearModel):
    r"""A model of each feature space, and for each target the best mean of their predictions.

    .. math:: \min_w \Big\|y - \sum_b w_b \hat y_b\Big\|^2, \quad w \ge 0, \; \sum_b w_b = 1

    with :math:`\hat y_b` what the model of space b predicts of training stimuli on which it was not
    fitted. In ``encode`` and ``decode`` the spaces are the layers or regions that are given as a
    list; elsewhere ``bands`` says how the columns are parted.

    Parameters
    ----------
    model : estimator
        Of each space: ``Ridge(alphas)``, ``OLS()`` or another that follows from inner products.
    bands : sequence of int, optional
        The number of columns of each space, for ``fit``.
    inner : int or scikit-learn splitter, default=5
        The folds of the training stimuli by which weights are found; penalties are chosen anew
        inside each. An int: neighbouring stimuli, or whole groups (runs) where the outer folds
        keep them whole.

    Attributes
    ----------
    weights_ : array, shape (n_targets, n_spaces)
    coef_ : array, shape (n_targets, n_features)
    intercept_ : array, shape (n_targets,)

    See Also
    --------
    BandedRidge : One model of all spaces, each with a penalty of its own.
    partition : What each space explains.

    Notes
    -----
    The least is found exactly, over all subsets of up to ten spaces. No outer test stimulus has a
    part in the weights.

    References
    ----------
    .. [1] Breiman (1996), Stacked regressions, Mach. Learn. 24:49.
       https://doi.org/10.1007/BF00117832

    Examples
    --------
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> names = [f"volume {i}" for i in range(60)]
    >>> rate, glove = (ic.Responses(rng.normal(size=(60, p)), names, labels={"layer": n})
    ...                for n, p in (("rate", 2), ("glove", 20)))
    >>> voxels = rate.numpy() @ rng.normal(size=(2, 4)) + rng.normal(size=(60, 4))
    >>> model = ic.Stacked(ic.Ridge([1.0, 100.0]))
    >>> scores = ic.encode([rate, glove], ic.Responses(voxels, names), model, folds=4)
    >>> weight = scores.columns["weight"]  # of each fold and voxel: of each space
    >>> weight.shape, bool(weight[..., 0].mean() > weight[..., 1].mean())
    ((1, 4, 4, 2), True)
    """

    joint = True
    parallel = True
    weights_: np.ndarray

    def __init__(
        self,
        model: Regressor | HasPrepare,
        bands: Sequence[Any] | None = None,
        inner: InnerFolds = 5,
    ):
        self.model: Any = model
        self.bands: Any = bands
        self.inner: Any = inner

    @property
    def columnwise(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether the model of a space predicts each target by itself."""
        return self._of_a_space.columnwise

    @property
    def _of_a_space(self) -> Model:
        return translate(self.model)

    def validate(self) -> None:
        """Refuse models that do not follow from inner products."""
        each = self._of_a_space
        if each.needs != "gram" or each.joint:
            raise InputError(
                f"Stacked({' '.join(repr(self.model).split())}): the model of each space must "
                "follow from inner products, such as Ridge(alphas), OLS() or PCR(20)."
            )

    def check(self, view: View, n_targets: int) -> None:
        """Refuse too many spaces, and inner folds that do not fit."""
        if len(view.sources) > MOST:
            raise InputError(
                f"Stacked weights up to {MOST} feature spaces, not {len(view.sources)}: join some, "
                "or take BandedRidge(alphas)."
            )
        for rows, _ in view.inner_folds(self.inner):
            train = view.fold[0][rows]
            for each in self._views(view.on(train, train[:0])):
                self._of_a_space.check(each, n_targets)

    def why(self, view: View, n_rows: int) -> str:  # noqa: ARG002
        """Each space is a model."""
        return f"{view.name}: {len(view.sources)} spaces, a model of each through its Gram matrix"

    def prepare(self, view: View) -> "PreparedStack":
        """The model of each space, ready for the fold and for every inner fold."""
        train, model = view.fold[0], self._of_a_space
        inner = [
            (rows, held, [model.prepare(v) for v in self._views(view.on(train[rows], train[held]))])
            for rows, held in view.inner_folds(self.inner)
        ]
        return PreparedStack([model.prepare(each) for each in self._views(view)], inner)

    def _views(self, view: View) -> list[View]:
        ddof = self._of_a_space.ddof
        return [replace(view, source=source, ddof=ddof) for source in view.sources]

    def _weights(self, X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        widths = widths_of_bands(self.bands, X.shape[1], "Stacked")
        rows = np.arange(len(X))
        parts = np.split(X, np.cumsum(widths)[:-1], axis=1)
        sources = Bands([Source(Responses(part), rows) for part in parts])
        view = View(sources, (rows, rows[:0]), "dual", name="Stacked")
        self.check(view, y.shape[1])
        chosen, duals = self.prepare(view).duals(y)
        self.weights_ = chosen["weight"]
        found = [v.on_features(d) for v, d in zip(self._views(view), duals, strict=True)]
        weights = np.concatenate([each for each, _ in found])
        return weights.T, y.mean(0) - np.concatenate([mean for _, mean in found]) @ weights


@dataclass(frozen=True, eq=False)
class PreparedStack:
    """The models of all spaces in one fold and its inner folds."""

    spaces: Sequence[Any]
    inner: Sequence[tuple[np.ndarray, np.ndarray, Sequence[Any]]]
    """Training and held-out rows of the training stimuli, and a model of each space."""

    def weight(self, y: np.ndarray) -> np.ndarray:
        """The weight of each space, shape (n_targets, n_spaces)."""
        truth = np.concatenate([y[held] for _, held, _ in self.inner])
        # (n_spaces, n_held_out, n_targets)
        predicted = np.concatenate(
            [[each.predict(y[rows]) for each in models] for rows, _, models in self.inner], axis=1
        )
        return stacked_weights(truth, predicted)

    def predict(self, y: np.ndarray) -> np.ndarray:
        """Predictions for the test stimuli."""
        return y.mean(0) + self.parts(y, {"weight": self.weight(y)}).sum(0)

    def parts(self, y: np.ndarray, chosen: Mapping[str, np.ndarray]) -> np.ndarray:
        """What each space adds to the training mean; shape (n_spaces, n_test, n_targets)."""
        mean, weight = y.mean(0), chosen["weight"]
        return np.array(
            [w * (each.predict(y) - mean) for w, each in zip(weight.T, self.spaces, strict=True)]
        )

    def duals(self, y: np.ndarray) -> tuple[Mapping[str, np.ndarray], np.ndarray]:
        """What was chosen, and weights on the training stimuli, (n_spaces, n_train, n_targets)."""
        weight = self.weight(y)
        duals = [w * each.dual(y)[0] for w, each in zip(weight.T, self.spaces, strict=True)]
        return self._chosen(y, weight), np.array(duals)

    def outcome(self, y: np.ndarray, size: bool) -> Outcome:
        """Predictions of all spaces and of each, the size of the fit, weights and penalties."""
        weight = self.weight(y)
        parts = self.parts(y, {"weight": weight})
        predicted = y.mean(0) + parts.sum(0)
        variance = self._variance(y, weight) if size else None
        return Outcome(predicted, variance, self._chosen(y, weight), None, parts)

    def _chosen(self, y: np.ndarray, weight: np.ndarray) -> dict[str, np.ndarray]:
        found = [each.outcome(y, False).chosen.get("alpha") for each in self.spaces]
        if any(alpha is None for alpha in found):
            return {"weight": weight}
        return {"weight": weight, "alpha": np.stack(found, axis=1)}

    def _variance(self, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Of what is predicted of held-out training stimuli, on the scale of test stimuli."""
        predicted = np.concatenate(
            [[each.predict(y[rows]) for each in models] for rows, _, models in self.inner], axis=1
        )
        return np.einsum("tb,bnt->nt", weight, predicted).var(0)
