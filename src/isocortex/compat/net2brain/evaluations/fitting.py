"""One fold of an encoding model as Net2Brain has it: least squares on axes, or ridge."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import r2_score
from sklearn.model_selection import ShuffleSplit, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from isocortex.data.responses import Responses
from isocortex.mapping.models.linear import OLS, PCR
from isocortex.mapping.models.ridge import Ridge
from isocortex.numerics.measures.accuracy import pearson
from isocortex.rsa.compare import compare
from isocortex.rsa.rdms import rdms

PENALTIES = np.logspace(-2, 2, 5)


@dataclass(frozen=True, eq=False)
class Axes:
    """A layer in one fold, turned into the space that its training stimuli span."""

    train: np.ndarray
    """Shape (n_train, n_axes)."""
    test: np.ndarray
    """Shape (n_test, n_axes)."""

    def first(self, n: int) -> "Axes":
        """The largest axes only."""
        return Axes(self.train[:, :n], self.test[:, :n])


def principal(train: np.ndarray, test: np.ndarray) -> Axes:
    """Principal axes of the training stimuli, exact, whatever the number of features."""
    mean = train.mean(0)
    u, s, vt = np.linalg.svd(train - mean, full_matrices=False)
    kept = s > s.max(initial=0) * max(train.shape) * np.finfo(float).eps
    return Axes(u[:, kept] * s[kept], (test - mean) @ vt[kept].T)


def standardized(train: np.ndarray, test: np.ndarray) -> Axes:
    """The same of features that are scaled to unit variance over the training stimuli."""
    scaler = StandardScaler().fit(train)
    return principal(np.asarray(scaler.transform(train)), np.asarray(scaler.transform(test)))


def linear(axes: Axes, voxels: np.ndarray) -> np.ndarray:
    """Least squares: what it predicts for the test stimuli, shape (n_test, n_voxels)."""
    return OLS().fit(axes.train, voxels).predict(axes.test)


def chosen_penalty(axes: Axes, voxels: np.ndarray) -> float:
    """The one penalty for all voxels with the best mean r² over five splits of a random half."""
    rows = np.arange(len(voxels))
    half = np.asarray(train_test_split(rows, test_size=0.5, random_state=1)[0])
    x, y = axes.train[half], voxels[half]
    r2 = [
        [r2_score(y[test], predicted) for predicted in _at_each_penalty(x, y, train, test)]
        for train, test in ShuffleSplit(n_splits=5, test_size=0.2, random_state=1).split(x)
    ]
    return float(PENALTIES[np.argmax(np.mean(r2, 0))])


def _at_each_penalty(
    x: np.ndarray, y: np.ndarray, train: np.ndarray, test: np.ndarray
) -> Iterator[np.ndarray]:
    """Ridge regression with all penalties from one factorization, each (n_test, n_voxels)."""
    mean, level = x[train].mean(0), y[train].mean(0)
    u, s, vt = np.linalg.svd(x[train] - mean, full_matrices=False)
    along, scores = (x[test] - mean) @ vt.T, u.T @ (y[train] - level)
    for penalty in PENALTIES:
        yield along * (s / (s**2 + penalty)) @ scores + level


def ridge(axes: Axes, voxels: np.ndarray) -> np.ndarray:
    """Ridge regression with that penalty; rotating features changes nothing in it."""
    model = Ridge(chosen_penalty(axes, voxels)).fit(axes.train, voxels)
    return model.predict(axes.test)


def kept_linear(train: np.ndarray, voxels: np.ndarray, n_components: int) -> Any:
    """A model of the features themselves, which can be saved."""
    return PCR(n_components).fit(train, voxels)


def kept_ridge(train: np.ndarray, voxels: np.ndarray, n_components: int) -> Any:
    """The same with ridge; the scaling is a part of it."""
    penalty = chosen_penalty(standardized(train, train), voxels)
    return make_pipeline(StandardScaler(), Ridge(penalty)).fit(train, voxels)


@dataclass(frozen=True)
class Method:
    """One kind of encoding."""

    axes: Callable[[np.ndarray, np.ndarray], Axes]
    predict: Callable[[Axes, np.ndarray], np.ndarray]
    keep: Callable[[np.ndarray, np.ndarray, int], Any]
    reduces: bool
    """Whether it takes ``n_components`` only."""


METHODS: Mapping[str, Method] = {
    "Linear": Method(principal, linear, kept_linear, reduces=True),
    "Ridge": Method(standardized, ridge, kept_ridge, reduces=False),
}


def correlations(predicted: np.ndarray, measured: np.ndarray) -> np.ndarray:
    """Pearson's r of each voxel over the test stimuli; NaN where it does not vary."""
    return pearson(measured, predicted)


def rdm_correlation(predicted: np.ndarray, measured: np.ndarray) -> np.ndarray:
    """Spearman's correlation of the correlation RDMs of predictions and measurements."""
    names = [f"row {i}" for i in range(len(measured))]
    both = [rdms(Responses(each, names), "correlation") for each in (predicted, measured)]
    return compare(both[0], both[1], "spearman").values.ravel()
