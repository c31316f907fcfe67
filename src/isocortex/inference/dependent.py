"""Parts of a model that depend on one another linearly, so that free weights are not determined."""

import numpy as np

from isocortex.choice import listed
from isocortex.errors import UndefinedError
from isocortex.inference.flexible import Flexible, Weighted
from isocortex.numerics.inference.flexible import COLLINEAR
from isocortex.numerics.inference.training import training
from isocortex.rsa.compare import numbered_rows


def refuse_dependent(model: Flexible | None, values: np.ndarray, metric: str, who: str) -> None:
    """Weights that are free must be determined by the data.

    Parameters
    ----------
    model : Weighted, Selected, Interpolated or None
        Only the free weights of ``Weighted`` can be undetermined.
    values : array, shape (n_parts, n_pairs)
        The RDMs of the model over the stimuli of the brain.
    metric : str
        What the weights maximize.
    who : str
        The verb, for the message; with the name of the model where there are several.

    Raises
    ------
    UndefinedError
        With the names of those that depend on one another.
    """
    if not isinstance(model, Weighted) or model.nonnegative or model.alpha > 0:
        return
    whole = np.ones((1, model.rdms.n_stimuli))
    gram = training(values, values[:1], whole, metric).gram[0, 0]
    length = np.sqrt(np.diag(gram))
    length[length == 0] = 1.0
    lengths, vectors = np.linalg.eigh(gram / np.outer(length, length))
    if lengths[0] > COLLINEAR:
        return
    involved = np.flatnonzero(np.abs(vectors[:, 0]) > 0.01)
    table = numbered_rows(model.rdms.label_rows, "model").at(involved).frame()
    names = [" ".join(map(str, row)) for row in table.itertuples(index=False)]
    raise UndefinedError(
        f"{who}: {len(involved)} of the {len(lengths)} RDMs of the model are linearly dependent "
        f"({listed(names)}), so that their weights are not determined. Leave one out, take "
        "nonnegative weights, or a penalty: alpha=0.01.",
        involved.tolist(),
    )
