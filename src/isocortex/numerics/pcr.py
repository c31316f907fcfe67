"""Ordinary and principal-component regression on principal axes."""

import numpy as np

from isocortex.numerics.basis import Basis


def least_squares(basis: Basis, y: np.ndarray) -> np.ndarray:
    r"""Coefficients of ordinary regression on the scores: :math:`\Lambda^{-1/2} U^\top Y`.

    On all axes this is ordinary (minimum-norm) least squares, on the first k it is regression
    on k principal components.

    Parameters
    ----------
    basis : Basis
    y : array, shape (n_train, n_targets)
        Centred on the training stimuli.

    Returns
    -------
    array, shape (n_axes, n_targets)
        Predictions are ``basis.test @ coefficients`` plus the training mean.
    """
    return (basis.train.T @ y) / np.sqrt(basis.variances)[:, None]


def n_components_of_share(variances: np.ndarray, share: float) -> int:
    """How many axes hold more than a ``share`` (0 to 1) of the variance."""
    held = np.cumsum(variances / variances.sum())
    return min(len(variances), int(np.searchsorted(held, share, side="right")) + 1)
