"""RDMs as ``dnn_rsa`` and ``brain_rsa`` make them: z-scored, by category, any metric of scipy."""

from typing import Any

import numpy as np
from scipy.spatial.distance import pdist

from isocortex.arrays import as_numpy, column_blocks
from isocortex.compat.dnnbrain.dnn.stimulus import Stimulus
from isocortex.data.responses import Responses
from isocortex.data.trials import condition_means
from isocortex.errors import InputError
from isocortex.numerics.measures.dissimilarity import DISSIMILARITIES
from isocortex.rsa.rdms import rdms
from isocortex.transform.standardize import standardize

NAMES = {"sqeuclidean": "squared_euclidean", "cityblock": "manhattan"}


def categories(path: str | None, n_stimuli: int) -> list[int] | None:
    """The label of each stimulus in a .stim.csv file, or None without one."""
    if path is None:
        return None
    stimuli = Stimulus()
    stimuli.load(path)
    labels = stimuli.get("label").tolist()
    if len(labels) != n_stimuli:
        raise InputError(
            f"{path!r} has {len(labels)} labels, but there are {n_stimuli} stimuli or volumes."
        )
    return labels


def pairs(patterns: Responses, metric: str, zscore: bool, labels: list[int] | None) -> np.ndarray:
    """Dissimilarities of all pairs of stimuli or categories, shape (n_pairs,)."""
    if zscore:
        patterns = standardize(patterns, "units")
    if labels is not None:
        patterns = _means(patterns, labels)
    name: Any = NAMES.get(metric, metric)
    if name in DISSIMILARITIES:
        return rdms(patterns, name).values[0]
    try:
        return pdist(patterns.numpy(), name)
    except (ValueError, TypeError) as error:
        raise InputError(
            f"-metric {metric!r} is not a distance of scipy.spatial.distance.pdist: {error}"
        ) from error


def _means(patterns: Responses, labels: list[int]) -> Responses:
    """The mean pattern of each category, in ascending order; read in blocks."""
    names = tuple(str(each) for each in sorted(set(labels)))
    texts = [str(each) for each in labels]
    blocks: list[Any] = [
        condition_means(as_numpy(block), texts, names)[0]
        for _, block in column_blocks(patterns.values)
    ]
    return Responses(np.concatenate(blocks, axis=1), names)
