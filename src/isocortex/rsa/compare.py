"""The verb ``compare``: how alike RDMs of models and of brains are."""

import numpy as np

from isocortex.choice import choose, current, named
from isocortex.data.align import aligned
from isocortex.data.label_rows import LabelRows
from isocortex.data.needs import door
from isocortex.data.rdms import RDMs
from isocortex.data.scores import Scores
from isocortex.data.tables import row_names, with_other_names
from isocortex.errors import InputError, UndefinedError
from isocortex.mapping.permutation import Permutation
from isocortex.numerics.inference.common_pairs import on_common_pairs
from isocortex.numerics.measures.comparison import COMPARISONS, JOINT, Comparison
from isocortex.numerics.measures.partial import explained, regression
from isocortex.progress import Job, Shown
from isocortex.rsa.overlap import refuse_little_overlap
from isocortex.rsa.relabelled import asked_permutations, chance_columns, n_relabelled, with_family


@door
def compare(  # noqa: PLR0913
    models: RDMs,
    data: RDMs,
    comparison: str | Comparison = "spearman",
    *,
    permutations: int | str | Permutation = 0,
    n_permutations: int = 0,
    seed: int = 0,
    progress: Shown = None,
) -> Scores:
    r"""Compare every RDM of one stack with every RDM of another.

    Parameters
    ----------
    models : RDMs
        Such as one for each layer.
    data : RDMs
        Such as one for each subject, over the same stimuli in any order.
    comparison : str or callable, default="spearman"
        ``"pearson"`` (``"correlation"``), ``"spearman"``, ``"kendall"`` (``"tau_b"``),
        ``"tau_a"``, ``"rho_a"``, ``"cosine"``, ``"whitened_cosine"``,
        ``"whitened_correlation"``, or a function of two arrays (n_models, n_pairs) and
        (n_data, n_pairs) that returns (n_models, n_data).
        ``"partial"`` and ``"partial_spearman"`` take the other models out of each model and the
        data (two models at least), ``"regression"`` gives the weights of all models together,
        and in the column ``r2`` the share of the variance that they explain; should only the
        first stack have one of the labels time, subject and region, then the second is the
        models.
    permutations : int, Permutation, "sequential" or "moments", default=0
        How often the stimuli of the models change places (rows and columns together [1]_), for a
        p of each single pair of RDMs, also of one subject: :math:`p = (b + 1) / (n + 1)`,
        one-sided, where b relabellings are at least as alike; of up to 7 stimuli all, if they are
        no more than n. It says whether the two have anything to do with one another on stimuli
        like these; it cannot compare two models. ``"sequential"``: each two RDMs are relabelled
        until 20 relabellings are as alike, at most ``n_permutations`` times (default 10 000), so
        that unrelated ones cost little: p = 20 / l after l of them, exact at every level [2]_;
        the column ``n_relabelled`` has l. ``"moments"``: z from the exact mean and
        standard deviation over all relabellings, at no cost, and the p of a normal deviate,
        for a screening of many (pearson, spearman, rho_a and cosine).
    n_permutations, seed : int, default=0
        The same as ``permutations=Permutation(n_permutations, seed)``.
    progress : bool or function, optional
        True draws a bar; a function is told how many relabellings are
        made.

    Returns
    -------
    Scores, axes (model, data)
        ``.table()`` has one row for each pair, with the labels of both; a label that both
        have is called ``other_…`` for the second. With permutations the columns ``p``, ``p_fdr``
        and ``p_max`` (family-wise, by the largest comparison of each relabelling) stand beside.

    Raises
    ------
    MisalignedError
        If the stimuli differ.
    UndefinedError
        If an RDM is constant (or zero) and the comparison cannot handle that, or models that are
        compared together are dependent, too many, or too few; with their labels.
    InputError
        If stimuli cannot be exchanged: comparisons of several models together.

    See Also
    --------
    rdms : Makes the RDMs.
    noise_ceiling : How well the best model could do.
    interval, difference : What subjects say of the scores.
    similarity : CKA and others, without RDMs.

    Notes
    -----
    RDMs with gaps are compared over the pairs that both have, at least three; whitened
    comparisons take the covariance of the pairs that are there.

    References
    ----------
    .. [1] Mantel (1967), The detection of disease clustering and a generalized regression
       approach, Cancer Res. 27:209. https://pubmed.ncbi.nlm.nih.gov/6018555
    .. [2] Besag & Clifford (1991), Sequential Monte Carlo p-values, Biometrika 78:301.
       https://doi.org/10.1093/biomet/78.2.301

    Examples
    --------
    >>> import isocortex as ic
    >>> rdms = ic.RDMs.from_arrays([[0.1, 0.5, 0.9], [0.2, 0.4, 0.7]], ["a", "b", "c"])
    >>> round(float(ic.compare(rdms, rdms, "spearman").values[0, 1]), 6)
    1.0
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> truth, names = rng.random(66), [f"image {i}" for i in range(12)]
    >>> model = ic.RDMs([truth, rng.random(66)], names, {"layer": ["like", "unlike"]})
    >>> monkey = ic.RDMs([truth + 0.3 * rng.random(66)], names, {"subject": "m1"})
    >>> ic.compare(model, monkey, n_permutations=999).columns["p"].ravel() < 0.05
    array([ True, False])
    """
    for side in (models, data):
        if not isinstance(side, RDMs):
            raise InputError(f"compare needs RDMs on both sides, not {type(side).__name__}.")
    comparison = current(comparison, COMPARISONS, "comparison")
    function = choose(comparison, COMPARISONS, "comparison")
    asked = asked_permutations(function, permutations, n_permutations, seed)
    models, data = aligned(models, data, who="compare")
    if models.n_stimuli < 3:
        raise InputError(f"compare needs at least 3 stimuli, not {models.n_stimuli}.")
    refuse_little_overlap(models, data, "compare")
    # A joint comparison takes several models from one another, and brains are no models.
    exchanged = function in JOINT and _measured(models) and not _measured(data)
    first, second = (data, models) if exchanged else (models, data)
    try:
        with Job(progress, "compare", 1 + n_relabelled(models, data, asked)) as job:
            values, columns = _compared(function, first, second)
            job.step()
            chance, notes = chance_columns(function, models, data, asked)
    except UndefinedError as error:
        raise _with_names(error, {"models": first, "data": second}, exchanged) from None
    if exchanged:
        values, columns = values.T, {name: column.T for name, column in columns.items()}
    columns |= with_family(values, chance)
    name = named(comparison)
    first = numbered_rows(models.label_rows, "model")
    second = numbered_rows(data.label_rows, "rdm")
    return Scores(
        values, {"model": first, "data": with_other_names(second, first)}, name, columns, notes
    )


