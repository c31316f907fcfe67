r"""How alike two dissimilarity matrices are.

Each function of ``COMPARISONS`` maps two stacks of condensed matrices, of shapes
``(n_models, n_pairs)`` and ``(n_data, n_pairs)``, to an array ``(n_models, n_data)``; larger is
more alike. Those of ``POOLINGS`` bring the rows of a stack to a common scale, such that their
mean is the best single prediction of all of them under that comparison.

References
----------
.. [1] Nili et al. (2014), A toolbox for representational similarity analysis, PLoS Comput.
   Biol. 10:e1003553. https://doi.org/10.1371/journal.pcbi.1003553
.. [2] Schütt et al. (2023), Statistical inference on representational geometries, eLife
   12:e82566. https://doi.org/10.7554/eLife.82566
.. [3] Diedrichsen et al. (2021), Comparing representational geometries using whitened
   unbiased-distance-matrix similarity, Neurons Behav. Data Anal. Theory 5(3).
   https://doi.org/10.51628/001c.27664
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from isocortex.arrays import n_of_pairs, pairs_of
from isocortex.errors import UndefinedError
from isocortex.numerics.arrays.constant import is_constant, is_rounding
from isocortex.numerics.arrays.parallel import in_blocks, rows_for
from isocortex.numerics.arrays.ranks import midranks
from isocortex.numerics.arrays.units import in_own_units
from isocortex.numerics.measures.concordance import taus, worth_compiling
from isocortex.numerics.measures.partial import partial, partial_spearman, regression

_FEW_STIMULI, _FEW_VALUES = 256, 2**16
"""Up to these numbers of stimuli and of values, row sums are soonest found by counting."""

Comparison = Callable[[np.ndarray, np.ndarray], np.ndarray]
Pooling = Callable[[np.ndarray], np.ndarray]


def cosine(models: np.ndarray, data: np.ndarray) -> np.ndarray:
    r"""Cosine of the angle between dissimilarity vectors, :math:`a \cdot b / (|a| |b|)`.

    Parameters
    ----------
    models : array, shape (n_models, n_pairs)
    data : array, shape (n_data, n_pairs)

    Returns
    -------
    alike : array, shape (n_models, n_data)
        From -1 to 1.

    Raises
    ------
    UndefinedError
        If a vector is all zero.
    """
    return _products(_unit, models, data)


def pearson(models: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Pearson correlation; raises UndefinedError for a constant vector."""
    return _products(_standard, models, data)


