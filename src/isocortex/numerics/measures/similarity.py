r"""How alike two representations are, from their Gram matrices alone.

Each function of ``SIMILARITIES`` maps two lists of *centred* Gram matrices over the same
stimuli, each of shape ``(n_stimuli, n_stimuli)``, to an array ``(n_first, n_second)``; larger
is more alike and 1 is the same up to the transformations that the measure ignores.

References
----------
.. [1] Kornblith, Norouzi, Lee & Hinton (2019), Similarity of neural network representations
   revisited, ICML. https://doi.org/10.48550/arXiv.1905.00414
.. [2] Song, Smola, Gretton, Bedo & Borgwardt (2012), Feature selection via dependence
   maximization, J. Mach. Learn. Res. 13:1393.
   https://jmlr.org/papers/v13/song12a.html
.. [3] Williams, Kunz, Kornblith & Linderman (2021), Generalized shape metrics on neural
   representations, NeurIPS. https://doi.org/10.48550/arXiv.2110.14739
.. [4] Robert & Escoufier (1976), A unifying tool for linear multivariate statistical methods:
   the RV-coefficient, Appl. Stat. 25:257. https://doi.org/10.2307/2347233
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from isocortex.errors import UndefinedError, warn
from isocortex.numerics.arrays.inner import inner_products
from isocortex.numerics.arrays.rank import FLOAT32, axes_kept

Similarity = Callable[[Sequence[np.ndarray], Sequence[np.ndarray]], np.ndarray]


def cka(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> np.ndarray:
    r"""Linear centred kernel alignment, biased [1]_.

    .. math:: \frac{\langle K, L \rangle_F}{\|K\|_F \|L\|_F}

    Parameters
    ----------
    first, second : sequences of arrays, shape (n_stimuli, n_stimuli)
        Centred Gram matrices.

    Returns
    -------
    alike : array, shape (n_first, n_second)
        From 0 to 1. It rises with the number of units even for noise; see
        :func:`cka_unbiased`.

    Raises
    ------
    UndefinedError
        If a representation does not vary over the stimuli.
    """
    return _cosines(first, second)


def rv(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> np.ndarray:
    """The RV coefficient [4]_, which for linear kernels is the same number as :func:`cka`."""
    return _cosines(first, second)


def cka_unbiased(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> np.ndarray:
    r"""Linear CKA from unbiased estimates of HSIC [2]_: about zero for unrelated noise.

    .. math:: \mathrm{HSIC}_1 \propto \mathrm{tr}(\tilde K \tilde L)
              + \frac{1^\top \tilde K 1 \; 1^\top \tilde L 1}{(n-1)(n-2)}
              - \frac{2}{n-2} 1^\top \tilde K \tilde L 1

    where the diagonals of :math:`\tilde K, \tilde L` are zero. It may be negative, and is
    reported so.

    Raises
    ------
    UndefinedError
        If there are fewer than 4 stimuli, or a representation's own HSIC is not positive.
    """
    if first[0].shape[0] < 4:
        raise UndefinedError("unbiased CKA needs at least 4 stimuli")
    left = [_u_centred(k) for k in first]
    same = first is second
    return _cosines(left, left if same else [_u_centred(k) for k in second])


def procrustes(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> np.ndarray:
    r"""Overlap after the best rotation: cosine of the angular Procrustes distance [3]_.

    .. math:: \frac{\|X^\top Y\|_*}{\|X\|_F \|Y\|_F}

    From 0 to 1; its arc cosine is a metric.
    """
    halves_a, halves_b = ([_root(k) for k in side] for side in (first, second))
    # The nuclear norm of A' B is the trace that the best rotation reaches.
    overlap = [[np.linalg.norm(a.T @ b, "nuc") for b in halves_b] for a in halves_a]
    norms_a, norms_b = (
        np.array([np.linalg.norm(h) for h in side]) for side in (halves_a, halves_b)
    )
    return np.minimum(np.array(overlap) / np.outer(norms_a, norms_b), 1.0)


def cca(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> np.ndarray:
    """Mean canonical correlation over the dimensions of the smaller representation [1]_.

    Raises
    ------
    UndefinedError
        If a representation spans all ``n_stimuli - 1`` dimensions (it has as many units as
        stimuli): every canonical correlation is then 1 whatever the data are.

    Warns
    -----
    IsocortexWarning
        If dimensions are left out that are no rounding of float64, but so small beside the
        largest (less than 1e-10 of its variance) that they may be of float32.
    """
    found_a, found_b = ([_basis(k) for k in side] for side in (first, second))
    _tell_of_left_out([left_out for _, left_out in (*found_a, *found_b)])
    bases_a, bases_b = ([basis for basis, _ in found] for found in (found_a, found_b))
    return np.array(
        [
            [float(np.minimum(np.linalg.svd(a.T @ b, compute_uv=False), 1).mean()) for b in bases_b]
            for a in bases_a
        ]
    )


SIMILARITIES: Mapping[str, Similarity] = {
    "cka": cka,
    "cka_unbiased": cka_unbiased,
    "procrustes": procrustes,
    "cca": cca,
    "rv": rv,
}


def _cosines(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> np.ndarray:
    products, *squares = inner_products(first, second)
    for side in squares:
        _refuse_constant(side)
    return np.clip(products / np.sqrt(np.outer(*squares)), -1.0, 1.0)


def _u_centred(gram: np.ndarray) -> np.ndarray:
    """Zero diagonal and unbiased centring; inner products of these are proportional to HSIC."""
    n = len(gram)
    k = gram - np.diag(np.diag(gram))
    # Means leave out the diagonal, which holds each stimulus with itself.
    row = k.sum(1) / (n - 2)
    k = k - row[:, None] - row[None, :] + k.sum() / ((n - 1) * (n - 2))
    return k - np.diag(np.diag(k))


def _eigen(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variances, largest first, and axes that are no rounding of float64."""
    values, vectors = np.linalg.eigh(gram)
    _refuse_constant(values[-1:])
    values, vectors = values[::-1], vectors[:, ::-1]
    keep = axes_kept(values, len(gram))
    return values[keep], vectors[:, keep]