def _compared(
    function: Comparison, models: RDMs, data: RDMs
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Values, shape (n_models, n_data), and the column r2 of a regression."""
    columns = {}
    if models.gaps or data.gaps:
        values = on_common_pairs(function, models.values, data.values)
        if function is regression:
            r2 = [
                on_common_pairs(lambda m, d: explained(m, d)[None], models.values, row[None])[:1]
                for row in data.values
            ]
            columns["r2"] = np.concatenate(r2, 1)
        return values, columns
    values = np.asarray(function(models.values, data.values))
    if function is regression:
        columns["r2"] = explained(models.values, data.values)[None]
    return values, columns


def _with_names(
    error: UndefinedError, sides: dict[str, RDMs], exchanged: bool = False
) -> UndefinedError:
    """The error with the labels of the RDMs concerned, in place of their rows."""
    if not error.rows:
        return UndefinedError(f"compare: {error}.")
    if error.side not in sides:
        rows = ", ".join(map(str, error.rows[:5]))
        return UndefinedError(f"compare: {error} (rows {rows}).", error.rows)
    which = "first" if (error.side == "models") != exchanged else "second"
    who = row_names(sides[error.side].labels, error.rows)
    message = f"compare: {error}: in the {which} stack ({error.side}), {who}."
    if "accuracy" in sides[error.side].dissimilarity:
        message += (
            " Accuracies of few trials tie: take distances that do not, such as "
            "ic.rdms(trials, 'crossnobis'), average times (ic.time_windows), or leave them out."
        )
    return UndefinedError(message, error.rows, error.side)


def _measured(rdms: RDMs) -> bool:
    return any(label in rdms.label_rows for label in ("time", "subject", "region"))


def numbered_rows(labels: LabelRows, name: str) -> LabelRows:
    """The labels, or a running number where there are none to tell rows apart by."""
    rows = range(labels.n_rows)
    return labels if len(labels) else LabelRows.of_columns({name: rows}, labels.n_rows)
