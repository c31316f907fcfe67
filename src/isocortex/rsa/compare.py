"""The verb ``compare``: how alike RDMs of models and of brains are."""

import numpy as np
import pandas as pd

from isocortex.choice import choose, current, named
from isocortex.data.align import align
from isocortex.data.rdms import RDMs
from isocortex.data.scores import Scores
from isocortex.data.tables import beside, row_names
from isocortex.errors import InputError, UndefinedError
from isocortex.numerics.measures.comparison import COMPARISONS, JOINT, Comparison
from isocortex.numerics.measures.partial import explained, regression


def compare(models: RDMs, data: RDMs, comparison: str | Comparison = "spearman") -> Scores:
    """Compare every RDM of one stack with every RDM of another.

    Parameters
    ----------
    models : RDMs
        Such as one for each layer.
    data : RDMs
        Such as one for each subject, over the same stimuli in any order.
    comparison : str or callable, default="spearman"
        ``"pearson"``, ``"spearman"``, ``"kendall"`` (tau-b), ``"tau_a"``, ``"rho_a"``,
        ``"cosine"``, ``"whitened_cosine"``, ``"whitened_correlation"``, or a function of two
        arrays (n_models, n_pairs) and (n_data, n_pairs) that returns (n_models, n_data).
        ``"partial"`` and ``"partial_spearman"`` take the other models out of each model and the
        data (two models at least), ``"regression"`` gives the weights of all models together,
        and in the column ``r2`` the share of the variance that they explain; should only the
        first stack have one of the labels time, subject and region, then the second is the
        models.

    Returns
    -------
    Scores, axes (model, data)
        ``.table()`` has one row for each pair, with the labels of both; a label that both
        have is called ``other_…`` for the second.

    Raises
    ------
    MisalignedError
        If the stimuli differ.
    UndefinedError
        If an RDM is constant (or zero) and the comparison cannot handle that, or models that are
        compared together are dependent, too many, or too few; with their labels.

    See Also
    --------
    rdms : Makes the RDMs.
    noise_ceiling : How well the best model could do.
    interval, difference : What subjects say of the scores.
    similarity : CKA and others, without RDMs.

    Examples
    --------
    >>> import isocortex as ic
    >>> rdms = ic.RDMs.from_arrays([[0.1, 0.5, 0.9], [0.2, 0.4, 0.7]], ["a", "b", "c"])
    >>> round(float(ic.compare(rdms, rdms, "spearman").values[0, 1]), 6)
    1.0
    """
    for side in (models, data):
        if not isinstance(side, RDMs):
            raise InputError(f"compare needs RDMs on both sides, not {type(side).__name__}.")
    comparison = current(comparison, COMPARISONS, "comparison")
    function = choose(comparison, COMPARISONS, "comparison")
    models, data = align(models.complete("compare"), data.complete("compare"))
    if models.n_stimuli < 3:
        raise InputError(f"compare needs at least 3 stimuli, not {models.n_stimuli}.")
    exchanged = function in JOINT and _measured(models) and not _measured(data)
    first, second = (data, models) if exchanged else (models, data)
    columns = {}
    try:
        values = np.asarray(function(first.values, second.values))
        if function is regression:
            columns["r2"] = explained(first.values, second.values)[None]
    except UndefinedError as error:
        raise _with_names(error, {"models": first, "data": second}, exchanged) from None
    if exchanged:
        values, columns = values.T, {name: column.T for name, column in columns.items()}
    name = named(comparison)
    first = numbered(models.labels, "model")
    second = numbered(data.labels, "rdm")
    return Scores(values, {"model": first, "data": beside(second, first)}, name, columns)


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
    return UndefinedError(message, error.rows, error.side)


def _measured(rdms: RDMs) -> bool:
    return any(label in rdms.labels.columns for label in ("time", "subject", "region"))


def numbered(labels: pd.DataFrame, name: str) -> pd.DataFrame:
    """The labels, or a running number where there are none to tell rows apart by."""
    return labels if len(labels.columns) else pd.DataFrame({name: range(len(labels))})