def _root(gram: np.ndarray) -> np.ndarray:
    values, vectors = _eigen(gram)
    return vectors * np.sqrt(values)


def _basis(gram: np.ndarray) -> tuple[np.ndarray, int]:
    """Axes that all count alike, and how many were left out since they may be of float32."""
    values, vectors = _eigen(gram)
    keep = axes_kept(values, len(gram), share=FLOAT32)
    vectors = vectors[:, keep]
    n, rank = vectors.shape
    if rank >= n - 1:
        raise UndefinedError(
            f"CCA is 1 whatever the data are, since a representation spans all {rank} dimensions "
            f"that {n} stimuli have; reduce it first (for example reduce(responses, 'pca', "
            f"{max(1, n // 10)})), or use 'cka' or 'procrustes'"
        )
    return vectors, len(values) - rank


def _tell_of_left_out(numbers: Sequence[int]) -> None:
    if any(numbers):
        warn(
            f"CCA leaves out up to {max(numbers)} dimensions of {np.count_nonzero(numbers)} of "
            f"{len(numbers)} representations, each with less than {FLOAT32:.0e} of the variance of "
            "the largest: inner products do not tell them from rounding of float32. Scale the "
            "units to like variances first (standardize), take out offsets of single stimuli, or "
            "use 'cka' or 'procrustes'."
        )


def _refuse_constant(sizes: np.ndarray) -> None:
    if np.any(sizes <= 0):
        raise UndefinedError(
            "similarity is undefined for a representation that does not vary over the stimuli",
            np.nonzero(sizes <= 0)[0].tolist(),
        )
