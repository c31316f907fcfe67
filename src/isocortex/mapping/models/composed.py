"""Models after a scaler or a PCA, and estimators as they are."""

from typing import Any

import numpy as np
from sklearn.base import clone

from isocortex.mapping.models.base import Model, Prepared
from isocortex.mapping.models.linear import check_components
from isocortex.mapping.models.prepared import Estimator
from isocortex.mapping.view import View


class Foreign(Model):
    """Any estimator with ``fit`` and ``predict``, fitted as it is."""

    plain = True
    parallel = True

    def __init__(self, estimator: Any):
        self.estimator = estimator

    def prepare(self, view: View) -> Estimator:
        """The features as they are."""
        return Estimator(self.estimator, *view.features(), view.train_groups)


class Around(Model):
    """A model around another, which answers for it."""

    needs = "gram"

    def __init__(self, inner: Model):
        self.inner = inner
        self.columnwise = inner.columnwise
        self.parallel = inner.parallel
        self.threads_from = inner.threads_from
        self.alike = inner.alike

    def validate(self) -> None:
        """Refuse what the inner model refuses."""
        self.inner.validate()

    def check(self, view: View, n_targets: int) -> None:
        """Refuse what the inner model refuses."""
        self.inner.check(view, n_targets)

    def prepare(self, view: View) -> Prepared:
        """Whatever the inner model makes of it."""
        return self.inner.prepare(view)


class Scaled(Around):
    """A model of features that are z-scored on the training stimuli, as by StandardScaler."""

    ddof = 0


class AfterPCA(Around):
    """A model that sees the first principal components alone.

    Parameters
    ----------
    n_components : int or float
    inner : Model
        One that follows from principal axes.
    """

    def __init__(self, n_components: int | float, inner: Model):
        super().__init__(inner)
        self.n_components = n_components

    def check(self, view: View, n_targets: int) -> None:
        """Refuse more components than the training stimuli have."""
        check_components(view, self.n_components)
        self.inner.check(view, n_targets)

    def prepare(self, view: View) -> Prepared:
        """What the inner model makes of the first components."""
        return self.inner.prepare(view.leading(self.n_components))


class OnComponents(Model):
    """Any estimator, fitted to principal components that come from the Gram.

    Parameters
    ----------
    n_components : int or float
    estimator : scikit-learn estimator
    whiten : bool
        Whether components have unit variance, over n - 1.
    """

    needs = "gram"
    parallel = True

    def __init__(self, n_components: int | float, estimator: Any, whiten: bool):
        self.n_components = n_components
        self.estimator = estimator
        self.whiten = whiten

    def check(self, view: View, n_targets: int) -> None:  # noqa: ARG002
        """Refuse more components than the training stimuli have."""
        check_components(view, self.n_components)

    def prepare(self, view: View) -> Estimator:
        """The components of training and test stimuli."""
        axes = view.basis(self.n_components)
        scale = np.sqrt((len(axes.train) - 1) / axes.variances) if self.whiten else 1.0
        components = axes.scores * scale, axes.test * scale
        return Estimator(self.estimator, *components, view.train_groups, axes.variances)


class Own(Model):
    """A model of a user's own that has ``prepare``, with answers to what it does not say."""

    def __init__(self, given: Any):
        self.given = given
        self.needs = getattr(given, "needs", "features")
        self.columnwise = bool(getattr(given, "columnwise", False))

    def prepare(self, view: View) -> Prepared:
        """What a copy of the model makes of it, so that the user's own stays as it is."""
        copy: Any = clone(self.given, safe=False)
        return copy.prepare(view)
