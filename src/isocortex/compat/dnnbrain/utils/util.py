"""``dnnbrain.utils.util``: masks from options, and statistics of RDMs."""

from typing import Any

import numpy as np

from isocortex.choice import choose
from isocortex.compat.dnnbrain.dnn.base import normalize as normalize
from isocortex.compat.dnnbrain.dnn.mask import Mask
from isocortex.errors import InputError
from isocortex.numerics.measures.accuracy import pearson


def gen_dmask(layers: Any = None, channels: Any = "all", dmask_file: Any = None) -> Mask:
    """A mask from names of layers and channels, or from a file.

    Parameters
    ----------
    layers : sequence of str, optional
    channels : "all" or sequence of int
        Of one layer all of them; of several layers one for each.
    dmask_file : path, optional
        Instead of layers.
    """
    mask = Mask()
    if (layers is None) == (dmask_file is None):
        raise InputError("Give layers or a .dmask.csv file: one of them, not both.")
    if dmask_file is not None:
        mask.load(dmask_file)
        return mask
    if isinstance(channels, str) or channels is None:
        for layer in layers:
            mask.set(layer, "all")
    elif len(layers) == 1:
        mask.set(layers[0], channels)
    elif len(layers) == len(channels):
        for layer, channel in zip(layers, channels, strict=True):
            mask.set(layer, [channel])
    else:
        raise InputError(
            f"{len(channels)} channels for {len(layers)} layers: with several layers there must "
            "be one channel for each."
        )
    return mask


def topk_accuracy(pred_labels: Any, true_labels: Any, k: int) -> float:
    """How often the true label is among the first k, of labels (n, n_classes) in their order."""
    pred_labels, true_labels = np.asarray(pred_labels), np.asarray(true_labels)
    if not 1 <= k <= pred_labels.shape[1]:
        raise InputError(f"k={k} must be from 1 to {pred_labels.shape[1]}.")
    return float((pred_labels[:, :k] == true_labels[:, None]).any(1).mean())


def permutation_RSA(
    rdm1: Any, rdm2: Any, corr_type: str = "pearson", n_iter: int = 10000, seed: int = 0
) -> tuple[float, np.ndarray, float]:
    """Correlate two RDMs, with the stimuli of the first permuted for the null hypothesis.

    Parameters
    ----------
    rdm1, rdm2 : arrays, shape (n, n)
        Symmetric, or with the upper triangle alone.
    corr_type : {"pearson", "spearman", "kendall"}
    n_iter : int, default=10000
    seed : int, default=0

    Returns
    -------
    r : float
    permuted : array, shape (n_iter,)
    p : float
        How often, of either sign, at least as much; never 0.
    """
    from scipy.stats import kendalltau, pearsonr, spearmanr

    kinds = {"pearson": pearsonr, "spearman": spearmanr, "kendall": kendalltau}
    measure = choose(corr_type, kinds, "corr_type")
    first, second = _symmetric(rdm1), _symmetric(rdm2)
    if first.shape != second.shape:
        raise InputError(f"The RDMs have shapes {first.shape} and {second.shape}.")
    pairs = np.triu_indices(len(first), 1)
    r = float(measure(first[pairs], second[pairs])[0])
    rng = np.random.default_rng(seed)
    permuted = np.empty(n_iter)
    for turn in range(n_iter):
        order = rng.permutation(len(first))
        permuted[turn] = measure(first[order][:, order][pairs], second[pairs])[0]
    p = (1 + (np.abs(permuted) >= abs(r) - 1e-12).sum()) / (1 + n_iter)
    return r, permuted, float(p)


def ceiling_RSA(rdms: Any, corr_type: str = "pearson") -> tuple[float, float, np.ndarray]:
    """The noise ceiling of RDMs (n_subjects, n, n): lower and upper bound, and the best RDM.

    The best RDM is the mean over subjects of z-scored dissimilarities [1]_.

    References
    ----------
    .. [1] Nili et al. (2014), A toolbox for representational similarity analysis,
       PLoS Comput. Biol. 10:e1003553. https://doi.org/10.1371/journal.pcbi.1003553
    """
    choose(corr_type, {"pearson": None}, "corr_type")
    squares = np.stack([_symmetric(each) for each in np.asarray(rdms, dtype=np.float64)])
    vectors = squares[:, *np.triu_indices(squares.shape[1], 1)]
    vectors = (vectors - vectors.mean(1, keepdims=True)) / vectors.std(1, keepdims=True)
    best = vectors.mean(0)
    others = (vectors.sum(0) - vectors) / (len(vectors) - 1)
    lower = pearson(vectors.T, others.T).mean()
    upper = pearson(vectors.T, np.tile(best, (len(vectors), 1)).T).mean()
    square = np.zeros(squares.shape[1:])
    square[np.triu_indices(len(square), 1)] = best
    return float(lower), float(upper), square + square.T


def _symmetric(rdm: Any) -> np.ndarray:
    rdm = np.asarray(rdm, dtype=np.float64)
    if rdm.ndim != 2 or rdm.shape[0] != rdm.shape[1]:
        raise InputError(f"An RDM must be square, not {rdm.shape}.")
    upper = np.triu(rdm, 1)
    return upper + upper.T
