"""How many principal components a regression on them takes."""

import numpy as np


def n_components_of_share(variances: np.ndarray, share: float) -> int:
    """How many axes hold more than a ``share`` (0 to 1) of the variance."""
    held = np.cumsum(variances / variances.sum())
    return min(len(variances), int(np.searchsorted(held, share, side="right")) + 1)
