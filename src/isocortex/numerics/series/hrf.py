"""How the blood answers to a moment of activity."""

from collections.abc import Mapping

import numpy as np
from scipy.stats import gamma

LENGTH = 32.0
"""Seconds after which nothing is left of it."""

HRFS: Mapping[str, tuple[float, float, float, float]] = {
    "spm": (6.0, 16.0, 1.0, 1 / 6),
    "glover": (6.0, 12.0, 0.9, 0.48),
}
"""Delay of peak and of undershoot, their dispersion, and the share of the undershoot."""


def hrf(kind: str, step: float) -> np.ndarray:
    r"""A haemodynamic response, sampled at 0, step, 2 step … 32 s, with sum 1.

    .. math:: h(t) = \Gamma(t; d_1 / \beta, \beta) - c\,\Gamma(t; d_2 / \beta, \beta)

    Parameters
    ----------
    kind : {"spm", "glover"}
    step : float
        In seconds.

    Returns
    -------
    array, shape (n_steps,)

    References
    ----------
    Glover (1999), Deconvolution of impulse response in event-related BOLD fMRI, NeuroImage
    9:416, https://doi.org/10.1006/nimg.1998.0419
    """
    peak, under, dispersion, share = HRFS[kind]
    t = np.arange(0.0, LENGTH + 1e-9 * step, step)
    shape = gamma.pdf(t, peak / dispersion, scale=dispersion)
    shape = shape - share * gamma.pdf(t, under / dispersion, scale=dispersion)
    return shape / shape.sum()
