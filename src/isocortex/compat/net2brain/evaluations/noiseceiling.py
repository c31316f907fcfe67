"""``net2brain.evaluations.noiseceiling``."""

from pathlib import Path

import numpy as np

from isocortex.choice import one_of
from isocortex.compat.net2brain.evaluations.distance_functions import (
    METRICS,
    maybe_squared,
    scaled,
)
from isocortex.data.rdms import RDMs
from isocortex.formats.net2brain.rdm_stacks import BrainRDMs, read_brain_rdms
from isocortex.rsa.ceiling import rdm_ceiling


class NoiseCeiling:
    """How well the best model could do for one region.

    Parameters
    ----------
    roi : str
        The name of the file.
    roi_path : path
    distance_metric : {"spearman", "pearson", "cosine", "euclidean", "manhattan"}
    squared : bool, default=True
    """

    def __init__(
        self,
        roi: str,
        roi_path: str | Path,
        distance_metric: str = "spearman",
        squared: bool = True,
    ):
        self.roi = roi
        self.roi_path = roi_path
        self.distance_metric = distance_metric.lower()
        one_of(self.distance_metric, METRICS, "distance_metric")
        self.squared = squared

    def noise_ceiling(self) -> dict[str, float]:
        """``{"lnc": ..., "unc": ...}``, computed anew from the file; nothing is written beside it.

        Raises
        ------
        NotFoundError, FormatError
            If the file is not there or holds no RDMs.
        """
        return bounds(read_brain_rdms(self.roi_path), self.distance_metric, self.squared)


def bounds(brain: BrainRDMs, metric: str, squared: bool) -> dict[str, float]:
    """Both bounds over subjects, of the mean over times; NaN for a single subject."""
    if len(brain.values) < 2:
        return {"lnc": np.nan, "unc": np.nan}
    rows = scaled(metric, brain.values.mean(1))
    subjects = {"subject": [f"{i}" for i in range(len(rows))]}
    names = [f"stimulus {i}" for i in range(brain.n_stimuli)]
    low, high = rdm_ceiling(RDMs(rows, names, subjects), maybe_squared(metric, squared))
    return {"lnc": low, "unc": high}
