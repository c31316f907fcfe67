"""Betas of single trials from a time series: all at once, or each against the others."""

import numpy as np

TOLERANCE = 1e-10
"""The share of a regressor that must be left when what it shares with others is taken out."""


def all_at_once(trials: np.ndarray, nuisance: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Betas of one least squares fit with a regressor for each trial (LSA).

    Parameters
    ----------
    trials : array, shape (n_volumes, n_trials)
        The predicted response to each trial.
    nuisance : array, shape (n_volumes, n_nuisance)
        Drifts, confounds and the constant.
    values : array, shape (n_volumes, n_units)

    Returns
    -------
    array, shape (n_trials, n_units)

    Raises
    ------
    np.linalg.LinAlgError
        If regressors are linearly dependent; its argument is the column of one of them.
    """
    left = without(trials, nuisance)
    scale = np.linalg.norm(left, axis=0)
    _refuse(scale <= TOLERANCE * np.linalg.norm(trials, axis=0))
    q, r = np.linalg.qr(left / scale)
    _refuse(np.abs(np.diag(r)) <= TOLERANCE)
    return np.linalg.solve(r, q.T @ values) / scale[:, None]


def one_against_others(trials: np.ndarray, nuisance: np.ndarray, values: np.ndarray) -> np.ndarray:
    r"""Betas of one fit for each trial: its regressor beside the sum of all others (LSS).

    With :math:`X` the trials without what the nuisance explains of them, :math:`s = X 1` and
    :math:`o_k = s - x_k`, the two normal equations of each fit are solved in closed form:
    :math:`\beta_k = (o_k'o_k \, x_k'Y - x_k'o_k \, o_k'Y) / (x_k'x_k \, o_k'o_k - (x_k'o_k)^2)`.

    Parameters
    ----------
    trials, nuisance, values
        As of :func:`all_at_once`.

    Returns
    -------
    array, shape (n_trials, n_units)

    Raises
    ------
    np.linalg.LinAlgError
        If a trial cannot be told from the others; its argument is the column of the trial.
    """
    left = without(trials, nuisance)
    own = np.einsum("vt,vt->t", left, left)
    _refuse(own <= TOLERANCE**2 * np.einsum("vt,vt->t", trials, trials))
    product = left.T @ values
    if left.shape[1] == 1:
        return product / own[:, None]
    others = left.sum(1, keepdims=True) - left
    rest = np.einsum("vt,vt->t", others, others)
    shared = np.einsum("vt,vt->t", left, others)
    determinant = own * rest - shared**2
    _refuse(determinant <= TOLERANCE * own * rest)
    theirs = product.sum(0) - product
    return (rest[:, None] * product - shared[:, None] * theirs) / determinant[:, None]


def without(values: np.ndarray, nuisance: np.ndarray) -> np.ndarray:
    """What the columns of a nuisance, dependent or not, leave of others."""
    size = np.linalg.norm(nuisance, axis=0)
    basis, spread, _ = np.linalg.svd(nuisance[:, size > 0] / size[size > 0], full_matrices=False)
    basis = basis[:, spread > spread.max(initial=0.0) * len(values) * np.finfo(float).eps]
    # Twice, since one projection leaves rounding of the size of what it took out.
    left = values - basis @ (basis.T @ values)
    return left - basis @ (basis.T @ left)


def _refuse(dependent: np.ndarray) -> None:
    if dependent.any():
        raise np.linalg.LinAlgError(int(np.argmax(dependent)))