def spearman(models: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation: Pearson's of the mid-ranks; UndefinedError as for Pearson's."""
    return _products(_standard_ranks, models, data)


def rho_a(models: np.ndarray, data: np.ndarray) -> np.ndarray:
    r"""Spearman's rho expected when ties are broken at random [2]_.

    .. math:: \rho_a = \frac{12 \, r_1 \cdot r_2}{L^3 - L} - \frac{3 (L + 1)}{L - 1}

    with mid-ranks :math:`r` of :math:`L` pairs. Unlike Spearman's, it does not favour models
    that predict ties. A constant vector gives 0.
    """
    n = models.shape[1]
    first, second = (_ranks_of_all(rows) for rows in (models, data))
    products = first @ second.T
    return 12 * products / (n**3 - n) - 3 * (n + 1) / (n - 1)


def kendall(models: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Kendall's tau-b, which corrects for ties; raises UndefinedError for a constant vector."""
    for side, name in ((models, "models"), (data, "data")):
        _refuse(is_constant(side, 1), "constant", name)
    if worth_compiling(models.size * len(data)):
        return taus(models, data, np.arange(models.shape[1])[None], corrected=True)[0]
    from scipy.stats import kendalltau  # a second at first

    slow = [[kendalltau(a, b)[0] for b in data] for a in models]
    return np.array(slow, dtype=np.float64).reshape(len(models), len(data))


def tau_a(models: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Kendall's tau-a: concordant less discordant over all pairs [1]_.

    It does not favour models that predict ties. A constant vector gives 0.
    """
    flat_models, flat_data = (is_constant(side, 1) for side in (models, data))
    # tau-b divides by the pairs without ties of both sides, tau-a by all pairs.
    untied = np.sqrt(np.outer(_untied(models), _untied(data)))
    tau = np.zeros((len(models), len(data)))
    tau[np.ix_(~flat_models, ~flat_data)] = kendall(models[~flat_models], data[~flat_data])
    return tau * untied


def whitened_cosine(models: np.ndarray, data: np.ndarray) -> np.ndarray:
    r"""Cosine under the covariance that dissimilarity estimates have from noise alone [3]_.

    .. math:: \frac{a^\top V^{-1} b}{\sqrt{a^\top V^{-1} a \; b^\top V^{-1} b}}

    With independent noise of equal variance in all conditions, :math:`a^\top V^{-1} b` is
    proportional to the inner product of the double-centred matrices
    :math:`-\tfrac12 H D_a H` and :math:`-\tfrac12 H D_b H`, so that for squared Euclidean
    distances this is linear centred kernel alignment.
    """
    models, data = in_own_units(models)[0], in_own_units(data)[0]
    sums = [_row_sums(rows) for rows in (models, data)]
    products = _whitened_products((models, data), sums)
    norms_a, norms_b = map(_whitened_norms, (models, data), sums)
    _refuse(norms_a <= 0, "all zero", "models")
    _refuse(norms_b <= 0, "all zero", "data")
    return _within(products / norms_a[:, None] / norms_b)


def whitened_correlation(models: np.ndarray, data: np.ndarray) -> np.ndarray:
    """The whitened cosine after the plain mean of each vector is taken from it [3]_."""
    return whitened_cosine(_of_side(_centred, models, "models"), _of_side(_centred, data, "data"))


COMPARISONS: Mapping[str, Comparison] = {
    "pearson": pearson,
    "spearman": spearman,
    "kendall": kendall,
    "tau_a": tau_a,
    "rho_a": rho_a,
    "cosine": cosine,
    "whitened_cosine": whitened_cosine,
    "whitened_correlation": whitened_correlation,
    "tau_b": kendall,
    "correlation": pearson,
    "partial": partial,
    "partial_spearman": partial_spearman,
    "regression": regression,
}

JOINT = (partial, partial_spearman, regression)
"""Those in which the models are not compared one by one, so that it matters which are models."""


def _as_it_is(rows: np.ndarray) -> np.ndarray:
    return rows


def _whitened_unit(rows: np.ndarray) -> np.ndarray:
    rows = in_own_units(rows)[0]
    return rows / _whitened_norms(rows, _row_sums(rows))[:, None]


POOLINGS: Mapping[Comparison, Pooling] = {
    pearson: lambda rows: _unit(_centred(rows)),
    cosine: lambda rows: _unit(rows),
    spearman: midranks,
    rho_a: midranks,
    kendall: midranks,
    tau_a: midranks,
    whitened_cosine: _whitened_unit,
    whitened_correlation: lambda rows: _whitened_unit(_centred(rows)),
}


def pooling(comparison: Comparison) -> Pooling:
    """How to scale RDMs before they are averaged; a function of the user's: not at all."""
    return POOLINGS.get(comparison, _as_it_is)


def _rho_a_ranks(rows: np.ndarray) -> np.ndarray:
    n = rows.shape[1]
    return (_ranks_of_all(rows) - (n + 1) / 2) * np.sqrt(12 / (n**3 - n))


PREPARED: Mapping[Comparison, Pooling] = {
    pearson: lambda rows: _standard(rows),
    cosine: lambda rows: _unit(rows),
    spearman: lambda rows: _standard_ranks(rows),
    rho_a: _rho_a_ranks,
}
"""Comparisons that are an inner product of what is made of each row by itself."""


def _within(cosines: np.ndarray) -> np.ndarray:
    return np.clip(cosines, -1, 1)


def _products(prepare: Pooling, models: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Inner products of prepared rows; the longer stack is prepared a block at a time."""
    exchanged = len(models) > len(data)
    (fewer, name), (more, other) = (
        ((data, "data"), (models, "models")) if exchanged else ((models, "models"), (data, "data"))
    )
    first = _of_side(prepare, fewer, name)
    products = np.empty((len(fewer), len(more)))

    def work(block: slice) -> None:
        products[:, block] = first @ _of_side(prepare, more[block], other, block.start).T

    # Below the size of a cache there is nothing that a second core would gain.
    in_blocks(work, len(more), max(64, rows_for(8 * more.shape[1])))
    return _within(products.T if exchanged else products)


def _of_side(prepare: Pooling, rows: np.ndarray, side: str, start: int = 0) -> np.ndarray:
    """Prepared rows; an error says of which side they are, and their places in it."""
    try:
        return prepare(rows)
    except UndefinedError as error:
        raise UndefinedError(str(error), [start + row for row in error.rows], side) from None


def _standard(rows: np.ndarray) -> np.ndarray:
    return _unit(_centred(rows))


def _standard_ranks(rows: np.ndarray) -> np.ndarray:
    # Ranks of what rounding makes of equal numbers would be far from equal.
    _refuse(is_constant(rows, 1), "constant")
    return _standard(midranks(rows))


def _ranks_of_all(rows: np.ndarray) -> np.ndarray:
    """Mid-ranks; what rounding makes of equal numbers is equal."""
    return midranks(np.where(is_constant(rows, 1)[:, None], 0.0, rows))


def _centred(rows: np.ndarray) -> np.ndarray:
    rows = in_own_units(rows)[0]
    centred = rows - rows.mean(1, keepdims=True)
    _refuse(is_rounding(_largest(centred), _largest(rows), rows.dtype), "constant")
    return centred


def _unit(rows: np.ndarray) -> np.ndarray:
    rows = in_own_units(rows)[0]
    return rows / _norms(rows)[:, None]


def _norms(rows: np.ndarray) -> np.ndarray:
    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    _refuse(norms == 0, "all zero")
    return norms


def _largest(rows: np.ndarray) -> np.ndarray:
    """The greatest size in each row, without a copy of them all."""
    return np.maximum(rows.max(1, initial=0.0), -rows.min(1, initial=0.0))


def _untied(rows: np.ndarray) -> np.ndarray:
    """The share of pairs of values in each row that are not tied."""
    n = rows.shape[1]
    tied = [float((counts * (counts - 1) / 2).sum()) for counts in map(_multiplicities, rows)]
    return 1 - np.array(tied) / (n * (n - 1) / 2)


def _multiplicities(row: np.ndarray) -> np.ndarray:
    return np.unique(row, return_counts=True)[1].astype(np.float64)


def _whitened_products(sides: Sequence[np.ndarray], sums: Sequence[np.ndarray]) -> np.ndarray:
    """Inner products of the double-centred square matrices, from the condensed ones.

    Parameters
    ----------
    sides : two arrays, shape (n_models, n_pairs), (n_data, n_pairs)
    sums : two arrays, shape (n_models, n_stimuli), (n_data, n_stimuli)
        Their row sums.
    """
    n = sums[0].shape[1]
    totals = [each.sum(1) for each in sums]
    pairs = 2 * (sides[0] @ sides[1].T)
    return pairs - 2 / n * sums[0] @ sums[1].T + np.outer(*totals) / n**2


def _whitened_norms(rows: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Lengths of the same matrices, shape (n_rdms,)."""
    n = sums.shape[1]
    squares, of_sums = (np.einsum("ij,ij->i", each, each) for each in (rows, sums))
    return np.sqrt(2 * squares - 2 / n * of_sums + sums.sum(1) ** 2 / n**2)


def _row_sums(condensed: np.ndarray) -> np.ndarray:
    """Row sums of the square matrices, shape (n_rdms, n_stimuli)."""
    n = n_of_pairs(condensed.shape[1])
    if n <= _FEW_STIMULI and condensed.size <= _FEW_VALUES:
        # Each RDM has bins of its own.
        bins, weights = n * np.arange(len(condensed))[:, None], condensed.ravel()
        both = [np.bincount((bins + each).ravel(), weights, bins.size * n) for each in pairs_of(n)]
        return (both[0] + both[1]).reshape(-1, n)
    # An index of pairs would be larger than the distances, and slower than row after row.
    sums, start = np.zeros((len(condensed), n)), 0
    for i in range(n - 1):
        row = condensed[:, start : start + n - 1 - i]
        sums[:, i] += row.sum(1)
        sums[:, i + 1 :] += row
        start += n - 1 - i
    return sums


def _refuse(bad: np.ndarray, fault: str, side: str = "") -> None:
    if np.any(bad):
        raise UndefinedError(
            f"the comparison is undefined for RDMs that are {fault}",
            np.nonzero(bad)[0].tolist(),
            side,
        )
