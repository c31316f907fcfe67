"""How RDMs of a layer and of a brain are compared, by the names that Net2Brain has."""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.spatial.distance import cdist

from isocortex.numerics.measures.comparison import COMPARISONS, Comparison, pooling


def euclidean(models: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Euclidean distances between vectors of dissimilarities."""
    return cdist(models, data)


def manhattan(models: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Sums of absolute differences between vectors of dissimilarities."""
    return cdist(models, data, "cityblock")


CORRELATIONS: Mapping[str, Comparison] = {
    name: COMPARISONS[name] for name in ("spearman", "pearson", "cosine")
}
METRICS: Mapping[str, Comparison] = {
    **CORRELATIONS,
    "euclidean": euclidean,
    "manhattan": manhattan,
}


def scaled(name: str, rdms: np.ndarray) -> np.ndarray:
    """RDMs at the scale at which their mean is the best prediction of all of them."""
    return pooling(METRICS[name])(rdms)


def maybe_squared(name: str, squared: bool) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """The comparison of this name, or its square."""
    compare = METRICS[name]
    return (lambda models, data: compare(models, data) ** 2) if squared else compare
