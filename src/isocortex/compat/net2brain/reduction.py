"""Fewer features: principal components, or a sparse random projection."""

from collections.abc import Callable
from typing import Any

import numpy as np

from isocortex.choice import one_of


def reduction(
    method: str, n_samples: int, n_components: int | None, most: int | None
) -> Callable[[np.ndarray], np.ndarray]:
    """A function of the features of all stimuli, (n, d), that gives (n, at most n_components).

    Parameters
    ----------
    method : {"pca", "srp"}
        Estimated on the first ``n_samples`` stimuli, or as many as there are; the projection has
        seed 0.
    n_samples : int
    n_components : int or None
        None: as many as there are (PCA), or as distances demand (projection).
    most : int, optional
        Layers of so many features, or fewer, stay as they are.

    Raises
    ------
    InputError
        If the method is not known.
    """
    one_of(method, _MAKERS, "dim_reduction")

    def reduce(x: np.ndarray) -> np.ndarray:
        if x.shape[1] <= (most or 0):
            return x
        return _MAKERS[method](x[:n_samples], n_components).transform(x)

    return reduce


def _pca(x: np.ndarray, n_components: int | None) -> Any:
    from sklearn.decomposition import PCA

    most = min(x.shape)
    return PCA(most if n_components is None else min(n_components, most)).fit(x)


def _srp(x: np.ndarray, n_components: int | None) -> Any:
    from sklearn.random_projection import SparseRandomProjection

    n: Any = "auto" if n_components is None else min(n_components, x.shape[1])
    return SparseRandomProjection(n, random_state=0).fit(x)


_MAKERS: dict[str, Callable[[np.ndarray, int | None], Any]] = {"pca": _pca, "srp": _srp}
